/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/portillon_meals.h"

#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"

static enum meal_outcome outcome_of(struct portillon *portillon, enum rights_meal_weight weight,
                                    const struct tag *tag)
{
    switch (weight) {
    case RIGHTS_MEAL_NEW:
        return portillon_admits_meal(portillon) ? MEAL_TAKEN : MEAL_NO_ROOM;
    case RIGHTS_MEAL_KNOWN:
        return MEAL_KNOWN;
    case RIGHTS_MEAL_USED_UP:
        return portillon_find_passage(portillon, tag) != 0 ? MEAL_LATER : MEAL_KNOWN;
    case RIGHTS_MEAL_NOT_NOW:
        return MEAL_NOT_NOW;
    case RIGHTS_MEAL_UNLISTED:
        return MEAL_UNLISTED;
    case RIGHTS_MEAL_NO_ROOM:
        return MEAL_NO_ROOM;
    }
    return MEAL_NO_ROOM;
}

int portillon_take_meal(struct portillon *portillon, const struct rights_meal *meal,
                        enum meal_outcome *outcome)
{
    struct journal_record record = portillon_stamp(portillon);
    uint8_t service = 0;
    bool is_listed = false;
    enum rights_meal_weight weight = rights_weigh_meal(&portillon->rights, meal, &service, &is_listed);
    *outcome = outcome_of(portillon, weight, &meal->tag);
    if (*outcome != MEAL_TAKEN)
        return ERR_OK;
    record.kind = JOURNAL_EVENT;
    record.code = JOURNAL_EVENT_MEAL_ELSEWHERE;
    record.flags |= (uint8_t)(service << JOURNAL_SERVICE_SHIFT | (is_listed ? 0 : JOURNAL_FLAG_UNCOUNTED));
    record.tag = meal->tag;
    record.ref = meal->utc_s;
    int result = journal_append(&portillon->journal, &record, &record.seq);
    if (result == ERR_OK)
        rights_note_elsewhere(&portillon->rights, &record);
    return result;
}
