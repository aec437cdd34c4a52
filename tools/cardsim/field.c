/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/field.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void cardsim_field_init(struct cardsim_field *field, uint64_t seed)
{
    memset(field, 0, sizeof *field);
    field->random_state = seed ? seed : 1;
}

/* Returns 32 bits of a xorshift generator, which is good enough for UIDs of test cards only. */
static uint32_t random_bits(struct cardsim_field *field)
{
    uint64_t x = field->random_state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    field->random_state = x;
    return (uint32_t)(x >> 24);
}

static void power_card(struct cardsim_field *field, struct cardsim_card *card)
{
    bool on = field->powered && card->in_field;
    cardsim_card_power(card, on, on ? random_bits(field) : 0);
}

void cardsim_field_power(struct cardsim_field *field, bool on)
{
    if (field->powered == on)
        return;
    field->powered = on;
    for (size_t i = 0; i < field->count; i++)
        if (field->cards[i].in_field)
            power_card(field, &field->cards[i]);
}

struct cardsim_card *cardsim_field_spare(struct cardsim_field *field)
{
    return field->count < CARDSIM_CARDS_MAX ? &field->cards[field->count] : NULL;
}

static bool uid_matches(const struct cardsim_card *card, const char *text)
{
    char hex[2 * CARDSIM_UID_MAX + 1] = "";
    for (size_t i = 0; i < card->true_uid_len; i++)
        snprintf(hex + 2 * i, 3, "%02X", card->true_uid[i]);
    return strcasecmp(hex, text) == 0;
}

struct cardsim_card *cardsim_field_find(struct cardsim_field *field, const char *name)
{
    for (size_t i = 0; i < field->count; i++)
        if (strcmp(field->cards[i].name, name) == 0)
            return &field->cards[i];
    for (size_t i = 0; i < field->count; i++)
        if (uid_matches(&field->cards[i], name))
            return &field->cards[i];
    return NULL;
}

void cardsim_field_put(struct cardsim_field *field, struct cardsim_card *card, uint64_t leaves_us)
{
    card->leaves_us = leaves_us;
    if (card->in_field)
        return;
    card->in_field = true;
    field->arrivals++;
    power_card(field, card);
}

void cardsim_field_take(struct cardsim_field *field, struct cardsim_card *card)
{
    card->in_field = false;
    card->leaves_us = 0;
    power_card(field, card);
}

uint64_t cardsim_field_expire(struct cardsim_field *field, uint64_t now_us)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < field->count; i++) {
        struct cardsim_card *card = &field->cards[i];
        if (!card->in_field || card->leaves_us == 0)
            continue;
        if (card->leaves_us <= now_us)
            cardsim_field_take(field, card);
        else if (card->leaves_us < next)
            next = card->leaves_us;
    }
    return next;
}

/* Returns the number of the first bit that differs, from 1 and least significant bit first, as sent; 0:
 * none. */
static uint16_t first_difference(const struct cardsim_rf_frame *one, const struct cardsim_rf_frame *other)
{
    for (size_t i = 0; i < one->len && i < other->len; i++)
        for (unsigned bit = 0; bit < 8; bit++)
            if ((one->data[i] ^ other->data[i]) >> bit & 1)
                return (uint16_t)(8 * i + bit + 1);
    return 0;
}

/* Adds the answer of one more card. At a collision the reader continues with the card that sends 1. */
static void combine(struct cardsim_rf_frame *answer, const struct cardsim_rf_frame *other)
{
    uint16_t at = first_difference(answer, other), before = answer->collision;
    if (at == 0)
        return;
    if (other->data[(at - 1) / 8] >> (at - 1) % 8 & 1)
        *answer = *other;
    answer->collision = before && before < at ? before : at;
}

bool cardsim_field_transceive(struct cardsim_field *field, const struct cardsim_rf_frame *frame,
                              struct cardsim_rf_frame *answer)
{
    struct cardsim_rf_frame other;
    bool answered = false;
    for (size_t i = 0; i < field->count; i++) {
        struct cardsim_card *card = &field->cards[i];
        if (!card->in_field || !cardsim_card_receive(card, frame, &other))
            continue;
        if (answered)
            combine(answer, &other);
        else
            *answer = other;
        answered = true;
    }
    return answered;
}
