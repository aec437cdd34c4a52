/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a rule of local time. What is read tells times in bounds that go forward as UTC does. */
#include <stdlib.h>
#include <string.h>

#include "firmware/base/time_zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[80] = {0};
    struct time_zone zone;
    uint32_t utc_s = 0;
    if (size < sizeof utc_s)
        return 0;
    memcpy(&utc_s, data, sizeof utc_s);
    memcpy(text, data + sizeof utc_s, size - sizeof utc_s < 79 ? size - sizeof utc_s : 79);
    if (time_zone_parse(&zone, text) != ERR_OK)
        return 0;
    must(strlen(text) <= TIME_ZONE_TEXT_LEN);
    for (int i = 0; i < 16; i++, utc_s += 268435456U + 4321) {
        struct local_time local = time_zone_local(&zone, utc_s);
        int32_t offset_s = time_zone_offset_s(&zone, utc_s);
        must(local.weekday < 7 && local.minute < 1440);
        must(offset_s == zone.standard_s || offset_s == zone.summer_s);
        must(offset_s > -25 * 3600 - 3600 && offset_s < 26 * 3600 + 3600);
        int64_t local_s = (int64_t)utc_s + offset_s, first_s = INT64_C(946684800);
        must(local.day == (local_s < first_s ? 0 : (local_s - first_s) / 86400));
    }
    return 0;
}
