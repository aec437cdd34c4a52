/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clock of a running gate: who may set it to what, what is kept of it across a restart, and the time that
 * retention relies on. portillon_set_clock blocks as portillon_append does; see firmware/portillon_log.h.
 */
#ifndef FIRMWARE_PORTILLON_CLOCK_H
#define FIRMWARE_PORTILLON_CLOCK_H

#include "firmware/portillon_state.h"

/* What the maintenance role may move a running clock by, forwards and backwards added up, in one day. */
#define PORTILLON_CORRECTION_MAX_S 600

/* Starts the clock from the mounted storage, after the settings are loaded. */
void portillon_start_clock(struct portillon *portillon);

/* Sets the clock to a time in UTC seconds, and logs the old time, the new one and the role. A technician may
 * set any time. Maintenance may set a clock that is unset, set a clock forwards that continued after a power
 * cut, and correct a running one by PORTILLON_CORRECTION_MAX_S a day. Returns ERR_OK, ERR_ARGUMENT (before
 * CLOCK_EARLIEST_UTC_S), ERR_FORBIDDEN (too far for this role), ERR_BUSY (the store has no room yet: try
 * again), ERR_IO (a correction could not be noted in the store). */
int portillon_set_clock(struct portillon *portillon, uint32_t utc_s, enum role role) MUST_USE;

/* Ages the clock and keeps what a restart needs of it. Call about once a second. */
void portillon_poll_clock(struct portillon *portillon);

/* Returns the UTC second before which acknowledged records are to be erased; 0: none, because the time is not
 * reliable. */
uint32_t portillon_retention_bound(const struct portillon *portillon);

#endif
