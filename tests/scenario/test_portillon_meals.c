/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole gate of a canteen with several lanes: meals that the office tells of count as those taken here,
 * also after a power cut at any flash operation. CUTS=all in the environment: more tears.
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
#include "firmware/resources/resources.h"
#include "tests/fakes/gate_bench.h"
#include "tools/portillon/gate/meals.h"

/* From `TZ=Europe/Paris date -d '2026-11-16 12:00' +%s`, a Monday. */
#define MONDAY_1200 UINT32_C(1794826800)
#define DAY_S       86400u
#define AT(h, m)    (MONDAY_1200 + (h)*3600u - 12 * 3600u + (m)*60u)

#define PUPIL    "04a1b2c3d4e580"
#define FRIEND   "04a1b2c3d4e680"
#define HUNGRY   "04a1b2c3d4e780" /* two passages a service */
#define STAFF    "04a1b2c3d4e880" /* as many as wanted */
#define NEWCOMER "04a1b2c3d4e980" /* only in the newer list */

/* CRC-32 of the names, from python3 -c 'import zlib; print(hex(zlib.crc32(b"dejeuner")))' */
#define BREAKFAST_CODE UINT32_C(0x1d4496ba)
#define LUNCH_CODE     UINT32_C(0xa899ff1d)

enum { BREAKFAST, LUNCH };

static struct gate_bench bench;
static struct sample_list list, newer, placed_otherwise;

static struct whitelist_tables school(int breakfast, int lunch)
{
    struct whitelist_tables t = {.service_count = 2};
    strcpy(t.services[breakfast].name, "petit-dej");
    strcpy(t.services[lunch].name, "dejeuner");
    for (int day = 0; day < 7; day++) {
        t.services[breakfast].spans[day] = (struct whitelist_span){420, 510};
        t.services[lunch].spans[day] = (struct whitelist_span){690, 810};
    }
    return t;
}

static int make_lists(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {
        {.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = FRIEND, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = HUNGRY, .profile = SAMPLE_DEMI_PENSION, .passages = 2},
        {.uid_hex = STAFF, .profile = SAMPLE_DEMI_PENSION, .passages = 255},
        {.uid_hex = NEWCOMER, .profile = SAMPLE_DEMI_PENSION},
    };
    static struct fake_entropy entropy;
    const struct whitelist_tables tables = school(0, 1), other_places = school(1, 0);
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    list = sample_list_make_ruled(7, cards, 4, &tables);
    newer = sample_list_make_ruled(8, cards, 5, &tables);
    placed_otherwise = sample_list_make_ruled(8, cards, 5, &other_places);
    return 0;
}

static int free_lists(void **state)
{
    (void)state;
    sample_list_free(&list);
    sample_list_free(&newer);
    sample_list_free(&placed_otherwise);
    return 0;
}

static void bring_up(enum zone zone, uint32_t sector_size)
{
    gate_bench_make(&bench, zone);
    if (sector_size != bench.nor.geometry.sector_size) {
        uint32_t size = bench.nor.geometry.size;
        nor_model_free(&bench.nor);
        nor_model_init(&bench.nor, size, sector_size);
    }
    bench.timer.has_rtc = true;
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    gate_bench_set_clock(&bench, MONDAY_1200);
}

static int bring_up_canteen(void **state)
{
    (void)state;
    bring_up(ZONE_CANTEEN, 4096);
    return 0;
}

