/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_gap.h"

#include "firmware/base/bytes.h"
#include "firmware/journal/journal_head.h"
#include "firmware/journal/journal_sector.h"

enum {
    GAP_PIECE_RECORDS = 8,
    /* The newest gap is in the sector of the head or the one before, unless worn sectors lie between. */
    GAP_SECTORS_BACK = 6,
};

struct gap {
    uint32_t first, last; /* all numbers in this range are dropped */
    uint32_t count;       /* passages counted in this gap and in no other */
    bool more;            /* and passages that were not counted */
};

/* Adds a record that is about to be dropped. A dropped gap record passes on its content. A gap that was
 * logged twice, because power failed between the gap record and the erase, counts once. */
static void add_to_gap(struct journal *journal, struct gap *gap, const uint8_t raw[JOURNAL_RECORD_LEN],
                       uint32_t *told_last)
{
    struct journal_record record;
    /* A passage is recognised by its kind alone. A damaged record of this kind counts too. */
    if (raw[JOURNAL_RECORD_KIND_AT] == JOURNAL_GRANTED)
        gap->count++;
    if (raw[JOURNAL_RECORD_KIND_AT] != JOURNAL_GAP ||
        journal_record_decode(&record, &journal->mac, raw) != ERR_OK)
        return;
    if (record.dropped.last != *told_last)
        gap->count += record.ref;
    gap->more = gap->more || record.flags & JOURNAL_FLAG_UNCOUNTED;
    if (record.dropped.first < gap->first)
        gap->first = record.dropped.first;
    *told_last = record.dropped.last;
}

/* Counts the passages in the unacknowledged records up to number last, which are about to be dropped. */
static int sum_gap(struct journal *journal, uint32_t last, struct gap *gap)
{
    uint8_t piece[GAP_PIECE_RECORDS * JOURNAL_RECORD_LEN];
    uint32_t unacked = journal->acked_seq + 1, told_last = 0;
    uint32_t seq = journal->tail_seq > unacked ? journal->tail_seq : unacked, seen;
    enum journal_header_state header;
    int result = journal_header_read(journal, journal_ordinal_of(journal, last), &header, &seen);
    if (result != ERR_OK)
        return result;
    /* Without a valid header the erase of the sector may have begun. Its records may then be incomplete. */
    *gap = (struct gap){.first = seq, .last = last, .more = header != JOURNAL_HEADER_VALID};
    while (seq <= last) {
        uint32_t left =
            journal->per_sector - (seq - 1) % journal->per_sector; /* a piece ends with its sector */
        uint32_t records = last - seq + 1 < left ? last - seq + 1 : left;
        records = records < GAP_PIECE_RECORDS ? records : GAP_PIECE_RECORDS;
        result = journal_flash_read(journal, journal_place_address(journal, seq), piece,
                                    records * JOURNAL_RECORD_LEN);
        if (result != ERR_OK)
            return result;
        for (uint32_t i = 0; i < records; i++)
            add_to_gap(journal, gap, piece + i * JOURNAL_RECORD_LEN, &told_last);
        seq += records;
    }
    return ERR_OK;
}

/* Finds the last number of the newest logged gap; 0: none. */
static int find_told(struct journal *journal, uint32_t *last)
{
    uint8_t piece[GAP_PIECE_RECORDS * JOURNAL_RECORD_LEN];
    uint32_t back = journal->head_seq - journal->tail_seq;
    uint32_t most = GAP_SECTORS_BACK * journal->per_sector;
    uint32_t seq = journal->head_seq, first = back < most ? journal->tail_seq : journal->head_seq - most;
    *last = 0;
    while (seq > first) {
        uint32_t records = (seq - 2) % journal->per_sector + 1; /* a piece begins with its sector */
        records = records < GAP_PIECE_RECORDS ? records : GAP_PIECE_RECORDS;
        records = records < seq - first ? records : seq - first;
        seq -= records;
        int result = journal_flash_read(journal, journal_place_address(journal, seq), piece,
                                        records * JOURNAL_RECORD_LEN);
        for (uint32_t i = records; i > 0 && result == ERR_OK; i--) {
            struct journal_record record;
            const uint8_t *raw = piece + (i - 1) * JOURNAL_RECORD_LEN;
            if (raw[JOURNAL_RECORD_KIND_AT] != JOURNAL_GAP ||
                journal_record_decode(&record, &journal->mac, raw) != ERR_OK || record.seq != seq + i - 1)
                continue;
            *last = record.dropped.last;
            return ERR_OK;
        }
        if (result != ERR_OK)
            return result;
    }
    return ERR_OK;
}

