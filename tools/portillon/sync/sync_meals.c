/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/sync/sync_meals.h"

#include <string.h>
#include <time.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/gate/meals.h"

#define SERVICE_MAX_S 43200 /* older passages are of no service in progress */
#define BATCHES_MAX   10    /* of a lane in a round, so that the gate's own passages are not kept waiting */

/* What the telling of a batch needs. */
struct teller {
    struct store_db *store;
    const struct gate_options *gate;
    struct link *link;
    struct whitelist_tables tables;
    struct meals_answer sum; /* of the batch */
};

void sync_meals_restart(struct sync_meals *meals)
{
    *meals = (struct sync_meals){.is_unknown = meals->is_unknown};
}

static void add_answer(struct meals_answer *sum, const struct meals_answer *answer)
{
    sum->taken += answer->taken;
    sum->later += answer->later;
    sum->no_room += answer->no_room;
}

/* Tells meals of one service. */
static int tell_service(struct teller *teller, uint8_t service, const struct told_meal *told, size_t count)
{
    uint8_t payload[MEALS_PAYLOAD_MAX];
    struct link_answer answer;
    struct meals_answer counts;
    if (service > teller->tables.service_count)
        return COMMAND_OK; /* of a list with more services than the one of now */
    int len = meals_encode(teller->tables.services[service - 1].name, told, count, payload, sizeof payload);
    if (len < 0)
        return command_fail("%s: %s", teller->gate->command, error_name(len));
    int result = link_request(
        teller->link,
        &(struct link_request){
            .method = LINK_POST, .path = "meals", .payload = payload, .payload_len = (size_t)len},
        &answer);
    if (result != ERR_OK)
        return gate_fail(teller->gate, teller->link, result);
    if (gate_is_busy(&answer)) {
        teller->sum.later += (uint32_t)count;
        return COMMAND_OK;
    }
    if (answer.code != COAP_CHANGED)
        return gate_refused(teller->gate, N_("telling it of meals at other gates"), &answer);
    if (meals_answer_decode(&counts, answer.data, answer.len) != ERR_OK)
        return command_fail("%s: the gate's answer to /meals makes no sense: a newer firmware?",
                            teller->gate->command);
    add_answer(&teller->sum, &counts);
    return COMMAND_OK;
}

/* Tells a batch, a request for each run of meals of one service. */
static int tell_batch(struct teller *teller, const struct meal_elsewhere *meals, int count)
{
    struct told_meal told[RESOURCE_MEALS_MAX];
    int status = COMMAND_OK;
    teller->sum = (struct meals_answer){0};
    for (int from = 0, to; from < count && status == COMMAND_OK; from = to) {
        for (to = from; to < count && meals[to].service == meals[from].service; to++)
            told[to - from] = (struct told_meal){.tag = meals[to].tag, .utc_s = meals[to].utc_s};
        status = tell_service(teller, meals[from].service, told, (size_t)(to - from));
    }
    return status;
}

/* Tells the next meals of a lane. Stops at a batch that the gate could not take, which is told again in the
 * next round. */
static int tell_lane(struct sync_meals *meals, struct meal_lane *lane, struct teller *teller, uint32_t *taken)
{
    struct meal_elsewhere batch[RESOURCE_MEALS_MAX];
    int64_t since_utc_s = (int64_t)time(NULL) - SERVICE_MAX_S;
    for (int i = 0; i < BATCHES_MAX && lane->read < lane->last; i++) {
        uint32_t reached;
        int count =
            meals_elsewhere_read(teller->store, lane, since_utc_s, batch, RESOURCE_MEALS_MAX, &reached);
        if (count < 0)
            return command_fail("%s: %s: %s", teller->gate->command, teller->store->db.where,
                                teller->store->db.error);
        int status = tell_batch(teller, batch, count);
        *taken += teller->sum.taken;
        if (status != COMMAND_OK)
            return status;
        if (teller->sum.no_room > 0)
            command_note(
                translate_count(
                    teller->sum.no_room,
                    "%s: the gate has no room for %u meal at other gates: it lets these cards eat here",
                    "%s: the gate has no room for %u meals at other gates: it lets these cards eat here"),
                teller->gate->command, teller->sum.no_room);
        if (teller->sum.later + teller->sum.no_room > 0)
            return COMMAND_OK;
        lane->read = reached;
    }
    meals->has_more = meals->has_more || lane->read < lane->last;
    return COMMAND_OK;
}

static int note_unknown(struct sync_meals *meals, const struct teller *teller)
{
    struct link_answer answer;
    int result =
        link_request(teller->link, &(struct link_request){.method = LINK_GET, .path = "meals"}, &answer);
    if (result != ERR_OK)
        return gate_fail(teller->gate, teller->link, result);
    meals->is_unknown = answer.code == COAP_NOT_FOUND;
    if (meals->is_unknown)
        command_note(
            "%s: the gate's firmware does not know of meals at other gates: a card may eat here again",
            teller->gate->command);
    return COMMAND_OK;
}

int sync_meals_tell(struct sync_meals *meals, struct store_db *store, const struct gate_options *gate,
                    struct link *link, const struct list_file *list, uint32_t *taken)
{
    static struct teller teller;
    bool is_first = meals->lane_count == 0;
    teller = (struct teller){.store = store, .gate = gate, .link = link};
    meals->has_more = false;
    int count = meals_elsewhere_lanes(store, gate->identity.device_id, meals->lanes, meals->lane_count,
                                      SYNC_LANES_MAX);
    if (count < 0)
        return command_fail("%s: %s: %s", gate->command, store->db.where, store->db.error);
    meals->lane_count = count;
    int status = is_first && count > 0 ? note_unknown(meals, &teller) : COMMAND_OK;
    if (status != COMMAND_OK || meals->is_unknown || list_file_tables(list, &teller.tables) != ERR_OK)
        return status;
    for (int i = 0; i < count && status == COMMAND_OK && !interrupt_wanted(); i++)
        status = tell_lane(meals, &meals->lanes[i], &teller, taken);
    return status;
}
