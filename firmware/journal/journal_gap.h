/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gap records: each states which records were dropped for lack of room, and how many passages were among
 * them. Only for journal*.c.
 *
 * The head here is the sector that can take records. There is none while the sector of the next record is not
 * prepared. To tell a gap means to append its gap record. An untold gap is one that waits in memory until
 * there is a head.
 *
 * A call blocks for the reads and checks of 32 records (2.2 ms on a Cortex-M3 at 142 MHz, more if some are
 * damaged: journal_correct.h) or for one append (journal_append). The first calls after a mount look for the
 * newest gap record, 4 KiB of records in each.
 */
#ifndef FIRMWARE_JOURNAL_JOURNAL_GAP_H
#define FIRMWARE_JOURNAL_JOURNAL_GAP_H

#include "firmware/journal/journal_state.h"

/* Tells that the records from the oldest one not acknowledged to number last are about to be dropped. Does
 * nothing if a gap record, or the untold gap, says so already. A passage counts if its record can be read.
 *
 * Call it before the erase. If it returns an error, do not erase. Power may fail between the gap record and
 * the erase: then there is a gap record for records that are still there. ERR_BUSY: call again, the records
 * are counted piece by piece. If there is no head (its sector failed early), ERR_OK only means that the gap
 * waits in memory. If power then fails after the erase, journal_gap_find_untold finds the loss at the next
 * start, but the count of its passages is lost. Returns ERR_OK, ERR_BUSY, ERR_IO, ERR_CRYPTO. */
int journal_gap_tell(struct journal *journal, uint32_t last) MUST_USE;

/* Finds, once after a mount, a loss whose gap had to wait for a head and was lost because power failed. The
 * count of its passages is unknown. Appends its gap record if there is a head; otherwise, or if that fails,
 * the gap waits. Returns ERR_OK (also if there is no such loss, and in each later call), ERR_BUSY (call
 * again), ERR_IO, ERR_CRYPTO. */
int journal_gap_find_untold(struct journal *journal) MUST_USE;

/* Appends the gap record of the untold gap, if there is one. Call it when there is a head again. If the
 * append fails, the gap waits on. */
void journal_gap_tell_waiting(struct journal *journal);

#endif
