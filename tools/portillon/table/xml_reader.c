/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/xml_reader.h"

#include <expat.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"

#define PIECE ((size_t)1 << 20)

struct reading {
    XML_Parser parser;
    const struct xml_handler *handler;
    void *ctx;
    int depth, error;
    const char *why;
};

static void stop(struct reading *reading, int error, const char *why)
{
    if (reading->error != ERR_OK || error == ERR_OK)
        return;
    reading->error = error;
    reading->why = why;
    XML_StopParser(reading->parser, XML_FALSE);
}

static const char *without_prefix(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *reading = ctx;
    if (++reading->depth > XML_READER_DEPTH_MAX)
        stop(reading, ERR_FORMAT, _("its elements are nested too deep: the file is damaged"));
    else if (reading->error == ERR_OK)
        stop(reading,
             reading->handler->start(reading->ctx, without_prefix(name), (const char *const *)attributes,
                                     (uint32_t)XML_GetCurrentLineNumber(reading->parser)),
             NULL);
}

static void on_end(void *ctx, const XML_Char *name)
{
    struct reading *reading = ctx;
    reading->depth--;
    if (reading->error == ERR_OK)
        stop(reading, reading->handler->end(reading->ctx, without_prefix(name)), NULL);
}

static void on_text(void *ctx, const XML_Char *text, int len)
{
    struct reading *reading = ctx;
    if (reading->error == ERR_OK)
        stop(reading, reading->handler->text(reading->ctx, text, (size_t)len), NULL);
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                       int has_internal_subset)
{
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    stop(ctx, ERR_FORMAT, _("it has a document type (DOCTYPE), which no export of a school has"));
}

/* Fills the table of an encoding of one byte a character. */
static int on_encoding(void *ctx, const XML_Char *name, XML_Encoding *encoding)
{
    iconv_t converter = iconv_open("UTF-32LE", name);
    (void)ctx;
    if (converter == (iconv_t)-1)
        return XML_STATUS_ERROR;
    for (int byte = 0; byte < 256; byte++) {
        char in = (char)byte, *from = &in;
        unsigned char out[4];
        char *to = (char *)out;
        size_t from_left = 1, to_left = sizeof out;
        iconv(converter, NULL, NULL, NULL, NULL);
        bool known = iconv(converter, &from, &from_left, &to, &to_left) != (size_t)-1 && to_left == 0;
        encoding->map[byte] = known ? out[0] | out[1] << 8 | out[2] << 16 : -1;
    }
    iconv_close(converter);
    encoding->data = NULL;
    encoding->convert = NULL;
    encoding->release = NULL;
    return XML_STATUS_OK;
}

static const char *why_not(enum XML_Error code)
{
    if (code == XML_ERROR_UNKNOWN_ENCODING)
        return _("its encoding is not known");
    if (code == XML_ERROR_INVALID_TOKEN || code == XML_ERROR_PARTIAL_CHAR)
        return _("its characters are not those of the encoding that it names, or it is damaged: export it "
                 "again");
    if (code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN)
        return _("it ends in the middle: export it again");
    return _("it is damaged (not well-formed XML): export it again");
}

static void feed(struct reading *reading, const char *data, size_t len)
{
    enum XML_Status status = XML_STATUS_OK;
    for (size_t done = 0; status == XML_STATUS_OK;) {
        size_t piece = len - done < PIECE ? len - done : PIECE;
        done += piece;
        status = XML_Parse(reading->parser, data + done - piece, (int)piece, done == len);
        if (done == len)
            break;
    }
    if (status == XML_STATUS_OK || reading->error != ERR_OK)
        return;
    enum XML_Error code = XML_GetErrorCode(reading->parser);
    reading->error = code == XML_ERROR_NO_MEMORY ? ERR_NO_SPACE : ERR_FORMAT;
    reading->why = why_not(code);
}

int xml_read(const char *data, size_t len, const struct xml_handler *handler, void *ctx,
             struct xml_fault *fault)
{
    struct reading reading = {.parser = XML_ParserCreate(NULL), .handler = handler, .ctx = ctx};
    *fault = (struct xml_fault){0};
    if (reading.parser == NULL)
        return ERR_NO_SPACE;
    XML_SetUserData(reading.parser, &reading);
    XML_SetElementHandler(reading.parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading.parser, on_text);
    XML_SetStartDoctypeDeclHandler(reading.parser, on_doctype);
    XML_SetUnknownEncodingHandler(reading.parser, on_encoding, NULL);
    feed(&reading, data, len);
    fault->line = (uint32_t)XML_GetCurrentLineNumber(reading.parser);
    fault->why = reading.why;
    XML_ParserFree(reading.parser);
    return reading.error;
}

const char *xml_attribute(const char *const *attributes, const char *name)
{
    for (; *attributes != NULL; attributes += 2)
        if (strcmp(without_prefix(attributes[0]), name) == 0)
            return attributes[1];
    return NULL;
}

uint32_t xml_number(const char *const *attributes, const char *name, uint32_t fallback, uint32_t max)
{
    const char *text = xml_attribute(attributes, name);
    if (text == NULL || text[0] == '\0' || strspn(text, "0123456789") != strlen(text))
        return fallback;
    unsigned long long number = strtoull(text, NULL, 10); /* ULLONG_MAX when it does not fit */
    return number <= max ? (uint32_t)number : fallback;
}
