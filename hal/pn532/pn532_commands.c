/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/pn532/pn532_commands.h"

#include <string.h>

#include "hal/pn532/pn532_speed.h"
#include "hal/pn532/pn532_target.h"

#define MS               1000u      /* in microseconds */
#define SETUP_TIMEOUT_US (100 * MS) /* for a command that does not use the field */
#define SCAN_TIMEOUT_US  (150 * MS) /* for a scan: ten times its usual duration */
/* for Diagnose 6 and InDeselect; some chips answer late when the card has just left */
#define CHECK_TIMEOUT_US (100 * MS)
#define NAK_TIMEOUT_US   (50 * MS) /* for R(NAK): the card has 25.6 ms, see RF_CONFIGURATION below */

enum {
    DIAGNOSE = 0x00,
    GET_FIRMWARE_VERSION = 0x02,
    SET_SERIAL_BAUD_RATE = 0x10,
    SET_PARAMETERS = 0x12,
    SAM_CONFIGURATION = 0x14,
    RF_CONFIGURATION = 0x32,
    IN_COMMUNICATE_THRU = 0x42,
    IN_DESELECT = 0x44,
    IN_LIST_PASSIVE_TARGET = 0x4A,
};
enum { IC_PN532 = 0x32 };

/* The setup commands, in order. Each undoes a setting that another program or a voltage dip may have left. */
static const struct setup {
    uint8_t len, bytes[5];
} setups[] = {
    /* no SAM; also leaves the low battery mode that the chip wakes up in (7.2.10) */
    {2, {SAM_CONFIGURATION, 0x01}},
    {1, {GET_FIRMWARE_VERSION}},
    {2, {SET_SERIAL_BAUD_RATE}},
    {2, {SET_PARAMETERS, 0x14}},                     /* the chip sends RATS itself (7.2.9) */
    {5, {RF_CONFIGURATION, 0x05, 0xFF, 0x01, 0x02}}, /* three attempts in a scan (7.3.1) */
    /* a card that does not answer is reported after 25.6 ms, within the time of an exchange */
    {5, {RF_CONFIGURATION, 0x02, 0x00, 0x0B, 0x09}},
    {3, {RF_CONFIGURATION, 0x04, 0x00}}, /* one attempt in an exchange: the caller may repeat it */
    {3, {RF_CONFIGURATION, 0x01, 0x01}}, /* field on */
};

/* ---- commands ---- */

static void start(struct pn532 *pn532, const uint8_t *bytes, size_t len, uint32_t answer_us)
{
    const struct pn532_request request = {.head = bytes, .head_len = len, .answer_us = answer_us};
    int error = pn532_link_start(&pn532->link, &request);
    (void)error;
}

void pn532_start_setup(struct pn532 *pn532)
{
    const struct setup *setup = &setups[pn532->step];
    uint8_t bytes[sizeof setup->bytes];
    memcpy(bytes, setup->bytes, sizeof bytes);
    if (pn532_setup_is_speed(pn532->step))
        bytes[1] = (uint8_t)pn532_baud_code(pn532_wanted_baud(pn532));
    start(pn532, bytes, setup->len, SETUP_TIMEOUT_US);
}

bool pn532_setup_is_speed(uint8_t step)
{
    return setups[step].bytes[0] == SET_SERIAL_BAUD_RATE;
}

bool pn532_setup_is_last(uint8_t step)
{
    return step + 1u == sizeof setups / sizeof setups[0];
}

/* One target: 106 kbit/s type A; type B of any application family; FeliCa at 212 kbit/s, any system code. */
void pn532_start_scan(struct pn532 *pn532)
{
    static const uint8_t type_a[] = {IN_LIST_PASSIVE_TARGET, 1, 0},
                         type_b[] = {IN_LIST_PASSIVE_TARGET, 1, 3, 0},
                         felica[] = {IN_LIST_PASSIVE_TARGET, 1, 1, 0x00, 0xFF, 0xFF, 0x00, 0x00};
    if (pn532->scans_for == OTHER_CARD_TYPE_B)
        start(pn532, type_b, sizeof type_b, SCAN_TIMEOUT_US);
    else if (pn532->scans_for == OTHER_CARD_FELICA)
        start(pn532, felica, sizeof felica, SCAN_TIMEOUT_US);
    else
        start(pn532, type_a, sizeof type_a, SCAN_TIMEOUT_US);
}

/* The card gets S(DESELECT) or HLTA, and then answers WUPA but not REQA (7.3.10; ISO/IEC 14443-3, 6.2). */
void pn532_start_halt(struct pn532 *pn532)
{
    static const uint8_t all[] = {IN_DESELECT, 0};
    start(pn532, all, sizeof all, CHECK_TIMEOUT_US);
}

