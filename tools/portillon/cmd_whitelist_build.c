/* SPDX-License-Identifier: Apache-2.0 */
/* portillon whitelist build: makes a signed list from the school's CSV. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/shell_line.h"
#include "tools/portillon/common/step_times.h"
#include "tools/portillon/csv/map_sample.h"
#include "tools/portillon/csv/school_files.h"
#include "tools/portillon/list/list_builder.h"
#include "tools/portillon/list/list_file.h"
#include "tools/portillon/list/list_loss.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/site/site_rules_file.h"
#include "tools/portillon/store/list_store.h"
#include "tools/portillon/store/office_merge.h"
#include "tools/portillon/store/office_register.h"
#include "tools/portillon/store/people_store.h"
#include "tools/portillon/store/register_cards.h"
#include "tools/portillon/store/register_import.h"
#include "tools/portillon/store/register_list.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EPOCH_2000_DAYS 10957 /* days from 1970 to 2000, when the days of a list begin */

enum {
    CSV,
    OUTPUT,
    GUESS,
    STORE,
    FILES, /* the options of school_files.h */
    VERSION = FILES + SCHOOL_FILES_OPTION_COUNT,
    CREATED,
    PASSPHRASE_FILE,
    ACCEPT_REMOVALS,
    VERBOSE,
    JSON
};

static const struct command_option options[] = {
    {"csv", 'c', N_("FILE"),
     N_("a file of the school: CSV, a workbook (.xlsx, .ods), a page with a table;\n- for standard input; "
        "may be given several times; without it, the list is made from\nthe register")},
    {"output", 'o', N_("LIST"), N_("where the list goes (default: DIR/whitelist.list)")},
    {"guess", 0, NULL,
     N_("propose a map for the files and show five rows as they are read; no list is\n"
        "made. With -o FILE the map is written there")},
    {"store", 0, N_("FILE"),
     N_("the office's store of passages: note who has which card (names stay in it),\n"
        "and put in the cards lent and blocked with portillon card. It is the site's\n"
        "register from then on, and no list is made without it")},
    SCHOOL_FILES_OPTIONS,
    {"list-version", 0, N_("N"),
     N_("the list's version (default: its time of making, and above that of\n"
        "the list it replaces); gates only take a higher one")},
    {"created", 0, N_("SECONDS"),
     N_("its time of making, since 1970 UTC (default: SOURCE_DATE_EPOCH, or now)")},
    {"passphrase-file", 0, N_("FILE"),
     N_("the passphrase of the signing key, if it has one (-: stdin; default: asked\n"
        "for at the terminal)")},
    LIST_LOSS_OPTION,
    {"verbose", 'v', NULL, N_("say how long each step took")},
    {"json", 'j', NULL, N_("say what was made as JSON")},
    {0},
};

static const struct command_syntax syntax = {
    N_("DIR [--csv FILE...] [--store FILE] [-o LIST]"),
    N_("Makes the list from the register of the site, --store (portillon people import), or from files of "
       "the\n"
       "school, with --csv. Reads the cards of the site in DIR from CSV (delimiter ; , or tab; UTF-8 or "
       "Windows-1252), from workbooks\n"
       "(.xlsx, .ods) and from pages with a table, and writes a list signed with the site's key. Columns are "
       "known by their headers, French or English:\n"
       "  card     Carte, UID, Badge, N° de carte...   needed\n"
       "  profile  Régime, Profil...                   needed: externe, demi-pensionnaire (DP)...\n"
       "  from     Début, Valide du...                 DD/MM/YYYY or YYYY-MM-DD\n"
       "  until    Fin, Valide jusqu'au...             the last day valid\n"
       "  blocked  Bloquée, Perdue...                  oui or non, 1 or 0, x or nothing\n"
       "  active   Active, Carte valide...             the same, the other way round\n"
       "  state    Etat de la carte, Etat, Statut...   active, perdue, bloquée...\n"
       "  weekdays Jours; or one column a day, Lundi.. days of meals: LMJV, lun-ven; oui or non\n"
       "  passages Passages, nbMulti...                how often a card may pass at each meal (1)\n"
       "  temporary Temporaire, Provisoire...          oui or non\n"
       "Profiles, and the words for them (DP, demi-pensionnaire...), are those of site.conf, as are the "
       "hours,\n"
       "services and the calendar that the list carries: portillon site check DIR prints them. --guess looks "
       "at\n"
       "files whose columns are called otherwise, and proposes a map.\n"
       "Names and classes stay out of the list. So do secret codes and account states: access does not "
       "depend\n"
       "on them. If anything is wrong every error is told, with file, line and column, and nothing is "
       "written."),
    options,
};

