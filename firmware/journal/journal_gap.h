/*
 * Gap records: each states which records were dropped for lack of room, and how many passages were among
 * them. Only for journal*.c. Blocks for reads of the dropped sector; see journal_poll.
 */
#ifndef FIRMWARE_JOURNAL_JOURNAL_GAP_H
#define FIRMWARE_JOURNAL_JOURNAL_GAP_H

#include "firmware/journal/journal_state.h"

/* Logs that all records up to number last are about to be dropped, unless a gap record says so already.
 * The gap is written before the erase: a power cut between the two leaves a gap for records that are
 * still there, but never a loss without a gap. If there is no head now (its sector failed early), the
 * gap waits for one. Returns ERR_OK, ERR_IO, ERR_CRYPTO. */
int journal_gap_tell(struct journal *journal, uint32_t last) MUST_USE;

/* Finds, once after a mount, a loss that had to wait for a head and was not logged because power failed.
 * The count of its passages is unknown. Returns ERR_OK, ERR_IO, ERR_CRYPTO. */
int journal_gap_find_untold(struct journal *journal) MUST_USE;

/* Logs the gap that waits, when there is a head again. */
void journal_gap_tell_waiting(struct journal *journal);

#endif
