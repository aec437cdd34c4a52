/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/printable.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/common/utf8.h"
#include "tools/portillon/common/weekdays.h"
#include "tools/portillon/site/site_methods.h"
#include "tools/portillon/site/site_parser.h"
#include "tools/portillon/site/week_windows.h"
#include "tools/portillon/site/zone_name.h"

#define LINE_SIZE 1024
#define NAME_SIZE (WHITELIST_NAME_LEN + 1)

/* Copies a name, which must fit the 12 bytes that a list has for it. */
static bool take_name(struct site_parser *parser, enum section section, const char *name, char out[NAME_SIZE])
{
    char folded[SITE_RULES_WORD_SIZE];
    if (strlen(name) >= NAME_SIZE) {
        SITE_COMPLAIN(
            parser,
            section == SECTION_PROFILE
                ? N_("the name of a profile has at most %d letters (an accent counts as one more): shorten "
                     "'%.40s'")
                : N_("the name of a service has at most %d letters (an accent counts as one more): shorten "
                     "'%.40s'"),
            NAME_SIZE - 1, name);
        return false;
    }
    if (text_fold(name, strlen(name), folded, sizeof folded) == 0) {
        SITE_COMPLAIN(parser, "%s",
                      section == SECTION_PROFILE ? _("a profile needs a name") : _("a service needs a name"));
        return false;
    }
    memcpy(out, name, strlen(name) + 1);
    return true;
}

/* --- called --- */

static const struct site_word *find_word(const struct site_rules *rules, const char *folded)
{
    for (uint16_t i = 0; i < rules->word_count; i++)
        if (strcmp(rules->words[i].word, folded) == 0)
            return &rules->words[i];
    return NULL;
}

static void add_word(struct site_parser *parser, uint8_t profile, const char *text, uint8_t weekdays)
{
    struct site_rules *rules = parser->rules;
    struct site_word word = {.profile = profile, .weekdays = weekdays};
    if (text_fold(text, strlen(text), word.word, sizeof word.word) == 0)
        return;
    const struct site_word *there = find_word(rules, word.word);
    if (there != NULL && (there->profile != profile || there->weekdays != weekdays))
        SITE_COMPLAIN(parser, "'%s' stands for profile %s already: a word has one meaning", text,
                      rules->tables.profiles[there->profile].name);
    else if (there == NULL && rules->word_count == SITE_RULES_CALLED_MAX)
        SITE_COMPLAIN(parser, "there are more than %d words for profiles", SITE_RULES_CALLED_MAX);
    else if (there == NULL)
        rules->words[rules->word_count++] = word;
}

/* Reads "DP, demi-pensionnaire" or "DP4: mon tue thu fri". */
static void take_called(struct site_parser *parser, uint8_t profile, char *value)
{
    char unknown[WEEKDAYS_TEXT_SIZE], *colon = strchr(value, ':');
    uint8_t weekdays = 0;
    if (colon != NULL) {
        *colon = '\0';
        if (weekdays_parse(colon + 1, strlen(colon + 1), &weekdays, unknown) != ERR_OK) {
            SITE_COMPLAIN(parser,
                          "'%s' is no day: after the colon stand the days of meals: DP4: mon tue thu fri",
                          unknown);
            return;
        }
    }
    for (char *word; (word = strsep(&value, ",")) != NULL;)
        add_word(parser, profile, site_parser_trim(word), weekdays);
}

/* --- hours --- */

static int parse_windows(struct site_parser *parser, const char *key, const char *value,
                         struct week_window windows[WEEK_WINDOWS_MAX])
{
    char why[WEEK_WINDOWS_WHY_MAX];
    int count = week_windows_parse(value, windows, why);
    if (count < 0)
        SITE_COMPLAIN(parser, "%s: %s", key, why);
    return count;
}