struct build {
    const char *command;
    const char *output;
    uint64_t version; /* 0: not chosen */
    uint64_t created_utc_s;
    bool created_given;
    bool reproducible; /* the time was given, so the result must not depend on an earlier list */
    char path[PATH_MAX];
    bool as_json;
    bool proposes; /* a map, and makes no list */
    bool accepts_removals;
    const char *store; /* path; NULL: none */
    const char *passphrase_file;
    int status; /* exit status of a call that cannot continue */
    struct school_files files;
    struct step_times times;
    struct people_store people;
    struct register_import intake;
    int64_t now_utc_s;
    struct office_merge_counts office;
    int64_t moved;            /* people who changed class */
    uint32_t replaced_cards;  /* of the list that is replaced; 0: there is none */
    uint32_t replaced_blocks; /* of it, or of the site's list; 0: neither is there, or it must not matter */
};

static struct site_rules rules;

static bool take_file_option(struct build *build, enum school_files_option option, const char *value)
{
    int status = school_files_take(&build->files, option, value);
    if (status != COMMAND_OK)
        build->status = status;
    return status == COMMAND_OK;
}

static bool take_option(struct build *build, int option, const char *value)
{
    switch (option) {
    case CSV:
        return school_files_add(&build->files, value);
    case OUTPUT:
        build->output = value;
        return true;
    case GUESS:
        build->files.guess = true;
        return true;
    case STORE:
        build->store = value;
        return true;
    case PASSPHRASE_FILE:
        build->passphrase_file = value;
        return true;
    case ACCEPT_REMOVALS:
        build->accepts_removals = true;
        return true;
    case VERBOSE:
        build->times.shown = true;
        return true;
    case VERSION:
        return command_number(build->command, "list-version", value, 1, UINT32_MAX, &build->version);
    case CREATED:
        build->created_given = true;
        return command_number(build->command, "created", value, 1, UINT32_MAX, &build->created_utc_s);
    case JSON:
        build->as_json = true;
        translate_pause(); /* to the end, because the JSON has the notes among its texts */
        return true;
    default:
        return take_file_option(build, (enum school_files_option)(option - FILES), value);
    }
}

static bool settle_time(struct build *build)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH"); /* reproducible-builds.org/specs/source-date-epoch */
    if (!build->created_given && epoch != NULL && epoch[0] != '\0') {
        char *end;
        errno = 0;
        unsigned long long seconds = strtoull(epoch, &end, 10);
        if (*end != '\0' || errno != 0 || seconds == 0 || seconds > UINT32_MAX) {
            command_fail("%s: SOURCE_DATE_EPOCH=%s: not seconds since 1970", build->command, epoch);
            return false;
        }
        build->created_utc_s = seconds;
    } else if (!build->created_given) {
        build->created_utc_s = (uint64_t)time(NULL);
    }
    build->reproducible = build->created_given || (epoch != NULL && epoch[0] != '\0');
    return true;
}

/* --- reading --- */

static void report_store_error(const struct build *build, int error)
{
    if (error == ERR_IO || error == ERR_BUSY)
        command_fail("%s: %s: %s", build->command, build->store, people_store_error(&build->people));
    else if (error != ERR_OK)
        command_fail("%s: %s: %s", build->command, build->store, error_name(error));
}

