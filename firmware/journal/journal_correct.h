/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of which one bit is wrong: DESIGN.md, "A bit that was lost". Only for journal*.c and for chip
 * images.
 *
 * A search takes up to 153 CMACs: 10 ms on a Cortex-M3 at 142 MHz. What it found is kept for the last eight
 * records. A mount pays for 16 searches, each poll for one more, up to four: a chip on which many records
 * are damaged does not hold up the gate. A record for which no search is left reads as damaged until the
 * next poll.
 */
#ifndef FIRMWARE_JOURNAL_JOURNAL_CORRECT_H
#define FIRMWARE_JOURNAL_JOURNAL_CORRECT_H

#include "firmware/journal/journal_state.h"

/* Gives a journal that was mounted its searches, and one more in each poll. */
void journal_correct_start(struct journal *journal);
void journal_correct_poll(struct journal *journal);

/* Finds out whether the bytes that a place holds may be corrected: they look like its record, and what
 * follows shows that the record was neither cut off nor written again. Reads the next place. Returns ERR_OK,
 * ERR_CORRUPT (they may not), ERR_IO. */
int journal_correct_is_allowed(struct journal *journal, uint32_t seq,
                               const uint8_t raw[JOURNAL_RECORD_LEN]) MUST_USE;

/* Decodes the bytes that the place of a number holds, corrected if need be. Returns ERR_OK, ERR_CORRUPT (this
 * includes blank bytes and the record of another number), ERR_IO, ERR_CRYPTO. */
int journal_correct_decode(struct journal *journal, uint32_t seq, const uint8_t raw[JOURNAL_RECORD_LEN],
                           struct journal_record *record) MUST_USE;

#endif
