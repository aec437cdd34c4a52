/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/serial_port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/major.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "hal/linux/translate.h"
#include "tools/portillon/gate/port_holder.h"
#include "tools/portillon/gate/udp_line.h"

static const struct {
    unsigned baud;
    speed_t speed;
} rates[] = {
    {9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},
    {115200, B115200},   {230400, B230400},   {460800, B460800},   {921600, B921600},
    {1000000, B1000000}, {1500000, B1500000}, {2000000, B2000000}, {3000000, B3000000},
};

#define SAY(...)                                                                                             \
    do {                                                                                                     \
        if (message != NULL)                                                                                 \
            snprintf(message, SERIAL_PORT_MESSAGE_LEN, __VA_ARGS__);                                         \
    } while (0)

static int find_speed(unsigned baud, speed_t *speed)
{
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        if (rates[i].baud == baud) {
            *speed = rates[i].speed;
            return ERR_OK;
        }
    }
    return ERR_ARGUMENT;
}

static int explain_open(const char *path, int error_number, char *message)
{
    char holder[256];
    switch (error_number) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        SAY(_("%s: no such device: is the cable plugged in? (ls /dev/ttyUSB* /dev/ttyACM* shows what is "
              "there)"),
            path);
        return ERR_NOT_FOUND;
    case EACCES:
    case EPERM:
        SAY(_("%s: permission denied: add yourself to group dialout (sudo adduser $USER dialout), then log "
              "in "
              "again"),
            path);
        return ERR_FORBIDDEN;
    case EBUSY:
        port_holder_explain(path, holder, sizeof holder);
        SAY(_("%s: another program is using it (%s)"), path, holder);
        return ERR_BUSY;
    default:
        SAY("%s: %s", path, translate_errno(error_number));
        return ERR_IO;
    }
}

/* Sets raw mode, so that no byte of a frame is taken for a control character. CLOCAL is set because a bare
 * three-wire cable has no modem lines. Flow control is off because the gate's frames may contain XON and
 * XOFF. */
static int make_raw(int fd, speed_t speed)
{
    struct termios settings;
    if (tcgetattr(fd, &settings) != 0)
        return -1;
    cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    settings.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS | HUPCL);
    settings.c_cc[VMIN] = 0;
    settings.c_cc[VTIME] = 0;
    if (cfsetispeed(&settings, speed) != 0 || cfsetospeed(&settings, speed) != 0)
        return -1;
    return tcsetattr(fd, TCSANOW, &settings);
}

/* Returns true for a pty. A gate that is a program keeps its end of the pty open, so after a kill -9 TIOCEXCL
 * would stay for good. */
static bool is_pty(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && major(status.st_rdev) >= UNIX98_PTY_SLAVE_MAJOR &&
           major(status.st_rdev) < UNIX98_PTY_SLAVE_MAJOR + UNIX98_PTY_MAJOR_COUNT;
}

int serial_port_open(const char *path, unsigned baud, int *fd, char *message)
{
    speed_t speed;
    if (udp_line_is(path))
        return udp_line_open(path, fd, message, SERIAL_PORT_MESSAGE_LEN);
    if (find_speed(baud, &speed) != ERR_OK) {
        SAY(_("%u is not a line rate this system knows (9600 to 3000000; the usual one is %d)"), baud,
            SERIAL_PORT_DEFAULT_BAUD);
        return ERR_ARGUMENT;
    }
    int opened = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (opened < 0)
        return explain_open(path, errno, message);
    if (!isatty(opened)) {
        SAY(_("%s: not a serial line"), path);
        close(opened);
        return ERR_ARGUMENT;
    }
    /* TIOCEXCL excludes other users' programs, but not root's. The lock excludes other copies of this
     * program. */
    if (flock(opened, LOCK_EX | LOCK_NB) != 0) {
        int result = explain_open(path, errno == EWOULDBLOCK ? EBUSY : errno, message);
        close(opened);
        return result;
    }
    if ((!is_pty(opened) && ioctl(opened, TIOCEXCL) != 0) || make_raw(opened, speed) != 0) {
        int result = explain_open(path, errno, message);
        close(opened);
        return result;
    }
    tcflush(opened, TCIOFLUSH); /* earlier bytes belong to another conversation */
    *fd = opened;
    return ERR_OK;
}

void serial_port_close(int fd)
{
    tcflush(fd, TCOFLUSH); /* otherwise close may wait for a line that accepts nothing */
    ioctl(fd, TIOCNXCL);
    close(fd);
}