static void take_service(struct site_parser *parser, const char *key, const char *value)
{
    struct site_rules *rules = parser->rules;
    struct week_window windows[WEEK_WINDOWS_MAX];
    struct whitelist_service named = {0};
    if (!take_name(parser, SECTION_SERVICES, key, named.name))
        return;
    for (uint16_t i = 0; i < rules->tables.service_count; i++)
        if (site_parser_same_word(rules->tables.services[i].name, key)) {
            SITE_COMPLAIN(parser, "service %s was given before: put its days on one line", key);
            return;
        }
    if (rules->tables.service_count == WHITELIST_SERVICES_MAX) {
        SITE_COMPLAIN(parser, "there are more than %d services", WHITELIST_SERVICES_MAX);
        return;
    }
    /* The service is added even if its hours are wrong, so that one mistake gives one error. */
    struct whitelist_service *service = &rules->tables.services[rules->tables.service_count++];
    *service = named;
    int count = parse_windows(parser, key, value, windows);
    for (int i = 0; i < count; i++)
        for (int day = 0; day < 7; day++) {
            if (!(windows[i].weekdays >> day & 1))
                continue;
            if (service->spans[day].to_min != service->spans[day].from_min) {
                SITE_COMPLAIN(
                    parser,
                    "%s has two times on one day: name the second one otherwise, it is another service", key);
                return;
            }
            service->spans[day] = (struct whitelist_span){windows[i].from_min, windows[i].until_min};
        }
}

static void take_zone(struct site_parser *parser, uint8_t profile, uint8_t zone, const char *key,
                      const char *value)
{
    struct site_rules *rules = parser->rules;
    struct week_window windows[WEEK_WINDOWS_MAX];
    static const char *const always[] = {"always", "toujours", "yes", "oui", NULL};
    static const char *const never[] = {"never", "jamais", "no", "non", NULL};
    char folded[SITE_RULES_WORD_SIZE];
    if (parser->zones_said[profile] & zone) {
        SITE_COMPLAIN(parser, "%s was given before: put all its hours on one line", key);
        return;
    }
    parser->zones_said[profile] |= zone;
    text_fold(value, strlen(value), folded, sizeof folded);
    if (text_is_one_of(folded, never))
        return;
    rules->tables.profiles[profile].zones |= zone;
    if (text_is_one_of(folded, always))
        return;
    int count = parse_windows(parser, key, value, windows);
    if (count > WHITELIST_WINDOWS_MAX - rules->tables.window_count) {
        SITE_COMPLAIN(parser, "there are more than %d different hours in all", WHITELIST_WINDOWS_MAX);
        return;
    }
    for (int i = 0; i < count; i++)
        rules->tables.windows[rules->tables.window_count++] = (struct whitelist_window){
            profile, zone, windows[i].weekdays, {windows[i].from_min, windows[i].until_min}};
}

/* --- calendar --- */

/* Reads what follows the dates: "canteen", "building", "as friday". */
static bool take_details(struct site_parser *parser, char *text, struct whitelist_calendar_entry *entry)
{
    static const char *const known[] = {"building", "canteen", "as", NULL};
    for (char *word; (word = strsep(&text, " ,\t")) != NULL;) {
        char folded[SITE_RULES_WORD_SIZE];
        text_fold(word, strlen(word), folded, sizeof folded);
        if (strcmp(folded, "building") == 0) {
            entry->zones |= WHITELIST_ZONE_BUILDING;
        } else if (strcmp(folded, "canteen") == 0) {
            entry->zones |= WHITELIST_ZONE_CANTEEN;
        } else if (strcmp(folded, "as") == 0 && text != NULL && entry->kind == WHITELIST_DAYS_OPEN) {
            char *day = site_parser_trim(text);
            text_fold(day, strlen(day), folded, sizeof folded);
            int weekday = weekdays_find(folded);
            if (weekday < 0) {
                SITE_COMPLAIN(parser,
                              "'%.*s' is no day: after 'as' stands the day whose hours count: as friday",
                              SITE_PARSER_SHOWN_MAX, day);
                return false;
            }
            entry->as_weekday = (uint8_t)(weekday + 1);
            text = NULL;
        } else if (word[0] != '\0') {
            site_parser_complain_unknown(parser, N_("'%s' is no zone"), word, known,
                                         _("building and canteen, and for an open day: as friday"));
            return false;
        }
    }
    if (entry->zones == 0)
        entry->zones = WHITELIST_ZONES_ALL;
    return true;
}

