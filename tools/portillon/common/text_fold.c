/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/text_fold.h"

#include <stdint.h>
#include <string.h>

#include "tools/portillon/common/utf8.h"

/* Base letters of U+00C0 to U+00FF; '-' where a character has none. */
static const char latin_1[] = "aaaaaa-ceeeeiiii-nooooo-ouuuuy--aaaaaa-ceeeeiiii-nooooo-ouuuuy-y";

_Static_assert(sizeof latin_1 == 0x100 - 0xC0 + 1, "U+00C0..U+00FF");

static const char *fold_code_point(uint32_t code_point, char letter[2])
{
    letter[0] = letter[1] = '\0';
    if (code_point >= 'A' && code_point <= 'Z')
        letter[0] = (char)(code_point | 0x20);
    else if ((code_point >= 'a' && code_point <= 'z') || (code_point >= '0' && code_point <= '9'))
        letter[0] = (char)code_point;
    else if (code_point == 0x152 || code_point == 0x153)
        return "oe";
    else if (code_point == 0xC6 || code_point == 0xE6)
        return "ae";
    else if (code_point >= 0xC0 && code_point <= 0xFF && latin_1[code_point - 0xC0] != '-')
        letter[0] = latin_1[code_point - 0xC0];
    return letter;
}

size_t text_fold(const char *text, size_t len, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        uint32_t code_point = 0;
        char letter[2];
        size_t step = utf8_decode(text + i, len - i, &code_point);
        i += step != 0 ? step : 1;
        for (const char *c = fold_code_point(code_point, letter); *c != '\0' && used + 1 < size; c++)
            out[used++] = *c;
    }
    out[used] = '\0';
    return used;
}

bool text_is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (word[0] == (*words)[0] && strcmp(word, *words) == 0) /* most differ in the first letter */
            return true;
    return false;
}

static bool breaks_line(char c)
{
    return c == '\n' || c == '\r' || c == '\t';
}

void text_show(const char *text, size_t len, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < len;) {
        uint32_t code_point = 0;
        size_t step = utf8_decode(text + i, len - i, &code_point);
        bool shown = step != 0 && code_point >= 0x20 && (code_point < 0x7F || code_point >= 0xA0);
        size_t need = shown ? step : 1;
        bool space = breaks_line(text[i]);
        if (space && used > 0 && out[used - 1] == ' ') {
            i++;
            continue;
        }
        if (used + need + 4 > size) {
            memcpy(out + used, "...", 4);
            return;
        }
        memcpy(out + used, shown ? text + i : space ? " " : "?", need);
        used += need;
        i += step != 0 ? step : 1;
    }
    out[used] = '\0';
}
