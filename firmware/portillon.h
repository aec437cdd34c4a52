/*
 * The whole gate: a board hands in its hardware and identity, calls portillon_init once and portillon_poll
 * in a loop. The caller owns all memory, static for the life of the program.
 *
 * portillon_poll returns promptly, and a card waiting in the reader is always looked at first. The longest
 * single pieces of work come with a new list, on a Cortex-M3 of 142 MHz: a block decrypted, hashed and
 * written, 7 ms, and an inversion in its signature check, 13 ms.
 */
#ifndef FIRMWARE_PORTILLON_H
#define FIRMWARE_PORTILLON_H

#include "firmware/portillon_state.h"

/* Brings everything up. Missing or unreadable storage is not an error: the gate comes up, out of order, and
 * stays manageable. @retval ERR_OK, ERR_CRYPTO (pool too small). */
int portillon_init(struct portillon *portillon, const struct portillon_hardware *hardware,
                   const struct identity *identity) MUST_USE;

/* One turn of the loop. @retval ERR_BUSY (background work is waiting: call again at once), ERR_OK (sleep
 * until an input stirs, 10 ms at most). */
int portillon_poll(struct portillon *portillon);

/* True if a card tapped now is decided at once; false while the queue is full. */
bool portillon_takes_cards(const struct portillon *portillon);

/* What a board tells of the gate. Texts stay valid until the next portillon_poll. */
struct portillon_summary {
    const char *state;                   /* of the turnstile: gate_state_name */
    const struct whitelist_header *list; /* the active one; NULL: none */
    const char *reader_text; /* the reader's name, or what is wrong with it; "" until it is heard of */
    bool reader_up, storage_ok;
    uint32_t boot_count;
};
struct portillon_summary portillon_summary(const struct portillon *portillon);

#endif
