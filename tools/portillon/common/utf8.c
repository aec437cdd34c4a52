/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/utf8.h"

#include <string.h>

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

bool utf8_is_blank(uint32_t code_point)
{
    static const struct {
        uint32_t first, last;
    } blanks[] = {{0x01, 0x20},     {0x7F, 0xA0},     {0xAD, 0xAD},     {0x1680, 0x1680}, {0x180E, 0x180E},
                  {0x2000, 0x200F}, {0x2028, 0x202F}, {0x205F, 0x206F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
    for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++)
        if (code_point >= blanks[i].first && code_point <= blanks[i].last)
            return true;
    return false;
}

size_t utf8_blank_at_start(const char *text, size_t len)
{
    uint32_t code_point;
    if (len > 0 && text[0] > ' ' && text[0] < 0x7F) /* the usual case */
        return 0;
    size_t step = utf8_decode(text, len, &code_point);
    return step != 0 && utf8_is_blank(code_point) ? step : 0;
}

size_t utf8_blank_at_end(const char *text, size_t len)
{
    size_t start = len;
    while (start > 0 && len - start < 4 && ((unsigned char)text[--start] & 0xC0) == 0x80)
        ;
    size_t step = start < len ? utf8_blank_at_start(text + start, len - start) : 0;
    return step == len - start ? step : 0;
}

/* The usual marks of Latin letters: e and U+0301 are an e with an acute accent. */
static bool is_combining(uint32_t code_point)
{
    return code_point >= 0x0300 && code_point <= 0x036F;
}

/* Measures the character that starts at text. Returns its length in bytes. */
static size_t measure(const char *text, size_t len, size_t *columns)
{
    uint32_t code_point = 0;
    size_t step = utf8_decode(text, len, &code_point);
    *columns = is_combining(code_point) ? 0 : 1;
    return step != 0 ? step : 1;
}

size_t utf8_columns(const char *text)
{
    size_t columns = 0, more;
    for (size_t at = 0, len = strlen(text); at < len; columns += more)
        at += measure(text + at, len - at, &more);
    return columns;
}

int utf8_cut(const char *text, size_t columns)
{
    size_t at = 0, len = strlen(text), used = 0, more;
    while (at < len) {
        size_t step = measure(text + at, len - at, &more);
        if (used + more > columns)
            break;
        at += step;
        used += more;
    }
    return (int)at;
}

int utf8_width(const char *text, int columns)
{
    return columns + (int)(strlen(text) - utf8_columns(text));
}
