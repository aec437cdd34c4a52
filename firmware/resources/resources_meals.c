/* SPDX-License-Identifier: Apache-2.0 */
/* /meals */
#include "firmware/resources/resources_meals.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/portillon_meals.h"

_Static_assert(RESOURCE_MEAL_LEN == TAG_LEN + 4, "a meal in the payload");

struct meals {
    uint8_t bytes[RESOURCE_MEALS_MAX * RESOURCE_MEAL_LEN];
    size_t len;
    uint32_t service;
};

static int read_meals(const struct resource_call *call, struct meals *meals)
{
    struct cbor_field fields[] = {
        {.key = "service", .number = &meals->service},
        {.key = "meals", .bytes = meals->bytes, .bytes_len = sizeof meals->bytes, .bytes_read = &meals->len}};
    int result = resource_read_payload(call, fields, 2);
    bool complete = fields[0].seen && fields[1].seen && meals->len % RESOURCE_MEAL_LEN == 0;
    return result == ERR_OK && !complete ? ERR_FORMAT : result;
}

/* Takes all of them. After an error the client sends them again: those that were taken are then known. */
static int take_meals(struct portillon *portillon, const struct meals *meals, uint32_t counts[MEAL_OUTCOMES])
{
    int result = ERR_OK;
    for (size_t at = 0; at < meals->len && result == ERR_OK; at += RESOURCE_MEAL_LEN) {
        enum meal_outcome outcome;
        struct rights_meal meal = {.service = meals->service,
                                   .utc_s = bytes_get_u32(meals->bytes + at + TAG_LEN)};
        memcpy(meal.tag.bytes, meals->bytes + at, TAG_LEN);
        result = portillon_take_meal(portillon, &meal, &outcome);
        counts[outcome]++;
    }
    return result;
}

void resource_post_meals(const struct resource_call *call)
{
    static const char *const names[MEAL_OUTCOMES] = {
        [MEAL_TAKEN] = "taken",     [MEAL_KNOWN] = "known",       [MEAL_LATER] = "later",
        [MEAL_NOT_NOW] = "not_now", [MEAL_UNLISTED] = "unlisted", [MEAL_NO_ROOM] = "no_room",
    };
    struct meals meals = {.len = 0};
    uint32_t counts[MEAL_OUTCOMES] = {0};
    CborEncoder top, map;
    int result = read_meals(call, &meals);
    if (result == ERR_OK)
        result = take_meals(call->portillon, &meals, counts);
    if (result != ERR_OK) {
        resource_finish(call, result);
        return;
    }
    cbor_encoder_init(&top, call->response->body, COAP_SERVER_BODY_MAX, 0);
    (void)cbor_encoder_create_map(&top, &map, MEAL_OUTCOMES);
    for (size_t i = 0; i < MEAL_OUTCOMES; i++)
        cbor_map_put_uint(&map, names[i], counts[i]);
    cbor_map_close(&top, &map);
    resource_finish_cbor(call, cbor_map_written(&top, call->response->body));
    call->response->code = COAP_CHANGED;
}
