/*
 * The PN532 driver by what it is about: its states (pn532.c), what the chip is asked and what it answers
 * (pn532_commands.c), the line's speed (pn532_speed.c), exchanges with a card (pn532_exchange.c). For these
 * alone. All work on the caller's struct pn532; only pn532_exchange blocks, up to 50 ms.
 */
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

/* ---- pn532.c ---- */

uint64_t pn532_now_us(const struct pn532 *pn532);
void pn532_enter(struct pn532 *pn532, enum pn532_state to);
/* Looks what has happened, and acts on it. */
void pn532_step(struct pn532 *pn532);

/* ---- pn532_commands.c ---- */

/* Each hands one command to the link. One that cannot be started (the line failed) shows at the next poll as
 * one that is not under way. */
void pn532_start_setup(struct pn532 *pn532); /* number `step` */
void pn532_start_listing(struct pn532 *pn532);
void pn532_start_check(struct pn532 *pn532); /* is the card still there? */
void pn532_start_field(struct pn532 *pn532, bool on);

bool pn532_setup_is_speed(uint8_t step);
bool pn532_setup_is_last(uint8_t step);

/* What the answer to the state's command means; a listing fills found. */
enum pn532_event pn532_read_answer(struct pn532 *pn532, const struct pn532_answer *answer);
/* Keeps what went wrong (enum error). @retval PN532_EVENT_FAULT. */
enum pn532_event pn532_fault(struct pn532 *pn532, int error);

/* ---- pn532_speed.c ---- */

/* The code of a speed in SetSerialBaudRate (7.2.8). @retval -1: it has none. */
int pn532_baud_code(uint32_t baud);
/* The speed the line should have: the higher one, unless it brought too much trouble. */
uint32_t pn532_wanted_baud(const struct pn532 *pn532);
/* Changes our end of the line. */
void pn532_set_line(struct pn532 *pn532, uint32_t baud);
/* A chip that is not heard may have been reset to 115200, or have kept the higher speed over a restart of
 * ours: each try after the first is at the other speed. */
void pn532_alternate_line(struct pn532 *pn532);
/* Counts what the link had to mend: it costs time all the same. */
void pn532_watch_trouble(struct pn532 *pn532);
/* A fault may be the higher speed's doing. */
void pn532_blame_speed(struct pn532 *pn532);

/* ---- pn532_exchange.c ---- */

/* As struct reader has it. */
int pn532_exchange(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size);

#endif
