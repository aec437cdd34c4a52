/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/tag_text.h"

#include <string.h>

void tag_text_write(const struct tag *tag, char out[TAG_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef"; /* snprintf is slow, and there are many cards */
    for (size_t i = 0; i < TAG_LEN; i++) {
        out[2 * i] = digits[tag->bytes[i] >> 4];
        out[2 * i + 1] = digits[tag->bytes[i] & 0xF];
    }
    out[2 * TAG_LEN] = '\0';
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tag_text_read(const char *text, struct tag *tag)
{
    if (text == NULL || strlen(text) != TAG_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < TAG_LEN; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        tag->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
