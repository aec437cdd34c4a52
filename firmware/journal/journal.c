#include "firmware/journal/journal.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/journal/journal_sector.h"

enum {
    APPEND_TRIES = 8, /* programs tried before a record is given up */
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
    if (acked_seq / journal->per_sector > journal_ordinal_limit(journal))
        journal->acked_seq = 0; /* never given out: nothing is known to be acknowledged */
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

void journal_enter_next_sector(struct journal *journal)
{
    journal->head_seq = journal_first_seq_of(journal, journal->next_ordinal);
    journal->head_ready = journal->next_ready;
    journal->next_ready = false;
    journal->next_ordinal++;
}

static void advance_head(struct journal *journal)
{
    if (journal->head_seq % journal->per_sector == 0)
        journal_enter_next_sector(journal);
    else
        journal->head_seq++;
}

/* Programs a record at a place that is blank. @retval ERR_OK, ERR_CORRUPT (the place is spoilt), ERR_NO_SPACE
 * (it stayed blank), ERR_IO. */
static int program_place(struct journal *journal, uint32_t addr, const uint8_t stored[JOURNAL_RECORD_LEN])
{
    uint8_t seen[JOURNAL_RECORD_LEN];
    int result = journal->flash->program(journal->flash->ctx, addr, stored, sizeof seen);
    if (journal_flash_read(journal, addr, seen, sizeof seen) != ERR_OK)
        return ERR_IO;
    if (result == ERR_OK && memcmp(stored, seen, sizeof seen) == 0)
        return ERR_OK;
    return journal_is_blank(seen, sizeof seen) ? ERR_NO_SPACE : ERR_CORRUPT;
}

/* The first append looks once more whether the record before the head is there: one lie of the chip at
 * start-up would otherwise leave a hole of blank places, and the next start would stop at it. */
static int confirm_end(struct journal *journal)
{
    uint8_t seen[JOURNAL_RECORD_LEN];
    if (journal->end_confirmed || !journal->head_ready)
        return ERR_OK;
    journal->end_confirmed = true;
    if ((journal->head_seq - 1) % journal->per_sector == 0)
        return ERR_OK;
    int result =
        journal_flash_read(journal, journal_place_address(journal, journal->head_seq - 1), seen, sizeof seen);
    return result == ERR_OK && journal_is_blank(seen, sizeof seen) ? journal_find_ends(journal) : result;
}

int journal_append_at_head(struct journal *journal, const struct journal_record *record, uint32_t *seq)
{
    uint8_t stored[JOURNAL_RECORD_LEN], seen[JOURNAL_RECORD_LEN];
    bool stayed_blank = false;
    int result = confirm_end(journal);
    if (result != ERR_OK)
        return result;
    for (int tries = 0; tries < APPEND_TRIES;) {
        if (!journal->head_ready)
            return journal_must_refuse(journal) ? ERR_NO_SPACE : ERR_BUSY;
        uint32_t addr = journal_place_address(journal, journal->head_seq);
        if (journal_flash_read(journal, addr, seen, sizeof seen) != ERR_OK)
            return ERR_IO;
        /* A bit was lost there, or mount was told lies about the end: what is there stays. */
        if (!journal_is_blank(seen, sizeof seen)) {
            journal->unreadable_count++;
            advance_head(journal);
            continue;
        }
        struct journal_record numbered = *record;
        numbered.seq = journal->head_seq;
        result = journal_record_encode(&numbered, &journal->mac, stored);
        if (result == ERR_OK)
            result = program_place(journal, addr, stored);
        tries++;
        if (result == ERR_CORRUPT) {
            journal->unreadable_count++;
            advance_head(journal);
        } else if (result == ERR_NO_SPACE) { /* once more, then leave a sector that takes nothing */
            if (stayed_blank)
                journal_enter_next_sector(journal);
            stayed_blank = !stayed_blank;
        } else {
            if (result != ERR_OK)
                return result;
            *seq = journal->head_seq;
            advance_head(journal);
            return ERR_OK;
        }
    }
    return ERR_IO;
}

int journal_append(struct journal *journal, const struct journal_record *record, uint32_t *seq)
{
    return journal_must_keep_room(journal) ? ERR_BUSY : journal_append_at_head(journal, record, seq);
}

/* ---- reading ---- */

static int read_record(struct journal *journal, uint32_t seq, uint8_t raw[JOURNAL_RECORD_LEN],
                       struct journal_record *record)
{
    if (seq < journal->tail_seq || seq >= journal->head_seq)
        return ERR_NOT_FOUND;
    int result = journal_flash_read(journal, journal_place_address(journal, seq), raw, JOURNAL_RECORD_LEN);
    if (result != ERR_OK)
        return result;
    result = journal_record_decode(record, &journal->mac, raw);
    if (result == ERR_NOT_FOUND || (result == ERR_OK && record->seq != seq))
        return ERR_CORRUPT;
    return result;
}

int journal_read_raw(struct journal *journal, uint32_t seq, uint8_t out[JOURNAL_RECORD_LEN])
{
    struct journal_record record;
    return read_record(journal, seq, out, &record);
}

int journal_read(struct journal *journal, uint32_t seq, struct journal_record *record)
{
    uint8_t raw[JOURNAL_RECORD_LEN];
    return read_record(journal, seq, raw, record);
}

int journal_acknowledge(struct journal *journal, uint32_t seq)
{
    if (seq >= journal->head_seq)
        return ERR_ARGUMENT;
    if (seq > journal->acked_seq) {
        journal->acked_seq = seq;
        journal->forget_rested_s = 0; /* more may go now */
    }
    return ERR_OK;
}

uint32_t journal_pending_count(const struct journal *journal)
{
    uint32_t first = journal->acked_seq + 1 > journal->tail_seq ? journal->acked_seq + 1 : journal->tail_seq;
    return journal->head_seq > first ? journal->head_seq - first : 0;
}
