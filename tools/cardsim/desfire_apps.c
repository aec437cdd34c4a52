/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/desfire_apps.h"

#include <string.h>

#include "tools/cardsim/desfire_crypto.h"
#include "tools/cardsim/desfire_session.h"
#include "tools/cardsim/desfire_transactions.h"

/* Key settings. The upper four bits name the key that changes keys. */
enum { CHANGES_MASTER_KEY = 0x01, LISTS_FREELY = 0x02, CREATES_FREELY = 0x04, CHANGES_SETTINGS = 0x08 };
enum { EACH_CHANGES_ITSELF = 0xE, KEYS_ARE_FROZEN = 0xF };
enum { KEY_COUNT_BITS = 0x0F, KEY_TYPE_BITS = 0xC0, KEY_LEN = 16, CRC_LEN = 4 };

void cardsim_desfire_apps_setup(struct cardsim_desfire *memory)
{
    memory->apps[0] = (struct cardsim_desfire_app){
        .exists = true, .settings = 0x0F, .key_count = 1, .key_type = CARDSIM_DESFIRE_AES};
}

int cardsim_desfire_apps_find(const struct cardsim_desfire *memory, const uint8_t aid[3])
{
    for (int i = 0; i < CARDSIM_DESFIRE_APPS_MAX; i++)
        if (memory->apps[i].exists && memcmp(memory->apps[i].aid, aid, 3) == 0)
            return i;
    return -1;
}

int cardsim_desfire_apps_create(struct cardsim_desfire *memory, const uint8_t aid[3], uint8_t settings,
                                uint8_t keys)
{
    if ((keys & KEY_COUNT_BITS) > CARDSIM_DESFIRE_KEYS_MAX || (keys & KEY_TYPE_BITS) == KEY_TYPE_BITS)
        return -CARDSIM_DESFIRE_PARAMETER;
    if (cardsim_desfire_apps_find(memory, aid) >= 0)
        return -CARDSIM_DESFIRE_DUPLICATE;
    for (int i = 1; i < CARDSIM_DESFIRE_APPS_MAX; i++) {
        struct cardsim_desfire_app *app = &memory->apps[i];
        if (app->exists)
            continue;
        *app = (struct cardsim_desfire_app){.exists = true,
                                            .settings = settings,
                                            .key_count = keys & KEY_COUNT_BITS,
                                            .key_type = keys & KEY_TYPE_BITS};
        memcpy(app->aid, aid, 3);
        return i;
    }
    return -CARDSIM_DESFIRE_COUNT;
}

void cardsim_desfire_apps_select(struct cardsim_desfire *memory, uint8_t index)
{
    cardsim_desfire_end_session(memory);
    (void)cardsim_desfire_roll_back(memory);
    memory->selected = index;
}

static bool may(const struct cardsim_desfire *memory, uint8_t setting)
{
    return cardsim_desfire_is_master(memory) || memory->apps[memory->selected].settings & setting;
}

void cardsim_desfire_create_application(struct cardsim_card *card,
                                        const struct cardsim_desfire_request *request,
                                        struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    if (memory->selected != 0)
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    else if (!may(memory, CREATES_FREELY))
        reply->status = CARDSIM_DESFIRE_AUTHENTICATION;
    else {
        int made = cardsim_desfire_apps_create(memory, request->data, request->data[3], request->data[4]);
        reply->status = made < 0 ? (uint8_t)-made : CARDSIM_DESFIRE_OK;
    }
}

static void remove_app(struct cardsim_desfire *memory, int index)
{
    memory->apps[index].exists = false;
    for (size_t i = 0; i < CARDSIM_DESFIRE_FILES_MAX; i++)
        if (memory->files[i].app == index)
            memory->files[i].exists = false;
}

