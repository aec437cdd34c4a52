/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/explanation.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/weekdays.h"
#include "tools/portillon/site/week_windows.h"

#define NOW_SIZE 64

static const struct whitelist_profile *profile_of(const struct policy_question *question)
{
    static const struct whitelist_profile nobody;
    return question->rule.profile < question->tables->profile_count
               ? &question->tables->profiles[question->rule.profile]
               : &nobody;
}

static const char *name_of(const struct policy_question *question)
{
    return question->rule.profile < question->tables->profile_count ? profile_of(question)->name
                                                                    : _("(unknown)");
}

static void write_now(const struct policy_question *question, char *out, size_t size)
{
    char day[WEEKDAYS_TEXT_SIZE];
    weekdays_text((uint8_t)(1 << question->now.weekday), day);
    snprintf(out, size, "%s %02d:%02d", day, question->now.minute / 60, question->now.minute % 60);
}

static void explain_day(const struct policy_question *question, enum policy_step step, char *out)
{
    char bound[CIVIL_DATE_TEXT_SIZE], today[CIVIL_DATE_TEXT_SIZE];
    bool first = step == POLICY_FIRST_DAY;
    uint16_t day = first ? question->rule.first_day : question->rule.last_day;
    civil_date_text(day, bound);
    civil_date_text(question->now.day, today);
    if (day == (first ? WHITELIST_NO_FIRST_DAY : WHITELIST_NO_LAST_DAY))
        snprintf(out, EXPLANATION_SIZE, "%s", first ? _("no first day is set") : _("no last day is set"));
    else
        snprintf(out, EXPLANATION_SIZE, first ? _("valid from %s; it is %s") : _("valid until %s; it is %s"),
                 bound, today);
}

static void explain_zone(const struct policy_question *question, char *out)
{
    static const char *const texts[] = {
        N_("profile %s has a right to no zone"), N_("profile %s has a right to the building"),
        N_("profile %s has a right to the canteen"), N_("profile %s has a right to building and canteen")};
    snprintf(out, EXPLANATION_SIZE, translate(texts[profile_of(question)->zones & 3]), name_of(question));
}

__attribute__((format(printf, 2, 3))) static void append(char *out, const char *format, ...)
{
    va_list arguments;
    size_t used = strlen(out);
    va_start(arguments, format);
    vsnprintf(out + used, EXPLANATION_SIZE - used, format, arguments);
    va_end(arguments);
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
        snprintf(out, EXPLANATION_SIZE, "%s", _("the calendar says nothing of this day"));
        return;
    }
    civil_date_text(entry->first_day, first);
    civil_date_text(entry->last_day, last);
    if (entry->as_weekday != 0)
        weekdays_text((uint8_t)(1 << (entry->as_weekday - 1)), day);
    snprintf(out, EXPLANATION_SIZE,
             opening != NULL ? _("the calendar has this zone open from %s to %s")
                             : _("the calendar has this zone closed from %s to %s"),
             first, last);
    if (day[0] != '\0')
        append(out, _(", with the hours of %s"), day);
    if (opening == NULL && profile_of(question)->closed_day_zones & zone)
        append(out, "%s", _(", which does not hold up this profile"));
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
        snprintf(out, EXPLANATION_SIZE, _("profile %s may pass here at any hour"), name_of(question));
    else
        snprintf(out, EXPLANATION_SIZE, _("profile %s may pass here %.400s; it is %s"), name_of(question),
                 hours, now);
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
                     under_way[0] != '\0' ? _(" and ") : "", tables->services[i].name);
    if (tables->service_count == 0)
        snprintf(out, EXPLANATION_SIZE, "%s",
                 _("the list names no services: the canteen serves at any hour"));
    else if (under_way[0] == '\0')
        snprintf(out, EXPLANATION_SIZE, _("no meal is served on %s"), now);
    else
        snprintf(out, EXPLANATION_SIZE, _("%s is served on %s"), under_way, now);
}

static void explain_service_right(const struct policy_question *question, char *out)
{
    const struct whitelist_profile *profile = profile_of(question);
    char services[320] = "";
    for (int i = 0; i < question->tables->service_count; i++)
        if (profile->services >> i & 1)
            snprintf(services + strlen(services), sizeof services - strlen(services), "%s%s",
                     services[0] != '\0' ? ", " : "", question->tables->services[i].name);
    if (services[0] == '\0')
        snprintf(out, EXPLANATION_SIZE, _("profile %s may use: no service"), name_of(question));
    else
        snprintf(out, EXPLANATION_SIZE, _("profile %s may use: %s"), name_of(question), services);
}

/* Explains the weekday of a meal. After midnight, and on days that are open with the hours of another day,
 * the meals of today are not the ones that count. */
static void explain_meal_day(const struct policy_question *question, const char *days, const char *now,
                             char *out)
{
    struct policy_meal meal = policy_meal(question);
    char counted[WEEKDAYS_TEXT_SIZE];
    snprintf(out, EXPLANATION_SIZE, _("meals on %s; it is %s"), days, now);
    if (meal.service < 0 || meal.weekday == question->now.weekday)
        return;
    weekdays_text((uint8_t)(1 << meal.weekday), counted);
    append(out, _(", and %s counts as %s"), question->tables->services[meal.service].name, counted);
}

