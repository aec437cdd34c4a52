/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/chip_search.h"

#include <string.h>

#include "tools/cardsim/chip_radio.h"
#include "tools/cardsim/chip_reply.h"

enum { AUTOMATIC_RATS = 0x10 }; /* flag of SetParameters */
enum { TYPE_A_GENERIC = 0x00, TYPE_MIFARE = 0x10, TYPE_ISO14443_4A = 0x20 };

static uint64_t activation_us(const struct cardsim_found *found)
{
    return CARDSIM_SELECT_US + (uint64_t)found->uid_len * 4 * CARDSIM_BYTE_US +
           (found->ats_len ? CARDSIM_RATS_US : 0);
}

static void forget_targets(struct cardsim_chip *chip)
{
    memset(chip->targets, 0, sizeof chip->targets);
}

void cardsim_chip_drop_field(struct cardsim_chip *chip)
{
    cardsim_field_power(chip->field, false);
    forget_targets(chip);
}

static void remember(struct cardsim_chip *chip, size_t at, const struct cardsim_found *found)
{
    struct cardsim_target *target = &chip->targets[at];
    target->card = found->card;
    memcpy(target->uid, found->uid, sizeof target->uid);
    target->uid_len = found->uid_len;
    target->is_iso4 = found->ats_len != 0;
    target->is_selected = true;
}

/* Writes Tg, SENS_RES, SEL_RES, NFCID length and bytes, ATS: the format of a type A target in 7.3.5. */
static size_t describe(uint8_t number, const struct cardsim_found *found,
                       uint8_t out[5 + CARDSIM_UID_MAX + CARDSIM_ATS_MAX])
{
    size_t len = 0;
    out[len++] = number;
    out[len++] = found->atqa[0];
    out[len++] = found->atqa[1];
    out[len++] = found->sak;
    out[len++] = found->uid_len;
    memcpy(out + len, found->uid, found->uid_len);
    len += found->uid_len;
    memcpy(out + len, found->ats, found->ats_len);
    return len + found->ats_len;
}

/* Writes Tg and the answer to REQB and to ATTRIB, or to POLLING: the formats of 7.3.5. */
static size_t describe_other(uint8_t number, const struct cardsim_card *card, bool asks_system, uint8_t *out)
{
    static const uint8_t parameters[] = {0, 0, 0, 0, 0x00, 0x81, 0x71}, system_code[] = {0x12, 0xFC};
    size_t len = 0;
    out[len++] = number;
    if (card->kind->technology == CARDSIM_TYPE_B) {
        out[len++] = 0x50;
        memcpy(out + len, card->uid, 4);
        memcpy(out + len + 4, parameters, sizeof parameters);
        len += 4 + sizeof parameters;
        out[len++] = 1; /* ATTRIB_RES */
        out[len++] = 0x00;
        return len;
    }
    out[len++] = asks_system ? 20 : 18; /* POL_RES, with this byte */
    out[len++] = 0x01;
    memcpy(out + len, card->uid, 8);
    memset(out + len + 8, 0xFF, 8);
    len += 16;
    memcpy(out + len, system_code, sizeof system_code);
    return asks_system ? len + sizeof system_code : len;
}

/* Returns the number of cards listed. */
static uint8_t list_others(struct cardsim_chip *chip)
{
    uint8_t text[32], count = 0;
    for (size_t i = 0; i < chip->field->count && count < chip->list_max; i++) {
        struct cardsim_card *card = &chip->field->cards[i];
        if (!card->in_field || card->kind->technology != chip->list_technology)
            continue;
        chip->targets[count].card = card;
        count++;
        cardsim_chip_append(chip, text, describe_other(count, card, chip->list_asks_system, text));
    }
    return count;
}

/* Releases all targets, so that they can be found again. */
static void start_search(struct cardsim_chip *chip)
{
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++)
        if (chip->targets[i].is_iso4)
            (void)cardsim_radio_halt(chip, &chip->targets[i]);
    forget_targets(chip);
    cardsim_field_power(chip->field, true);
    chip->has_looked = false;
}

/* Returns true if a search can find a new card. New cards come only with an arrival; between arrivals a
 * search would have the same result. */
static bool is_worth_a_look(struct cardsim_chip *chip)
{
    bool worth = !chip->has_looked || chip->arrivals_seen != chip->field->arrivals;
    chip->has_looked = true;
    chip->arrivals_seen = chip->field->arrivals;
    return worth;
}

