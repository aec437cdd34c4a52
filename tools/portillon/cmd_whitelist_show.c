/* SPDX-License-Identifier: Apache-2.0 */
/* portillon whitelist show: checks a list and prints its content, or what it says about one card. */
#include "hal/linux/translate.h"
#include "tools/portillon/commands.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/weekdays.h"
#include "tools/portillon/csv/card_number.h"
#include "tools/portillon/csv/desfire_id.h"
#include "tools/portillon/list/list_file.h"
#include "tools/portillon/site/rule_text.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/site/site_rules_print.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { SITE, PUBLIC_KEY, CARD, DESFIRE, UID, UID_LEN, EXTRACT, JSON };

static const struct command_option options[] = {
    {"site", 's', N_("DIR"), N_("the site it should be of: checks the signature and every bucket")},
    {"public-key", 'k', N_("PEM"), N_("check the signature with this key")},
    {"card", 'c', N_("UID"),
     N_("say what the list says of this card (needs --site); exit status 1: not listed")},
    {"desfire", 0, N_("ID"),
     N_("the same of the card with this identifier in the list's first DESFire application")},
    {"uid", 'u', N_("NOTATION"), N_("how the UID is written (default: hex; as for whitelist build)")},
    {"uid-len", 0, N_("BYTES"), N_("for decimal: it is of 4, 7 or 10 bytes")},
    {"extract", 'x', N_("DIR"),
     N_("write what is signed to DIR/signed.bin, the signature to DIR/signature.der")},
    {"json", 'j', NULL, N_("as JSON")},
    {0},
};

static const struct command_syntax syntax = {
    N_("[LIST] [--site DIR | --public-key PEM] [--card UID | --desfire ID] [--extract DIR]"),
    N_("Checks a list, all of it, and says what is in it. LIST may be left out with --site: it is then\n"
       "DIR/whitelist.list. Without a key the signature is not checked, and that is said.\n"
       "After --extract, openssl says the same of it:\n"
       "  openssl dgst -sha256 -verify public-key.pem -signature signature.der signed.bin"),
    options,
};

struct show {
    const char *command;
    const char *path;
    const char *site_folder;
    const char *public_key;
    const char *card, *desfire_id;
    const char *extract;
    bool as_json;
    struct card_notation notation;
    struct site site;
    const uint8_t *key; /* NULL: not given */
    uint8_t key_bytes[CRYPTO_PUBLIC_KEY_LEN];
    struct list_file list;
    size_t len;
    struct list_file_figures figures;
};

static bool take_option(struct show *show, int option, const char *value)
{
    uint64_t number;
    switch (option) {
    case SITE:
        show->site_folder = value;
        return true;
    case PUBLIC_KEY:
        show->public_key = value;
        return true;
    case CARD:
        show->card = value;
        return true;
    case DESFIRE:
        show->desfire_id = value;
        return true;
    case UID:
        if (card_notation_parse(value, &show->notation) == ERR_OK)
            return true;
        command_misuse(show->command, "--uid %s: not a notation", value);
        return false;
    case UID_LEN:
        if (!command_number(show->command, "uid-len", value, 4, 10, &number))
            return false;
        show->notation.uid_len = (uint8_t)number;
        return true;
    case EXTRACT:
        show->extract = value;
        return true;
    default:
        show->as_json = true;
        return true;
    }
}

static int get_key(struct show *show)
{
    int error = ERR_OK;
    if (show->site_folder != NULL) {
        error = site_open(&show->site, show->command, show->site_folder);
        show->key = show->site.public_key;
    } else if (show->public_key != NULL) {
        error = site_crypto_init();
        if (error == ERR_OK)
            error = site_read_public_key(show->public_key, show->key_bytes);
        show->key = show->key_bytes;
    }
    return error;
}

/* --- checks --- */

static int refuse(const struct show *show, int error, const char *why)
{
    command_fail("%s: %s: refused (%s): %s", show->command, show->path, error_name(error), why);
    return error;
}

