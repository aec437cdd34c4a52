/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs and outputs of the gate on the MSS GPIO. README.md lists the pins. Nothing blocks. */
#ifndef BOARDS_EMCRAFT_SF2_GATE_PINS_H
#define BOARDS_EMCRAFT_SF2_GATE_PINS_H

#include "hal/gate_io.h"

void gate_pins_start(struct gate_io *gate_io);

#endif
