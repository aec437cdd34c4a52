/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/push_window.h"

#include <string.h>

#define MESSAGE_LEN 1110 /* length of a piece with CoAP, DTLS, COBS and CRC, about */
/* USB adapters hold bytes back for up to 16 ms each way, and the gate programs flash */
#define SLACK_US        80000
#define PATIENCE_MIN_US 300000
#define PATIENCE_MAX_US 8000000
#define PAUSE_MIN_US    50000
#define PAUSE_MAX_US    1000000

static uint64_t message_us(unsigned baud)
{
    return UINT64_C(10000000) * MESSAGE_LEN / (baud == 0 ? 1 : baud); /* 10 bits a byte on the line */
}

static uint64_t bounded(uint64_t value, uint64_t least, uint64_t most)
{
    return value < least ? least : value > most ? most : value;
}

void push_window_start(struct push_window *window, struct push_block *blocks, uint32_t block_count,
                       unsigned baud, uint64_t now_us)
{
    memset(window, 0, sizeof *window);
    window->blocks = blocks;
    window->block_count = block_count;
    window->size =
        (unsigned)bounded(2 + (SLACK_US + message_us(baud) - 1) / message_us(baud), 3, PUSH_WINDOW_MAX);
    window->patience_us = bounded(1000000 + 2 * window->size * message_us(baud), 0, PATIENCE_MAX_US);
    window->heard_us = now_us;
    for (uint32_t i = 0; i < block_count; i++)
        blocks[i] = (struct push_block){.index = blocks[i].index};
}

/* Stops sending the current block: its remaining pieces are useless now. */
static void stop_sending(struct push_window *window)
{
    if (window->sending != 0) {
        window->blocks[window->cursor].sent_before = true;
        window->sending = 0;
        window->cursor = (window->cursor + 1) % window->block_count;
    }
}

static void drop_in_flight(struct push_window *window, unsigned count)
{
    window->in_flight_count -= count;
    memmove(window->in_flight, window->in_flight + count,
            window->in_flight_count * sizeof window->in_flight[0]);
}

static void give_up_oldest(struct push_window *window, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct push_in_flight *lost = &window->in_flight[i];
        window->blocks[lost->slot].under_way--;
        if (window->sending != 0 && lost->slot == window->cursor)
            stop_sending(window);
    }
    drop_in_flight(window, count);
}

static void give_up_late(struct push_window *window, uint64_t now_us)
{
    unsigned late = 0;
    while (late < window->in_flight_count && now_us - window->in_flight[late].sent_us >= window->patience_us)
        late++;
    if (late == 0)
        return;
    give_up_oldest(window, late);
    window->patience_us = bounded(2 * window->patience_us, PATIENCE_MIN_US, PATIENCE_MAX_US);
}

/* Moves the cursor to a block that must be sent, from its first piece. */
static bool find_block(struct push_window *window)
{
    for (uint32_t i = 0; i < window->block_count; i++) {
        uint32_t slot = (window->cursor + i) % window->block_count;
        if (!window->blocks[slot].stored && window->blocks[slot].under_way == 0) {
            window->cursor = slot;
            return true;
        }
    }
    return false;
}

enum push_next push_window_next(struct push_window *window, uint64_t now_us, struct push_piece *piece,
                                uint64_t *wait_us)
{
    *wait_us = 0;
    if (window->stored_count == window->block_count)
        return PUSH_DONE;
    give_up_late(window, now_us);
    uint64_t late_us = window->in_flight_count == 0
                           ? PAUSE_MIN_US
                           : window->in_flight[0].sent_us + window->patience_us - now_us;
    if (now_us < window->pause_until_us) {
        uint64_t pause_us = window->pause_until_us - now_us;
        *wait_us = pause_us < late_us || window->in_flight_count == 0 ? pause_us : late_us;
        return PUSH_WAIT;
    }
    if (window->in_flight_count >= window->size || (window->sending == 0 && !find_block(window))) {
        *wait_us = late_us;
        return PUSH_WAIT;
    }
    struct push_block *block = &window->blocks[window->cursor];
    *piece =
        (struct push_piece){.block = block->index, .piece = window->sending, .order = window->next_order++};
    window->in_flight[window->in_flight_count++] =
        (struct push_in_flight){.piece = *piece, .slot = window->cursor, .sent_us = now_us};
    window->sent_count++;
    if (block->sent_before)
        window->repeated_count++;
    block->under_way++;
    window->sending++;
    if (window->sending == PUSH_PIECES)
        stop_sending(window);
    return PUSH_SEND;
}

