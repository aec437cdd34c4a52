/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_retention.h"

#include <string.h>

#include "firmware/base/clock.h"
#include "firmware/journal/journal_head.h"
#include "firmware/journal/journal_sector.h"

enum {
    PIECE_RECORDS = 8, /* places read at once */
    PIECE_LEN = PIECE_RECORDS * JOURNAL_RECORD_LEN,
    LOOK_POLL_LEN = 1024, /* blank bytes read in one poll */
    LOOK_EVERY_S = 3600,
    NOT_BLANK = 1, /* a result of look_for_blank */
};

/* Returns when a record was made, if this is reliable; 0: unknown. */
static uint32_t date_of(const struct journal *journal, const struct journal_record *record)
{
    uint32_t date = 0;
    if (record->kind == JOURNAL_EVENT && record->code == JOURNAL_EVENT_CLOCK_SET)
        date = record->ref;
    else if (journal_record_clock(record) == CLOCK_SET)
        date = record->utc_s;
    return date <= journal->stamp.utc_s ? date : 0; /* a later time comes from a clock that was wrong */
}

static int rest(struct journal *journal)
{
    journal->forget.stage = JOURNAL_FORGET_RESTING;
    journal->forget.rested_s = journal->forget_before_s;
    return ERR_OK;
}

static int enter(struct journal *journal, uint32_t cursor, enum journal_forget_stage stage)
{
    journal->forget.cursor = cursor;
    journal->forget.stage = stage;
    return ERR_BUSY;
}

static uint32_t tail_ordinal(const struct journal *journal)
{
    return journal_ordinal_of(journal, journal->tail_seq);
}

static bool tail_is_head(const struct journal *journal)
{
    return tail_ordinal(journal) == journal_ordinal_of(journal, journal->head_seq);
}

static uint32_t tail_last_seq(const struct journal *journal)
{
    return journal_first_seq_of(journal, tail_ordinal(journal)) + journal->per_sector - 1;
}

/* Returns true if all used places of the tail's sector are acknowledged. Above the acknowledged number
 * there may be places that were never written: the head has not reached them, or it left the sector
 * early and power failed before the erase. */
static bool tail_may_go(const struct journal *journal)
{
    uint32_t last_given = tail_is_head(journal) ? journal->head_seq - 1 : journal->tail_seq;
    return last_given >= journal->tail_seq && last_given <= journal->acked_seq;
}

/* ---- the erase ---- */

static int start_erase(struct journal *journal, uint32_t addr)
{
    int result = journal->flash->erase_start(journal->flash->ctx, addr);
    if (result == ERR_BUSY)
        return ERR_BUSY; /* another module's erase is running: try again */
    journal->forget.addr = addr;
    return enter(journal, 0, result == ERR_OK ? JOURNAL_FORGET_ERASING : JOURNAL_FORGET_BLOTTING);
}

static int forget_tail(struct journal *journal)
{
    uint32_t ordinal = tail_ordinal(journal);
    bool was_head = tail_is_head(journal);
    (void)start_erase(journal, journal_sector_address(journal, ordinal));
    if (journal->forget.stage != JOURNAL_FORGET_ERASING && journal->forget.stage != JOURNAL_FORGET_BLOTTING)
        return ERR_BUSY;
    if (was_head)
        journal_enter_next_sector(journal);
    journal->tail_seq = journal_first_seq_of(journal, ordinal + 1);
    journal->forget.count++;
    return ERR_BUSY;
}

static int poll_erase(struct journal *journal)
{
    int result = journal->flash->erase_poll(journal->flash->ctx);
    if (result == ERR_BUSY)
        return ERR_BUSY;
    return enter(journal, 0, result == ERR_OK ? JOURNAL_FORGET_CHECKING : JOURNAL_FORGET_BLOTTING);
}

/* Reads the sector at addr from the cursor on. Stops at the end of the sector, after LOOK_POLL_LEN
 * bytes, or at a piece that is not blank. Returns ERR_OK (end of the sector, all blank), ERR_BUSY (call
 * again), NOT_BLANK (see piece), ERR_IO. */
