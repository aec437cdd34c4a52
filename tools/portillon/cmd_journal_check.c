/* SPDX-License-Identifier: Apache-2.0 */
/* portillon journal check: checks the chip of a dead gate. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/chip/chip_image.h"
#include "tools/portillon/chip/chip_report.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/secret_file.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_epochs.h"
#include "tools/portillon/site/site_gates.h"
#include "tools/portillon/store/passage_store.h"

/* the chip was read, but something is damaged or does not belong there */
#define STATUS_ODD 3
#define EPOCH_ANY  UINT64_MAX

enum {
    OPTION_IDENTITY,
    OPTION_SITE,
    OPTION_GATE,
    OPTION_EPOCH,
    OPTION_SECTOR_SIZE,
    OPTION_SECTORS,
    OPTION_STORE,
    OPTION_JSON
};

static const struct command_option options[] = {
    {"identity", 'i', N_("FILE"), N_("the gate's identity block (DIR/gates/ID.identity of its site)")},
    {"site", 's', N_("DIR"),
     N_("instead of it: the site folder, with --gate; it also has the keys of earlier epochs")},
    {"gate", 'g', N_("ID"), N_("the gate's id in that folder (default: its only gate)")},
    {"epoch", 0, N_("N"), N_("with --site: the epoch of the keys (default: the newest that the chip has)")},
    {"sector-size", 0, N_("BYTES"), N_("4096 or 65536; left out, it is found out")},
    {"sectors", 0, NULL, N_("each sector of the journal as well, with its wear")},
    {"store", 'o', N_("FILE"), N_("put the records into this SQLite file, as passages pull does")},
    {"json", 'j', NULL, N_("as JSON")},
    {0},
};

static const struct command_syntax syntax = {
    .usage = N_("IMAGE --site DIR [--gate ID] | --identity FILE"),
    .details = N_(
        "For a gate whose board is dead: reads what a chip reader saved of its flash chip, the whole chip\n"
        "from address 0, and says what it holds: the records of the journal and its ends, what was\n"
        "dropped, torn, damaged or forged, every sector's state and wear, the kept values, both copies\n"
        "of the whitelist. IMAGE is never written to. With --store the passages that nobody fetched in\n"
        "time are saved where passages pull would have put them.\n"
        "\n"
        "With --site the keys that the gate had before identity --renew are tried as well. A chip that went\n"
        "on with new keys has records of both: --epoch reads those of the others.\n"
        "\n"
        "Exit status: 0 all is as a gate leaves it, 1 cannot be read, and why is said, 2 wrong call,\n"
        "3 read, and something is damaged, forged or not this gate's."),
    .options = options,
};

struct call {
    const char *command, *path, *identity_path, *site_path, *gate, *store_path;
    uint32_t sector_size; /* 0: to be detected */
    uint64_t epoch;       /* of --epoch; EPOCH_ANY */
    bool with_sectors, as_json;
    bool is_earlier; /* the keys that fit are not the gate's current ones */
};

static int read_identity(const struct call *call, struct identity *identity)
{
    uint8_t *block;
    size_t len;
    int result = file_read(call->identity_path, 65536, &block, &len);
    if (result != ERR_OK)
        return command_fail("%s: %s: %s", call->command, call->identity_path,
                            result == ERR_IO ? translate_errno(errno) : _("too long for an identity block"));
    secret_file_check(call->command, call->identity_path, _("this secret"));
    result = identity_decode(identity, block, len);
    crypto_wipe(block, len);
    free(block);
    if (result != ERR_OK)
        return command_fail("%s: %s: not the identity block of a gate (%s)", call->command,
                            call->identity_path, error_name(result));
    return COMMAND_OK;
}

