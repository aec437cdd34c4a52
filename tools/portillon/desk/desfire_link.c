/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/desk/desfire_link.h"

#include <string.h>

#include "firmware/desfire/desfire_proof.h"

enum { AUTHENTICATE = DESFIRE_EV1_AES, SELECT_APPLICATION = 0x5A, NO_SUCH_KEY = 0x40 };

#define COMMAND_MAX 64

/* Makes one exchange. Returns ERR_OK if the card answers with this status. */
static int exchange(struct desfire_link *link, const uint8_t *command, size_t len, uint8_t status)
{
    if (command[0] != DESFIRE_STATUS_MORE)
        link->command = command[0];
    int error = desfire_talk_once(link->reader, command, len, &link->reply);
    if (error != ERR_OK)
        return error;
    link->status = link->reply.status;
    if (link->status == status)
        return ERR_OK;
    return link->status == DESFIRE_STATUS_AUTHENTICATION || link->status == NO_SUCH_KEY ? ERR_FORBIDDEN
                                                                                        : ERR_UNSUPPORTED;
}

static int take_proof(struct desfire_link *link, struct desfire_proof *proof)
{
    int error = desfire_proof_check(proof, link->reply.data, link->reply.len, &link->channel);
    return error == ERR_CORRUPT ? ERR_FORBIDDEN : error;
}

static int prove(struct desfire_link *link, struct desfire_proof *proof, uint8_t number)
{
    uint8_t command[1 + DESFIRE_RESPONSE_LEN] = {AUTHENTICATE, number};
    int error = exchange(link, command, 2, DESFIRE_STATUS_MORE);
    if (error == ERR_OK && link->reply.len != DESFIRE_RANDOM_LEN)
        error = ERR_FORMAT;
    if (error == ERR_OK)
        error = desfire_proof_take_challenge(proof, link->reply.data);
    command[0] = DESFIRE_STATUS_MORE;
    if (error == ERR_OK)
        error = desfire_proof_respond(proof, command + 1);
    if (error == ERR_OK)
        error = exchange(link, command, sizeof command, DESFIRE_STATUS_OK);
    return error == ERR_OK ? take_proof(link, proof) : error;
}

int desfire_link_open(struct desfire_link *link, const struct reader *reader,
                      const uint8_t aid[DESFIRE_AID_LEN], uint8_t number, const uint8_t key[CRYPTO_KEY_LEN])
{
    uint8_t select[1 + DESFIRE_AID_LEN] = {SELECT_APPLICATION};
    struct desfire_proof proof = {.authentication = DESFIRE_EV1_AES};
    desfire_link_close(link);
    link->reader = reader;
    memcpy(select + 1, aid, DESFIRE_AID_LEN);
    memcpy(proof.key, key, CRYPTO_KEY_LEN);
    int error = exchange(link, select, sizeof select, DESFIRE_STATUS_OK);
    if (error == ERR_OK)
        error = prove(link, &proof, number);
    crypto_wipe(&proof, sizeof proof);
    return error;
}

int desfire_link_send_sealed(struct desfire_link *link, const uint8_t *command, int len, bool has_mac)
{
    struct desfire_reply *reply = &link->reply;
    if (len < 0)
        return len;
    int error = exchange(link, command, (size_t)len, DESFIRE_STATUS_OK);
    if (error != ERR_OK || !has_mac)
        return error;
    if (reply->len < DESFIRE_CHANNEL_MAC_LEN)
        return ERR_CORRUPT;
    size_t text_len = reply->len - DESFIRE_CHANNEL_MAC_LEN;
    error = desfire_channel_unseal(&link->channel, DESFIRE_MACED, reply->data, reply->len, text_len);
    reply->len = text_len;
    return error;
}

int desfire_link_send(struct desfire_link *link, const uint8_t *command, size_t len)
{
    uint8_t sealed[COMMAND_MAX + DESFIRE_CHANNEL_MAC_LEN];
    if (len > COMMAND_MAX)
        return ERR_ARGUMENT;
    memcpy(sealed, command, len);
    return desfire_link_send_sealed(link, sealed, desfire_channel_seal(&link->channel, sealed, len), true);
}

void desfire_link_close(struct desfire_link *link)
{
    crypto_wipe(link, sizeof *link);
}