/* RFC 6298, section 2: the estimate moves by an eighth, its spread by a quarter. */
static void learn_round_trip(struct push_window *window, uint64_t sample_us)
{
    if (window->round_trip_us == 0) {
        window->round_trip_us = sample_us;
        window->round_trip_spread_us = sample_us / 2;
    } else {
        uint64_t apart = sample_us > window->round_trip_us ? sample_us - window->round_trip_us
                                                           : window->round_trip_us - sample_us;
        window->round_trip_spread_us = (3 * window->round_trip_spread_us + apart) / 4;
        window->round_trip_us = (7 * window->round_trip_us + sample_us) / 8;
    }
    window->patience_us =
        bounded(window->round_trip_us + 4 * window->round_trip_spread_us, PATIENCE_MIN_US, PATIENCE_MAX_US);
}

static struct push_block *find_by_index(struct push_window *window, uint32_t index)
{
    uint32_t low = 0, high = window->block_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (window->blocks[middle].index < index)
            low = middle + 1;
        else
            high = middle;
    }
    return low < window->block_count && window->blocks[low].index == index ? &window->blocks[low] : NULL;
}

static void settle_in_flight(struct push_window *window, uint32_t order, uint64_t now_us)
{
    for (unsigned i = 0; i < window->in_flight_count; i++) {
        if (window->in_flight[i].piece.order != order)
            continue;
        give_up_oldest(window, i); /* the line keeps the order: these pieces, or their answers, were lost */
        learn_round_trip(window, now_us - window->in_flight[0].sent_us);
        window->blocks[window->in_flight[0].slot].under_way--;
        drop_in_flight(window, 1);
        return;
    }
}

static void pause_for(struct push_window *window, uint64_t now_us)
{
    if (now_us < window->pause_until_us)
        return; /* one refusal for each back-off: refusals of a whole window are one event */
    window->pause_us = bounded(2 * window->pause_us, PAUSE_MIN_US, PAUSE_MAX_US);
    window->pause_until_us = now_us + window->pause_us;
}

int push_window_answer(struct push_window *window, const struct push_piece *piece, enum push_answer answer,
                       uint64_t now_us)
{
    struct push_block *block = find_by_index(window, piece->block);
    if (block == NULL)
        return ERR_ARGUMENT;
    window->heard_us = now_us;
    settle_in_flight(window, piece->order, now_us);
    bool being_sent = window->sending != 0 && &window->blocks[window->cursor] == block;
    switch (answer) {
    case PUSH_TAKEN:
        window->pause_us = 0;
        return ERR_OK;
    case PUSH_STORED:
        window->pause_us = 0;
        if (!block->stored) {
            block->stored = true;
            window->stored_count++;
        }
        if (being_sent)
            stop_sending(window);
        return ERR_OK;
    case PUSH_BUSY:
        pause_for(window, now_us);
        if (being_sent)
            stop_sending(window);
        return ERR_OK;
    case PUSH_NOT_LISTED:
        if (being_sent)
            stop_sending(window);
        return ++block->not_listed_count >= PUSH_NOT_LISTED_MAX ? ERR_NOT_LISTED : ERR_OK;
    }
    return ERR_ARGUMENT;
}
