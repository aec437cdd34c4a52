/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/person.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

static char typed[256];
static size_t typed_len;

/* Takes the first line out of the typed text. */
static enum person_wait take_line(const char *end, char *line, size_t size)
{
    size_t len = (size_t)(end - typed), kept = len < size - 1 ? len : size - 1;
    memcpy(line, typed, kept);
    line[kept] = '\0';
    typed_len -= len + 1;
    memmove(typed, end + 1, typed_len);
    return PERSON_LINE;
}

enum person_wait person_wait_line(char *line, size_t size, unsigned wait_ms)
{
    struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
    const char *end = memchr(typed, '\n', typed_len);
    if (end != NULL)
        return take_line(end, line, size);
    if (poll(&ready, 1, (int)wait_ms) <= 0)
        return PERSON_NOTHING;
    if (typed_len == sizeof typed)
        typed_len = 0; /* the line is too long to be an answer */
    ssize_t count = read(STDIN_FILENO, typed + typed_len, sizeof typed - typed_len);
    if (count <= 0)
        return PERSON_GONE;
    typed_len += (size_t)count;
    end = memchr(typed, '\n', typed_len);
    return end != NULL ? take_line(end, line, size) : PERSON_NOTHING;
}
