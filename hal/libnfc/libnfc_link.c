/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/libnfc/libnfc_link.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum {
    AT_VERSION = 0,
    AT_KIND = 1,
    AT_BODY_LEN = 2,
    AT_CARD = 4,
    AT_EXCHANGE = 8,
    AT_RESULT = 12,
    AT_TIME = 16,
    AT_BODY = 24,
    /* offsets within the body of CARD and GONE */
    BODY_UID_LEN = 0,
    BODY_UID = 1,
    BODY_ATQA = BODY_UID + READER_UID_MAX,
    BODY_SAK = BODY_ATQA + 2,
    BODY_ATS_LEN = BODY_SAK + 1,
    BODY_ATS = BODY_ATS_LEN + 1,
    BODY_CARD_LEN = BODY_ATS + READER_ATS_MAX,
    ATS_MISSING = 0xFF, /* in the place of the length */
};
static_assert(AT_BODY + LIBNFC_LINK_DATA_MAX == LIBNFC_LINK_SIZE, "the body fills the message");
static_assert(BODY_CARD_LEN == 47 && BODY_CARD_LEN <= LIBNFC_LINK_DATA_MAX, "a card fits the body");
static_assert(LIBNFC_LINK_TEXT_SIZE - 1 <= LIBNFC_LINK_DATA_MAX, "a text fits the body");

static void put_le(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static bool all_zero(const uint8_t *at, size_t len)
{
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++)
        any |= at[i];
    return any == 0;
}

static bool is_printable(char c)
{
    return c >= ' ' && c <= '~';
}

static bool uid_len_is_known(size_t len)
{
    return len == 0 || len == 4 || len == 7 || len == 10;
}

static bool has_card_number(enum libnfc_link_kind kind)
{
    return kind == LIBNFC_LINK_CARD || kind == LIBNFC_LINK_GONE || kind == LIBNFC_LINK_EXCHANGE;
}

static bool result_is_known(int32_t result)
{
    return result == ERR_OK || result == ERR_TIMEOUT || result == ERR_NOT_FOUND || result == ERR_IO;
}

static int encode_target(const struct reader_target *target, uint8_t *body)
{
    if (!uid_len_is_known(target->uid_len) || target->ats_len > READER_ATS_MAX ||
        (target->is_unfinished && target->ats_len > 0))
        return ERR_ARGUMENT;
    body[BODY_UID_LEN] = target->uid_len;
    memcpy(body + BODY_UID, target->uid, target->uid_len);
    memcpy(body + BODY_ATQA, target->atqa, 2);
    body[BODY_SAK] = target->sak;
    body[BODY_ATS_LEN] = target->is_unfinished ? ATS_MISSING : target->ats_len;
    memcpy(body + BODY_ATS, target->ats, target->ats_len);
    return BODY_CARD_LEN;
}

static int encode_text(const char *text, uint8_t *body)
{
    size_t len = strnlen(text, LIBNFC_LINK_TEXT_SIZE - 1);
    for (size_t i = 0; i < len; i++)
        body[i] = is_printable(text[i]) ? (uint8_t)text[i] : '?';
    return (int)len;
}

static int encode_body(const struct libnfc_link_message *message, uint8_t *body)
{
    switch (message->kind) {
    case LIBNFC_LINK_READY:
    case LIBNFC_LINK_FAULT:
        return encode_text(message->text, body);
    case LIBNFC_LINK_CARD:
    case LIBNFC_LINK_GONE:
        return encode_target(&message->target, body);
    case LIBNFC_LINK_BEAT:
    case LIBNFC_LINK_EMPTY:
        return 0;
    case LIBNFC_LINK_EXCHANGE:
    case LIBNFC_LINK_ANSWER:
        if (message->data_len > LIBNFC_LINK_DATA_MAX || !result_is_known(message->result) ||
            (message->result != ERR_OK && message->data_len != 0))
            return ERR_ARGUMENT;
        memcpy(body, message->data, message->data_len);
        return (int)message->data_len;
    }
    return ERR_ARGUMENT;
}