static int import_files(struct build *build, struct csv_import *import)
{
    school_files_load(&build->files, &import->report);
    int error = school_files_import(&build->files, import);
    school_files_free(&build->files);
    if (error == ERR_IO || error == ERR_BUSY)
        report_store_error(build, error);
    if (error == ERR_OK && build->store != NULL && !build->proposes) {
        error = register_import_flush(&build->intake);
        if (error == ERR_OK)
            error = register_cards_add(&build->people, import, build->now_utc_s);
        report_store_error(build, error);
    }
    if (error != ERR_OK)
        return ERR_IO;
    csv_import_finish(import);
    step_times_end(&build->times, build->store != NULL ? _("reading, noting people") : _("reading"));
    return ERR_OK;
}

/* Takes the people and cards of the register, for a list without files. */
static int take_register(struct build *build, struct csv_import *import)
{
    struct register_list_counts counts;
    int error = register_list_add(&build->people, build->store, import, &counts);
    report_store_error(build, error);
    if (error == ERR_OK)
        register_list_report(&counts, build->store, &import->report);
    step_times_end(&build->times, _("reading the register"));
    return error;
}

static int report_errors(const struct build *build, const struct csv_import *import)
{
    import_report_print(&import->report);
    if (import->report.error_count == 0)
        return ERR_OK;
    command_fail(translate_count(import->report.error_count, "%s: %" PRIu64 " error: nothing was written",
                                 "%s: %" PRIu64 " errors: nothing was written"),
                 build->command, import->report.error_count);
    return ERR_FORMAT;
}

/* --- people --- */

static uint16_t today_of(const struct build *build)
{
    return (uint16_t)(build->created_utc_s / 86400 - EPOCH_2000_DAYS);
}

static int open_people(struct build *build, const struct site *site, struct csv_import *import)
{
    if (build->store == NULL)
        return ERR_OK;
    build->intake = (struct register_import){
        .store = &build->people, .import = import, .utc_s = build->now_utc_s, .whole = true};
    int error = build->files.count != 0
                    ? people_store_open(&build->people, build->store, site->site_id)
                    : people_store_open_existing(&build->people, build->store, site->site_id);
    if (error == ERR_OK)
        error = people_store_begin(&build->people);
    if (error == ERR_OK && build->files.count != 0)
        error = register_import_begin(&build->intake);
    if (error != ERR_OK)
        command_fail("%s: %s: %s", build->command, build->store, people_store_error(&build->people));
    build->files.options.on_person = register_import_person;
    build->files.options.person_ctx = &build->intake;
    return error;
}

/* Tells of cards that the list and the register do not share. */
static void note_differences(const struct build *build)
{
    const struct register_import *intake = &build->intake;
    if (intake->nameless != 0)
        command_note(
            translate_count(intake->nameless,
                            "%s: %" PRIu32 " card of nobody named: in this list, and not in the register",
                            "%s: %" PRIu32 " cards of nobody named: in this list, and not in the register"),
            build->command, intake->nameless);
    if (intake->desk != 0)
        command_note(translate_count(
                         intake->desk,
                         "%s: careful: %" PRIu32 " card given at the desk is in no file, and not in this "
                         "list: without --csv, the list has the cards of the register",
                         "%s: careful: %" PRIu32 " cards given at the desk are in no file, and not in this "
                         "list: without --csv, the list has the cards of the register"),
                     build->command, intake->desk);
}

static int merge_office(struct build *build, struct csv_import *import)
{
    if (build->store == NULL || import->report.error_count != 0)
        return ERR_OK;
    int error = build->files.count != 0 ? register_import_end(&build->intake, &build->moved) : ERR_OK;
    note_differences(build);
    if (error == ERR_OK)
        error = office_merge(&build->people, build->store, import, today_of(build), &build->office);
    step_times_end(&build->times, _("merging with the office"));
    if (error != ERR_OK)
        command_fail("%s: %s: %s", build->command, build->store, people_store_error(&build->people));
    return error;
}

/* Commits the people if the list was written, and rolls back otherwise. */
static int close_people(struct build *build, const struct site *site, int error)
{
    if (build->store == NULL)
        return error;
    if (error != ERR_OK)
        people_store_rollback(&build->people);
    else
        error = people_store_commit(&build->people);
    if (error == ERR_OK)
        error = office_register_note(site, build->command, build->store);
    if (error == ERR_OK)
        step_times_end(&build->times, _("keeping people"));
    register_import_free(&build->intake);
    people_store_close(&build->people);
    return error;
}

