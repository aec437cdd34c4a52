/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/card.h"

#include <string.h>

enum { REQA = 0x26, WUPA = 0x52, SEL_CL1 = 0x93, HLTA = 0x50, RATS = 0xE0, CASCADE_TAG = 0x88 };
enum { SAK_INCOMPLETE = 0x04, SAK_ISO14443_4 = 0x20 };

const struct cardsim_card_kind *const cardsim_kinds[] = {
    &cardsim_kind_classic,
    &cardsim_kind_ultralight,
    &cardsim_kind_ntag213,
    &cardsim_kind_desfire_ev1,
    &cardsim_kind_desfire_ev2,
    &cardsim_kind_desfire_ev3,
    &cardsim_kind_clone,
    &cardsim_kind_iso4,
    &cardsim_kind_jcop,
    &cardsim_kind_random,
    &cardsim_kind_typeb,
    &cardsim_kind_felica,
    NULL,
};

uint16_t cardsim_crc_a(const uint8_t *data, size_t len)
{
    uint16_t crc = 0x6363;
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1);
    }
    return crc;
}

void cardsim_rf_append_crc(struct cardsim_rf_frame *frame)
{
    uint16_t crc = cardsim_crc_a(frame->data, frame->len);
    frame->data[frame->len++] = (uint8_t)crc;
    frame->data[frame->len++] = (uint8_t)(crc >> 8);
}

/* ATQA bits 7 and 8 give the UID size. Anticollision uses bit 3, as NXP's cards do. */
static void set_atqa(struct cardsim_card *card)
{
    card->atqa[0] = card->kind->atqa_high;
    card->atqa[1] = (uint8_t)(card->uid_len == 10 ? 0x84 : card->uid_len == 7 ? 0x44 : 0x04);
}

bool cardsim_card_create(struct cardsim_card *card, const struct cardsim_card_kind *kind, const char *name,
                         const uint8_t *uid, size_t uid_len)
{
    unsigned wanted = uid_len == 0    ? CARDSIM_UID_RANDOM
                      : uid_len == 4  ? CARDSIM_UID_4
                      : uid_len == 7  ? CARDSIM_UID_7
                      : uid_len == 8  ? CARDSIM_UID_8
                      : uid_len == 10 ? CARDSIM_UID_10
                                      : 0;
    if (!(kind->uid_lengths & wanted))
        return false;
    memset(card, 0, sizeof *card);
    strncpy(card->name, name, sizeof card->name - 1);
    card->kind = kind;
    card->random_uid = uid_len == 0;
    card->uid_len = card->true_uid_len = (uint8_t)(uid_len ? uid_len : 4);
    if (uid_len)
        memcpy(card->uid, uid, uid_len);
    else
        card->uid[0] = 0x08;
    memcpy(card->true_uid, card->uid, sizeof card->uid);
    card->sak = kind->sak;
    if (kind->ats) {
        card->ats_len = kind->ats[0];
        memcpy(card->ats, kind->ats, card->ats_len);
    }
    set_atqa(card);
    if (kind->setup)
        kind->setup(card);
    return true;
}

uint8_t cardsim_card_random(struct cardsim_card *card)
{
    uint32_t x = card->random_state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    card->random_state = x;
    return (uint8_t)(x >> 16);
}

void cardsim_card_power(struct cardsim_card *card, bool on, uint32_t roll)
{
    card->state = on ? CARDSIM_CARD_IDLE : CARDSIM_CARD_OFF;
    card->was_halted = false;
    card->cascade = 0;
    card->random_state = roll ? roll : 1;
    if (on && card->random_uid) { /* ISO/IEC 14443-3: 08 marks a random UID */
        card->uid_len = 4;
        card->uid[0] = 0x08;
        card->uid[1] = (uint8_t)(roll >> 16);
        card->uid[2] = (uint8_t)(roll >> 8);
        card->uid[3] = (uint8_t)roll;
        set_atqa(card);
    }
    if (card->kind->select)
        card->kind->select(card);
}

static unsigned level_count(const struct cardsim_card *card)
{
    return card->uid_len == 4 ? 1 : card->uid_len == 7 ? 2 : 3;
}

