/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/secret_file.h"

enum { CTRL_C = 0x03, CTRL_D = 0x04, BACKSPACE = 0x08, CTRL_U = 0x15, DEL = 0x7F };

static int fail_length(const char *command, size_t len)
{
    command_fail(len == 0 ? N_("%s: the passphrase is empty")
                          : N_("%s: the passphrase is too long: it may have 255 bytes"),
                 command);
    return ERR_FORMAT;
}

/* Reads a byte at a time, so that what follows the line stays in a pipe. Returns the length, or
 * PASSPHRASE_MAX. */
static size_t read_line(int fd, char *line)
{
    size_t len = 0;
    char c;
    for (;;) {
        ssize_t got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || c == '\n')
            break;
        if (len == PASSPHRASE_MAX - 1)
            return PASSPHRASE_MAX;
        line[len++] = c;
    }
    if (len > 0 && line[len - 1] == '\r')
        len--;
    line[len] = '\0';
    return len;
}

int passphrase_read(const char *command, const char *path, char passphrase[PASSPHRASE_MAX])
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        command_fail("%s: %s: %s", command, path, translate_errno(errno));
        return ERR_IO;
    }
    if (!is_stdin)
        secret_file_check(command, path, _("this passphrase"));
    size_t len = read_line(fd, passphrase);
    if (!is_stdin)
        close(fd);
    return len > 0 && len < PASSPHRASE_MAX ? ERR_OK : fail_length(command, len);
}

/* Returns the length without the last character, which may have several bytes. */
static size_t without_last(const char *line, size_t len)
{
    while (len > 0 && ((unsigned char)line[--len] & 0xC0) == 0x80)
        ;
    return len;
}

/* Reads what is typed until Enter. Returns false after Ctrl-C or when the terminal is gone. */
static bool type(int fd, char *line, size_t *len)
{
    bool is_long = false;
    *len = 0;
    for (;;) {
        char c;
        ssize_t got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || c == CTRL_C || c == CTRL_D)
            return false;
        if (c == '\n' || c == '\r')
            break;
        if (c == CTRL_U)
            *len = 0;
        else if (c == BACKSPACE || c == DEL)
            *len = without_last(line, *len);
        else if (*len < PASSPHRASE_MAX - 1)
            line[(*len)++] = c;
        else
            is_long = true;
    }
    line[*len] = '\0';
    *len = is_long ? PASSPHRASE_MAX : *len;
    return true;
}

int passphrase_ask(const char *command, const char *question, char passphrase[PASSPHRASE_MAX])
{
    struct termios before, silent;
    size_t len = 0;
    int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0 || tcgetattr(fd, &before) != 0) {
        if (fd >= 0)
            close(fd);
        command_fail("%s: a passphrase is needed, and there is no terminal to ask at: --passphrase-file FILE",
                     command);
        return ERR_IO;
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG | ICANON); /* Ctrl-C is read, so that echo always comes back */
    tcsetattr(fd, TCSAFLUSH, &silent);
    dprintf(fd, _("%s: "), question);
    bool typed = type(fd, passphrase, &len);
    dprintf(fd, "\n");
    tcsetattr(fd, TCSAFLUSH, &before);
    close(fd);
    if (!typed) {
        command_fail("%s: interrupted", command);
        return ERR_IO;
    }
    return len > 0 && len < PASSPHRASE_MAX ? ERR_OK : fail_length(command, len);
}
