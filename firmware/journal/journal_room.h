/* SPDX-License-Identifier: Apache-2.0 */
/* The room left before a sector must be dropped, and whether the policy allows that. Only for
 * journal*.c. Nothing blocks. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_ROOM_H
#define FIRMWARE_JOURNAL_JOURNAL_ROOM_H

#include "firmware/journal/journal_state.h"

/* Returns the ordinal of the sector to prepare next. */
uint32_t journal_ordinal_to_prepare(const struct journal *journal);

/* Returns the last number in the sector that must be dropped before an ordinal can be prepared; 0: none. */
uint32_t journal_victim_last_seq(const struct journal *journal, uint32_t ordinal);

/* Returns the count of free places in the sector of the head. */
uint32_t journal_places_left(const struct journal *journal);

/* Returns true if the policy forbids to drop the sector that more room would need. */
bool journal_must_refuse(const struct journal *journal);

/* Returns true if the remaining places of the head's sector are reserved for a gap record: the next sector is
 * not prepared, and records that are not acknowledged will be dropped to prepare it. */
bool journal_must_keep_room(const struct journal *journal);

#endif