static void take_calendar(struct site_parser *parser, bool open, char *value)
{
    struct site_rules *rules = parser->rules;
    struct whitelist_calendar_entry entry = {.kind = open ? WHITELIST_DAYS_OPEN : WHITELIST_DAYS_CLOSED};
    int32_t first, last;
    char *rest = site_parser_take_date(parser, value, &first);
    if (rest == NULL)
        return;
    last = first;
    size_t dash = strncmp(rest, "\xE2\x80\x93", 3) == 0 ? 3
                  : rest[0] == '-'                      ? 1
                  : strncmp(rest, "au ", 3) == 0        ? 2
                                                        : 0;
    if (dash != 0)
        rest = site_parser_take_date(parser, rest + dash, &last);
    if (rest == NULL || !take_details(parser, rest, &entry))
        return;
    if (last < first) {
        SITE_COMPLAIN(parser, "ends before it begins: are the two dates swapped?");
        return;
    }
    if (rules->tables.calendar_count == WHITELIST_CALENDAR_MAX) {
        SITE_COMPLAIN(parser, "the calendar has more than %d lines: delete those of past years",
                      WHITELIST_CALENDAR_MAX);
        return;
    }
    entry.first_day = (uint16_t)first;
    entry.last_day = (uint16_t)last;
    rules->tables.calendar[rules->tables.calendar_count++] = entry;
}

/* --- lines --- */

static void take_time_zone(struct site_parser *parser, const char *value)
{
    struct site_rules *rules = parser->rules;
    char why[ZONE_NAME_WHY_MAX];
    snprintf(rules->time_zone, sizeof rules->time_zone, "%s", value);
    if (zone_name_rule(value, rules->time_rule, sizeof rules->time_rule, why) != ERR_OK)
        SITE_COMPLAIN(parser, "time_zone: %s", why);
    else if (time_zone_parse(&rules->tables.zone, rules->time_rule) != ERR_OK)
        SITE_COMPLAIN(parser,
                      "time_zone: '%s' is no rule a gate can compute with: write it like "
                      "CET-1CEST,M3.5.0,M10.5.0/3",
                      rules->time_rule);
}

/* Reads "0691234A": seven digits and a letter. */
static void take_uai(struct site_parser *parser, const char *value)
{
    if (strlen(value) == SITE_RULES_UAI_SIZE - 1 && strspn(value, "0123456789") == SITE_RULES_UAI_SIZE - 2 &&
        isalpha((unsigned char)value[SITE_RULES_UAI_SIZE - 2]))
        memcpy(parser->rules->uai, value, SITE_RULES_UAI_SIZE);
    else
        SITE_COMPLAIN(parser,
                      "uai: '%.20s' is not the number of a school: seven digits and a letter, as 0691234A",
                      value);
}

static void take_top(struct site_parser *parser, const char *key, char *value)
{
    static const char *const known[] = {"format", "name", "uai", "time_zone", "assurance", NULL};
    if (strcmp(key, "format") == 0) {
        parser->format_seen = true;
        if (strcmp(value, "1") != 0)
            SITE_COMPLAIN(parser, "format is '%.20s', this program knows 1: made by a later version?", value);
    } else if (strcmp(key, "name") == 0) {
        text_show(value, strlen(value), parser->rules->name, sizeof parser->rules->name);
    } else if (strcmp(key, "uai") == 0) {
        take_uai(parser, value);
    } else if (strcmp(key, "time_zone") == 0) {
        take_time_zone(parser, value);
    } else if (strcmp(key, "assurance") == 0) {
        site_methods_take_assurance(parser, WHITELIST_EVERY_PROFILE, value);
    } else {
        site_parser_complain_unknown(
            parser, N_("'%s' is no word known here"), key, known,
            _("format, name, uai, time_zone and assurance before the first [section]"));
    }
}

