/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_text.h"

#include <stdint.h>
#include <string.h>

#include "tools/portillon/common/utf8.h"

int csv_text_open(struct csv_text *text, enum csv_encoding encoding)
{
    text->encoding = encoding;
    text->converter = (iconv_t)-1;
    if (encoding == CSV_ENCODING_UTF8)
        return ERR_OK;
    const char *name = csv_encoding_name(encoding);
    if (name != NULL)
        text->converter = iconv_open("UTF-8", name);
    return text->converter != (iconv_t)-1 ? ERR_OK : ERR_UNSUPPORTED;
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
        else if (text->encoding == CSV_ENCODING_WINDOWS_1252 && is_undefined_1252((unsigned char)bytes[i]))
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
    if (text->encoding == CSV_ENCODING_UTF8) {
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

/* Returns the byte that is a no-break space. */
static unsigned char no_break_space(enum csv_encoding encoding)
{
    return encoding == CSV_ENCODING_CP850 ? 0xFF : encoding == CSV_ENCODING_MACROMAN ? 0xCA : 0xA0;
}

size_t csv_text_blank(const struct csv_text *text, const char *bytes, size_t len, bool at_end)
{
    unsigned char byte = len > 0 ? (unsigned char)bytes[at_end ? len - 1 : 0] : 0;
    if (byte < 0x80) /* the usual case */
        return byte == 0x7F || (byte != 0 && byte <= ' ');
    if (text->encoding != CSV_ENCODING_UTF8)
        return byte == no_break_space(text->encoding);
    return at_end ? utf8_blank_at_end(bytes, len) : utf8_blank_at_start(bytes, len);
}

void csv_text_close(struct csv_text *text)
{
    if (text->converter != (iconv_t)-1)
        iconv_close(text->converter);
    text->converter = (iconv_t)-1;
}
