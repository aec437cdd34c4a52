/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes to a running gate, requested over the maintenance port or by hand. Each change is durable,
 * applied and logged when the function returns. A function that writes to the journal blocks as
 * portillon_append does; see firmware/portillon_log.h.
 */
#ifndef FIRMWARE_PORTILLON_CONTROL_H
#define FIRMWARE_PORTILLON_CONTROL_H

#include "firmware/portillon_state.h"

/* Stores and applies new settings. Logs each one that changes, with the role and both values. Returns ERR_OK,
 * ERR_ARGUMENT (a value is out of bounds), ERR_BUSY (the store has no room yet: try again), ERR_IO (no
 * storage, or the write failed). */
int portillon_set_settings(struct portillon *portillon, const struct settings *settings,
                           enum role role) MUST_USE;

/* Acknowledges all journal records up to and including seq. mac is the MAC of record seq as it is stored.
 * Returns ERR_OK (also if seq was acknowledged before, or is erased already), ERR_ARGUMENT (no record has had
 * this number yet), ERR_CONFLICT (the record that stands here has another MAC, or cannot be read), ERR_BUSY
 * (the store has no room yet: try again), ERR_IO (no storage, or a read or write failed). */
int portillon_acknowledge(struct portillon *portillon, uint32_t seq,
                          const uint8_t mac[JOURNAL_RECORD_MAC_LEN]) MUST_USE;

/* Opens the gate for one person without a card. The opening is logged first and then queued as for a
 * card. Returns ERR_OK (also when the gate is released), ERR_BUSY (the queue is full, or the journal has
 * no room yet), ERR_IO (the journal could not store the record), ERR_NO_SPACE (the journal is full). */
int portillon_open(struct portillon *portillon, enum journal_opening_source source) MUST_USE;

/* Turns profiles of the active list on or off, and logs the change with the role. Bit n of on is 1 if profile
 * n is on. Returns ERR_OK,
 * ERR_NO_LIST, ERR_NO_SPACE (more than PROFILES_OFF_MAX would be off), ERR_BUSY, ERR_IO. */
int portillon_turn_profiles(struct portillon *portillon, uint32_t on, enum role role) MUST_USE;

/* Starts a test that erases, writes and reads the scratch sector of the flash chip in idle time. Its
 * progress is in portillon->selftest. Returns ERR_OK, ERR_BUSY (a test is running), ERR_UNSUPPORTED (the
 * chip is too small for such a sector), ERR_IO (no storage). */
int portillon_test_flash(struct portillon *portillon) MUST_USE;

/* Drives one output of enum gate_output alone for SELFTEST_OUTPUT_MS, or until the gate is used. The
 * relay opens the gate, so a test of the relay is logged first, with the role. Returns ERR_OK, ERR_BUSY
 * (the gate is not at rest, or the journal has no room yet), ERR_IO (the journal could not store the
 * record), ERR_NO_SPACE (the journal is full). */
int portillon_test_output(struct portillon *portillon, uint32_t output, enum role role) MUST_USE;

void portillon_apply_settings(struct portillon *portillon, const struct settings *settings);

#endif
