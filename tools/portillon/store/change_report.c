/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/change_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/weekdays.h"
#include "tools/portillon/store/person_option.h"

#define RIGHTS_SIZE 200

/* Members of the JSON object. */
static const char *const members[PEOPLE_CHANGE_KINDS] = {
    [PEOPLE_CHANGE_COMES] = "come",
    [PEOPLE_CHANGE_LEAVES] = "leave",
    [PEOPLE_CHANGE_CLASS] = "class",
    [PEOPLE_CHANGE_RIGHTS] = "rights",
    [PEOPLE_CHANGE_NAME] = "name",
    [PEOPLE_CHANGE_CARD_NEW] = "cards_new",
    [PEOPLE_CHANGE_CARD_OTHER] = "cards_other",
    [PEOPLE_CHANGE_CARD_MARKS] = "cards_changed",
    [PEOPLE_CHANGE_CARD_ENDS] = "cards_end",
};

struct printing {
    enum people_change_kind kind;
    size_t shown, most;
    struct json_out *json;
};

/* Returns the format for the number of changes of a kind. */
static const char *count_text(enum people_change_kind kind, size_t count)
{
    switch (kind) {
    case PEOPLE_CHANGE_COMES:
        return translate_count(count, "%zu person comes", "%zu people come");
    case PEOPLE_CHANGE_LEAVES:
        return translate_count(count, "%zu person leaves", "%zu people leave");
    case PEOPLE_CHANGE_CLASS:
        return translate_count(count, "%zu person changes class", "%zu people change class");
    case PEOPLE_CHANGE_RIGHTS:
        return translate_count(count, "%zu person changes regime", "%zu people change regime");
    case PEOPLE_CHANGE_NAME:
        return translate_count(count, "%zu person changes name", "%zu people change name");
    case PEOPLE_CHANGE_CARD_NEW:
        return translate_count(count, "%zu card is new", "%zu cards are new");
    case PEOPLE_CHANGE_CARD_OTHER:
        return translate_count(count, "%zu card changes hands", "%zu cards change hands");
    case PEOPLE_CHANGE_CARD_MARKS:
        return translate_count(count, "%zu card is lost, found or valid otherwise",
                               "%zu cards are lost, found or valid otherwise");
    case PEOPLE_CHANGE_CARD_ENDS:
        return translate_count(count, "%zu card is no longer theirs", "%zu cards are no longer theirs");
    case PEOPLE_CHANGE_KINDS:
        break;
    }
    return "%zu";
}

__attribute__((format(printf, 2, 3))) static void append(char out[RIGHTS_SIZE], const char *format, ...)
{
    va_list arguments;
    size_t used = strlen(out);
    va_start(arguments, format);
    vsnprintf(out + used, RIGHTS_SIZE - used, format, arguments);
    va_end(arguments);
}

/* Writes what somebody may do: "demi-pension mon tue, 2 passages, until 2027-07-02". */
static void write_rights(const struct people_person *person, char out[RIGHTS_SIZE])
{
    char days[WEEKDAYS_TEXT_SIZE], date[CIVIL_DATE_TEXT_SIZE];
    snprintf(out, RIGHTS_SIZE, "%s", person->profile);
    weekdays_text(person->weekdays, days);
    if (person->weekdays != WHITELIST_EVERY_DAY)
        append(out, " %s", days);
    if (person->passages != 1)
        append(out, _(" passages %u"), person->passages);
    civil_date_text(person->first_day, date);
    if (person->first_day != WHITELIST_NO_FIRST_DAY)
        append(out, _(" from %s"), date);
    civil_date_text(person->last_day, date);
    if (person->last_day != WHITELIST_NO_LAST_DAY)
        append(out, _(" until %s"), date);
}

static void print_who(const char *format, const struct people_person *person)
{
    char who[PERSON_OPTION_LABEL_SIZE];
    person_option_label(person, who);
    printf(format, who);
}

static void print_rights(const struct people_person *before, const struct people_person *after)
{
    char rights[RIGHTS_SIZE];
    if (before != NULL) {
        write_rights(before, rights);
        printf(": %s -> ", rights);
    }
    write_rights(after, rights);
    printf(before != NULL ? "%s" : " (%s)", rights);
}

