#include "firmware/journal.h"

#include <string.h>

#include "firmware/bytes.h"
#include "firmware/journal_sector.h"

enum {
    CHECK_PIECE_LEN = 256, /* read at once when looking whether a sector is blank */
    CHECK_POLL_LEN = 4096, /* looked at in one poll */
    APPEND_TRIES = 8,      /* places tried before a record is given up */
    GAP_PIECE_RECORDS = 8,
};

int journal_mount(struct journal *journal, const struct flash *flash, uint32_t base, uint32_t len,
                  const uint8_t key[CRYPTO_KEY_LEN], uint32_t acked_seq)
{
    memset(journal, 0, sizeof *journal);
    journal->flash = flash;
    journal->base = base;
    journal->sector_count = len / flash->geometry->sector_size;
    journal->per_sector = flash->geometry->sector_size / JOURNAL_RECORD_LEN - 1;
    journal->acked_seq = acked_seq;
    if (journal->sector_count < 3)
        return ERR_ARGUMENT;
    int result = crypto_mac_init(&journal->mac, key);
    if (result != ERR_OK)
        return result;
    result = journal_find_ends(journal);
    if (result != ERR_OK)
        journal_unmount(journal);
    return result;
}

void journal_unmount(struct journal *journal)
{
    crypto_mac_free(&journal->mac);
}

static void enter_next_sector(struct journal *journal)
{
    journal->head_seq = journal_first_seq_of(journal, journal->next_ordinal);
    journal->head_ready = journal->next_ready;
    journal->next_ready = false;
    journal->next_ordinal++;
}

static void advance_head(struct journal *journal)
{
    if (journal->head_seq % journal->per_sector == 0)
        enter_next_sector(journal);
    else
        journal->head_seq++;
}

static bool must_refuse(const struct journal *journal);

int journal_append(struct journal *journal, const struct journal_record *record, uint32_t *seq)
{
    uint8_t stored[JOURNAL_RECORD_LEN], seen[JOURNAL_RECORD_LEN];
    bool blank_before = false;
    for (int tries = 0; tries < APPEND_TRIES; tries++) {
        if (!journal->head_ready)
            return must_refuse(journal) ? ERR_NO_SPACE : ERR_BUSY;
        struct journal_record numbered = *record;
        numbered.seq = journal->head_seq;
        int result = journal_record_encode(&numbered, &journal->mac, stored);
        if (result != ERR_OK)
            return result;
        uint32_t addr = journal_place_address(journal, journal->head_seq);
        result = journal->flash->program(journal->flash->ctx, addr, stored, sizeof stored);
        if (journal_flash_read(journal, addr, seen, sizeof seen) != ERR_OK)
            return ERR_IO;
        if (result == ERR_OK && memcmp(stored, seen, sizeof seen) == 0) {
            *seq = journal->head_seq;
            advance_head(journal);
            return ERR_OK;
        }
        if (journal_is_blank(seen, sizeof seen)) {
            /* Nothing was programmed: once more, then leave a sector that takes nothing. */
            if (blank_before)
                enter_next_sector(journal);
            blank_before = !blank_before;
            continue;
        }
        journal->unreadable_count++;
        advance_head(journal);
    }
    return ERR_IO;
}

/* ---- the sector ahead ---- */

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

static bool must_refuse(const struct journal *journal)
{
    return journal->full_policy == JOURNAL_REFUSE &&
           victim_last_seq(journal, ordinal_to_prepare(journal)) > journal->acked_seq;
}

/* Counts passages by their kind alone: the records are about to go, and a forged one is worth a count too. */
static int count_passages(struct journal *journal, uint32_t first, uint32_t last, uint32_t *count)
{
    uint8_t piece[GAP_PIECE_RECORDS * JOURNAL_RECORD_LEN];
    *count = 0;
    for (uint32_t seq = first; seq <= last;) {
        uint32_t records = last - seq + 1 < GAP_PIECE_RECORDS ? last - seq + 1 : GAP_PIECE_RECORDS;
        int result = journal_flash_read(journal, journal_place_address(journal, seq), piece,
                                        records * JOURNAL_RECORD_LEN);
        if (result != ERR_OK)
            return result;
        for (uint32_t i = 0; i < records; i++)
            *count += piece[i * JOURNAL_RECORD_LEN + 8] == JOURNAL_GRANTED;
        seq += records;
    }
    return ERR_OK;
}

