/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_gap.h"

#include "firmware/base/bytes.h"
#include "firmware/journal/journal_correct.h"
#include "firmware/journal/journal_head.h"
#include "firmware/journal/journal_sector.h"

enum {
    GAP_PIECE_RECORDS = 8,
    SUM_PIECES = 4,   /* summed up in one call */
    LOOK_PIECES = 16, /* searched for a gap in one call: few of these records are checked */
    /* The newest gap is in the sector of the head or the one before, unless worn sectors lie between. */
    GAP_SECTORS_BACK = 6,
};

/* Adds a record that is about to be dropped. A dropped gap record passes on its content. A gap that was
 * logged twice, because power failed between the gap record and the erase, counts once. */
static int add_to_gap(struct journal *journal, uint32_t seq, const uint8_t raw[JOURNAL_RECORD_LEN])
{
    struct journal_gap_sum *sum = &journal->gap.sum;
    struct journal_record record;
    enum journal_kind kind = journal_kind_near(raw[JOURNAL_RECORD_KIND_AT]);
    if (kind != JOURNAL_GRANTED && kind != JOURNAL_GAP)
        return ERR_OK;
    int result = journal_correct_decode(journal, seq, raw, &record);
    if (result != ERR_OK)
        return result == ERR_CORRUPT ? ERR_OK : result;
    if (record.kind == JOURNAL_GRANTED) {
        sum->gap.count++;
        return ERR_OK;
    }
    if (record.dropped.last != sum->told_last)
        sum->gap.count += record.ref;
    sum->gap.more = sum->gap.more || record.flags & JOURNAL_FLAG_UNCOUNTED;
    if (record.dropped.first < sum->gap.first)
        sum->gap.first = record.dropped.first;
    sum->told_last = record.dropped.last;
    return ERR_OK;
}

/* Adds the records of one read: up to the end of their sector, and to the last one that is dropped. */
static int add_piece(struct journal *journal)
{
    uint8_t piece[GAP_PIECE_RECORDS * JOURNAL_RECORD_LEN];
    struct journal_gap_sum *sum = &journal->gap.sum;
    uint32_t left = journal->per_sector - (sum->next - 1) % journal->per_sector;
    uint32_t records = sum->gap.last - sum->next + 1 < left ? sum->gap.last - sum->next + 1 : left;
    records = records < GAP_PIECE_RECORDS ? records : GAP_PIECE_RECORDS;
    int result = journal_flash_read(journal, journal_place_address(journal, sum->next), piece,
                                    records * JOURNAL_RECORD_LEN);
    for (uint32_t i = 0; i < records && result == ERR_OK; i++)
        result = add_to_gap(journal, sum->next + i, piece + i * JOURNAL_RECORD_LEN);
    sum->next += records;
    return result;
}

static int start_sum(struct journal *journal, uint32_t last)
{
    enum journal_header_state header;
    uint32_t seen, unacked = journal->acked_seq + 1;
    uint32_t first = journal->tail_seq > unacked ? journal->tail_seq : unacked;
    int result = journal_header_read(journal, journal_ordinal_of(journal, last), &header, &seen);
    /* Without a valid header the erase of the sector may have begun. Its records may then be incomplete. */
    journal->gap.sum = (struct journal_gap_sum){
        .gap = {.first = first, .last = last, .more = header != JOURNAL_HEADER_VALID},
        .next = first,
        .unacked = unacked,
    };
    return result;
}

/* Counts the passages in the unacknowledged records up to number last, which are about to be dropped: some of
 * them in each call. Returns ERR_OK, ERR_BUSY (call again), ERR_IO, ERR_CRYPTO. */
static int sum_gap(struct journal *journal, uint32_t last)
{
    struct journal_gap_sum *sum = &journal->gap.sum;
    int result = ERR_OK;
    if (sum->gap.last != last || sum->unacked != journal->acked_seq + 1)
        result = start_sum(journal, last);
    for (int pieces = 0; pieces < SUM_PIECES && sum->next <= last && result == ERR_OK; pieces++)
        result = add_piece(journal);
    if (result != ERR_OK)
        sum->gap.last = 0; /* from the start */
    return result == ERR_OK && sum->next <= last ? ERR_BUSY : result;
}

