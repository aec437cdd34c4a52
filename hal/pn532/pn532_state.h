/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the PN532 driver, and what its sources share. Only for pn532*.c: other code uses the member
 * reader and nothing else.
 */
#ifndef HAL_PN532_PN532_STATE_H
#define HAL_PN532_PN532_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/common/card_set.h"
#include "hal/common/other_cards.h"
#include "hal/pn532/pn532_link.h"
#include "hal/pn532/pn532_reports.h"
#include "hal/reader.h"
#include "hal/timer.h"

#define PN532_BAUD_DEFAULT 115200u

struct pn532_config {
    const struct serial *serial; /* at 115200 baud, 8N1 */
    const struct timer *timer;
    /* Changes the baud rate of the line after all written bytes have been sent. NULL: the line stays at
     * 115200 baud. Returns ERR_OK, ERR_UNSUPPORTED (the board cannot make this rate), ERR_IO (the bytes were
     * not sent). */
    int (*set_baud)(void *ctx, uint32_t baud);
    uint32_t baud; /* the higher rate: 230400, 460800 or 921600 (7.2.8) */
    /* Pulls the reset input of the chip (RSTPD_N) low, or releases it. NULL: the board has no such line. */
    void (*hold_reset)(void *ctx, bool hold);
    /* Called repeatedly while exchange waits. It may sleep until the next interrupt. NULL: exchange polls
     * without a break. */
    void (*idle)(void *ctx);
    void *ctx; /* argument of these functions */
};

enum pn532_state {
    PN532_BACKOFF,           /* the reader is down; wait before the next attempt */
    PN532_RESETTING,         /* the reset line is held low */
    PN532_RESTARTING,        /* the reset line was released; wait until the chip has started */
    PN532_WAKING,            /* the wake-up bytes were sent; wait for the oscillator */
    PN532_SETTING_UP,        /* setup command number `step` is in progress */
    PN532_CHANGING_BAUD,     /* wait until the chip has changed its baud rate */
    PN532_SCANNING,          /* a scan is in progress */
    PN532_CARD_PRESENT,      /* cards are present; wait until the next scan or check */
    PN532_HALTING,           /* the command that halts the selected card is in progress */
    PN532_CHECKING_CARD,     /* a check whether a card is still present is in progress */
    PN532_TURNING_FIELD_OFF, /* the command that turns the field off is in progress */
    PN532_FIELD_OFF,         /* the field is off; wait until every card has lost power */
    PN532_TURNING_FIELD_ON,  /* the command that turns the field on is in progress */
    PN532_FIELD_ON,          /* the field is on; wait until a card has started */
};

struct pn532 {
    struct reader reader; /* pass &reader to the firmware; the other members are private */
    const struct pn532_config *config;
    struct pn532_link link;
    enum pn532_state state;
    uint8_t step;
    uint64_t deadline_us;       /* end of a state that only waits */
    struct card_set cards;      /* the cards that are present */
    struct other_cards others;  /* cards of type B and FeliCa */
    enum other_card scans_for;  /* the kind for which the scan in progress looks; none: type A */
    uint8_t unfinished_count;   /* scans in a row that found a new card without its ATS */
    bool is_empty_reported;     /* READER_EMPTY was reported, and no card since then */
    struct reader_target found; /* the card that the last scan or selection found */
    uint32_t checked;           /* number of the card whose turn it is to be checked; 0: a scan */
    bool halts_first;           /* the selected card is halted before this turn */
    bool checks_by_nak;         /* Diagnose 6 did not find the newest card: check it with R(NAK) */
    uint64_t exchanged_us;      /* when the card that was reported last answered an exchange; 0: not yet */
    bool is_after_reset;        /* the field was turned off and on just before this scan */
    uint8_t faults;             /* faults since the last answered scan or check */
    uint8_t high_baud_faults;   /* faults at the higher baud rate */
    uint8_t attempt;          /* while the reader is down: 1 with a reset, 2 without, in turn; 0: it is up */
    int fault;                /* the last fault (enum error) */
    uint64_t answered_us;     /* when a scan or check was last answered */
    uint32_t baud;            /* current baud rate of the line */
    uint64_t window_start_us; /* start of the window in which errors of the link are counted */
    uint32_t window_error_count; /* link.error_count at the start of this window */
    uint64_t field_off_us;       /* when the field was last turned off */
    uint8_t firmware[2];         /* version and revision of the chip */
    uint32_t wake_count;         /* how often the chip was woken and set up; 1 if there was no fault */
    struct pn532_reports reports;
};

#define PN532_CHECK_INTERVAL_US 10000 /* time between two scans or checks while cards are present */

enum pn532_event {
    PN532_EVENT_NONE,
    PN532_EVENT_TIME,    /* the deadline of the state has passed */
    PN532_EVENT_DONE,    /* the command of the state was carried out */
    PN532_EVENT_CARD,    /* a card is present: the one in `found`, or the one that was checked */
    PN532_EVENT_NO_CARD, /* there is no card, or not the one that was checked */
    PN532_EVENT_FAULT,   /* no answer, or one that is not valid */
};

/* Returns the monotonic time in microseconds. */
static inline uint64_t pn532_now_us(const struct pn532 *pn532)
{
    return pn532->config->timer->monotonic_us(pn532->config->timer->ctx);
}

#endif
