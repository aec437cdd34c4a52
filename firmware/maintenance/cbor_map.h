/*
 * CBOR maps with text keys (RFC 8949), the only structure on the maintenance port; on tinycbor.
 *
 * Writing goes into the caller's buffer; whether all of it found room is asked once, at the end. Reading
 * takes a flat map of small numbers and booleans and refuses anything else: unknown keys, a key twice, other
 * types, bytes behind it. No state, nothing blocks.
 */
#ifndef FIRMWARE_MAINTENANCE_CBOR_MAP_H
#define FIRMWARE_MAINTENANCE_CBOR_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#include <cbor.h>

/* Add one member each to a map being written. text NULL is written as null. */
void cbor_map_put_uint(CborEncoder *map, const char *key, uint64_t value);
void cbor_map_put_bool(CborEncoder *map, const char *key, bool value);
void cbor_map_put_text(CborEncoder *map, const char *key, const char *text);
void cbor_map_put_bytes(CborEncoder *map, const char *key, const uint8_t *bytes, size_t len);
void cbor_map_put_null(CborEncoder *map, const char *key);

/* Open and close a map or an array inside a map, of as many members as are then written. */
void cbor_map_open_map(CborEncoder *map, const char *key, CborEncoder *inner, size_t members);
void cbor_map_open_array(CborEncoder *map, const char *key, CborEncoder *inner, size_t members);
void cbor_map_close(CborEncoder *outer, CborEncoder *inner);

/* One number pair [first, count] in an array. */
void cbor_map_put_run(CborEncoder *array, uint32_t first, uint32_t count);

/* @retval bytes written since buf, 0 (they did not fit). */
size_t cbor_map_written(const CborEncoder *encoder, const uint8_t *buf);

/* A member to be read: number or flag is set, the other NULL. */
struct cbor_field {
    const char *key;
    uint32_t *number;
    bool *flag;
    bool seen; /* it was in the map; else the value is untouched */
};

/* @retval ERR_OK, ERR_FORMAT; then values may be written in part. */
int cbor_map_read(struct cbor_field *fields, size_t field_count, const uint8_t *data, size_t len) MUST_USE;

#endif
