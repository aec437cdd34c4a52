/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads XML that comes from outside, with expat. Names come without their prefix. A document type is refused,
 * because it can define entities that grow without limit, and no file of a school has one. Encodings of one
 * byte a character are understood when iconv knows them (ISO-8859-15). The caller owns the bytes. Nothing
 * blocks.
 */
#ifndef TOOLS_PORTILLON_TABLE_XML_READER_H
#define TOOLS_PORTILLON_TABLE_XML_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define XML_READER_DEPTH_MAX 64

/* What the reader calls. Each returns ERR_OK to go on; any other value ends the reading with that value. Text
 * comes in pieces. attributes are pairs of name and value, and a NULL. */
struct xml_handler {
    int (*start)(void *ctx, const char *name, const char *const *attributes, uint32_t line);
    int (*end)(void *ctx, const char *name);
    int (*text)(void *ctx, const char *text, size_t len);
};

struct xml_fault {
    uint32_t line;
    const char *why; /* static text, translated */
};

/* Reads a document. Returns ERR_OK, ERR_FORMAT (with fault->why: no XML that can be read; otherwise by a
 * handler), ERR_NO_SPACE (no memory) or what a handler returned. */
int xml_read(const char *data, size_t len, const struct xml_handler *handler, void *ctx,
             struct xml_fault *fault) MUST_USE;

/* Returns the value of an attribute, without regard to its prefix, or NULL. */
const char *xml_attribute(const char *const *attributes, const char *name);

/* Returns the number in an attribute, or fallback when it is missing or no number up to max. */
uint32_t xml_number(const char *const *attributes, const char *name, uint32_t fallback, uint32_t max);

#endif
