/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole gate. A board provides its hardware and identity, calls portillon_init once and then
 * portillon_poll in a loop. The caller owns all memory and keeps it for the life of the program.
 *
 * portillon_poll returns promptly and handles the card reader first. While the maintenance port has work, a
 * turn does a piece for the port or for the storage, not both. The longest turns of the loop occur while a
 * new list is received, counted in QEMU for a Cortex-M3 (8 ns an instruction): 1.3 million instructions for
 * a modular inversion in the check of its signature (10 ms, five of them), 0.9 million for the manifest of a
 * list of 100,000 cards (7 ms; 0.2 with 6,000). After it, 1.3 million where the manifest of 40,000 cards is
 * read and written again (11 ms; 0.4 with 6,000). Otherwise: 0.3 million for the keys of a DTLS handshake
 * (2.4 ms), 0.1 million for a response of 1 KiB.
 */
#ifndef FIRMWARE_PORTILLON_H
#define FIRMWARE_PORTILLON_H

#include "firmware/portillon_state.h"

/* Starts the gate. Missing or unreadable storage is not an error: the gate then starts out of order and
 * can still be managed. Returns ERR_OK, ERR_CRYPTO (the pool is too small). */
int portillon_init(struct portillon *portillon, const struct portillon_hardware *hardware,
                   const struct identity *identity) MUST_USE;

/* Runs one turn of the loop. Returns ERR_BUSY (background work is waiting: call again at once), ERR_OK
 * (sleep until an input changes, 10 ms at most). */
int portillon_poll(struct portillon *portillon);

/* Returns true if a card tapped now is decided at once, false while the queue of the gate is full. */
bool portillon_takes_cards(const struct portillon *portillon);

/* The state of the gate, for a board to display. Texts stay valid until the next portillon_poll. */
struct portillon_summary {
    const char *state;                   /* of the turnstile: gate_state_name */
    const struct whitelist_header *list; /* the active list; NULL: none */
    const char *reader_text;             /* the reader's name, or its error; "" before its first report */
    bool reader_up, storage_ok;
    const char *chip_owner; /* the id of the gate whose memory chip this is; NULL: this gate's */
    bool list_rolled_back;  /* the list on the chip is older than the newest that was active */
    enum clock_quality clock;
    uint32_t boot_count;
};
struct portillon_summary portillon_summary(const struct portillon *portillon);

#endif
