/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal.h"

#include <string.h>

#include "firmware/journal/journal_correct.h"
#include "firmware/journal/journal_head.h"
#include "firmware/journal/journal_mount.h"
#include "firmware/journal/journal_prepare.h"
#include "firmware/journal/journal_retention.h"
#include "firmware/journal/journal_room.h"
#include "firmware/journal/journal_sector.h"

enum {
    FLOOR_STEP = 32,   /* records from one floor to the next */
    READY_PLACES = 24, /* for the events of a start, and a few taps while the next sector is erased */
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
    journal_correct_start(journal);
    if (acked_seq / journal->per_sector > journal_ordinal_limit(journal))
        journal->acked_seq = 0; /* not a number of this journal: nothing counts as acknowledged */
    int result = crypto_mac_init(&journal->mac, key);
    if (result != ERR_OK)
        return result;
    result = journal_find_ends(journal);
    if (result != ERR_OK)
        journal_unmount(journal);
    return result;
}

int journal_set_floor(struct journal *journal, const struct journal_floor *floor)
{
    if (journal_ordinal_of(journal, floor->head_seq + (floor->head_seq == 0)) >
        journal_ordinal_limit(journal))
        return ERR_OK; /* not a number of this journal */
    journal->floor = *floor;
    bool is_whole =
        floor->head_seq < journal->head_seq || (floor->head_seq == journal->head_seq && journal->head_ready);
    return is_whole && floor->hole_seq == 0 ? ERR_OK : journal_find_ends(journal);
}

struct journal_floor journal_floor_now(const struct journal *journal)
{
    struct journal_floor floor = journal->floor;
    uint32_t head = journal->head_seq - (journal->head_seq - 1) % journal->per_sector % FLOOR_STEP;
    /* A sector without a header may be skipped, and is then not found by the next start. */
    if (journal->head_ready && head > floor.head_seq)
        floor.head_seq = head;
    if (floor.hole_seq < journal->tail_seq)
        floor.hole_seq = 0;
    return floor;
}

struct journal_range journal_cut(const struct journal *journal)
{
    return journal->cut;
}

void journal_unmount(struct journal *journal)
{
    crypto_mac_free(&journal->mac);
}

int journal_append(struct journal *journal, const struct journal_record *record, uint32_t *seq)
{
    return journal_must_keep_room(journal) ? ERR_BUSY : journal_append_at_head(journal, record, seq);
}

bool journal_is_ready(const struct journal *journal)
{
    return journal_must_refuse(journal) ||
           (journal->head_ready && (journal->next_ready || journal_places_left(journal) >= READY_PLACES));
}

int journal_poll(struct journal *journal)
{
    journal_correct_poll(journal);
    if (journal_forget_holds_chip(journal) || (journal->head_ready && journal->next_ready))
        return journal_forget_poll(journal);
    return journal_prepare_poll(journal);
}

/* ---- reading ---- */

static int read_place(struct journal *journal, uint32_t seq, uint8_t raw[JOURNAL_RECORD_LEN])
{
    if (seq < journal->tail_seq || seq >= journal->head_seq)
        return ERR_NOT_FOUND;
    return journal_flash_read(journal, journal_place_address(journal, seq), raw, JOURNAL_RECORD_LEN);
}

int journal_read(struct journal *journal, uint32_t seq, struct journal_record *record)
{
    uint8_t raw[JOURNAL_RECORD_LEN];
    int result = read_place(journal, seq, raw);
    return result == ERR_OK ? journal_correct_decode(journal, seq, raw, record) : result;
}

int journal_read_raw(struct journal *journal, uint32_t seq, uint8_t out[JOURNAL_RECORD_LEN])
{
    struct journal_record record;
    int result = read_place(journal, seq, out);
    if (result != ERR_OK)
        return result;
    result = journal_record_decode(&record, &journal->mac, out);
    return result == ERR_NOT_FOUND || (result == ERR_OK && record.seq != seq) ? ERR_CORRUPT : result;
}

int journal_read_damaged(struct journal *journal, uint32_t seq, uint8_t out[JOURNAL_RECORD_LEN])
{
    int result = read_place(journal, seq, out);
    return result == ERR_OK ? journal_correct_is_allowed(journal, seq, out) : result;
}

int journal_peek_kinds(struct journal *journal, uint32_t seq, uint8_t kinds[JOURNAL_PEEK_MAX])
{
    uint8_t piece[JOURNAL_PEEK_MAX * JOURNAL_RECORD_LEN];
    if (seq < journal->tail_seq || seq >= journal->head_seq)
        return ERR_NOT_FOUND;
    uint32_t count = journal->per_sector - (seq - 1) % journal->per_sector; /* a piece ends with its sector */
    count = count < journal->head_seq - seq ? count : journal->head_seq - seq;
    count = count < JOURNAL_PEEK_MAX ? count : JOURNAL_PEEK_MAX;
    int result =
        journal_flash_read(journal, journal_place_address(journal, seq), piece, count * JOURNAL_RECORD_LEN);
    if (result != ERR_OK)
        return result;
    for (uint32_t i = 0; i < count; i++)
        kinds[i] = piece[i * JOURNAL_RECORD_LEN + JOURNAL_RECORD_KIND_AT];
    return (int)count;
}

int journal_acknowledge(struct journal *journal, uint32_t seq)
{
    if (seq >= journal->head_seq)
        return ERR_ARGUMENT;
    if (seq > journal->acked_seq) {
        journal->acked_seq = seq;
        journal->forget.rested_s = 0; /* more records may be erased now */
    }
    return ERR_OK;
}

uint32_t journal_pending_count(const struct journal *journal)
{
    uint32_t first = journal->acked_seq + 1 > journal->tail_seq ? journal->acked_seq + 1 : journal->tail_seq;
    return journal->head_seq > first ? journal->head_seq - first : 0;
}

uint32_t journal_fullness_percent(const struct journal *journal)
{
    /* Two sectors are empty or being filled: that of the head, and the next one. */
    uint32_t capacity = (journal->sector_count - 2) * journal->per_sector;
    return (uint32_t)((uint64_t)journal_pending_count(journal) * 100 / capacity);
}

uint32_t journal_tail_seq(const struct journal *journal)
{
    return journal->tail_seq;
}

uint32_t journal_head_seq(const struct journal *journal)
{
    return journal->head_seq;
}

uint32_t journal_acked_seq(const struct journal *journal)
{
    return journal->acked_seq;
}

uint32_t journal_unreadable_count(const struct journal *journal)
{
    return journal->unreadable_count;
}

void journal_set_full_policy(struct journal *journal, enum journal_full_policy policy)
{
    journal->full_policy = policy;
}

void journal_set_time(struct journal *journal, const struct journal_record *stamp, uint32_t forget_before_s)
{
    journal->stamp = *stamp;
    journal->forget_before_s = forget_before_s;
}