/* The card's master key deletes any application, the application's own master key that application. */
void cardsim_desfire_delete_application(struct cardsim_card *card,
                                        const struct cardsim_desfire_request *request,
                                        struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    int index = cardsim_desfire_apps_find(memory, request->data);
    bool is_own = memory->selected != 0 && memory->selected == index;
    if (index <= 0) {
        reply->status = CARDSIM_DESFIRE_NO_SUCH_APPLICATION;
    } else if (memory->selected != 0 && !is_own) {
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    } else if (!cardsim_desfire_is_master(memory) ||
               (is_own && !(memory->apps[0].settings & CREATES_FREELY))) {
        reply->status = CARDSIM_DESFIRE_AUTHENTICATION;
    } else {
        remove_app(memory, index);
        if (is_own)
            cardsim_desfire_apps_select(memory, 0);
    }
}

void cardsim_desfire_select_application(struct cardsim_card *card,
                                        const struct cardsim_desfire_request *request,
                                        struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    int index = cardsim_desfire_apps_find(memory, request->data);
    if (index < 0)
        reply->status = CARDSIM_DESFIRE_NO_SUCH_APPLICATION;
    else
        cardsim_desfire_apps_select(memory, (uint8_t)index);
}

void cardsim_desfire_get_application_ids(struct cardsim_card *card,
                                         const struct cardsim_desfire_request *request,
                                         struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    (void)request;
    if (memory->selected != 0)
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    else if (!may(memory, LISTS_FREELY))
        reply->status = CARDSIM_DESFIRE_AUTHENTICATION;
    for (size_t i = 1; i < CARDSIM_DESFIRE_APPS_MAX && reply->status == CARDSIM_DESFIRE_OK; i++)
        if (memory->apps[i].exists) {
            memcpy(reply->data + reply->len, memory->apps[i].aid, 3);
            reply->len += 3;
        }
}

void cardsim_desfire_get_key_settings(struct cardsim_card *card,
                                      const struct cardsim_desfire_request *request,
                                      struct cardsim_desfire_reply *reply)
{
    const struct cardsim_desfire *memory = &card->memory.desfire;
    const struct cardsim_desfire_app *app = &memory->apps[memory->selected];
    (void)request;
    if (!may(memory, LISTS_FREELY)) {
        reply->status = CARDSIM_DESFIRE_AUTHENTICATION;
        return;
    }
    reply->data[0] = app->settings;
    reply->data[1] = app->key_type | app->key_count;
    reply->len = 2;
}

void cardsim_desfire_change_key_settings(struct cardsim_card *card,
                                         const struct cardsim_desfire_request *request,
                                         struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    struct cardsim_desfire_app *app = &memory->apps[memory->selected];
    if (!cardsim_desfire_is_master(memory))
        reply->status = CARDSIM_DESFIRE_AUTHENTICATION;
    else if (!(app->settings & CHANGES_SETTINGS))
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    else
        app->settings = request->data[0];
}

void cardsim_desfire_get_key_version(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                     struct cardsim_desfire_reply *reply)
{
    const struct cardsim_desfire *memory = &card->memory.desfire;
    const struct cardsim_desfire_app *app = &memory->apps[memory->selected];
    if (request->data[0] >= app->key_count) {
        reply->status = CARDSIM_DESFIRE_NO_SUCH_KEY;
        return;
    }
    reply->data[0] = app->keys[request->data[0]].version;
    reply->len = 1;
}

/* Returns the status of changing a key, by the rights of the selected application and the key of the
 * session. */
static uint8_t check_change(const struct cardsim_desfire *memory, uint8_t number)
{
    const struct cardsim_desfire_app *app = &memory->apps[memory->selected];
    uint8_t changer = memory->selected == 0 ? 0 : app->settings >> 4;
    if (memory->session.messaging == CARDSIM_DESFIRE_NO_SESSION)
        return CARDSIM_DESFIRE_AUTHENTICATION;
    if (number >= app->key_count)
        return CARDSIM_DESFIRE_NO_SUCH_KEY;
    if (number == 0 && !(app->settings & CHANGES_MASTER_KEY))
        return CARDSIM_DESFIRE_PERMISSION_DENIED;
    if (number != 0 && changer == KEYS_ARE_FROZEN)
        return CARDSIM_DESFIRE_PERMISSION_DENIED;
    uint8_t needed = number == 0 || number == changer ? 0 : changer == EACH_CHANGES_ITSELF ? number : changer;
    return memory->session.key_number == needed ? CARDSIM_DESFIRE_OK : CARDSIM_DESFIRE_AUTHENTICATION;
}

