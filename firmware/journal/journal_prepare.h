/* SPDX-License-Identifier: Apache-2.0 */
/* Prepares the next sector: drops its old records, erases it and writes its header. Only for journal*.c.
 * Blocks as journal_poll does. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_PREPARE_H
#define FIRMWARE_JOURNAL_JOURNAL_PREPARE_H

#include "firmware/journal/journal_state.h"

/* Does one step of the preparation. If the sector fails, it is skipped and the one after it is prepared. When
 * the sector is ready, it becomes the head or the one after the head, and the untold gap (journal_gap.h) is
 * told. Returns the results of journal_poll. */
int journal_prepare_poll(struct journal *journal) MUST_USE;

#endif
