/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/tag_text.h"

#include <stdio.h>
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

bool tag_text_read(const char *text, struct tag *tag)
{
    if (text == NULL || strlen(text) != TAG_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < TAG_LEN; i++)
        if (sscanf(text + 2 * i, "%2hhx", &tag->bytes[i]) != 1)
            return false;
    return true;
}