/* Reads the zones where closed days do not count for a profile. */
static void take_closed_days(struct site_parser *parser, struct whitelist_profile *profile, char *value)
{
    static const char *const known[] = {"building", "canteen", "always", "never", NULL};
    for (char *word; (word = strsep(&value, " ,")) != NULL;) {
        if (site_parser_same_word(word, "building"))
            profile->closed_day_zones |= WHITELIST_ZONE_BUILDING;
        else if (site_parser_same_word(word, "canteen"))
            profile->closed_day_zones |= WHITELIST_ZONE_CANTEEN;
        else if (site_parser_same_word(word, "always"))
            profile->closed_day_zones = WHITELIST_ZONES_ALL;
        else if (word[0] != '\0' && !site_parser_same_word(word, "never"))
            site_parser_complain_unknown(parser, N_("'%s' is no zone"), word, known,
                                         _("building, canteen, always and never"));
    }
}

static void take_profile_line(struct site_parser *parser, const char *key, char *value)
{
    static const char *const known[] = {"called",      "building",  "canteen",   "services",
                                        "closed_days", "assurance", "card_type", NULL};
    uint8_t profile = (uint8_t)(parser->rules->tables.profile_count - 1);
    if (strcmp(key, "called") == 0) {
        take_called(parser, profile, value);
    } else if (strcmp(key, "building") == 0) {
        take_zone(parser, profile, WHITELIST_ZONE_BUILDING, key, value);
    } else if (strcmp(key, "canteen") == 0) {
        take_zone(parser, profile, WHITELIST_ZONE_CANTEEN, key, value);
    } else if (strcmp(key, "services") == 0) {
        if (parser->service_lines[profile] != 0)
            SITE_COMPLAIN(parser, "services was given before: put all of them on one line");
        snprintf(parser->service_names[profile], sizeof parser->service_names[profile], "%s", value);
        parser->service_lines[profile] = parser->line;
    } else if (strcmp(key, "closed_days") == 0) {
        take_closed_days(parser, &parser->rules->tables.profiles[profile], value);
    } else if (strcmp(key, "assurance") == 0) {
        site_methods_take_assurance(parser, profile, value);
    } else if (strcmp(key, "card_type") == 0) {
        site_methods_take_card_type(parser, profile, value);
    } else {
        site_parser_complain_unknown(
            parser, N_("'%s' is no word known here"), key, known,
            _("called, building, canteen, services, closed_days, assurance and card_type"));
    }
}

static void take_calendar_line(struct site_parser *parser, const char *key, char *value)
{
    static const char *const known[] = {"closed", "open", NULL};
    if (strcmp(key, "closed") == 0 || strcmp(key, "open") == 0)
        take_calendar(parser, key[0] == 'o', value);
    else
        site_parser_complain_unknown(parser, N_("'%s' is no word known here"), key, known,
                                     _("closed and open"));
}

static void start_profile(struct site_parser *parser, const char *name)
{
    struct site_rules *rules = parser->rules;
    struct whitelist_profile profile = {0};
    parser->section = SECTION_UNKNOWN;
    if (!take_name(parser, SECTION_PROFILE, name, profile.name))
        return;
    if (site_rules_profile(rules, name) >= 0) {
        SITE_COMPLAIN(parser, "profile %s was given before", name);
        return;
    }
    if (rules->tables.profile_count == WHITELIST_PROFILES_MAX) {
        SITE_COMPLAIN(parser, "there are more than %d profiles", WHITELIST_PROFILES_MAX);
        return;
    }
    parser->section = SECTION_PROFILE;
    parser->profile_lines[rules->tables.profile_count] = parser->line;
    rules->tables.profiles[rules->tables.profile_count] = profile;
    add_word(parser, (uint8_t)rules->tables.profile_count++, name, 0);
}

