/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads and writes CoAP messages (RFC 7252, section 3) and block options (RFC 7959, section 2.2) in place.
 *
 * A parsed message points into its datagram, which the caller keeps. A writer fills the caller's buffer.
 * It remembers its first error, and coap_write_finish returns it. No state; nothing blocks.
 */
#ifndef FIRMWARE_MAINTENANCE_COAP_H
#define FIRMWARE_MAINTENANCE_COAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define COAP_HEADER_LEN 4
#define COAP_TOKEN_MAX  8
#define COAP_SZX_MAX    6 /* blocks of 1024 bytes */

enum coap_type {
    COAP_CON = 0,
    COAP_NON = 1,
    COAP_ACK = 2,
    COAP_RST = 3,
};

#define COAP_CODE(class, detail) ((class) << 5 | (detail))
#define COAP_CLASS(code)         ((code) >> 5)
#define COAP_DETAIL(code)        ((code)&0x1F)

/* RFC 7252, 12.1; RFC 7959, 2.9 */
enum coap_code {
    COAP_EMPTY = 0,
    COAP_GET = COAP_CODE(0, 1),
    COAP_POST = COAP_CODE(0, 2),
    COAP_PUT = COAP_CODE(0, 3),
    COAP_DELETE = COAP_CODE(0, 4),
    COAP_CHANGED = COAP_CODE(2, 4),
    COAP_CONTENT = COAP_CODE(2, 5),
    COAP_CONTINUE = COAP_CODE(2, 31),
    COAP_BAD_REQUEST = COAP_CODE(4, 0),
    COAP_BAD_OPTION = COAP_CODE(4, 2),
    COAP_FORBIDDEN = COAP_CODE(4, 3),
    COAP_NOT_FOUND = COAP_CODE(4, 4),
    COAP_METHOD_NOT_ALLOWED = COAP_CODE(4, 5),
    COAP_NOT_ACCEPTABLE = COAP_CODE(4, 6),
    COAP_INCOMPLETE = COAP_CODE(4, 8),
    COAP_CONFLICT = COAP_CODE(4, 9), /* RFC 8132 */
    COAP_TOO_LARGE = COAP_CODE(4, 13),
    COAP_UNSUPPORTED_FORMAT = COAP_CODE(4, 15),
    COAP_SERVER_ERROR = COAP_CODE(5, 0),
    COAP_UNAVAILABLE = COAP_CODE(5, 3),
    COAP_NO_PROXY = COAP_CODE(5, 5),
};

/* RFC 7252, 12.2; RFC 7959, 6. An odd number means critical: a server that does not know it must refuse
 * the request. */
enum coap_option_number {
    COAP_URI_HOST = 3,
    COAP_ETAG = 4,
    COAP_URI_PORT = 7,
    COAP_URI_PATH = 11,
    COAP_CONTENT_FORMAT = 12,
    COAP_MAX_AGE = 14,
    COAP_URI_QUERY = 15,
    COAP_ACCEPT = 17,
    COAP_BLOCK2 = 23,
    COAP_BLOCK1 = 27,
    COAP_SIZE2 = 28,
    COAP_PROXY_URI = 35,
    COAP_PROXY_SCHEME = 39,
    COAP_SIZE1 = 60,
};

/* RFC 7252, 12.3; RFC 8949, 9.2 */
enum coap_format {
    COAP_FORMAT_NONE = -1,
    COAP_FORMAT_TEXT = 0,
    COAP_FORMAT_LINK = 40,
    COAP_FORMAT_OCTETS = 42,
    COAP_FORMAT_CBOR = 60,
};

/* Returns true for the codes of classes 4 and 5, whose payload is a diagnostic (RFC 7252, 5.5.2). */
static inline bool coap_code_is_error(uint8_t code)
{
    return COAP_CLASS(code) >= 4;
}

struct coap_message {
    enum coap_type type;
    uint8_t code; /* enum coap_code, or a code that is not listed there */
    uint16_t message_id;
    const uint8_t *token;
    size_t token_len; /* 0 to COAP_TOKEN_MAX */
    const uint8_t *options, *options_end;
    const uint8_t *payload;
    size_t payload_len; /* 0: none */
};

/* Parses a datagram. After ERR_FORMAT only type and message_id are valid, to send a reset. Returns
 * ERR_OK, ERR_FORMAT (a message format error, RFC 7252, 3), ERR_UNSUPPORTED (too short for a header, or
 * another version; the datagram must be ignored). */
int coap_parse(struct coap_message *message, const uint8_t *datagram, size_t len) MUST_USE;

struct coap_option {
    uint16_t number;
    const uint8_t *value;
    size_t len;
};

struct coap_option_walk {
    const uint8_t *at, *end;
    uint32_t number;
};

/* Iterates over the options of a parsed message. coap_next_option returns false after the last one.
 * (libcoap, which the tools link, already has a coap_option_next.) */
struct coap_option_walk coap_options(const struct coap_message *message);
bool coap_next_option(struct coap_option_walk *walk, struct coap_option *option);

/* Returns true if the Uri-Path options are this path, written without a slash in front:
 * "whitelist/head". */
bool coap_path_is(const struct coap_message *message, const char *path);

/* Reads the decimal number of the Uri-Query option "name=number". Returns ERR_OK, ERR_NOT_FOUND (no such
 * query), ERR_FORMAT (not a number below 2^32). */
int coap_query_u32(const struct coap_message *message, const char *name, uint32_t *value) MUST_USE;

/* Reads an option value as an unsigned integer (RFC 7252, 3.2). Returns ERR_OK, ERR_FORMAT (longer than
 * 4 bytes). */
int coap_option_u32(const struct coap_option *option, uint32_t *value) MUST_USE;

struct coap_block {
    uint32_t num;
    bool more;
    uint8_t szx; /* a block has 2^(szx+4) bytes */
};

/* Decodes a block option. Returns ERR_OK, ERR_UNSUPPORTED (longer than 3 bytes: not a block option),
 * ERR_FORMAT (the reserved szx 7). */
int coap_block_decode(const struct coap_option *option, struct coap_block *block) MUST_USE;
/* Return the size of a block, 16 to 1024 bytes, and its offset in the body in bytes. */
uint32_t coap_block_size(const struct coap_block *block);
uint32_t coap_block_offset(const struct coap_block *block);

struct coap_writer {
    uint8_t *buf;
    size_t size, len;
    uint32_t last_number;
    bool failed;
};

/* Starts a message. token_len is 0 to COAP_TOKEN_MAX. */
void coap_write_start(struct coap_writer *writer, uint8_t *buf, size_t size, enum coap_type type,
                      uint8_t code, uint16_t message_id, const uint8_t *token, size_t token_len);
/* Adds an option. The numbers of the options must not decrease. */
void coap_write_option(struct coap_writer *writer, uint16_t number, const void *value, size_t len);
void coap_write_option_u32(struct coap_writer *writer, uint16_t number, uint32_t value);
void coap_write_block(struct coap_writer *writer, uint16_t number, const struct coap_block *block);
/* Adds the payload (none if len is 0) and ends the message. payload must be outside buf. Returns the
 * count of bytes of the message, ERR_NO_SPACE. */
int coap_write_finish(struct coap_writer *writer, const void *payload, size_t len) MUST_USE;

#endif
