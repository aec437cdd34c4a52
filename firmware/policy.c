#include "firmware/policy.h"

static uint8_t zone_bit(enum zone zone)
{
    return zone == ZONE_CANTEEN ? WHITELIST_ZONE_CANTEEN : WHITELIST_ZONE_BUILDING;
}

struct verdict policy_decide(const struct policy_question *question)
{
    const struct whitelist_rule *rule = &question->rule;
    if (rule->flags & WHITELIST_RULE_BLOCKED)
        return verdict_deny(REASON_BLOCKED);
    if (question->clock == CLOCK_SET) {
        if (question->day < rule->first_day)
            return verdict_deny(REASON_NOT_YET_VALID);
        if (rule->last_day != WHITELIST_NO_LAST_DAY && question->day > rule->last_day)
            return verdict_deny(REASON_EXPIRED);
    }
    if (!(question->zones & zone_bit(question->zone)))
        return verdict_deny(REASON_NO_RIGHT_HERE);
    return verdict_grant();
}
