/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/chip/chip_report.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "firmware/base/bytes.h"
#include "firmware/storage/settings.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/json_out.h"

enum { PLACES_LISTED = 20, TIME_TEXT = 24 };

/* For JSON. */
static const char *const kind_words[5] = {"granted", "closings", "refused", "events", "gaps"};

static const char *const fault_words[CHIP_FAULTS] = {
    N_("torn: the power went while it was written"),
    N_("one bit turned over; it was"),
    N_("forged, or hurt in several places: it looks like a record, but its check is not this gate's"),
    N_("a good record of another place, copied here:"),
    N_("damaged"),
};

bool chip_report_is_odd(const struct chip_check *check)
{
    return check->bad_count > 0 || check->foreign_count > 0 || check->leftover_count > 0 ||
           check->sector_count[CHIP_SECTOR_DAMAGED] > 0 || check->sector_count[CHIP_SECTOR_LOST] > 0 ||
           check->slots[0].damaged_count > 0 || check->slots[1].damaged_count > 0;
}

static const char *time_text(uint32_t utc_s, char text[TIME_TEXT])
{
    time_t seconds = utc_s;
    struct tm tm;
    strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
    return text;
}

static void erase_range(const struct chip_check *check, uint32_t *least, uint32_t *most)
{
    *least = UINT32_MAX;
    *most = 0;
    for (uint32_t i = 0; i < check->journal.sector_count; i++) {
        uint32_t erases = check->sectors[i].erases;
        *least = erases < *least ? erases : *least;
        *most = erases > *most ? erases : *most;
    }
}

/* --- text --- */

/* Returns "%u granted" and so on, in the form for a count. */
static const char *kind_format(int kind, uint32_t count)
{
    switch (kind) {
    case 0:
        return translate_count(count, "%u granted", "%u granted");
    case 1:
        return translate_count(count, "%u closing", "%u closings");
    case 2:
        return translate_count(count, "%u refused", "%u refused");
    case 3:
        return translate_count(count, "%u event", "%u events");
    default:
        return translate_count(count, "%u gap", "%u gaps");
    }
}

static void say_kinds(const struct chip_check *check)
{
    const char *separator = " ";
    for (int i = 0; i < 5; i++) {
        if (check->kind_count[i] == 0)
            continue;
        printf("%s", separator);
        printf(kind_format(i, check->kind_count[i]), check->kind_count[i]);
        separator = ", ";
    }
    printf("\n");
}

static void say_records(const struct chip_check *check)
{
    const struct journal *journal = &check->journal;
    char from[TIME_TEXT], to[TIME_TEXT];
    if (journal->head_seq == journal->tail_seq) {
        printf(_("  records   none\n"));
    } else {
        printf(_("  records   numbers %u to %u, the next at 0x%08X; %u can be read:"), journal->tail_seq,
               journal->head_seq - 1,
               journal->base +
                   (journal->head_seq - 1) / journal->per_sector % journal->sector_count *
                       journal->flash->geometry->sector_size +
                   ((journal->head_seq - 1) % journal->per_sector + 1) * JOURNAL_RECORD_LEN,
               check->good_count);
        say_kinds(check);
    }
    if (journal_cut(journal).last != 0)
        printf(_("  CUT OFF   the end is missing, from number %u on; numbers up to %u were given\n"),
               journal_cut(journal).first, journal_cut(journal).last);
    if (check->first_utc_s != 0)
        printf(_("  times     %s to %s\n"), time_text(check->first_utc_s, from),
               time_text(check->last_utc_s, to));
    if (journal->acked_seq > 0)
        printf(translate_count(journal_pending_count(journal),
                               "  fetched   acknowledged up to %u; %u record is not\n",
                               "  fetched   acknowledged up to %u; %u records are not\n"),
               journal->acked_seq, journal_pending_count(journal));
    else
        printf(_("  fetched   nothing was ever acknowledged\n"));
    if (check->unwritten_count > 0)
        printf(translate_count(check->unwritten_count,
                               "  unused    %u place was below the head never written\n",
                               "  unused    %u places were below the head never written\n"),
               check->unwritten_count);
    if (check->leftover_count > 0)
        printf(translate_count(
                   check->leftover_count,
                   "  leftover  %u record can still be read in sectors given up: an erase was cut short\n",
                   "  leftover  %u records can still be read in sectors given up: an erase was cut short\n"),
               check->leftover_count);
}

