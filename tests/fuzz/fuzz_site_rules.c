/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a site.conf: no crash, and rules that are good exactly when no error is reported. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/site/site_rules_default.h"
#include "tools/portillon/site/site_rules_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rules(const struct site_rules *rules)
{
    if (rules->tables.profile_count == 0 || rules->time_rule[0] == '\0')
        abort();
    for (uint16_t i = 0; i < rules->tables.window_count; i++)
        if (rules->tables.windows[i].profile >= rules->tables.profile_count ||
            rules->tables.windows[i].span.from_min == rules->tables.windows[i].span.to_min ||
            rules->tables.windows[i].span.to_min > WHITELIST_MINUTES_MAX ||
            rules->tables.windows[i].weekdays == 0)
            abort();
    for (uint16_t i = 0; i < rules->tables.calendar_count; i++)
        if (rules->tables.calendar[i].first_day > rules->tables.calendar[i].last_day ||
            rules->tables.calendar[i].zones == 0)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct site_rules rules;
    static struct import_report report;
    static FILE *nowhere;
    if (nowhere == NULL)
        nowhere = fopen("/dev/null", "w");
    memset(&report, 0, sizeof report);
    int error = site_rules_parse(&rules, "fuzz.conf", (const char *)data, size, &report);
    if ((error == ERR_OK) != (report.error_count == 0))
        abort();
    if (error == ERR_OK) {
        site_rules_take_default_profiles(&rules);
        check_rules(&rules);
        site_rules_print(&rules, nowhere);
    }
    return 0;
}
