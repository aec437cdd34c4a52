#include "firmware/journal_sector.h"

/* Looks at every header: the sure way, taken when a short cut meets something unexpected. */
static int scan_for_newest(struct journal *journal, bool *found, uint32_t *newest)
{
    *found = false;
    for (uint32_t position = 0; position < journal->sector_count; position++) {
        enum journal_header_state state;
        uint32_t ordinal;
        int result = journal_header_read(journal, position, &state, &ordinal);
        if (result != ERR_OK)
            return result;
        if (state == JOURNAL_HEADER_VALID && (!*found || ordinal > *newest)) {
            *found = true;
            *newest = ordinal;
        }
    }
    return ERR_OK;
}

/* Ordinals rise by one from position 0 up to the newest, then fall by a lap: a binary search finds the edge.
 * Damaged headers, or a first sector that is not in use, send us to the scan. */
static int find_newest(struct journal *journal, bool *found, uint32_t *newest)
{
    enum journal_header_state state;
    uint32_t first, ordinal;
    int result = journal_header_read(journal, 0, &state, &first);
    if (result != ERR_OK)
        return result;
    if (state != JOURNAL_HEADER_VALID)
        return scan_for_newest(journal, found, newest);
    uint32_t low = 0, high = journal->sector_count; /* low is of the newest lap, high is not */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        result = journal_header_read(journal, middle, &state, &ordinal);
        if (result != ERR_OK)
            return result;
        if (state == JOURNAL_HEADER_DAMAGED || (state == JOURNAL_HEADER_VALID && ordinal > first + middle))
            return scan_for_newest(journal, found, newest);
        if (state == JOURNAL_HEADER_VALID && ordinal == first + middle)
            low = middle;
        else
            high = middle;
    }
    *found = true;
    *newest = first + low;
    return ERR_OK;
}

/* First place of a sector from which on everything is blank: binary search, then a look behind the edge in
 * case a place was passed over. */
static int find_end(struct journal *journal, uint32_t ordinal, uint32_t *used)
{
    uint8_t piece[8 * JOURNAL_RECORD_LEN];
    uint32_t sector = journal_sector_address(journal, ordinal);
    uint32_t low = 0, high = journal->per_sector; /* all places below low are used; high is blank */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int result = journal_flash_read(journal, sector + (middle + 1) * JOURNAL_RECORD_LEN, piece,
                                        JOURNAL_RECORD_LEN);
        if (result != ERR_OK)
            return result;
        if (journal_is_blank(piece, JOURNAL_RECORD_LEN))
            high = middle;
        else
            low = middle + 1;
    }
    for (uint32_t place = low; place < journal->per_sector;) {
        uint32_t count = journal->per_sector - place < 8 ? journal->per_sector - place : 8;
        int result = journal_flash_read(journal, sector + (place + 1) * JOURNAL_RECORD_LEN, piece,
                                        count * JOURNAL_RECORD_LEN);
        if (result != ERR_OK)
            return result;
        if (journal_is_blank(piece, count * JOURNAL_RECORD_LEN))
            break;
        place += count;
        low = place;
    }
    *used = low;
    return ERR_OK;
}

/* The oldest sector kept: the first, counting up, that is not blank. */
static int find_tail(struct journal *journal, uint32_t newest, uint32_t *oldest)
{
    uint32_t low = newest + 1 >= journal->sector_count ? newest + 1 - journal->sector_count : 0;
    uint32_t high = newest;
    while (low < high) {
        enum journal_header_state state;
        uint32_t ordinal, middle = low + (high - low) / 2;
        int result = journal_header_read(journal, middle, &state, &ordinal);
        if (result != ERR_OK)
            return result;
        bool absent = state == JOURNAL_HEADER_BLANK || (state == JOURNAL_HEADER_VALID && ordinal != middle);
        if (absent)
            low = middle + 1;
        else
            high = middle;
    }
    *oldest = low;
    return ERR_OK;
}

/* Sets the head in the newest sector that holds anything. Sectors above it, at most two, are prepared and
 * empty; one whose header is damaged keeps its records but takes no more. */
static int place_head(struct journal *journal, uint32_t newest, uint32_t oldest)
{
    uint32_t empty[2] = {0, 0}; /* prepared sectors seen on the way down, lowest first */
    uint32_t empty_count = 0, used = 0, ordinal = newest;
    for (;; ordinal--) {
        enum journal_header_state state;
        uint32_t seen;
        int result = journal_header_read(journal, ordinal, &state, &seen);
        if (result != ERR_OK)
            return result;
        if (state == JOURNAL_HEADER_VALID && seen == ordinal) {
            result = find_end(journal, ordinal, &used);
            if (result != ERR_OK)
                return result;
            if (used > 0)
                break;
            empty[1] = empty[0];
            empty[0] = ordinal;
            empty_count++;
        }
        if (ordinal == oldest)
            break;
    }
    if (used > 0 && used < journal->per_sector) {
        journal->head_ready = true;
        journal->head_seq = journal_first_seq_of(journal, ordinal) + used;
        journal->next_ready = empty_count > 0;
        journal->next_ordinal = empty_count > 0 ? empty[0] : ordinal + 1;
        return ERR_OK;
    }
    journal->head_ready = empty_count > 0;
    uint32_t head = empty_count > 0 ? empty[0] : newest + 1;
    journal->head_seq = journal_first_seq_of(journal, head);
    journal->next_ready = empty_count > 1;
    journal->next_ordinal = empty_count > 1 ? empty[1] : head + 1;
    return ERR_OK;
}

/* Starts numbering in a sector of its own, above everything acknowledged. */
static void start_above_acknowledged(struct journal *journal)
{
    uint32_t acked = journal->acked_seq;
    uint32_t ordinal = acked == 0 ? 0 : journal_ordinal_of(journal, acked) + 1;
    journal->head_seq = journal->tail_seq = journal_first_seq_of(journal, ordinal);
    journal->next_ordinal = ordinal + 1;
    journal->head_ready = journal->next_ready = false;
}

int journal_find_ends(struct journal *journal)
{
    bool found = false;
    uint32_t newest = 0, oldest = 0;
    int result = find_newest(journal, &found, &newest);
    /* Behind what was acknowledged: numbering once started anew, where the short cut may not have looked. */
    if (result == ERR_OK && found && journal_first_seq_of(journal, newest + 1) <= journal->acked_seq)
        result = scan_for_newest(journal, &found, &newest);
    if (result != ERR_OK)
        return result;
    if (found) {
        result = find_tail(journal, newest, &oldest);
        if (result != ERR_OK)
            return result;
        journal->tail_seq = journal_first_seq_of(journal, oldest);
        result = place_head(journal, newest, oldest);
    }
    if (!found || journal->head_seq <= journal->acked_seq)
        start_above_acknowledged(journal);
    return result;
}
