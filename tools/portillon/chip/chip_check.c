/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/chip/chip_check.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/base/clock.h"
#include "firmware/journal/journal_correct.h"
#include "firmware/journal/journal_sector.h"
#include "firmware/whitelist/whitelist_head.h"
#include "firmware/whitelist/whitelist_slot.h"
#include "hal/linux/translate.h"

enum { MENDS_MAX = 2000 }; /* damaged records for which every inverted bit is tried */

/* --- one record --- */

/* Returns true if one bit of the record is wrong, with the record as it was written. */
static bool mend(struct chip_check *check, const uint8_t raw[JOURNAL_RECORD_LEN], uint32_t seq,
                 struct journal_record *record)
{
    uint8_t tried[JOURNAL_RECORD_LEN];
    memcpy(tried, raw, sizeof tried);
    return check->bad_count < MENDS_MAX &&
           journal_record_correct(tried, &check->journal.mac, seq) == ERR_OK &&
           journal_record_parse(record, tried) == ERR_OK;
}

static enum chip_fault fault_of(struct chip_check *check, const uint8_t raw[JOURNAL_RECORD_LEN], uint32_t seq,
                                struct journal_record *record)
{
    if (journal_record_decode(record, &check->journal.mac, raw) == ERR_OK)
        return CHIP_MISPLACED;
    bool is_whole = mend(check, raw, seq, record);
    if (is_whole && journal_correct_is_allowed(&check->journal, seq, raw) == ERR_OK)
        return CHIP_ONE_BIT;
    *record = (struct journal_record){0};
    if (is_whole || raw[JOURNAL_RECORD_LEN - 1] == 0xFF)
        return CHIP_TORN;
    bool plausible = bytes_get_u32(raw) == seq &&
                     journal_kind_name((enum journal_kind)raw[JOURNAL_RECORD_KIND_AT]) != NULL;
    if (plausible)
        return CHIP_FORGED;
    return seq == check->journal.head_seq - 1 ? CHIP_TORN : CHIP_DAMAGED; /* the last operation of the gate */
}

/* Makes room for one more element in an array. Returns NULL when out of memory. */
static void *grow(void *array, uint32_t count, size_t size)
{
    if (count != 0 && (count & (count - 1)) != 0)
        return array;
    return realloc(array, (count == 0 ? 1 : (size_t)count * 2) * size);
}

static int add_bad(struct chip_check *check, uint32_t seq, const uint8_t raw[JOURNAL_RECORD_LEN])
{
    struct chip_bad_place *bad = grow(check->bad, check->bad_count, sizeof *bad);
    if (bad == NULL)
        return ERR_CRYPTO;
    check->bad = bad;
    bad += check->bad_count;
    bad->seq = seq;
    bad->addr = journal_place_address(&check->journal, seq);
    bad->fault = fault_of(check, raw, seq, &bad->record);
    check->fault_count[bad->fault]++;
    check->bad_count++;
    return ERR_OK;
}

static int add_gap(struct chip_check *check, const struct journal_record *record)
{
    struct chip_gap *gaps = grow(check->gaps, check->gap_count, sizeof *gaps);
    if (gaps == NULL)
        return ERR_CRYPTO;
    check->gaps = gaps;
    gaps[check->gap_count++] = (struct chip_gap){.first = record->dropped.first,
                                                 .last = record->dropped.last,
                                                 .passages = record->ref,
                                                 .more = record->flags & JOURNAL_FLAG_UNCOUNTED,
                                                 .told_by = record->seq};
    return ERR_OK;
}

static int add_good(struct chip_check *check, const struct journal_record *record)
{
    static const enum journal_kind kinds[] = {JOURNAL_GRANTED, JOURNAL_CLOSED, JOURNAL_REFUSED, JOURNAL_EVENT,
                                              JOURNAL_GAP};
    for (int i = 0; i < 5; i++)
        check->kind_count[i] += record->kind == kinds[i];
    check->good_count++;
    if (journal_record_clock(record) == CLOCK_SET) {
        check->last_utc_s = record->utc_s;
        if (check->first_utc_s == 0)
            check->first_utc_s = record->utc_s;
    }
    return record->kind == JOURNAL_GAP ? add_gap(check, record) : ERR_OK;
}

static int check_record(struct chip_check *check, uint32_t seq, struct chip_sector *sector)
{
    struct journal *journal = &check->journal;
    struct journal_record record;
    uint8_t raw[JOURNAL_RECORD_LEN];
    int result = journal_flash_read(journal, journal_place_address(journal, seq), raw, sizeof raw);
    if (result != ERR_OK)
        return result;
    if (flash_is_blank(raw, sizeof raw)) {
        check->unwritten_count++;
        return ERR_OK;
    }
    if (journal_record_decode(&record, &journal->mac, raw) == ERR_OK && record.seq == seq) {
        sector->good++;
        return add_good(check, &record);
    }
    sector->bad++;
    return add_bad(check, seq, raw);
}

/* --- sectors --- */

