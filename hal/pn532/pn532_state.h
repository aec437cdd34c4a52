/* The PN532 driver as one struct, and what its sources share. For pn532*.c; everybody else treats it as closed. */
#ifndef HAL_PN532_PN532_STATE_H
#define HAL_PN532_PN532_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/pn532/pn532_link.h"
#include "hal/pn532/pn532_reports.h"
#include "hal/reader.h"
#include "hal/timer.h"

#define PN532_BAUD_DEFAULT 115200u

struct pn532_config {
    const struct serial *serial; /* at 115200 baud, 8N1 */
    const struct timer *timer;
    /* Changes the speed of the line once what was written has left. NULL: it stays at 115200.
     * @retval ERR_OK, ERR_UNSUPPORTED, ERR_IO. */
    int (*set_baud)(void *ctx, uint32_t baud);
    uint32_t baud; /* to be raised to: 230400, 460800 or 921600 (7.2.8) */
    /* Called over and over while exchange waits: sleep until an interrupt, if the board likes. NULL: spin. */
    void (*idle)(void *ctx);
    void *ctx; /* of set_baud and idle */
};

enum pn532_state {
    PN532_PAUSING,    /* down: not all the time */
    PN532_WAKING,     /* the wake-up bytes were sent */
    PN532_SETTING_UP, /* command number `step` is under way */
    PN532_SWITCHING,  /* the chip changes its speed */
    PN532_LOOKING,    /* a listing is under way */
    PN532_HOLDING,    /* a card is there */
    PN532_CHECKING,   /* ... and is asked whether it still is */
    PN532_CUTTING,    /* the field is told to go off, */
    PN532_DARK,       /* is off, */
    PN532_LIGHTING,   /* is told to come back, */
    PN532_RISING,     /* and is on, for a card to start */
};

enum pn532_sight {
    PN532_SIGHT_UNKNOWN, /* nothing told since the start or READER_DOWN */
    PN532_SIGHT_EMPTY,
    PN532_SIGHT_CARD,
};

struct pn532 {
    struct reader reader; /* hand &reader to the firmware; the rest is private */
    const struct pn532_config *config;
    struct pn532_link link;
    enum pn532_state state;
    uint8_t step;
    uint64_t deadline_us; /* of a state that waits for time alone */
    enum pn532_sight sight;
    struct reader_target card;  /* the one there, if sight is CARD */
    struct reader_target found; /* the one the last listing found */
    bool is_fresh;              /* the field was off just before this look */
    uint8_t faults;             /* since the last look that was answered */
    uint8_t raised_faults;      /* at the higher speed */
    int fault;                  /* what the last one was */
    uint64_t answered_us;       /* when a look was last answered */
    uint32_t baud;              /* the line's speed now */
    uint64_t trouble_us;        /* since when trouble on the line is counted */
    uint32_t trouble_count;     /* ... and the link's count then */
    uint64_t cut_us;            /* when the field was last off */
    uint8_t firmware[2];        /* version and revision */
    uint32_t wake_count;        /* how often the chip was woken and set up; 1: all went well */
    struct pn532_reports reports;
};

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
