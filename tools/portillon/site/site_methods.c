/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_methods.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/desfire/desfire_application.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/hex_text.h"
#include "tools/portillon/site/week_windows.h"

/* ---- assurance ---- */

static const struct {
    const char *word;
    enum credential_assurance least;
} levels[] = {
    {"none", CREDENTIAL_ASSURED_NOT},
    {"uid", CREDENTIAL_ASSURED_UID},
    {"uid+", CREDENTIAL_ASSURED_CHIP},
    {"desfire", CREDENTIAL_ASSURED_DESFIRE},
};

static int find_level(const char *word)
{
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (strcmp(levels[i].word, word) == 0)
            return (int)levels[i].least;
    return -1;
}

/* Removes the word at text from the rest of the line. Returns the text behind it. */
static char *blank_word(char *text, size_t len)
{
    memset(text, ' ', len);
    return text + len;
}

/* Takes the date behind `from` or `until` out of the line. Returns false after an error. */
static bool take_bound(struct site_parser *parser, char *text, uint16_t *bound)
{
    int32_t day;
    while (*text == ' ' || *text == '\t')
        text++;
    size_t len = strcspn(text, " \t");
    char date[SITE_RULES_WORD_SIZE];
    snprintf(date, sizeof date, "%.*s", (int)len, text);
    if (site_parser_take_date(parser, date, &day) == NULL)
        return false;
    *bound = (uint16_t)day;
    blank_word(text, len);
    return true;
}

/* Takes zones and dates out of a line. What is left are days and hours. */
static bool take_bounds(struct site_parser *parser, char *text, struct whitelist_assurance *entry)
{
    while (*(text += strspn(text, " \t")) != '\0') {
        size_t len = strcspn(text, " \t");
        bool from = len == 4 && strncmp(text, "from", len) == 0;
        if (len == 8 && strncmp(text, "building", len) == 0)
            entry->zones |= WHITELIST_ZONE_BUILDING;
        else if (len == 7 && strncmp(text, "canteen", len) == 0)
            entry->zones |= WHITELIST_ZONE_CANTEEN;
        else if (!from && !(len == 5 && strncmp(text, "until", len) == 0)) {
            text += len;
            continue;
        } else if (!take_bound(parser, text + len, from ? &entry->first_day : &entry->last_day))
            return false;
        text = blank_word(text, len);
    }
    return true;
}

static void add_assurance(struct site_parser *parser, const struct whitelist_assurance *entry)
{
    struct whitelist_tables *tables = &parser->rules->tables;
    if (tables->assurance_count == WHITELIST_ASSURANCE_MAX) {
        SITE_COMPLAIN(parser, "there are more than %d demands of assurance in all", WHITELIST_ASSURANCE_MAX);
        return;
    }
    parser->assurance_lines[tables->assurance_count] = parser->line;
    tables->assurance[tables->assurance_count++] = *entry;
}

static void add_hours(struct site_parser *parser, const char *hours, struct whitelist_assurance *entry)
{
    struct week_window windows[WEEK_WINDOWS_MAX];
    char why[WEEK_WINDOWS_WHY_MAX];
    int count = week_windows_parse(hours, windows, why);
    if (count < 0)
        SITE_COMPLAIN(parser, "assurance: %s", why);
    for (int i = 0; i < count; i++) {
        entry->weekdays = windows[i].weekdays;
        entry->span = (struct whitelist_span){windows[i].from_min, windows[i].until_min};
        add_assurance(parser, entry);
    }
}

