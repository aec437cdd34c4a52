/*
 * The gate's wires. Outputs are high when on and drive transistors; inputs are pulled up and closed to ground
 * by a contact. README.md has the table, and says why each contact is what it is:
 *
 *   rotation, button   normally open: closed is active, a wire cut is nothing
 *   fire, tamper       normally closed: open is active, a wire cut is an alarm
 */
#ifndef BOARDS_THINGPLUS_F405_GATE_PINS_H
#define BOARDS_THINGPLUS_F405_GATE_PINS_H

#include "hal/gate_io.h"

void gate_pins_start(struct gate_io *gate_io);

#endif