static void say_bad(const struct chip_check *check)
{
    const char *separator = _("  not good ");
    char text[TIME_TEXT];
    for (int fault = 0; fault < CHIP_FAULTS; fault++) {
        if (check->fault_count[fault] == 0)
            continue;
        printf("%s %u %s", separator, check->fault_count[fault],
               translate(chip_fault_name((enum chip_fault)fault)));
        separator = ",";
    }
    if (check->bad_count > 0)
        printf("\n");
    for (uint32_t i = 0; i < check->bad_count && i < PLACES_LISTED; i++) {
        const struct chip_bad_place *bad = &check->bad[i];
        printf(_("    number %u at 0x%08X: %s"), bad->seq, bad->addr, translate(fault_words[bad->fault]));
        if (bad->fault == CHIP_ONE_BIT || bad->fault == CHIP_MISPLACED)
            printf(_(" %s, number %u, %s"), journal_kind_name(bad->record.kind), bad->record.seq,
                   time_text(bad->record.utc_s, text));
        printf("\n");
    }
    if (check->bad_count > PLACES_LISTED)
        printf(_("    and %u more (--json lists all)\n"), check->bad_count - PLACES_LISTED);
}

static void say_gap(const struct chip_gap *gap)
{
    const char *format =
        gap->more ? translate_count(gap->passages,
                                    "  gap       numbers %u to %u were dropped for want of room, at least %u "
                                    "passage among them",
                                    "  gap       numbers %u to %u were dropped for want of room, at least %u "
                                    "passages among them")
                  : translate_count(
                        gap->passages,
                        "  gap       numbers %u to %u were dropped for want of room, %u passage among them",
                        "  gap       numbers %u to %u were dropped for want of room, %u passages among them");
    printf(format, gap->first, gap->last, gap->passages);
}

/* Prints the gaps, the newest first; they are sorted by their last number. Gaps that touch or overlap are one
 * loss to the reader, and are printed as one line. (A gap record that was dropped itself is included in the
 * next gap.) */
static void say_gaps(const struct chip_check *check)
{
    for (uint32_t i = check->gap_count, lines = 0; i > 0 && lines < PLACES_LISTED; lines++) {
        struct chip_gap sum = check->gaps[--i];
        uint32_t records = 1;
        for (; i > 0 && check->gaps[i - 1].last + 1 >= sum.first; records++) {
            const struct chip_gap *gap = &check->gaps[--i];
            sum.first = gap->first < sum.first ? gap->first : sum.first;
            sum.passages += gap->passages;
            sum.more = sum.more || gap->more;
        }
        say_gap(&sum);
        if (records > 1)
            printf(_(" (told by %u records, the last number %u)\n"), records, sum.told_by);
        else
            printf(_(" (told by number %u)\n"), sum.told_by);
    }
}

/* Prints how many sectors lost their content. */
static void say_lost(const struct chip_check *check)
{
    uint32_t sectors = check->sector_count[CHIP_SECTOR_LOST];
    printf(translate_count(sectors, "  lost      %u sector in the middle of the journal is blank",
                           "  lost      %u sectors in the middle of the journal are blank"),
           sectors);
    printf(translate_count(check->lost_count,
                           ", and should hold %u number: erased by something else, or not read\n",
                           ", and should hold %u numbers: erased by something else, or not read\n"),
           check->lost_count);
}

/* Prints each sector, or those that are damaged or lost. */
static void say_each_sector(const struct chip_check *check, bool each)
{
    const struct journal *journal = &check->journal;
    const uint32_t *count = check->sector_count;
    uint32_t listed = 0, odd = count[CHIP_SECTOR_DAMAGED] + count[CHIP_SECTOR_LOST];
    for (uint32_t i = 0; i < journal->sector_count && (each || listed < PLACES_LISTED); i++) {
        const struct chip_sector *sector = &check->sectors[i];
        if (!each && sector->state != CHIP_SECTOR_DAMAGED && sector->state != CHIP_SECTOR_LOST)
            continue;
        listed++;
        printf(_("    sector %u at 0x%08X: %s"), i, sector->addr, translate(chip_sector_name(sector->state)));
        if (sector->ordinal != UINT32_MAX && sector->state != CHIP_SECTOR_BLANK)
            printf(_(", turn %u, numbers %u to %u"), sector->ordinal + 1,
                   sector->ordinal * journal->per_sector + 1, (sector->ordinal + 1) * journal->per_sector);
        if (sector->good + sector->bad > 0)
            printf(_(", %u good, %u not"), sector->good, sector->bad);
        printf(translate_count(sector->erases, ", erased %u time\n", ", erased %u times\n"), sector->erases);
    }
    if (!each && odd > listed)
        printf(_("    and %u more (--sectors lists each)\n"), odd - listed);
}