/* Keeps the list with the rules it was built from, with the people. */
static int keep_list(struct build *build, const struct site *site, const struct list_file *list,
                     const uint8_t *image, size_t len)
{
    char path[PATH_MAX];
    uint8_t *rules_text;
    size_t rules_len;
    if (build->store == NULL)
        return ERR_OK;
    site_path(site, SITE_CONF_FILE, path);
    int error = file_read(path, SITE_RULES_FILE_MAX, &rules_text, &rules_len);
    if (error != ERR_OK)
        return command_fail("%s: %s: %s", build->command, path, translate_errno(errno)), error;
    error = list_store_put(&build->people.db,
                           &(struct list_store_entry){.version = list->header.version,
                                                      .issued_utc_s = list->header.created_utc_s,
                                                      .rules = (char *)rules_text,
                                                      .list = image,
                                                      .len = len});
    free(rules_text);
    if (error != ERR_OK)
        command_fail("%s: %s: %s", build->command, build->store, people_store_error(&build->people));
    return error;
}

/* --- writing --- */

static int sign(const struct site *site, uint8_t *image)
{
    uint8_t hash[CRYPTO_HASH_LEN], der[CRYPTO_SIGNATURE_MAX];
    size_t der_len;
    list_builder_hash(image, hash);
    int error = site_sign(site, hash, der, &der_len);
    if (error == ERR_OK)
        list_builder_put_signature(image, der, der_len);
    return error;
}

/* Reads the new list back and checks it before it replaces another. */
static int check(const struct build *build, const struct site *site, const uint8_t *image, size_t len,
                 struct list_file *list, struct list_file_figures *figures)
{
    const char *why = _("its signature or a hash does not verify");
    uint32_t where;
    int error = list_file_open(list, image, len, &why);
    if (error == ERR_OK)
        error = list_file_check_signature(list, site->public_key);
    if (error == ERR_OK)
        error = list_file_check_blocks(list, &where);
    if (error == ERR_OK)
        error = list_file_check_content(list, figures, &where, &why);
    if (error != ERR_OK)
        command_fail("%s: the list made fails its own check, which is a fault of this program: %s",
                     build->command, why);
    return error;
}

/* Reads the header of a list of the site. Returns false if the file is none; *header is then unchanged. */
static bool read_header(const struct site *site, const char *path, struct whitelist_header *header)
{
    struct whitelist_header seen;
    uint8_t *data;
    size_t len;
    if (file_read(path, LIST_FILE_MAX, &data, &len) != ERR_OK)
        return false;
    bool ours = len >= WHITELIST_HEADER_LEN && whitelist_header_decode(&seen, data) == ERR_OK &&
                memcmp(seen.site_id, site->site_id, sizeof site->site_id) == 0;
    free(data);
    if (ours)
        *header = seen;
    return ours;
}

/* Chooses a version that gates accept after the list that is replaced. The time alone is not enough: two
 * lists may be made in one second, and a clock may be set back. */
static void settle_version(struct build *build, const struct site *site)
{
    struct whitelist_header header = {0};
    char site_list[PATH_MAX];
    bool chosen = build->version != 0;
    if (!chosen)
        build->version = build->created_utc_s;
    site_path(site, SITE_LIST_FILE, site_list);
    bool ours = read_header(site, build->path, &header);
    build->replaced_cards = header.card_count;
    if (!build->reproducible && (ours || read_header(site, site_list, &header)))
        build->replaced_blocks = header.block_count;
    if (!ours || header.version < build->version)
        return;
    if (!chosen && !build->reproducible && header.version < UINT32_MAX)
        build->version = (uint64_t)header.version + 1;
    else
        command_note("%s: %s: replaces version %" PRIu32 " by %" PRIu64
                     ": a gate that has the former will refuse it",
                     build->command, build->path, header.version, build->version);
}