void site_methods_take_assurance(struct site_parser *parser, uint8_t profile, char *value)
{
    static const char *const known[] = {"none", "uid", "uid+", "desfire", NULL};
    struct whitelist_assurance entry = {.profile = profile,
                                        .weekdays = WHITELIST_EVERY_DAY,
                                        .first_day = WHITELIST_NO_FIRST_DAY,
                                        .last_day = WHITELIST_NO_LAST_DAY};
    char *rest = value + strcspn(value, " \t");
    bool more = *rest != '\0';
    *rest = '\0';
    int level = find_level(value);
    if (level < 0) {
        site_parser_complain_unknown(parser, N_("'%s' is no assurance"), value, known,
                                     _("none, uid, uid+ and desfire"));
        return;
    }
    entry.least = (uint8_t)level;
    rest += more;
    if (!take_bounds(parser, rest, &entry))
        return;
    if (entry.zones == 0)
        entry.zones = WHITELIST_ZONES_ALL;
    if (entry.last_day < entry.first_day)
        SITE_COMPLAIN(parser, "ends before it begins: are the two dates swapped?");
    else if (site_parser_trim(rest)[0] != '\0')
        add_hours(parser, site_parser_trim(rest), &entry);
    else
        add_assurance(parser, &entry);
}

/* Returns true if an entry demands something of everybody of whom another one does, on every later day. */
static bool takes_over(const struct whitelist_assurance *entry, const struct whitelist_assurance *ended)
{
    return (entry->profile == ended->profile || entry->profile == WHITELIST_EVERY_PROFILE) &&
           (ended->zones & ~entry->zones) == 0 && entry->last_day == WHITELIST_NO_LAST_DAY;
}

/* A demand that ends, and that no other one follows, would leave the school without any. */
static void check_ends(struct site_parser *parser)
{
    const struct whitelist_tables *tables = &parser->rules->tables;
    for (int i = 0; i < tables->assurance_count; i++) {
        bool is_followed = tables->assurance[i].last_day == WHITELIST_NO_LAST_DAY;
        for (int j = 0; j < tables->assurance_count; j++)
            is_followed = is_followed || (j != i && takes_over(&tables->assurance[j], &tables->assurance[i]));
        parser->line = parser->assurance_lines[i];
        if (!is_followed)
            SITE_COMPLAIN(
                parser, "after the last day nothing is demanded: add what follows, as 'assurance = desfire'");
    }
}

static void put_profiles_first(struct whitelist_tables *tables)
{
    struct whitelist_assurance sorted[WHITELIST_ASSURANCE_MAX];
    int count = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < tables->assurance_count; i++)
            if ((tables->assurance[i].profile == WHITELIST_EVERY_PROFILE) == (pass == 1))
                sorted[count++] = tables->assurance[i];
    memcpy(tables->assurance, sorted, (size_t)count * sizeof sorted[0]);
}

/* ---- card types and applications ---- */

int site_methods_find_card_type(const struct site_rules *rules, const char *name)
{
    for (int i = 0; i < rules->tables.fingerprint_count; i++)
        if (site_parser_same_word(rules->card_types[i], name))
            return i + 1;
    return ERR_NOT_FOUND;
}

enum card_type_line { SAID_ATQA = 1, SAID_SAK = 2, SAID_ATS = 4, CARD_TYPE_NEEDS = 7 };
enum application_line { SAID_AID = 1, SAID_FILE = 2, SAID_LENGTH = 4, APPLICATION_NEEDS = 7 };

static struct whitelist_fingerprint *current_type(struct site_parser *parser)
{
    struct whitelist_tables *tables = &parser->rules->tables;
    return &tables->fingerprints[tables->fingerprint_count - 1];
}

static struct whitelist_application *current_application(struct site_parser *parser)
{
    struct whitelist_tables *tables = &parser->rules->tables;
    return &tables->applications[tables->application_count - 1];
}

/* Checks the name of a new section and notes it. Returns false after an error. */
static bool take_section_name(struct site_parser *parser, const char *name, char out[SITE_RULES_WORD_SIZE])
{
    if (name[0] == '\0' || strlen(name) >= SITE_RULES_WORD_SIZE) {
        SITE_COMPLAIN(parser, "the section needs a name of at most %d letters", SITE_RULES_WORD_SIZE - 1);
        return false;
    }
    memcpy(out, name, strlen(name) + 1);
    parser->said = 0;
    parser->section_line = parser->line;
    return true;
}