/* Returns the ordinal that a sector has, or had last, from the position of the head; UINT32_MAX if it was
 * never used. */
static uint32_t ordinal_at(const struct journal *journal, uint32_t position)
{
    uint32_t newest = journal_ordinal_of(journal, journal->head_seq);
    if (journal->next_ready)
        newest = journal->next_ordinal;
    else if (!journal->head_ready && newest > 0)
        newest--; /* not yet erased for its next use */
    else if (!journal->head_ready)
        return UINT32_MAX;
    uint32_t behind =
        (newest % journal->sector_count + journal->sector_count - position) % journal->sector_count;
    return behind <= newest ? newest - behind : UINT32_MAX;
}

/* Counts the valid records in places that the journal no longer uses. */
static uint32_t count_leftovers(struct journal *journal, uint32_t position)
{
    uint32_t count = 0;
    for (uint32_t place = 1; place <= journal->per_sector; place++) {
        struct journal_record record;
        uint8_t raw[JOURNAL_RECORD_LEN];
        uint32_t addr = journal_sector_address(journal, position) + place * JOURNAL_RECORD_LEN;
        if (journal_flash_read(journal, addr, raw, sizeof raw) == ERR_OK && !flash_is_blank(raw, sizeof raw))
            count += journal_record_decode(&record, &journal->mac, raw) == ERR_OK;
    }
    return count;
}

static int check_sector(struct chip_check *check, uint32_t position)
{
    struct journal *journal = &check->journal;
    struct chip_sector *sector = &check->sectors[position];
    enum journal_header_state header;
    uint32_t seen, ordinal = ordinal_at(journal, position);
    uint8_t raw[JOURNAL_RECORD_LEN];
    int result = journal_header_read(journal, position, &header, &seen);
    if (result != ERR_OK)
        return result;
    sector->addr = journal_sector_address(journal, position);
    sector->erases = ordinal == UINT32_MAX ? 0 : ordinal / journal->sector_count + 1;
    sector->ordinal = header == JOURNAL_HEADER_VALID ? seen : ordinal;
    result = journal_flash_read(journal, sector->addr, raw, sizeof raw);
    check->foreign_count += header == JOURNAL_HEADER_DAMAGED && memcmp(raw, "PTJS", 4) == 0;
    uint32_t first = ordinal == UINT32_MAX ? 0 : journal_first_seq_of(journal, ordinal);
    uint32_t end =
        first + journal->per_sector < journal->head_seq ? first + journal->per_sector : journal->head_seq;
    bool of_journal = ordinal != UINT32_MAX && first + journal->per_sector > journal->tail_seq && end > first;
    for (uint32_t seq = first; of_journal && seq < end && result == ERR_OK; seq++)
        result = check_record(check, seq, sector);
    if (!of_journal)
        check->leftover_count += count_leftovers(journal, position);
    bool is_lost = of_journal && sector->good + sector->bad == 0;
    if (header == JOURNAL_HEADER_BLANK && is_lost) {
        check->unwritten_count -= end - first;
        check->lost_count += end - first;
    }
    if (header == JOURNAL_HEADER_BLANK)
        sector->state = is_lost ? CHIP_SECTOR_LOST : CHIP_SECTOR_BLANK;
    else if (header == JOURNAL_HEADER_DAMAGED)
        sector->state = CHIP_SECTOR_DAMAGED;
    else if (of_journal)
        sector->state = CHIP_SECTOR_IN_USE;
    else
        sector->state =
            seen == ordinal && first >= journal->head_seq ? CHIP_SECTOR_PREPARED : CHIP_SECTOR_OLD;
    check->sector_count[sector->state]++;
    return result;
}

static int by_seq(const void *a, const void *b)
{
    uint32_t x = ((const struct chip_bad_place *)a)->seq, y = ((const struct chip_bad_place *)b)->seq;
    return x < y ? -1 : x > y;
}

static int by_teller(const void *a, const void *b)
{
    uint32_t x = ((const struct chip_gap *)a)->told_by, y = ((const struct chip_gap *)b)->told_by;
    return x < y ? -1 : x > y;
}

/* Sorts the gaps in the order of their records, and removes repeated ones. */
static void sort_gaps(struct chip_check *check)
{
    uint32_t kept = 1;
    qsort(check->gaps, check->gap_count, sizeof *check->gaps, by_teller);
    for (uint32_t i = 1; i < check->gap_count; i++)
        if (check->gaps[i].last != check->gaps[kept - 1].last)
            check->gaps[kept++] = check->gaps[i];
    check->gap_count = kept;
}

static int check_journal(struct chip_check *check)
{
    struct journal *journal = &check->journal;
    check->sectors = calloc(journal->sector_count, sizeof *check->sectors);
    if (check->sectors == NULL)
        return ERR_CRYPTO;
    int result = ERR_OK;
    /* oldest first, so that dates are in order */
    uint32_t oldest = journal_ordinal_of(journal, journal->tail_seq);
    for (uint32_t i = 0; i < journal->sector_count && result == ERR_OK; i++)
        result = check_sector(check, (oldest + i) % journal->sector_count);
    if (check->bad_count > 0)
        qsort(check->bad, check->bad_count, sizeof *check->bad, by_seq);
    if (check->gap_count > 0)
        sort_gaps(check);
    return result;
}

