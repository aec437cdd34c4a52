/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services of a canteen with four lanes: 1,500 pupils in 90 minutes, some of whom try to eat again at another
 * lane. The gates are the firmware unchanged. The office is a model: it reads the journal of each lane over
 * a line with a delay of half a second to five seconds, and tells the other lanes over theirs. Lines are cut
 * for minutes, and one gate loses its power.
 *
 * The promise: a card passes again only before its first passage could be told, which takes one delay on
 * each of the two lines, and as long as one of them is cut. Nobody who has not eaten is refused. Prints how
 * many ate twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/portillon_meals.h"
#include "firmware/resources/resources_meals.h"
#include "tests/fakes/gate_bench.h"

/* From `TZ=Europe/Paris date -d '2026-11-16 11:30' +%s`, a Monday. */
#define SERVICE_BEGIN UINT32_C(1794825000)
/* python3 -c 'import zlib; print(hex(zlib.crc32(b"dejeuner")))' */
#define LUNCH_CODE UINT32_C(0xa899ff1d)

enum {
    LANES = 4,
    PUPILS = 1500,
    CHEATS = 300, /* the first pupils, who try at two other lanes too, within half an hour */
    SERVICES = 3, /* simulated for each plan */
    MINUTE_MS = 60000,
    SERVICE_MS = 90 * MINUTE_MS,
    DELAY_LEAST_MS = 500,
    DELAY_MOST_MS = 5000,
    PASSING_MS = 1000, /* from a tap to the closing of its passage, at most, and a second in the record */
    NEWS_MAX = PUPILS * LANES * 3,
};

struct cut {
    int lane;
    uint32_t from_ms, until_ms;
};

static const struct cut cuts[] = {
    {1, 15 * MINUTE_MS, 20 * MINUTE_MS}, {2, 17 * MINUTE_MS, 25 * MINUTE_MS},
    {0, 40 * MINUTE_MS, 43 * MINUTE_MS}, {0, 60 * MINUTE_MS, 64 * MINUTE_MS},
    {1, 60 * MINUTE_MS, 64 * MINUTE_MS}, {2, 60 * MINUTE_MS, 64 * MINUTE_MS},
    {3, 60 * MINUTE_MS, 64 * MINUTE_MS}, /* the office is off */
};

static struct plan {
    const char *name;
    bool tells, has_cuts;
} plan;

struct tap {
    int pupil, lane;
    uint32_t at_ms;
};

struct news {
    struct rights_meal meal;
    int lane;
    uint32_t at_ms;
    bool done;
};

struct meal {
    int lane;
    uint32_t at_ms; /* of the tap */
};

static struct gate_bench lanes[LANES];
static uint64_t began_us[LANES];
static uint32_t read_seq[LANES]; /* the next record that the office reads */
static char uids[PUPILS][15];
static struct sample_list list;
static struct tap taps[PUPILS + 2 * CHEATS];
static int tap_count;
static struct news news[NEWS_MAX];
static int news_count, news_first; /* those before news_first are done */
static struct meal meals[PUPILS][LANES];
static int meal_count[PUPILS];
static uint64_t seed;

static uint32_t pick(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % below);
}

/* ---- the lines ---- */

/* Returns when something that is sent at from_ms is at the other end: after the delay, for the whole of which
 * the line must be up. */
static uint32_t arrival_ms(int lane, uint32_t from_ms, uint32_t delay_ms)
{
    for (size_t i = 0; plan.has_cuts && i < sizeof cuts / sizeof cuts[0]; i++)
        if (cuts[i].lane == lane && from_ms < cuts[i].until_ms && from_ms + delay_ms > cuts[i].from_ms)
            return arrival_ms(lane, cuts[i].until_ms, delay_ms);
    return from_ms + delay_ms;
}

static uint32_t delay_ms(void)
{
    return DELAY_LEAST_MS + pick(DELAY_MOST_MS - DELAY_LEAST_MS + 1);
}

/* ---- the office ---- */

static void tell_the_others(int from, uint32_t now_ms, const struct journal_record *granted)
{
    uint32_t known_ms = arrival_ms(from, now_ms, delay_ms());
    for (int lane = 0; lane < LANES; lane++) {
        if (lane == from)
            continue;
        assert_true(news_count < NEWS_MAX);
        news[news_count++] = (struct news){
            .meal = {.tag = granted->tag, .service = LUNCH_CODE, .utc_s = granted->utc_s},
            .lane = lane,
            .at_ms = arrival_ms(lane, known_ms, delay_ms()),
        };
    }
}

/* Reads what a lane has written, and tells of the passages that were closed as passed. */
static void read_journal(int lane, uint32_t now_ms)
{
    struct journal *journal = &lanes[lane].portillon.journal;
    for (; read_seq[lane] < journal_head_seq(journal); read_seq[lane]++) {
        struct journal_record closed, granted;
        if (journal_read(journal, read_seq[lane], &closed) != ERR_OK || closed.kind != JOURNAL_CLOSED ||
            closed.code != JOURNAL_PASSED || journal_read(journal, closed.ref, &granted) != ERR_OK)
            continue;
        if (plan.tells)
            tell_the_others(lane, now_ms, &granted);
    }
}