static void say_sectors(const struct chip_check *check, bool each)
{
    const uint32_t *count = check->sector_count;
    uint32_t least, most;
    erase_range(check, &least, &most);
    printf(
        _("  sectors   %u in use, %u prepared, %u blank, %u of an earlier lap, %u damaged or passed over\n"),
        count[CHIP_SECTOR_IN_USE], count[CHIP_SECTOR_PREPARED], count[CHIP_SECTOR_BLANK],
        count[CHIP_SECTOR_OLD], count[CHIP_SECTOR_DAMAGED]);
    printf(_("  wear      erased %u to %u times each, going by their turn (up to twice that, where retention "
             "emptied them)\n"),
           least, most);
    if (count[CHIP_SECTOR_LOST] > 0)
        say_lost(check);
    if (check->foreign_count > 0)
        printf(translate_count(check->foreign_count,
                               "  foreign   %u sector has a header whose check is not this gate's: another "
                               "gate's chip, keys of before or after identity --renew, or damage\n",
                               "  foreign   %u sectors have a header whose check is not this gate's: another "
                               "gate's chip, keys of before or after identity --renew, or damage\n"),
               check->foreign_count);
    say_each_sector(check, each);
}

static void say_settings(const struct settings *settings)
{
    printf("%s, ", settings->rotation_fitted ? _("  settings  rotation sensor fitted")
                                             : _("  settings  rotation sensor not fitted"));
    printf("%s, ", settings->buzzer_on ? _("buzzer on") : _("buzzer off"));
    printf(_("open %u ms, "), settings->open_ms);
    printf(translate_count(settings->retention_days, "kept %u day, ", "kept %u days, "),
           settings->retention_days);
    printf("%s\n", settings->refuse_when_full ? _("when full refuse cards") : _("when full drop the oldest"));
}

static void say_store(const struct chip_check *check)
{
    const struct store *store = &check->store;
    uint8_t value[STORE_VALUE_LEN];
    struct settings settings;
    if (store->active < 0) {
        printf(_("store       nothing was ever kept\n"));
        return;
    }
    uint32_t starts = store_get_u32(store, STORE_BOOT_COUNT);
    printf(translate_count(store->generation, "store       written %u time over, %u of %u places used",
                           "store       written %u times over, %u of %u places used"),
           store->generation, store->used, store->flash->geometry->sector_size / STORE_RECORD_LEN);
    printf(translate_count(starts, "; started %u time, list versions above %u are taken\n",
                           "; started %u times, list versions above %u are taken\n"),
           starts, store_get_u32(store, STORE_VERSION_FLOOR));
    if (store_get(store, STORE_SETTINGS, value) != ERR_OK)
        printf(_("  settings  never changed\n"));
    else if (settings_decode(&settings, value) != ERR_OK)
        printf(_("  settings  not understood: the gate uses the default ones\n"));
    else
        say_settings(&settings);
}

static void say_slot_list(const struct chip_check *check, int index)
{
    const struct whitelist_slot *slot = &check->whitelist.slots[index];
    const struct whitelist_header *header = &slot->header;
    printf(slot->committed ? _("  slot %d    version %u, committed")
                           : _("  slot %d    version %u, not committed: an upload under way"),
           index, header->version);
    if (check->whitelist.running == index)
        printf(_(", in force"));
    printf(translate_count(header->card_count, ", %u card", ", %u cards"), header->card_count);
    printf(translate_count(header->block_count, ", %u block: ", ", %u blocks: "), header->block_count);
}

