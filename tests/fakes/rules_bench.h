/* SPDX-License-Identifier: Apache-2.0 */
/* What the scenarios of a school's rules share: lists with meals and hours, and gates of both zones. The
 * state is static in each test program. A failed check fails the test. */
#ifndef TESTS_FAKES_RULES_BENCH_H
#define TESTS_FAKES_RULES_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/gate_bench.h"

/* All from `TZ=Europe/Paris date -d '…' +%s`. 2026-11-16 is a Monday, day 9816. */
#define MONDAY_1200 UINT32_C(1794826800)

#define DAY_S    86400u
#define AT(h, m) (MONDAY_1200 + (h)*3600u - 12 * 3600u + (m)*60u)

#define LEAP_DAY 10286

#define PUPIL   "04a1b2c3d4e580" /* demi-pension */
#define FRIEND  "04a1b2c3d4e680"
#define HUNGRY  "04a1b2c3d4e780" /* two passages a service */
#define PART    "04a1b2c3d4e880" /* meals on Tuesdays only */
#define EXTERNE "4ed0b123"
#define LEAPER  "04a1b2c3d4e980" /* until 29 February 2028 */

enum { BREAKFAST, LUNCH, NIGHT, EDGE };

static struct gate_bench bench;
static struct sample_list list, list_2, placed_otherwise, split, later;

static inline struct whitelist_tables school(void)
{
    struct whitelist_tables t = {
        .service_count = 4,
        .window_count = 2,
        .calendar_count = 1,
        .windows =
            {{SAMPLE_EXTERNE, WHITELIST_ZONE_BUILDING, 0x1F, {450, 1110}},   /* 7:30 to 18:30 */
             {SAMPLE_EXTERNE, WHITELIST_ZONE_BUILDING, 1 << 4, {1320, 60}}}, /* Fridays 22:00 to 1:00 */
        .calendar = {{LEAP_DAY + 1, LEAP_DAY + 1, WHITELIST_DAYS_CLOSED, WHITELIST_ZONES_ALL, 0}},
    };
    strcpy(t.services[BREAKFAST].name, "petit-dej");
    strcpy(t.services[LUNCH].name, "dejeuner");
    strcpy(t.services[NIGHT].name, "veillee");
    strcpy(t.services[EDGE].name, "aube");
    for (int day = 0; day < 7; day++) {
        t.services[BREAKFAST].spans[day] = (struct whitelist_span){420, 510};
        t.services[LUNCH].spans[day] = (struct whitelist_span){690, 810};
    }
    t.services[NIGHT].spans[4] = (struct whitelist_span){1380, 60}; /* Fridays 23:00 to 1:00 */
    t.services[EDGE].spans[6] = (struct whitelist_span){135, 195};  /* Sundays 2:15 to 3:15 */
    return t;
}

/* The same services, with lunch before breakfast and one service fewer. */
static inline struct whitelist_tables school_placed_otherwise(void)
{
    struct whitelist_tables t = school();
    struct whitelist_service lunch = t.services[LUNCH];
    t.services[LUNCH] = t.services[BREAKFAST];
    t.services[BREAKFAST] = lunch;
    t.service_count = 3;
    return t;
}

/* Lunch is first in the list and ends at 12:15. Its former place is taken by another meal, which begins
 * then. */
static inline struct whitelist_tables school_with_two_lunches(void)
{
    struct whitelist_tables t = school_placed_otherwise();
    strcpy(t.services[1].name, "second");
    for (int day = 0; day < 7; day++) {
        t.services[0].spans[day] = (struct whitelist_span){690, 735};
        t.services[1].spans[day] = (struct whitelist_span){735, 810};
    }
    return t;
}

/* Lunch begins at 13:15. */
static inline struct whitelist_tables school_with_a_later_lunch(void)
{
    struct whitelist_tables t = school();
    for (int day = 0; day < 7; day++)
        t.services[LUNCH].spans[day].from_min = 795;
    return t;
}

static inline int make_lists(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {
        {.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = FRIEND, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = HUNGRY, .profile = SAMPLE_DEMI_PENSION, .passages = 2},
        {.uid_hex = PART, .profile = SAMPLE_DEMI_PENSION, .weekdays = 1 << 1},
        {.uid_hex = EXTERNE, .profile = SAMPLE_EXTERNE},
        {.uid_hex = LEAPER, .profile = SAMPLE_DEMI_PENSION, .last_day = LEAP_DAY},
    };
    static struct fake_entropy entropy;
    const struct whitelist_tables tables = school(), other_places = school_placed_otherwise(),
                                  two_lunches = school_with_two_lunches(),
                                  later_lunch = school_with_a_later_lunch();
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    list = sample_list_make_ruled(7, cards, sizeof cards / sizeof cards[0], &tables);
    list_2 = sample_list_make_ruled(8, cards, sizeof cards / sizeof cards[0], &tables);
    placed_otherwise = sample_list_make_ruled(8, cards, sizeof cards / sizeof cards[0], &other_places);
    split = sample_list_make_ruled(9, cards, sizeof cards / sizeof cards[0], &two_lunches);
    later = sample_list_make_ruled(9, cards, sizeof cards / sizeof cards[0], &later_lunch);
    return 0;
}

static inline int free_lists(void **state)
{
    (void)state;
    sample_list_free(&list);
    sample_list_free(&list_2);
    sample_list_free(&placed_otherwise);
    sample_list_free(&split);
    sample_list_free(&later);
    return 0;
}

static inline void bring_up(enum zone zone, bool has_rtc)
{
    gate_bench_make(&bench, zone);
    bench.timer.has_rtc = has_rtc;
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    gate_bench_set_clock(&bench, MONDAY_1200);
}

static inline int bring_up_canteen(void **state)
{
    (void)state;
    bring_up(ZONE_CANTEEN, true);
    return 0;
}

static inline int bring_up_building(void **state)
{
    (void)state;
    bring_up(ZONE_BUILDING, true);
    return 0;
}

static inline int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static inline void assert_tap(const char *uid, enum reason expected)
{
    enum reason reason = gate_bench_tap(&bench, uid);
    assert_string_equal(reason_name(reason), reason_name(expected));
}

/* Taps and passes. */
static inline void eat(const char *uid)
{
    assert_tap(uid, REASON_NONE);
    gate_bench_turn_arm(&bench);
}

static inline void cut_power(void)
{
    gate_bench_start_with_reader(&bench);
}

static inline struct journal_record newest_of(enum journal_kind kind)
{
    struct journal_record record;
    uint32_t back = 0;
    do
        record = gate_bench_record(&bench, back++);
    while (record.kind != kind);
    return record;
}

#define CANTEEN_TEST(name)  cmocka_unit_test_setup_teardown(name, bring_up_canteen, take_down)
#define BUILDING_TEST(name) cmocka_unit_test_setup_teardown(name, bring_up_building, take_down)

#endif