static int bring_up_building(void **state)
{
    (void)state;
    bring_up(ZONE_BUILDING, 4096);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static void assert_tap(const char *uid, enum reason expected)
{
    enum reason reason = gate_bench_tap(&bench, uid);
    assert_string_equal(reason_name(reason), reason_name(expected));
}

static void eat(const char *uid)
{
    assert_tap(uid, REASON_NONE);
    gate_bench_turn_arm(&bench);
}

static void cut_power(void)
{
    gate_bench_start_with_reader(&bench);
}

static uint32_t now_s(void)
{
    return clock_utc_s(&bench.portillon.clock);
}

static enum meal_outcome tell_tag(struct tag tag, uint32_t service, uint32_t utc_s)
{
    enum meal_outcome outcome = MEAL_OUTCOMES;
    const struct rights_meal meal = {.tag = tag, .service = service, .utc_s = utc_s};
    assert_int_equal(portillon_take_meal(&bench.portillon, &meal, &outcome), ERR_OK);
    return outcome;
}

static enum meal_outcome tell(const char *uid, uint32_t utc_s)
{
    return tell_tag(sample_tag(uid), LUNCH_CODE, utc_s);
}

static uint32_t records(void)
{
    return journal_head_seq(&bench.portillon.journal);
}

/* ---- what counts ---- */

static void a_meal_elsewhere_counts_as_one_here(void **state)
{
    (void)state;
    uint32_t before = records();
    assert_int_equal(tell(PUPIL, now_s() - 5), MEAL_TAKEN);
    assert_int_equal(records(), before + 1);
    struct journal_record record = gate_bench_record(&bench, 0);
    const struct tag tag = sample_tag(PUPIL);
    assert_int_equal(record.kind, JOURNAL_EVENT);
    assert_int_equal(record.code, JOURNAL_EVENT_MEAL_ELSEWHERE);
    assert_int_equal(journal_record_service(&record), LUNCH + 1);
    assert_memory_equal(&record.tag, &tag, sizeof tag);
    assert_int_equal(record.ref, now_s() - 5);
    assert_int_equal(record.flags & JOURNAL_FLAG_UNCOUNTED, 0);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_int_equal(gate_bench_record(&bench, 0).kind, JOURNAL_REFUSED);
    assert_int_equal(gate_bench_record(&bench, 0).ref, record.ref);
    eat(FRIEND);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
    assert_int_equal(gate_bench_record(&bench, 0).kind, JOURNAL_REFUSED);
    assert_int_equal(gate_bench_record(&bench, 0).ref, 0);
    gate_bench_wait_until(&bench, AT(7, 0) + DAY_S);
    eat(PUPIL);
    gate_bench_wait_until(&bench, AT(11, 30) + DAY_S);
    eat(PUPIL);
}

static void what_is_told_again_changes_nothing(void **state)
{
    (void)state;
    uint32_t passed_s = now_s() - 5;
    assert_int_equal(tell(HUNGRY, passed_s), MEAL_TAKEN);
    uint32_t before = records();
    for (int i = 0; i < 3; i++)
        assert_int_equal(tell(HUNGRY, passed_s), MEAL_KNOWN);
    assert_int_equal(records(), before);
    cut_power();
    before = records();
    assert_int_equal(tell(HUNGRY, passed_s), MEAL_KNOWN);
    assert_int_equal(records(), before);
    eat(HUNGRY);
    assert_tap(HUNGRY, REASON_ALREADY_PASSED);
}

/* The office may tell a gate of its own passages. */
static void a_passage_of_this_gate_is_known(void **state)
{
    (void)state;
    eat(HUNGRY);
    uint32_t before = records(), passed_s = 0;
    for (uint32_t back = 0; passed_s == 0; back++)
        if (gate_bench_record(&bench, back).kind == JOURNAL_GRANTED)
            passed_s = gate_bench_record(&bench, back).utc_s;
    assert_int_equal(tell(HUNGRY, passed_s), MEAL_KNOWN);
    assert_int_equal(records(), before);
    eat(HUNGRY);
}

static void no_more_are_counted_than_the_list_allows(void **state)
{
    (void)state;
    assert_int_equal(tell(HUNGRY, AT(11, 40)), MEAL_TAKEN);
    assert_int_equal(tell(HUNGRY, AT(11, 50)), MEAL_TAKEN);
    uint32_t before = records();
    assert_int_equal(tell(HUNGRY, AT(11, 55)), MEAL_KNOWN);
    assert_int_equal(tell(STAFF, AT(11, 55)), MEAL_KNOWN);
    assert_int_equal(records(), before);
    assert_tap(HUNGRY, REASON_ALREADY_PASSED);
    eat(STAFF);
}

static void only_the_meal_in_progress_is_told(void **state)
{
    (void)state;
    uint32_t before = records();
    const struct tag tag = sample_tag(PUPIL);
    assert_int_equal(tell(PUPIL, MONDAY_1200 - DAY_S), MEAL_NOT_NOW);
    assert_int_equal(tell(PUPIL, MONDAY_1200 + DAY_S), MEAL_NOT_NOW);
    assert_int_equal(tell(PUPIL, AT(12, 11)), MEAL_NOT_NOW); /* it has yet to come */
    assert_int_equal(tell(PUPIL, 0), MEAL_NOT_NOW);
    assert_int_equal(tell(PUPIL, UINT32_MAX), MEAL_NOT_NOW);
    assert_int_equal(tell_tag(tag, BREAKFAST_CODE, AT(12, 0)), MEAL_NOT_NOW);
    assert_int_equal(tell_tag(tag, BREAKFAST_CODE, AT(7, 30)), MEAL_NOT_NOW);
    assert_int_equal(tell_tag(tag, LUNCH_CODE + 1, AT(12, 0)), MEAL_NOT_NOW);
    assert_int_equal(tell_tag(tag, 0, AT(12, 0)), MEAL_NOT_NOW);
    assert_int_equal(records(), before);
    eat(PUPIL);
}

/* The clock of the other gate is ahead. */
static void a_meal_about_to_begin_is_kept_until_it_does(void **state)
{
    (void)state;
    gate_bench_wait_until(&bench, AT(11, 19) + DAY_S);
    assert_int_equal(tell(PUPIL, AT(11, 30) + DAY_S), MEAL_NOT_NOW);
    gate_bench_wait_until(&bench, AT(11, 25) + DAY_S);
    assert_int_equal(tell(PUPIL, AT(11, 30) + DAY_S), MEAL_TAKEN);
    gate_bench_run_ms(&bench, 3000);
    gate_bench_wait_until(&bench, AT(11, 31) + DAY_S);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
}

static void a_gate_of_the_building_counts_no_meals(void **state)
{
    (void)state;
    uint32_t before = records();
    assert_int_equal(tell(PUPIL, now_s()), MEAL_NOT_NOW);
    assert_int_equal(records(), before);
}

static void without_the_time_nothing_is_counted(void **state)
{
    (void)state;
    bench.timer.has_rtc = false;
    cut_power();
    assert_int_not_equal(bench.portillon.clock.quality, CLOCK_SET);
    assert_int_equal(tell(PUPIL, MONDAY_1200), MEAL_NOT_NOW);
    gate_bench_set_clock(&bench, MONDAY_1200 + 60);
    assert_int_equal(tell(PUPIL, MONDAY_1200), MEAL_TAKEN);
}

/* Sends meals as the office does. Returns what the gate answers. */
static struct meals_answer send_meals(const struct told_meal *meals, size_t count)
{
    uint8_t payload[MEALS_PAYLOAD_MAX], body[COAP_SERVER_BODY_MAX];
    int len = meals_encode("dejeuner", meals, count, payload, sizeof payload);
    assert_true(len > 0);
    uint8_t datagram[512];
    struct coap_writer writer;
    struct coap_message message;
    coap_write_start(&writer, datagram, sizeof datagram, COAP_CON, COAP_POST, 1, NULL, 0);
    coap_write_option(&writer, COAP_URI_PATH, "meals", 5);
    int datagram_len = coap_write_finish(&writer, payload, (size_t)len);
    assert_int_equal(coap_parse(&message, datagram, (size_t)datagram_len), ERR_OK);
    const struct coap_request request = {.message = &message, .content_format = COAP_FORMAT_CBOR};
    struct coap_response response = {.body = body};
    resources_handle(&bench.portillon, ROLE_MAINTENANCE, &request, &response);
    assert_int_equal(response.code, COAP_CHANGED);
    struct meals_answer answer;
    assert_int_equal(meals_answer_decode(&answer, body, response.body_len), ERR_OK);
    return answer;
}

static void the_office_sends_a_whole_batch(void **state)
{
    (void)state;
    struct told_meal meals[RESOURCE_MEALS_MAX];
    for (uint32_t i = 0; i < RESOURCE_MEALS_MAX; i++)
        meals[i] = (struct told_meal){.tag = {{9, 9, 9, 9, 9, 9, 9, (uint8_t)i}}, .utc_s = AT(11, 40)};
    meals[1].tag = sample_tag(PUPIL);
    meals[2].tag = sample_tag(FRIEND);
    meals[2].utc_s -= DAY_S;
    struct meals_answer answer = send_meals(meals, RESOURCE_MEALS_MAX);
    assert_int_equal(answer.taken, RESOURCE_MEALS_MAX - 1);
    assert_int_equal(answer.not_now, 1);
    answer = send_meals(meals, RESOURCE_MEALS_MAX);
    assert_int_equal(answer.known, RESOURCE_MEALS_MAX - 1);
    assert_int_equal(answer.taken, 0);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    eat(FRIEND);
}

/* ---- passages that come to nothing ---- */

/* The card tapped here too before the news came. If nobody goes through here, the meal elsewhere counts. */
static void a_meal_told_while_the_card_is_passing_is_told_again(void **state)
{
    (void)state;
    assert_tap(PUPIL, REASON_NONE);
    assert_int_equal(tell(PUPIL, now_s() - 5), MEAL_LATER);
    gate_bench_run_ms(&bench, 6000); /* abandoned */
    assert_int_equal(tell(PUPIL, now_s() - 11), MEAL_TAKEN);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_NONE);
    assert_int_equal(tell(FRIEND, now_s() - 5), MEAL_LATER);
    gate_bench_turn_arm(&bench);
    assert_int_equal(tell(FRIEND, now_s() - 5), MEAL_KNOWN);
}

