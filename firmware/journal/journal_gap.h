/* Gaps: passages that are dropped for want of room are told, with their count, in a record of its own. For
 * journal*.c alone. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_GAP_H
#define FIRMWARE_JOURNAL_JOURNAL_GAP_H

#include "firmware/journal/journal_state.h"

/* Tells that everything up to number last is about to be dropped, unless that was told. Before it happens: a
 * cut between the two leaves a gap told of records still there, never a loss untold. Without a head (it wore
 * out before its time) there is nowhere to tell it yet, and it waits for one. @retval ERR_OK, ERR_IO,
 * ERR_CRYPTO. */
int journal_gap_tell(struct journal *journal, uint32_t last) MUST_USE;

/* Once since mount: a loss that could only be told afterwards, and was not, for the power went in between.
 * How many passages it was is not known any more. @retval ERR_OK, ERR_IO, ERR_CRYPTO. */
int journal_gap_find_untold(struct journal *journal) MUST_USE;

/* There is a head again: tells what waits. */
void journal_gap_tell_waiting(struct journal *journal);

#endif
