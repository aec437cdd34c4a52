/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/printable.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "tools/portillon/common/utf8.h"

#define CHARACTER_MAX 4 /* bytes of a character in UTF-8 */
#define CHUNK         4096

bool printable_is(uint32_t code_point)
{
    static const struct {
        uint32_t first, last;
    } replaced[] = {
        {0x0000, 0x001F}, {0x007F, 0x009F},                   /* controls */
        {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E}, /* direction, separators, direction */
        {0x2066, 0x2069},                                     /* direction */
    };
    for (size_t i = 0; i < sizeof replaced / sizeof replaced[0]; i++)
        if (code_point >= replaced[i].first && code_point <= replaced[i].last)
            return false;
    return true;
}

/* Returns true if the bytes are the beginning of a character, and the rest may follow. */
static bool is_beginning(const char *text, size_t len)
{
    unsigned char lead = (unsigned char)text[0];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || len >= need)
        return false;
    for (size_t i = 1; i < len; i++)
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return false;
    return true;
}

static size_t copy(char *out, const char *text, size_t len, bool keeps_lines, size_t *used)
{
    size_t at = 0, written = 0;
    while (at < len) {
        uint32_t code_point = 0;
        size_t step = utf8_decode(text + at, len - at, &code_point);
        if (step == 0 && keeps_lines && is_beginning(text + at, len - at))
            break;
        bool stays = keeps_lines && (code_point == '\n' || code_point == '\t');
        if (step > 0 && (stays || printable_is(code_point))) {
            memmove(out + written, text + at, step);
            written += step;
        } else {
            out[written++] = '?';
        }
        at += step > 0 ? step : 1;
    }
    *used = at;
    return written;
}

void printable_text(char *text)
{
    size_t used;
    text[copy(text, text, strlen(text), false, &used)] = '\0';
}

size_t printable_copy_lines(char *out, const char *text, size_t len, size_t *used)
{
    return copy(out, text, len, true, used);
}

/* What was printed last, if it may be the beginning of a character. */
static struct {
    char bytes[CHARACTER_MAX];
    size_t len;
} rest;

static bool write_out(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDOUT_FILENO, text, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text += written;
        len -= (size_t)written;
    }
    return true;
}

static ssize_t guarded_write(void *cookie, const char *text, size_t len)
{
    char chunk[CHUNK];
    size_t used;
    (void)cookie;
    for (size_t at = 0; at < len;) {
        size_t taken = len - at < sizeof chunk - CHARACTER_MAX ? len - at : sizeof chunk - CHARACTER_MAX;
        memcpy(chunk, rest.bytes, rest.len);
        memcpy(chunk + rest.len, text + at, taken);
        size_t whole = rest.len + taken;
        at += taken;
        size_t ready = printable_copy_lines(chunk, chunk, whole, &used);
        rest.len = whole - used;
        memcpy(rest.bytes, chunk + used, rest.len);
        if (!write_out(chunk, ready))
            return 0;
    }
    return (ssize_t)len;
}

void printable_guard_stdout(void)
{
    FILE *guarded = fopencookie(NULL, "w", (cookie_io_functions_t){.write = guarded_write});
    if (guarded == NULL)
        return;
    setvbuf(guarded, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
    stdout = guarded;
}
