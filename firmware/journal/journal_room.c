/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_room.h"

#include "firmware/journal/journal_sector.h"

enum {
    GAP_PLACES = 8, /* reserved for a gap record, including torn programs */
};

uint32_t journal_ordinal_to_prepare(const struct journal *journal)
{
    return journal->head_ready ? journal->next_ordinal : journal_ordinal_of(journal, journal->head_seq);
}

uint32_t journal_victim_last_seq(const struct journal *journal, uint32_t ordinal)
{
    if (ordinal < journal->sector_count)
        return 0;
    uint32_t last = journal_first_seq_of(journal, ordinal - journal->sector_count) + journal->per_sector - 1;
    return last >= journal->tail_seq ? last : 0;
}

bool journal_must_refuse(const struct journal *journal)
{
    return journal->full_policy == JOURNAL_REFUSE &&
           journal_victim_last_seq(journal, journal_ordinal_to_prepare(journal)) > journal->acked_seq;
}

uint32_t journal_places_left(const struct journal *journal)
{
    return journal->per_sector - (journal->head_seq - 1) % journal->per_sector;
}

bool journal_must_keep_room(const struct journal *journal)
{
    return journal->head_ready && !journal->next_ready && journal_places_left(journal) <= GAP_PLACES &&
           journal->full_policy == JOURNAL_DROP_OLDEST &&
           journal_victim_last_seq(journal, journal->next_ordinal) > journal->acked_seq;
}