/* Selects a card by its UID. A card that was already selected is reset by the first request and answers the
 * next one, so the three attempts are enough. */
static void start_select(struct pn532 *pn532, const struct reader_target *card)
{
    uint8_t bytes[3 + PN532_TARGET_UID_MAX] = {IN_LIST_PASSIVE_TARGET, 1, 0};
    size_t len = pn532_target_encode_uid(card, bytes + 3);
    start(pn532, bytes, 3 + len, SCAN_TIMEOUT_US);
}

bool pn532_check_is_gentle(const struct pn532 *pn532)
{
    return pn532->checked == pn532->cards.current &&
           pn532_target_is_iso14443_4(card_set_target(&pn532->cards, pn532->checked));
}

void pn532_start_check(struct pn532 *pn532)
{
    static const uint8_t attention[] = {DIAGNOSE, 0x06}, nak[] = {IN_COMMUNICATE_THRU, 0xB2};
    if (!pn532_check_is_gentle(pn532)) {
        pn532->cards.current = 0;
        start_select(pn532, card_set_target(&pn532->cards, pn532->checked));
    } else if (pn532->checks_by_nak) {
        start(pn532, nak, sizeof nak, NAK_TIMEOUT_US);
    } else {
        start(pn532, attention, sizeof attention, CHECK_TIMEOUT_US);
    }
}

void pn532_start_field(struct pn532 *pn532, bool on)
{
    const uint8_t bytes[] = {RF_CONFIGURATION, 0x01, on};
    start(pn532, bytes, sizeof bytes, SETUP_TIMEOUT_US);
}

/* ---- answers ---- */

enum pn532_event pn532_fault(struct pn532 *pn532, int error)
{
    pn532->fault = error;
    return PN532_EVENT_FAULT;
}

static enum pn532_event read_setup(struct pn532 *pn532, const struct pn532_answer *answer)
{
    if (setups[pn532->step].bytes[0] != GET_FIRMWARE_VERSION)
        return PN532_EVENT_DONE;
    if (answer->len < 3)
        return pn532_fault(pn532, ERR_FORMAT);
    if (answer->data[0] != IC_PN532)
        return pn532_fault(pn532, ERR_VERSION);
    memcpy(pn532->firmware, answer->data + 1, sizeof pn532->firmware);
    return PN532_EVENT_DONE;
}

static enum pn532_event read_scan(struct pn532 *pn532, const struct pn532_answer *answer)
{
    int result = pn532_target_decode(&pn532->found, answer->data, answer->len);
    if (result < 0)
        return pn532_fault(pn532, result);
    return result > 0 ? PN532_EVENT_CARD : PN532_EVENT_NO_CARD;
}

/* The answer begins with the number of cards. What it says of them is not needed. */
static enum pn532_event read_other_scan(struct pn532 *pn532, const struct pn532_answer *answer)
{
    if (answer->len == 0)
        return pn532_fault(pn532, ERR_FORMAT);
    return answer->data[0] > 0 ? PN532_EVENT_CARD : PN532_EVENT_NO_CARD;
}

static enum pn532_event read_check(struct pn532 *pn532, const struct pn532_answer *answer)
{
    const struct reader_target *card = card_set_target(&pn532->cards, pn532->checked);
    if (pn532_check_is_gentle(pn532)) {
        /* Diagnose answers a status; InCommunicateThru a status and the block of the card. */
        bool is_whole = pn532->checks_by_nak ? answer->len > 1 : answer->len == 1;
        pn532->found = *card;
        return is_whole && answer->data[0] == 0 ? PN532_EVENT_CARD : PN532_EVENT_NO_CARD;
    }
    enum pn532_event event = read_scan(pn532, answer);
    return event == PN532_EVENT_CARD && !card_set_is_same(&pn532->found, card) ? PN532_EVENT_NO_CARD : event;
}

enum pn532_event pn532_read_answer(struct pn532 *pn532, const struct pn532_answer *answer)
{
    switch (pn532->state) {
    case PN532_SETTING_UP:
        return read_setup(pn532, answer);
    case PN532_SCANNING:
        return pn532->scans_for == OTHER_CARD_NONE ? read_scan(pn532, answer)
                                                   : read_other_scan(pn532, answer);
    case PN532_CHECKING_CARD:
        return read_check(pn532, answer);
    case PN532_TURNING_FIELD_OFF:
    case PN532_TURNING_FIELD_ON:
    case PN532_BACKOFF:
    case PN532_RESETTING:
    case PN532_RESTARTING:
    case PN532_WAKING:
    case PN532_CHANGING_BAUD:
    case PN532_CARD_PRESENT:
    case PN532_HALTING: /* a card that has left does not answer; what follows finds that out */
    case PN532_FIELD_OFF:
    case PN532_FIELD_ON:
        break;
    }
    return PN532_EVENT_DONE;
}