static int check_site(const struct show *show)
{
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    if (show->key == NULL)
        return ERR_OK;
    identity_site_id(show->key, site_id);
    if (memcmp(site_id, show->list.header.site_id, sizeof site_id) != 0)
        return refuse(show, ERR_SITE, _("it is the list of another site"));
    int error = list_file_check_signature(&show->list, show->key);
    return error == ERR_OK ? ERR_OK : refuse(show, error, _("its signature is not that of this key"));
}

static int check(struct show *show, const uint8_t *data, size_t len)
{
    const char *why;
    char where[160];
    uint32_t at;
    int error = list_file_open(&show->list, data, len, &why);
    if (error != ERR_OK)
        return refuse(show, error, why);
    error = check_site(show);
    if (error != ERR_OK)
        return error;
    error = list_file_check_blocks(&show->list, &at);
    if (error != ERR_OK) {
        snprintf(where, sizeof where, _("block %" PRIu32 " is not the one that was signed"), at);
        return refuse(show, error, where);
    }
    error = list_file_check_content(&show->list, &show->figures, &at, &why);
    if (error != ERR_OK)
        return refuse(show, error, why);
    if (show->site_folder == NULL)
        return ERR_OK;
    error = list_file_check_buckets(&show->list, show->site.tag_key, &at);
    if (error == ERR_OK)
        return ERR_OK;
    snprintf(where, sizeof where, _("bucket %" PRIu32 " fails its keyed check"), at);
    return refuse(show, error, where);
}

/* --- output --- */

static const char *zones_text(uint8_t zones)
{
    static const char *const texts[] = {N_("nowhere"), N_("building"), N_("canteen"),
                                        N_("building and canteen")};
    return translate(texts[zones & 3]);
}

static void say_rule_json(struct json_out *json, const struct whitelist_rule *rule,
                          const struct whitelist_profile *profile)
{
    char date[CIVIL_DATE_TEXT_SIZE];
    json_out_text(json, "profile", profile->name);
    json_out_bool(json, "building", profile->zones & WHITELIST_ZONE_BUILDING);
    json_out_bool(json, "canteen", profile->zones & WHITELIST_ZONE_CANTEEN);
    civil_date_format(rule->first_day, date);
    json_out_text_or_null(json, "from", rule->first_day != WHITELIST_NO_FIRST_DAY ? date : NULL);
    civil_date_format(rule->last_day, date);
    json_out_text_or_null(json, "until", rule->last_day != WHITELIST_NO_LAST_DAY ? date : NULL);
    json_out_array(json, "meal_days");
    for (int day = 0; day < WHITELIST_WEEKDAYS; day++) {
        char name[WEEKDAYS_TEXT_SIZE];
        weekdays_format((uint8_t)(1 << day), name);
        if (rule->weekdays >> day & 1)
            json_out_text(json, NULL, name);
    }
    json_out_end(json);
    json_out_int(json, "passages", rule->passages);
    json_out_bool(json, "temporary", rule->flags & WHITELIST_RULE_TEMPORARY);
    json_out_bool(json, "blocked", rule->flags & WHITELIST_RULE_BLOCKED);
    json_out_int_or_null(json, "card_type", whitelist_rule_fingerprint(rule) != 0,
                         whitelist_rule_fingerprint(rule));
    json_out_bool(json, "counts_as_uid", rule->flags & WHITELIST_RULE_COUNTS_AS_UID);
}

static const char *checks_text(const struct show *show)
{
    if (show->site_folder != NULL)
        return _("signature, every block and every bucket check");
    return show->key != NULL ? _("signature and every block check; bucket checks need --site")
                             : _("every block checks; SIGNATURE NOT CHECKED: give --site or --public-key");
}

struct counted_rule {
    struct whitelist_rule rule;
    uint32_t cards;
};

/* Orders rules by profile, and the rules of one profile by their number of cards, the most common first. */
static int by_profile_and_count(const void *a, const void *b)
{
    const struct counted_rule *left = a, *right = b;
    if (left->rule.profile != right->rule.profile)
        return left->rule.profile < right->rule.profile ? -1 : 1;
    if (left->cards != right->cards)
        return left->cards > right->cards ? -1 : 1;
    return memcmp(&left->rule, &right->rule, sizeof left->rule);
}

