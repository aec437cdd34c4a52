/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/serial_tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "firmware/base/crc32.h"
#include "hal/linux/translate.h"

#define LOCK_TRIES    20
#define LOCK_PAUSE_MS 50

static const struct {
    unsigned baud;
    speed_t speed;
} speeds[] = {
    {9600, B9600},     {19200, B19200},   {38400, B38400},   {57600, B57600},     {115200, B115200},
    {230400, B230400}, {460800, B460800}, {921600, B921600}, {1000000, B1000000},
};

static int tty_read(void *ctx, uint8_t *buf, size_t size)
{
    struct serial_tty *tty = ctx;

    if (tty->lost)
        return 0;
    ssize_t count = read(tty->fd, buf, size);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : ERR_IO;
    return (int)count;
}

static int tty_write(void *ctx, const uint8_t *buf, size_t len)
{
    struct serial_tty *tty = ctx;

    if (tty->lost) /* like a UART without a cable: the bytes are lost */
        return (int)len;
    ssize_t count = write(tty->fd, buf, len);
    tty->blocked = count < 0 ? errno == EAGAIN : (size_t)count < len;
    if (count < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : ERR_IO;
    return (int)count;
}

static void tty_init(struct serial_tty *tty)
{
    *tty = (struct serial_tty){
        .serial = {.read = tty_read, .write = tty_write, .ctx = tty},
        .fd = -1,
        .lock_fd = -1,
        .far_fd = -1,
    };
}

static int set_raw(int fd, speed_t speed)
{
    struct termios mode;

    if (tcgetattr(fd, &mode) != 0)
        return ERR_IO;
    cfmakeraw(&mode);
    mode.c_cflag |= CLOCAL | CREAD;
    mode.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
    mode.c_cc[VMIN] = 1; /* for a pty this is the mode of the client, whose plain reads should wait */
    mode.c_cc[VTIME] = 0;
    if (speed != B0)
        cfsetspeed(&mode, speed);
    return tcsetattr(fd, TCSANOW, &mode) == 0 ? ERR_OK : ERR_IO;
}

static int fail(struct serial_tty *tty, int error)
{
    serial_tty_close(tty);
    return error;
}

int serial_tty_open(struct serial_tty *tty, const char *device, unsigned baud, char note[SERIAL_TTY_NOTE_LEN])
{
    speed_t speed = B0;

    tty_init(tty);
    for (size_t i = 0; i < sizeof(speeds) / sizeof(speeds[0]); i++)
        if (speeds[i].baud == baud)
            speed = speeds[i].speed;
    if (speed == B0) {
        snprintf(note, SERIAL_TTY_NOTE_LEN, _("%s: %u is not a baud rate of this port (try 115200)"), device,
                 baud);
        return ERR_ARGUMENT;
    }
    tty->fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (tty->fd < 0) {
        snprintf(note, SERIAL_TTY_NOTE_LEN, _("%s: cannot open the serial port: %s%s"), device,
                 translate_errno(errno), errno == EACCES ? _(" (is this user in the group dialout?)") : "");
        return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    }
    if (strlen(device) >= sizeof(tty->device) || !isatty(tty->fd)) {
        snprintf(note, SERIAL_TTY_NOTE_LEN, _("%s: is not a serial port"), device);
        return fail(tty, ERR_IO);
    }
    if (ioctl(tty->fd, TIOCEXCL) != 0 || set_raw(tty->fd, speed) != ERR_OK) {
        snprintf(note, SERIAL_TTY_NOTE_LEN, _("%s: cannot set the serial port up: %s"), device,
                 translate_errno(errno));
        return fail(tty, ERR_IO);
    }
    snprintf(tty->device, sizeof(tty->device), "%s", device);
    tty->baud = baud;
    return ERR_OK;
}

static void close_line(const struct serial_tty *tty)
{
    if (tty->fd < 0)
        return;
    (void)ioctl(tty->fd, TIOCNXCL); /* if another process holds it open, TIOCEXCL would remain set */
    close(tty->fd);
}

void serial_tty_lose(struct serial_tty *tty)
{
    close_line(tty);
    tty->fd = -1;
    tty->blocked = false;
    tty->lost = true;
}

int serial_tty_revive(struct serial_tty *tty)
{
    char device[SERIAL_TTY_PATH_LEN], note[SERIAL_TTY_NOTE_LEN];
    unsigned baud = tty->baud;

    memcpy(device, tty->device, sizeof(device));
    int error = serial_tty_open(tty, device, baud, note);
    if (error != ERR_OK) { /* restore, for the next attempt */
        memcpy(tty->device, device, sizeof(device));
        tty->baud = baud;
        tty->lost = true;
    }
    return error;
}

/* Names the lock of a link by its folder and its name. Returns the length of the address, or 0: no folder. */
static socklen_t name_lock(const char *link_path, struct sockaddr_un *address)
{
    struct stat folder;
    const char *slash = strrchr(link_path, '/'), *name = slash != NULL ? slash + 1 : link_path;
    char path[SERIAL_TTY_PATH_LEN];

    snprintf(path, sizeof(path), "%.*s.", (int)(name - link_path), link_path);
    if (stat(path, &folder) != 0)
        return 0;
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int len = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "portillond/%llx/%llx/%08x",
                       (unsigned long long)folder.st_dev, (unsigned long long)folder.st_ino,
                       (unsigned)crc32_compute(name, strlen(name)));
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
}

