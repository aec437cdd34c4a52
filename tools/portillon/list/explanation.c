/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/explanation.h"

#include <stdio.h>
#include <string.h>

#include "hal/common/plural.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/weekdays.h"
#include "tools/portillon/site/week_windows.h"

#define NOW_SIZE 64

static const struct whitelist_profile *profile_of(const struct policy_question *question)
{
    static const struct whitelist_profile nobody = {.name = "(unknown)"};
    return question->rule.profile < question->tables->profile_count
               ? &question->tables->profiles[question->rule.profile]
               : &nobody;
}

static void write_now(const struct policy_question *question, char *out, size_t size)
{
    char day[WEEKDAYS_TEXT_SIZE];
    weekdays_format((uint8_t)(1 << question->now.weekday), day);
    snprintf(out, size, "%s %02d:%02d", day, question->now.minute / 60, question->now.minute % 60);
}

static void explain_day(const struct policy_question *question, enum policy_step step, char *out)
{
    char bound[CIVIL_DATE_TEXT_SIZE], today[CIVIL_DATE_TEXT_SIZE];
    bool first = step == POLICY_FIRST_DAY;
    uint16_t day = first ? question->rule.first_day : question->rule.last_day;
    civil_date_format(day, bound);
    civil_date_format(question->now.day, today);
    if (day == (first ? WHITELIST_NO_FIRST_DAY : WHITELIST_NO_LAST_DAY))
        snprintf(out, EXPLANATION_SIZE, "no %s day is set", first ? "first" : "last");
    else
        snprintf(out, EXPLANATION_SIZE, "valid %s %s; it is %s", first ? "from" : "until", bound, today);
}

static void explain_zone(const struct policy_question *question, char *out)
{
    static const char *const texts[] = {"no zone", "the building", "the canteen", "building and canteen"};
    const struct whitelist_profile *profile = profile_of(question);
    snprintf(out, EXPLANATION_SIZE, "profile %s has a right to %s", profile->name, texts[profile->zones & 3]);
}

static void explain_calendar(const struct policy_question *question, char *out)
{
    uint8_t zone = question->zone == ZONE_CANTEEN ? WHITELIST_ZONE_CANTEEN : WHITELIST_ZONE_BUILDING;
    const struct whitelist_calendar_entry *closing = NULL, *opening = NULL;
    char first[CIVIL_DATE_TEXT_SIZE], last[CIVIL_DATE_TEXT_SIZE], day[WEEKDAYS_TEXT_SIZE] = "";
    for (int i = 0; i < question->tables->calendar_count; i++) {
        const struct whitelist_calendar_entry *entry = &question->tables->calendar[i];
        if (!(entry->zones & zone) || question->now.day < entry->first_day ||
            question->now.day > entry->last_day)
            continue;
        if (entry->kind == WHITELIST_DAYS_OPEN && opening == NULL)
            opening = entry;
        else if (entry->kind == WHITELIST_DAYS_CLOSED)
            closing = entry;
    }
    const struct whitelist_calendar_entry *entry = opening != NULL ? opening : closing;
    if (entry == NULL) {
        snprintf(out, EXPLANATION_SIZE, "the calendar says nothing of this day");
        return;
    }
    civil_date_format(entry->first_day, first);
    civil_date_format(entry->last_day, last);
    if (entry->as_weekday != 0)
        weekdays_format((uint8_t)(1 << (entry->as_weekday - 1)), day);
    snprintf(out, EXPLANATION_SIZE, "the calendar has this zone %s from %s to %s%s%s%s",
             opening != NULL ? "open" : "closed", first, last, day[0] != '\0' ? ", with the hours of " : "",
             day,
             opening == NULL && profile_of(question)->closed_day_zones & zone
                 ? ", which does not hold up this profile"
                 : "");
}

static void explain_hours(const struct policy_question *question, char *out)
{
    uint8_t zone = question->zone == ZONE_CANTEEN ? WHITELIST_ZONE_CANTEEN : WHITELIST_ZONE_BUILDING;
    struct week_window windows[WHITELIST_WINDOWS_MAX];
    char hours[WEEK_WINDOWS_TEXT_MAX], now[NOW_SIZE];
    size_t count = 0;
    for (int i = 0; i < question->tables->window_count; i++) {
        const struct whitelist_window *window = &question->tables->windows[i];
        if (window->profile == question->rule.profile && window->zones & zone)
            windows[count++] =
                (struct week_window){window->weekdays, window->span.from_min, window->span.to_min};
    }
    write_now(question, now, sizeof now);
    week_windows_format(windows, count, hours);
    if (count == 0)
        snprintf(out, EXPLANATION_SIZE, "profile %s may pass here at any hour", profile_of(question)->name);
    else
        snprintf(out, EXPLANATION_SIZE, "profile %s may pass here %.400s; it is %s",
                 profile_of(question)->name, hours, now);
}

static void explain_service(const struct policy_question *question, bool passed, char *out)
{
    char now[NOW_SIZE], under_way[320] = "";
    const struct whitelist_tables *tables = question->tables;
    write_now(question, now, sizeof now);
    for (int i = 0; passed && i < tables->service_count;
         i++) /* counts the services by their hours alone; a closed day may still stop one */
        if (policy_service_at(tables, (uint8_t)i, &question->now).service >= 0)
            snprintf(under_way + strlen(under_way), sizeof under_way - strlen(under_way), "%s%s",
                     under_way[0] != '\0' ? " and " : "", tables->services[i].name);
    if (tables->service_count == 0)
        snprintf(out, EXPLANATION_SIZE, "the list names no services: the canteen serves at any hour");
    else if (under_way[0] == '\0')
        snprintf(out, EXPLANATION_SIZE, "no meal is served on %s", now);
    else
        snprintf(out, EXPLANATION_SIZE, "%s is served on %s", under_way, now);
}