void site_methods_start_card_type(struct site_parser *parser, const char *name)
{
    struct site_rules *rules = parser->rules;
    parser->section = SECTION_UNKNOWN;
    if (site_methods_find_card_type(rules, name) > 0)
        SITE_COMPLAIN(parser, "card-type %s was given before", name);
    else if (rules->tables.fingerprint_count == WHITELIST_FINGERPRINTS_MAX)
        SITE_COMPLAIN(parser, "there are more than %d card types", WHITELIST_FINGERPRINTS_MAX);
    else if (take_section_name(parser, name, rules->card_types[rules->tables.fingerprint_count])) {
        rules->tables.fingerprint_count++;
        parser->section = SECTION_CARD_TYPE;
    }
}

void site_methods_start_application(struct site_parser *parser, const char *name)
{
    struct site_rules *rules = parser->rules;
    parser->section = SECTION_UNKNOWN;
    for (int i = 0; i < rules->tables.application_count; i++)
        if (site_parser_same_word(rules->applications[i], name)) {
            SITE_COMPLAIN(parser, "application %s was given before", name);
            return;
        }
    if (rules->tables.application_count == WHITELIST_APPLICATIONS_MAX)
        SITE_COMPLAIN(parser, "there are more than %d applications", WHITELIST_APPLICATIONS_MAX);
    else if (take_section_name(parser, name, rules->applications[rules->tables.application_count])) {
        rules->tables.application_count++;
        *current_application(parser) =
            (struct whitelist_application){.authentication = WHITELIST_AUTHENTICATE_EV2,
                                           .key_set = 1,
                                           .mode = DESFIRE_ENCIPHERED,
                                           .flags = WHITELIST_APPLICATION_DIVERSIFIED};
        parser->section = SECTION_APPLICATION;
    }
}

/* Reads hex digits, of which there must be from least to most bytes. Returns their count; -1 after an error. */
static int take_hex(struct site_parser *parser, const char *key, const char *value, uint8_t *out, int least,
                    int most)
{
    size_t len = 0;
    if (hex_text_parse(value, out, (size_t)most, &len) == ERR_OK && (int)len >= least)
        return (int)len;
    SITE_COMPLAIN(parser,
                  least == most ? N_("%s: '%.40s' is not %d bytes in hex")
                                : N_("%s: '%.40s' is not at most %d bytes in hex"),
                  key, value, most);
    return -1;
}

static bool take_number(struct site_parser *parser, const char *key, const char *value, long most,
                        long *number)
{
    char *end;
    *number = strtol(value, &end, 10);
    if (isdigit((unsigned char)value[0]) && *end == '\0' && *number <= most)
        return true;
    SITE_COMPLAIN(parser, "%s: '%.40s' is no number from 0 to %ld", key, value, most);
    return false;
}

void site_methods_take_card_type_line(struct site_parser *parser, const char *key, char *value)
{
    static const char *const known[] = {"atqa", "sak", "ats", NULL};
    struct whitelist_fingerprint *type = current_type(parser);
    struct reader_target shown = {.ats_len = 0};
    if (strcmp(key, "atqa") == 0) {
        parser->said |= SAID_ATQA;
        take_hex(parser, key, value, type->atqa, 2, 2);
    } else if (strcmp(key, "sak") == 0) {
        parser->said |= SAID_SAK;
        take_hex(parser, key, value, &type->sak, 1, 1);
    } else if (strcmp(key, "ats") == 0) {
        parser->said |= SAID_ATS;
        int len = strcmp(value, "none") == 0 ? 0 : take_hex(parser, key, value, shown.ats, 1, READER_ATS_MAX);
        shown.ats_len = (uint8_t)(len > 0 ? len : 0);
        struct whitelist_fingerprint of_ats = whitelist_fingerprint_of(&shown);
        type->ats_len = of_ats.ats_len;
        type->ats_crc = of_ats.ats_crc;
    } else {
        site_parser_complain_unknown(parser, N_("'%s' is no word known here"), key, known,
                                     _("atqa, sak and ats"));
    }
}

