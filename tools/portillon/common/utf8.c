/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/utf8.h"

size_t utf8_decode(const char *text, size_t len, uint32_t *code_point)
{
    /* a smaller value is an overlong form */
    static const uint32_t smallest[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text;
    size_t need;

    if (len == 0)
        return 0;
    if (bytes[0] < 0x80) {
        *code_point = bytes[0];
        return 1;
    }
    if (bytes[0] >= 0xC2 && bytes[0] <= 0xDF)
        need = 2;
    else if ((bytes[0] & 0xF0) == 0xE0)
        need = 3;
    else if (bytes[0] >= 0xF0 && bytes[0] <= 0xF4)
        need = 4;
    else
        return 0;
    if (len < need)
        return 0;
    uint32_t value = bytes[0] & (0x7Fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (bytes[i] & 0x3F);
    }
    if (value < smallest[need] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *code_point = value;
    return need;
}