/* Warns about expired cards: last year's file is an easy mistake, and every pupil would notice it at the
 * gate. */
static void note_expired(const struct build *build, const struct list_file *list,
                         const struct list_file_figures *figures)
{
    int64_t today = (int64_t)(build->created_utc_s / 86400) - EPOCH_2000_DAYS;
    struct whitelist_rule rule;
    char text[160];
    uint32_t expired = 0;
    for (uint32_t i = 0; i < WHITELIST_RULES_MAX; i++)
        if (list_file_rule(list, i, &rule) && rule.last_day != WHITELIST_NO_LAST_DAY && rule.last_day < today)
            expired += figures->rule_cards[i];
    if (expired == 0)
        return;
    const char *what = figures->cards == 1
                           ? _("%" PRIu32 " of %" PRIu32 " card is past its last day")
                           : translate_count(expired, "%" PRIu32 " of %" PRIu32 " cards is past its last day",
                                             "%" PRIu32 " of %" PRIu32 " cards are past their last day");
    snprintf(text, sizeof text, what, expired, figures->cards);
    command_note(expired > figures->cards / 2 ? _("%s: %s: is this file of this year?") : "%s: %s",
                 build->command, text);
}

/* Tells of cards that are in no list from the register: their rows in the school's file named nobody. */
static void note_fewer(const struct build *build, uint32_t cards)
{
    if (build->files.count == 0 && cards < build->replaced_cards)
        command_note(translate_count(build->replaced_cards - cards,
                                     "%s: %" PRIu32 " card fewer than the list that it replaces: portillon "
                                     "whitelist diff tells which",
                                     "%s: %" PRIu32 " cards fewer than the list that it replaces: portillon "
                                     "whitelist diff tells which"),
                     build->command, build->replaced_cards - cards);
}

static void say_next(const struct build *build, const struct site *site)
{
    const char *port = defaults_get("PORTILLON_PORT");
    const char *const words[] = {
        "whitelist", "push",       "--port",      port != NULL ? port : SHELL_LINE_PORT,
        "--site",    site->folder, build->output, NULL};
    shell_line_print(_("next:\n  "), words);
}

/* Returns how many cards more the next list may have in the same layout, so that gates get the changes
 * alone. */
static uint32_t room_of(const struct list_file *list)
{
    uint32_t most = list_builder_room(list->header.block_count), cards = list->header.card_count;
    return most > cards ? most - cards : 0;
}

static void say_text(const struct build *build, const struct site *site, const struct list_file *list,
                     const struct list_file_figures *figures, size_t len)
{
    const char *separator = "  ";
    printf(translate_count(figures->cards, "%s: %" PRIu32 " card (%" PRIu32 " blocked), version %" PRIu32,
                           "%s: %" PRIu32 " cards (%" PRIu32 " blocked), version %" PRIu32),
           build->path, figures->cards, figures->blocked, list->header.version);
    printf(translate_count(list->header.block_count, ", %" PRIu32 " block, %.1f KiB",
                           ", %" PRIu32 " blocks, %.1f KiB"),
           list->header.block_count, (double)len / 1024);
    printf(translate_count(room_of(list), ", room for %" PRIu32 " more card\n",
                           ", room for %" PRIu32 " more cards\n"),
           room_of(list));
    for (uint16_t i = 0; i < list->header.profile_count; i++)
        if (figures->profile_cards[i] != 0) {
            printf("%s%s %" PRIu32, separator, rules.tables.profiles[i].name, figures->profile_cards[i]);
            separator = ", ";
        }
    if (build->office.lent + build->office.blocked != 0)
        printf(_("\n  of the office: %" PRIu32 " lent, %" PRIu32 " blocked"), build->office.lent,
               build->office.blocked);
    if (build->moved != 0)
        printf(_("\n  found again in another class, by name or card: %" PRId64), build->moved);
    putchar('\n');
    say_next(build, site);
}