/* A word of a value, and what it stands for. */
struct choice {
    const char *word;
    uint8_t value;
};

static uint8_t take_choice(struct site_parser *parser, const char *key, const char *value,
                           const struct choice *choices, const char *all)
{
    for (const struct choice *choice = choices; choice->word != NULL; choice++)
        if (site_parser_same_word(choice->word, value))
            return choice->value;
    SITE_COMPLAIN(parser, "%s: '%.40s' is none of: %s", key, value, all);
    return choices[0].value;
}

static void take_flag(struct site_parser *parser, const char *key, const char *value, uint8_t flag)
{
    static const struct choice choices[] = {{"no", 0}, {"yes", 1}, {"non", 0}, {"oui", 1}, {NULL, 0}};
    struct whitelist_application *application = current_application(parser);
    application->flags &= (uint8_t)~flag;
    if (take_choice(parser, key, value, choices, _("yes, no")))
        application->flags |= flag;
}

static void take_system_id(struct site_parser *parser, const char *value)
{
    struct whitelist_application *application = current_application(parser);
    size_t len = strlen(value);
    if (len > WHITELIST_SYSTEM_ID_MAX) {
        SITE_COMPLAIN(parser, "system: '%.40s' has more than %d bytes", value, WHITELIST_SYSTEM_ID_MAX);
        return;
    }
    memcpy(application->system_id, value, len);
    application->system_id_len = (uint8_t)len;
}

/* Reads a line with a number. Returns false if the key is none of them. */
static bool take_application_number(struct site_parser *parser, const char *key, const char *value)
{
    struct whitelist_application *application = current_application(parser);
    long number = 0;
    if (strcmp(key, "file") == 0) {
        parser->said |= SAID_FILE;
        if (take_number(parser, key, value, DESFIRE_FILE_MAX, &number))
            application->file = (uint8_t)number;
    } else if (strcmp(key, "key_number") == 0) {
        if (take_number(parser, key, value, DESFIRE_KEY_MAX, &number))
            application->key_number = (uint8_t)number;
    } else if (strcmp(key, "uid_key_number") == 0) {
        if (take_number(parser, key, value, DESFIRE_KEY_MAX, &number))
            application->uid_key_number = (uint8_t)number;
    } else if (strcmp(key, "uid_key_set") == 0) {
        if (take_number(parser, key, value, 255, &number))
            application->uid_key_set = (uint8_t)number;
    } else if (strcmp(key, "key_set") == 0) {
        if (take_number(parser, key, value, 255, &number))
            application->key_set = (uint8_t)number;
    } else if (strcmp(key, "offset") == 0) {
        if (take_number(parser, key, value, UINT16_MAX, &number))
            application->offset = (uint16_t)number;
    } else if (strcmp(key, "length") == 0) {
        parser->said |= SAID_LENGTH;
        if (take_number(parser, key, value, CREDENTIAL_ID_MAX, &number))
            application->id_len = (uint8_t)number;
    } else {
        return false;
    }
    return true;
}