static void print_change(void *ctx, const struct people_person *before, const struct people_person *after)
{
    struct printing *printing = ctx;
    if (printing->shown++ >= printing->most)
        return;
    print_who("  %s", after != NULL ? after : before);
    switch (printing->kind) {
    case PEOPLE_CHANGE_COMES:
        print_rights(NULL, after);
        break;
    case PEOPLE_CHANGE_RIGHTS:
        print_rights(before, after);
        break;
    case PEOPLE_CHANGE_CLASS:
        printf(_(" (before: %s)"), before->class_name);
        break;
    case PEOPLE_CHANGE_NAME:
        printf(_(" (before: %s)"), before->name);
        break;
    case PEOPLE_CHANGE_CARD_OTHER:
        print_who(_(" (before: %s)"), before);
        break;
    case PEOPLE_CHANGE_LEAVES:
    case PEOPLE_CHANGE_CARD_NEW:
    case PEOPLE_CHANGE_CARD_MARKS:
    case PEOPLE_CHANGE_CARD_ENDS:
    case PEOPLE_CHANGE_KINDS:
        break;
    }
    putchar('\n');
}

size_t change_report_count(const struct people_snapshot *before, const struct people_snapshot *after)
{
    size_t count = 0;
    for (int kind = 0; kind < PEOPLE_CHANGE_KINDS; kind++)
        count += people_change_each(before, after, (enum people_change_kind)kind, NULL, NULL);
    return count;
}

void change_report_text(const struct people_snapshot *before, const struct people_snapshot *after, bool all)
{
    for (int kind = 0; kind < PEOPLE_CHANGE_KINDS; kind++) {
        struct printing printing = {.kind = (enum people_change_kind)kind,
                                    .most = all ? SIZE_MAX : CHANGE_REPORT_FEW};
        size_t count = people_change_each(before, after, printing.kind, NULL, NULL);
        if (count == 0)
            continue;
        printf(count_text(printing.kind, count), count);
        putchar('\n');
        people_change_each(before, after, printing.kind, print_change, &printing);
        if (count > printing.most)
            printf(_("  and %zu more\n"), count - printing.most);
    }
}

/* --- JSON --- */

static void write_person(struct json_out *json, const char *key, const struct people_person *person)
{
    char date[CIVIL_DATE_TEXT_SIZE], days[WEEKDAYS_TEXT_SIZE];
    if (person == NULL) {
        json_out_null(json, key);
        return;
    }
    json_out_object(json, key);
    json_out_text(json, "name", person->name);
    json_out_text(json, "class", person->class_name);
    json_out_text(json, "profile", person->profile);
    weekdays_format(person->weekdays, days);
    json_out_text(json, "meals", days);
    json_out_int(json, "passages", person->passages);
    civil_date_format(person->first_day, date);
    json_out_text_or_null(json, "from", person->first_day != WHITELIST_NO_FIRST_DAY ? date : NULL);
    civil_date_format(person->last_day, date);
    json_out_text_or_null(json, "until", person->last_day != WHITELIST_NO_LAST_DAY ? date : NULL);
    json_out_end(json);
}

static void write_change(void *ctx, const struct people_person *before, const struct people_person *after)
{
    struct json_out *json = ((struct printing *)ctx)->json;
    json_out_object(json, NULL);
    write_person(json, "before", before);
    write_person(json, "after", after);
    json_out_end(json);
}

void change_report_json(const struct people_snapshot *before, const struct people_snapshot *after,
                        struct json_out *json)
{
    for (int kind = 0; kind < PEOPLE_CHANGE_KINDS; kind++) {
        struct printing printing = {.kind = (enum people_change_kind)kind, .json = json};
        json_out_object(json, members[kind]);
        json_out_int(json, "count", (int64_t)people_change_each(before, after, printing.kind, NULL, NULL));
        json_out_array(json, "people");
        people_change_each(before, after, printing.kind, write_change, &printing);
        json_out_end(json);
        json_out_end(json);
    }
}