/* Tells a loss before it happens: a cut between the two leaves a gap told of records still there, never a
 * loss untold. */
static int tell_gap(struct journal *journal, uint32_t last)
{
    uint32_t unacked = journal->acked_seq + 1;
    uint32_t first = journal->tail_seq > unacked ? journal->tail_seq : unacked, count, seq;
    int result = count_passages(journal, first, last, &count);
    if (result != ERR_OK)
        return result;
    struct journal_record gap = journal->stamp;
    gap.kind = JOURNAL_GAP;
    gap.ref = count;
    bytes_put_u32(gap.tag.bytes, first);
    bytes_put_u32(gap.tag.bytes + 4, last);
    return journal_append(journal, &gap, &seq);
}

/* Gives a sector up: zeros over its header, so that no later start takes what it held for a header. */
static void pass_over(struct journal *journal, uint32_t ordinal)
{
    static const uint8_t zeros[JOURNAL_RECORD_LEN];
    int result = journal->flash->program(journal->flash->ctx, journal_sector_address(journal, ordinal), zeros,
                                         sizeof zeros);
    (void)result; /* a sector that takes not even zeros stays what it was: damaged */
    journal->bad_sector_count++;
    journal->stage = JOURNAL_RESTING;
    if (journal->head_ready) {
        journal->next_ordinal++;
    } else {
        journal->head_seq = journal_first_seq_of(journal, ordinal + 1);
        journal->next_ordinal = ordinal + 2;
    }
}

static int start_preparing(struct journal *journal, uint32_t ordinal)
{
    uint32_t last = victim_last_seq(journal, ordinal);
    if (last > journal->acked_seq) {
        if (journal->full_policy == JOURNAL_REFUSE)
            return ERR_NO_SPACE;
        if (journal->head_ready) { /* without a head there is nowhere to tell it: only after damage */
            int result = tell_gap(journal, last);
            if (result != ERR_OK)
                return result;
        }
    }
    if (last != 0)
        journal->tail_seq = last + 1;
    int result = journal->flash->erase_start(journal->flash->ctx, journal_sector_address(journal, ordinal));
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
    if (journal->head_ready)
        journal->next_ready = true;
    else
        journal->head_ready = true;
    return ERR_BUSY;
}

int journal_poll(struct journal *journal)
{
    int result;
    if (journal->head_ready && journal->next_ready)
        return ERR_OK;
    uint32_t ordinal = ordinal_to_prepare(journal);
    switch (journal->stage) {
    case JOURNAL_RESTING:
        if (journal->bad_sector_count >= journal->sector_count)
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

/* ---- reading ---- */

int journal_read_raw(struct journal *journal, uint32_t seq, uint8_t out[JOURNAL_RECORD_LEN])
{
    struct journal_record record;
    if (seq < journal->tail_seq || seq >= journal->head_seq)
        return ERR_NOT_FOUND;
    int result = journal_flash_read(journal, journal_place_address(journal, seq), out, JOURNAL_RECORD_LEN);
    if (result != ERR_OK)
        return result;
    result = journal_record_decode(&record, &journal->mac, out);
    if (result == ERR_NOT_FOUND || (result == ERR_OK && record.seq != seq))
        return ERR_CORRUPT;
    return result;
}

int journal_read(struct journal *journal, uint32_t seq, struct journal_record *record)
{
    uint8_t raw[JOURNAL_RECORD_LEN];
    int result = journal_read_raw(journal, seq, raw);
    return result == ERR_OK ? journal_record_decode(record, &journal->mac, raw) : result;
}

int journal_acknowledge(struct journal *journal, uint32_t seq)
{
    if (seq >= journal->head_seq)
        return ERR_ARGUMENT;
    if (seq > journal->acked_seq)
        journal->acked_seq = seq;
    return ERR_OK;
}

uint32_t journal_pending_count(const struct journal *journal)
{
    uint32_t first = journal->acked_seq + 1 > journal->tail_seq ? journal->acked_seq + 1 : journal->tail_seq;
    return journal->head_seq > first ? journal->head_seq - first : 0;
}