void site_methods_take_application_line(struct site_parser *parser, const char *key, char *value)
{
    static const char *const known[] = {"aid",         "authentication", "key_number", "key_set",
                                        "file",        "mode",           "offset",     "length",
                                        "diversified", "aid_reversed",   "system",     NULL};
    static const struct choice kinds[] = {
        {"ev2", WHITELIST_AUTHENTICATE_EV2}, {"ev1", WHITELIST_AUTHENTICATE_EV1}, {NULL, 0}};
    static const struct choice modes[] = {{"enciphered", 3}, {"maced", 1}, {"plain", 0}, {NULL, 0}};
    struct whitelist_application *application = current_application(parser);
    if (take_application_number(parser, key, value))
        return;
    if (strcmp(key, "aid") == 0) {
        parser->said |= SAID_AID;
        take_hex(parser, key, value, application->aid, 3, 3);
    } else if (strcmp(key, "authentication") == 0) {
        application->authentication = take_choice(parser, key, value, kinds, "ev1, ev2");
    } else if (strcmp(key, "mode") == 0) {
        application->mode = take_choice(parser, key, value, modes, _("plain, maced, enciphered"));
    } else if (strcmp(key, "diversified") == 0) {
        take_flag(parser, key, value, WHITELIST_APPLICATION_DIVERSIFIED);
    } else if (strcmp(key, "aid_reversed") == 0) {
        take_flag(parser, key, value, WHITELIST_APPLICATION_AID_REVERSED);
    } else if (strcmp(key, "system") == 0) {
        take_system_id(parser, value);
    } else {
        site_parser_complain_unknown(
            parser, N_("'%s' is no word known here"), key, known,
            _("aid, authentication, key_number, key_set, file, mode, offset, length, "
              "diversified, aid_reversed, uid_key_set, uid_key_number and system"));
    }
}

static void end_application(struct site_parser *parser)
{
    const struct whitelist_application *application = current_application(parser);
    if ((parser->said & APPLICATION_NEEDS) != APPLICATION_NEEDS)
        SITE_COMPLAIN(parser, "an application needs the lines aid, file and length");
    else if (application->id_len == 0)
        SITE_COMPLAIN(parser, "length is 0: it is the bytes of the identifier");
    else if (application->mode == DESFIRE_PLAIN && application->authentication == WHITELIST_AUTHENTICATE_EV2)
        SITE_COMPLAIN(
            parser,
            "a plain file is not protected under ev2: write 'authentication = ev1', or the mode of the file");
}

void site_methods_end_section(struct site_parser *parser)
{
    uint32_t line = parser->line;
    if (parser->section != SECTION_CARD_TYPE && parser->section != SECTION_APPLICATION)
        return;
    parser->line = parser->section_line;
    if (parser->section == SECTION_APPLICATION)
        end_application(parser);
    else if ((parser->said & CARD_TYPE_NEEDS) != CARD_TYPE_NEEDS)
        SITE_COMPLAIN(parser,
                      "a card type needs the lines atqa, sak and ats");
    parser->line = line;
}

/* ---- the end of the file ---- */

void site_methods_take_card_type(struct site_parser *parser, uint8_t profile, const char *value)
{
    snprintf(parser->card_type_names[profile], sizeof parser->card_type_names[profile], "%s", value);
    parser->card_type_lines[profile] = parser->line;
}

static void find_card_type(struct site_parser *parser, uint8_t profile)
{
    struct site_rules *rules = parser->rules;
    const char *known[WHITELIST_FINGERPRINTS_MAX + 1] = {NULL}, *name = parser->card_type_names[profile];
    parser->line = parser->card_type_lines[profile];
    if (parser->line == 0 || site_parser_same_word(name, "any"))
        return;
    int number = site_methods_find_card_type(rules, name);
    for (int i = 0; i < rules->tables.fingerprint_count; i++)
        known[i] = rules->card_types[i];
    if (number > 0)
        rules->profile_card_types[profile] = (uint8_t)number;
    else
        site_parser_complain_unknown(parser, N_("'%s' is no card type"), name, known,
                                     _("any, and the names of the sections [card-type NAME]"));
}

void site_methods_settle(struct site_parser *parser)
{
    site_methods_end_section(parser);
    for (uint8_t i = 0; i < parser->rules->tables.profile_count; i++)
        find_card_type(parser, i);
    check_ends(parser);
    put_profiles_first(&parser->rules->tables);
}
