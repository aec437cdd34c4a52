/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/rule_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "firmware/access/policy.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/weekdays.h"

void rule_text_dates(const struct whitelist_rule *rule, char *out, size_t size)
{
    char first[CIVIL_DATE_TEXT_SIZE], last[CIVIL_DATE_TEXT_SIZE];
    bool from = rule->first_day != WHITELIST_NO_FIRST_DAY, until = rule->last_day != WHITELIST_NO_LAST_DAY;
    civil_date_text(rule->first_day, first);
    civil_date_text(rule->last_day, last);
    if (from && until)
        snprintf(out, size, _("from %s until %s"), first, last);
    else if (from || until)
        snprintf(out, size, from ? _("from %s") : _("until %s"), from ? first : last);
    else
        snprintf(out, size, "%s", _("any day"));
}

void rule_text_method(const struct whitelist_rule *rule, char *out, size_t size)
{
    char type[64] = "";
    unsigned fingerprint = whitelist_rule_fingerprint(rule);
    if (fingerprint != 0)
        snprintf(type, sizeof type, _(", card type %u"), fingerprint);
    snprintf(out, size, "%s%s", type,
             rule->flags & WHITELIST_RULE_COUNTS_AS_UID ? _(", DESFire identifier beside a UID") : "");
}

void rule_text(const struct whitelist_rule *rule, const struct whitelist_profile *profile,
               char out[RULE_TEXT_SIZE])
{
    char dates[80], method[96], days[WEEKDAYS_TEXT_SIZE], meals[WEEKDAYS_TEXT_SIZE + 16] = "",
                                                                                     passages[48] = "";
    bool eats = profile->zones & WHITELIST_ZONE_CANTEEN && rule->weekdays != WHITELIST_EVERY_DAY;
    bool dated = rule->first_day != WHITELIST_NO_FIRST_DAY || rule->last_day != WHITELIST_NO_LAST_DAY;
    rule_text_dates(rule, dates, sizeof dates);
    rule_text_method(rule, method, sizeof method);
    weekdays_text(rule->weekdays, days);
    if (rule->passages == POLICY_NO_LIMIT)
        snprintf(passages, sizeof passages, "%s", _(", passages without limit"));
    else if (rule->passages != 1)
        snprintf(passages, sizeof passages, translate_count(rule->passages, ", %d passage", ", %d passages"),
                 rule->passages);
    if (eats)
        snprintf(meals, sizeof meals, _(", meals %s"), days);
    snprintf(out, RULE_TEXT_SIZE, "%s%s%s%s%s%s%s%s", profile->name, meals, passages, dated ? ", " : "",
             dated ? dates : "", method, rule->flags & WHITELIST_RULE_TEMPORARY ? _(", temporary") : "",
             rule->flags & WHITELIST_RULE_BLOCKED ? _(", BLOCKED") : "");
}
