/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of a journal outside its region: in the store, and in the anchor where the board has one.
 * With it a journal whose end was cut off gives no number a second time.
 *
 * stored value, 16 bytes
 * offset  size  field
 *      0     4  numbers below this one were given, u32
 *      4     4  last number of the hole that a cut left in the ring, u32; 0: none
 *      8     8  reserved, 0
 *
 * The caller owns the struct. Pure functions, nothing blocks.
 */
#ifndef FIRMWARE_JOURNAL_JOURNAL_FLOOR_H
#define FIRMWARE_JOURNAL_JOURNAL_FLOOR_H

#include <stdint.h>

#define JOURNAL_FLOOR_LEN 16

struct journal_floor {
    uint32_t head_seq; /* numbers below this one were given; 0: not known */
    uint32_t hole_seq; /* last number of a hole in the ring; 0: none */
};

/* Writes the stored value. */
void journal_floor_encode(const struct journal_floor *floor, uint8_t out[JOURNAL_FLOOR_LEN]);
/* Reads a stored value. */
struct journal_floor journal_floor_decode(const uint8_t in[JOURNAL_FLOOR_LEN]);

#endif
