#include "tools/portillon/site_rules.h"

#include <string.h>

#include "tools/portillon/civil_date.h"
#include "tools/portillon/weekdays.h"

static void print_service(const struct site_service *service, FILE *out)
{
    struct week_window windows[7];
    char text[WEEK_WINDOWS_TEXT_MAX];
    size_t count = 0;
    for (int day = 0; day < 7; day++) {
        size_t same = 0;
        if (service->until_min[day] == service->from_min[day])
            continue;
        while (same < count && (windows[same].from_min != service->from_min[day] ||
                                windows[same].until_min != service->until_min[day]))
            same++;
        if (same == count)
            windows[count++] = (struct week_window){0, service->from_min[day], service->until_min[day]};
        windows[same].weekdays |= (uint8_t)(1 << day);
    }
    week_windows_format(windows, count, text);
    fprintf(out, "  %s: %s\n", service->name, text);
}

static void print_zone(const struct site_rules *rules, uint16_t profile, uint8_t zone, const char *name,
                       FILE *out)
{
    struct week_window windows[SITE_RULES_WINDOWS_MAX];
    char text[WEEK_WINDOWS_TEXT_MAX];
    size_t count = 0;
    for (uint16_t i = 0; i < rules->window_count; i++)
        if (rules->windows[i].profile == profile && rules->windows[i].zones & zone)
            windows[count++] = rules->windows[i].when;
    week_windows_format(windows, count, text);
    fprintf(out, "    %s: %s\n", name,
            !(rules->profiles[profile].zones & zone) ? "never"
            : count != 0                             ? text
                                                     : "at any hour");
}

static void print_called(const struct site_rules *rules, uint16_t profile, FILE *out)
{
    const char *separator = "    called: ";
    for (uint16_t i = 0; i < rules->word_count; i++) {
        char days[WEEKDAYS_TEXT_SIZE] = "";
        if (rules->words[i].profile != profile)
            continue;
        if (rules->words[i].weekdays != 0)
            weekdays_format(rules->words[i].weekdays, days);
        fprintf(out, "%s%s%s%s%s", separator, rules->words[i].word, days[0] != '\0' ? " (meals " : "", days,
                days[0] != '\0' ? ")" : "");
        separator = ", ";
    }
    fputc('\n', out);
}

static void print_services_of(const struct site_rules *rules, const struct site_profile *profile, FILE *out)
{
    const char *separator = "    services: ";
    if (rules->service_count == 0 || !(profile->zones & WHITELIST_ZONE_CANTEEN))
        return;
    for (uint16_t i = 0; i < rules->service_count; i++)
        if (profile->services >> i & 1) {
            fprintf(out, "%s%s", separator, rules->services[i].name);
            separator = ", ";
        }
    fputc('\n', out);
}

static void print_calendar(const struct site_calendar_entry *entry, FILE *out)
{
    char first[CIVIL_DATE_TEXT_SIZE], last[CIVIL_DATE_TEXT_SIZE];
    civil_date_format(entry->first_day, first);
    civil_date_format(entry->last_day, last);
    fprintf(out, "  %s%s%s: %s %s\n", first, entry->last_day != entry->first_day ? " to " : "",
            entry->last_day != entry->first_day ? last : "",
            entry->zones == WHITELIST_ZONE_BUILDING  ? "building"
            : entry->zones == WHITELIST_ZONE_CANTEEN ? "canteen"
                                                     : "building and canteen",
            entry->open ? "open" : "closed");
}

void site_rules_print(const struct site_rules *rules, FILE *out)
{
    fprintf(out, "%s\ntime zone %s (%s)\n", rules->name, rules->time_zone, rules->time_rule);
    fprintf(out, "services%s\n", rules->service_count == 0 ? ": none; the canteen opens at any hour" : "");
    for (uint16_t i = 0; i < rules->service_count; i++)
        print_service(&rules->services[i], out);
    fprintf(out, "profiles%s\n",
            rules->default_profiles ? " (the file names none; these are a lycée's)" : "");
    for (uint16_t i = 0; i < rules->profile_count; i++) {
        fprintf(out, "  %s\n", rules->profiles[i].name);
        print_called(rules, i, out);
        print_zone(rules, i, WHITELIST_ZONE_BUILDING, "building", out);
        print_zone(rules, i, WHITELIST_ZONE_CANTEEN, "canteen", out);
        print_services_of(rules, &rules->profiles[i], out);
    }
    fprintf(out, "calendar%s\n", rules->calendar_count == 0 ? ": no day is different" : "");
    for (uint16_t i = 0; i < rules->calendar_count; i++)
        print_calendar(&rules->calendar[i], out);
}