enum cardsim_outcome cardsim_chip_list_targets(struct cardsim_chip *chip, struct cardsim_request *request)
{
    enum { TYPE_A = 0, FELICA_212 = 1, FELICA_424 = 2, TYPE_B = 3, TYPE_JEWEL = 4, FOREVER = 0xFF };
    enum { AFI_LEN = 1, POLLING_LEN = 5, REQUEST_CODE_AT = 2 + 3 };
    uint8_t max = request->data[0], type = request->data[1];
    if (max == 0 || max > CARDSIM_TARGETS_MAX || type > TYPE_JEWEL)
        return CARDSIM_OUTCOME_SYNTAX;
    bool is_felica = type == FELICA_212 || type == FELICA_424;
    if (request->len < 2u + (is_felica ? POLLING_LEN : type == TYPE_B ? AFI_LEN : 0))
        return CARDSIM_OUTCOME_SYNTAX;
    start_search(chip);
    chip->list_max = type == TYPE_JEWEL ? 0 : max;
    chip->list_technology = is_felica ? CARDSIM_FELICA : type == TYPE_B ? CARDSIM_TYPE_B : CARDSIM_TYPE_A;
    chip->list_asks_system = is_felica && request->data[REQUEST_CODE_AT] == 1;
    chip->list_uid_len = 0;
    if (type == TYPE_A && request->len > 2) {
        chip->list_uid_len = cardsim_radio_add_tags(request->data + 2, request->len - 2, chip->list_uid);
        if (chip->list_uid_len == 0)
            return CARDSIM_OUTCOME_SYNTAX;
    }
    chip->task = CARDSIM_TASK_LIST;
    chip->due_us =
        chip->retries_passive == FOREVER
            ? UINT64_MAX
            : request->now_us + (chip->is_instant ? 0 : CARDSIM_ATTEMPT_US * (chip->retries_passive + 1ull));
    return CARDSIM_OUTCOME_WAIT;
}

bool cardsim_chip_try_list(struct cardsim_chip *chip, bool is_over, uint64_t *delay_us)
{
    struct cardsim_found found;
    const uint8_t *known = chip->list_uid_len ? chip->list_uid : NULL;
    uint8_t text[5 + CARDSIM_UID_MAX + CARDSIM_ATS_MAX];
    uint8_t count = 0;
    chip->reply_len = 1;
    cardsim_chip_append_byte(chip, 0);
    *delay_us = 0;
    if (chip->list_technology != CARDSIM_TYPE_A) {
        count = list_others(chip);
        *delay_us = count * CARDSIM_SELECT_US;
    } else if (is_worth_a_look(chip)) {
        while (count < chip->list_max && cardsim_radio_activate(chip, count == 0, known, chip->list_uid_len,
                                                                chip->parameters & AUTOMATIC_RATS, &found)) {
            remember(chip, count, &found);
            count++;
            cardsim_chip_append(chip, text, describe(count, &found, text));
            *delay_us += activation_us(&found);
            if (known)
                break;
            if (count < chip->list_max) /* halted, so that the other cards can answer */
                (void)cardsim_radio_halt(chip, &chip->targets[count - 1]);
        }
    }
    chip->reply[1] = count;
    return count > 0 || is_over;
}

enum cardsim_outcome cardsim_chip_auto_poll(struct cardsim_chip *chip, struct cardsim_request *request)
{
    enum { PERIOD_US = 150000, FOREVER = 0xFF, PERIOD_MAX = 0x0F };
    uint8_t rounds = request->data[0], period = request->data[1];
    size_t type_count = request->len - 2;
    if (rounds == 0 || period == 0 || period > PERIOD_MAX || type_count > sizeof chip->poll_types)
        return CARDSIM_OUTCOME_SYNTAX;
    start_search(chip);
    memcpy(chip->poll_types, request->data + 2, type_count);
    chip->poll_type_count = (uint8_t)type_count;
    chip->task = CARDSIM_TASK_AUTO_POLL;
    chip->due_us =
        rounds == FOREVER
            ? UINT64_MAX
            : request->now_us + (chip->is_instant ? 0 : (uint64_t)PERIOD_US * rounds * period * type_count);
    return CARDSIM_OUTCOME_WAIT;
}

/* Reports at most one target: the chip keeps talking to the card it found. */
bool cardsim_chip_try_auto_poll(struct cardsim_chip *chip, bool is_over, uint64_t *delay_us)
{
    struct cardsim_found found;
    chip->reply_len = 1;
    cardsim_chip_append_byte(chip, 0);
    *delay_us = 0;
    if (!is_worth_a_look(chip))
        return is_over;
    for (size_t i = 0; i < chip->poll_type_count; i++) {
        uint8_t type = chip->poll_types[i];
        bool is_a = type == TYPE_A_GENERIC || type == TYPE_MIFARE || type == TYPE_ISO14443_4A;
        if (!is_a || !cardsim_radio_activate(chip, true, NULL, 0, type != TYPE_MIFARE, &found))
            continue;
        bool is_iso4 = found.ats_len != 0;
        if (type == TYPE_ISO14443_4A && !is_iso4)
            continue;
        uint8_t text[5 + CARDSIM_UID_MAX + CARDSIM_ATS_MAX];
        size_t len = describe(1, &found, text);
        remember(chip, 0, &found);
        chip->reply[1] = 1;
        cardsim_chip_append_byte(chip, is_iso4 ? TYPE_ISO14443_4A : TYPE_MIFARE);
        cardsim_chip_append_byte(chip, (uint8_t)len);
        cardsim_chip_append(chip, text, len);
        *delay_us = activation_us(&found);
        return true;
    }
    return is_over;
}