static void explain_passages(const struct policy_question *question, char *out)
{
    struct policy_meal meal = policy_meal(question);
    const char *service = meal.service >= 0 ? question->tables->services[meal.service].name : _("the meal");
    if (question->rule.passages == POLICY_NO_LIMIT)
        snprintf(out, EXPLANATION_SIZE, _("passages at %s without limit; %d used"), service, question->used);
    else
        snprintf(out, EXPLANATION_SIZE,
                 translate_count(question->rule.passages, "%d passage at %s; %d used",
                                 "%d passages at %s; %d used"),
                 question->rule.passages, service, question->used);
}

static const char *explain_card_type(bool passed)
{
    return passed ? _("the card is of the kind that the list asks for")
                  : _("the card is not of the kind that the list asks for");
}

static const char *name_of_assurance(enum credential_assurance assurance)
{
    switch (assurance) {
    case CREDENTIAL_ASSURED_NOT:
        return _("anything");
    case CREDENTIAL_ASSURED_UID:
        return "uid";
    case CREDENTIAL_ASSURED_CHIP:
        return "uid+";
    case CREDENTIAL_ASSURED_DESFIRE:
        return "desfire";
    }
    return _("anything");
}

static void explain_assurance(const struct policy_question *question, char *out)
{
    snprintf(out, EXPLANATION_SIZE, _("the card is known by: %s; the list asks for: %s"),
             credential_method_name(policy_method(question)),
             name_of_assurance(policy_least_assurance(question)));
}

void explanation_of_step(const struct policy_question *question, enum policy_step step, bool passed,
                         char out[EXPLANATION_SIZE])
{
    char days[WEEKDAYS_TEXT_SIZE], now[NOW_SIZE];
    weekdays_text(question->rule.weekdays, days);
    write_now(question, now, sizeof now);
    switch (step) {
    case POLICY_NOT_BLOCKED:
        snprintf(out, EXPLANATION_SIZE, "%s",
                 passed ? _("the card is not blocked") : _("the card is blocked"));
        return;
    case POLICY_CARD_TYPE:
        snprintf(out, EXPLANATION_SIZE, "%s", explain_card_type(passed));
        return;
    case POLICY_ASSURANCE:
        explain_assurance(question, out);
        return;
    case POLICY_FIRST_DAY:
    case POLICY_LAST_DAY:
        explain_day(question, step, out);
        return;
    case POLICY_ZONE:
        explain_zone(question, out);
        return;
    case POLICY_PROFILE_ON:
        snprintf(out, EXPLANATION_SIZE,
                 passed ? _("profile %s is not turned off") : _("profile %s is turned off as a whole"),
                 name_of(question));
        return;
    case POLICY_MEAL_RIGHT:
        snprintf(out, EXPLANATION_SIZE, _("meals on %s; without a clock any meal will do"), days);
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
    snprintf(out, EXPLANATION_SIZE, "%s", _("a step this program does not know"));
}

const char *explanation_of_reason(enum reason reason)
{
    switch (reason) {
    case REASON_NONE:
        return _("the gate opens");
    case REASON_UNKNOWN_CARD:
        return _("the card is not in the list");
    case REASON_BLOCKED:
        return _("the card is blocked: lost, stolen or withdrawn");
    case REASON_NOT_YET_VALID:
        return _("the card is not valid yet");
    case REASON_EXPIRED:
        return _("the card is no longer valid");
    case REASON_NO_RIGHT_HERE:
        return _("the profile has no right in this zone");
    case REASON_RANDOM_UID:
    case REASON_UNREADABLE:
        return _("no usable number could be read");
    case REASON_SHARED_UID:
        return _("many phones and blank cards show this number");
    case REASON_OTHER_CHIP:
        return _("the number is in the list, but this card is of another kind");
    case REASON_METHOD_TOO_WEAK:
        return _("here and now, the list asks for a card that is harder to copy");
    case REASON_NOT_AUTHENTIC:
        return _("the card does not know the school's key");
    case REASON_PASS_NOT_VALID:
        return _("the pass is for another day, zone or meal");
    case REASON_NO_LIST:
    case REASON_LIST_DAMAGED:
        return _("the gate has no good list");
    case REASON_JOURNAL_FAILED:
    case REASON_INTERNAL:
        return _("a fault in the gate");
    case REASON_OUTSIDE_HOURS:
        return _("not at this hour");
    case REASON_CLOSED_TODAY:
        return _("closed on this day");
    case REASON_NO_SERVICE_NOW:
        return _("no meal is served now");
    case REASON_NOT_THIS_SERVICE:
        return _("this meal is for other profiles");
    case REASON_NO_MEAL_TODAY:
        return _("no meal on this day of the week");
    case REASON_ALREADY_PASSED:
        return _("has eaten already: every passage of this meal is used");
    case REASON_PROFILE_OFF:
        return _("the profile is turned off as a whole");
    case REASON_GATE_BUSY:
        return _("the gate was busy with others for too long");
    case REASON_LIST_ROLLED_BACK:
        return _(
            "the gate's list is older than the newest it had: its memory chip was exchanged or put back");
    }
    return _("unknown reason");
}
