/* Runs a board's image in QEMU with the outside of portillond; README.md says how. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
    CLIENTS_MAX = 8,
    ARGUMENTS_MAX = 48,
    FLASH_LEN = 16 << 20,
    DEFAULT_ICOUNT_SHIFT = 3,
};

struct options {
    const char *board, *build, *identity, *flash, *cardsim, *pty, *control;
    bool create_flash, icount;
};

struct board {
    char machine[64], image[64], identity_address[32], serial[2][32], flash[16], outputs[128];
};

static volatile sig_atomic_t stopped;
static struct options options;
static struct board board;
static int clients[CLIENTS_MAX];
static bool watching[CLIENTS_MAX];
static int client_count;
static unsigned outputs;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "qemu_gate: %s: %s\n", what, why);
    exit(1);
}

/* ---- the board's description ---- */

static void read_board(void)
{
    char path[4096], line[512];
    snprintf(path, sizeof path, "%s/qemu.conf", options.board);
    FILE *file = fopen(path, "r");
    if (!file)
        fail(path, strerror(errno));
    while (fgets(line, sizeof line, file)) {
        char word[32];
        int at = 0;
        line[strcspn(line, "\n")] = 0;
        if (line[0] == '#' || sscanf(line, "%31s %n", word, &at) != 1)
            continue;
        const char *value = line + at;
        if (strcmp(word, "machine") == 0)
            snprintf(board.machine, sizeof board.machine, "%s", value);
        else if (strcmp(word, "image") == 0)
            snprintf(board.image, sizeof board.image, "%s", value);
        else if (strcmp(word, "identity-address") == 0)
            snprintf(board.identity_address, sizeof board.identity_address, "%s", value);
        else if (strcmp(word, "serial") == 0 &&
                 sscanf(value, "%31s %31s", board.serial[0], board.serial[1]) >= 1)
            continue;
        else if (strcmp(word, "flash") == 0)
            snprintf(board.flash, sizeof board.flash, "%s", value);
        else if (strcmp(word, "outputs") == 0)
            snprintf(board.outputs, sizeof board.outputs, "%s", value);
        else
            fail(path, "has a word that is not known");
    }
    fclose(file);
}

/* ---- the flash file ---- */

static void open_flash(void)
{
    struct stat state;
    if (stat(options.flash, &state) == 0) {
        if (state.st_size != FLASH_LEN)
            fail(options.flash, "is not 16 MiB long, as the board's chip is");
        return;
    }
    if (!options.create_flash)
        fail(options.flash, "is not there; --create-flash makes it");
    static uint8_t blank[65536];
    memset(blank, 0xFF, sizeof blank);
    FILE *file = fopen(options.flash, "wb");
    for (size_t done = 0; file && done < FLASH_LEN; done += sizeof blank)
        if (fwrite(blank, 1, sizeof blank, file) != sizeof blank)
            fail(options.flash, strerror(errno));
    if (!file || fclose(file) != 0)
        fail(options.flash, strerror(errno));
}

/* ---- QEMU ---- */

static pid_t start_qemu(int maintenance, int log)
{
    static char texts[16][4300];
    const char *arguments[ARGUMENTS_MAX];
    int count = 0, text = 0;
#define ADD(word)   (arguments[count++] = (word))
#define FORMAT(...) (snprintf(texts[text], sizeof texts[0], __VA_ARGS__), arguments[count++] = texts[text++])
    ADD("qemu-system-arm");
    ADD("-M");
    ADD(board.machine);
    ADD("-display");
    ADD("none");
    ADD("-monitor");
    ADD("none");
    ADD("-kernel");
    FORMAT("%s/%s", options.build, board.image);
    ADD("-device");
    FORMAT("loader,file=%s,addr=%s,force-raw=on", options.identity, board.identity_address);
    if (strcmp(board.flash, "mtd") == 0) {
        ADD("-drive");
        FORMAT("file=%s,if=mtd,format=raw", options.flash);
    }
    for (int i = 0; i < 2; i++) {
        ADD("-serial");
        if (strcmp(board.serial[i], "maintenance") == 0) {
            ADD("chardev:maintenance");
        } else if (strcmp(board.serial[i], "reader") == 0 && options.cardsim) {
            ADD("chardev:reader");
        } else {
            ADD("none");
        }
    }
    ADD("-chardev");
    FORMAT("socket,id=maintenance,fd=%d", maintenance);
    if (options.cardsim) {
        ADD("-chardev");
        FORMAT("socket,id=reader,path=%s,reconnect=1", options.cardsim);
    }
    ADD("-d");
    ADD("unimp");
    ADD("-D");
    FORMAT("/proc/self/fd/%d", log);
    if (options.icount) {
        ADD("-icount");
        FORMAT("shift=%d,sleep=on", DEFAULT_ICOUNT_SHIFT);
    }
    ADD(NULL);
    pid_t parent = getpid(), pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    execvp(arguments[0], (char **)(uintptr_t)arguments);
    fprintf(stderr, "qemu_gate: qemu-system-arm: %s (make BOARD=... test installs it)\n", strerror(errno));
    _exit(1);
}

