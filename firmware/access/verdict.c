/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/access/verdict.h"

struct verdict verdict_grant(void)
{
    return (struct verdict){VERDICT_GRANT, REASON_NONE};
}

struct verdict verdict_deny(enum reason reason)
{
    return (struct verdict){0, reason};
}

bool verdict_is_grant(struct verdict verdict)
{
    return verdict.word == VERDICT_GRANT && verdict.reason == REASON_NONE;
}

const char *reason_name(enum reason reason)
{
    switch (reason) {
    case REASON_NONE:
        return "granted";
    case REASON_UNKNOWN_CARD:
        return "unknown_card";
    case REASON_BLOCKED:
        return "blocked";
    case REASON_NOT_YET_VALID:
        return "not_yet_valid";
    case REASON_EXPIRED:
        return "expired";
    case REASON_NO_RIGHT_HERE:
        return "no_right_here";
    case REASON_RANDOM_UID:
        return "random_uid";
    case REASON_UNREADABLE:
        return "unreadable";
    case REASON_NO_LIST:
        return "no_list";
    case REASON_LIST_DAMAGED:
        return "list_damaged";
    case REASON_JOURNAL_FAILED:
        return "journal_failed";
    case REASON_INTERNAL:
        return "internal";
    case REASON_OUTSIDE_HOURS:
        return "outside_hours";
    case REASON_CLOSED_TODAY:
        return "closed_today";
    case REASON_NO_SERVICE_NOW:
        return "no_service_now";
    case REASON_NOT_THIS_SERVICE:
        return "not_this_service";
    case REASON_NO_MEAL_TODAY:
        return "no_meal_today";
    case REASON_ALREADY_PASSED:
        return "already_passed";
    case REASON_PROFILE_OFF:
        return "profile_off";
    case REASON_GATE_BUSY:
        return "gate_busy";
    case REASON_LIST_ROLLED_BACK:
        return "list_rolled_back";
    case REASON_SHARED_UID:
        return "shared_uid";
    case REASON_OTHER_CHIP:
        return "other_chip";
    case REASON_METHOD_TOO_WEAK:
        return "method_too_weak";
    case REASON_NOT_AUTHENTIC:
        return "not_authentic";
    case REASON_PASS_NOT_VALID:
        return "pass_not_valid";
    }
    return "unknown_reason";
}