/* ---- lists ---- */

static void a_list_that_places_services_otherwise_keeps_the_meals(void **state)
{
    (void)state;
    assert_int_equal(tell(PUPIL, AT(11, 40)), MEAL_TAKEN);
    gate_bench_install(&bench, &placed_otherwise);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_int_equal(tell(PUPIL, AT(11, 40)), MEAL_KNOWN);
    assert_int_equal(tell(FRIEND, AT(11, 41)), MEAL_TAKEN);
    cut_power();
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
}

/* The other gate got the newer list first. */
static void a_card_of_the_next_list_is_counted_before_it_comes(void **state)
{
    (void)state;
    assert_int_equal(tell(NEWCOMER, AT(11, 40)), MEAL_TAKEN);
    assert_true(gate_bench_record(&bench, 0).flags & JOURNAL_FLAG_UNCOUNTED);
    assert_int_equal(tell(NEWCOMER, AT(11, 40)), MEAL_KNOWN);
    assert_tap(NEWCOMER, REASON_UNKNOWN_CARD);
    gate_bench_install(&bench, &newer);
    assert_tap(NEWCOMER, REASON_ALREADY_PASSED);
}

static struct tag invented(uint32_t n)
{
    return (struct tag){{0xAA, 0xBB, 0xCC, 0xDD, 0, 0, (uint8_t)(n >> 8), (uint8_t)n}};
}

