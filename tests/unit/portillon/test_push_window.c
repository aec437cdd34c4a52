/* SPDX-License-Identifier: Apache-2.0 */
/* The window with a gate that behaves as firmware/whitelist/whitelist.h states, on a line that loses
 * what the test chooses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/gate/push_window.h"

#define BLOCKS   200
#define LINE_MAX 64
#define PIECE_US 10000

static struct push_window window;
static struct push_block blocks[BLOCKS];
static uint64_t now_us;

/* The gate: it assembles one block at a time. */
static struct {
    bool stored[BLOCKS];
    unsigned stores[BLOCKS];
    uint32_t index;
    uint8_t pieces;
} gate;

/* Answers that are in transit, in order. */
static struct {
    struct push_piece piece;
    enum push_answer answer;
    uint64_t due_us;
} line[LINE_MAX];
static unsigned line_count, sent_count, most_under_way;

static int start(void **state)
{
    (void)state;
    memset(&gate, 0, sizeof gate);
    line_count = sent_count = most_under_way = 0;
    now_us = 1000000;
    for (uint32_t i = 0; i < BLOCKS; i++)
        blocks[i].index = i;
    return 0;
}

static enum push_answer gate_takes(const struct push_piece *piece)
{
    if (gate.stored[piece->block])
        return PUSH_STORED;
    if (piece->block != gate.index)
        gate.pieces = 0;
    gate.index = piece->block;
    gate.pieces |= (uint8_t)(1 << piece->piece);
    if (gate.pieces != 0xF)
        return PUSH_TAKEN;
    gate.pieces = 0;
    gate.stored[piece->block] = true;
    gate.stores[piece->block]++;
    return PUSH_STORED;
}

static void answer_next(void)
{
    assert_int_equal(push_window_answer(&window, &line[0].piece, line[0].answer, now_us), ERR_OK);
    memmove(line, line + 1, --line_count * sizeof line[0]);
}

static bool lose_none(unsigned sent)
{
    (void)sent;
    return false;
}

static bool lose_the_fifth(unsigned sent)
{
    return sent == 5;
}

static bool lose_the_last_two(unsigned sent)
{
    return sent == 7 || sent == 8;
}

static bool lose_one_in_ten(unsigned sent)
{
    (void)sent;
    return random() % 10 == 0;
}

/* Runs to the end; fails after one hour of simulated time. A piece is lost on the way to the gate, or
 * its answer on the way back. */
static void run(uint32_t count, bool (*lose)(unsigned sent))
{
    push_window_start(&window, blocks, count, 115200, now_us);
    for (;;) {
        struct push_piece piece;
        uint64_t wait_us;
        enum push_next next = push_window_next(&window, now_us, &piece, &wait_us);
        if (next == PUSH_DONE)
            return;
        if (next == PUSH_SEND) {
            bool lost = lose(++sent_count), on_the_way_back = sent_count % 2 == 0;
            enum push_answer answer = lost && !on_the_way_back ? PUSH_TAKEN : gate_takes(&piece);
            if (!lost) {
                assert_true(line_count < LINE_MAX);
                line[line_count].piece = piece;
                line[line_count].answer = answer;
                line[line_count++].due_us = now_us + 2 * PIECE_US;
            }
            if (window.in_flight_count > most_under_way)
                most_under_way = window.in_flight_count;
            now_us += PIECE_US;
        } else {
            uint64_t end_us = now_us + wait_us + 1;
            now_us = line_count > 0 && line[0].due_us < end_us ? line[0].due_us : end_us;
        }
        while (line_count > 0 && line[0].due_us <= now_us)
            answer_next();
        assert_true(now_us < UINT64_C(3600000000));
    }
}

static void assert_all_stored_once(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(gate.stores[i], 1);
}

static void on_a_clean_line_each_piece_is_sent_once(void **state)
{
    (void)state;
    run(BLOCKS, lose_none);
    assert_all_stored_once(BLOCKS);
    assert_int_equal(sent_count, BLOCKS * PUSH_PIECES);
    assert_int_equal(window.repeated_count, 0);
}

static void no_more_pieces_are_under_way_than_the_window_holds(void **state)
{
    (void)state;
    struct push_piece piece;
    uint64_t wait_us;
    run(BLOCKS, lose_none);
    assert_true(most_under_way > 1);
    push_window_start(&window, blocks, BLOCKS, 115200, now_us);
    for (unsigned i = 0; i < window.size; i++)
        assert_int_equal(push_window_next(&window, now_us, &piece, &wait_us), PUSH_SEND);
    assert_int_equal(push_window_next(&window, now_us, &piece, &wait_us), PUSH_WAIT);
    assert_true(wait_us > 0);
}

static void nothing_wanted_is_done_at_once(void **state)
{
    (void)state;
    run(0, lose_none);
    assert_int_equal(sent_count, 0);
}

static void a_later_answer_shows_a_loss_long_before_patience_ends(void **state)
{
    (void)state;
    uint64_t started_us = now_us;
    run(20, lose_the_fifth);
    assert_all_stored_once(20);
    assert_int_equal(window.repeated_count, PUSH_PIECES);
    assert_true(now_us - started_us < (20 * PUSH_PIECES + 8) * PIECE_US);
}

static void a_loss_with_nothing_behind_it_is_found_by_patience(void **state)
{
    (void)state;
    run(2, lose_the_last_two);
    assert_all_stored_once(2);
}

