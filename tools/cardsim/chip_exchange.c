/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/chip_exchange.h"

#include <string.h>

#include "tools/cardsim/chip_radio.h"
#include "tools/cardsim/chip_reply.h"

enum { CRC_ENABLE = 0x80, TX_MODE = 0x302, RX_MODE = 0x303, CONTROL = 0x33C, BIT_FRAMING = 0x33D };
enum { IRQ = 0x334, RX_IRQ = 0x20, TIMER_IRQ = 0x01, ERROR = 0x336, COLLISION_ERROR = 0x08 };
enum { COLLISION = 0x33E, COLLISION_NOT_VALID = 0x20, VALUES_AFTER_COLLISION = 0x80 };
enum {
    TIMER_MODE = 0x31A,
    TIMER_PRESCALER = 0x31B,
    TIMER_RELOAD = 0x31C,
    TIMER_COUNTER = 0x31E,
    TIMER_AUTO = 0x80
};
enum { MIFARE_AUTH_A = 0x60, MIFARE_AUTH_B = 0x61, MIFARE_ACK = 0x0A };

/* Returns the timeout of fRetryTimeout, RFConfiguration item 2: 100 us doubled from code 1 on (7.3.1). Code 0
 * waits without end on the chip; here it is the longest timeout. */
static uint64_t timeout_us(const struct cardsim_chip *chip)
{
    unsigned code = chip->timeout_code >= 1 && chip->timeout_code <= 16 ? chip->timeout_code : 16;
    return (100ull << (code - 1)) * (chip->retries_com == 0xFF ? 1 : chip->retries_com + 1u);
}

static void strike_card_gone(struct cardsim_chip *chip)
{
    bool any = false;
    for (size_t i = 0; i < chip->field->count; i++)
        any |= chip->field->cards[i].in_field;
    if (!any || !cardsim_faults_strike(&chip->faults, CARDSIM_FAULT_CARD_GONE))
        return;
    for (size_t i = 0; i < chip->field->count; i++)
        if (chip->field->cards[i].in_field)
            cardsim_field_take(chip->field, &chip->field->cards[i]);
}

/* Selects a target, so that the chip talks to it. */
static bool select_target(struct cardsim_chip *chip, struct cardsim_target *target)
{
    if (target->is_selected)
        return true;
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++)
        (void)cardsim_radio_halt(chip, &chip->targets[i]);
    uint8_t levels[12];
    uint8_t len = cardsim_radio_add_tags(target->uid, target->uid_len, levels);
    struct cardsim_found found;
    target->is_selected = cardsim_radio_activate(chip, true, levels, len, target->is_iso4, &found);
    return target->is_selected;
}

static struct cardsim_target *find_target(struct cardsim_chip *chip, uint8_t number)
{
    number &= 0x3F;
    if (number == 0 || number > CARDSIM_TARGETS_MAX || !chip->targets[number - 1].card)
        return NULL;
    return &chip->targets[number - 1];
}

static uint8_t exchange_apdu(struct cardsim_chip *chip, const uint8_t *data, size_t len,
                             struct cardsim_rf_frame *answer)
{
    struct cardsim_rf_frame frame = {.data = {0x02}, .len = 1 + len};
    memcpy(frame.data + 1, data, len);
    uint8_t status = cardsim_radio_send(chip, &frame, answer, true, true);
    if (status != CARDSIM_STATUS_OK)
        return status;
    if (answer->len < 1)
        return CARDSIM_STATUS_FORMAT;
    memmove(answer->data, answer->data + 1, --answer->len); /* block header */
    return status;
}

static uint8_t exchange_mifare(struct cardsim_chip *chip, const uint8_t *data, size_t len,
                               struct cardsim_rf_frame *answer)
{
    struct cardsim_rf_frame frame = {.len = len};
    bool is_auth = data[0] == MIFARE_AUTH_A || data[0] == MIFARE_AUTH_B;
    /* the chip takes 60 for an authentication, so NTAG's GET_VERSION must be sent raw */
    if (is_auth && len != 12)
        return CARDSIM_STATUS_FORMAT;
    memcpy(frame.data, data, len);
    uint8_t status = cardsim_radio_send(chip, &frame, answer, true, false);
    if (status != CARDSIM_STATUS_OK)
        return status;
    bool is_nibble = answer->last_bits == 4;
    if (is_nibble && (answer->data[0] & 0x0F) != MIFARE_ACK)
        return is_auth ? CARDSIM_STATUS_MIFARE_AUTH : CARDSIM_STATUS_FORMAT;
    answer->len = is_nibble ? 0 : answer->len - 2;
    return CARDSIM_STATUS_OK;
}

