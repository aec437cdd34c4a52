/*
 * What may be changed of a running gate, by the maintenance port and by hand. Each change is durable, applied
 * and logged when the function returns.
 */
#ifndef FIRMWARE_PORTILLON_CONTROL_H
#define FIRMWARE_PORTILLON_CONTROL_H

#include "firmware/portillon_state.h"

/* @retval ERR_OK, ERR_ARGUMENT (a value out of bounds), ERR_BUSY (storage is making room), ERR_IO. */
int portillon_set_settings(struct portillon *portillon, const struct settings *settings,
                           enum role role) MUST_USE;

/* @retval ERR_OK, ERR_ARGUMENT (not a believable time). */
int portillon_set_clock(struct portillon *portillon, uint32_t utc_s) MUST_USE;

/* @retval ERR_OK, ERR_ARGUMENT (a number never given out), ERR_BUSY, ERR_IO. */
int portillon_acknowledge(struct portillon *portillon, uint32_t seq) MUST_USE;

/* Opens for one person, by hand: logged first, then as for a card.
 * @retval ERR_OK (also when the gate is released), ERR_BUSY (as many are waiting as may, or storage makes
 * room), ERR_IO (the journal does not take it), ERR_NO_SPACE (it is full). */
int portillon_open(struct portillon *portillon, enum journal_opening_source source) MUST_USE;

/* Turns profiles of the running list off or on: on has a bit for each.
 * @retval ERR_OK, ERR_NO_LIST, ERR_NO_SPACE (more than PROFILES_OFF_MAX off), ERR_BUSY, ERR_IO. */
int portillon_turn_profiles(struct portillon *portillon, uint32_t on) MUST_USE;

/* Erases, writes and reads the scratch sector of the flash chip, in idle time: portillon->selftest tells.
 * @retval ERR_OK, ERR_BUSY (a test is running), ERR_UNSUPPORTED (a chip too small to have such a sector),
 * ERR_IO (no chip). */
int portillon_test_flash(struct portillon *portillon) MUST_USE;

/* Drives one output of enum gate_output alone for SELFTEST_OUTPUT_MS, or until somebody comes. For the relay,
 * which opens the gate, role goes into the journal first.
 * @retval ERR_OK, ERR_BUSY (the gate is not at rest, or storage makes room), ERR_IO (the journal does not
 * take it), ERR_NO_SPACE (it is full). */
int portillon_test_output(struct portillon *portillon, uint32_t output, enum role role) MUST_USE;

void portillon_apply_settings(struct portillon *portillon, const struct settings *settings);

/* Keeps when the clock was last confirmed, to a quarter of a day: setting it again and again must not wear
 * the store. */
void portillon_remember_clock(struct portillon *portillon);

#endif