/* Somebody with the maintenance key tells of cards that do not exist. */
static void invented_cards_take_few_places(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 64; n++)
        assert_int_equal(tell_tag(invented(n), LUNCH_CODE, AT(11, 40)), MEAL_TAKEN);
    uint32_t before = records();
    for (uint32_t n = 64; n < 5000; n++)
        assert_int_equal(tell_tag(invented(n), LUNCH_CODE, AT(11, 40)), MEAL_UNLISTED);
    for (uint32_t time = AT(11, 30); time < AT(11, 50); time++)
        assert_int_not_equal(tell(HUNGRY, time), MEAL_NO_ROOM);
    assert_int_equal(records(), before + 2);
    assert_int_equal(tell(PUPIL, AT(11, 41)), MEAL_TAKEN);
    eat(FRIEND);
    cut_power();
    assert_int_equal(tell_tag(invented(64), LUNCH_CODE, AT(11, 40)), MEAL_UNLISTED);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_ALREADY_PASSED);
    assert_tap(HUNGRY, REASON_ALREADY_PASSED);
}

/* ---- room ---- */

static void a_full_table_takes_no_more_and_says_so(void **state)
{
    (void)state;
    gate_bench_fill_meals(&bench, AT(12, 0) - DAY_S);
    uint32_t before = records();
    assert_int_equal(tell(PUPIL, AT(11, 40)), MEAL_NO_ROOM);
    assert_int_equal(records(), before);
    bench.portillon.rights.recounted_seq = bench.portillon.journal.head_seq - 256;
    gate_bench_run_ms(&bench, 2000); /* past meals make room */
    assert_int_equal(tell(PUPIL, AT(11, 40)), MEAL_TAKEN);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
}

