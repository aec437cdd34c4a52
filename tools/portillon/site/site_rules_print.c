/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_rules_print.h"

#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/json_out.h"
#include "tools/portillon/common/weekdays.h"
#include "tools/portillon/site/site_methods_print.h"
#include "tools/portillon/site/week_windows.h"

static void write_service(const struct whitelist_service *service, char text[WEEK_WINDOWS_TEXT_MAX])
{
    struct week_window windows[7];
    size_t count = 0;
    for (int day = 0; day < 7; day++) {
        const struct whitelist_span *span = &service->spans[day];
        size_t same = 0;
        if (span->to_min == span->from_min)
            continue;
        while (same < count &&
               (windows[same].from_min != span->from_min || windows[same].until_min != span->to_min))
            same++;
        if (same == count)
            windows[count++] = (struct week_window){0, span->from_min, span->to_min};
        windows[same].weekdays |= (uint8_t)(1 << day);
    }
    week_windows_format(windows, count, text);
}

static void print_service(const struct whitelist_service *service, FILE *out)
{
    char text[WEEK_WINDOWS_TEXT_MAX];
    write_service(service, text);
    fprintf(out, _("  %s: %s"), service->name, text);
    fputc('\n', out);
}

/* Returns the hours of a profile in a zone. text is room for them. */
static const char *zone_hours(const struct whitelist_tables *tables, uint16_t profile, uint8_t zone,
                              char text[WEEK_WINDOWS_TEXT_MAX])
{
    struct week_window windows[WHITELIST_WINDOWS_MAX] = {{0}}; /* gcc --coverage cannot see that it is set */
    size_t count = 0;
    for (uint16_t i = 0; i < tables->window_count; i++)
        if (tables->windows[i].profile == profile && tables->windows[i].zones & zone)
            windows[count++] =
                (struct week_window){tables->windows[i].weekdays, tables->windows[i].span.from_min,
                                     tables->windows[i].span.to_min};
    week_windows_format(windows, count, text);
    return !(tables->profiles[profile].zones & zone) ? _("never") : count != 0 ? text : _("at any hour");
}

static void print_zone(const struct whitelist_tables *tables, uint16_t profile, uint8_t zone,
                       const char *name, FILE *out)
{
    char text[WEEK_WINDOWS_TEXT_MAX];
    fprintf(out, _("    %s: %s\n"), name, zone_hours(tables, profile, zone, text));
}

static void print_called(const struct site_rules *rules, uint16_t profile, FILE *out)
{
    const char *separator = _("    called: ");
    for (uint16_t i = 0; i < rules->word_count; i++) {
        char days[WEEKDAYS_TEXT_SIZE] = "";
        if (rules->words[i].profile != profile)
            continue;
        if (rules->words[i].weekdays != 0)
            weekdays_text(rules->words[i].weekdays, days);
        fprintf(out, "%s%s", separator, rules->words[i].word);
        if (days[0] != '\0')
            fprintf(out, _(" (meals %s)"), days);
        separator = ", ";
    }
    fputc('\n', out);
}

static void print_services_of(const struct whitelist_tables *tables, const struct whitelist_profile *profile,
                              FILE *out)
{
    const char *separator = _("    services: ");
    if (tables->service_count == 0 || !(profile->zones & WHITELIST_ZONE_CANTEEN))
        return;
    for (uint16_t i = 0; i < tables->service_count; i++)
        if (profile->services >> i & 1) {
            fprintf(out, "%s%s", separator, tables->services[i].name);
            separator = ", ";
        }
    fputc('\n', out);
}

static const char *zones_text(uint8_t zones)
{
    return zones == WHITELIST_ZONE_BUILDING  ? _("building")
           : zones == WHITELIST_ZONE_CANTEEN ? _("canteen")
                                             : _("building and canteen");
}

