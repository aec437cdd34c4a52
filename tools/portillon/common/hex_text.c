/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/hex_text.h"

#include <string.h>

/* Returns the value of a hex digit; -1: it is none. */
static int digit(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) % 16 : -1;
}

int hex_text_parse(const char *text, uint8_t *out, size_t size, size_t *len)
{
    size_t count = 0;
    while (*text != '\0') {
        if (count > 0 && (*text == ' ' || *text == ':')) {
            text++;
            continue;
        }
        int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
        if (low < 0 || count == size)
            return ERR_FORMAT;
        out[count++] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    *len = count;
    return ERR_OK;
}