static int look_for_blank(struct journal *journal, uint32_t addr, uint8_t piece[PIECE_LEN])
{
    for (uint32_t done = 0; done < LOOK_POLL_LEN; done += PIECE_LEN) {
        if (journal->forget.cursor >= journal->flash->geometry->sector_size)
            return ERR_OK;
        if (journal_flash_read(journal, addr + journal->forget.cursor, piece, PIECE_LEN) != ERR_OK)
            return ERR_IO;
        journal->forget.cursor += PIECE_LEN;
        if (!flash_is_blank(piece, PIECE_LEN))
            return NOT_BLANK;
    }
    return ERR_BUSY;
}

static int check_erased(struct journal *journal)
{
    uint8_t piece[PIECE_LEN];
    int result = look_for_blank(journal, journal->forget.addr, piece);
    if (result == ERR_BUSY)
        return ERR_BUSY;
    return enter(journal, 0, result == ERR_OK ? JOURNAL_FORGET_RESTING : JOURNAL_FORGET_BLOTTING);
}

/* Overwrites with zeros a sector that cannot be erased. */
static int blot(struct journal *journal)
{
    static const uint8_t zeros[PIECE_LEN];
    int result = journal->flash->program(journal->flash->ctx, journal->forget.addr + journal->forget.cursor,
                                         zeros, sizeof zeros);
    journal->forget.cursor += PIECE_LEN;
    bool done = result != ERR_OK || journal->forget.cursor >= journal->flash->geometry->sector_size;
    return done ? enter(journal, 0, JOURNAL_FORGET_RESTING) : ERR_BUSY;
}

/* ---- the rest of an unfinished erase ---- */

/* Checks the sector below the tail, which may have lost its header but not its records in an unfinished
 * erase. A header, or a record that is not acknowledged, means that the chip returned wrong data at
 * start-up; the sector is then kept. */
static int look_below(struct journal *journal)
{
    uint8_t piece[PIECE_LEN];
    struct journal_record record;
    uint32_t below = tail_ordinal(journal) - 1; /* its position is not yet used by a later lap */
    bool first = journal->forget.cursor == 0;
    bool keep = tail_ordinal(journal) == 0 || below + journal->sector_count <= journal->next_ordinal;
    uint32_t addr = journal_sector_address(journal, below);
    int result = keep ? ERR_OK : look_for_blank(journal, addr, piece);
    if (result == ERR_BUSY)
        return ERR_BUSY;
    if (result == NOT_BLANK) {
        journal->forget.leftover = true;
        keep = first && !flash_is_blank(piece, JOURNAL_RECORD_LEN);
        for (uint32_t i = 0; i < PIECE_RECORDS && !keep; i++)
            keep = journal_record_decode(&record, &journal->mac, piece + i * JOURNAL_RECORD_LEN) == ERR_OK &&
                   record.seq > journal->acked_seq;
        if (!keep)
            return ERR_BUSY;
    }
    if (result == ERR_OK && !keep && journal->forget.leftover) {
        (void)start_erase(journal, addr);
        if (journal->forget.stage == JOURNAL_FORGET_CHECKING_BELOW)
            return ERR_BUSY;
    } else {
        (void)enter(journal, 0, JOURNAL_FORGET_RESTING);
    }
    journal->forget.leftover = false;
    journal->forget.looked_below = true;
    return ERR_BUSY;
}

/* ---- the choice of a sector ---- */

