/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/meals.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/maintenance/cbor_map.h"
#include "firmware/whitelist/whitelist_tables.h"
#include "tools/portillon/gate/cbor_members.h"

int meals_encode(const char *service, const struct told_meal *meals, size_t count, uint8_t *out, size_t size)
{
    uint8_t bytes[RESOURCE_MEALS_MAX * RESOURCE_MEAL_LEN];
    CborEncoder top, map;
    if (count > RESOURCE_MEALS_MAX)
        return ERR_ARGUMENT;
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes + i * RESOURCE_MEAL_LEN, meals[i].tag.bytes, TAG_LEN);
        bytes_put_u32(bytes + i * RESOURCE_MEAL_LEN + TAG_LEN, meals[i].utc_s);
    }
    cbor_encoder_init(&top, out, size, 0);
    (void)cbor_encoder_create_map(&top, &map, 2);
    cbor_map_put_uint(&map, "service", whitelist_name_code(service));
    cbor_map_put_bytes(&map, "meals", bytes, count * RESOURCE_MEAL_LEN);
    cbor_map_close(&top, &map);
    size_t len = cbor_map_written(&top, out);
    return len > 0 ? (int)len : ERR_NO_SPACE;
}

int meals_answer_decode(struct meals_answer *answer, const uint8_t *data, size_t len)
{
    CborParser parser;
    struct members top;
    members_open(&top, &parser, data, len);
    answer->taken = members_number(&top, "taken");
    answer->known = members_number(&top, "known");
    answer->later = members_number(&top, "later");
    answer->not_now = members_number(&top, "not_now");
    answer->unlisted = members_number(&top, "unlisted");
    answer->no_room = members_number(&top, "no_room");
    return top.error;
}
