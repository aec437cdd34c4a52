/*
 * Retention: the oldest sector is erased once all in it is acknowledged and its oldest record is past the
 * retention, the head's own sector as well, where it is the oldest (no tap may come for a whole summer). For
 * journal*.c alone.
 */
#ifndef FIRMWARE_JOURNAL_JOURNAL_RETENTION_H
#define FIRMWARE_JOURNAL_JOURNAL_RETENTION_H

#include "firmware/journal/journal_state.h"

/* Retention, in idle time. @retval ERR_OK (nothing to do), ERR_BUSY. */
int journal_forget_poll(struct journal *journal);

/* An erase of retention's is under way: nothing else may be erased or prepared until it is over. */
bool journal_forget_holds_chip(const struct journal *journal);

#endif
