/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_head.h"

#include <string.h>

#include "firmware/journal/journal_mount.h"
#include "firmware/journal/journal_room.h"
#include "firmware/journal/journal_sector.h"
#include "firmware/storage/flash_io.h"

enum {
    APPEND_TRIES = 8, /* attempts before the append fails */
};

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

/* Writes a mark at the head: the damaged record before it is never corrected. */
static void mark(struct journal *journal)
{
    static const uint8_t zeros[JOURNAL_RECORD_LEN];
    uint8_t seen[JOURNAL_RECORD_LEN];
    uint32_t addr = journal_place_address(journal, journal->head_seq);
    if (journal_flash_read(journal, addr, seen, sizeof seen) != ERR_OK || !flash_is_blank(seen, sizeof seen))
        return;
    int result = flash_io_program(journal->flash, addr, zeros, sizeof zeros);
    (void)result; /* the place is used in any case */
    journal->unreadable_count++;
    advance_head(journal);
}

/* Marks the last record if power failed before its last bit was programmed. It would be valid with that bit,
 * but nobody was let in. A bit that should be set was lost later, since a program only clears bits. */
static int mark_if_cut(struct journal *journal, const uint8_t last[JOURNAL_RECORD_LEN])
{
    struct journal_record record;
    uint8_t whole[JOURNAL_RECORD_LEN];
    bool is_cut = false;
    memcpy(whole, last, sizeof whole);
    int result = journal_record_decode(&record, &journal->mac, last);
    if (result == ERR_CORRUPT)
        result = journal_record_correct(whole, &journal->mac, journal->head_seq - 1);
    for (uint32_t i = 0; i < sizeof whole && result == ERR_OK; i++)
        is_cut = is_cut || (last[i] & ~whole[i]) != 0;
    if (is_cut)
        mark(journal);
    return result == ERR_CORRUPT ? ERR_OK : result;
}

/* Before the first append, reads the place before the head again. If the chip returned wrong data at
 * start-up, the append would leave blank places, and the next start would stop at them. The end of a sector
 * may be blank, because the sector was left early. */
static int confirm_end(struct journal *journal)
{
    uint8_t last[JOURNAL_RECORD_LEN];
    if (journal->end_confirmed || !journal->head_ready)
        return ERR_OK;
    journal->end_confirmed = true;
    if (journal->head_seq == journal->tail_seq)
        return ERR_OK;
    int result =
        journal_flash_read(journal, journal_place_address(journal, journal->head_seq - 1), last, sizeof last);
    if (result != ERR_OK)
        return result;
    if (!flash_is_blank(last, sizeof last))
        return mark_if_cut(journal, last);
    return (journal->head_seq - 1) % journal->per_sector == 0 ? ERR_OK : journal_find_ends(journal);
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
        /* A bit was lost there, or the chip returned wrong data while mounting. What is there is kept. */
        if (!flash_is_blank(seen, sizeof seen)) {
            journal->unreadable_count++;
            advance_head(journal);
            continue;
        }
        struct journal_record numbered = *record;
        numbered.seq = journal->head_seq;
        result = journal_record_encode(&numbered, &journal->mac, stored);
        if (result == ERR_OK)
            result = flash_io_program(journal->flash, addr, stored, sizeof stored);
        tries++;
        if (result == ERR_CORRUPT) {
            journal->unreadable_count++;
            advance_head(journal);
        } else if (result == ERR_NO_SPACE) { /* try once more, then leave the sector */
            if (stayed_blank)
                journal_enter_next_sector(journal);
            stayed_blank = !stayed_blank;
        } else {
            if (result != ERR_OK)
                return result;
            *seq = journal->appended_seq = journal->head_seq;
            advance_head(journal);
            return ERR_OK;
        }
    }
    if (journal->head_ready)
        mark(journal); /* the last try may have left a single wrong bit */
    return ERR_IO;
}
