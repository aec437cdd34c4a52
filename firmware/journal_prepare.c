/* The sector ahead of the head: what goes for it, how that is told, its erase and its header. */
#include <string.h>

#include "firmware/bytes.h"
#include "firmware/journal_sector.h"

enum {
    CHECK_PIECE_LEN = 256, /* read at once when looking whether a sector is blank */
    CHECK_POLL_LEN = 4096, /* looked at in one poll */
    GAP_PIECE_RECORDS = 8,
    GAP_PLACES = 8,    /* kept for a gap to be told in, torn programs included */
    READY_PLACES = 24, /* the events of a start, and a few taps while the sector ahead is erased */
};

static uint32_t ordinal_to_prepare(const struct journal *journal)
{
    return journal->head_ready ? journal->next_ordinal : journal_ordinal_of(journal, journal->head_seq);
}

/* The last number in the sector that must go before an ordinal can be prepared; 0: none stands there. */
static uint32_t victim_last_seq(const struct journal *journal, uint32_t ordinal)
{
    if (ordinal < journal->sector_count)
        return 0;
    uint32_t last = journal_first_seq_of(journal, ordinal - journal->sector_count) + journal->per_sector - 1;
    return last >= journal->tail_seq ? last : 0;
}

bool journal_must_refuse(const struct journal *journal)
{
    return journal->full_policy == JOURNAL_REFUSE &&
           victim_last_seq(journal, ordinal_to_prepare(journal)) > journal->acked_seq;
}

static uint32_t places_left(const struct journal *journal)
{
    return journal->per_sector - (journal->head_seq - 1) % journal->per_sector;
}

bool journal_is_ready(const struct journal *journal)
{
    return journal_must_refuse(journal) ||
           (journal->head_ready && (journal->next_ready || places_left(journal) >= READY_PLACES));
}

bool journal_must_keep_room(const struct journal *journal)
{
    return journal->head_ready && !journal->next_ready && places_left(journal) <= GAP_PLACES &&
           journal->full_policy == JOURNAL_DROP_OLDEST &&
           victim_last_seq(journal, journal->next_ordinal) > journal->acked_seq;
}

/* ---- gaps ---- */

struct gap {
    uint32_t first, last; /* numbers within which everything is gone */
    uint32_t count;       /* passages told by this gap and by no other */
};

/* A gap that goes itself hands on what it told. The same gap told twice (a cut between telling and erasing)
 * counts once. */
static void add_to_gap(struct journal *journal, struct gap *gap, const uint8_t raw[JOURNAL_RECORD_LEN],
                       uint32_t *told_last)
{
    struct journal_record record;
    /* Passages by their kind alone: the records are about to go, and a damaged one is worth a count too. */
    if (raw[JOURNAL_RECORD_KIND_AT] == JOURNAL_GRANTED)
        gap->count++;
    if (raw[JOURNAL_RECORD_KIND_AT] != JOURNAL_GAP ||
        journal_record_decode(&record, &journal->mac, raw) != ERR_OK)
        return;
    uint32_t first = bytes_get_u32(record.tag.bytes), last = bytes_get_u32(record.tag.bytes + 4);
    if (last != *told_last)
        gap->count += record.ref;
    if (first < gap->first)
        gap->first = first;
    *told_last = last;
}

/* Sums up the unacknowledged records up to number last, which are about to go. */
static int sum_gap(struct journal *journal, uint32_t last, struct gap *gap)
{
    uint8_t piece[GAP_PIECE_RECORDS * JOURNAL_RECORD_LEN];
    uint32_t unacked = journal->acked_seq + 1, told_last = 0;
    uint32_t seq = journal->tail_seq > unacked ? journal->tail_seq : unacked;
    *gap = (struct gap){.first = seq, .last = last};
    while (seq <= last) {
        uint32_t left =
            journal->per_sector - (seq - 1) % journal->per_sector; /* pieces end with the sector */
        uint32_t records = last - seq + 1 < left ? last - seq + 1 : left;
        records = records < GAP_PIECE_RECORDS ? records : GAP_PIECE_RECORDS;
        int result = journal_flash_read(journal, journal_place_address(journal, seq), piece,
                                        records * JOURNAL_RECORD_LEN);
        if (result != ERR_OK)
            return result;
        for (uint32_t i = 0; i < records; i++)
            add_to_gap(journal, gap, piece + i * JOURNAL_RECORD_LEN, &told_last);
        seq += records;
    }
    return ERR_OK;
}

/* Whether the record before the head tells this gap: it was told, and the power went before the erase. */
static bool is_told(struct journal *journal, uint32_t last)
{
    struct journal_record record;
    return journal_read(journal, journal->head_seq - 1, &record) == ERR_OK && record.kind == JOURNAL_GAP &&
           bytes_get_u32(record.tag.bytes + 4) == last;
}

static int append_gap(struct journal *journal, const struct gap *gap)
{
    struct journal_record record = journal->stamp;
    uint32_t seq;
    record.kind = JOURNAL_GAP;
    record.ref = gap->count;
    bytes_put_u32(record.tag.bytes, gap->first);
    bytes_put_u32(record.tag.bytes + 4, gap->last);
    return journal_append_at_head(journal, &record, &seq);
}

/* Tells a loss before it happens: a cut between the two leaves a gap told of records still there, never a
 * loss untold. Without a head (it wore out before its time) there is nowhere to tell it yet. */
static int tell_gap(struct journal *journal, uint32_t last)
{
    struct gap gap;
    if (is_told(journal, last))
        return ERR_OK;
    int result = sum_gap(journal, last, &gap);
    if (result != ERR_OK)
        return result;
    if (journal->head_ready) {
        result = append_gap(journal, &gap);
        if (result == ERR_OK || journal->head_ready)
            return result;
    }
    if (journal->untold_last == 0)
        journal->untold_first = gap.first;
    journal->untold_last = gap.last;
    journal->untold_count += gap.count;
    return ERR_OK;
}