/* Reads the last records before look_seq, eight at most, and notes the newest gap among them. Returns ERR_OK
 * (it is found, or there is none from number first on), ERR_BUSY (call again), ERR_IO. */
static int look_at_piece(struct journal *journal, uint32_t first)
{
    uint8_t piece[GAP_PIECE_RECORDS * JOURNAL_RECORD_LEN];
    uint32_t seq = journal->gap.look_seq;
    uint32_t records = (seq - 2) % journal->per_sector + 1; /* a piece begins with its sector */
    records = records < GAP_PIECE_RECORDS ? records : GAP_PIECE_RECORDS;
    records = records < seq - first ? records : seq - first;
    seq -= records;
    int result =
        journal_flash_read(journal, journal_place_address(journal, seq), piece, records * JOURNAL_RECORD_LEN);
    if (result != ERR_OK)
        return result;
    for (uint32_t i = records; i > 0; i--) {
        struct journal_record record;
        const uint8_t *raw = piece + (i - 1) * JOURNAL_RECORD_LEN;
        if (journal_kind_near(raw[JOURNAL_RECORD_KIND_AT]) != JOURNAL_GAP ||
            journal_correct_decode(journal, seq + i - 1, raw, &record) != ERR_OK)
            continue;
        journal->gap.told_last = record.dropped.last;
        return ERR_OK;
    }
    journal->gap.look_seq = seq;
    return seq > first ? ERR_BUSY : ERR_OK;
}

/* Finds the last number of the newest logged gap, some pieces in each call. Returns ERR_OK, ERR_BUSY (call
 * again), ERR_IO. */
static int find_told(struct journal *journal)
{
    uint32_t kept = journal->head_seq - journal->tail_seq;
    uint32_t most = GAP_SECTORS_BACK * journal->per_sector;
    uint32_t first = kept < most ? journal->tail_seq : journal->head_seq - most;
    int result = ERR_BUSY;
    if (journal->gap.look_seq == 0) {
        journal->gap.look_seq = journal->head_seq;
        journal->gap.told_last = 0;
    }
    if (journal->gap.look_seq <= first)
        return ERR_OK;
    for (int pieces = 0; pieces < LOOK_PIECES && result == ERR_BUSY; pieces++)
        result = look_at_piece(journal, first);
    return result;
}

/* Finds out whether a gap up to this number is logged or waits. It is if power failed between the gap
 * record and the erase. Returns ERR_OK, ERR_BUSY (call again), ERR_IO. */
static int is_told(struct journal *journal, uint32_t last, bool *told)
{
    *told = false;
    if (!journal->gap.told_is_known) {
        int result = find_told(journal);
        journal->gap.told_is_known = result == ERR_OK;
        return result == ERR_OK ? ERR_BUSY : result; /* enough for one call */
    }
    *told = journal->gap.told_last >= last || journal->gap.untold_last >= last;
    return ERR_OK;
}

static int append_gap(struct journal *journal, const struct journal_gap_range *gap)
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
    bool told;
    int result = is_told(journal, last, &told);
    if (result != ERR_OK || told)
        return result;
    result = sum_gap(journal, last);
    if (result != ERR_OK)
        return result;
    struct journal_gap_range gap = journal->gap.sum.gap;
    journal->gap.sum.gap.last = 0;
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
    struct journal_gap_range gap = {journal->gap.untold_first, journal->gap.untold_last,
                                    journal->gap.untold_count, journal->gap.untold_more};
    if (gap.last == 0 || append_gap(journal, &gap) != ERR_OK)
        return;
    journal->gap.untold_first = journal->gap.untold_last = journal->gap.untold_count = 0;
    journal->gap.untold_more = false;
}