static void start_section(struct site_parser *parser, char *line)
{
    static const char *const known[] = {"services", "profile", "calendar", "card-type", "application", NULL};
    char *end = strchr(line, ']');
    site_methods_end_section(parser);
    parser->section = SECTION_UNKNOWN;
    if (end == NULL || site_parser_trim(end + 1)[0] != '\0') {
        SITE_COMPLAIN(parser, "a section is one line of its own, in brackets: [services]");
        return;
    }
    *end = '\0';
    char *name = site_parser_trim(line + 1);
    size_t len = strcspn(name, " \t");
    if (len == 7 && strncmp(name, "profile", 7) == 0) {
        start_profile(parser, site_parser_trim(name + len));
        return;
    }
    if (len == 9 && strncmp(name, "card-type", len) == 0) {
        site_methods_start_card_type(parser, site_parser_trim(name + len));
        return;
    }
    if (len == 11 && strncmp(name, "application", len) == 0) {
        site_methods_start_application(parser, site_parser_trim(name + len));
        return;
    }
    if (strcmp(name, "services") == 0)
        parser->section = SECTION_SERVICES;
    else if (strcmp(name, "calendar") == 0)
        parser->section = SECTION_CALENDAR;
    else {
        name[len] = '\0';
        site_parser_complain_unknown(
            parser, N_("'%s' is no section"), name, known,
            _("[services], [profile NAME], [calendar], [card-type NAME] and [application NAME]"));
        return;
    }
    if (parser->section_seen[parser->section])
        SITE_COMPLAIN(parser, "there is a section [%s] above: put both together", name);
    parser->section_seen[parser->section] = true;
}

/* Cuts a comment off the end of a line: a # at the start or after a space. A # inside a name is kept. */
static void cut_remark(char *line)
{
    for (char *c = line; *c != '\0'; c++)
        if (*c == '#' && (c == line || c[-1] == ' ' || c[-1] == '\t')) {
            *c = '\0';
            return;
        }
}

static void take_line(struct site_parser *parser, char *line)
{
    line = site_parser_trim(line);
    if (strncmp(line, "name", 4) != 0)
        cut_remark(line);
    line = site_parser_trim(line);
    if (line[0] == '\0' || line[0] == '#')
        return;
    if (line[0] == '[') {
        start_section(parser, line);
        return;
    }
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        SITE_COMPLAIN(parser, "'%.*s' is neither [section] nor word = value: a remark begins with #",
                      SITE_PARSER_SHOWN_MAX, line);
        return;
    }
    *equals = '\0';
    char *key = site_parser_trim(line), *value = site_parser_trim(equals + 1);
    if (value[0] == '\0' && parser->section != SECTION_UNKNOWN) {
        SITE_COMPLAIN(parser, "nothing stands after '%.*s =': put a # before the line to leave it out",
                      SITE_PARSER_SHOWN_MAX, key);
        return;
    }
    switch (parser->section) {
    case SECTION_TOP:
        take_top(parser, key, value);
        return;
    case SECTION_SERVICES:
        take_service(parser, key, value);
        return;
    case SECTION_PROFILE:
        take_profile_line(parser, key, value);
        return;
    case SECTION_CALENDAR:
        take_calendar_line(parser, key, value);
        return;
    case SECTION_CARD_TYPE:
        site_methods_take_card_type_line(parser, key, value);
        return;
    case SECTION_APPLICATION:
        site_methods_take_application_line(parser, key, value);
        return;
    case SECTION_UNKNOWN: /* the head of the section was already reported */
        return;
    }
}

/* --- what can be checked only at the end of the file --- */