/* From three quarters on the journal is kept for passages. */
static void a_journal_that_nobody_fetches_takes_no_meals_elsewhere(void **state)
{
    (void)state;
    struct journal *journal = &bench.portillon.journal;
    struct journal_record record = {.kind = JOURNAL_GRANTED, .utc_s = AT(11, 31), .flags = CLOCK_SET};
    uint32_t seq;
    while (journal_fullness_percent(journal) < 75) {
        if (journal_append(journal, &record, &seq) == ERR_BUSY)
            journal_poll(journal);
    }
    uint32_t before = records();
    assert_int_equal(tell(PUPIL, AT(11, 40)), MEAL_NO_ROOM);
    assert_int_equal(records(), before);
    assert_int_equal(gate_bench_acknowledge(&bench, seq), ERR_OK);
    assert_int_equal(tell(PUPIL, AT(11, 40)), MEAL_TAKEN);
}

/* A tap must not wait for an erase because the office tells of meals. */
static void no_room_yet_is_no_reason_to_wait(void **state)
{
    (void)state;
    enum meal_outcome outcome;
    uint32_t before = records();
    bench.portillon.journal.head_ready = false;
    const struct rights_meal meal = {.tag = sample_tag(PUPIL), .service = LUNCH_CODE, .utc_s = AT(11, 40)};
    uint64_t started_us = bench.timer.now_us;
    assert_int_equal(portillon_take_meal(&bench.portillon, &meal, &outcome), ERR_BUSY);
    assert_true(bench.timer.now_us - started_us < 1000);
    assert_int_equal(records(), before);
    assert_int_equal(bench.portillon.rights.meals.taken, 0);
}

/* ---- power cuts ---- */

static void a_power_cut_forgets_no_meal(void **state)
{
    (void)state;
    assert_int_equal(tell(PUPIL, AT(11, 40)), MEAL_TAKEN);
    assert_int_equal(tell(HUNGRY, AT(11, 41)), MEAL_TAKEN);
    for (int i = 0; i < 3; i++) {
        cut_power();
        assert_tap(PUPIL, REASON_ALREADY_PASSED);
    }
    eat(HUNGRY);
    assert_tap(HUNGRY, REASON_ALREADY_PASSED);
    gate_bench_wait_until(&bench, AT(11, 30) + DAY_S);
    cut_power();
    eat(PUPIL);
}

/* Tells meals, past the end of a sector. Stops when the power fails. Returns how many
 * meals were answered as taken. */
static int live(int meals)
{
    int taken = 0;
    for (int i = 0; i < meals && !bench.nor.dead; i++) {
        enum meal_outcome outcome;
        const struct rights_meal meal = {
            .tag = invented((uint32_t)i), .service = LUNCH_CODE, .utc_s = AT(11, 40) + (uint32_t)i};
        int result = portillon_take_meal(&bench.portillon, &meal, &outcome);
        if (result == ERR_OK && outcome == MEAL_TAKEN)
            taken++;
        (void)portillon_poll(&bench.portillon);
    }
    return taken;
}