/* Writes the 4 bytes of UID (cascade tag 88 included) of level 0, 1 or 2, without check byte. */
static void uid_level(const struct cardsim_card *card, unsigned level, uint8_t out[4])
{
    const uint8_t *part = card->uid + 3 * level;
    if (level + 1 == level_count(card)) {
        memcpy(out, part, 4);
    } else {
        out[0] = CASCADE_TAG;
        memcpy(out + 1, part, 3);
    }
}

static void fall_back(struct cardsim_card *card)
{
    card->state = card->was_halted ? CARDSIM_CARD_HALT : CARDSIM_CARD_IDLE;
}

static void halt(struct cardsim_card *card)
{
    card->state = CARDSIM_CARD_HALT;
    card->was_halted = true;
}

static bool receive_short_frame(struct cardsim_card *card, uint8_t command, struct cardsim_rf_frame *answer)
{
    bool wakes =
        (command == WUPA && (card->state == CARDSIM_CARD_IDLE || card->state == CARDSIM_CARD_HALT)) ||
        (command == REQA && card->state == CARDSIM_CARD_IDLE);
    if (!wakes) {
        if (card->state == CARDSIM_CARD_READY || card->state == CARDSIM_CARD_ACTIVE)
            fall_back(card);
        return false;
    }
    card->was_halted = card->state == CARDSIM_CARD_HALT;
    card->state = CARDSIM_CARD_READY;
    card->cascade = 0;
    answer->len = 2; /* ATQA is sent low byte first */
    answer->data[0] = card->atqa[1];
    answer->data[1] = card->atqa[0];
    return true;
}

/* Answers an anticollision frame: SEL, NVB, and bits of the UID, which all cards complete whose UID begins
 * with them (ISO/IEC 14443-3, 6.5.3). NVB counts the bytes and, in its lower half, the bits behind them. */
static bool receive_anticollision(const uint8_t own[5], const struct cardsim_rf_frame *frame,
                                  struct cardsim_rf_frame *answer)
{
    enum { UID_BITS = 40, FIRST_BYTES = 2 };
    uint8_t nvb = frame->data[1];
    unsigned known = ((nvb >> 4) - FIRST_BYTES) * 8u + (nvb & 7);
    unsigned sent = ((unsigned)frame->len - FIRST_BYTES) * 8 - (frame->last_bits ? 8u - frame->last_bits : 0);
    if (nvb >> 4 < FIRST_BYTES || nvb & 8 || known >= UID_BITS || known != sent)
        return false;
    for (unsigned i = 0; i < known; i++)
        if ((own[i / 8] ^ frame->data[FIRST_BYTES + i / 8]) >> i % 8 & 1)
            return false;
    unsigned left = UID_BITS - known;
    answer->len = (left + 7) / 8;
    answer->last_bits = (uint8_t)(left % 8);
    memset(answer->data, 0, answer->len);
    for (unsigned i = 0; i < left; i++)
        answer->data[i / 8] |= (uint8_t)((own[(known + i) / 8] >> (known + i) % 8 & 1) << i % 8);
    return true;
}

static bool receive_select(struct cardsim_card *card, const struct cardsim_rf_frame *frame,
                           struct cardsim_rf_frame *answer)
{
    uint8_t own[5];
    uid_level(card, card->cascade, own);
    own[4] = own[0] ^ own[1] ^ own[2] ^ own[3];
    if (frame->data[0] != SEL_CL1 + 2 * card->cascade) {
        fall_back(card);
        return false;
    }
    if (frame->len >= 2 && frame->data[1] < 0x70 && receive_anticollision(own, frame, answer))
        return true;
    if (frame->len != 9 || frame->data[1] != 0x70 || memcmp(frame->data + 2, own, 5) != 0 ||
        cardsim_crc_a(frame->data, 9) != 0) {
        fall_back(card);
        return false;
    }
    bool last = ++card->cascade == level_count(card);
    if (last) {
        card->state = CARDSIM_CARD_ACTIVE;
        if (card->kind->select)
            card->kind->select(card);
    }
    answer->data[0] = last ? card->sak : (uint8_t)((card->sak & SAK_ISO14443_4) | SAK_INCOMPLETE);
    answer->len = 1;
    cardsim_rf_append_crc(answer);
    return true;
}