/* ---- the lanes ---- */

static uint32_t now_ms(int lane)
{
    return (uint32_t)((lanes[lane].timer.now_us - began_us[lane]) / 1000);
}

/* Lets the time of a lane pass. Its loop runs for some of it. */
static void wait_until(int lane, uint32_t at_ms)
{
    if (now_ms(lane) < at_ms)
        fake_timer_advance_ms(&lanes[lane].timer, at_ms - now_ms(lane));
    gate_bench_run_ms(&lanes[lane], 5);
}

static void take_tap(const struct tap *tap)
{
    struct gate_bench *gate = &lanes[tap->lane];
    wait_until(tap->lane, tap->at_ms);
    uint32_t tapped_ms = now_ms(tap->lane);
    enum reason reason = gate_bench_tap(gate, uids[tap->pupil]);
    int eaten = meal_count[tap->pupil];
    if (eaten == 0)
        assert_string_equal(reason_name(reason), reason_name(REASON_NONE));
    if (reason != REASON_NONE) {
        assert_string_equal(reason_name(reason), reason_name(REASON_ALREADY_PASSED));
        return;
    }
    gate_bench_turn_arm(gate);
    meals[tap->pupil][eaten] = (struct meal){tap->lane, tapped_ms};
    meal_count[tap->pupil]++;
    read_journal(tap->lane, now_ms(tap->lane));
}

static void take_news(struct news *piece)
{
    enum meal_outcome outcome;
    wait_until(piece->lane, piece->at_ms);
    assert_int_equal(portillon_take_meal(&lanes[piece->lane].portillon, &piece->meal, &outcome), ERR_OK);
    assert_true(outcome == MEAL_TAKEN || outcome == MEAL_KNOWN);
    piece->done = true;
}

/* ---- the service ---- */

static int by_time(const void *a, const void *b)
{
    const struct tap *left = a, *right = b;
    return (left->at_ms > right->at_ms) - (left->at_ms < right->at_ms);
}

/* Half of those who try again do it at once. */
static void plan_taps(void)
{
    tap_count = 0;
    for (int pupil = 0; pupil < PUPILS; pupil++) {
        uint32_t last_ms = SERVICE_MS - (pupil < CHEATS ? 35 : 1) * MINUTE_MS;
        struct tap tap = {pupil, (int)pick(LANES), pick(last_ms)};
        taps[tap_count++] = tap;
        for (int again = 0; again < 2 && pupil < CHEATS; again++) {
            tap.lane = (tap.lane + 1) % LANES;
            tap.at_ms += 1000 + pick(pupil % 2 == 0 ? 20000 : 15 * MINUTE_MS);
            taps[tap_count++] = tap;
        }
    }
    qsort(taps, (size_t)tap_count, sizeof taps[0], by_time);
}

static struct news *next_news(void)
{
    struct news *next = NULL;
    while (news_first < news_count && news[news_first].done)
        news_first++;
    for (int i = news_first; i < news_count; i++)
        if (!news[i].done && (next == NULL || news[i].at_ms < next->at_ms))
            next = &news[i];
    return next;
}

static void bring_up(int lane)
{
    gate_bench_make(&lanes[lane], ZONE_CANTEEN);
    lanes[lane].timer.has_rtc = true;
    gate_bench_start_with_reader(&lanes[lane]);
    gate_bench_install(&lanes[lane], &list);
    gate_bench_set_clock(&lanes[lane], SERVICE_BEGIN);
    began_us[lane] = lanes[lane].timer.now_us;
    read_seq[lane] = journal_head_seq(&lanes[lane].portillon.journal);
}

static void run_service(void)
{
    int next_tap = 0;
    bool has_power_failed = !plan.has_cuts;
    for (int lane = 0; lane < LANES; lane++)
        bring_up(lane);
    while (next_tap < tap_count) {
        struct news *piece = next_news();
        if (piece != NULL && piece->at_ms <= taps[next_tap].at_ms)
            take_news(piece);
        else
            take_tap(&taps[next_tap++]);
        if (!has_power_failed && taps[next_tap].at_ms > SERVICE_MS / 3) {
            has_power_failed = true;
            gate_bench_start_with_reader(&lanes[3]);
        }
    }
}

/* ---- what came of it ---- */

struct doubles {
    int count;
    uint32_t latest_ms; /* the longest time from the first meal to another one */
    int late_count;     /* those that came after the first meal was told, or could have been */
};

/* The latest time at which a lane is told of a meal. */
static uint32_t told_ms(const struct meal *meal, int lane)
{
    return arrival_ms(lane, arrival_ms(meal->lane, meal->at_ms + PASSING_MS, DELAY_MOST_MS), DELAY_MOST_MS);
}