static void say_slot(const struct chip_check *check, int index)
{
    const struct whitelist_slot *slot = &check->whitelist.slots[index];
    const struct chip_slot *seen = &check->slots[index];
    if (!slot->present) {
        printf(seen->blank ? _("  slot %d    no list\n")
                           : _("  slot %d    nothing that this version takes for a list of this site\n"),
               index);
        return;
    }
    say_slot_list(check, index);
    if (seen->damaged_count == 0) {
        printf(_("all good\n"));
        return;
    }
    if (slot->committed)
        printf(translate_count(seen->damaged_count, "%u damaged:", "%u damaged:"), seen->damaged_count);
    else
        printf(translate_count(seen->damaged_count,
                               "%u not there yet, or damaged:", "%u not there yet, or damaged:"),
               seen->damaged_count);
    for (uint32_t i = 0; i < seen->damaged_count && i < PLACES_LISTED; i++)
        printf(" %u", seen->damaged[i]);
    printf(seen->damaged_count > PLACES_LISTED ? " ...\n" : "\n");
}

void chip_report_text(const struct chip_check *check, const char *path, bool with_sectors)
{
    const struct flash_geometry *geometry = check->flash->geometry;
    const struct identity *identity = check->identity;
    printf(_("%s: %u KiB in sectors of %u KiB; gate %s \"%s\"\n"), path, geometry->size / 1024,
           geometry->sector_size / 1024, identity->device_id, identity->name);
    printf(translate_count(check->journal.sector_count, "journal     %u sector of %u records, from 0x%08X\n",
                           "journal     %u sectors of %u records, from 0x%08X\n"),
           check->journal.sector_count, check->journal.per_sector, check->layout.journal_base);
    say_records(check);
    say_bad(check);
    say_gaps(check);
    say_sectors(check, with_sectors);
    say_store(check);
    printf(_("whitelist\n"));
    say_slot(check, 0);
    say_slot(check, 1);
    if (check->good_count == 0 && chip_report_is_odd(check))
        printf(_(
            "No record of this gate's was found, and the chip is not new. Is this the whole chip, from "
            "address 0, and read well (twice the same)?\nIs the identity the one the gate was born with?\n"));
}

/* --- JSON --- */

static void put_journal(struct json_out *json, const struct chip_check *check, bool with_sectors)
{
    const struct journal *journal = &check->journal;
    uint32_t least, most;
    erase_range(check, &least, &most);
    json_out_object(json, "journal");
    json_out_int(json, "base", check->layout.journal_base);
    json_out_int(json, "records_a_sector", journal->per_sector);
    json_out_int(json, "tail", journal->tail_seq);
    json_out_int(json, "head", journal->head_seq);
    json_out_int(json, "acked", journal->acked_seq);
    json_out_int(json, "pending", journal_pending_count(journal));
    if (journal_cut(journal).last != 0) {
        json_out_object(json, "cut");
        json_out_int(json, "first", journal_cut(journal).first);
        json_out_int(json, "last", journal_cut(journal).last);
        json_out_end(json);
    } else {
        json_out_null(json, "cut");
    }
    json_out_int(json, "good", check->good_count);
    json_out_object(json, "kinds");
    for (int i = 0; i < 5; i++)
        json_out_int(json, kind_words[i], check->kind_count[i]);
    json_out_end(json);
    json_out_int(json, "never_written", check->unwritten_count);
    json_out_int(json, "leftover", check->leftover_count);
    if (check->first_utc_s != 0) {
        json_out_time(json, "first_time", check->first_utc_s);
        json_out_time(json, "last_time", check->last_utc_s);
    }
    json_out_array(json, "not_good");
    for (uint32_t i = 0; i < check->bad_count; i++) {
        const struct chip_bad_place *bad = &check->bad[i];
        json_out_object(json, NULL);
        json_out_int(json, "seq", bad->seq);
        json_out_int(json, "address", bad->addr);
        json_out_text(json, "fault", chip_fault_name(bad->fault));
        if (bad->fault == CHIP_ONE_BIT || bad->fault == CHIP_MISPLACED) {
            json_out_text(json, "kind", journal_kind_name(bad->record.kind));
            json_out_int(json, "own_seq", bad->record.seq);
            json_out_int(json, "utc_s", bad->record.utc_s);
        }
        json_out_end(json);
    }
    json_out_end(json);
    json_out_array(json, "gaps");
    for (uint32_t i = 0; i < check->gap_count; i++) {
        json_out_object(json, NULL);
        json_out_int(json, "first", check->gaps[i].first);
        json_out_int(json, "last", check->gaps[i].last);
        json_out_int(json, "passages", check->gaps[i].passages);
        json_out_bool(json, "more", check->gaps[i].more);
        json_out_int(json, "told_by", check->gaps[i].told_by);
        json_out_end(json);
    }
    json_out_end(json);
    json_out_object(json, "sectors");
    for (int state = 0; state < CHIP_SECTOR_STATES; state++)
        json_out_int(json, chip_sector_name((enum chip_sector_state)state), check->sector_count[state]);
    json_out_int(json, "foreign", check->foreign_count);
    json_out_int(json, "least_erases", least);
    json_out_int(json, "most_erases", most);
    json_out_end(json);
    if (with_sectors) {
        json_out_array(json, "each_sector");
        for (uint32_t i = 0; i < journal->sector_count; i++) {
            const struct chip_sector *sector = &check->sectors[i];
            json_out_object(json, NULL);
            json_out_int(json, "address", sector->addr);
            json_out_text(json, "state", chip_sector_name(sector->state));
            if (sector->ordinal != UINT32_MAX)
                json_out_int(json, "ordinal", sector->ordinal);
            json_out_int(json, "erases", sector->erases);
            json_out_int(json, "good", sector->good);
            json_out_int(json, "bad", sector->bad);
            json_out_end(json);
        }
        json_out_end(json);
    }
    json_out_end(json);
}