static void say_json(const char *path, const struct list_file *list, const struct list_file_figures *figures,
                     const struct csv_import *import, size_t len)
{
    struct json_out json;
    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "file", path);
    json_out_int(&json, "version", list->header.version);
    json_out_time(&json, "created", list->header.created_utc_s);
    json_out_hex(&json, "site_id", list->header.site_id, sizeof list->header.site_id);
    json_out_int(&json, "cards", figures->cards);
    json_out_int(&json, "blocked", figures->blocked);
    json_out_int(&json, "blocks", list->header.block_count);
    json_out_int(&json, "room", room_of(list));
    json_out_int(&json, "bytes", (int64_t)len);
    json_out_object(&json, "profiles");
    for (uint16_t i = 0; i < list->header.profile_count; i++)
        json_out_int(&json, rules.tables.profiles[i].name, figures->profile_cards[i]);
    json_out_end(&json);
    json_out_array(&json, "notes");
    for (size_t i = 0; i < import->report.note_count; i++)
        json_out_text(&json, NULL, import->report.notes[i]);
    json_out_end(&json);
    json_out_end(&json);
}

/* Compares the list with the one that it replaces. The list of the site itself is kept. */
static int check_loss(const struct build *build, const struct site *site, uint8_t *image,
                      const struct list_file *list)
{
    static struct list_open after;
    char keep_at[PATH_MAX];
    after = (struct list_open){.data = image, .list = *list};
    int error = list_file_tables(&after.list, &after.tables);
    site_path(site, SITE_LIST_BEFORE_FILE, keep_at);
    return error != ERR_OK
               ? error
               : list_loss_check_file(build->command, build->path, site->public_key, &after,
                                      build->accepts_removals, build->output == NULL ? keep_at : NULL);
}

static int write_list(struct build *build, const struct site *site, const struct csv_import *import,
                      uint8_t *image, size_t len)
{
    struct list_file list;
    static struct list_file_figures figures;

    int error = sign(site, image);
    if (error == ERR_OK)
        error = check(build, site, image, len, &list, &figures);
    if (error == ERR_OK)
        error = check_loss(build, site, image, &list);
    if (error == ERR_OK)
        error = keep_list(build, site, &list, image, len);
    if (error != ERR_OK)
        return error;
    step_times_end(&build->times, _("signing and checking"));
    const char *path = build->path;
    error = file_write_atomic(path, image, len, 0644);
    step_times_end(&build->times, _("writing"));
    if (error != ERR_OK)
        command_fail("%s: %s: cannot be written: %s", build->command, path, translate_errno(errno));
    else if (build->as_json)
        say_json(path, &list, &figures, import, len);
    else
        say_text(build, site, &list, &figures, len);
    if (error == ERR_OK)
        note_expired(build, &list, &figures);
    if (error == ERR_OK)
        note_fewer(build, figures.cards);
    return error;
}

static int build_list(struct build *build, const struct site *site, const struct csv_import *import)
{
    struct list_builder_input input = {
        .cards = import->cards.cards,
        .card_count = import->cards.count,
        .time_zone = rules.time_rule,
        .version = (uint32_t)build->version,
        .created_utc_s = (uint32_t)build->created_utc_s,
        .blocks_before = build->replaced_blocks,
    };
    uint8_t *image;
    size_t len;
    const char *why = _("its list key could not be derived");

    list_builder_take_tables(&input, &rules.tables);
    input.card_types = rules.profile_card_types;
    memcpy(input.site_id, site->site_id, sizeof input.site_id);
    int error = whitelist_list_key(site->tag_key, input.list_key);
    if (error == ERR_OK)
        error = list_builder_build(&input, &image, &len, &why);
    crypto_wipe(input.list_key, sizeof input.list_key);
    if (error != ERR_OK) {
        command_fail("%s: no list can be made: %s: nothing was written", build->command, why);
        return error;
    }
    step_times_end(&build->times, _("building the list"));
    error = write_list(build, site, import, image, len);
    free(image);
    return error;
}

/* --- proposing a map --- */

static int write_map(const struct build *build)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL)
        return command_fail("%s: out of memory", build->command);
    csv_map_write(&build->files.options, out);
    fclose(out);
    int error = ERR_OK;
    if (build->output == NULL)
        fwrite(text, 1, len, stdout);
    else
        error = file_write_atomic(build->output, text, len, 0644);
    if (error != ERR_OK)
        command_fail("%s: %s: cannot be written: %s", build->command, build->output, translate_errno(errno));
    free(text);
    return error == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

