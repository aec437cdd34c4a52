/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_text.h"

#include <stdint.h>
#include <string.h>

#include "tools/portillon/common/utf8.h"

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

enum csv_encoding csv_text_detect(const char *data, size_t len, size_t *skip)
{
    size_t good, bad;
    *skip = 0;
    if (len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        *skip = 3;
        return CSV_ENCODING_UTF8;
    }
    if (len >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 || memcmp(data, "\xFE\xFF", 2) == 0))
        return CSV_ENCODING_UTF16;
    if (is_utf16_without_mark(data, len))
        return CSV_ENCODING_UTF16;
    count_utf8(data, len, &good, &bad);
    return bad <= good / 2 ? CSV_ENCODING_UTF8 : CSV_ENCODING_WINDOWS_1252;
}

int csv_text_open(struct csv_text *text, enum csv_encoding encoding)
{
    text->encoding = encoding;
    text->converter = (iconv_t)-1;
    if (encoding == CSV_ENCODING_WINDOWS_1252) {
        text->converter = iconv_open("UTF-8", "WINDOWS-1252");
        if (text->converter == (iconv_t)-1)
            return ERR_UNSUPPORTED;
    }
    return ERR_OK;
}

/* Returns true for the bytes that Windows-1252 leaves undefined. */
static bool is_undefined_1252(unsigned char byte)
{
    return byte == 0x81 || byte == 0x8D || byte == 0x8F || byte == 0x90 || byte == 0x9D;
}

bool csv_text_is_valid(const struct csv_text *text, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t code_point;
        size_t step = 1;
        if (bytes[i] == '\0')
            return false;
        if ((unsigned char)bytes[i] < 0x80) {
            i++;
            continue;
        }
        if (text->encoding == CSV_ENCODING_UTF8)
            step = utf8_decode(bytes + i, len - i, &code_point);
        else if (is_undefined_1252((unsigned char)bytes[i]))
            return false;
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

size_t csv_text_convert(struct csv_text *text, const char *bytes, size_t len, char *out, size_t size)
{
    size_t left = size - 1;
    if (text->encoding != CSV_ENCODING_WINDOWS_1252) {
        size_t copied = len < left ? len : left;
        memcpy(out, bytes, copied);
        out[copied] = '\0';
        return copied;
    }
    char *from = (char *)bytes, *to = out;
    size_t from_left = len;
    iconv(text->converter, NULL, NULL, NULL, NULL);
    /* The text is cut where it does not fit or convert. Such a cell was refused earlier, or is only shown. */
    (void)iconv(text->converter, &from, &from_left, &to, &left);
    *to = '\0';
    return (size_t)(to - out);
}

const char *const *csv_text_blanks(const struct csv_text *text)
{
    /* U+00A0, U+202F (thousands separator in French), U+200B, U+FEFF */
    static const char *const utf8[] = {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x8B", "\xEF\xBB\xBF", NULL};
    static const char *const windows_1252[] = {"\xA0", NULL};
    return text->encoding == CSV_ENCODING_UTF8 ? utf8 : windows_1252;
}

const char *csv_text_foreign(const char *data, size_t len)
{
    static const struct {
        const char *start, *what;
    } known[] = {
        {"PK\x03\x04",
         "is a spreadsheet (.xlsx or .ods) or another archive, not CSV: open it, and save it as "
         "\"CSV UTF-8\""},
        {"\xD0\xCF\x11\xE0", "is an old spreadsheet (.xls), not CSV: open it, and save it as \"CSV UTF-8\""},
        {"%PDF", "is a PDF, not CSV: export it as CSV where it comes from"},
        {"{\\rtf", "is a text of a word processor, not CSV: export it as CSV where it comes from"},
        {"<", "is a page of the web or XML, not CSV: was the session over when it was fetched?"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (len >= strlen(known[i].start) && memcmp(data, known[i].start, strlen(known[i].start)) == 0)
            return known[i].what;
    return NULL;
}

void csv_text_close(struct csv_text *text)
{
    if (text->converter != (iconv_t)-1)
        iconv_close(text->converter);
    text->converter = (iconv_t)-1;
}