static void put_store(struct json_out *json, const struct chip_check *check)
{
    const struct store *store = &check->store;
    uint8_t value[STORE_VALUE_LEN];
    struct settings settings;
    json_out_object(json, "store");
    json_out_int(json, "generation", store->generation);
    json_out_int(json, "boot_count", store_get_u32(store, STORE_BOOT_COUNT));
    json_out_int(json, "acked", store_get_u32(store, STORE_ACKED));
    json_out_int(json, "version_floor", store_get_u32(store, STORE_VERSION_FLOOR));
    if (store_get(store, STORE_SETTINGS, value) == ERR_OK && settings_decode(&settings, value) == ERR_OK) {
        json_out_object(json, "settings");
        json_out_bool(json, "rotation_fitted", settings.rotation_fitted);
        json_out_bool(json, "buzzer_on", settings.buzzer_on);
        json_out_bool(json, "refuse_when_full", settings.refuse_when_full);
        json_out_int(json, "open_ms", settings.open_ms);
        json_out_int(json, "retention_days", settings.retention_days);
        json_out_end(json);
    } else {
        json_out_null(json, "settings");
    }
    json_out_end(json);
}

static void put_slots(struct json_out *json, const struct chip_check *check)
{
    json_out_array(json, "whitelist");
    for (int i = 0; i < 2; i++) {
        const struct whitelist_slot *slot = &check->whitelist.slots[i];
        json_out_object(json, NULL);
        json_out_bool(json, "present", slot->present);
        if (slot->present) {
            json_out_int(json, "version", slot->header.version);
            json_out_bool(json, "committed", slot->committed);
            json_out_bool(json, "in_force", check->whitelist.running == i);
            json_out_int(json, "cards", slot->header.card_count);
            json_out_int(json, "blocks", slot->header.block_count);
            json_out_array(json, "damaged_blocks");
            for (uint32_t n = 0; n < check->slots[i].damaged_count; n++)
                json_out_int(json, NULL, check->slots[i].damaged[n]);
            json_out_end(json);
        }
        json_out_end(json);
    }
    json_out_end(json);
}

void chip_report_json(const struct chip_check *check, const char *path, bool with_sectors)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "file", path);
    json_out_int(&json, "bytes", check->flash->geometry->size);
    json_out_int(&json, "sector_bytes", check->flash->geometry->sector_size);
    json_out_text(&json, "device", check->identity->device_id);
    json_out_text(&json, "name", check->identity->name);
    json_out_bool(&json, "odd", chip_report_is_odd(check));
    put_journal(&json, check, with_sectors);
    put_store(&json, check);
    put_slots(&json, check);
    json_out_end(&json);
}
