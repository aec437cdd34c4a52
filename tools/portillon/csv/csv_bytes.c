/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/csv_bytes.h"

#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"

#define END_MARK 0x1A /* how CP/M and MS-DOS end a text file */

/* Recognises a file that is not text. Returns what the file is and what to do, or NULL when it may be
 * text. */
static const char *foreign_kind(const char *data, size_t len)
{
    static const struct {
        const char *start, *what;
    } known[] = {
        {"%PDF", N_("is a PDF, not CSV: export it as CSV where it comes from")},
        {"{\\rtf", N_("is a text of a word processor, not CSV: export it as CSV where it comes from")},
        {"<", N_("is a page of the web or XML, without a table: was the session over when it was fetched?")},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (len >= strlen(known[i].start) && memcmp(data, known[i].start, strlen(known[i].start)) == 0)
            return translate(known[i].what);
    return NULL;
}

/* Returns the length without an end mark and the filling behind it. */
static size_t without_end_mark(const char *data, size_t len)
{
    size_t end = len, marked = len;
    while (end > 0 && memchr("\r\n\0 \x1A", data[end - 1], 5) != NULL) {
        end--;
        if (data[end] == END_MARK)
            marked = end;
    }
    return marked;
}

/* Turns the line ends of old Macs, a carriage return each, into newlines. Other files have newlines. */
static int settle_line_ends(struct csv_bytes *bytes)
{
    if (bytes->len == 0 || memchr(bytes->data, '\n', bytes->len) != NULL ||
        memchr(bytes->data, '\r', bytes->len) == NULL)
        return ERR_OK;
    bytes->copy = malloc(bytes->len);
    if (bytes->copy == NULL)
        return ERR_NO_SPACE;
    for (size_t i = 0; i < bytes->len; i++)
        bytes->copy[i] = bytes->data[i] == '\r' ? '\n' : bytes->data[i];
    bytes->data = bytes->copy;
    return ERR_OK;
}

int csv_bytes_prepare(struct csv_bytes *bytes, const char *data, size_t len, enum csv_encoding encoding,
                      const char **why)
{
    size_t skip;
    *bytes = (struct csv_bytes){0};
    *why = foreign_kind(data, len);
    bytes->encoding = csv_encoding_detect(data, len, &skip);
    if (*why == NULL && bytes->encoding == CSV_ENCODING_UTF16)
        *why = _("is in UTF-16: save it as \"CSV UTF-8\"");
    if (*why != NULL)
        return ERR_FORMAT;
    if (encoding != CSV_ENCODING_DETECT)
        bytes->encoding = encoding;
    bytes->data = data + skip;
    bytes->len = without_end_mark(data + skip, len - skip);
    int error = settle_line_ends(bytes);
    bytes->cut_off = bytes->len != 0 && bytes->data[bytes->len - 1] != '\n';
    return error;
}

void csv_bytes_free(struct csv_bytes *bytes)
{
    free(bytes->copy);
    bytes->copy = NULL;
}