static bool receive_active(struct cardsim_card *card, const struct cardsim_rf_frame *frame,
                           struct cardsim_rf_frame *answer)
{
    if (frame->len < 3 || cardsim_crc_a(frame->data, frame->len) != 0)
        return false; /* a damaged frame gets no answer */
    size_t len = frame->len - 2;
    if (frame->data[0] == HLTA && len == 2 && frame->data[1] == 0x00) {
        halt(card);
        return false;
    }
    if (frame->data[0] == RATS && len == 2 && card->ats_len) {
        card->state = CARDSIM_CARD_PROTOCOL;
        card->block = 1;
        card->last.len = 0;
        memcpy(answer->data, card->ats, card->ats_len);
        answer->len = card->ats_len;
        cardsim_rf_append_crc(answer);
        return true;
    }
    int got =
        card->kind->command ? card->kind->command(card, frame->data, len, answer->data) : CARDSIM_SILENT;
    if (got == CARDSIM_NAK) {
        halt(card);
        answer->data[0] = 0x00;
        answer->len = 1;
        answer->last_bits = 4;
        return true;
    }
    if (got < 0) {
        fall_back(card);
        return false;
    }
    answer->len = (size_t)got;
    if (got == 1 && answer->data[0] == 0x0A) /* a MIFARE ACK is 4 bits without CRC */
        answer->last_bits = 4;
    else
        cardsim_rf_append_crc(answer);
    return true;
}

/* Handles ISO/IEC 14443-4, section 7: I-blocks without chaining, R(NAK), S(DESELECT). Cards are addressed
 * without CID. */
static bool receive_block(struct cardsim_card *card, const struct cardsim_rf_frame *frame,
                          struct cardsim_rf_frame *answer)
{
    if (frame->len < 3 || cardsim_crc_a(frame->data, frame->len) != 0)
        return false;
    uint8_t pcb = frame->data[0];
    if (pcb == 0xC2) {
        halt(card);
        answer->data[0] = 0xC2;
        answer->len = 1;
        cardsim_rf_append_crc(answer);
        return true;
    }
    /* R(NAK): repeats the last answer, or sends R(ACK) when the reader's block did not arrive */
    if ((pcb & 0xF6) == 0xB2) {
        if ((pcb & 1) == card->block && card->last.len) {
            *answer = card->last;
        } else {
            answer->data[0] = 0xA2 | card->block;
            answer->len = 1;
            cardsim_rf_append_crc(answer);
        }
        return true;
    }
    if ((pcb & 0xFE) != 0x02)
        return false;
    int got = card->kind->apdu ? card->kind->apdu(card, frame->data + 1, frame->len - 3, answer->data + 1)
                               : CARDSIM_SILENT;
    if (got < 0)
        return false;
    card->block ^= 1;
    answer->data[0] = 0x02 | card->block;
    answer->len = (size_t)got + 1;
    cardsim_rf_append_crc(answer);
    card->last = *answer;
    return true;
}

bool cardsim_card_receive(struct cardsim_card *card, const struct cardsim_rf_frame *frame,
                          struct cardsim_rf_frame *answer)
{
    answer->len = 0;
    answer->last_bits = 0;
    answer->collision = 0;
    if (frame->len == 0 || card->kind->technology != CARDSIM_TYPE_A)
        return false;
    bool is_short = frame->len == 1 && frame->last_bits == 7;
    switch (card->state) {
    case CARDSIM_CARD_OFF:
        return false;
    case CARDSIM_CARD_IDLE:
    case CARDSIM_CARD_HALT:
        return is_short && receive_short_frame(card, frame->data[0], answer);
    case CARDSIM_CARD_READY:
        return is_short ? receive_short_frame(card, frame->data[0], answer)
                        : receive_select(card, frame, answer);
    case CARDSIM_CARD_ACTIVE:
        return is_short ? receive_short_frame(card, frame->data[0], answer)
                        : receive_active(card, frame, answer);
    case CARDSIM_CARD_PROTOCOL:
        return !is_short && receive_block(card, frame, answer);
    }
    return false;
}