static void find_services(struct site_parser *parser, uint8_t profile)
{
    struct site_rules *rules = parser->rules;
    const char *known[WHITELIST_SERVICES_MAX + 1] = {NULL};
    char all[WHITELIST_SERVICES_MAX * (NAME_SIZE + 2) + 1] = "", *rest = parser->service_names[profile];
    parser->line = parser->service_lines[profile];
    for (uint16_t i = 0; i < rules->tables.service_count; i++) {
        known[i] = rules->tables.services[i].name;
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i != 0 ? ", " : "", known[i]);
    }
    for (char *word; (word = strsep(&rest, ",;")) != NULL;) {
        uint16_t found = 0;
        word = site_parser_trim(word);
        for (uint16_t i = 0; i < rules->tables.service_count; i++)
            if (site_parser_same_word(word, known[i]))
                found = (uint16_t)(1U << i);
        if (site_parser_same_word(word, "all") || site_parser_same_word(word, "toutes") ||
            site_parser_same_word(word, "tous"))
            found = WHITELIST_EVERY_SERVICE;
        else if (found == 0 && !site_parser_same_word(word, "none") &&
                 !site_parser_same_word(word, "aucun") && word[0] != '\0')
            site_parser_complain_unknown(parser, N_("'%s' is no service"), word, known,
                                         all[0] != '\0' ? all : _("none named in [services]"));
        rules->tables.profiles[profile].services |= found;
    }
}

/* Completes a profile: one with a right to the canteen may use every service, unless its line "services"
 * restricts it. */
static void settle_profile(struct site_parser *parser, uint8_t number)
{
    struct site_rules *rules = parser->rules;
    struct whitelist_profile *profile = &rules->tables.profiles[number];
    if (parser->service_lines[number] != 0)
        find_services(parser, number);
    else if (profile->zones & WHITELIST_ZONE_CANTEEN)
        profile->services = WHITELIST_EVERY_SERVICE;
    parser->line = parser->profile_lines[number];
    if (profile->services != 0 && !(parser->zones_said[number] & WHITELIST_ZONE_CANTEEN))
        profile->zones |= WHITELIST_ZONE_CANTEEN;
    if (profile->services != 0 && !(profile->zones & WHITELIST_ZONE_CANTEEN))
        SITE_COMPLAIN(parser, "profile %s has services but 'canteen = never': delete one of the two",
                      profile->name);
    if (profile->services == 0 && rules->tables.service_count != 0 && profile->zones & WHITELIST_ZONE_CANTEEN)
        SITE_COMPLAIN(
            parser,
            "profile %s may enter the canteen but use no service: write 'canteen = never', or which services",
            profile->name);
}

static bool is_text(const char *line, size_t len)
{
    uint32_t code_point;
    for (size_t i = 0, step; i < len; i += step) {
        step = utf8_decode(line + i, len - i, &code_point);
        if (step == 0 || (!printable_is(code_point) && code_point != '\t'))
            return false;
    }
    return true;
}

static void read_lines(struct site_parser *parser, const char *text, size_t len)
{
    char line[LINE_SIZE];
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t line_len = end != NULL ? (size_t)(end - text) - at : len - at;
        size_t used = line_len;
        const char *start = text + at;
        at += line_len + 1;
        parser->line++;
        if (used > 0 && start[used - 1] == '\r')
            used--;
        if (used >= sizeof line) {
            SITE_COMPLAIN(parser, "the line is longer than %d bytes", LINE_SIZE - 1);
        } else if (!is_text(start, used)) {
            SITE_COMPLAIN(parser, "is not UTF-8 text, or has control characters: save the file as UTF-8");
        } else {
            memcpy(line, start, used);
            line[used] = '\0';
            take_line(parser, line);
        }
    }
}

