/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides what is written one by one and what is only counted. Each kind of record that may come again and
 * again has a limit of its own: so many at once, and then one more every so many minutes. The others are left
 * out and counted, until the caller has written the count.
 *
 * The caller owns the structs and counts the minutes. Pure functions, nothing blocks.
 */
#ifndef FIRMWARE_BASE_RATE_LIMIT_H
#define FIRMWARE_BASE_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct rate_limit {
    uint8_t burst;           /* records that may come at once */
    uint8_t left;            /* of them, how many may still come now */
    uint8_t every_min;       /* one more comes back every so many minutes */
    uint32_t left_out_count; /* since the last count was written */
};

/* Starts with a full burst. */
void rate_limit_init(struct rate_limit *limit, uint8_t burst, uint8_t every_min);
/* Returns true if a record may be written; otherwise counts it as left out. */
bool rate_limit_take(struct rate_limit *limit);
/* Lets minutes pass: from the minute `before` to the minute `now`, counted from anywhere. */
void rate_limit_pass(struct rate_limit *limit, uint32_t before, uint32_t now);

#endif
