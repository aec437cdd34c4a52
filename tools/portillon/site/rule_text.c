/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/rule_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "firmware/access/policy.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/weekdays.h"

void rule_text_dates(const struct whitelist_rule *rule, char *out, size_t size)
{
    char first[CIVIL_DATE_TEXT_SIZE], last[CIVIL_DATE_TEXT_SIZE];
    bool from = rule->first_day != WHITELIST_NO_FIRST_DAY, until = rule->last_day != WHITELIST_NO_LAST_DAY;
    civil_date_format(rule->first_day, first);
    civil_date_format(rule->last_day, last);
    if (from && until)
        snprintf(out, size, "from %s until %s", first, last);
    else if (from || until)
        snprintf(out, size, "%s %s", from ? "from" : "until", from ? first : last);
    else
        snprintf(out, size, "any day");
}

void rule_text(const struct whitelist_rule *rule, const struct whitelist_profile *profile,
               char out[RULE_TEXT_SIZE])
{
    char dates[80], days[WEEKDAYS_TEXT_SIZE], passages[32] = "";
    bool eats = profile->zones & WHITELIST_ZONE_CANTEEN && rule->weekdays != WHITELIST_EVERY_DAY;
    bool dated = rule->first_day != WHITELIST_NO_FIRST_DAY || rule->last_day != WHITELIST_NO_LAST_DAY;
    rule_text_dates(rule, dates, sizeof dates);
    weekdays_format(rule->weekdays, days);
    if (rule->passages == POLICY_NO_LIMIT)
        snprintf(passages, sizeof passages, ", passages without limit");
    else if (rule->passages != 1)
        snprintf(passages, sizeof passages, ", %d passages", rule->passages);
    snprintf(out, RULE_TEXT_SIZE, "%s%s%s%s%s%s%s%s", profile->name, eats ? ", meals " : "", eats ? days : "",
             passages, dated ? ", " : "", dated ? dates : "",
             rule->flags & WHITELIST_RULE_TEMPORARY ? ", temporary" : "",
             rule->flags & WHITELIST_RULE_BLOCKED ? ", BLOCKED" : "");
}
