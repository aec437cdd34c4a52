/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_mount.h"

#include "firmware/journal/journal_sector.h"

enum {
    /* Sectors in a row that may keep an old or blank header although it should have changed. */
    WORN_NEIGHBOURS = 4,
    PROBE_PLACES = 8, /* records read to recognise a sector with a damaged header */
};

/* Finds the newest sector by reading every header. Used when the faster search finds something
 * unexpected. */
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

/* Finds out whether the ordinals continue after a header that does not fit, which may belong to a worn
 * sector. They do if one of the next positions holds the ordinal that it should. */
static int row_goes_on(struct journal *journal, uint32_t ordinal, bool *goes_on)
{
    *goes_on = false;
    for (uint32_t i = 0; i < WORN_NEIGHBOURS && !*goes_on; i++) {
        enum journal_header_state state;
        uint32_t seen;
        int result = journal_header_read(journal, ordinal + i, &state, &seen);
        if (result != ERR_OK)
            return result;
        *goes_on = state == JOURNAL_HEADER_VALID && seen == ordinal + i;
    }
    return ERR_OK;
}

/* Finds the ordinal of a sector with a damaged header by its records. *alive: there is a valid record. */
static int probe_records(struct journal *journal, uint32_t position, bool *alive, uint32_t *ordinal)
{
    uint8_t piece[PROBE_PLACES * JOURNAL_RECORD_LEN];
    uint32_t addr = journal_sector_address(journal, position) + JOURNAL_RECORD_LEN;
    int result = journal_flash_read(journal, addr, piece, sizeof piece);
    *alive = false;
    for (uint32_t place = 0; place < PROBE_PLACES && result == ERR_OK && !*alive; place++) {
        struct journal_record record;
        int read = journal_record_decode(&record, &journal->mac, piece + place * JOURNAL_RECORD_LEN);
        if (read == ERR_CRYPTO)
            return read;
        if (read != ERR_OK || record.seq == 0)
            continue;
        *ordinal = journal_ordinal_of(journal, record.seq);
        *alive = *ordinal <= journal_ordinal_limit(journal) &&
                 journal_place_address(journal, record.seq) == addr + place * JOURNAL_RECORD_LEN;
    }
    return result;
}

/* Checks sectors with damaged headers above the newest valid one: the sector written last may be one of
 * them. */
static int add_damaged_newest(struct journal *journal, bool *found, uint32_t *newest)
{
    uint32_t first = *found ? *newest + 1 : 0, last = *found ? *newest + 1 : journal->sector_count - 1;
    for (uint32_t position = first; position <= last; position++) {
        enum journal_header_state state;
        uint32_t ordinal;
        bool alive;
        int result = journal_header_read(journal, position, &state, &ordinal);
        if (result == ERR_OK && state != JOURNAL_HEADER_DAMAGED)
            continue;
        if (result == ERR_OK)
            result = probe_records(journal, position, &alive, &ordinal);
        if (result != ERR_OK)
            return result;
        if (alive && (!*found || ordinal > *newest)) {
            *found = true;
            *newest = ordinal;
        }
    }
    return ERR_OK;
}

/* Finds a sector in use from which to start the search: the first of the ring or, if retention emptied
 * it, the sector of the acknowledged number, or the one after it if that was emptied as well. */
static int find_start(struct journal *journal, bool *found, uint32_t *ordinal)
{
    uint32_t near = journal->acked_seq == 0 ? 0 : journal_ordinal_of(journal, journal->acked_seq);
    const uint32_t positions[] = {0, near, near + 1};
    enum journal_header_state state = JOURNAL_HEADER_BLANK;
    int result = ERR_OK;
    for (int i = 0; i < 3 && result == ERR_OK && state == JOURNAL_HEADER_BLANK; i++)
        result = journal_header_read(journal, positions[i], &state, ordinal);
    *found = state == JOURNAL_HEADER_VALID;
    return result;
}