enum cardsim_outcome cardsim_chip_exchange(struct cardsim_chip *chip, struct cardsim_request *request)
{
    enum { MORE_FOLLOWS = 0x40 };
    struct cardsim_target *target = find_target(chip, request->data[0]);
    const uint8_t *data = request->data + 1;
    size_t len = request->len - 1;
    struct cardsim_rf_frame answer = {.len = 0};
    uint8_t status = CARDSIM_STATUS_OK;
    if (len > CARDSIM_APDU_MAX)
        return CARDSIM_OUTCOME_SYNTAX;
    strike_card_gone(chip);
    if (!target)
        status = CARDSIM_STATUS_CONTEXT;
    else if (request->data[0] & MORE_FOLLOWS || len == 0) /* chaining from the host is not modelled */
        status = CARDSIM_STATUS_PARAMETER;
    else if (!select_target(chip, target))
        status = CARDSIM_STATUS_TIMEOUT;
    else if (target->is_iso4)
        status = exchange_apdu(chip, data, len, &answer);
    else
        status = exchange_mifare(chip, data, len, &answer);
    cardsim_chip_append_status(chip, status);
    if (status == CARDSIM_STATUS_OK) {
        cardsim_chip_append(chip, answer.data, answer.len);
        request->delay_us = (target->is_iso4 ? CARDSIM_APDU_US : CARDSIM_TURNAROUND_US) +
                            CARDSIM_BYTE_US * (len + answer.len);
    } else if (status == CARDSIM_STATUS_TIMEOUT) {
        request->delay_us = timeout_us(chip);
    }
    return CARDSIM_OUTCOME_REPLY;
}

/* Stops the timer of the contactless unit, which counts down from the end of the frame to the first bit of
 * the answer: the frame delay time of ISO/IEC 14443-3, in carrier periods, over the prescaler. */
static void run_timer(struct cardsim_chip *chip, const struct cardsim_rf_frame *frame, bool answered)
{
    enum { DELAY_AFTER_1 = 1236, DELAY_AFTER_0 = 1172 };
    uint8_t *registers = chip->registers;
    if (!(registers[TIMER_MODE] & TIMER_AUTO))
        return;
    unsigned last = frame->last_bits ? frame->last_bits - 1u : 7u;
    bool ends_in_1 = frame->len && frame->data[frame->len - 1] >> last & 1;
    unsigned prescaler = (registers[TIMER_MODE] & 0x0Fu) << 8 | registers[TIMER_PRESCALER];
    unsigned ticks = (ends_in_1 ? DELAY_AFTER_1 : DELAY_AFTER_0) / (2 * prescaler + 1);
    unsigned reload = (unsigned)registers[TIMER_RELOAD] << 8 | registers[TIMER_RELOAD + 1];
    unsigned left = answered && ticks < reload ? reload - ticks : 0;
    registers[TIMER_COUNTER] = (uint8_t)(left >> 8);
    registers[TIMER_COUNTER + 1] = (uint8_t)left;
    registers[IRQ] = (uint8_t)(registers[IRQ] & ~(RX_IRQ | TIMER_IRQ)) | (answered ? RX_IRQ : TIMER_IRQ);
}

/* Shows a collision in the registers. Returns true if there was one. */
static bool show_collision(struct cardsim_chip *chip, uint16_t bit)
{
    enum { LAST_BIT = 32 };
    uint8_t position = bit && bit <= LAST_BIT ? (uint8_t)(bit % LAST_BIT) : COLLISION_NOT_VALID;
    chip->registers[ERROR] = bit ? COLLISION_ERROR : 0;
    chip->registers[COLLISION] = (chip->registers[COLLISION] & VALUES_AFTER_COLLISION) | position;
    return bit != 0;
}

/* Moves an answer up by RxAlign bits: the first bit received is stored at that place. */
static void align_answer(struct cardsim_rf_frame *answer, unsigned shift)
{
    size_t bits = answer->len * 8 - (answer->last_bits ? 8u - answer->last_bits : 0) + shift;
    if (shift == 0 || answer->len == 0 || bits > 8 * sizeof answer->data)
        return;
    answer->len = (bits + 7) / 8;
    answer->last_bits = (uint8_t)(bits % 8);
    for (size_t i = answer->len; i-- > 0;)
        answer->data[i] = (uint8_t)(answer->data[i] << shift | (i ? answer->data[i - 1] >> (8 - shift) : 0));
}

/* Sends a frame and receives its answer. The numbers of last bits are in the registers that the host uses for
 * them. */
