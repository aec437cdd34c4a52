/* SPDX-License-Identifier: Apache-2.0 */
/* The head of the ring, where the next record is written. Only for journal*.c. journal_append_at_head blocks
 * as journal_append does. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_HEAD_H
#define FIRMWARE_JOURNAL_JOURNAL_HEAD_H

#include "firmware/journal/journal_state.h"

/* Moves the head to the first place of the next sector. If that sector is not prepared, there is no head
 * until it is (head_ready is false). The places left in the sector before stay unused. */
void journal_enter_next_sector(struct journal *journal);

/* Does the same as journal_append, but also uses the places reserved for gap records. Returns the same
 * results. */
int journal_append_at_head(struct journal *journal, const struct journal_record *record,
                           uint32_t *seq) MUST_USE;

#endif