/* Finds the newest sector by binary search. Ordinals increase by one from a sector in use to the newest;
 * the sectors after it are empty or one lap older. If a header is damaged, or there is no sector to
 * start from, all headers are scanned. */
static int find_newest_header(struct journal *journal, bool *found, uint32_t *newest)
{
    enum journal_header_state state;
    uint32_t first, ordinal;
    int result = find_start(journal, found, &first);
    if (result != ERR_OK)
        return result;
    if (!*found)
        return scan_for_newest(journal, found, newest);
    uint32_t low = 0, high = journal->sector_count; /* low is in the newest lap, high is not */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        result = journal_header_read(journal, first + middle, &state, &ordinal);
        if (result != ERR_OK)
            return result;
        if (state == JOURNAL_HEADER_DAMAGED || (state == JOURNAL_HEADER_VALID && ordinal > first + middle))
            return scan_for_newest(journal, found, newest);
        if (state == JOURNAL_HEADER_VALID && ordinal == first + middle)
            low = middle;
        else
            high = middle;
    }
    bool goes_on;
    result = row_goes_on(journal, first + high, &goes_on);
    if (result != ERR_OK)
        return result;
    if (goes_on)
        return scan_for_newest(journal, found, newest);
    *found = true;
    *newest = first + low;
    return ERR_OK;
}

/* Returns the least number that the head can have: above all numbers that are known to have been given. */
static uint32_t least_head(const struct journal *journal)
{
    return journal->floor.head_seq > journal->acked_seq ? journal->floor.head_seq : journal->acked_seq + 1;
}

static int find_newest(struct journal *journal, bool *found, uint32_t *newest)
{
    int result = find_newest_header(journal, found, newest);
    /* The result is below a number that was given: numbering once started again at another sector, which
     * the fast search may have missed. */
    if (result == ERR_OK && *found && journal_first_seq_of(journal, *newest + 1) < least_head(journal))
        result = scan_for_newest(journal, found, newest);
    return result == ERR_OK ? add_damaged_newest(journal, found, newest) : result;
}

/* Finds the first place of a sector from which all places are blank. After the binary search the
 * following places are also read, because a place may have been skipped. */
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
        if (flash_is_blank(piece, JOURNAL_RECORD_LEN))
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
        if (flash_is_blank(piece, count * JOURNAL_RECORD_LEN))
            break;
        place += count;
        low = place;
    }
    *used = low;
    return ERR_OK;
}

static int is_absent(struct journal *journal, uint32_t ordinal, bool *absent)
{
    enum journal_header_state state = JOURNAL_HEADER_BLANK;
    uint32_t seen = 0;
    int result = journal_header_read(journal, ordinal, &state, &seen);
    *absent = state == JOURNAL_HEADER_BLANK || (state == JOURNAL_HEADER_VALID && seen != ordinal);
    return result;
}

static int scan_for_tail(struct journal *journal, uint32_t lowest, uint32_t newest, uint32_t *oldest)
{
    bool absent = true;
    for (*oldest = lowest; *oldest < newest; (*oldest)++) {
        int result = is_absent(journal, *oldest, &absent);
        if (result != ERR_OK || !absent)
            return result;
    }
    return ERR_OK;
}

/* Finds the oldest sector: the first one, in increasing order, that is present. It usually is the first
 * one read. The search is for rings whose numbering started again. */
static int find_tail(struct journal *journal, uint32_t newest, uint32_t *oldest)
{
    uint32_t lowest = newest + 1 >= journal->sector_count ? newest + 1 - journal->sector_count : 0;
    uint32_t low = lowest, high = newest;
    bool absent = true;
    if (journal->floor.hole_seq >= journal_first_seq_of(journal, lowest))
        return scan_for_tail(journal, lowest, newest, oldest);
    for (; low < high && low - lowest < WORN_NEIGHBOURS && absent; low += absent) {
        int result = is_absent(journal, low, &absent);
        if (result != ERR_OK)
            return result;
    }
    if (!absent)
        high = low;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int result = is_absent(journal, middle, &absent);
        if (result != ERR_OK)
            return result;
        if (absent)
            low = middle + 1;
        else
            high = middle;
    }
    /* Worn sectors that look absent may have led the search past sectors that are present. */
    for (uint32_t below = low; below > lowest && low - below < WORN_NEIGHBOURS; below--) {
        int result = is_absent(journal, below - 1, &absent);
        if (result != ERR_OK)
            return result;
        if (!absent)
            return scan_for_tail(journal, lowest, newest, oldest);
    }
    *oldest = low;
    return ERR_OK;
}

