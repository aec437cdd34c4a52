/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time that retention relies on. It follows the clock, but a jump of the clock is believed only as
 * running time shows it right: this time rises at most CLOCK_PROOF_CATCH_UP times as fast as the monotonic
 * counter. A clock set to a wrong year thus erases nothing before somebody can notice it, and a gate that was
 * without power for two months is right again after nine days. A clock that is set back takes effect at once.
 *
 * The caller owns the struct. Nothing blocks.
 */
#ifndef FIRMWARE_BASE_CLOCK_PROOF_H
#define FIRMWARE_BASE_CLOCK_PROOF_H

#include <stdint.h>

#include "firmware/base/clock.h"

#define CLOCK_PROOF_CATCH_UP 8

struct clock_proof {
    uint32_t utc_s;   /* no later time is proven; 0: none yet */
    uint64_t seen_us; /* monotonic time up to which utc_s accounts for the running time */
};

/* Starts with the proven time that was kept across the restart; 0: there is none, and the first time of the
 * clock is believed. */
void clock_proof_start(struct clock_proof *proof, const struct clock *clock, uint32_t kept_utc_s);
/* Lets the proven time follow the clock. Call often. While the clock is not set, the proven time rises with
 * the monotonic counter. */
void clock_proof_poll(struct clock_proof *proof, const struct clock *clock);

#endif