/* Finds the first record from the tail on with a reliable date. All records before it are older. */
static int look_for_date(struct journal *journal)
{
    uint8_t piece[PIECE_LEN];
    uint32_t seq = journal->forget.cursor;
    if (seq >= journal->head_seq || seq < journal->tail_seq)
        return rest(journal);
    uint32_t count = journal->per_sector - (seq - 1) % journal->per_sector; /* pieces end with the sector */
    count = count < PIECE_RECORDS ? count : PIECE_RECORDS;
    if (journal_flash_read(journal, journal_place_address(journal, seq), piece, count * JOURNAL_RECORD_LEN) !=
        ERR_OK)
        return rest(journal);
    for (uint32_t i = 0; i < count; i++) {
        struct journal_record record;
        int result = journal_record_decode(&record, &journal->mac, piece + i * JOURNAL_RECORD_LEN);
        uint32_t date = result == ERR_OK && record.seq == seq + i ? date_of(journal, &record) : 0;
        if (date == 0)
            continue;
        if (date >= journal->forget_before_s)
            return rest(journal);
        if (tail_last_seq(journal) <= journal->acked_seq)
            return forget_tail(journal);
        return enter(journal, journal->acked_seq + 1, JOURNAL_FORGET_CONFIRMING);
    }
    journal->forget.cursor += count;
    return ERR_BUSY;
}

/* Checks twice that the places above the acknowledged number were never written. */
static int confirm_rest_is_blank(struct journal *journal)
{
    uint8_t piece[PIECE_LEN];
    uint32_t seq = journal->forget.cursor, last = tail_last_seq(journal);
    if (!tail_may_go(journal) || seq <= journal->acked_seq)
        return rest(journal); /* there was a tap or an acknowledgement meanwhile */
    if (seq > last) {
        if (journal->forget.stage == JOURNAL_FORGET_CONFIRMING)
            return enter(journal, journal->acked_seq + 1, JOURNAL_FORGET_CONFIRMING_AGAIN);
        return forget_tail(journal);
    }
    uint32_t count = last - seq + 1 < PIECE_RECORDS ? last - seq + 1 : PIECE_RECORDS;
    if (journal_flash_read(journal, journal_place_address(journal, seq), piece, count * JOURNAL_RECORD_LEN) !=
            ERR_OK ||
        !flash_is_blank(piece, count * JOURNAL_RECORD_LEN))
        return rest(journal);
    journal->forget.cursor += count;
    return ERR_BUSY;
}

static int choose(struct journal *journal)
{
    if (journal->forget_before_s == 0)
        return ERR_OK;
    if (!journal->forget.looked_below)
        return enter(journal, 0, JOURNAL_FORGET_CHECKING_BELOW);
    /* The difference wraps if the clock was set back. The sector is then checked. */
    if (journal->forget.rested_s != 0 && journal->forget_before_s - journal->forget.rested_s < LOOK_EVERY_S)
        return ERR_OK;
    return tail_may_go(journal) ? enter(journal, journal->tail_seq, JOURNAL_FORGET_DATING) : rest(journal);
}

bool journal_forget_holds_chip(const struct journal *journal)
{
    return journal->forget.stage == JOURNAL_FORGET_ERASING ||
           journal->forget.stage == JOURNAL_FORGET_CHECKING ||
           journal->forget.stage == JOURNAL_FORGET_BLOTTING;
}

/* Starts again after the ends were found again. */
static void start_over(struct journal *journal)
{
    if (!journal_forget_holds_chip(journal))
        journal->forget.stage = JOURNAL_FORGET_RESTING;
    journal->forget.rested_s = 0;
    journal->forget.looked_below = journal->forget.leftover = false;
    journal->forget.ends_found = journal->ends_found;
}

int journal_forget_poll(struct journal *journal)
{
    if (journal->forget.ends_found != journal->ends_found)
        start_over(journal);
    switch (journal->forget.stage) {
    case JOURNAL_FORGET_RESTING:
        return choose(journal);
    case JOURNAL_FORGET_CHECKING_BELOW:
        return look_below(journal);
    case JOURNAL_FORGET_DATING:
        return look_for_date(journal);
    case JOURNAL_FORGET_CONFIRMING:
    case JOURNAL_FORGET_CONFIRMING_AGAIN:
        return confirm_rest_is_blank(journal);
    case JOURNAL_FORGET_ERASING:
        return poll_erase(journal);
    case JOURNAL_FORGET_CHECKING:
        return check_erased(journal);
    case JOURNAL_FORGET_BLOTTING:
        return blot(journal);
    }
    return ERR_OK;
}
