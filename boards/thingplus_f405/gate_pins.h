/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inputs and outputs of the gate. An output is high when on and drives a transistor. An input is
 * pulled up, and its contact closes to ground. README.md lists the pins and gives the reason for each
 * kind of contact. Nothing blocks.
 *
 *   rotation, button   normally open: closed is active; a cut wire is inactive
 *   fire, tamper       normally closed: open is active; a cut wire is active
 */
#ifndef BOARDS_THINGPLUS_F405_GATE_PINS_H
#define BOARDS_THINGPLUS_F405_GATE_PINS_H

#include <stdbool.h>

#include "hal/gate_io.h"

void gate_pins_start(struct gate_io *gate_io);

/* Pulls the reset line of the reader low, or releases it: a resistor then pulls it up. */
void gate_pins_hold_reader_reset(void *ctx, bool hold);

#endif