static uint8_t transceive_raw(struct cardsim_chip *chip, struct cardsim_rf_frame *frame,
                              struct cardsim_rf_frame *answer)
{
    frame->last_bits = chip->registers[BIT_FRAMING] & 7;
    *answer = (struct cardsim_rf_frame){.len = 0};
    strike_card_gone(chip);
    uint8_t status = cardsim_radio_send(chip, frame, answer, chip->registers[TX_MODE] & CRC_ENABLE,
                                        chip->registers[RX_MODE] & CRC_ENABLE);
    run_timer(chip, frame, status != CARDSIM_STATUS_TIMEOUT);
    align_answer(answer, chip->registers[BIT_FRAMING] >> 4 & 7);
    chip->registers[CONTROL] = (chip->registers[CONTROL] & ~7u) | answer->last_bits;
    return show_collision(chip, answer->collision) ? CARDSIM_STATUS_COLLISION : status;
}

enum cardsim_outcome cardsim_chip_communicate_thru(struct cardsim_chip *chip, struct cardsim_request *request)
{
    struct cardsim_rf_frame answer, frame = {.len = request->len};
    if (request->len > CARDSIM_APDU_MAX)
        return CARDSIM_OUTCOME_SYNTAX;
    memcpy(frame.data, request->data, request->len);
    uint8_t status = transceive_raw(chip, &frame, &answer);
    cardsim_chip_append_status(chip, status);
    if (status == CARDSIM_STATUS_OK)
        cardsim_chip_append(chip, answer.data, answer.len);
    request->delay_us = status == CARDSIM_STATUS_TIMEOUT
                            ? timeout_us(chip)
                            : CARDSIM_TURNAROUND_US + CARDSIM_BYTE_US * (request->len + answer.len);
    return CARDSIM_OUTCOME_REPLY;
}

void cardsim_chip_transceive_fifo(struct cardsim_chip *chip)
{
    struct cardsim_rf_frame answer, frame = {.len = chip->fifo_len};
    memcpy(frame.data, chip->fifo, chip->fifo_len);
    uint8_t status = transceive_raw(chip, &frame, &answer);
    bool ok = (status == CARDSIM_STATUS_OK || status == CARDSIM_STATUS_COLLISION) &&
              answer.len <= sizeof chip->fifo;
    chip->fifo_len = ok ? (uint8_t)answer.len : 0;
    memcpy(chip->fifo, answer.data, chip->fifo_len);
}

enum cardsim_outcome cardsim_chip_select(struct cardsim_chip *chip, struct cardsim_request *request)
{
    struct cardsim_target *target = find_target(chip, request->data[0]);
    uint8_t status = !target                       ? CARDSIM_STATUS_CONTEXT
                     : select_target(chip, target) ? CARDSIM_STATUS_OK
                                                   : CARDSIM_STATUS_TIMEOUT;
    cardsim_chip_append_status(chip, status);
    request->delay_us = CARDSIM_SELECT_US;
    return CARDSIM_OUTCOME_REPLY;
}

static enum cardsim_outcome let_go(struct cardsim_chip *chip, struct cardsim_request *request, bool forget)
{
    enum { ALL = 0 };
    uint8_t status = CARDSIM_STATUS_OK;
    uint8_t number = request->data[0];
    if (number != ALL && !find_target(chip, number)) {
        cardsim_chip_append_byte(chip, CARDSIM_STATUS_CONTEXT);
        return CARDSIM_OUTCOME_REPLY;
    }
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++) {
        if (number != ALL && number != i + 1)
            continue;
        if (!cardsim_radio_halt(chip, &chip->targets[i])) {
            status = CARDSIM_STATUS_TIMEOUT;
            request->delay_us = timeout_us(chip);
        }
        if (forget)
            memset(&chip->targets[i], 0, sizeof chip->targets[i]);
    }
    cardsim_chip_append_byte(chip, status);
    return CARDSIM_OUTCOME_REPLY;
}

enum cardsim_outcome cardsim_chip_deselect(struct cardsim_chip *chip, struct cardsim_request *request)
{
    return let_go(chip, request, false);
}

enum cardsim_outcome cardsim_chip_release(struct cardsim_chip *chip, struct cardsim_request *request)
{
    return let_go(chip, request, true);
}

bool cardsim_chip_card_is_missed(const struct cardsim_chip *chip)
{
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++)
        if (chip->targets[i].card && chip->targets[i].is_selected &&
            chip->targets[i].card->kind->is_missed_by_diagnose)
            return true;
    return false;
}

bool cardsim_chip_card_is_present(struct cardsim_chip *chip)
{
    for (size_t i = 0; i < CARDSIM_TARGETS_MAX; i++) {
        struct cardsim_target *target = &chip->targets[i];
        if (!target->card || !target->is_selected || !target->is_iso4)
            continue;
        struct cardsim_rf_frame answer, frame = {.data = {0xB2}, .len = 1}; /* R(NAK), as the chip sends it */
        return cardsim_radio_send(chip, &frame, &answer, true, true) == CARDSIM_STATUS_OK;
    }
    return false;
}