static void say_rules(const struct show *show)
{
    struct counted_rule rules[WHITELIST_RULES_MAX];
    size_t count = 0;
    for (uint16_t i = 0; i < show->list.header.rule_slots; i++)
        if (list_file_rule(&show->list, i, &rules[count].rule))
            rules[count++].cards = show->figures.rule_cards[i];
    qsort(rules, count, sizeof rules[0], by_profile_and_count);
    for (size_t i = 0; i < count; i++) {
        const struct whitelist_rule *rule = &rules[i].rule;
        struct whitelist_profile profile;
        char text[RULE_TEXT_SIZE];
        list_file_profile(&show->list, rule->profile, &profile);
        rule_text(rule, &profile, text);
        printf("    %8" PRIu32 "  %s\n", rules[i].cards, text);
    }
}

/* Prints the rules of the list besides the cards. */
static void say_tables(const struct show *show)
{
    static struct whitelist_tables tables;
    if (list_file_tables(&show->list, &tables) != ERR_OK)
        return;
    printf(_("time zone %s\n"),
           show->list.header.time_zone[0] != '\0' ? show->list.header.time_zone : TIME_ZONE_DEFAULT);
    site_rules_print_tables(&tables, stdout);
}

static void say_text(const struct show *show)
{
    const struct whitelist_header *header = &show->list.header;
    const struct list_file_figures *figures = &show->figures;
    char created[40];
    time_t when = header->created_utc_s;
    struct tm parts;

    strftime(created, sizeof created, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&when, &parts));
    printf("%s: %s\n", show->path, checks_text(show));
    printf(_("  site      "));
    for (size_t i = 0; i < sizeof header->site_id; i++)
        printf("%02x", header->site_id[i]);
    printf("%s%s\n", show->site_folder != NULL ? "  " : "", show->site_folder != NULL ? show->site.name : "");
    printf(_("  version   %" PRIu32 ", made %s\n"), header->version, created);
    printf(_("  cards     %" PRIu32 ", %" PRIu32 " of them blocked\n"), figures->cards, figures->blocked);
    printf(translate_count(header->block_count,
                           "  size      %zu bytes: head %" PRIu32 ", %" PRIu32 " block\n",
                           "  size      %zu bytes: head %" PRIu32 ", %" PRIu32 " blocks\n"),
           show->len, header->head_len, header->block_count);
    printf(_("  load      %.2f cards a bucket of 6; of %" PRIu32 " buckets %" PRIu32 " are full, %" PRIu32
             " spill\n"),
           (double)figures->cards / header->bucket_count, header->bucket_count, figures->full_buckets,
           figures->spilled_buckets);
    printf(_("  profiles\n"));
    for (uint16_t i = 0; i < header->profile_count; i++) {
        struct whitelist_profile profile;
        list_file_profile(&show->list, i, &profile);
        printf("    %8" PRIu32 "  %s: %s\n", figures->profile_cards[i], profile.name,
               zones_text(profile.zones));
    }
    printf(_("  rules\n"));
    say_rules(show);
    say_tables(show);
}

