/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retention: erases the oldest sector when all its records are acknowledged and its oldest record is past the
 * retention period. This includes the sector of the head if it is the oldest, because there may be no tap for
 * a whole summer. Only for journal*.c. A step blocks for reads of 1 KiB or for one program of 256 bytes; it
 * does not wait for an erase.
 */
#ifndef FIRMWARE_JOURNAL_JOURNAL_RETENTION_H
#define FIRMWARE_JOURNAL_JOURNAL_RETENTION_H

#include "firmware/journal/journal_state.h"

/* Does one step of the retention. When it starts an erase, it moves the tail, and the head if that is in the
 * sector. A sector that cannot be erased is overwritten with zeros. Call in idle time. Returns ERR_OK
 * (nothing to do), ERR_BUSY (call again). */
int journal_forget_poll(struct journal *journal);

/* Returns true while retention erases, checks or overwrites a sector. Nothing else may be erased or prepared
 * until it is done. */
bool journal_forget_holds_chip(const struct journal *journal);

#endif