static void tell_untold_gap(struct journal *journal)
{
    struct gap gap = {journal->untold_first, journal->untold_last, journal->untold_count};
    if (gap.last != 0 && append_gap(journal, &gap) == ERR_OK)
        journal->untold_first = journal->untold_last = journal->untold_count = 0;
}

/* ---- the sector ahead ---- */

/* Gives a sector up: zeros over its header, so that no later start takes what it held for a header. */
static void pass_over(struct journal *journal, uint32_t ordinal)
{
    static const uint8_t zeros[JOURNAL_RECORD_LEN];
    int result = journal->flash->program(journal->flash->ctx, journal_sector_address(journal, ordinal), zeros,
                                         sizeof zeros);
    (void)result; /* a sector that takes not even zeros stays what it was: damaged */
    journal->bad_sector_count++;
    journal->bad_in_a_row++;
    journal->stage = JOURNAL_RESTING;
    if (journal->head_ready) {
        journal->next_ordinal++;
    } else {
        journal->head_seq = journal_first_seq_of(journal, ordinal + 1);
        journal->next_ordinal = ordinal + 2;
    }
}

/* Before anything is erased: if a sector is there that we do not know of, mount was told lies by the chip. */
static int look_before_erase(struct journal *journal, uint32_t ordinal)
{
    enum journal_header_state state;
    uint32_t seen;
    int result = journal_header_read(journal, ordinal, &state, &seen);
    if (result != ERR_OK || state != JOURNAL_HEADER_VALID || journal->looked_again)
        return result;
    bool below_tail = seen + journal->sector_count == ordinal && victim_last_seq(journal, ordinal) == 0 &&
                      journal->cleared_ordinal != ordinal;
    if (seen < ordinal && !below_tail)
        return ERR_OK;
    journal->looked_again = true;
    result = journal_find_ends(journal);
    return result == ERR_OK ? ERR_BUSY : result;
}

static int start_preparing(struct journal *journal, uint32_t ordinal)
{
    int result = look_before_erase(journal, ordinal);
    if (result != ERR_OK)
        return result;
    uint32_t last = victim_last_seq(journal, ordinal);
    if (last > journal->acked_seq) {
        if (journal->full_policy == JOURNAL_REFUSE)
            return ERR_NO_SPACE;
        result = tell_gap(journal, last);
        if (result != ERR_OK)
            return result;
    }
    if (last != 0)
        journal->tail_seq = last + 1;
    journal->cleared_ordinal = ordinal;
    result = journal->flash->erase_start(journal->flash->ctx, journal_sector_address(journal, ordinal));
    if (result == ERR_OK)
        journal->stage = JOURNAL_ERASING;
    else if (result != ERR_BUSY) /* busy: somebody else's erase is running */
        pass_over(journal, ordinal);
    return ERR_BUSY;
}

static int check_blank(struct journal *journal, uint32_t ordinal)
{
    uint8_t piece[CHECK_PIECE_LEN];
    uint32_t sector = journal_sector_address(journal, ordinal);
    for (uint32_t done = 0; done < CHECK_POLL_LEN; done += sizeof piece) {
        int result = journal_flash_read(journal, sector + journal->checked_len, piece, sizeof piece);
        if (result != ERR_OK)
            return result;
        if (!journal_is_blank(piece, sizeof piece))
            return ERR_CORRUPT;
        journal->checked_len += sizeof piece;
    }
    return journal->checked_len < journal->flash->geometry->sector_size ? ERR_BUSY : ERR_OK;
}

static int write_header(struct journal *journal, uint32_t ordinal)
{
    uint8_t header[JOURNAL_RECORD_LEN], seen[JOURNAL_RECORD_LEN];
    uint32_t addr = journal_sector_address(journal, ordinal);
    int result = journal_header_encode(journal, ordinal, header);
    if (result != ERR_OK)
        return result;
    result = journal->flash->program(journal->flash->ctx, addr, header, sizeof header);
    if (result != ERR_OK || journal_flash_read(journal, addr, seen, sizeof seen) != ERR_OK ||
        memcmp(header, seen, sizeof seen) != 0)
        return ERR_CORRUPT;
    journal->stage = JOURNAL_RESTING;
    journal->bad_in_a_row = 0;
    if (journal->head_ready)
        journal->next_ready = true;
    else
        journal->head_ready = true;
    tell_untold_gap(journal);
    return ERR_BUSY;
}

int journal_poll(struct journal *journal)
{
    int result;
    if (journal_forget_holds_chip(journal) || (journal->head_ready && journal->next_ready))
        return journal_forget_poll(journal);
    uint32_t ordinal = ordinal_to_prepare(journal);
    switch (journal->stage) {
    case JOURNAL_RESTING:
        if (journal->bad_in_a_row >= journal->sector_count)
            return ERR_IO; /* the whole ring was tried and took nothing */
        return start_preparing(journal, ordinal);
    case JOURNAL_ERASING:
        result = journal->flash->erase_poll(journal->flash->ctx);
        if (result == ERR_OK) {
            journal->checked_len = 0;
            journal->stage = JOURNAL_CHECKING;
        } else if (result != ERR_BUSY) {
            pass_over(journal, ordinal);
        }
        return ERR_BUSY;
    case JOURNAL_CHECKING:
        result = check_blank(journal, ordinal);
        if (result == ERR_OK)
            result = write_header(journal, ordinal);
        if (result == ERR_BUSY)
            return ERR_BUSY;
        pass_over(journal, ordinal);
        return ERR_BUSY;
    }
    return ERR_OK;
}