int libnfc_link_encode(const struct libnfc_link_message *message, uint8_t wire[LIBNFC_LINK_SIZE])
{
    memset(wire, 0, LIBNFC_LINK_SIZE);
    int body_len = encode_body(message, wire + AT_BODY);
    if (body_len < 0)
        return body_len;
    wire[AT_VERSION] = LIBNFC_LINK_VERSION;
    wire[AT_KIND] = (uint8_t)message->kind;
    put_le(wire + AT_BODY_LEN, (uint64_t)body_len, 2);
    if (has_card_number(message->kind))
        put_le(wire + AT_CARD, message->card, 4);
    if (message->kind == LIBNFC_LINK_EXCHANGE || message->kind == LIBNFC_LINK_ANSWER)
        put_le(wire + AT_EXCHANGE, message->exchange, 4);
    if (message->kind == LIBNFC_LINK_ANSWER)
        put_le(wire + AT_RESULT, (uint32_t)message->result, 4);
    put_le(wire + AT_TIME, message->time_us, 8);
    return ERR_OK;
}

static bool decode_target(const uint8_t *body, size_t body_len, struct reader_target *target)
{
    if (body_len != BODY_CARD_LEN)
        return false;
    target->is_unfinished = body[BODY_ATS_LEN] == ATS_MISSING;
    uint8_t uid_len = body[BODY_UID_LEN], ats_len = target->is_unfinished ? 0 : body[BODY_ATS_LEN];
    if (!uid_len_is_known(uid_len) || ats_len > READER_ATS_MAX)
        return false;
    if (!all_zero(body + BODY_UID + uid_len, READER_UID_MAX - uid_len) ||
        !all_zero(body + BODY_ATS + ats_len, READER_ATS_MAX - ats_len))
        return false;
    target->uid_len = uid_len;
    memcpy(target->uid, body + BODY_UID, READER_UID_MAX);
    memcpy(target->atqa, body + BODY_ATQA, 2);
    target->sak = body[BODY_SAK];
    target->ats_len = ats_len;
    memcpy(target->ats, body + BODY_ATS, READER_ATS_MAX);
    return true;
}

static bool decode_text(const uint8_t *body, size_t body_len, char *text)
{
    if (body_len > LIBNFC_LINK_TEXT_SIZE - 1)
        return false;
    for (size_t i = 0; i < body_len; i++)
        if (!is_printable((char)body[i]))
            return false;
    memcpy(text, body, body_len);
    return true;
}

static bool decode_body(const uint8_t *body, size_t body_len, struct libnfc_link_message *message)
{
    switch (message->kind) {
    case LIBNFC_LINK_READY:
    case LIBNFC_LINK_FAULT:
        return decode_text(body, body_len, message->text);
    case LIBNFC_LINK_CARD:
    case LIBNFC_LINK_GONE:
        return decode_target(body, body_len, &message->target);
    case LIBNFC_LINK_BEAT:
    case LIBNFC_LINK_EMPTY:
        return body_len == 0;
    case LIBNFC_LINK_EXCHANGE:
    case LIBNFC_LINK_ANSWER:
        memcpy(message->data, body, body_len);
        message->data_len = body_len;
        return message->result == ERR_OK || body_len == 0;
    }
    return false;
}

int libnfc_link_decode(const uint8_t *wire, size_t len, struct libnfc_link_message *message)
{
    memset(message, 0, sizeof *message);
    if (len != LIBNFC_LINK_SIZE || wire[AT_VERSION] != LIBNFC_LINK_VERSION)
        return ERR_FORMAT;
    size_t body_len = (size_t)get_le(wire + AT_BODY_LEN, 2);
    if (body_len > LIBNFC_LINK_DATA_MAX ||
        !all_zero(wire + AT_BODY + body_len, LIBNFC_LINK_DATA_MAX - body_len))
        return ERR_FORMAT;
    message->kind = (enum libnfc_link_kind)wire[AT_KIND];
    message->card = (uint32_t)get_le(wire + AT_CARD, 4);
    message->exchange = (uint32_t)get_le(wire + AT_EXCHANGE, 4);
    message->result = (int32_t)(uint32_t)get_le(wire + AT_RESULT, 4);
    message->time_us = get_le(wire + AT_TIME, 8);
    bool is_exchange = message->kind == LIBNFC_LINK_EXCHANGE, is_answer = message->kind == LIBNFC_LINK_ANSWER;
    if ((message->card != 0 && !has_card_number(message->kind)) ||
        (message->exchange != 0 && !is_exchange && !is_answer) || (message->result != 0 && !is_answer) ||
        !result_is_known(message->result))
        return ERR_FORMAT;
    return decode_body(wire + AT_BODY, body_len, message) ? ERR_OK : ERR_FORMAT;
}