/* Takes the lock of a link: a socket name that the kernel frees when this process ends. A gate that was
 * killed while it started its reader process leaves the lock to that process until it has become the
 * reader. */
static int lock_link(struct serial_tty *tty, const char *link_path, char note[SERIAL_TTY_NOTE_LEN])
{
    struct sockaddr_un address;
    socklen_t len = name_lock(link_path, &address);
    int tries = 0;

    if (len == 0)
        return ERR_OK; /* place_link tells what is wrong */
    tty->lock_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    while (tty->lock_fd >= 0 && bind(tty->lock_fd, (struct sockaddr *)&address, len) != 0) {
        if (errno != EADDRINUSE || ++tries == LOCK_TRIES) {
            snprintf(note, SERIAL_TTY_NOTE_LEN, "%s: %s", link_path,
                     errno == EADDRINUSE ? _("another gate is using this pty: name another one")
                                         : translate_errno(errno));
            return errno == EADDRINUSE ? ERR_BUSY : ERR_IO;
        }
        poll(NULL, 0, LOCK_PAUSE_MS);
    }
    return ERR_OK;
}

/* Creates the link in one step, so that a client always finds it. */
static int place_link(struct serial_tty *tty, const char *link_path, char note[SERIAL_TTY_NOTE_LEN])
{
    struct stat status;
    char temporary[SERIAL_TTY_PATH_LEN + 32];

    if (strlen(link_path) >= sizeof(tty->link)) {
        snprintf(note, SERIAL_TTY_NOTE_LEN, _("%.60s…: the path of the pty's link is too long"), link_path);
        return ERR_ARGUMENT;
    }
    if (lstat(link_path, &status) == 0 && !S_ISLNK(status.st_mode)) {
        snprintf(note, SERIAL_TTY_NOTE_LEN,
                 _("%s: is in the way of the pty's link; move it or name another path"), link_path);
        return ERR_ARGUMENT;
    }
    snprintf(temporary, sizeof(temporary), "%s.new.%ld", link_path, (long)getpid());
    if (symlink(tty->device, temporary) != 0 || rename(temporary, link_path) != 0) {
        snprintf(note, SERIAL_TTY_NOTE_LEN, _("%s: cannot make the pty's link: %s"), link_path,
                 translate_errno(errno));
        unlink(temporary);
        return ERR_IO;
    }
    snprintf(tty->link, sizeof(tty->link), "%s", link_path);
    return ERR_OK;
}

int serial_tty_open_pty(struct serial_tty *tty, const char *link_path, char note[SERIAL_TTY_NOTE_LEN])
{
    tty_init(tty);
    tty->fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (tty->fd < 0 || grantpt(tty->fd) != 0 || unlockpt(tty->fd) != 0 ||
        ptsname_r(tty->fd, tty->device, sizeof(tty->device)) != 0 ||
        (tty->far_fd = open(tty->device, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 ||
        set_raw(tty->far_fd, B0) != ERR_OK) {
        snprintf(note, SERIAL_TTY_NOTE_LEN, _("%s: cannot make a pty: %s"), link_path,
                 translate_errno(errno));
        return fail(tty, ERR_IO);
    }
    int error = lock_link(tty, link_path, note);
    if (error == ERR_OK)
        error = place_link(tty, link_path, note);
    return error == ERR_OK ? ERR_OK : fail(tty, error);
}

static void remove_link(struct serial_tty *tty)
{
    char target[SERIAL_TTY_PATH_LEN];
    ssize_t len = readlink(tty->link, target, sizeof(target) - 1);

    if (len < 0)
        return;
    target[len] = '\0';
    if (strcmp(target, tty->device) == 0)
        unlink(tty->link);
}

void serial_tty_close(struct serial_tty *tty)
{
    if (tty->link[0] != '\0')
        remove_link(tty);
    if (tty->far_fd >= 0)
        close(tty->far_fd);
    if (tty->lock_fd >= 0)
        close(tty->lock_fd);
    close_line(tty);
    tty_init(tty);
}
