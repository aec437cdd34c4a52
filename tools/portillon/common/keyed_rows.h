/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds rows of one size that are found by a key of 64 bits: each row begins with the 8 bytes of its key, and
 * no key comes twice. Rows keep their numbers (from 0, in the order of adding); their addresses hold until
 * the next one is added. The memory comes from the C library. The caller owns the struct, and sets it to
 * zero but for size. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_COMMON_KEYED_ROWS_H
#define TOOLS_PORTILLON_COMMON_KEYED_ROWS_H

#include <stddef.h>
#include <stdint.h>

#define KEYED_ROWS_KEY_LEN 8

struct keyed_rows {
    size_t size; /* of a row */
    uint8_t *rows;
    uint32_t count, capacity;
    uint32_t *slots; /* row numbers plus 1, by hash of the key; 0 if free */
    uint32_t slot_count;
};

/* Returns the row with that key, or NULL. */
void *keyed_rows_find(const struct keyed_rows *rows, const uint8_t key[KEYED_ROWS_KEY_LEN]);
/* Adds a row, zero after its key, which no row has yet. Returns it, or NULL (no memory). */
void *keyed_rows_add(struct keyed_rows *rows, const uint8_t key[KEYED_ROWS_KEY_LEN]);
/* Returns the row of a number below count. */
void *keyed_rows_at(const struct keyed_rows *rows, uint32_t number);
/* Returns the number of a row. */
uint32_t keyed_rows_number(const struct keyed_rows *rows, const void *row);
/* Frees the memory; size stays. */
void keyed_rows_free(struct keyed_rows *rows);

#endif