static const char *state_text(uint8_t zones, bool open)
{
    if (zones == WHITELIST_ZONE_BUILDING)
        return open ? _("building open") : _("building closed");
    if (zones == WHITELIST_ZONE_CANTEEN)
        return open ? _("canteen open") : _("canteen closed");
    return open ? _("building and canteen open") : _("building and canteen closed");
}

static void print_calendar(const struct whitelist_calendar_entry *entry, FILE *out)
{
    char first[CIVIL_DATE_TEXT_SIZE], last[CIVIL_DATE_TEXT_SIZE], day[WEEKDAYS_TEXT_SIZE] = "";
    civil_date_text(entry->first_day, first);
    civil_date_text(entry->last_day, last);
    if (entry->as_weekday != 0)
        weekdays_text((uint8_t)(1 << (entry->as_weekday - 1)), day);
    const char *state = state_text(entry->zones, entry->kind == WHITELIST_DAYS_OPEN);
    if (entry->last_day != entry->first_day)
        fprintf(out, _("  %s to %s: %s"), first, last, state);
    else
        fprintf(out, _("  %s: %s"), first, state);
    if (day[0] != '\0')
        fprintf(out, _(", with the hours of %s"), day);
    fputc('\n', out);
}

static void print_profile(const struct whitelist_tables *tables, const struct site_rules *rules,
                          uint16_t number, FILE *out)
{
    const struct whitelist_profile *profile = &tables->profiles[number];
    print_zone(tables, number, WHITELIST_ZONE_BUILDING, _("building"), out);
    print_zone(tables, number, WHITELIST_ZONE_CANTEEN, _("canteen"), out);
    print_services_of(tables, profile, out);
    if (rules != NULL && rules->profile_card_types[number] != 0)
        fprintf(out, _("    card type: %s\n"), rules->card_types[rules->profile_card_types[number] - 1]);
    if (profile->closed_day_zones != 0)
        fprintf(out, _("    on closed days too: %s\n"), zones_text(profile->closed_day_zones));
}

static void print_all(const struct whitelist_tables *tables, const struct site_rules *rules, FILE *out)
{
    fprintf(out, "%s\n",
            tables->service_count == 0 ? _("services: none; the canteen opens at any hour") : _("services"));
    for (uint16_t i = 0; i < tables->service_count; i++)
        print_service(&tables->services[i], out);
    fprintf(out, "%s\n",
            rules != NULL && rules->default_profiles
                ? _("profiles (the file names none; these are a lycée's)")
                : _("profiles"));
    for (uint16_t i = 0; i < tables->profile_count; i++) {
        fprintf(out, "  %s\n", tables->profiles[i].name);
        if (rules != NULL)
            print_called(rules, i, out);
        print_profile(tables, rules, i, out);
    }
    fprintf(out, "%s\n", tables->calendar_count == 0 ? _("calendar: no day is different") : _("calendar"));
    for (uint16_t i = 0; i < tables->calendar_count; i++)
        print_calendar(&tables->calendar[i], out);
    site_methods_print(tables, rules, out);
}

void site_rules_print(const struct site_rules *rules, FILE *out)
{
    fprintf(out, "%s\n", rules->name);
    if (rules->uai[0] != '\0')
        fprintf(out, _("uai %s\n"), rules->uai);
    fprintf(out, _("time zone %s (%s)\n"), rules->time_zone, rules->time_rule);
    print_all(&rules->tables, rules, out);
}

void site_rules_print_tables(const struct whitelist_tables *tables, FILE *out)
{
    print_all(tables, NULL, out);
}

/* --- JSON --- */

static void write_called(const struct site_rules *rules, uint16_t profile, struct json_out *json)
{
    char days[WEEKDAYS_TEXT_SIZE];
    json_out_array(json, "called");
    for (uint16_t i = 0; i < rules->word_count; i++) {
        if (rules->words[i].profile != profile)
            continue;
        weekdays_format(rules->words[i].weekdays, days);
        json_out_object(json, NULL);
        json_out_text(json, "word", rules->words[i].word);
        json_out_text_or_null(json, "meals", rules->words[i].weekdays != 0 ? days : NULL);
        json_out_end(json);
    }
    json_out_end(json);
}

