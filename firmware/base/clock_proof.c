/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/base/clock_proof.h"

#define MICROSECONDS UINT64_C(1000000)

static uint64_t monotonic_us(const struct clock *clock)
{
    return clock->timer->monotonic_us(clock->timer->ctx);
}

void clock_proof_start(struct clock_proof *proof, const struct clock *clock, uint32_t kept_utc_s)
{
    *proof = (struct clock_proof){.utc_s = kept_utc_s, .seen_us = monotonic_us(clock)};
}

void clock_proof_poll(struct clock_proof *proof, const struct clock *clock)
{
    uint64_t ran_s = (monotonic_us(clock) - proof->seen_us) / MICROSECONDS;
    uint32_t now_s = clock_utc_s(clock);
    proof->seen_us += ran_s * MICROSECONDS;
    if (clock->quality == CLOCK_SET) {
        uint64_t believed_s = proof->utc_s + CLOCK_PROOF_CATCH_UP * ran_s;
        proof->utc_s = proof->utc_s == 0 || believed_s >= now_s ? now_s : (uint32_t)believed_s;
    } else if (proof->utc_s != 0) {
        proof->utc_s += (uint32_t)ran_s;
    }
}
