/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_encoding.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/utf8.h"

const char csv_encoding_names[] = N_("utf-8, windows-1252, cp850, macintosh or iso-8859-15");

static const struct {
    enum csv_encoding encoding;
    const char *name; /* the first of an encoding is the one that is written */
} known_names[] = {
    {CSV_ENCODING_UTF8, "utf-8"},
    {CSV_ENCODING_UTF8, "utf8"},
    {CSV_ENCODING_WINDOWS_1252, "windows-1252"},
    {CSV_ENCODING_WINDOWS_1252, "cp1252"},
    {CSV_ENCODING_CP850, "cp850"},
    {CSV_ENCODING_CP850, "ibm850"},
    {CSV_ENCODING_MACROMAN, "macintosh"},
    {CSV_ENCODING_MACROMAN, "macroman"},
    {CSV_ENCODING_ISO_8859_15, "iso-8859-15"},
    {CSV_ENCODING_ISO_8859_15, "latin9"},
};

#define KNOWN_NAMES (sizeof known_names / sizeof known_names[0])

const char *csv_encoding_name(enum csv_encoding encoding)
{
    for (size_t i = 0; i < KNOWN_NAMES; i++)
        if (known_names[i].encoding == encoding)
            return known_names[i].name;
    return NULL;
}

const char *csv_encoding_label(enum csv_encoding encoding)
{
    static const char *const labels[] = {
        [CSV_ENCODING_UTF8] = "UTF-8",
        [CSV_ENCODING_WINDOWS_1252] = "Windows-1252",
        [CSV_ENCODING_CP850] = "CP850 (MS-DOS)",
        [CSV_ENCODING_MACROMAN] = N_("MacRoman (old Macs, Excel for Mac)"),
        [CSV_ENCODING_ISO_8859_15] = "ISO-8859-15",
        [CSV_ENCODING_UTF16] = "UTF-16",
    };
    return encoding != CSV_ENCODING_DETECT ? translate(labels[encoding]) : _("unknown");
}

int csv_encoding_find(const char *name)
{
    for (size_t i = 0; i < KNOWN_NAMES; i++)
        if (strcasecmp(known_names[i].name, name) == 0)
            return (int)known_names[i].encoding;
    return ERR_NOT_FOUND;
}

/* --- UTF-8 and UTF-16 --- */

/* Counts the characters beyond ASCII that are valid UTF-8, and the bytes that are not. */
static void count_utf8(const char *data, size_t len, size_t *good, size_t *bad)
{
    *good = *bad = 0;
    for (size_t i = 0; i < len;) {
        uint32_t code_point;
        if ((unsigned char)data[i] < 0x80) {
            i++;
            continue;
        }
        size_t step = utf8_decode(data + i, len - i, &code_point);
        *good += step != 0;
        *bad += step == 0;
        i += step != 0 ? step : 1;
    }
}

/* Recognises UTF-16 without a mark: every other byte of the first characters is zero, because they are Latin
 * letters. */
static bool is_utf16_without_mark(const char *data, size_t len)
{
    enum { LOOKED_AT = 8 };
    bool odd = len >= LOOKED_AT, even = odd;
    for (size_t i = 0; i < LOOKED_AT && (odd || even); i++) {
        odd = odd && (data[i] == '\0') == (i % 2 == 1);
        even = even && (data[i] == '\0') == (i % 2 == 0);
    }
    return odd || even;
}

/* --- one byte a character --- */

/* The bytes from 80 to FF: f and F letters of French names, x and X other letters (lower case and capitals),
 * ' signs that stand beside letters (quotes, dashes, °), # all others, and bytes without a meaning. */
