/* What the sources of the PN532 driver share. For pn532*.c alone. All work on the caller's struct pn532. */
#ifndef HAL_PN532_PN532_PARTS_H
#define HAL_PN532_PN532_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/pn532/pn532.h"

#define PN532_HOLD_US 10000 /* from one question to a card that stays to the next */

enum pn532_event {
    PN532_EVENT_NONE,
    PN532_EVENT_TIME,    /* the state's deadline has passed */
    PN532_EVENT_DONE,    /* the command was carried out */
    PN532_EVENT_CARD,    /* the card is there: the one in found, or the one asked for */
    PN532_EVENT_NO_CARD, /* none, or not the one asked for */
    PN532_EVENT_FAULT,   /* no answer, or not one that makes sense */
};

static inline uint64_t pn532_now_us(const struct pn532 *pn532)
{
    return pn532->config->timer->monotonic_us(pn532->config->timer->ctx);
}

#endif
