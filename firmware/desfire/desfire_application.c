/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/desfire/desfire_application.h"

#define FILE_SIZE_MAX UINT32_C(0xFFFFFF) /* lengths and offsets have three bytes on the wire */

static bool is_key_set_valid(const struct desfire_key_set *set)
{
    return set->number <= DESFIRE_KEY_MAX && (set->count == 0 || set->generations != NULL);
}

static bool is_place_valid(const struct desfire_application *application)
{
    return application->file <= DESFIRE_FILE_MAX && application->len > 0 &&
           application->len <= CREDENTIAL_ID_MAX && application->offset <= FILE_SIZE_MAX - application->len;
}

static bool is_way_valid(const struct desfire_application *application)
{
    return (application->authentication == DESFIRE_EV1_AES ||
            application->authentication == DESFIRE_EV2_FIRST) &&
           (application->mode == DESFIRE_PLAIN || application->mode == DESFIRE_MACED ||
            application->mode == DESFIRE_ENCIPHERED);
}

int desfire_application_check(const struct desfire_application *application)
{
    if (!is_place_valid(application) || !is_way_valid(application) || !is_key_set_valid(&application->key) ||
        !is_key_set_valid(&application->uid_key) || application->key.count == 0 ||
        application->system_id_len > DESFIRE_SYSTEM_ID_MAX)
        return ERR_ARGUMENT;
    return application->authentication == DESFIRE_EV2_FIRST && application->mode == DESFIRE_PLAIN
               ? ERR_UNSUPPORTED
               : ERR_OK;
}

const struct desfire_key *desfire_key_set_find(const struct desfire_key_set *set, uint8_t version)
{
    for (uint8_t i = 0; i < set->count; i++)
        if (set->generations[i].version == version)
            return &set->generations[i];
    return NULL;
}