static const struct {
    enum csv_encoding encoding;
    char kinds[129];
} alphabets[] = {
    {CSV_ENCODING_WINDOWS_1252, "'####'####X'F#X##''''#''##x'f#xF'######'###'#'##'#'''x#'###'####"
                                "FXFXFXXFFFFFXXFFXXXXFXF#XFXFFXXxfxfxfxxfffffxxffxxxxfxf#xfxffxxf"},
    {CSV_ENCODING_CP850, "FfffffxffffffxFXFxXffxfffFFx#X##xxxxxX########''#####XFF########"
                         "######xX########xXFFFxXFF#####X#XxFXxXxxXXFFxX#''####'##'#'#''#'"},
    {CSV_ENCODING_MACROMAN, "FXFFXFFxfffxxfffffxxffxxxffxxfff#'##'##x###'##XX#####x########xx"
                            "#######''''FXXFf''''''##fF#'''###'###FFXFFXFFXXF#XXFFx##########"},
    {CSV_ENCODING_ISO_8859_15, "################################'###'#X'x##'#'##'#''Xx#'x##'FfF#"
                               "FXFXFXXFFFFFXXFFXXXXFXF#XFXFFXXxfxfxfxxfffffxxffxxxxfxf#xfxffxxf"},
};

#define ALPHABETS (sizeof alphabets / sizeof alphabets[0])

/* Returns true if the case of a letter does not fit the letters around it: "CHLOé", "ChloÉ". */
static bool is_odd_case(bool capital, unsigned char before_that, unsigned char before, unsigned char after)
{
    if (capital)
        return islower(before);
    return isupper(after) || (isupper(before) && isupper(before_that));
}

/* Returns how well a byte, read as a character of this kind, fits between its neighbours. */
static int fit(char kind, bool odd_case)
{
    switch (kind) {
    case 'f':
    case 'F':
        return odd_case ? -2 : 2;
    case 'x':
    case 'X':
        return odd_case ? -2 : 1;
    case '\'':
        return 0;
    default:
        return -3;
    }
}

static void score_byte(const char *data, size_t len, size_t at, int64_t scores[ALPHABETS])
{
    unsigned char byte = (unsigned char)data[at];
    unsigned char before = at > 0 ? (unsigned char)data[at - 1] : 0;
    unsigned char before_that = at > 1 ? (unsigned char)data[at - 2] : 0;
    unsigned char after = at + 1 < len ? (unsigned char)data[at + 1] : 0;
    if (!isalpha(before) && !isalpha(after))
        return;
    for (size_t i = 0; i < ALPHABETS; i++) {
        char kind = alphabets[i].kinds[byte - 0x80];
        scores[i] += fit(kind, is_odd_case(kind == 'F' || kind == 'X', before_that, before, after));
    }
}

/* Windows-1252 is by far the most usual, so another is taken only when letters stand where that has none. */
static enum csv_encoding best_alphabet(const char *data, size_t len)
{
    int64_t scores[ALPHABETS] = {0};
    size_t best = 0;
    for (size_t at = 0; at < len; at++)
        if ((unsigned char)data[at] >= 0x80)
            score_byte(data, len, at, scores);
    for (size_t i = 1; i < ALPHABETS && scores[0] < 0; i++)
        if (scores[i] > scores[best] && scores[i] > scores[0] + 2)
            best = i;
    return alphabets[best].encoding;
}

enum csv_encoding csv_encoding_detect(const char *data, size_t len, size_t *skip)
{
    static const uint8_t little[] = {0xFF, 0xFE}, big[] = {0xFE, 0xFF};
    size_t good, bad;
    *skip = 0;
    if (len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        *skip = 3;
        return CSV_ENCODING_UTF8;
    }
    if (len >= 2 && (memcmp(data, little, 2) == 0 || memcmp(data, big, 2) == 0))
        return CSV_ENCODING_UTF16;
    if (is_utf16_without_mark(data, len))
        return CSV_ENCODING_UTF16;
    count_utf8(data, len, &good, &bad);
    return bad <= good / 2 ? CSV_ENCODING_UTF8 : best_alphabet(data, len);
}
