/* Finding tail and head in a region, whatever it holds. For journal*.c alone. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_MOUNT_H
#define FIRMWARE_JOURNAL_JOURNAL_MOUNT_H

#include "firmware/journal/journal_state.h"

/* journal_mount's part: finds tail and head. @retval ERR_OK, ERR_IO, ERR_CRYPTO. */
int journal_find_ends(struct journal *journal) MUST_USE;

#endif