/* Fills the sector of the journal's head, but for a few places. The office has fetched all of it. */
static void fill_sector(void)
{
    struct journal *journal = &bench.portillon.journal;
    struct journal_record record = {
        .kind = JOURNAL_REFUSED, .code = 1, .utc_s = AT(11, 31), .flags = CLOCK_SET};
    uint32_t seq = 0;
    while (journal->per_sector - (journal->head_seq - 1) % journal->per_sector > 6) {
        assert_int_equal(journal_append(journal, &record, &seq), ERR_OK);
        gate_bench_run_ms(&bench, 1);
    }
    assert_int_equal(gate_bench_acknowledge(&bench, seq), ERR_OK);
}

static void check_after_cut(int taken)
{
    nor_model_power_on(&bench.nor);
    cut_power();
    for (int i = 0; i < taken; i++)
        assert_int_equal(tell_tag(invented((uint32_t)i), LUNCH_CODE, AT(11, 40) + (uint32_t)i), MEAL_KNOWN);
    assert_int_equal(tell_tag(invented(60), LUNCH_CODE, AT(11, 40)), MEAL_TAKEN);
    assert_tap(PUPIL, REASON_ALREADY_PASSED);
    assert_tap(FRIEND, REASON_NONE);
}

static void cut_at_each_operation(uint32_t sector_size)
{
    static struct nor_model before;
    const char *cuts = getenv("CUTS");
    uint32_t tears = cuts != NULL && strcmp(cuts, "all") == 0 ? 40 : 6;
    const int meals = 14;
    bring_up(ZONE_CANTEEN, sector_size);
    eat(PUPIL);
    fill_sector();
    nor_model_init(&before, bench.nor.geometry.size, sector_size);
    nor_model_copy(&before, &bench.nor);
    uint32_t opened_seq = bench.opened_seq;
    int most = 0;
    for (uint64_t place = 1; most < meals; place++)
        for (uint32_t tear = 0; tear < tears; tear++) {
            nor_model_copy(&bench.nor, &before);
            bench.opened_seq = opened_seq;
            cut_power();
            nor_model_cut(&bench.nor, place, tear);
            int taken = live(meals);
            most = taken > most ? taken : most;
            check_after_cut(taken);
        }
    assert_int_equal(most, meals);
    nor_model_free(&before);
    gate_bench_free(&bench);
    assert_int_equal(bench.unrecorded_openings, 0);
}

static void no_cut_forgets_a_meal_that_was_answered(void **state)
{
    (void)state;
    cut_at_each_operation(4096);
}

static void nor_with_large_sectors(void **state)
{
    (void)state;
    cut_at_each_operation(65536);
}

int main(void)
{
#define OF_CANTEEN(test) cmocka_unit_test_setup_teardown(test, bring_up_canteen, take_down)
    const struct CMUnitTest tests[] = {
        OF_CANTEEN(a_meal_elsewhere_counts_as_one_here),
        OF_CANTEEN(what_is_told_again_changes_nothing),
        OF_CANTEEN(a_passage_of_this_gate_is_known),
        OF_CANTEEN(no_more_are_counted_than_the_list_allows),
        OF_CANTEEN(only_the_meal_in_progress_is_told),
        OF_CANTEEN(a_meal_about_to_begin_is_kept_until_it_does),
        cmocka_unit_test_setup_teardown(a_gate_of_the_building_counts_no_meals, bring_up_building, take_down),
        OF_CANTEEN(without_the_time_nothing_is_counted),
        OF_CANTEEN(the_office_sends_a_whole_batch),
        OF_CANTEEN(a_meal_told_while_the_card_is_passing_is_told_again),
        OF_CANTEEN(a_list_that_places_services_otherwise_keeps_the_meals),
        OF_CANTEEN(a_card_of_the_next_list_is_counted_before_it_comes),
        OF_CANTEEN(invented_cards_take_few_places),
        OF_CANTEEN(a_full_table_takes_no_more_and_says_so),
        OF_CANTEEN(a_journal_that_nobody_fetches_takes_no_meals_elsewhere),
        OF_CANTEEN(no_room_yet_is_no_reason_to_wait),
        OF_CANTEEN(a_power_cut_forgets_no_meal),
        cmocka_unit_test(no_cut_forgets_a_meal_that_was_answered),
        cmocka_unit_test(nor_with_large_sectors),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
