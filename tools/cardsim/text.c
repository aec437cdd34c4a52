/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/text.h"

#include <string.h>

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int cardsim_text_hex(const char *text, uint8_t *out, size_t size)
{
    size_t len = 0;
    for (;;) {
        int high = digit_value(text[0]);
        int low = high < 0 ? -1 : digit_value(text[1]);
        if (low < 0 || len == size)
            return -1;
        out[len++] = (uint8_t)(high << 4 | low);
        text += 2;
        if (*text == '\0')
            return (int)len;
        if (*text == ':' || *text == '-')
            text++;
    }
}

char *cardsim_text_to_hex(const uint8_t *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
    return out;
}

size_t cardsim_text_split(char *line, char **words, size_t max)
{
    size_t count = 0;
    for (;;) {
        line += strspn(line, " \t\r\n");
        if (*line == '\0' || *line == '#')
            return count;
        if (count == max)
            return max + 1;
        words[count++] = line;
        line += strcspn(line, " \t\r\n");
        if (*line)
            *line++ = '\0';
    }
}

long cardsim_text_number(const char *text, long max)
{
    long value = 0;
    if (*text == '\0')
        return -1;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -1;
        value = value * 10 + (*text - '0');
        if (value > max)
            return -1;
    }
    return value;
}
