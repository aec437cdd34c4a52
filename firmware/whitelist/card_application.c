/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/card_application.h"

#include <string.h>

void card_keys_take(struct card_keys *keys, const struct identity_card_key *from, uint8_t count)
{
    keys->count = 0;
    for (int set = 1; set <= UINT8_MAX; set++)
        for (int i = 0; i < count; i++) {
            if (from[i].set != set)
                continue;
            struct desfire_key *key = &keys->keys[keys->count];
            keys->sets[keys->count++] = (uint8_t)set;
            key->version = from[i].version;
            memcpy(key->bytes, from[i].key, sizeof key->bytes);
        }
}

static struct desfire_key_set key_set(const struct card_keys *keys, uint8_t set, uint8_t number)
{
    struct desfire_key_set found = {.number = number};
    for (int i = 0; i < keys->count; i++)
        if (keys->sets[i] == set && found.count++ == 0)
            found.generations = &keys->keys[i];
    return found;
}

struct desfire_application card_application_make(const struct card_keys *keys,
                                                 const struct whitelist_application *listed)
{
    struct desfire_application application = {
        .file = listed->file,
        .offset = listed->offset,
        .len = listed->id_len,
        .mode = (enum desfire_mode)listed->mode,
        .authentication =
            listed->authentication == WHITELIST_AUTHENTICATE_EV1 ? DESFIRE_EV1_AES : DESFIRE_EV2_FIRST,
        .key = key_set(keys, listed->key_set, listed->key_number),
        .is_diversified = listed->flags & WHITELIST_APPLICATION_DIVERSIFIED,
        .is_aid_reversed = listed->flags & WHITELIST_APPLICATION_AID_REVERSED,
        .system_id_len = listed->system_id_len,
        .uid_key = key_set(keys, listed->uid_key_set, listed->uid_key_number),
    };
    memcpy(application.aid, listed->aid, sizeof application.aid);
    memcpy(application.system_id, listed->system_id, listed->system_id_len);
    return application;
}
