/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/common/local_moment.h"

#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/weekdays.h"

#define DAYS_1970_TO_2000 10957

int local_moment_parse(const struct time_zone *zone, const char *text, struct local_time *moment,
                       const char **why)
{
    int hour, minute, end = 0;
    int32_t day;
    size_t date_len = strcspn(text, " T");
    if (civil_date_parse(text, date_len, &day, why) != ERR_OK)
        return ERR_FORMAT;
    *why = _("write a date and a time: 2026-11-23 12:10");
    if (text[date_len] == '\0' ||
        sscanf(text + date_len + 1, " %2d%*1[:h]%2d%n", &hour, &minute, &end) != 2 ||
        text[date_len + 1 + (size_t)end] != '\0' || hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return ERR_FORMAT;
    int64_t wall_s = ((int64_t)day + DAYS_1970_TO_2000) * 86400 + hour * 3600 + minute * 60;
    const int32_t offsets[] = {zone->summer_s, zone->standard_s};
    for (int i = zone->has_summer ? 0 : 1; i < 2; i++) {
        int64_t utc_s = wall_s - offsets[i];
        if (day < 0 || utc_s < 0 || utc_s > UINT32_MAX)
            break;
        *moment = time_zone_local(zone, (uint32_t)utc_s);
        if (moment->day == day && moment->minute == hour * 60 + minute)
            return ERR_OK;
    }
    *why = day < 0 ? _("no gate's clock is before 2000") : _("the clocks go forward and jump over this time");
    return ERR_FORMAT;
}

static void write_moment(const struct local_time *moment, const char *day, const char *date, char *out,
                         size_t size)
{
    snprintf(out, size, "%s %s %02d:%02d", day, date, moment->minute / 60, moment->minute % 60);
}

void local_moment_format(const struct local_time *moment, char *out, size_t size)
{
    char day[WEEKDAYS_TEXT_SIZE], date[CIVIL_DATE_TEXT_SIZE];
    weekdays_format((uint8_t)(1 << moment->weekday), day);
    civil_date_format(moment->day, date);
    write_moment(moment, day, date, out, size);
}

void local_moment_text(const struct local_time *moment, char out[LOCAL_MOMENT_SIZE])
{
    char day[WEEKDAYS_TEXT_SIZE], date[CIVIL_DATE_TEXT_SIZE];
    weekdays_text((uint8_t)(1 << moment->weekday), day);
    civil_date_text(moment->day, date);
    write_moment(moment, day, date, out, LOCAL_MOMENT_SIZE);
}
