/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/change_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hal/common/plural.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/weekdays.h"

#define RIGHTS_SIZE 200

static const struct {
    const char *one, *many; /* after the count: "1 person comes" */
    const char *member;     /* of the JSON object */
} kinds[PEOPLE_CHANGE_KINDS] = {
    [PEOPLE_CHANGE_COMES] = {"person comes", "people come", "come"},
    [PEOPLE_CHANGE_LEAVES] = {"person leaves", "people leave", "leave"},
    [PEOPLE_CHANGE_CLASS] = {"person changes class", "people change class", "class"},
    [PEOPLE_CHANGE_RIGHTS] = {"person changes regime", "people change regime", "rights"},
    [PEOPLE_CHANGE_NAME] = {"person changes name", "people change name", "name"},
    [PEOPLE_CHANGE_CARD_NEW] = {"card is new", "cards are new", "cards_new"},
    [PEOPLE_CHANGE_CARD_OTHER] = {"card changes hands", "cards change hands", "cards_other"},
    [PEOPLE_CHANGE_CARD_MARKS] = {"card is lost, found or valid otherwise",
                                  "cards are lost, found or valid otherwise", "cards_changed"},
    [PEOPLE_CHANGE_CARD_ENDS] = {"card is no longer theirs", "cards are no longer theirs", "cards_end"},
};

struct printing {
    enum people_change_kind kind;
    size_t shown, most;
    struct json_out *json;
};

static int add_text(char *out, size_t used, const char *word, const char *text)
{
    return snprintf(out + used, RIGHTS_SIZE - used, " %s%s%s", word, word[0] != '\0' ? " " : "", text);
}

/* Writes what somebody may do: "demi-pension mon tue, 2 passages, until 2027-07-02". */
static void write_rights(const struct people_person *person, char out[RIGHTS_SIZE])
{
    char days[WEEKDAYS_TEXT_SIZE], date[CIVIL_DATE_TEXT_SIZE], passages[16];
    int used = snprintf(out, RIGHTS_SIZE, "%s", person->profile);
    weekdays_format(person->weekdays, days);
    if (person->weekdays != WHITELIST_EVERY_DAY)
        used += add_text(out, (size_t)used, "", days);
    snprintf(passages, sizeof passages, "%u", person->passages);
    if (person->passages != 1)
        used += add_text(out, (size_t)used, "passages", passages);
    civil_date_format(person->first_day, date);
    if (person->first_day != WHITELIST_NO_FIRST_DAY)
        used += add_text(out, (size_t)used, "from", date);
    civil_date_format(person->last_day, date);
    if (person->last_day != WHITELIST_NO_LAST_DAY)
        used += add_text(out, (size_t)used, "until", date);
}

static void print_who(const struct people_person *person)
{
    printf("%s%s%s", person->name, person->class_name[0] != '\0' ? ", " : "", person->class_name);
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
    printf("  ");
    print_who(after != NULL ? after : before);
    switch (printing->kind) {
    case PEOPLE_CHANGE_COMES:
        print_rights(NULL, after);
        break;
    case PEOPLE_CHANGE_RIGHTS:
        print_rights(before, after);
        break;
    case PEOPLE_CHANGE_CLASS:
        printf(" (before: %s)", before->class_name);
        break;
    case PEOPLE_CHANGE_NAME:
        printf(" (before: %s)", before->name);
        break;
    case PEOPLE_CHANGE_CARD_OTHER:
        printf(" (before: ");
        print_who(before);
        printf(")");
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
        printf("%zu %s\n", count, plural(count, kinds[kind].one, kinds[kind].many));
        people_change_each(before, after, printing.kind, print_change, &printing);
        if (count > printing.most)
            printf("  and %zu more\n", count - printing.most);
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
        json_out_object(json, kinds[kind].member);
        json_out_int(json, "count", (int64_t)people_change_each(before, after, printing.kind, NULL, NULL));
        json_out_array(json, "people");
        people_change_each(before, after, printing.kind, write_change, &printing);
        json_out_end(json);
        json_out_end(json);
    }
}
