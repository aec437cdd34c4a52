#include "hal/pn532/pn532_commands.h"

#include <string.h>

#include "hal/pn532/pn532_speed.h"
#include "hal/pn532/pn532_target.h"

#define MS       1000u      /* in microseconds */
#define SETUP_US (100 * MS) /* for an answer without radio */
#define LOOK_US  (150 * MS) /* for a listing: ten times what it should take */
#define CHECK_US (100 * MS) /* for Diagnose 6; chips are known to brood over a card just gone */

enum {
    DIAGNOSE = 0x00,
    GET_FIRMWARE_VERSION = 0x02,
    SET_SERIAL_BAUD_RATE = 0x10,
    SET_PARAMETERS = 0x12,
    SAM_CONFIGURATION = 0x14,
    RF_CONFIGURATION = 0x32,
    IN_LIST_PASSIVE_TARGET = 0x4A,
};
enum { IC_PN532 = 0x32 };

/* In order. Each undoes what another program or a supply dip may have left. */
static const struct setup {
    uint8_t len, bytes[5];
} setups[] = {
    {2, {SAM_CONFIGURATION, 0x01}}, /* no SAM; and out of the low battery mode it wakes up in (7.2.10) */
    {1, {GET_FIRMWARE_VERSION}},
    {2, {SET_SERIAL_BAUD_RATE}},
    {2, {SET_PARAMETERS, 0x14}},                     /* RATS by itself (7.2.9) */
    {5, {RF_CONFIGURATION, 0x05, 0xFF, 0x01, 0x02}}, /* three attempts a listing (7.3.1) */
    {5,
     {RF_CONFIGURATION, 0x02, 0x00, 0x0B,
      0x09}},                            /* a silent card is told after 25.6 ms, within an exchange */
    {3, {RF_CONFIGURATION, 0x04, 0x00}}, /* one attempt an exchange: whoever asked may ask again */
    {3, {RF_CONFIGURATION, 0x01, 0x01}}, /* field on */
};

/* ---- what is asked ---- */

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
    start(pn532, bytes, setup->len, SETUP_US);
}

bool pn532_setup_is_speed(uint8_t step)
{
    return setups[step].bytes[0] == SET_SERIAL_BAUD_RATE;
}

bool pn532_setup_is_last(uint8_t step)
{
    return step + 1u == sizeof setups / sizeof setups[0];
}

void pn532_start_listing(struct pn532 *pn532)
{
    static const uint8_t any[] = {IN_LIST_PASSIVE_TARGET, 1, 0}; /* one target, 106 kbit/s type A */
    start(pn532, any, sizeof any, LOOK_US);
}

/* A card selected before drops out at the first request and answers the next: the attempts suffice. */
static void start_listing_of(struct pn532 *pn532, const struct reader_target *card)
{
    uint8_t bytes[3 + PN532_TARGET_UID_MAX] = {IN_LIST_PASSIVE_TARGET, 1, 0};
    size_t len = pn532_target_encode_uid(card, bytes + 3);
    start(pn532, bytes, 3 + len, LOOK_US);
}

void pn532_start_check(struct pn532 *pn532)
{
    static const uint8_t attention[] = {DIAGNOSE, 0x06};
    if (pn532_target_is_iso14443_4(&pn532->card))
        start(pn532, attention, sizeof attention, CHECK_US);
    else
        start_listing_of(pn532, &pn532->card);
}

void pn532_start_field(struct pn532 *pn532, bool on)
{
    const uint8_t bytes[] = {RF_CONFIGURATION, 0x01, on};
    start(pn532, bytes, sizeof bytes, SETUP_US);
}

/* ---- what the chip answers ---- */

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

static enum pn532_event read_listing(struct pn532 *pn532, const struct pn532_answer *answer)
{
    int result = pn532_target_decode(&pn532->found, answer->data, answer->len);
    if (result < 0)
        return pn532_fault(pn532, result);
    return result > 0 ? PN532_EVENT_CARD : PN532_EVENT_NO_CARD;
}

static enum pn532_event read_check(struct pn532 *pn532, const struct pn532_answer *answer)
{
    if (pn532_target_is_iso14443_4(&pn532->card))
        return answer->len == 1 && answer->data[0] == 0 ? PN532_EVENT_CARD : PN532_EVENT_NO_CARD;
    enum pn532_event event = read_listing(pn532, answer);
    return event == PN532_EVENT_CARD && !pn532_target_is_same(&pn532->found, &pn532->card)
               ? PN532_EVENT_NO_CARD
               : event;
}

enum pn532_event pn532_read_answer(struct pn532 *pn532, const struct pn532_answer *answer)
{
    switch (pn532->state) {
    case PN532_SETTING_UP:
        return read_setup(pn532, answer);
    case PN532_LOOKING:
        return read_listing(pn532, answer);
    case PN532_CHECKING:
        return read_check(pn532, answer);
    case PN532_CUTTING:
    case PN532_LIGHTING:
    case PN532_PAUSING:
    case PN532_WAKING:
    case PN532_SWITCHING:
    case PN532_HOLDING:
    case PN532_DARK:
    case PN532_RISING:
        break;
    }
    return PN532_EVENT_DONE;
}