static void count_doubles(struct doubles *doubles)
{
    for (int pupil = 0; pupil < PUPILS; pupil++)
        for (int again = 1; again < meal_count[pupil]; again++) {
            const struct meal *first = &meals[pupil][0], *other = &meals[pupil][again];
            uint32_t apart_ms = other->at_ms - first->at_ms;
            doubles->count++;
            doubles->latest_ms = apart_ms > doubles->latest_ms ? apart_ms : doubles->latest_ms;
            doubles->late_count += other->at_ms > told_ms(first, other->lane);
        }
}

static void serve_once(struct doubles *doubles)
{
    news_count = news_first = 0;
    memset(meal_count, 0, sizeof meal_count);
    plan_taps();
    run_service();
    count_doubles(doubles);
    for (int lane = 0; lane < LANES; lane++) {
        assert_int_equal(lanes[lane].unrecorded_openings, 0);
        gate_bench_free(&lanes[lane]);
    }
    for (int pupil = 0; pupil < PUPILS; pupil++)
        assert_true(meal_count[pupil] >= 1);
}

static struct doubles serve(struct plan chosen)
{
    struct doubles doubles = {0};
    plan = chosen;
    for (uint32_t service = 0; service < SERVICES; service++) {
        seed = service;
        serve_once(&doubles);
    }
    print_message("%-34s %5d of %d second and third meals, the latest %u s after the first\n", plan.name,
                  doubles.count, SERVICES * 2 * CHEATS, (unsigned)(doubles.latest_ms / 1000));
    return doubles;
}

static void without_news_pupils_eat_at_each_lane(void **state)
{
    (void)state;
    struct doubles doubles = serve((struct plan){"nobody tells", false, false});
    assert_int_equal(doubles.count, SERVICES * 2 * CHEATS);
    assert_true(doubles.late_count > SERVICES * CHEATS);
}

static void with_news_a_second_meal_comes_within_the_delay_or_never(void **state)
{
    (void)state;
    struct doubles doubles = serve((struct plan){"told, delays of 0.5 to 5 s", true, false});
    assert_true(doubles.count > 0); /* those who were faster than the news */
    assert_true(doubles.latest_ms <= PASSING_MS + 2 * DELAY_MOST_MS);
    assert_int_equal(doubles.late_count, 0);
}

static void a_lane_that_is_cut_off_is_told_when_it_is_back(void **state)
{
    (void)state;
    struct doubles doubles = serve((struct plan){"told, lines cut for 3 to 8 minutes", true, true});
    assert_int_equal(doubles.late_count, 0);
    assert_true(doubles.latest_ms > PASSING_MS + 2 * DELAY_MOST_MS);
    assert_true(doubles.count < SERVICES * CHEATS);
}

/* A tap waits for a whole batch. This is the part of the chip; resources_meals.h has the whole. */
static void a_batch_among_1500_meals_takes_5_ms_of_the_chip(void **state)
{
    (void)state;
    const uint64_t *chip_ns = &lanes[0].nor.counts.time_ns;
    uint64_t worst_ns = 0, began_ns = 0;
    bring_up(0);
    for (int pupil = 0; pupil < PUPILS; pupil++) {
        const struct rights_meal meal = {
            .tag = sample_tag(uids[pupil]), .service = LUNCH_CODE, .utc_s = SERVICE_BEGIN};
        enum meal_outcome outcome;
        if (pupil % RESOURCE_MEALS_MAX == 0) {
            wait_until(0, now_ms(0) + 100);
            began_ns = *chip_ns;
        }
        assert_int_equal(portillon_take_meal(&lanes[0].portillon, &meal, &outcome), ERR_OK);
        assert_int_equal(outcome, MEAL_TAKEN);
        worst_ns = *chip_ns - began_ns > worst_ns ? *chip_ns - began_ns : worst_ns;
    }
    print_message("%d meals take the chip %u us at most\n", RESOURCE_MEALS_MAX, (unsigned)(worst_ns / 1000));
    assert_true(worst_ns < 5 * UINT64_C(1000000));
    gate_bench_free(&lanes[0]);
}

static int make_list(void **state)
{
    (void)state;
    static struct sample_card cards[PUPILS];
    static struct fake_entropy entropy;
    struct whitelist_tables tables = {.service_count = 1};
    strcpy(tables.services[0].name, "dejeuner");
    for (int day = 0; day < 7; day++)
        tables.services[0].spans[day] = (struct whitelist_span){690, 780};
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    for (unsigned i = 0; i < PUPILS; i++) {
        snprintf(uids[i], sizeof uids[i], "04a1b2c3%04x80", i);
        cards[i] = (struct sample_card){.uid_hex = uids[i], .profile = SAMPLE_DEMI_PENSION};
    }
    list = sample_list_make_ruled(7, cards, PUPILS, &tables);
    return 0;
}

static int free_list(void **state)
{
    (void)state;
    sample_list_free(&list);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_news_pupils_eat_at_each_lane),
        cmocka_unit_test(with_news_a_second_meal_comes_within_the_delay_or_never),
        cmocka_unit_test(a_lane_that_is_cut_off_is_told_when_it_is_back),
        cmocka_unit_test(a_batch_among_1500_meals_takes_5_ms_of_the_chip),
    };
    return cmocka_run_group_tests(tests, make_list, free_list);
}