static void explain_service_right(const struct policy_question *question, char *out)
{
    const struct whitelist_profile *profile = profile_of(question);
    char services[320] = "";
    for (int i = 0; i < question->tables->service_count; i++)
        if (profile->services >> i & 1)
            snprintf(services + strlen(services), sizeof services - strlen(services), "%s%s",
                     services[0] != '\0' ? ", " : "", question->tables->services[i].name);
    snprintf(out, EXPLANATION_SIZE, "profile %s may use: %s", profile->name,
             services[0] != '\0' ? services : "no service");
}

/* Explains the weekday of a meal. After midnight, and on days that are open with the hours of another day,
 * the meals of today are not the ones that count. */
static void explain_meal_day(const struct policy_question *question, const char *days, const char *now,
                             char *out)
{
    struct policy_meal meal = policy_meal(question);
    char counted[WEEKDAYS_TEXT_SIZE];
    snprintf(out, EXPLANATION_SIZE, "meals on %s; it is %s", days, now);
    if (meal.service < 0 || meal.weekday == question->now.weekday)
        return;
    weekdays_format((uint8_t)(1 << meal.weekday), counted);
    snprintf(out + strlen(out), EXPLANATION_SIZE - strlen(out), ", and %s counts as %s",
             question->tables->services[meal.service].name, counted);
}

static void explain_passages(const struct policy_question *question, char *out)
{
    struct policy_meal meal = policy_meal(question);
    const char *service = meal.service >= 0 ? question->tables->services[meal.service].name : "the meal";
    if (question->rule.passages == POLICY_NO_LIMIT)
        snprintf(out, EXPLANATION_SIZE, "passages at %s without limit; %d used", service, question->used);
    else
        snprintf(out, EXPLANATION_SIZE, "%d passage%s at %s; %d used", question->rule.passages,
                 plural(question->rule.passages, "", "s"), service, question->used);
}

void explanation_of_step(const struct policy_question *question, enum policy_step step, bool passed,
                         char out[EXPLANATION_SIZE])
{
    char days[WEEKDAYS_TEXT_SIZE], now[NOW_SIZE];
    weekdays_format(question->rule.weekdays, days);
    write_now(question, now, sizeof now);
    switch (step) {
    case POLICY_NOT_BLOCKED:
        snprintf(out, EXPLANATION_SIZE, "the card is %s", passed ? "not blocked" : "blocked");
        return;
    case POLICY_FIRST_DAY:
    case POLICY_LAST_DAY:
        explain_day(question, step, out);
        return;
    case POLICY_ZONE:
        explain_zone(question, out);
        return;
    case POLICY_PROFILE_ON:
        snprintf(out, EXPLANATION_SIZE, "profile %s is %s", profile_of(question)->name,
                 passed ? "not turned off" : "turned off as a whole");
        return;
    case POLICY_MEAL_RIGHT:
        snprintf(out, EXPLANATION_SIZE, "meals on %s; without a clock any meal will do", days);
        return;
    case POLICY_OPEN_DAY:
        explain_calendar(question, out);
        return;
    case POLICY_HOURS:
        explain_hours(question, out);
        return;
    case POLICY_SERVICE_NOW:
        explain_service(question, passed, out);
        return;
    case POLICY_SERVICE_RIGHT:
        explain_service_right(question, out);
        return;
    case POLICY_MEAL_DAY:
        explain_meal_day(question, days, now, out);
        return;
    case POLICY_PASSAGES:
        explain_passages(question, out);
        return;
    }
    snprintf(out, EXPLANATION_SIZE, "a step this program does not know");
}

const char *explanation_of_reason(enum reason reason)
{
    switch (reason) {
    case REASON_NONE:
        return "the gate opens";
    case REASON_UNKNOWN_CARD:
        return "the card is not in the list";
    case REASON_BLOCKED:
        return "the card is blocked: lost, stolen or withdrawn";
    case REASON_NOT_YET_VALID:
        return "the card is not valid yet";
    case REASON_EXPIRED:
        return "the card is no longer valid";
    case REASON_NO_RIGHT_HERE:
        return "the profile has no right in this zone";
    case REASON_RANDOM_UID:
    case REASON_UNREADABLE:
        return "no usable number could be read";
    case REASON_SHARED_UID:
        return "many phones and blank cards show this number";
    case REASON_NO_LIST:
    case REASON_LIST_DAMAGED:
        return "the gate has no good list";
    case REASON_JOURNAL_FAILED:
    case REASON_INTERNAL:
        return "a fault in the gate";
    case REASON_OUTSIDE_HOURS:
        return "not at this hour";
    case REASON_CLOSED_TODAY:
        return "closed on this day";
    case REASON_NO_SERVICE_NOW:
        return "no meal is served now";
    case REASON_NOT_THIS_SERVICE:
        return "this meal is for other profiles";
    case REASON_NO_MEAL_TODAY:
        return "no meal on this day of the week";
    case REASON_ALREADY_PASSED:
        return "has eaten already: every passage of this meal is used";
    case REASON_PROFILE_OFF:
        return "the profile is turned off as a whole";
    case REASON_GATE_BUSY:
        return "the gate was busy with others for too long";
    case REASON_LIST_ROLLED_BACK:
        return "the gate's list is older than the newest it had: its memory chip was exchanged or put back";
    }
    return "unknown reason";
}