static void say_json(const struct show *show)
{
    const struct whitelist_header *header = &show->list.header;
    struct whitelist_profile profile;
    struct whitelist_rule rule;
    struct json_out json;

    json_out_start(&json, stdout);
    json_out_object(&json, NULL);
    json_out_text(&json, "file", show->path);
    json_out_bool(&json, "signature_checked", show->key != NULL);
    json_out_bool(&json, "buckets_checked", show->site_folder != NULL);
    json_out_hex(&json, "site_id", header->site_id, sizeof header->site_id);
    json_out_int(&json, "version", header->version);
    json_out_time(&json, "created", header->created_utc_s);
    json_out_int(&json, "cards", show->figures.cards);
    json_out_int(&json, "blocked", show->figures.blocked);
    json_out_int(&json, "bytes", (int64_t)show->len);
    json_out_int(&json, "head_bytes", header->head_len);
    json_out_int(&json, "blocks", header->block_count);
    json_out_int(&json, "buckets", header->bucket_count);
    json_out_int(&json, "buckets_full", show->figures.full_buckets);
    json_out_int(&json, "buckets_spilled", show->figures.spilled_buckets);
    json_out_decimal(&json, "cards_per_bucket", (double)show->figures.cards / header->bucket_count);
    json_out_array(&json, "profiles");
    for (uint16_t i = 0; i < header->profile_count; i++) {
        list_file_profile(&show->list, i, &profile);
        json_out_object(&json, NULL);
        json_out_text(&json, "name", profile.name);
        json_out_bool(&json, "building", profile.zones & WHITELIST_ZONE_BUILDING);
        json_out_bool(&json, "canteen", profile.zones & WHITELIST_ZONE_CANTEEN);
        json_out_int(&json, "cards", show->figures.profile_cards[i]);
        json_out_end(&json);
    }
    json_out_end(&json);
    json_out_array(&json, "rules");
    for (uint16_t i = 0; i < header->rule_slots; i++) {
        if (!list_file_rule(&show->list, i, &rule))
            continue;
        list_file_profile(&show->list, rule.profile, &profile);
        json_out_object(&json, NULL);
        json_out_int(&json, "slot", i);
        say_rule_json(&json, &rule, &profile);
        json_out_int(&json, "cards", show->figures.rule_cards[i]);
        json_out_end(&json);
    }
    json_out_end(&json);
    json_out_end(&json);
}

/* --- one card --- */

#define SHOWN_SIZE (2 * CREDENTIAL_ID_MAX + 1)

static int read_uid(const struct show *show, struct credential *credential)
{
    uint8_t uid[READER_UID_MAX], uid_len;
    char why[CARD_NUMBER_WHY_MAX];
    if (card_number_parse(&show->notation, show->card, strlen(show->card), uid, &uid_len, why) != ERR_OK)
        return command_fail("%s: --card %s: %s", show->command, show->card, why);
    if (credential_from_uid(credential, uid, uid_len) != ERR_OK)
        return command_fail("%s: --card %s: its tag could not be computed", show->command, show->card);
    return COMMAND_OK;
}

static int read_desfire_id(const struct show *show, struct credential *credential)
{
    static struct whitelist_tables tables;
    uint8_t id[CREDENTIAL_ID_MAX], id_len;
    char why[CARD_NUMBER_WHY_MAX];
    if (list_file_tables(&show->list, &tables) != ERR_OK || tables.application_count == 0)
        return command_fail("%s: --desfire %s: the list has no DESFire application", show->command,
                            show->desfire_id);
    if (desfire_id_parse(&tables.applications[0], show->desfire_id, id, &id_len, why) != ERR_OK)
        return command_fail("%s: --desfire %s: %s", show->command, show->desfire_id, why);
    return credential_from_desfire(credential, tables.applications[0].aid, id, id_len) == ERR_OK
               ? COMMAND_OK
               : COMMAND_FAILED;
}

static void say_card_text(const char *shown, const struct whitelist_rule *rule,
                          const struct whitelist_profile *profile)
{
    char dates[80], days[WEEKDAYS_TEXT_SIZE], method[96];
    rule_text_dates(rule, dates, sizeof dates);
    rule_text_method(rule, method, sizeof method);
    weekdays_text(rule->weekdays, days);
    printf(rule->flags & WHITELIST_RULE_BLOCKED ? _("%s: listed, BLOCKED: %s, %s, %s")
                                                : _("%s: listed: %s, %s, %s"),
           shown, profile->name, zones_text(profile->zones), dates);
    if (rule->weekdays != WHITELIST_EVERY_DAY)
        printf(_(", meals %s"), days);
    printf("%s%s\n", method, rule->flags & WHITELIST_RULE_TEMPORARY ? _(", temporary") : "");
}

