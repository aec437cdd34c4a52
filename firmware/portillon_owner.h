/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A memory chip that belongs to another gate (storage/owner.h): a board was started with another identity, or
 * a chip was moved. The gate stays out of order and changes nothing on the chip, so that the other gate still
 * finds its records. /status tells whose it is. After a technician has confirmed (PUT /settings, confirm),
 * the gate erases the store of the other gate, in slices, and begins its own. The other records are then lost
 * as
 * their room is needed.
 */
#ifndef FIRMWARE_PORTILLON_OWNER_H
#define FIRMWARE_PORTILLON_OWNER_H

#include "firmware/portillon_state.h"

/* Looks whose chip it is, for a store that was mounted. Returns ERR_OK (this gate's, nobody's, or taken
 * over), ERR_FORBIDDEN (another gate's) or ERR_IO. */
int portillon_check_owner(struct portillon *portillon) MUST_USE;
/* Returns true while the chip is another gate's. */
bool portillon_has_other_owner(const struct portillon *portillon);
/* Takes the chip over: portillon_poll_owner does the work. */
void portillon_take_over(struct portillon *portillon);
/* Does one step of taking the chip over. Returns true once it can be mounted. */
bool portillon_poll_owner(struct portillon *portillon);
/* Stores that the chip is this gate's, and logs it if it was taken over. Call when the storage is mounted. */
void portillon_keep_owner(struct portillon *portillon);

#endif
