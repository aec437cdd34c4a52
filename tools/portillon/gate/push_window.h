/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides which piece of which whitelist block to send next. It keeps enough pieces in flight to fill the
 * line, detects lost pieces and repeats them. Pure: no I/O and no clock; times are passed in, in
 * microseconds.
 *
 * Pieces are sent as non-confirmable CoAP messages, and this module repeats them instead of libcoap.
 * libcoap's confirmable messages wait whole seconds before they are repeated, and libcoap does not use the
 * answer to a later piece. The line keeps the order, so an answer to a later piece proves that an earlier
 * piece, or its answer, was lost.
 *
 * The gate assembles one block at a time, and drops an incomplete block when another begins. A block is
 * therefore the unit: its pieces are sent one after the other, never mixed with those of another block. A
 * block that did not become complete is sent again from its first piece. Every message may be repeated
 * without harm.
 *
 * The caller owns the struct and the array of blocks. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_GATE_PUSH_WINDOW_H
#define TOOLS_PORTILLON_GATE_PUSH_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/error.h"

#define PUSH_WINDOW_MAX     32
#define PUSH_PIECES         4 /* pieces a block: 4 of 1024 bytes */
#define PUSH_PIECE_LEN      1024
#define PUSH_NOT_LISTED_MAX 3 /* times a block may fail its hash before the upload ends */

enum push_answer {
    PUSH_TAKEN,      /* 2.31: the gate has the piece, the block is not complete yet */
    PUSH_STORED,     /* 2.04: the block is complete and stored */
    PUSH_BUSY,       /* 5.03, 4.08: not now; the block must be sent again */
    PUSH_NOT_LISTED, /* the block's hash did not match; the block must be sent again */
};

enum push_next {
    PUSH_SEND, /* *piece is to be sent now */
    PUSH_WAIT, /* nothing to send until *wait_us have passed or an answer comes */
    PUSH_DONE, /* every block was stored */
};

struct push_piece {
    uint32_t block; /* index in the list */
    uint8_t piece;  /* 0 to PUSH_PIECES-1 */
    uint32_t order; /* counts all pieces sent; part of the token, so that a late answer can be recognised */
};

struct push_block {
    uint32_t index;
    bool stored;
    bool sent_before;
    uint8_t under_way; /* pieces sent, not answered and not given up */
    uint8_t not_listed_count;
};

struct push_in_flight {
    struct push_piece piece;
    uint32_t slot; /* index into blocks */
    uint64_t sent_us;
};

struct push_window {
    struct push_block *blocks;
    uint32_t block_count;
    uint32_t cursor; /* slot of the current block, or where the search for the next one starts */
    uint8_t sending; /* pieces of it already sent; 0: between blocks */
    unsigned size;   /* most pieces in flight */
    struct push_in_flight in_flight[PUSH_WINDOW_MAX]; /* oldest first */
    unsigned in_flight_count;
    uint32_t next_order;
    uint32_t stored_count, sent_count, repeated_count; /* blocks; pieces; pieces of blocks sent again */
    uint64_t round_trip_us, round_trip_spread_us;      /* smoothed; 0: not known yet */
    uint64_t patience_us;              /* an answer later than this means that its piece was lost */
    uint64_t heard_us;                 /* when the gate last answered, or the start */
    uint64_t pause_us, pause_until_us; /* back off while the gate is busy */
};

/* Starts with the blocks that the gate wants. The caller sets their index, in ascending order; the other
 * fields are cleared here. The window is large enough to fill a line of baud bits a second, even if an answer
 * takes 80 ms longer than the line needs. */
void push_window_start(struct push_window *window, struct push_block *blocks, uint32_t block_count,
                       unsigned baud, uint64_t now_us);

/* Decides what to do now. After PUSH_SEND the piece counts as sent. Returns a value of enum push_next. */
enum push_next push_window_next(struct push_window *window, uint64_t now_us, struct push_piece *piece,
                                uint64_t *wait_us);

/* Takes the answer to a piece, in time or late. Returns ERR_OK, ERR_ARGUMENT (no such block) or
 * ERR_NOT_LISTED (its hash failed PUSH_NOT_LISTED_MAX times). */
int push_window_answer(struct push_window *window, const struct push_piece *piece, enum push_answer answer,
                       uint64_t now_us) MUST_USE;

#endif