static int show_card(const struct show *show)
{
    char shown[SHOWN_SIZE];
    struct credential credential;
    struct tag tag;
    struct whitelist_rule rule;
    struct whitelist_profile profile;
    struct json_out json;

    if ((show->card != NULL ? read_uid(show, &credential) : read_desfire_id(show, &credential)) != COMMAND_OK)
        return COMMAND_FAILED;
    if (tag_from_credential(&tag, show->site.tag_key, &credential) != ERR_OK)
        return command_fail("%s: the pseudonym could not be computed", show->command);
    for (uint8_t i = 0; i < credential.id_len; i++)
        snprintf(shown + 2 * i, 3, "%02X", credential.id[i]);
    bool listed = list_file_find(&show->list, &tag, &rule, &profile) == ERR_OK;
    if (show->as_json) {
        json_out_start(&json, stdout);
        json_out_object(&json, NULL);
        json_out_text(&json, "card", shown);
        json_out_text(&json, "method", credential_method_name(credential.method));
        json_out_hex(&json, "tag", tag.bytes, sizeof tag.bytes);
        json_out_bool(&json, "listed", listed);
        if (listed)
            say_rule_json(&json, &rule, &profile);
        json_out_end(&json);
    } else if (listed) {
        say_card_text(shown, &rule, &profile);
    } else {
        printf(_("%s: not listed\n"), shown);
    }
    return listed ? COMMAND_OK : COMMAND_FAILED;
}

/* --- for openssl --- */

static int extract_one(const struct show *show, const char *name, const uint8_t *data, size_t len)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", show->extract, name);
    if (file_write_atomic(path, data, len, 0644) == ERR_OK)
        return ERR_OK;
    command_fail("%s: %s: cannot be written: %s", show->command, path, translate_errno(errno));
    return ERR_IO;
}

static int extract(const struct show *show)
{
    if (mkdir(show->extract, 0755) != 0 && errno != EEXIST) {
        command_fail("%s: %s: %s", show->command, show->extract, translate_errno(errno));
        return ERR_IO;
    }
    int error = extract_one(show, "signed.bin", show->list.head, show->list.header.head_len);
    return error == ERR_OK ? extract_one(show, "signature.der", show->list.der, show->list.der_len) : error;
}

static int show_list(struct show *show)
{
    uint8_t *data;
    int status = COMMAND_FAILED;
    int error = file_read(show->path, LIST_FILE_MAX, &data, &show->len);
    if (error != ERR_OK)
        return command_fail("%s: %s: %s", show->command, show->path,
                            error == ERR_IO ? translate_errno(errno) : _("is larger than any list"));
    if (check(show, data, show->len) == ERR_OK && (show->extract == NULL || extract(show) == ERR_OK)) {
        status = COMMAND_OK;
        if (show->card != NULL || show->desfire_id != NULL)
            status = show_card(show);
        else if (show->as_json)
            say_json(show);
        else
            say_text(show);
    }
    free(data);
    return status;
}

int cmd_whitelist_show(int argc, char **argv)
{
    static struct show show;
    char path[PATH_MAX];
    const char *value;
    int option;

    show.command = argv[0];
    while ((option = command_parse(&syntax, argc, argv, &value)) >= 0)
        if (!take_option(&show, option, value))
            return COMMAND_USAGE;
    if (option != COMMAND_PARSE_DONE)
        return command_parse_status(option);
    if (argc == optind && show.site_folder == NULL && show.public_key == NULL)
        show.site_folder = defaults_get("PORTILLON_SITE");
    if (argc - optind > 1 || (argc == optind && show.site_folder == NULL))
        return command_misuse(argv[0], "one list, or --site, is needed");
    if (show.site_folder != NULL && show.public_key != NULL)
        return command_misuse(argv[0], "--site and --public-key: one of them");
    if (show.card != NULL && show.desfire_id != NULL)
        return command_misuse(argv[0], "--card and --desfire: one of them");
    if ((show.card != NULL || show.desfire_id != NULL) && show.site_folder == NULL)
        return command_misuse(argv[0],
                              "--card and --desfire need --site: without its tag key no card can be found");
    if (get_key(&show) != ERR_OK)
        return COMMAND_FAILED;
    if (argc > optind) {
        show.path = argv[optind];
    } else {
        site_path(&show.site, SITE_LIST_FILE, path);
        show.path = path;
    }
    int status = show_list(&show);
    site_close(&show.site);
    return status;
}
