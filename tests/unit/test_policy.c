/* Who may pass where and when, as a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "firmware/policy.h"

enum {
    NEITHER = 0,
    BUILDING = 1, /* whitelist_format.h: zones of a profile, bit 0 building, bit 1 canteen */
    CANTEEN = 2,
    BOTH = 3,
    BLOCKED = 1, /* flags of a rule */
    TEMPORARY = 2,
    NO_FIRST = 0,
    NO_LAST = 0xFFFF,
    TODAY = 9800,
};

struct policy_case {
    const char *name;
    uint8_t zones, flags;
    uint16_t first_day, last_day;
    enum zone zone;
    enum clock_quality clock;
    enum reason expected; /* REASON_NONE: granted */
};

static const struct policy_case cases[] = {
    {"half-boarder at the gate", BOTH, 0, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"half-boarder at the canteen", BOTH, 0, NO_FIRST, NO_LAST, ZONE_CANTEEN, CLOCK_SET, REASON_NONE},
    {"externe at the gate", BUILDING, 0, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"externe at the canteen", BUILDING, 0, NO_FIRST, NO_LAST, ZONE_CANTEEN, CLOCK_SET, REASON_NO_RIGHT_HERE},
    {"canteen guest at the gate", CANTEEN, 0, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET,
     REASON_NO_RIGHT_HERE},
    {"no zone at all", NEITHER, 0, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NO_RIGHT_HERE},
    {"zones of a later format count for nothing", 0xFC, 0, NO_FIRST, NO_LAST, ZONE_CANTEEN, CLOCK_SET,
     REASON_NO_RIGHT_HERE},
    {"temporary card", BOTH, TEMPORARY, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NONE},

    {"first day is today", BOTH, 0, TODAY, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"first day was yesterday", BOTH, 0, TODAY - 1, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"first day is tomorrow", BOTH, 0, TODAY + 1, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_NOT_YET_VALID},
    {"last day is today", BOTH, 0, NO_FIRST, TODAY, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"last day is tomorrow", BOTH, 0, NO_FIRST, TODAY + 1, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"last day was yesterday", BOTH, 0, NO_FIRST, TODAY - 1, ZONE_BUILDING, CLOCK_SET, REASON_EXPIRED},
    {"valid today only", BOTH, 0, TODAY, TODAY, ZONE_BUILDING, CLOCK_SET, REASON_NONE},
    {"last day 0 is a bound", BOTH, 0, NO_FIRST, 0, ZONE_BUILDING, CLOCK_SET, REASON_EXPIRED},
    {"last day before the first", BOTH, 0, TODAY + 1, TODAY - 1, ZONE_BUILDING, CLOCK_SET,
     REASON_NOT_YET_VALID},
    {"expired, and no right here", BUILDING, 0, NO_FIRST, TODAY - 1, ZONE_CANTEEN, CLOCK_SET, REASON_EXPIRED},

    {"clock unset: not yet valid passes", BOTH, 0, TODAY + 1, NO_LAST, ZONE_BUILDING, CLOCK_UNSET,
     REASON_NONE},
    {"clock unset: expired passes", BOTH, 0, NO_FIRST, TODAY - 1, ZONE_BUILDING, CLOCK_UNSET, REASON_NONE},
    {"clock unset: blocked stays blocked", BOTH, BLOCKED, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_UNSET,
     REASON_BLOCKED},
    {"clock unset: zones still count", BUILDING, 0, NO_FIRST, NO_LAST, ZONE_CANTEEN, CLOCK_UNSET,
     REASON_NO_RIGHT_HERE},
    {"clock stale: dates do not count", BOTH, 0, NO_FIRST, TODAY - 1, ZONE_BUILDING, CLOCK_STALE,
     REASON_NONE},

    {"blocked", BOTH, BLOCKED, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET, REASON_BLOCKED},
    {"blocked wins over expired", BOTH, BLOCKED, NO_FIRST, TODAY - 1, ZONE_BUILDING, CLOCK_SET,
     REASON_BLOCKED},
    {"blocked wins over not yet valid", BOTH, BLOCKED, TODAY + 1, NO_LAST, ZONE_BUILDING, CLOCK_SET,
     REASON_BLOCKED},
    {"blocked wins over the zone", NEITHER, BLOCKED, NO_FIRST, NO_LAST, ZONE_BUILDING, CLOCK_SET,
     REASON_BLOCKED},
    {"blocked temporary card", BOTH, BLOCKED | TEMPORARY, NO_FIRST, NO_LAST, ZONE_CANTEEN, CLOCK_SET,
     REASON_BLOCKED},
};

static void the_table_of_rights_holds(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct policy_case *c = &cases[i];
        struct verdict verdict = policy_decide(&(struct policy_question){
            .rule = {.weekdays = 0x7F,
                     .first_day = c->first_day,
                     .last_day = c->last_day,
                     .passages = 1,
                     .flags = c->flags},
            .zones = c->zones,
            .zone = c->zone,
            .day = TODAY,
            .clock = c->clock,
        });
        if (verdict.reason != c->expected || verdict_is_grant(verdict) != (c->expected == REASON_NONE)) {
            print_error("%s: %s, not %s\n", c->name, reason_name(verdict.reason), reason_name(c->expected));
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_rights_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
