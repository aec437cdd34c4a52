/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_time.h"

#include <stdio.h>
#include <time.h>

#define DAYS_TO_2000 10957 /* from 1970-01-01 */

int64_t report_day_start(const struct time_zone *zone, int32_t day)
{
    int64_t local_s = (int64_t)(day + DAYS_TO_2000) * 86400;
    int64_t utc_s = local_s;
    for (int i = 0; i < 2; i++) /* the offset depends on the result */
        utc_s = local_s - time_zone_offset_s(zone, (uint32_t)(utc_s > 0 ? utc_s : 0));
    return utc_s;
}

const char *report_time_text(const struct time_zone *zone, int64_t utc_s, char out[REPORT_TIME_SIZE])
{
    time_t local_s = (time_t)(utc_s + time_zone_offset_s(zone, (uint32_t)utc_s));
    struct tm parts;
    if (gmtime_r(&local_s, &parts) == NULL ||
        strftime(out, REPORT_TIME_SIZE, "%Y-%m-%d %H:%M:%S", &parts) == 0)
        snprintf(out, REPORT_TIME_SIZE, "?");
    return out;
}