static void one_piece_in_ten_lost_still_ends_with_every_block_stored(void **state)
{
    (void)state;
    srandom(7);
    run(BLOCKS, lose_one_in_ten);
    assert_all_stored_once(BLOCKS);
}

static struct push_piece send_one(void)
{
    struct push_piece piece;
    uint64_t wait_us;
    assert_int_equal(push_window_next(&window, now_us, &piece, &wait_us), PUSH_SEND);
    return piece;
}

static void a_busy_gate_is_left_alone_for_longer_each_time_up_to_a_second(void **state)
{
    (void)state;
    uint64_t wait_us, last_us = 0;
    struct push_piece piece;
    push_window_start(&window, blocks, 1, 115200, now_us);
    for (int i = 0; i < 10; i++) {
        piece = send_one();
        assert_int_equal(push_window_answer(&window, &piece, PUSH_BUSY, now_us), ERR_OK);
        assert_int_equal(push_window_next(&window, now_us, &piece, &wait_us), PUSH_WAIT);
        assert_true(wait_us >= last_us);
        last_us = wait_us;
        now_us += wait_us;
    }
    assert_int_equal(last_us, 1000000);
    piece = send_one();
    assert_int_equal(push_window_answer(&window, &piece, PUSH_TAKEN, now_us), ERR_OK);
    assert_int_equal(window.pause_us, 0);
}

static void a_window_full_of_busy_answers_is_one_pause(void **state)
{
    (void)state;
    push_window_start(&window, blocks, 4, 115200, now_us);
    struct push_piece a = send_one(), b = send_one();
    assert_int_equal(push_window_answer(&window, &a, PUSH_BUSY, now_us), ERR_OK);
    uint64_t until_us = window.pause_until_us;
    assert_int_equal(push_window_answer(&window, &b, PUSH_BUSY, now_us + 1), ERR_OK);
    assert_int_equal(window.pause_until_us, until_us);
}

static void a_block_that_never_matches_its_hash_ends_the_upload(void **state)
{
    (void)state;
    push_window_start(&window, blocks, 1, 115200, now_us);
    for (int i = 1; i <= PUSH_NOT_LISTED_MAX; i++) {
        struct push_piece piece = {0};
        for (int p = 0; p < PUSH_PIECES; p++) {
            piece = send_one();
            if (p < PUSH_PIECES - 1)
                assert_int_equal(push_window_answer(&window, &piece, PUSH_TAKEN, now_us), ERR_OK);
        }
        assert_int_equal(push_window_answer(&window, &piece, PUSH_NOT_LISTED, now_us),
                         i < PUSH_NOT_LISTED_MAX ? ERR_OK : ERR_NOT_LISTED);
    }
}

static void an_answer_after_its_piece_was_given_up_counts_still_and_once(void **state)
{
    (void)state;
    struct push_piece first = {0}, next;
    uint64_t wait_us;
    push_window_start(&window, blocks, 1, 115200, now_us);
    for (int p = 0; p < PUSH_PIECES; p++) {
        struct push_piece piece;
        while (push_window_next(&window, now_us, &piece, &wait_us) != PUSH_SEND)
            now_us += wait_us + 1;
        first = piece;
    }
    now_us += 20000000;
    assert_int_equal(push_window_next(&window, now_us, &next, &wait_us), PUSH_SEND); /* it is sent again */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(push_window_answer(&window, &first, PUSH_STORED, now_us), ERR_OK);
        assert_int_equal(window.stored_count, 1);
    }
    assert_int_equal(push_window_next(&window, now_us, &next, &wait_us), PUSH_DONE);
}

static void an_answer_about_a_block_not_sent_is_refused(void **state)
{
    (void)state;
    push_window_start(&window, blocks, 3, 115200, now_us);
    struct push_piece stranger = {.block = 3};
    assert_int_equal(push_window_answer(&window, &stranger, PUSH_STORED, now_us), ERR_ARGUMENT);
    assert_int_equal(window.stored_count, 0);
}

static void a_faster_line_gets_a_larger_window(void **state)
{
    (void)state;
    push_window_start(&window, blocks, 1, 115200, now_us);
    unsigned slow = window.size;
    push_window_start(&window, blocks, 1, 921600, now_us);
    assert_true(slow >= 3);
    assert_true(window.size > slow && window.size <= PUSH_WINDOW_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(on_a_clean_line_each_piece_is_sent_once, start),
        cmocka_unit_test_setup(no_more_pieces_are_under_way_than_the_window_holds, start),
        cmocka_unit_test_setup(nothing_wanted_is_done_at_once, start),
        cmocka_unit_test_setup(a_later_answer_shows_a_loss_long_before_patience_ends, start),
        cmocka_unit_test_setup(a_loss_with_nothing_behind_it_is_found_by_patience, start),
        cmocka_unit_test_setup(one_piece_in_ten_lost_still_ends_with_every_block_stored, start),
        cmocka_unit_test_setup(a_busy_gate_is_left_alone_for_longer_each_time_up_to_a_second, start),
        cmocka_unit_test_setup(a_window_full_of_busy_answers_is_one_pause, start),
        cmocka_unit_test_setup(a_block_that_never_matches_its_hash_ends_the_upload, start),
        cmocka_unit_test_setup(an_answer_after_its_piece_was_given_up_counts_still_and_once, start),
        cmocka_unit_test_setup(an_answer_about_a_block_not_sent_is_refused, start),
        cmocka_unit_test_setup(a_faster_line_gets_a_larger_window, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