static int propose_map(struct build *build, struct csv_import *import)
{
    static struct map_sample sample;
    sample.import = import;
    build->files.options.on_person = map_sample_keep;
    build->files.options.person_ctx = &sample;
    if (import_files(build, import) != ERR_OK)
        return COMMAND_FAILED;
    import_report_print(&import->report);
    int status = write_map(build);
    FILE *out = build->output == NULL ? stdout : stderr;
    map_sample_show(&sample, &rules.tables, out);
    fprintf(out, translate_count(import->cards.count, "\n%" PRIu32 " card read", "\n%" PRIu32 " cards read"),
            import->cards.count);
    fprintf(out,
            translate_count(import->report.error_count, ", %" PRIu64 " error; no list was made",
                            ", %" PRIu64 " errors; no list was made"),
            import->report.error_count);
    if (build->output != NULL)
        fprintf(out, _("; the map is in %s"), build->output);
    fputc('\n', out);
    if (import->cards.count == 0)
        return command_fail("%s: --guess: no card could be read by this map: correct what is said above, or "
                            "say more with --column and --uid",
                            build->command);
    return status;
}

/* --- the command --- */

static int make_list(struct build *build, const struct site *site, struct csv_import *import)
{
    build->now_utc_s = (int64_t)build->created_utc_s;
    if (office_register_check(site, build->command, build->store, today_of(build)) != ERR_OK)
        return COMMAND_FAILED;
    int error = open_people(build, site, import);
    if (error == ERR_OK)
        error = build->files.count != 0 ? import_files(build, import) : take_register(build, import);
    if (error == ERR_OK)
        error = merge_office(build, import);
    if (error == ERR_OK)
        error = report_errors(build, import);
    if (error == ERR_OK)
        error = build_list(build, site, import);
    error = close_people(build, site, error);
    step_times_finish(&build->times);
    return error == ERR_OK ? COMMAND_OK : COMMAND_FAILED;
}

int cmd_whitelist_build(int argc, char **argv)
{
    static struct csv_import import;
    static struct build build;
    struct site site;
    const char *value;
    int option;

    build.command = build.files.command = argv[0];
    build.status = COMMAND_USAGE;
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0)
        if (!take_option(&build, option, value))
            return build.status;
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    const char *folder = defaults_site_operand(argc, argv, optind);
    if (folder == NULL)
        return command_misuse(argv[0], "one site folder is needed");
    build.proposes = build.files.guess;
    if (build.store == NULL)
        build.store = defaults_get("PORTILLON_STORE");
    if (build.files.count == 0 && (build.store == NULL || build.proposes))
        return command_misuse(argv[0],
                              build.proposes ? _("--guess needs --csv") : _("--csv is needed, or --store"));
    step_times_start(&build.times, build.times.shown);
    if (!settle_time(&build) || site_open(&site, argv[0], folder) != ERR_OK)
        return COMMAND_FAILED;
    if (site_rules_read(&rules, argv[0], folder) != ERR_OK ||
        (!build.proposes && site_unlock(&site, argv[0], build.passphrase_file) != ERR_OK)) {
        site_close(&site);
        return COMMAND_FAILED;
    }
    build.files.options.rules = &rules;
    if (build.created_utc_s / 86400 > EPOCH_2000_DAYS)
        build.files.options.today = (uint16_t)(build.created_utc_s / 86400 - EPOCH_2000_DAYS);
    csv_import_init(&import, &build.files.options, site.tag_key);
    int status;
    if (build.proposes) {
        status = propose_map(&build, &import);
    } else {
        if (build.output != NULL)
            snprintf(build.path, sizeof build.path, "%s", build.output);
        else
            site_path(&site, SITE_LIST_FILE, build.path);
        settle_version(&build, &site);
        status = make_list(&build, &site, &import);
    }
    csv_import_free(&import);
    site_close(&site);
    return status;
}