static bool has_crc(const uint8_t *at, uint32_t crc)
{
    for (size_t i = 0; i < CRC_LEN; i++)
        if (at[i] != (uint8_t)(crc >> 8 * i))
            return false;
    return true;
}

/* Checks the lengths and the CRCs in a deciphered cryptogram: the key, for AES its version, in EV1 a CRC
 * over the whole command and, for another key than the session's, a CRC over the new key. */
static uint8_t check_cryptogram(const struct cardsim_desfire *memory,
                                const struct cardsim_desfire_request *request, size_t key_len, bool is_own,
                                const uint8_t new_key[KEY_LEN])
{
    const uint8_t *data = request->data + 1;
    size_t len = request->len - 1;
    if (memory->session.messaging == CARDSIM_DESFIRE_EV2) {
        if (len != key_len + (is_own ? 0 : CRC_LEN))
            return CARDSIM_DESFIRE_LENGTH;
        bool fits = is_own || has_crc(data + key_len, cardsim_desfire_crc32(new_key, KEY_LEN));
        return fits ? CARDSIM_DESFIRE_OK : CARDSIM_DESFIRE_INTEGRITY;
    }
    uint8_t whole[2 + KEY_LEN + 1] = {request->command, request->data[0]};
    if (len != 32)
        return CARDSIM_DESFIRE_LENGTH;
    memcpy(whole + 2, data, key_len);
    if (!has_crc(data + key_len, cardsim_desfire_crc32(whole, 2 + key_len)) ||
        (!is_own && !has_crc(data + key_len + CRC_LEN, cardsim_desfire_crc32(new_key, KEY_LEN))))
        return CARDSIM_DESFIRE_INTEGRITY;
    for (size_t i = key_len + CRC_LEN * (is_own ? 1u : 2u); i < len; i++)
        if (data[i])
            return CARDSIM_DESFIRE_INTEGRITY;
    return CARDSIM_DESFIRE_OK;
}

void cardsim_desfire_change_key(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    struct cardsim_desfire_app *app = &memory->apps[memory->selected];
    uint8_t number = request->data[0] & ~KEY_TYPE_BITS, type = app->key_type, key[KEY_LEN];
    bool is_own = memory->session.key_number == number;
    if (memory->selected == 0) /* the master key of the card may change its algorithm */
        type = request->data[0] & KEY_TYPE_BITS;
    size_t key_len = type == CARDSIM_DESFIRE_AES ? KEY_LEN + 1 : KEY_LEN;
    reply->status = check_change(memory, number);
    if (reply->status == CARDSIM_DESFIRE_OK && (request->len < 1 + key_len || type == CARDSIM_DESFIRE_3K3DES))
        reply->status = CARDSIM_DESFIRE_PARAMETER;
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    for (size_t i = 0; i < KEY_LEN; i++)
        key[i] = request->data[1 + i] ^ (is_own ? 0 : app->keys[number].bytes[i]);
    reply->status = check_cryptogram(memory, request, key_len, is_own, key);
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    app->key_type = type;
    memcpy(app->keys[number].bytes, key, KEY_LEN);
    app->keys[number].version = type == CARDSIM_DESFIRE_AES ? request->data[1 + KEY_LEN] : 0;
    if (is_own)
        cardsim_desfire_end_session(memory);
}

void cardsim_desfire_format(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                            struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    (void)request;
    if (memory->selected != 0)
        reply->status = CARDSIM_DESFIRE_PERMISSION_DENIED;
    else if (!cardsim_desfire_is_master(memory))
        reply->status = CARDSIM_DESFIRE_AUTHENTICATION;
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    for (int i = 1; i < CARDSIM_DESFIRE_APPS_MAX; i++)
        remove_app(memory, i);
    memory->pool_used = 0;
}
