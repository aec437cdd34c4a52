/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debounces the inputs of the gate, because contacts bounce and wires pick up noise. Without it one loose
 * tamper contact could fill the journal with its events, and passages would be dropped to make room.
 *
 * The rotation sensor, the fire input and the release button become active at once, because a person waits
 * for each of them. They become inactive after INPUTS_REST_MS without a change. The tamper input must stay
 * unchanged for INPUTS_TAMPER_MS in both directions.
 *
 * No I/O, nothing blocks. The caller owns the struct and zeroes it at start-up.
 */
#ifndef FIRMWARE_GATE_INPUTS_H
#define FIRMWARE_GATE_INPUTS_H

#include <stdint.h>

#define INPUTS_REST_MS   50
#define INPUTS_TAMPER_MS 1000
#define INPUTS_COUNT     4 /* of enum gate_input */

struct inputs {
    uint32_t active;                 /* the debounced inputs, as bits of enum gate_input */
    uint32_t raw;                    /* the last reading */
    uint64_t since_us[INPUTS_COUNT]; /* monotonic time at which each bit of raw last changed */
};

/* Processes one reading of the inputs and keeps it in the struct. raw is that of hal/gate_io.h. An input
 * changes only in a call, so call it in each turn of the loop. Returns the debounced inputs, as bits of enum
 * gate_input. */
uint32_t inputs_settle(struct inputs *inputs, uint32_t raw, uint64_t now_us);

#endif