static int open_image(const struct call *call, struct chip_image *image)
{
    int result = chip_image_open(image, call->path, call->sector_size != 0 ? call->sector_size : 4096);
    if (result == ERR_OK)
        return COMMAND_OK;
    if (result == ERR_FORMAT)
        command_fail(
            "%s: %s: %u bytes, and a chip has whole sectors of 65536: cut short, or not a chip's image",
            call->command, call->path, image->geometry.size);
    else
        command_fail("%s: %s: %s", call->command, call->path,
                     result == ERR_IO ? translate_errno(errno)
                                      : _("longer than any chip of a gate (128 MiB)"));
    return COMMAND_FAILED;
}

/* Says why the image cannot be checked. */
static int fail_image(const struct call *call, const struct chip_image *image, int error)
{
    if (error == ERR_NO_SPACE)
        return command_fail("%s: %s: %u KiB is too small for the chip of a gate", call->command, call->path,
                            image->geometry.size / 1024);
    return command_fail("%s: %s: %s", call->command, call->path, error_name(error));
}

/* Counts the sectors whose journal header is of these keys. Unless the sector size is given, chooses the one
 * with which more are. */
static int count_headers(const struct call *call, struct chip_image *image, const struct identity *identity,
                         uint32_t *count)
{
    uint32_t large;
    if (call->sector_size != 0)
        return chip_check_count_headers(&image->flash, identity, count);
    image->geometry.sector_size = 4096;
    int result = chip_check_count_headers(&image->flash, identity, count);
    image->geometry.sector_size = 65536;
    if (result == ERR_OK)
        result = chip_check_count_headers(&image->flash, identity, &large);
    if (result == ERR_OK && large <= *count)
        image->geometry.sector_size = 4096;
    else if (result == ERR_OK)
        *count = large;
    return result;
}

/* Finds the newest epoch of the gate's keys that the chip has sectors of; the current one if it has none.
 * Prints what it has of other epochs, and errors. */
static int find_epoch(const struct call *call, const struct site *site, unsigned current,
                      struct chip_image *image, unsigned *epoch)
{
    struct identity identity;
    bool found = false;
    int result = ERR_OK;
    *epoch = current;
    for (unsigned back = 0; back <= current && result == ERR_OK; back++) {
        uint32_t count = 0;
        unsigned tried = current - back;
        result = site_read_gate_at(site, call->command, call->gate, tried, &identity);
        if (result != ERR_OK)
            break;
        result = count_headers(call, image, &identity, &count);
        if (result != ERR_OK)
            (void)fail_image(call, image, result);
        else if (count > 0 && found)
            command_note(translate_count(count, "%s: %s: %u sector is of epoch %u: --epoch %u reads it",
                                         "%s: %s: %u sectors are of epoch %u: --epoch %u reads them"),
                         call->command, call->path, count, tried, tried);
        else if (count > 0)
            *epoch = tried;
        found = found || count > 0;
    }
    crypto_wipe(&identity, sizeof identity);
    return result;
}

/* Chooses the gate without --gate: the only one of the site. */
static int choose_gate(struct call *call, const struct site *site)
{
    static char ids[SITE_GATES_MAX][IDENTITY_DEVICE_ID_MAX + 1]; /* outlives the call: gate points into it */
    char known[SITE_GATES_TEXT_SIZE];
    int count = site_list_gates(site, ids);
    if (count < 0)
        return COMMAND_FAILED;
    if (count == 0)
        return command_fail("%s: %s: no gate is registered there (portillon identity makes one)",
                            call->command, call->site_path);
    site_gates_text(ids, count, known);
    if (count > 1)
        return command_misuse(call->command,
                              "whose chip is it? Each gate writes with keys of its own; say --gate ID: in %s "
                              "there are %s",
                              call->site_path, known);
    call->gate = ids[0];
    return COMMAND_OK;
}

