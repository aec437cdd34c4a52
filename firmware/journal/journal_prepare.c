/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_prepare.h"

#include "firmware/journal/journal_gap.h"
#include "firmware/journal/journal_mount.h"
#include "firmware/journal/journal_room.h"
#include "firmware/journal/journal_sector.h"
#include "firmware/storage/flash_io.h"

enum {
    CHECK_PIECE_LEN = 256, /* read at once to check that a sector is blank */
    CHECK_POLL_LEN = 1024, /* checked in one poll */
};

/* Skips a sector. Its header is overwritten with zeros, so that no later start takes the old content for
 * a header. */
static void skip_sector(struct journal *journal, uint32_t ordinal)
{
    static const uint8_t zeros[JOURNAL_RECORD_LEN];
    int result = journal->flash->program(journal->flash->ctx, journal_sector_address(journal, ordinal), zeros,
                                         sizeof zeros);
    (void)result; /* if even zeros cannot be written, the sector stays as it is: damaged */
    journal->bad_sector_count++;
    journal->prepare.bad_in_a_row++;
    journal->prepare.stage = JOURNAL_RESTING;
    if (journal->head_ready) {
        journal->next_ordinal++;
    } else {
        journal->head_seq = journal_first_seq_of(journal, ordinal + 1);
        journal->next_ordinal = ordinal + 2;
    }
}

/* Reads the header again before an erase. If it belongs to a sector that is not known, the chip returned
 * wrong data while mounting, and the ends are found again. */
static int look_before_erase(struct journal *journal, uint32_t ordinal)
{
    enum journal_header_state state;
    uint32_t seen;
    int result = journal_header_read(journal, ordinal, &state, &seen);
    if (result != ERR_OK || state != JOURNAL_HEADER_VALID || journal->prepare.rescanned)
        return result;
    bool below_tail = seen + journal->sector_count == ordinal &&
                      journal_victim_last_seq(journal, ordinal) == 0 &&
                      journal->prepare.cleared_ordinal != ordinal;
    if (seen < ordinal && !below_tail)
        return ERR_OK;
    journal->prepare.rescanned = true;
    result = journal_find_ends(journal);
    return result == ERR_OK ? ERR_BUSY : result;
}

static int start_preparing(struct journal *journal, uint32_t ordinal)
{
    int result = look_before_erase(journal, ordinal);
    if (result != ERR_OK)
        return result;
    uint32_t last = journal_victim_last_seq(journal, ordinal);
    if (last > journal->acked_seq) {
        if (journal->full_policy == JOURNAL_REFUSE)
            return ERR_NO_SPACE;
        result = journal_gap_tell(journal, last);
        if (result != ERR_OK)
            return result;
    }
    if (last != 0)
        journal->tail_seq = last + 1;
    journal->prepare.cleared_ordinal = ordinal;
    result = journal->flash->erase_start(journal->flash->ctx, journal_sector_address(journal, ordinal));
    if (result == ERR_OK)
        journal->prepare.stage = JOURNAL_ERASING;
    else if (result != ERR_BUSY) /* busy: another module's erase is running */
        skip_sector(journal, ordinal);
    return ERR_BUSY;
}

static int check_blank(struct journal *journal, uint32_t ordinal)
{
    uint8_t piece[CHECK_PIECE_LEN];
    uint32_t sector = journal_sector_address(journal, ordinal);
    for (uint32_t done = 0; done < CHECK_POLL_LEN; done += sizeof piece) {
        int result = journal_flash_read(journal, sector + journal->prepare.checked_len, piece, sizeof piece);
        if (result != ERR_OK)
            return result;
        if (!flash_is_blank(piece, sizeof piece))
            return ERR_CORRUPT;
        journal->prepare.checked_len += sizeof piece;
    }
    return journal->prepare.checked_len < journal->flash->geometry->sector_size ? ERR_BUSY : ERR_OK;
}

static int write_header(struct journal *journal, uint32_t ordinal)
{
    uint8_t header[JOURNAL_RECORD_LEN];
    int result = journal_header_encode(journal, ordinal, header);
    if (result != ERR_OK)
        return result;
    result =
        flash_io_program(journal->flash, journal_sector_address(journal, ordinal), header, sizeof header);
    if (result != ERR_OK)
        return ERR_CORRUPT;
    journal->prepare.stage = JOURNAL_RESTING;
    journal->prepare.bad_in_a_row = 0;
    if (journal->head_ready)
        journal->next_ready = true;
    else
        journal->head_ready = true;
    journal_gap_tell_waiting(journal);
    return ERR_BUSY;
}

int journal_prepare_poll(struct journal *journal)
{
    int result;
    uint32_t ordinal = journal_ordinal_to_prepare(journal);
    switch (journal->prepare.stage) {
    case JOURNAL_RESTING:
        result = journal_gap_find_untold(journal);
        if (result != ERR_OK)
            return result;
        if (journal->prepare.bad_in_a_row >= journal->sector_count)
            return ERR_IO; /* all sectors of the ring have failed */
        return start_preparing(journal, ordinal);
    case JOURNAL_ERASING:
        result = journal->flash->erase_poll(journal->flash->ctx);
        if (result == ERR_OK) {
            journal->prepare.checked_len = 0;
            journal->prepare.stage = JOURNAL_CHECKING;
        } else if (result != ERR_BUSY) {
            skip_sector(journal, ordinal);
        }
        return ERR_BUSY;
    case JOURNAL_CHECKING:
        result = check_blank(journal, ordinal);
        if (result == ERR_OK)
            result = write_header(journal, ordinal);
        if (result == ERR_BUSY)
            return ERR_BUSY;
        skip_sector(journal, ordinal);
        return ERR_BUSY;
    }
    return ERR_OK;
}
