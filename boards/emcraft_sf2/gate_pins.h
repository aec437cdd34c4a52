/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs and outputs of the gate on the MSS GPIO. README.md lists the pins. Nothing blocks. */
#ifndef BOARDS_EMCRAFT_SF2_GATE_PINS_H
#define BOARDS_EMCRAFT_SF2_GATE_PINS_H

#include <stdbool.h>

#include "hal/gate_io.h"

void gate_pins_start(struct gate_io *gate_io);

/* Pulls the reset line of the reader low, or releases it: a resistor then pulls it up. */
void gate_pins_hold_reader_reset(void *ctx, bool hold);

#endif
