/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/keyed_rows.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 1024

void *keyed_rows_at(const struct keyed_rows *rows, uint32_t number)
{
    return rows->rows + (size_t)number * rows->size;
}

uint32_t keyed_rows_number(const struct keyed_rows *rows, const void *row)
{
    return (uint32_t)((size_t)((const uint8_t *)row - rows->rows) / rows->size);
}

/* The upper bits of the product depend on all bits of the key (Knuth, "The Art of Computer Programming" 6.4,
 * multiplicative hashing). */
static uint32_t first_slot(const struct keyed_rows *rows, const uint8_t *key)
{
    uint64_t number;
    memcpy(&number, key, sizeof number);
    return (uint32_t)((number * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (rows->slot_count - 1);
}

/* Returns a free slot for a key that has none. */
static uint32_t *free_slot(const struct keyed_rows *rows, const uint8_t *key)
{
    uint32_t at = first_slot(rows, key);
    while (rows->slots[at] != 0)
        at = (at + 1) & (rows->slot_count - 1);
    return &rows->slots[at];
}

/* Returns the slot of a key, or a free one. */
static uint32_t *find_slot(const struct keyed_rows *rows, const uint8_t *key)
{
    uint32_t at = first_slot(rows, key);
    while (rows->slots[at] != 0 &&
           memcmp(keyed_rows_at(rows, rows->slots[at] - 1), key, KEYED_ROWS_KEY_LEN) != 0)
        at = (at + 1) & (rows->slot_count - 1);
    return &rows->slots[at];
}

static int grow(struct keyed_rows *rows)
{
    uint32_t capacity = rows->capacity != 0 ? 2 * rows->capacity : FIRST_CAPACITY;
    uint8_t *more = realloc(rows->rows, capacity * rows->size);
    if (more != NULL)
        rows->rows = more;
    free(rows->slots);
    rows->slots = calloc((size_t)2 * capacity, sizeof *rows->slots);
    if (more == NULL || rows->slots == NULL) {
        keyed_rows_free(rows);
        return -1;
    }
    rows->slot_count = 2 * capacity;
    rows->capacity = capacity;
    for (uint32_t i = 0; i < rows->count; i++)
        *free_slot(rows, keyed_rows_at(rows, i)) = i + 1;
    return 0;
}

void *keyed_rows_find(const struct keyed_rows *rows, const uint8_t key[KEYED_ROWS_KEY_LEN])
{
    uint32_t slot = rows->slot_count != 0 ? *find_slot(rows, key) : 0;
    return slot != 0 ? keyed_rows_at(rows, slot - 1) : NULL;
}

void *keyed_rows_add(struct keyed_rows *rows, const uint8_t key[KEYED_ROWS_KEY_LEN])
{
    if (rows->count == rows->capacity && grow(rows) != 0)
        return NULL;
    uint8_t *row = keyed_rows_at(rows, rows->count);
    memset(row, 0, rows->size);
    memcpy(row, key, KEYED_ROWS_KEY_LEN);
    *free_slot(rows, key) = ++rows->count;
    return row;
}

void keyed_rows_free(struct keyed_rows *rows)
{
    free(rows->rows);
    free(rows->slots);
    *rows = (struct keyed_rows){.size = rows->size};
}
