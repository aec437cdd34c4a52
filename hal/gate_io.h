/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wires of one gate, as two sets of bits: one of outputs, one of inputs.
 *
 * The bits are levels in positive logic: a set bit is an energised relay, a light that is on, or an active
 * input. Reading has no side effect. The implementation need not debounce; it owns ctx. Nothing blocks.
 */
#ifndef HAL_GATE_IO_H
#define HAL_GATE_IO_H

#include <stdint.h>

enum gate_output {
    GATE_RELAY = 1 << 0, /* unlocks the gate for one person */
    GATE_LIGHT_GREEN = 1 << 1,
    GATE_LIGHT_RED = 1 << 2,
    GATE_LIGHT_AMBER = 1 << 3,
    GATE_BUZZER = 1 << 4,
};

enum gate_input {
    GATE_ROTATION = 1 << 0, /* the arm is out of its rest position: one rising edge is one passage */
    GATE_FIRE = 1 << 1,     /* the fire panel requests the emergency release */
    GATE_TAMPER = 1 << 2,   /* the housing is open */
    GATE_BUTTON = 1 << 3,   /* the release button in the lodge requests an exit */
};

struct gate_io {
    /* Drives all outputs: those whose bits (enum gate_output) are set go on, the others go off. */
    void (*set_outputs)(void *ctx, uint32_t outputs);
    /* Returns the inputs that are active now, as bits of enum gate_input. */
    uint32_t (*get_inputs)(void *ctx);
    void *ctx;
};

#endif
