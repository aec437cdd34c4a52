/* SPDX-License-Identifier: Apache-2.0 */
/* Finds tail and head in a region, whatever it contains. Only for journal*.c. Blocks as journal_mount
 * does. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_MOUNT_H
#define FIRMWARE_JOURNAL_JOURNAL_MOUNT_H

#include "firmware/journal/journal_state.h"

/* Finds tail and head. It also forgets which gaps were told and which sector was cleared, so that both are
 * read from flash again. Returns ERR_OK, ERR_IO, ERR_CRYPTO. */
int journal_find_ends(struct journal *journal) MUST_USE;

#endif
