/*
 * The wires of one gate, as two sets of bits. Levels, already in positive logic: a set bit is an energised
 * relay, a lit light, an active input. Reading takes no action; the implementation debounces nothing.
 */
#ifndef HAL_GATE_IO_H
#define HAL_GATE_IO_H

#include <stdint.h>

enum gate_output {
    GATE_RELAY = 1 << 0, /* lets one person through */
    GATE_LIGHT_GREEN = 1 << 1,
    GATE_LIGHT_RED = 1 << 2,
    GATE_LIGHT_AMBER = 1 << 3,
    GATE_BUZZER = 1 << 4,
};

enum gate_input {
    GATE_ROTATION = 1 << 0, /* the arm is away from its rest: a passage is one rise */
    GATE_FIRE = 1 << 1,     /* the fire panel asks for release */
    GATE_TAMPER = 1 << 2,   /* the housing is open */
    GATE_BUTTON = 1 << 3,   /* manual opening by the lodge */
};

struct gate_io {
    /* Drives every output: bits of enum gate_output, the rest off. */
    void (*set_outputs)(void *ctx, uint32_t outputs);
    /* Returns the inputs now active: bits of enum gate_input. */
    uint32_t (*get_inputs)(void *ctx);
    void *ctx;
};

#endif
