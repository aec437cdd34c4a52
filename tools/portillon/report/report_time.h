/* SPDX-License-Identifier: Apache-2.0 */
/* Days and times of a school, in its time zone. The functions are pure. */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_TIME_H
#define TOOLS_PORTILLON_REPORT_REPORT_TIME_H

#include <stdint.h>

#include "firmware/base/time_zone.h"

#define REPORT_TIME_SIZE 40

/* Returns the UTC second at which a day (since 2000-01-01) begins. */
int64_t report_day_start(const struct time_zone *zone, int32_t day);
/* Writes local time, "2026-11-23 12:10:05". Returns out. */
const char *report_time_text(const struct time_zone *zone, int64_t utc_s, char out[REPORT_TIME_SIZE]);

#endif