/* Finds out whether a gap up to this number is logged or waits. It is if power failed between the gap
 * record and the erase. */
static int is_told(struct journal *journal, uint32_t last, bool *told)
{
    int result = journal->gap.told_is_known ? ERR_OK : find_told(journal, &journal->gap.told_last);
    journal->gap.told_is_known = result == ERR_OK;
    *told = journal->gap.told_last >= last || journal->gap.untold_last >= last;
    return result;
}

static int append_gap(struct journal *journal, const struct gap *gap)
{
    struct journal_record record = journal->stamp;
    uint32_t seq;
    record.kind = JOURNAL_GAP;
    record.ref = gap->count;
    record.flags |= gap->more ? JOURNAL_FLAG_UNCOUNTED : 0;
    record.dropped = (struct journal_range){gap->first, gap->last};
    int result = journal_append_at_head(journal, &record, &seq);
    if (result == ERR_OK)
        journal->gap.told_last = gap->last;
    return result;
}

int journal_gap_tell(struct journal *journal, uint32_t last)
{
    struct gap gap;
    bool told;
    int result = is_told(journal, last, &told);
    if (result != ERR_OK || told)
        return result;
    result = sum_gap(journal, last, &gap);
    if (result != ERR_OK)
        return result;
    if (journal->head_ready) {
        result = append_gap(journal, &gap);
        if (result == ERR_OK || journal->head_ready)
            return result;
    }
    if (journal->gap.untold_last == 0)
        journal->gap.untold_first = gap.first;
    journal->gap.untold_last = gap.last;
    journal->gap.untold_count += gap.count;
    journal->gap.untold_more = journal->gap.untold_more || gap.more;
    return ERR_OK;
}

int journal_gap_find_untold(struct journal *journal)
{
    uint32_t head = journal_ordinal_of(journal, journal->head_seq);
    uint32_t tail = journal_ordinal_of(journal, journal->tail_seq), last = journal->tail_seq - 1;
    bool told = true;
    if (journal->gap.looked_for_untold)
        return ERR_OK;
    if (tail > 0 && head + 2 >= tail + journal->sector_count && last > journal->acked_seq) {
        int result = is_told(journal, last, &told);
        if (result != ERR_OK)
            return result;
    }
    journal->gap.looked_for_untold = true;
    if (told)
        return ERR_OK;
    uint32_t first = journal_first_seq_of(journal, tail - 1);
    if (journal->gap.told_last != 0 || first <= journal->acked_seq)
        first =
            (journal->gap.told_last > journal->acked_seq ? journal->gap.told_last : journal->acked_seq) + 1;
    journal->gap.untold_first = first;
    journal->gap.untold_last = last;
    journal->gap.untold_more = true;
    if (journal->head_ready)
        journal_gap_tell_waiting(journal);
    return ERR_OK;
}

void journal_gap_tell_waiting(struct journal *journal)
{
    struct gap gap = {journal->gap.untold_first, journal->gap.untold_last, journal->gap.untold_count,
                      journal->gap.untold_more};
    if (gap.last == 0 || append_gap(journal, &gap) != ERR_OK)
        return;
    journal->gap.untold_first = journal->gap.untold_last = journal->gap.untold_count = 0;
    journal->gap.untold_more = false;
}
