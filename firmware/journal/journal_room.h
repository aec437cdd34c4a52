/* How much room is left before a sector must be dropped, and whether that is allowed. For journal*.c
 * alone. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_ROOM_H
#define FIRMWARE_JOURNAL_JOURNAL_ROOM_H

#include "firmware/journal/journal_state.h"

/* The sector that is to be prepared next. */
uint32_t journal_ordinal_to_prepare(const struct journal *journal);

/* The last number in the sector that must go before an ordinal can be prepared; 0: none stands there. */
uint32_t journal_victim_last_seq(const struct journal *journal, uint32_t ordinal);

/* Places left in the sector of the head. */
uint32_t journal_places_left(const struct journal *journal);

/* Whether the policy forbids to drop what would have to go for more room. */
bool journal_must_refuse(const struct journal *journal);

/* Whether the places left before a sector is dropped are only for telling of it. */
bool journal_must_keep_room(const struct journal *journal);

#endif