/* Places the head in the newest sector that holds a record. At most two sectors above it are prepared
 * and empty. A sector with a damaged header keeps its records but gets no more. A skipped sector is
 * skipped again. */
static int place_head(struct journal *journal, uint32_t newest, uint32_t oldest)
{
    uint32_t empty[2] = {0, 0}; /* prepared empty sectors, lowest first */
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
        } else if (state == JOURNAL_HEADER_DAMAGED) {
            bool alive;
            result = probe_records(journal, ordinal, &alive, &seen);
            if (result != ERR_OK)
                return result;
            if (alive && seen == ordinal)
                break;
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

/* Returns the lowest sector that the head can be in. Empty sectors below it belong to a hole. */
static uint32_t lowest_of_head(const struct journal *journal, uint32_t newest, uint32_t oldest)
{
    uint32_t known = journal->floor.head_seq == 0 ? 0 : journal_ordinal_of(journal, journal->floor.head_seq);
    return known > oldest && known <= newest ? known : oldest;
}

/* Starts the numbers in a new sector, above all numbers that may have been given. Of the last known sector
 * any number may have been given. */
static void start_above(struct journal *journal, bool keep_tail)
{
    uint32_t acked = journal->acked_seq, known = journal->floor.head_seq;
    uint32_t ordinal = acked == 0 ? 0 : journal_ordinal_of(journal, acked) + 1;
    if (known > acked)
        ordinal = journal_ordinal_of(journal, known) + 1;
    journal->head_seq = journal_first_seq_of(journal, ordinal);
    journal->next_ordinal = ordinal + 1;
    journal->head_ready = journal->next_ready = false;
    if (!keep_tail)
        journal->tail_seq = journal->head_seq;
}

/* Handles a head that is below a number that was given: the end of the ring is missing. What is left is kept,
 * unless all of it is acknowledged and nothing else is known. */
static void continue_above(struct journal *journal, bool found)
{
    uint32_t least = least_head(journal);
    /* The sector of the floor had a header. Without it the records behind it may be missing too. */
    bool beheaded = journal->head_seq == journal->floor.head_seq && !journal->head_ready;
    if (found && journal->head_seq >= least && !beheaded)
        return;
    bool keep = found && journal->floor.head_seq >= journal->head_seq;
    if (least > 1)
        journal->cut = (struct journal_range){found ? journal->head_seq : journal->acked_seq + 1, least - 1};
    start_above(journal, keep);
    if (keep)
        journal->floor.hole_seq = journal->head_seq - 1;
}

int journal_find_ends(struct journal *journal)
{
    bool found = false;
    uint32_t newest = 0, oldest = 0;
    journal->prepare.cleared_ordinal = UINT32_MAX;
    journal->gap.told_is_known = journal->gap.looked_for_untold = false;
    journal->gap.look_seq = 0;
    journal->cut = (struct journal_range){0, 0};
    journal->ends_found++;
    int result = find_newest(journal, &found, &newest);
    if (result != ERR_OK)
        return result;
    if (found) {
        result = find_tail(journal, newest, &oldest);
        if (result != ERR_OK)
            return result;
        journal->tail_seq = journal_first_seq_of(journal, oldest);
        result = place_head(journal, newest, lowest_of_head(journal, newest, oldest));
    }
    continue_above(journal, found);
    return result;
}
