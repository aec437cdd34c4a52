/* Finds tail and head in a region, whatever it contains. Only for journal*.c. Blocks for its reads. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_MOUNT_H
#define FIRMWARE_JOURNAL_JOURNAL_MOUNT_H

#include "firmware/journal/journal_state.h"

/* Finds tail and head. Returns ERR_OK, ERR_IO, ERR_CRYPTO. */
int journal_find_ends(struct journal *journal) MUST_USE;

#endif