/* Reads the identity of a gate of a site, with the keys that fit the chip. */
static int read_from_site(struct call *call, struct chip_image *image, struct identity *identity)
{
    struct site site;
    unsigned current, epoch = (unsigned)call->epoch;
    int result = site_open(&site, call->command, call->site_path);
    if (result != ERR_OK)
        return COMMAND_FAILED;
    int chosen = call->gate == NULL ? choose_gate(call, &site) : COMMAND_OK;
    if (chosen != COMMAND_OK) {
        site_close(&site);
        return chosen;
    }
    result = site_read_gate(&site, call->command, call->gate, identity);
    if (result == ERR_OK)
        result = site_gate_epoch(&site, call->command, call->gate, &current);
    if (result == ERR_OK && call->epoch == EPOCH_ANY)
        result = find_epoch(call, &site, current, image, &epoch);
    if (result == ERR_OK)
        result = site_read_gate_at(&site, call->command, call->gate, epoch, identity);
    if (result == ERR_OK && epoch != current) {
        call->is_earlier = true;
        command_note("%s: %s: read with the keys of epoch %u, which %s had before identity --renew",
                     call->command, call->path, epoch, call->gate);
    }
    site_close(&site);
    return result == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

/* Stores as missing the records that went with whole sectors and were never fetched. */
static int save_losses(struct passage_store *store, const struct chip_check *check)
{
    const struct journal *journal = &check->journal;
    uint32_t covered = store->memory.covered;
    int result = ERR_OK;
    for (uint32_t i = 0; i < journal->sector_count && result >= 0; i++) {
        uint32_t first = check->sectors[i].ordinal * journal->per_sector + 1;
        uint32_t last = first + journal->per_sector - 1;
        if (check->sectors[i].state == CHIP_SECTOR_LOST && last > covered)
            result = passage_store_set_aside(store, PASSAGE_MISSING, first > covered ? first : covered + 1,
                                             last, NULL);
    }
    return result;
}

/* Reads a record of the chip. Returns false if there is no good one at that number. */
static bool read_record(struct journal *journal, uint32_t seq, struct journal_record *record,
                        uint8_t raw[JOURNAL_RECORD_LEN])
{
    return journal_read_raw(journal, seq, raw) == ERR_OK &&
           journal_record_decode(record, &journal->mac, raw) == ERR_OK;
}

/* Begins a new run in the store if the chip has another record at the last number that the store knows: it is
 * another chip of the same gate. A chip that ends before that number may be an older copy, which says
 * nothing. */
static int recognise(struct passage_store *store, struct journal *journal)
{
    uint8_t raw[JOURNAL_RECORD_LEN];
    struct journal_record record;
    uint32_t last = store->memory.last_seq;
    if (last < journal->tail_seq || last >= journal->head_seq || !read_record(journal, last, &record, raw) ||
        memcmp(raw + JOURNAL_RECORD_MAC_AT, store->memory.last_mac, JOURNAL_RECORD_MAC_LEN) == 0)
        return ERR_OK;
    int result = passage_store_begin_run(store);
    return result == ERR_OK ? passage_store_set_aside(store, PASSAGE_OTHER, last, last, raw) : result;
}

/* Chooses where the records of keys of before belong. They are no part of the journal with the gate's new
 * keys, which gives the same numbers out again. They belong to the run that has one of them, or to one of
 * their own. */
static int recognise_earlier(struct passage_store *store, struct journal *journal)
{
    uint8_t raw[JOURNAL_RECORD_LEN];
    struct journal_record record;
    const struct passage_memory *memory = &store->memory;
    int run = 0;
    if (memory->covered == 0 ||
        (memory->last_seq >= journal->tail_seq && memory->last_seq < journal->head_seq &&
         read_record(journal, memory->last_seq, &record, raw) &&
         memcmp(raw + JOURNAL_RECORD_MAC_AT, memory->last_mac, JOURNAL_RECORD_MAC_LEN) == 0))
        return ERR_OK; /* nothing was fetched under the new keys yet */
    for (uint32_t seq = journal->tail_seq; seq < journal->head_seq && run == 0; seq++)
        if (read_record(journal, seq, &record, raw))
            run = passage_store_find_run(store, seq, raw);
    if (run < 0 || (uint32_t)run == memory->run)
        return run < 0 ? run : ERR_OK;
    return passage_store_step_aside(store, (uint32_t)run);
}

/* Stores what is at a number whose record cannot be read. Returns 1 if it is a record that was not there yet,
 * ERR_OK, or an error. */
static int save_bad(struct passage_store *store, struct journal *journal, const struct chip_bad_place *bad,
                    const uint8_t raw[JOURNAL_RECORD_LEN])
{
    uint8_t whole[JOURNAL_RECORD_LEN];
    int result;
    memcpy(whole, raw, sizeof whole);
    if (bad->fault == CHIP_ONE_BIT && journal_record_correct(whole, &journal->mac, bad->seq) == ERR_OK) {
        result = passage_store_add(store, &bad->record, whole);
        if (result != 1)
            return result;
        result = passage_store_set_aside(store, PASSAGE_CORRECTED, bad->seq, bad->seq, raw);
        return result < 0 ? result : 1;
    }
    enum passage_anomaly anomaly =
        bad->fault == CHIP_FORGED || bad->fault == CHIP_MISPLACED ? PASSAGE_FORGED : PASSAGE_UNREADABLE;
    result = passage_store_set_aside(store, anomaly, bad->seq, bad->seq, raw);
    return result < 0 ? result : ERR_OK;
}

/* Stores the records, corrected ones too. All numbers up to the head count as covered, because there are no
 * more. */
static int save_all(struct passage_store *store, const struct chip_check *check, struct journal *journal,
                    uint32_t *saved)
{
    uint32_t bad = 0;
    int result = ERR_OK;
    for (uint32_t seq = journal->tail_seq; seq < journal->head_seq && result >= 0; seq++) {
        uint8_t raw[JOURNAL_RECORD_LEN];
        struct journal_record record;
        while (bad < check->bad_count && check->bad[bad].seq < seq)
            bad++;
        result = ERR_OK;
        if (read_record(journal, seq, &record, raw))
            result = passage_store_add(store, &record, raw);
        else if (bad < check->bad_count && check->bad[bad].seq == seq)
            result = save_bad(store, journal, &check->bad[bad], raw);
        *saved += result == 1;
        result = result == ERR_CORRUPT ? ERR_OK : result; /* stored as a conflict */
    }
    return result;
}

static int save_records(const struct call *call, struct chip_check *check)
{
    struct journal *journal = &check->journal;
    struct passage_store store;
    uint32_t saved = 0;
    int result = passage_store_open(&store, call->store_path, check->identity);
    if (result == ERR_OK)
        result = passage_store_begin(&store);
    if (result >= 0)
        result = call->is_earlier ? recognise_earlier(&store, journal) : recognise(&store, journal);
    if (result >= 0)
        result = save_losses(&store, check);
    if (result >= 0)
        result = save_all(&store, check, journal, &saved);
    if (result >= 0)
        result = passage_store_commit(&store, journal->head_seq - 1);
    if (result < 0)
        command_fail("%s: %s: %s", call->command, call->store_path, passage_store_error(&store));
    else
        command_note(translate_count(saved, "%s: %s: %u record that was not there yet is stored",
                                     "%s: %s: %u records that were not there yet are stored"),
                     call->command, call->store_path, saved);
    passage_store_close(&store);
    return result < 0 ? COMMAND_FAILED : COMMAND_OK;
}

static int check_image(const struct call *call, struct chip_image *image, const struct identity *identity)
{
    static struct chip_check check;
    uint32_t headers;
    int result = count_headers(call, image, identity, &headers);
    if (result == ERR_OK)
        result = chip_check_run(&check, &image->flash, identity);
    if (result != ERR_OK) {
        chip_check_free(&check);
        return fail_image(call, image, result);
    }
    if (call->as_json)
        chip_report_json(&check, call->path, call->with_sectors);
    else
        chip_report_text(&check, call->path, call->with_sectors);
    int status = chip_report_is_odd(&check) ? STATUS_ODD : COMMAND_OK;
    if (call->store_path != NULL && save_records(call, &check) != COMMAND_OK)
        status = COMMAND_FAILED;
    chip_check_free(&check);
    return status;
}

static int take_option(struct call *call, int index, const char *value)
{
    uint64_t number;
    switch (index) {
    case OPTION_IDENTITY:
        call->identity_path = value;
        return COMMAND_OK;
    case OPTION_SITE:
        call->site_path = value;
        return COMMAND_OK;
    case OPTION_GATE:
        call->gate = value;
        return COMMAND_OK;
    case OPTION_EPOCH:
        return command_number(call->command, "epoch", value, 0, SITE_EPOCHS_MAX, &call->epoch)
                   ? COMMAND_OK
                   : COMMAND_USAGE;
    case OPTION_SECTOR_SIZE:
        if (!command_number(call->command, "sector-size", value, 4096, 65536, &number))
            return COMMAND_USAGE;
        if (number != 4096 && number != 65536)
            return command_misuse(call->command, "--sector-size %s: 4096 or 65536", value);
        call->sector_size = (uint32_t)number;
        return COMMAND_OK;
    case OPTION_SECTORS:
        call->with_sectors = true;
        return COMMAND_OK;
    case OPTION_STORE:
        call->store_path = value;
        return COMMAND_OK;
    default:
        call->as_json = true;
        return COMMAND_OK;
    }
}

/* Takes from the environment what no option said. */
static void take_defaults(struct call *call)
{
    if (call->identity_path != NULL)
        return;
    if (call->site_path == NULL)
        call->site_path = defaults_get("PORTILLON_SITE");
    if (call->gate == NULL)
        call->gate = defaults_get("PORTILLON_GATE");
}

/* Checks that the call names one gate. */
static int check_call(const struct call *call)
{
    if (call->identity_path == NULL && call->site_path == NULL)
        return command_misuse(call->command,
                              "whose chip is it? Records are checked with keys of the gate that wrote them: "
                              "say --identity FILE (gates/ID.identity of the site folder), or --site DIR and "
                              "--gate ID");
    if (call->identity_path != NULL && (call->site_path != NULL || call->gate != NULL))
        return command_misuse(call->command, "--identity and --site: one of them is enough");
    if (call->site_path == NULL && call->epoch != EPOCH_ANY)
        return command_misuse(call->command, "--epoch needs --site DIR, which has the keys");
    return COMMAND_OK;
}

static int check_chip(struct call *call)
{
    struct chip_image image;
    struct identity identity = {0};
    int status = open_image(call, &image);
    if (status == COMMAND_OK && call->site_path != NULL)
        status = read_from_site(call, &image, &identity);
    else if (status == COMMAND_OK)
        status = read_identity(call, &identity);
    if (status == COMMAND_OK)
        status = check_image(call, &image, &identity);
    chip_image_close(&image);
    crypto_wipe(&identity, sizeof identity);
    return status;
}

int cmd_journal_check(int argc, char **argv)
{
    struct call call = {.command = argv[0], .epoch = EPOCH_ANY};
    const char *value;
    int index;

    while ((index = command_parse(&syntax, argc, argv, &value)) >= 0) {
        int status = take_option(&call, index, value);
        if (status != COMMAND_OK)
            return status;
    }
    if (index != COMMAND_PARSE_DONE)
        return command_parse_status(index);
    if (argc - optind != 1)
        return command_misuse(argv[0], "one image of a chip is needed");
    call.path = argv[optind];
    take_defaults(&call);
    int status = check_call(&call);
    if (status != COMMAND_OK)
        return status;
    if (site_crypto_init() != ERR_OK)
        return command_fail("%s: the crypto library failed", argv[0]);
    return check_chip(&call);
}
