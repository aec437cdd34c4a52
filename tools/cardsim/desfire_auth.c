/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/desfire_auth.h"

#include <string.h>

#include "tools/cardsim/desfire_crypto.h"
#include "tools/cardsim/desfire_session.h"

enum { NUMBER_BITS = 0x3F };

static void refuse(struct cardsim_desfire *memory, struct cardsim_desfire_reply *reply)
{
    memory->refused++;
    reply->status = CARDSIM_DESFIRE_AUTHENTICATION;
}

/* Returns the status of a first step: whether there is such an AES key, and the session that NonFirst
 * continues. */
static uint8_t check_start(const struct cardsim_desfire *memory,
                           const struct cardsim_desfire_request *request)
{
    const struct cardsim_desfire_app *app = &memory->apps[memory->selected];
    if (request->command == CARDSIM_DESFIRE_AUTH_FIRST &&
        (request->len < 2 || request->len != 2u + request->data[1] || request->data[1] > 6))
        return CARDSIM_DESFIRE_LENGTH;
    if (request->command == CARDSIM_DESFIRE_AUTH_NON_FIRST &&
        memory->session.messaging != CARDSIM_DESFIRE_EV2)
        return CARDSIM_DESFIRE_PERMISSION_DENIED;
    if ((request->data[0] & NUMBER_BITS) >= app->key_count)
        return CARDSIM_DESFIRE_NO_SUCH_KEY;
    return app->key_type == CARDSIM_DESFIRE_AES ? CARDSIM_DESFIRE_OK : CARDSIM_DESFIRE_AUTHENTICATION;
}

void cardsim_desfire_auth_start(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint8_t zero[16] = {0};
    reply->status = check_start(memory, request);
    if (reply->status != CARDSIM_DESFIRE_OK)
        return;
    if (request->command != CARDSIM_DESFIRE_AUTH_NON_FIRST)
        cardsim_desfire_end_session(memory);
    if (request->command == CARDSIM_DESFIRE_AUTH_FIRST) {
        memset(memory->reader_capabilities, 0, sizeof memory->reader_capabilities);
        memcpy(memory->reader_capabilities, request->data + 2, request->data[1]);
    }
    memory->auth_number = request->data[0] & NUMBER_BITS;
    memcpy(memory->auth_key, memory->apps[memory->selected].keys[memory->auth_number].bytes, 16);
    for (size_t i = 0; i < 16 && !memory->rnd_b_is_fixed; i++)
        memory->rnd_b[i] = cardsim_card_random(card);
    memcpy(reply->data, memory->rnd_b, 16);
    cardsim_cbc_encrypt(memory->auth_key, zero, reply->data, 16);
    reply->len = 16;
    reply->status = CARDSIM_DESFIRE_MORE;
    memory->pending = request->command;
}

static void rotate(uint8_t out[16], const uint8_t in[16])
{
    memcpy(out, in + 1, 15);
    out[15] = in[0];
}

/* In the old authentication all blocks form one CBC chain from a zero IV, the card's challenge included. */
static void challenge_block(const struct cardsim_desfire *memory, uint8_t iv[16])
{
    uint8_t zero[16] = {0};
    memcpy(iv, memory->rnd_b, 16);
    cardsim_cbc_encrypt(memory->auth_key, zero, iv, 16);
}

static void answer_ev1(struct cardsim_desfire *memory, const uint8_t rnd_a[16], uint8_t iv[16],
                       struct cardsim_desfire_reply *reply)
{
    uint8_t key[16];
    rotate(reply->data, rnd_a);
    cardsim_cbc_encrypt(memory->auth_key, iv, reply->data, 16);
    reply->len = 16;
    memcpy(key, rnd_a, 4);
    memcpy(key + 4, memory->rnd_b, 4);
    memcpy(key + 8, rnd_a + 12, 4);
    memcpy(key + 12, memory->rnd_b + 12, 4);
    cardsim_desfire_start_ev1(memory, key);
}

/* First: TI, RndA rotated, the card's capabilities (zeros) and the reader's. NonFirst: RndA rotated. */
static void answer_ev2(struct cardsim_card *card, const uint8_t rnd_a[16], bool is_first,
                       struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint8_t zero[16] = {0}, *transaction = memory->session.transaction;
    reply->len = is_first ? 32 : 16;
    memset(reply->data, 0, reply->len);
    if (is_first && memory->transaction_is_fixed)
        memcpy(transaction, memory->fixed_transaction, 4);
    for (size_t i = 0; i < 4 && is_first && !memory->transaction_is_fixed; i++)
        transaction[i] = cardsim_card_random(card);
    if (is_first) {
        memcpy(reply->data, transaction, 4);
        memcpy(reply->data + 26, memory->reader_capabilities, 6);
    }
    rotate(reply->data + (is_first ? 4 : 0), rnd_a);
    cardsim_cbc_encrypt(memory->auth_key, zero, reply->data, reply->len);
    cardsim_desfire_start_ev2(memory, rnd_a, !is_first);
}

void cardsim_desfire_auth_finish(struct cardsim_card *card, const uint8_t *data, size_t len,
                                 struct cardsim_desfire_reply *reply)
{
    struct cardsim_desfire *memory = &card->memory.desfire;
    uint8_t plain[32], proof[16], iv[16] = {0}, method = memory->pending;
    memory->pending = 0;
    if (len != sizeof plain) {
        reply->status = CARDSIM_DESFIRE_LENGTH;
        return;
    }
    memcpy(plain, data, sizeof plain);
    if (method == CARDSIM_DESFIRE_AUTH_AES)
        challenge_block(memory, iv);
    cardsim_cbc_decrypt(memory->auth_key, iv, plain, sizeof plain);
    rotate(proof, memory->rnd_b);
    if (memcmp(plain + 16, proof, 16) != 0) {
        refuse(memory, reply);
        return;
    }
    memory->authenticated++;
    if (method == CARDSIM_DESFIRE_AUTH_AES)
        answer_ev1(memory, plain, iv, reply);
    else
        answer_ev2(card, plain, method == CARDSIM_DESFIRE_AUTH_FIRST, reply);
}

void cardsim_desfire_auth_des(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                              struct cardsim_desfire_reply *reply)
{
    (void)request; /* only AES keys can be used, and they do not fit */
    refuse(&card->memory.desfire, reply);
}
