/*
 * Which piece of which whitelist block to send next: keeps enough pieces under way to fill the line, notices
 * what was lost, and sends it again. Pure: no I/O, no clock; times are microseconds handed in.
 *
 * Pieces travel as non-confirmable CoAP messages, and this module repeats them, not libcoap: its
 * confirmable messages wait whole seconds before they repeat and cannot be told that a later piece was
 * already answered. The line keeps order, so an answer to a later piece proves that an earlier one, or
 * its answer, was lost.
 *
 * The gate puts together one block at a time, and drops a half-sent one when another begins. So a block is
 * the unit: its pieces go one after the other, never mixed with another's, and a block that did not
 * come out whole is sent again from its first piece. Every message may be repeated without harm.
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
#define PUSH_NOT_LISTED_MAX 3 /* times a block may fail its hash before the upload is given up */

enum push_answer {
    PUSH_TAKEN,      /* 2.31: the gate has the piece, the block is not whole yet */
    PUSH_STORED,     /* 2.04: the block is whole and stored */
    PUSH_BUSY,       /* 5.03, 4.08: not now; the block has to come again */
    PUSH_NOT_LISTED, /* the block's hash did not match: it has to come again */
};

enum push_next {
    PUSH_SEND, /* *piece is to be sent now */
    PUSH_WAIT, /* nothing to send before *wait_us have passed or an answer comes */
    PUSH_DONE, /* every block was stored */
};

struct push_piece {
    uint32_t block; /* index in the list */
    uint8_t piece;  /* 0 to PUSH_PIECES-1 */
    uint32_t order; /* counts everything sent: goes into the token, so that a late answer is told apart */
};

struct push_block {
    uint32_t index;
    bool stored;
    bool sent_before;
    uint8_t under_way; /* pieces sent and neither answered nor given up */
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
    uint32_t cursor; /* slot of the block being sent, or where to look for the next one */
    uint8_t sending; /* pieces of it already sent; 0: between blocks */
    unsigned size;   /* pieces under way at most */
    struct push_in_flight in_flight[PUSH_WINDOW_MAX]; /* oldest first */
    unsigned in_flight_count;
    uint32_t next_order;
    uint32_t stored_count, sent_count, repeated_count; /* blocks; pieces; pieces of blocks sent again */
    uint64_t round_trip_us, round_trip_spread_us;      /* smoothed; 0: not known yet */
    uint64_t patience_us;                              /* when an answer is this late, its piece was lost */
    uint64_t heard_us;                                 /* when the gate last answered, or the start */
    uint64_t pause_us, pause_until_us;                 /* the gate is busy */
};

/* Starts with the blocks the gate wants: their index is set and grows, the rest is cleared here. The window
 * is sized to fill a line of baud bits a second, though an answer may take 80 ms more than the line does. */
void push_window_start(struct push_window *window, struct push_block *blocks, uint32_t block_count,
                       unsigned baud, uint64_t now_us);

/* What to do now. After PUSH_SEND the piece counts as sent. */
enum push_next push_window_next(struct push_window *window, uint64_t now_us, struct push_piece *piece,
                                uint64_t *wait_us);

/* Takes the answer to a piece, on time or late.
 * @retval ERR_OK, ERR_ARGUMENT (no such block), ERR_NOT_LISTED (its hash failed PUSH_NOT_LISTED_MAX times).
 */
int push_window_answer(struct push_window *window, const struct push_piece *piece, enum push_answer answer,
                       uint64_t now_us) MUST_USE;

#endif
