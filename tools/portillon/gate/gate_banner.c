/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/gate_banner.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tools/portillon/common/printable.h"
#include "tools/portillon/gate/serial_port.h"

#define BEGIN     "\r\nPortillon "
#define TRIES     4
#define TRY_MS    500 /* the gate waits a tenth of a second, and sends one banner a second */
#define HEARD_MAX 4096

static const char *find(const char *bytes, size_t len, const char *wanted)
{
    return memmem(bytes, len, wanted, strlen(wanted));
}

/* The banner is "\r\nPortillon 0.1.0, Portail nord: idle\r\n". A name may contain ", " and ": "; version and
 * state do not. */
int gate_banner_parse(const char *bytes, size_t len, char name[GATE_BANNER_NAME_SIZE])
{
    const char *begin = find(bytes, len, BEGIN);
    if (begin == NULL)
        return ERR_NOT_FOUND;
    begin += strlen(BEGIN);
    const char *end = find(begin, (size_t)(bytes + len - begin), "\r\n");
    if (end == NULL)
        return ERR_NOT_FOUND;
    const char *from = find(begin, (size_t)(end - begin), ", ");
    const char *to = end;
    while (to > begin && (*to != ':' || to + 1 >= end || to[1] != ' '))
        to--;
    if (from == NULL || to < from + 2 || to - (from + 2) >= GATE_BANNER_NAME_SIZE)
        return ERR_NOT_FOUND;
    size_t name_len = (size_t)(to - (from + 2));
    memcpy(name, from + 2, name_len);
    for (size_t i = 0; i < name_len; i++)
        if (name[i] == '\0')
            name[i] = '?';
    name[name_len] = '\0';
    printable_text(name);
    return ERR_OK;
}

int gate_banner_ask(const char *port, unsigned baud, char name[GATE_BANNER_NAME_SIZE], char *message)
{
    static const char enter[] = "\0\r"; /* the zero ends what another program sent incompletely */
    char heard[HEARD_MAX];
    size_t len = 0;
    int fd, result = serial_port_open(port, baud, &fd, message);
    if (result != ERR_OK)
        return result;
    result = ERR_NOT_FOUND;
    for (int tries = 0; tries < TRIES && result != ERR_OK; tries++) {
        struct pollfd line = {.fd = fd, .events = POLLIN};
        if (write(fd, enter, sizeof enter - 1) < 0)
            break;
        while (result != ERR_OK && len < sizeof heard && poll(&line, 1, TRY_MS) > 0) {
            ssize_t got = read(fd, heard + len, sizeof heard - len);
            if (got <= 0)
                break;
            len += (size_t)got;
            result = gate_banner_parse(heard, len, name);
        }
    }
    serial_port_close(fd);
    return result == ERR_OK ? ERR_OK : ERR_TIMEOUT;
}
