/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/gate_time.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hal/linux/translate.h"

const char *gate_time_local(uint32_t utc_s, char text[GATE_TIME_LEN])
{
    time_t when = (time_t)utc_s;
    struct tm local;
    if (localtime_r(&when, &local) == NULL ||
        strftime(text, GATE_TIME_LEN, _("%Y-%m-%d %H:%M:%S %Z"), &local) == 0)
        snprintf(text, GATE_TIME_LEN, "@%u", utc_s);
    return text;
}

const char *gate_time_span(uint64_t seconds, char text[GATE_TIME_LEN])
{
    unsigned long long days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
    unsigned long long rest = seconds % 60;
    if (days > 0)
        snprintf(text, GATE_TIME_LEN, _("%llu d %llu h"), days, hours);
    else if (hours > 0)
        snprintf(text, GATE_TIME_LEN, _("%llu h %llu min"), hours, minutes);
    else if (minutes > 0)
        snprintf(text, GATE_TIME_LEN, _("%llu min %llu s"), minutes, rest);
    else
        snprintf(text, GATE_TIME_LEN, _("%llu s"), rest);
    return text;
}

const char *gate_time_drift(int64_t ahead_s, char text[GATE_TIME_LEN])
{
    char span[GATE_TIME_LEN];
    gate_time_span((uint64_t)(ahead_s < 0 ? -ahead_s : ahead_s), span);
    if (ahead_s >= -1 && ahead_s <= 1) /* both clocks count whole seconds */
        snprintf(text, GATE_TIME_LEN, "%s", _("agrees with this computer's"));
    else if (ahead_s < 0)
        snprintf(text, GATE_TIME_LEN, _("%.24s behind this computer's"), span);
    else
        snprintf(text, GATE_TIME_LEN, _("%.24s ahead of this computer's"), span);
    return text;
}

/* strptime accepts "2026-02-31", and mktime turns it into a day of March. Such a date is refused. */
static bool is_same_day(const struct tm *asked, const struct tm *made)
{
    return asked->tm_mday == made->tm_mday && asked->tm_mon == made->tm_mon &&
           asked->tm_hour == made->tm_hour;
}

static bool take(int64_t value, uint32_t *utc_s)
{
    if (value < 0 || value > UINT32_MAX)
        return false;
    *utc_s = (uint32_t)value;
    return true;
}

bool gate_time_parse(const char *text, uint32_t *utc_s)
{
    struct tm asked = {0}, made;
    if (text[0] == '@') {
        char *end;
        errno = 0;
        long long value = strtoll(text + 1, &end, 10);
        return text[1] >= '0' && text[1] <= '9' && *end == '\0' && errno == 0 && take(value, utc_s);
    }
    const char *rest = strptime(text, "%Y-%m-%d", &asked);
    if (rest == NULL || (*rest != 'T' && *rest != ' '))
        return false;
    rest = strptime(rest + 1, "%H:%M", &asked);
    if (rest != NULL && *rest == ':')
        rest = strptime(rest + 1, "%S", &asked);
    if (rest == NULL)
        return false;
    bool utc = *rest != '\0';
    made = asked;
    made.tm_isdst = -1;
    int64_t value = utc ? (int64_t)timegm(&made) : (int64_t)mktime(&made);
    if (!is_same_day(&asked, &made))
        return false;
    if (strcmp(rest, "Z") == 0 || !utc)
        return take(value, utc_s);
    unsigned hours, minutes;
    int used = 0;
    if ((*rest != '+' && *rest != '-') || sscanf(rest + 1, "%2u:%2u%n", &hours, &minutes, &used) != 2 ||
        rest[1 + used] != '\0' || hours > 14 || minutes > 59)
        return false;
    int64_t offset = (int64_t)(hours * 3600 + minutes * 60);
    return take(*rest == '+' ? value - offset : value + offset, utc_s);
}
