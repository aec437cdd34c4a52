/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/desfire_session.h"

#include <string.h>

#include "tools/cardsim/desfire_crypto.h"

enum { BLOCK = 16, MAC_LEN = 8, CRC_LEN = 4 };

static size_t round_up(size_t len)
{
    return (len + BLOCK - 1) / BLOCK * BLOCK;
}

static void put_crc(uint8_t *out, uint32_t crc)
{
    for (int i = 0; i < CRC_LEN; i++)
        out[i] = (uint8_t)(crc >> 8 * i);
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

void cardsim_desfire_end_session(struct cardsim_desfire *memory)
{
    memset(&memory->session, 0, sizeof memory->session);
    memory->pending = 0;
}

bool cardsim_desfire_is_master(const struct cardsim_desfire *memory)
{
    return memory->session.messaging != CARDSIM_DESFIRE_NO_SESSION && memory->session.key_number == 0;
}

void cardsim_desfire_start_ev1(struct cardsim_desfire *memory, const uint8_t session_key[16])
{
    struct cardsim_desfire_session *session = &memory->session;
    memset(session, 0, sizeof *session);
    session->messaging = CARDSIM_DESFIRE_EV1;
    session->key_number = memory->auth_number;
    memcpy(session->encryption_key, session_key, 16);
}

/* Derives a session key (AN12343): the CMAC of a label, a counter, a length, and both random numbers. */
static void derive(const struct cardsim_desfire *memory, const uint8_t rnd_a[16], uint8_t first,
                   uint8_t second, uint8_t out[16])
{
    uint8_t vector[32] = {first, second, 0x00, 0x01, 0x00, 0x80};
    memcpy(vector + 6, rnd_a, 8);
    for (size_t i = 0; i < 6; i++)
        vector[8 + i] ^= memory->rnd_b[i];
    memcpy(vector + 14, memory->rnd_b + 6, 10);
    memcpy(vector + 24, rnd_a + 8, 8);
    memset(out, 0, 16);
    cardsim_desfire_cmac(memory->auth_key, out, vector, sizeof vector);
}

void cardsim_desfire_start_ev2(struct cardsim_desfire *memory, const uint8_t rnd_a[16],
                               bool keeps_transaction)
{
    struct cardsim_desfire_session *session = &memory->session;
    session->messaging = CARDSIM_DESFIRE_EV2;
    session->key_number = memory->auth_number;
    derive(memory, rnd_a, 0xA5, 0x5A, session->encryption_key);
    derive(memory, rnd_a, 0x5A, 0xA5, session->mac_key);
    if (!keeps_transaction)
        session->counter = 0;
}

/* ---- EV1 ---- */

static uint8_t open_ev1_enciphered(struct cardsim_desfire_session *session,
                                   const struct cardsim_desfire_protection *protection, uint8_t *message,
                                   size_t *len)
{
    size_t head = 1 + protection->header_len, plain_len = head + protection->data_len;
    if (*len <= head || (*len - head) % BLOCK != 0)
        return CARDSIM_DESFIRE_LENGTH;
    if (!protection->has_own_crc && *len - head != round_up(protection->data_len + CRC_LEN))
        return CARDSIM_DESFIRE_LENGTH;
    cardsim_cbc_decrypt(session->encryption_key, session->iv, message + head, *len - head);
    if (protection->has_own_crc)
        return CARDSIM_DESFIRE_OK;
    uint8_t crc[CRC_LEN];
    put_crc(crc, cardsim_desfire_crc32(message, plain_len));
    if (memcmp(message + plain_len, crc, CRC_LEN) != 0 ||
        !is_zero(message + plain_len + CRC_LEN, *len - plain_len - CRC_LEN))
        return CARDSIM_DESFIRE_INTEGRITY;
    *len = plain_len;
    return CARDSIM_DESFIRE_OK;
}

/* Opens a command of an EV1 session. The CMAC covers every command that is not enciphered; it is on the
 * wire only behind data that are secured. */
static uint8_t open_ev1(struct cardsim_desfire_session *session,
                        const struct cardsim_desfire_protection *protection, uint8_t *message, size_t *len)
{
    if (protection->secures_data && protection->mode == CARDSIM_DESFIRE_FULL)
        return open_ev1_enciphered(session, protection, message, len);
    bool has_mac = protection->secures_data && protection->mode == CARDSIM_DESFIRE_MACED;
    if (has_mac && *len < 1 + protection->header_len + MAC_LEN)
        return CARDSIM_DESFIRE_LENGTH;
    if (has_mac)
        *len -= MAC_LEN;
    cardsim_desfire_cmac(session->encryption_key, session->iv, message, *len);
    return has_mac && memcmp(session->iv, message + *len, MAC_LEN) != 0 ? CARDSIM_DESFIRE_INTEGRITY
                                                                        : CARDSIM_DESFIRE_OK;
}

static void seal_ev1(struct cardsim_desfire_session *session,
                     const struct cardsim_desfire_protection *protection, struct cardsim_desfire_reply *reply)
{
    reply->data[reply->len] = reply->status; /* CRC and CMAC cover the status behind the data */
    if (protection->mode == CARDSIM_DESFIRE_FULL && protection->secures_reply && reply->len > 0) {
        uint32_t crc = cardsim_desfire_crc32(reply->data, reply->len + 1);
        size_t len = round_up(reply->len + CRC_LEN);
        memset(reply->data + reply->len, 0, len - reply->len);
        put_crc(reply->data + reply->len, crc);
        cardsim_cbc_encrypt(session->encryption_key, session->iv, reply->data, len);
        reply->len = len;
        return;
    }
    cardsim_desfire_cmac(session->encryption_key, session->iv, reply->data, reply->len + 1);
    memcpy(reply->data + reply->len, session->iv, MAC_LEN);
    reply->len += MAC_LEN;
}

/* ---- EV2 ---- */

/* Computes the MAC of code (a command or a status), counter, TI and data: every second byte of a CMAC. */
static void mac_ev2(const struct cardsim_desfire_session *session, uint8_t code, const uint8_t *data,
                    size_t len, uint8_t mac[MAC_LEN])
{
    uint8_t input[7 + CARDSIM_DESFIRE_MESSAGE_MAX], whole[16] = {0};
    input[0] = code;
    input[1] = (uint8_t)session->counter;
    input[2] = (uint8_t)(session->counter >> 8);
    memcpy(input + 3, session->transaction, 4);
    memcpy(input + 7, data, len);
    cardsim_desfire_cmac(session->mac_key, whole, input, 7 + len);
    for (size_t i = 0; i < MAC_LEN; i++)
        mac[i] = whole[2 * i + 1];
}

static void iv_of_ev2(const struct cardsim_desfire_session *session, uint8_t first, uint8_t second,
                      uint8_t iv[16])
{
    uint8_t zero[16] = {0};
    memset(iv, 0, 16);
    iv[0] = first;
    iv[1] = second;
    memcpy(iv + 2, session->transaction, 4);
    iv[6] = (uint8_t)session->counter;
    iv[7] = (uint8_t)(session->counter >> 8);
    cardsim_cbc_encrypt(session->encryption_key, zero, iv, 16);
}

/* Decrypts data and removes the padding 80 00...; returns false if there is none. */
static bool decipher_ev2(const struct cardsim_desfire_session *session, uint8_t *data, size_t *len)
{
    uint8_t iv[16];
    iv_of_ev2(session, 0xA5, 0x5A, iv);
    cardsim_cbc_decrypt(session->encryption_key, iv, data, *len);
    size_t at = *len;
    while (at > 0 && data[at - 1] == 0x00)
        at--;
    if (at == 0 || data[at - 1] != 0x80 || *len - at >= BLOCK)
        return false;
    *len = at - 1;
    return true;
}

static uint8_t open_ev2(struct cardsim_desfire_session *session,
                        const struct cardsim_desfire_protection *protection, uint8_t *message, size_t *len)
{
    uint8_t mac[MAC_LEN];
    size_t head = 1 + protection->header_len;
    if (protection->mode == CARDSIM_DESFIRE_PLAIN)
        return CARDSIM_DESFIRE_OK;
    if (*len < 1 + MAC_LEN)
        return CARDSIM_DESFIRE_LENGTH;
    *len -= MAC_LEN;
    mac_ev2(session, message[0], message + 1, *len - 1, mac);
    if (memcmp(mac, message + *len, MAC_LEN) != 0)
        return CARDSIM_DESFIRE_INTEGRITY;
    if (protection->mode != CARDSIM_DESFIRE_FULL || !protection->secures_data)
        return CARDSIM_DESFIRE_OK;
    if (*len <= head || (*len - head) % BLOCK != 0)
        return CARDSIM_DESFIRE_LENGTH;
    size_t data_len = *len - head;
    if (!decipher_ev2(session, message + head, &data_len))
        return CARDSIM_DESFIRE_INTEGRITY;
    *len = head + data_len;
    return CARDSIM_DESFIRE_OK;
}

static void seal_ev2(struct cardsim_desfire_session *session,
                     const struct cardsim_desfire_protection *protection, struct cardsim_desfire_reply *reply)
{
    session->counter++;
    if (protection->mode == CARDSIM_DESFIRE_PLAIN)
        return;
    if (protection->mode == CARDSIM_DESFIRE_FULL && protection->secures_reply && reply->len > 0) {
        uint8_t iv[16];
        size_t len = round_up(reply->len + 1);
        memset(reply->data + reply->len, 0, len - reply->len);
        reply->data[reply->len] = 0x80;
        iv_of_ev2(session, 0x5A, 0xA5, iv);
        cardsim_cbc_encrypt(session->encryption_key, iv, reply->data, len);
        reply->len = len;
    }
    mac_ev2(session, reply->status, reply->data, reply->len, reply->data + reply->len);
    reply->len += MAC_LEN;
}

/* ---- both ---- */

size_t cardsim_desfire_wire_len(const struct cardsim_desfire *memory,
                                const struct cardsim_desfire_protection *protection)
{
    size_t len = protection->data_len;
    bool is_ev2 = memory->session.messaging == CARDSIM_DESFIRE_EV2;
    if (memory->session.messaging == CARDSIM_DESFIRE_NO_SESSION || protection->mode == CARDSIM_DESFIRE_PLAIN)
        return len;
    if (protection->mode == CARDSIM_DESFIRE_MACED)
        return len + MAC_LEN;
    return is_ev2 ? round_up(len + 1) + MAC_LEN : round_up(len + CRC_LEN);
}

uint8_t cardsim_desfire_open(struct cardsim_desfire *memory,
                             const struct cardsim_desfire_protection *protection, uint8_t *message,
                             size_t *len)
{
    switch (memory->session.messaging) {
    case CARDSIM_DESFIRE_NO_SESSION:
        return CARDSIM_DESFIRE_OK;
    case CARDSIM_DESFIRE_EV1:
        return open_ev1(&memory->session, protection, message, len);
    case CARDSIM_DESFIRE_EV2:
        return open_ev2(&memory->session, protection, message, len);
    }
    return CARDSIM_DESFIRE_ILLEGAL_COMMAND;
}

void cardsim_desfire_seal(struct cardsim_desfire *memory, const struct cardsim_desfire_protection *protection,
                          struct cardsim_desfire_reply *reply)
{
    switch (memory->session.messaging) {
    case CARDSIM_DESFIRE_NO_SESSION:
        return;
    case CARDSIM_DESFIRE_EV1:
        seal_ev1(&memory->session, protection, reply);
        return;
    case CARDSIM_DESFIRE_EV2:
        seal_ev2(&memory->session, protection, reply);
        return;
    }
}