static void write_profile(const struct site_rules *rules, uint16_t number, struct json_out *json)
{
    const struct whitelist_tables *tables = &rules->tables;
    const struct whitelist_profile *profile = &tables->profiles[number];
    char text[WEEK_WINDOWS_TEXT_MAX];
    json_out_object(json, NULL);
    json_out_text(json, "name", profile->name);
    write_called(rules, number, json);
    json_out_text(json, "building", zone_hours(tables, number, WHITELIST_ZONE_BUILDING, text));
    json_out_text(json, "canteen", zone_hours(tables, number, WHITELIST_ZONE_CANTEEN, text));
    json_out_array(json, "services");
    for (uint16_t i = 0; i < tables->service_count && profile->zones & WHITELIST_ZONE_CANTEEN; i++)
        if (profile->services >> i & 1)
            json_out_text(json, NULL, tables->services[i].name);
    json_out_end(json);
    json_out_text_or_null(json, "closed_days",
                          profile->closed_day_zones != 0 ? zones_text(profile->closed_day_zones) : NULL);
    uint8_t type = rules->profile_card_types[number];
    json_out_text_or_null(json, "card_type", type != 0 ? rules->card_types[type - 1] : NULL);
    json_out_end(json);
}

static void write_calendar(const struct whitelist_calendar_entry *entry, struct json_out *json)
{
    char first[CIVIL_DATE_TEXT_SIZE], last[CIVIL_DATE_TEXT_SIZE], day[WEEKDAYS_TEXT_SIZE] = "";
    civil_date_format(entry->first_day, first);
    civil_date_format(entry->last_day, last);
    if (entry->as_weekday != 0)
        weekdays_format((uint8_t)(1 << (entry->as_weekday - 1)), day);
    json_out_object(json, NULL);
    json_out_text(json, "first", first);
    json_out_text(json, "last", last);
    json_out_text(json, "zones", zones_text(entry->zones));
    json_out_text(json, "kind", entry->kind == WHITELIST_DAYS_OPEN ? "open" : "closed");
    json_out_text_or_null(json, "as", day);
    json_out_end(json);
}

static void write_tables(const struct site_rules *rules, struct json_out *json)
{
    const struct whitelist_tables *tables = &rules->tables;
    char text[WEEK_WINDOWS_TEXT_MAX];
    json_out_array(json, "services");
    for (uint16_t i = 0; i < tables->service_count; i++) {
        write_service(&tables->services[i], text);
        json_out_object(json, NULL);
        json_out_text(json, "name", tables->services[i].name);
        json_out_text(json, "hours", text);
        json_out_end(json);
    }
    json_out_end(json);
    json_out_array(json, "profiles");
    for (uint16_t i = 0; i < tables->profile_count; i++)
        write_profile(rules, i, json);
    json_out_end(json);
    json_out_array(json, "calendar");
    for (uint16_t i = 0; i < tables->calendar_count; i++)
        write_calendar(&tables->calendar[i], json);
    json_out_end(json);
    site_methods_write_json(rules, json);
}

void site_rules_print_json(const struct site_rules *rules, FILE *out)
{
    struct json_out json;
    translate_pause();
    json_out_start(&json, out);
    json_out_object(&json, NULL);
    json_out_text(&json, "name", rules->name);
    json_out_text_or_null(&json, "uai", rules->uai);
    json_out_text(&json, "time_zone", rules->time_zone);
    json_out_text(&json, "time_rule", rules->time_rule);
    json_out_bool(&json, "default_profiles", rules->default_profiles);
    write_tables(rules, &json);
    json_out_end(&json);
    translate_resume();
}