/* ---- the control socket ---- */

static int listen_on(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 4) != 0)
        fail(path, strerror(errno));
    return fd;
}

static void format_outputs(char *text, size_t size)
{
    snprintf(text, size, "relay=%u green=%u red=%u amber=%u buzzer=%u", outputs & 1, outputs >> 1 & 1,
             outputs >> 2 & 1, outputs >> 3 & 1, outputs >> 4 & 1);
}

static void drop_client(int index)
{
    close(clients[index]);
    client_count--;
    clients[index] = clients[client_count];
    watching[index] = watching[client_count];
}

static void send_line(int index, const char *line)
{
    if (send(clients[index], line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        shutdown(clients[index], SHUT_RDWR); /* its next reading drops it */
}

static void serve_client(int index)
{
    char request[256], state[128], answer[192];
    ssize_t count = read(clients[index], request, sizeof request - 1);
    if (count <= 0) {
        drop_client(index);
        return;
    }
    request[count] = 0;
    format_outputs(state, sizeof state);
    bool watch = strncmp(request, "watch", 5) == 0;
    watching[index] |= watch;
    if (watch || strncmp(request, "get", 3) == 0)
        snprintf(answer, sizeof answer, "ok %s\n", state);
    else
        snprintf(answer, sizeof answer, "error this gate is emulated: it has no inputs; get or watch\n");
    send_line(index, answer);
}

/* One line of QEMU's log: were the outputs written? */
static void read_log_line(const char *line)
{
    struct timespec now;
    char state[128], text[256];
    size_t len = strlen(board.outputs);
    if (len == 0 || strncmp(line, board.outputs, len) != 0)
        return;
    outputs = (unsigned)strtoul(line + len, NULL, 16);
    clock_gettime(CLOCK_MONOTONIC, &now);
    format_outputs(state, sizeof state);
    snprintf(text, sizeof text, "outputs %lld %s\n", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000,
             state);
    for (int i = 0; i < client_count; i++)
        if (watching[i])
            send_line(i, text);
}

static bool read_log(int log)
{
    static char buffer[8192];
    static size_t len;
    ssize_t count = read(log, buffer + len, sizeof buffer - len);
    if (count <= 0)
        return false;
    len += (size_t)count;
    for (char *end; (end = memchr(buffer, '\n', len)) != NULL;) {
        *end = 0;
        read_log_line(buffer);
        len -= (size_t)(end + 1 - buffer);
        memmove(buffer, end + 1, len);
    }
    if (len == sizeof buffer)
        len = 0; /* no line of QEMU's is so long */
    return true;
}

/* ---- the maintenance port ---- */

/* A pty linked at a path; the slave end stays open here too, so that a client may come and go. */
static int open_pty(const char *link, int *slave)
{
    struct termios raw;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        fail("pty", strerror(errno));
    *slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    tcgetattr(*slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(*slave, TCSANOW, &raw);
    unlink(link);
    if (symlink(ptsname(master), link) != 0)
        fail(link, strerror(errno));
    return master;
}

static bool pump(int from, int to)
{
    uint8_t bytes[4096];
    ssize_t count = read(from, bytes, sizeof bytes);
    for (ssize_t done = 0; done < count;) {
        ssize_t written = write(to, bytes + done, (size_t)(count - done));
        if (written <= 0)
            return false;
        done += written;
    }
    return count > 0;
}

static int turn(pid_t qemu, int master, int line, int log, int listener)
{
    int status = 1;
    while (!stopped) {
        struct pollfd ready[4 + CLIENTS_MAX] = {
            {master, POLLIN, 0}, {line, POLLIN, 0}, {log, POLLIN, 0}, {listener, POLLIN, 0}};
        for (int i = 0; i < client_count; i++)
            ready[4 + i] = (struct pollfd){clients[i], POLLIN, 0};
        int polled = client_count;
        if (poll(ready, (nfds_t)(4 + polled), -1) < 0)
            continue;
        bool alive = !(ready[2].revents && !read_log(log)) && !(ready[1].revents && !pump(line, master));
        if (!alive)
            break;
        if (ready[0].revents & POLLIN)
            (void)pump(master, line);
        for (int i = polled - 1; i >= 0; i--)
            if (ready[4 + i].revents)
                serve_client(i);
        if (ready[3].revents && client_count < CLIENTS_MAX) {
            watching[client_count] = false;
            clients[client_count++] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        }
    }
    kill(qemu, SIGKILL);
    waitpid(qemu, &status, 0);
    if (!stopped)
        fprintf(stderr, "qemu_gate: QEMU ended by itself\n");
    return stopped ? 0 : 1;
}

static const char usage[] = "usage: qemu_gate --board DIR --build DIR --identity FILE --flash FILE "
                            "[--create-flash] --pty LINK --control SOCKET\n"
                            "                 [--cardsim SOCKET] [--icount]\n"
                            "\n"
                            "Runs a board's firmware in QEMU as a gate: tools/qemu_gate/README.md.\n";

static void read_options(int argc, char **argv)
{
    static const struct option known[] = {{"board", required_argument, NULL, 'b'},
                                          {"build", required_argument, NULL, 'B'},
                                          {"identity", required_argument, NULL, 'i'},
                                          {"flash", required_argument, NULL, 'f'},
                                          {"create-flash", no_argument, NULL, 'c'},
                                          {"cardsim", required_argument, NULL, 's'},
                                          {"pty", required_argument, NULL, 'p'},
                                          {"control", required_argument, NULL, 'C'},
                                          {"icount", no_argument, NULL, 'n'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (option) {
        case 'b':
            options.board = optarg;
            break;
        case 'B':
            options.build = optarg;
            break;
        case 'i':
            options.identity = optarg;
            break;
        case 'f':
            options.flash = optarg;
            break;
        case 'c':
            options.create_flash = true;
            break;
        case 's':
            options.cardsim = optarg;
            break;
        case 'p':
            options.pty = optarg;
            break;
        case 'C':
            options.control = optarg;
            break;
        case 'n':
            options.icount = true;
            break;
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            fputs(usage, stderr);
            exit(2);
        }
    }
    if (!options.board || !options.build || !options.identity || !options.flash || !options.pty ||
        !options.control) {
        fputs(usage, stderr);
        exit(2);
    }
    if (access(options.identity, R_OK) != 0)
        fail(options.identity, strerror(errno));
}

int main(int argc, char **argv)
{
    int line[2], log[2], slave;
    struct sigaction action = {.sa_handler = on_signal};
    read_options(argc, argv);
    read_board();
    if (strcmp(board.flash, "mtd") == 0)
        open_flash();
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    int master = open_pty(options.pty, &slave);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, line) != 0 || pipe(log) != 0)
        fail("socket", strerror(errno));
    fcntl(line[0], F_SETFD, FD_CLOEXEC);
    fcntl(log[0], F_SETFD, FD_CLOEXEC);
    pid_t qemu = start_qemu(line[1], log[1]);
    close(line[1]);
    close(log[1]);
    int status = turn(qemu, master, line[0], log[0], listen_on(options.control));
    unlink(options.pty);
    unlink(options.control);
    return status;
}