int site_rules_parse(struct site_rules *rules, const char *path, const char *text, size_t len,
                     struct import_report *report)
{
    struct site_parser *parser = calloc(1, sizeof *parser);
    if (parser == NULL)
        return ERR_FORMAT;
    memset(rules, 0, sizeof *rules);
    *parser = (struct site_parser){.rules = rules, .report = report, .path = path};
    uint64_t errors_before = report->error_count;
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        len -= 3;
    }
    read_lines(parser, text, len);
    bool format_seen = parser->format_seen;
    for (uint16_t i = 0; i < rules->tables.profile_count; i++)
        settle_profile(parser, (uint8_t)i);
    site_methods_settle(parser);
    free(parser);
    if (!format_seen) {
        import_report_error(report, path, 0, "does not say 'format = 1': write that in its first line");
        return ERR_UNSUPPORTED;
    }
    if (report->error_count != errors_before)
        return ERR_FORMAT;
    if (rules->time_zone[0] == '\0') {
        snprintf(rules->time_zone, sizeof rules->time_zone, "Europe/Paris");
        snprintf(rules->time_rule, sizeof rules->time_rule, TIME_ZONE_DEFAULT);
        rules->tables.zone = time_zone_default();
    }
    return ERR_OK;
}

/* --- finding --- */

int site_rules_profile(const struct site_rules *rules, const char *name)
{
    for (uint16_t i = 0; i < rules->tables.profile_count; i++)
        if (site_parser_same_word(rules->tables.profiles[i].name, name))
            return i;
    return ERR_NOT_FOUND;
}

/* A day count behind a word, after folding: "4jours" and "4j" as in "DP 4 jours" and "DP4J", or "4" alone
 * as in "DP4". A number behind a longer label may be a code of the register ("… DANS L'ETABLISSEMENT 5"),
 * so it counts days only behind a word as short as stem_max letters. */
static const struct {
    const char *end;
    size_t stem_max;
} day_counts[] = {
    {"joursparsemaine", 17},
    {"jourssemaine", 17},
    {"jours", 17},
    {"jour", 17}, /* demipensionnaires */
    {"days", 17},
    {"day", 17},
    {"j", 17},
    {"", 4},
};

/* Cuts a day count off the end of a folded word. Returns the number, or 0 if there is none. */
static int cut_day_count(char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < sizeof day_counts / sizeof day_counts[0]; i++) {
        size_t end_len = strlen(day_counts[i].end);
        if (len < end_len + 2 || strcmp(word + len - end_len, day_counts[i].end) != 0)
            continue;
        size_t stem_len = len - end_len - 1;
        char digit = word[stem_len];
        if (digit < '1' || digit > '7' || isdigit((unsigned char)word[stem_len - 1]))
            continue;
        word[stem_len] = '\0';
        return stem_len <= day_counts[i].stem_max ? digit - '0' : 0;
    }
    return 0;
}

bool site_rules_is_numbered(const struct site_rules *rules, const char *folded)
{
    char stem[SITE_RULES_WORD_SIZE];
    size_t len = strlen(folded);
    if (len >= sizeof stem || len == 0 || !isdigit((unsigned char)folded[len - 1]))
        return false;
    memcpy(stem, folded, len + 1);
    while (len > 0 && isdigit((unsigned char)stem[len - 1]))
        stem[--len] = '\0';
    return find_word(rules, stem) != NULL;
}

int site_rules_find(const struct site_rules *rules, const char *folded, uint8_t *weekdays, int *day_count)
{
    char stem[SITE_RULES_WORD_SIZE];
    const struct site_word *word = find_word(rules, folded);
    *weekdays = 0;
    *day_count = 0;
    if (word == NULL && strlen(folded) < sizeof stem) {
        memcpy(stem, folded, strlen(folded) + 1);
        *day_count = cut_day_count(stem);
        word = *day_count != 0 ? find_word(rules, stem) : NULL;
    }
    if (word == NULL)
        return ERR_NOT_FOUND;
    *weekdays = word->weekdays;
    return word->profile;
}

void site_rules_list_profiles(const struct site_rules *rules, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (uint16_t i = 0; i < rules->tables.profile_count && used < size; i++) {
        int added =
            snprintf(out + used, size - used, "%s%s", i != 0 ? ", " : "", rules->tables.profiles[i].name);
        used += added > 0 ? (size_t)added : 0;
    }
}
