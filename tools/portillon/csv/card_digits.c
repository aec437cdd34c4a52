/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/card_digits.h"

#include <stdint.h>
#include <string.h>

#include "tools/portillon/common/utf8.h"

#define WHOLE_MIN 5 /* digits before a decimal point; a byte in hexadecimal has two */

static void trim(const char **text, size_t *len)
{
    size_t blank;
    while ((blank = utf8_blank_at_start(*text, *len)) != 0) {
        *text += blank;
        *len -= blank;
    }
    while ((blank = utf8_blank_at_end(*text, *len)) != 0)
        *len -= blank;
}

/* Strips ="04..." and '04.... Returns true if there was such a mark. */
static bool strip_marks(const char **text, size_t *len)
{
    trim(text, len);
    bool formula = *len >= 3 && (*text)[0] == '=' && (*text)[1] == '"' && (*text)[*len - 1] == '"';
    bool apostrophe = *len >= 1 && (*text)[0] == '\'';
    if (formula) {
        *text += 2;
        *len -= 3;
    } else if (apostrophe) {
        *text += 1;
        *len -= 1;
    }
    trim(text, len);
    return formula || apostrophe;
}

bool card_digits_is_marked(const char *text, size_t len)
{
    return strip_marks(&text, &len);
}

size_t card_digits_clean(const char *text, size_t len, char out[CARD_DIGITS_SIZE])
{
    size_t used = 0;
    strip_marks(&text, &len);
    for (size_t i = 0; i < len && used + 1 < CARD_DIGITS_SIZE;) {
        size_t blank = utf8_blank_at_start(text + i, len - i);
        out[used++] = blank != 0 ? ' ' : text[i];
        i += blank != 0 ? blank : 1;
    }
    out[used] = '\0';
    return used;
}

/* Returns the length without the decimal point and its zeros; the whole length if there is none. */
static size_t whole_len(const char *clean)
{
    size_t len = strlen(clean), end = len;
    while (end > 0 && clean[end - 1] == '0')
        end--;
    bool point = end > WHOLE_MIN && end < len && (clean[end - 1] == '.' || clean[end - 1] == ',');
    return point && strspn(clean, "0123456789 ") >= end - 1 ? end - 1 : len;
}

bool card_digits_has_fraction(const char *clean)
{
    return whole_len(clean) != strlen(clean);
}

bool card_digits_decimal(const char *clean, char out[CARD_DIGITS_SIZE])
{
    size_t len = whole_len(clean), used = 0;
    for (size_t i = 0; i < len; i++)
        if (clean[i] != ' ')
            out[used++] = clean[i];
    out[used] = '\0';
    return used != 0 && strspn(out, "0123456789") == used;
}
