/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate with a memory chip whose erases never end: the start and each turn of the loop stay short,
 * the watchdog is fed, and the fire input opens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/portillon_log.h"
#include "tests/fakes/gate_bench.h"

#define PUPIL "04a1b2c3d4e580"

#define START_MOST_US UINT64_C(3000000)
#define TURN_MOST_US  UINT64_C(1000000)
#define FED_MOST_US   UINT64_C(300000)

static struct gate_bench bench;
static struct sample_list list;
static struct timer timer; /* of the bench, and the chip's own time */
static uint64_t fed_us, unfed_most_us;
static int feeds, fire_at_feed;

static uint64_t now_us(void)
{
    return bench.timer.now_us + bench.nor.counts.time_ns / 1000;
}

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    bench.timer.now_us++;
    return now_us();
}

static int no_rtc_read(void *ctx, uint32_t *utc_s)
{
    (void)ctx;
    (void)utc_s;
    return ERR_NOT_FOUND;
}

static int no_rtc_write(void *ctx, uint32_t utc_s)
{
    (void)ctx;
    (void)utc_s;
    return ERR_NOT_FOUND;
}

static void note_fed(void)
{
    uint64_t unfed_us = now_us() - fed_us;
    unfed_most_us = unfed_us > unfed_most_us ? unfed_us : unfed_most_us;
    fed_us = now_us();
}

static void feed(void)
{
    note_fed();
    feeds++;
    if (feeds == fire_at_feed)
        bench.wires.inputs |= GATE_FIRE;
}

static int make_list(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {{.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION}};
    static struct fake_entropy entropy;
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    list = sample_list_make(7, cards, 1);
    return 0;
}

static int free_list(void **state)
{
    (void)state;
    sample_list_free(&list);
    return 0;
}

static int make_gate(void **state)
{
    (void)state;
    gate_bench_make(&bench, ZONE_BUILDING);
    timer = (struct timer){.monotonic_us = monotonic_us, .rtc_read = no_rtc_read, .rtc_write = no_rtc_write};
    bench.hardware.timer = &timer;
    bench.hardware.feed_watchdog = feed;
    feeds = fire_at_feed = 0;
    unfed_most_us = 0;
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static void start_in_time(void)
{
    uint64_t began_us = fed_us = now_us();
    unfed_most_us = 0;
    gate_bench_start(&bench);
    note_fed();
    assert_in_range(now_us() - began_us, 0, START_MOST_US);
    assert_in_range(unfed_most_us, 0, FED_MOST_US);
}

/* Runs the loop for a while, with all that can be logged. */
static void run_in_time(int turns)
{
    for (int i = 0; i < turns; i++) {
        bench.wires.inputs ^= i % 7 == 0 ? GATE_TAMPER : 0;
        bench.wires.inputs ^= i % 5 == 0 ? GATE_BUTTON : 0;
        if (i % 10 == 1)
            fake_reader_card(&bench.reader, PUPIL);
        else if (i % 10 == 3)
            fake_reader_empty(&bench.reader);
        uint64_t began_us = now_us();
        (void)portillon_poll(&bench.portillon);
        assert_in_range(now_us() - began_us, 0, TURN_MOST_US);
        fake_timer_advance_ms(&bench.timer, 100);
    }
}

/* A gate in use. From now on no erase ends, and the journal has no room without one. */
static void get_stuck(void)
{
    const struct journal_record filler = {.kind = JOURNAL_EVENT, .code = JOURNAL_EVENT_SETTINGS};
    uint32_t seq;
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    gate_bench_run_ms(&bench, 100);
    bench.nor.stay_busy = true;
    while (journal_append(&bench.portillon.journal, &filler, &seq) == ERR_OK)
        ;
}

static void a_new_chip_that_never_erases_starts_in_a_fire_and_stays_open(void **state)
{
    (void)state;
    bench.nor.stay_busy = true;
    bench.wires.inputs = GATE_FIRE;
    start_in_time();
    assert_true(bench.wires.outputs & GATE_RELAY);
    run_in_time(600);
    assert_true(bench.wires.outputs & GATE_RELAY);
    assert_int_equal(bench.wires.relay_rises, 1);
    assert_int_equal(bench.wires.relay_falls, 0);
}

static void a_fire_that_breaks_out_during_the_start_opens_at_once(void **state)
{
    (void)state;
    bench.nor.stay_busy = true;
    fire_at_feed = 1000;
    start_in_time();
    assert_true(feeds > 1000);
    assert_true(bench.wires.outputs & GATE_RELAY);
    run_in_time(10);
    assert_int_equal(bench.wires.relay_rises, 1);
    assert_int_equal(bench.wires.relay_falls, 0);
}

static void a_chip_that_gets_stuck_holds_up_no_turn(void **state)
{
    (void)state;
    get_stuck();
    run_in_time(600);
    assert_int_equal(bench.portillon.gate.state, GATE_OUT_OF_ORDER);
    bench.wires.inputs |= GATE_FIRE;
    run_in_time(1);
    assert_true(bench.wires.outputs & GATE_RELAY);
    run_in_time(100);
    assert_true(bench.wires.outputs & GATE_RELAY);
}

static void and_starts_again_and_again(void **state)
{
    (void)state;
    get_stuck();
    for (int i = 0; i < 5; i++) {
        bench.nor.stay_busy = true;
        start_in_time();
        run_in_time(20);
    }
    bench.nor.stay_busy = false; /* it works again */
    bench.wires.inputs = 0;
    fake_reader_up(&bench.reader);
    for (int i = 0; i < 100; i++) {
        (void)portillon_poll(&bench.portillon);
        fake_timer_advance_ms(&bench.timer, 100);
    }
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
}

int main(void)
{
#define STUCK_TEST(f) cmocka_unit_test_setup_teardown(f, make_gate, take_down)
    const struct CMUnitTest tests[] = {
        STUCK_TEST(a_new_chip_that_never_erases_starts_in_a_fire_and_stays_open),
        STUCK_TEST(a_fire_that_breaks_out_during_the_start_opens_at_once),
        STUCK_TEST(a_chip_that_gets_stuck_holds_up_no_turn),
        STUCK_TEST(and_starts_again_and_again),
    };
    return cmocka_run_group_tests(tests, make_list, free_list);
}
