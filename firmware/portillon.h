/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole gate. A board provides its hardware and identity, calls portillon_init once and then
 * portillon_poll in a loop. The caller owns all memory and keeps it for the life of the program.
 *
 * portillon_poll returns promptly and handles the card reader first. While the maintenance port has work, a
 * turn does a piece for the port or for the storage, not both. The longest turns of the loop, in ms: the
 * processor as `make bench BOARD=emcraft_sf2 BENCH=emulated` counts it on a Cortex-M3 (8 ns an instruction);
 * the chip as a model counts its commands (50 MHz), with typical and maximum times of two datasheets
 * (W25Q128JV, Winbond, revision F; S25FL128S, Cypress 001-98283, revision P). The figures are the same with
 * sectors of 4 KiB and of 64 KiB, because nothing waits for an erase. "-" stands for none, or for less than a
 * handshake.
 *
 *                                                      W25Q128JV      S25FL128S
 *                                       processor    typ.    max.    typ.    max.
 * one inversion in the signature check         10       -       -       -       -
 * head of a list of 100,000 cards               7       -       -       -       -
 * after its commit, a list of 40,000 cards     11       -       -       -       -
 * DTLS handshake, its keys                    2.4       -       -       -       -
 * piece of a list's head, 1 KiB                 -     1.9    12.3     1.3     3.3
 * a technician sets the clock                   -     1.3     5.0     1.5     4.0
 * the store moves: four values                  -     0.8     1.9     1.2     3.2
 * a full journal drops its oldest sector      1.6     0.8     1.1     1.0     1.5
 * a recount of meals: 24 records              0.9     0.3     0.3     0.3     0.3
 *
 * Longer turns are rare. A card that is tapped while a recount runs, just after the clock was set amid a
 * meal, waits for the rest of it: 0.3 s after 4,000 passages, 0.6 s with a rotation sensor. On a damaged chip
 * a turn may read all sector headers of the journal, once after a start (1248 of 4 KiB: 0.1 to 0.2 s, 7.4 ms
 * of them the chip's; 78 of 64 KiB: 10 ms and 0.5 ms), and search four damaged records for the wrong bit
 * (journal_correct.h: 10 ms each).
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
