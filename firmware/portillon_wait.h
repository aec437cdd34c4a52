/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a start, and one turn of the loop, may wait for erases altogether. The first is long enough for
 * the first erases of a new chip. A chip that takes longer, or never ends an erase, leaves the gate out of
 * order, but running: the watchdog is fed, and the fire input opens the gate.
 */
#ifndef FIRMWARE_PORTILLON_WAIT_H
#define FIRMWARE_PORTILLON_WAIT_H

#include "firmware/portillon_state.h"

#define PORTILLON_START_WAIT_US UINT64_C(2000000)
#define PORTILLON_TURN_WAIT_US  UINT64_C(500000)

/* Begins a start or a turn of the loop: all its waits together may take so long. */
void portillon_allow_waits(struct portillon *portillon, uint64_t us);

/* Returns true while the current start or turn may wait. Call it in each turn of a wait. During a start it
 * does what portillon_stay_alive does. */
bool portillon_may_wait(struct portillon *portillon);

/* Feeds the watchdog and looks at the fire input, which opens the gate at once. Does nothing after the start,
 * when the loop does both. Call it between long steps of the start. */
void portillon_stay_alive(struct portillon *portillon);

#endif
