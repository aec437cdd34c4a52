/* SPDX-License-Identifier: Apache-2.0 */
/* Implements hal/gate_io.h: the test sets inputs, reads outputs, and is told when the relay moves. The caller
 * owns the struct and must not move it. */
#ifndef TESTS_FAKES_FAKE_GATE_IO_H
#define TESTS_FAKES_FAKE_GATE_IO_H

#include "hal/gate_io.h"

struct fake_gate_io {
    struct gate_io gate_io;
    uint32_t inputs;
    uint32_t outputs;
    int relay_rises; /* times the relay was energised */
    int relay_falls;
    /* Called at the moment the relay is energised; may be NULL. */
    void (*on_relay)(void *ctx);
    void *on_relay_ctx;
};

/* Starts with all inputs and outputs off. */
void fake_gate_io_init(struct fake_gate_io *fake);

#endif