/* --- lists --- */

static int check_slot(struct chip_check *check, int index)
{
    struct whitelist *list = &check->whitelist;
    struct chip_slot *slot = &check->slots[index];
    static uint8_t block[WHITELIST_BLOCK_LEN];
    int read = check->flash->read(check->flash->ctx, list->slots[index].base, block, WHITELIST_HEADER_LEN);
    slot->blank = read == ERR_OK && flash_is_blank(block, WHITELIST_HEADER_LEN);
    if (!list->slots[index].present)
        return ERR_OK;
    for (uint32_t i = 0; i < list->slots[index].header.block_count; i++) {
        uint8_t wanted[WHITELIST_HASH_LEN], hash[WHITELIST_HASH_LEN];
        int result = whitelist_head_listed_hash(list, index, i, wanted);
        if (result == ERR_OK)
            result = whitelist_slot_read_block(list, index, i, block, hash);
        if (result != ERR_OK)
            return result;
        if (memcmp(wanted, hash, sizeof hash) == 0)
            continue;
        uint32_t *damaged = grow(slot->damaged, slot->damaged_count, sizeof *damaged);
        if (damaged == NULL)
            return ERR_CRYPTO;
        slot->damaged = damaged;
        damaged[slot->damaged_count++] = i;
    }
    return ERR_OK;
}

/* --- the whole chip --- */

/* Tells the journal what the store knows of it, as the gate does. */
static int set_floor(struct chip_check *check)
{
    uint8_t value[STORE_VALUE_LEN];
    struct journal_floor floor = {0, 0};
    if (store_get(&check->store, STORE_JOURNAL_FLOOR, value) == ERR_OK)
        floor = journal_floor_decode(value);
    return journal_set_floor(&check->journal, &floor);
}

int chip_check_run(struct chip_check *check, const struct flash *flash, const struct identity *identity)
{
    memset(check, 0, sizeof *check);
    check->flash = flash;
    check->identity = identity;
    int result = layout_plan(&check->layout, flash->geometry);
    if (result != ERR_OK)
        return result;
    const struct layout *layout = &check->layout;
    result = store_mount(&check->store, flash, layout->store_base, identity->storage_key);
    if (result == ERR_OK)
        result = journal_mount(&check->journal, flash, layout->journal_base, layout->journal_len,
                               identity->journal_key, store_get_u32(&check->store, STORE_ACKED));
    if (result == ERR_OK)
        result = set_floor(check);
    if (result == ERR_OK)
        result = whitelist_mount(
            &check->whitelist, flash, layout->whitelist_base, layout->whitelist_len, identity,
            &(struct whitelist_known){.version = store_get_u32(&check->store, STORE_VERSION_FLOOR)});
    if (result == ERR_OK)
        result = check_journal(check);
    for (int slot = 0; slot < 2 && result == ERR_OK; slot++)
        result = check_slot(check, slot);
    return result;
}

void chip_check_free(struct chip_check *check)
{
    if (check->store.flash != NULL)
        store_unmount(&check->store);
    if (check->journal.flash != NULL)
        journal_unmount(&check->journal);
    if (check->whitelist.flash != NULL)
        whitelist_unmount(&check->whitelist);
    free(check->bad);
    free(check->gaps);
    free(check->sectors);
    free(check->slots[0].damaged);
    free(check->slots[1].damaged);
    memset(check, 0, sizeof *check);
}

int chip_check_count_headers(const struct flash *flash, const struct identity *identity, uint32_t *count)
{
    struct layout layout;
    struct journal journal;
    *count = 0;
    int result = layout_plan(&layout, flash->geometry);
    if (result == ERR_OK)
        result =
            journal_mount(&journal, flash, layout.journal_base, layout.journal_len, identity->journal_key, 0);
    if (result != ERR_OK)
        return result;
    for (uint32_t position = 0; position < journal.sector_count && result == ERR_OK; position++) {
        enum journal_header_state state;
        uint32_t ordinal;
        result = journal_header_read(&journal, position, &state, &ordinal);
        *count += result == ERR_OK && state == JOURNAL_HEADER_VALID;
    }
    journal_unmount(&journal);
    return result;
}

const char *chip_fault_name(enum chip_fault fault)
{
    static const char *const names[CHIP_FAULTS] = {N_("torn"), N_("one_bit"), N_("forged"), N_("misplaced"),
                                                   N_("damaged")};
    return (unsigned)fault < CHIP_FAULTS ? names[fault] : "?";
}

const char *chip_sector_name(enum chip_sector_state state)
{
    static const char *const names[CHIP_SECTOR_STATES] = {N_("blank"), N_("in_use"),  N_("prepared"),
                                                          N_("old"),   N_("damaged"), N_("lost")};
    return (unsigned)state < CHIP_SECTOR_STATES ? names[state] : "?";
}
