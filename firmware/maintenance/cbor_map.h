/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes and reads CBOR maps with text keys (RFC 8949), the only structure on the maintenance port. Uses
 * tinycbor.
 *
 * The functions that write use the caller's buffer. Ask once at the end, with cbor_map_written, whether
 * everything fitted. The function that reads accepts a flat map of small numbers, booleans and byte strings
 * of a given length or maximum, and refuses anything else: unknown keys, a repeated key, other types, bytes
 * after the map. No state; nothing blocks.
 */
#ifndef FIRMWARE_MAINTENANCE_CBOR_MAP_H
#define FIRMWARE_MAINTENANCE_CBOR_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#include <cbor.h>

/* Each adds one member to a map that is being written. A text that is NULL is written as null. */
void cbor_map_put_uint(CborEncoder *map, const char *key, uint64_t value);
void cbor_map_put_bool(CborEncoder *map, const char *key, bool value);
void cbor_map_put_text(CborEncoder *map, const char *key, const char *text);
void cbor_map_put_bytes(CborEncoder *map, const char *key, const uint8_t *bytes, size_t len);
void cbor_map_put_null(CborEncoder *map, const char *key);

/* Open and close a map or an array inside a map. `members` is the count of members that are then
 * written. */
void cbor_map_open_map(CborEncoder *map, const char *key, CborEncoder *inner, size_t members);
void cbor_map_open_array(CborEncoder *map, const char *key, CborEncoder *inner, size_t members);
void cbor_map_close(CborEncoder *outer, CborEncoder *inner);

/* Adds the pair [first, count] to an array. */
void cbor_map_put_run(CborEncoder *array, uint32_t first, uint32_t count);

/* Returns the count of bytes written since buf; 0: they did not fit. */
size_t cbor_map_written(const CborEncoder *encoder, const uint8_t *buf);

/* A member to read: one of number, flag and bytes is set, the others are NULL. */
struct cbor_field {
    const char *key;
    uint32_t *number;
    bool *flag;
    uint8_t *bytes; /* a byte string of exactly bytes_len bytes */
    size_t bytes_len;
    size_t *bytes_read; /* if not NULL, bytes_len is the most: set to the length of the byte string */
    bool seen;          /* it was in the map; if not, the value is unchanged */
};

/* Reads a map. Returns ERR_OK, ERR_FORMAT (some values may then be written already). */
int cbor_map_read(struct cbor_field *fields, size_t field_count, const uint8_t *data, size_t len) MUST_USE;

#endif
