/*
 * Contacts bounce and wires pick up noise: which inputs count as active. Without this one loose tamper
 * contact could fill the journal with its own events, and passages would be dropped to make room.
 *
 * What somebody waits for counts at once: the arm beginning to turn, the fire panel asking for release, the
 * button. Their end counts when it has held for INPUTS_REST_MS; the housing, which nobody waits for, has to
 * hold either way for INPUTS_TAMPER_MS. Pure; the caller owns the struct, zeroed at start-up.
 */
#ifndef FIRMWARE_GATE_INPUTS_H
#define FIRMWARE_GATE_INPUTS_H

#include <stdint.h>

#define INPUTS_REST_MS   50
#define INPUTS_TAMPER_MS 1000
#define INPUTS_COUNT     4 /* of enum gate_input */

struct inputs {
    uint32_t active;                 /* bits of enum gate_input that count */
    uint32_t raw;                    /* as last read */
    uint64_t since_us[INPUTS_COUNT]; /* when each bit of raw last changed */
};

/* Takes a reading in. @returns the inputs that count as active now. */
uint32_t inputs_settle(struct inputs *inputs, uint32_t raw, uint64_t now_us);

#endif
