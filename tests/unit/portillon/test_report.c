/* SPDX-License-Identifier: Apache-2.0 */
/* Reports from a store: services, meals, double passages, who is inside; and what the law asks of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "firmware/base/clock.h"
#include "tests/fakes/test_store.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/report/meal_tally.h"
#include "tools/portillon/report/report_inside.h"
#include "tools/portillon/report/report_meals.h"
#include "tools/portillon/report/report_methods.h"
#include "tools/portillon/report/report_passages.h"
#include "tools/portillon/report/report_time.h"
#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/store/audit.h"
#include "tools/portillon/store/passage_store.h"
#include "tools/portillon/store/people_store.h"
#include "tools/portillon/store/person_record.h"

/* Monday 23 November 2026, 00:00 in Paris (date -u -d 2026-11-22T23:00Z +%s) */
enum { MONDAY = 1795388400, HOUR = 3600, MINUTE = 60 };

static const char conf[] = "format = 1\n"
                           "name = Essai\n"
                           "time_zone = Europe/Paris\n"
                           "[services]\n"
                           "premier = mon-fri 11:30-13:00\n"
                           "second = mon-fri 12:00-14:00\n"
                           "nuit = mon-fri 23:00-01:00\n"
                           "[profile demi-pension]\n"
                           "building = always\n"
                           "services = all\n";

static char path[TEST_STORE_PATH_SIZE];
static struct people_store store;
static struct site_rules rules;
static struct report_data data;
static struct report report;
static const struct tag tag_a = {{0xA, 1}}, tag_b = {{0xB, 2}}, tag_c = {{0xC, 3}};

static int start(void **state)
{
    static struct import_report import;
    (void)state;
    test_store_new(path);
    assert_int_equal(people_store_open(&store, path, test_store_site), ERR_OK);
    assert_int_equal(site_rules_parse(&rules, "site.conf", conf, strlen(conf), &import), ERR_OK);
    data = (struct report_data){0};
    report = (struct report){0};
    return 0;
}

static int stop(void **state)
{
    (void)state;
    report_free(&report);
    report_data_free(&data);
    people_store_close(&store);
    test_store_delete(path);
    return 0;
}

/* --- rows --- */

static int64_t put_and_hold(const char *surname, const struct tag *tag, uint8_t passages)
{
    const struct csv_person person = {surname, "Alix", "2A", surname, {{0}}};
    const struct whitelist_rule rule = {.weekdays = 0x7F, .passages = passages};
    int64_t number = 0;
    assert_int_equal(people_store_begin(&store), ERR_OK);
    assert_int_equal(
        people_store_put(&store, &person, "demi-pension", &rule, MONDAY + 7 * 24 * HOUR, &number), ERR_OK);
    assert_int_equal(people_store_hold(&store, tag, number, MONDAY), ERR_OK);
    assert_int_equal(people_store_commit(&store), ERR_OK);
    return number;
}

static void add(const char *device, const struct journal_record *record)
{
    struct passage_store passages;
    struct identity gate = test_store_gate(device);
    uint8_t raw[JOURNAL_RECORD_LEN] = {(uint8_t)record->seq};
    raw[11] = record->flags;
    memcpy(raw + 12, record->tag.bytes, TAG_LEN);
    memset(raw + 24, 0x5A, 8);
    assert_int_equal(passage_store_open(&passages, path, &gate), ERR_OK);
    assert_int_equal(passage_store_begin(&passages), ERR_OK);
    assert_int_equal(passage_store_add(&passages, record, raw), 1);
    assert_int_equal(passage_store_commit(&passages, record->seq), ERR_OK);
    passage_store_close(&passages);
}

static void eat(const char *device, uint32_t seq, uint32_t utc_s, const struct tag *tag, unsigned place)
{
    add(device, &(struct journal_record){.seq = seq,
                                         .utc_s = utc_s,
                                         .kind = JOURNAL_GRANTED,
                                         .code = JOURNAL_ASSUMED,
                                         .zone = ZONE_CANTEEN,
                                         .tag = *tag,
                                         .flags = (uint8_t)(CLOCK_SET | place << JOURNAL_SERVICE_SHIFT)});
}

static void pass(const char *device, uint32_t seq, uint32_t utc_s, const struct tag *tag)
{
    add(device, &(struct journal_record){.seq = seq,
                                         .utc_s = utc_s,
                                         .kind = JOURNAL_GRANTED,
                                         .code = JOURNAL_ASSUMED,
                                         .zone = ZONE_BUILDING,
                                         .tag = *tag,
                                         .flags = CLOCK_SET});
}

static void close_passage(const char *device, uint32_t seq, uint32_t of, enum journal_outcome outcome,
                          uint8_t flags)
{
    add(device, &(struct journal_record){.seq = seq,
                                         .utc_s = MONDAY + 13 * HOUR,
                                         .kind = JOURNAL_CLOSED,
                                         .code = (uint8_t)outcome,
                                         .ref = of,
                                         .flags = (uint8_t)(CLOCK_SET | flags)});
}

static void load(int64_t from_utc_s, int64_t until_utc_s)
{
    const struct report_scope scope = {&rules.tables, from_utc_s, until_utc_s, NULL};
    report_data_free(&data);
    assert_int_equal(report_data_load(&data, &store.db, &scope), ERR_OK);
}

/* Returns the text of a cell of the table with this name. */
static const char *cell(const char *table, size_t row, const char *column)
{
    static char digits[24];
    for (int i = 0; i < report.table_count; i++) {
        const struct report_layout *layout = report.tables[i].layout;
        for (int j = 0; strcmp(layout->name, table) == 0 && j < layout->column_count; j++)
            if (strcmp(layout->columns[j].name, column) == 0)
                return row < report_row_count(&report.tables[i])
                           ? report_cell_text(report_cell_at(&report.tables[i], row, j), digits)
                           : "no such row";
    }
    return "no such cell";
}

/* --- time --- */

static void a_day_begins_at_midnight_also_when_the_clocks_change(void **state)
{
    (void)state;
    const struct time_zone *zone = &rules.tables.zone;
    char text[REPORT_TIME_SIZE];
    assert_int_equal(report_day_start(zone, civil_date_day(2026, 11, 23)), MONDAY);
    /* 29 March 2026 has 23 hours, 25 October 2026 has 25: date -u -d "2026-03-28T23:00Z" +%s and so on */
    assert_int_equal(report_day_start(zone, civil_date_day(2026, 3, 29)), 1774738800);
    assert_int_equal(report_day_start(zone, civil_date_day(2026, 3, 30)), 1774738800 + 23 * HOUR);
    assert_int_equal(report_day_start(zone, civil_date_day(2026, 10, 25)), 1792879200);
    assert_int_equal(report_day_start(zone, civil_date_day(2026, 10, 26)), 1792879200 + 25 * HOUR);
    assert_string_equal(report_time_text(zone, MONDAY + 61, text), "2026-11-23 00:01:01");
    /* In Auckland the clocks change at 14:00 UTC on 26 September 2026, two hours after the day began there
     * (date -u -d 2026-09-26T12:00Z +%s) */
    struct time_zone auckland;
    assert_int_equal(time_zone_parse(&auckland, "NZST-12NZDT,M9.5.0,M4.1.0/3"), ERR_OK);
    assert_int_equal(report_day_start(&auckland, civil_date_day(2026, 9, 27)), 1790424000);
}

/* --- services --- */

static void a_passage_counts_for_the_service_that_is_in_progress(void **state)
{
    (void)state;
    eat("self-1", 1, MONDAY + 12 * HOUR + 30 * MINUTE, &tag_a, 2); /* both are; the gate noted the second */
    eat("self-1", 2, MONDAY + 12 * HOUR + 31 * MINUTE, &tag_b, 0);
    eat("self-1", 3, MONDAY + 11 * HOUR + 40 * MINUTE, &tag_c, 2); /* the second has not begun by the rules */
    eat("self-1", 4, MONDAY + 15 * HOUR, &tag_c, 1);
    load(MONDAY, MONDAY + 24 * HOUR);
    assert_int_equal(data.count, 4);
    assert_int_equal(data.passages[0].service, 0); /* 11:40 */
    assert_int_equal(data.passages[1].service, 1);
    assert_int_equal(data.passages[2].service, 0);
    assert_int_equal(data.passages[3].service, -1);
}

static void a_meal_after_midnight_belongs_to_the_day_before(void **state)
{
    (void)state;
    struct meal_tally tally = {0};
    eat("self-1", 1, MONDAY + 24 * HOUR + 30 * MINUTE, &tag_a, 3);
    load(MONDAY + 24 * HOUR, MONDAY + 48 * HOUR);
    assert_int_equal(meal_tally_add(&tally, &data), ERR_OK);
    assert_int_equal(tally.count, 1);
    assert_int_equal(tally.counts[0].day, civil_date_day(2026, 11, 23));
    assert_string_equal(tally.counts[0].service, "nuit");
    meal_tally_free(&tally);
}

/* --- meals --- */

static int64_t meals_of(const char *service, const char *profile)
{
    struct meal_tally tally = {0};
    int64_t meals = 0;
    load(0, INT64_MAX);
    assert_int_equal(meal_tally_add(&tally, &data), ERR_OK);
    assert_int_equal(meal_tally_read(&tally, &store.db, 0, 20000, NULL), ERR_OK);
    meal_tally_merge(&tally);
    for (size_t i = 0; i < tally.count; i++)
        if (strcmp(tally.counts[i].service, service) == 0 && strcmp(tally.counts[i].profile, profile) == 0)
            meals += tally.counts[i].meals;
    meal_tally_free(&tally);
    return meals;
}

static void only_passages_that_were_used_are_meals(void **state)
{
    (void)state;
    put_and_hold("Exemple", &tag_a, 1);
    for (uint32_t seq = 1; seq <= 4; seq++) /* 4 has no closing: it counts, as at the gate */
        add("self-1", &(struct journal_record){.seq = seq,
                                               .utc_s = MONDAY + 12 * HOUR + seq,
                                               .kind = JOURNAL_GRANTED,
                                               .zone = ZONE_CANTEEN,
                                               .tag = tag_a,
                                               .flags = CLOCK_SET});
    close_passage("self-1", 5, 1, JOURNAL_PASSED, 0);
    close_passage("self-1", 6, 2, JOURNAL_ABANDONED, 0);
    close_passage("self-1", 7, 3, JOURNAL_ASSUMED, JOURNAL_FLAG_UNCOUNTED);
    pass("nord-1", 8, MONDAY + 12 * HOUR, &tag_a); /* not the canteen */
    assert_int_equal(meals_of("premier", "demi-pension"), 2);
    report_passages_add(&report, &data, civil_date_day(2026, 11, 23), civil_date_day(2026, 11, 23));
    assert_string_equal(cell("passages_by_day", 0, "passages"), "3");
    assert_string_equal(cell("passages_by_day", 0, "unused"), "2");
}

static void forget_before(int64_t utc_s)
{
    struct meal_tally tally = {0};
    int64_t passages, people;
    assert_int_equal(people_store_begin(&store), ERR_OK);
    load(0, utc_s);
    assert_int_equal(meal_tally_add(&tally, &data), ERR_OK);
    meal_tally_merge(&tally);
    assert_int_equal(meal_tally_write(&tally, &store.db), ERR_OK);
    assert_int_equal(people_store_forget(&store, utc_s, &passages, &people), ERR_OK);
    assert_int_equal(people_store_commit(&store), ERR_OK);
    meal_tally_free(&tally);
}

static void meals_stay_as_counts_when_passages_are_forgotten(void **state)
{
    (void)state;
    put_and_hold("Exemple", &tag_a, 1);
    for (uint32_t seq = 1; seq <= 6; seq++) /* three of the profile, three of nobody known */
        eat("self-1", seq, MONDAY + 12 * HOUR + 10 * MINUTE * seq, seq % 2 ? &tag_a : &tag_b, 2);
    assert_int_equal(meals_of("second", "demi-pension"), 3);
    forget_before(MONDAY + 12 * HOUR + 35 * MINUTE); /* in the middle of the service */
    assert_string_equal(test_store_ask(path, "SELECT count(*) FROM journal"), "3");
    assert_string_equal(test_store_ask(path, "SELECT sum(meals) FROM meal_counts"), "3");
    assert_int_equal(meals_of("second", "demi-pension"), 3);
    forget_before(MONDAY + 24 * HOUR);
    forget_before(MONDAY + 25 * HOUR); /* again: nothing is counted twice */
    assert_string_equal(test_store_ask(path, "SELECT count(*) FROM journal"), "0");
    assert_int_equal(meals_of("second", "demi-pension"), 3);
    assert_int_equal(meals_of("second", ""), 3);
    assert_string_equal(test_store_ask(path, "SELECT max(day) FROM meal_counts"), "2026-11-23");
}

static void a_double_passage_is_at_two_gates_in_one_service(void **state)
{
    (void)state;
    put_and_hold("Exemple", &tag_a, 1);
    put_and_hold("Modèle", &tag_b, 2);
    uint32_t noon = MONDAY + 12 * HOUR;
    eat("self-1", 1, noon, &tag_a, 1);
    eat("self-2", 1, noon + 90, &tag_a, 1);
    eat("self-1", 2, noon, &tag_b, 1); /* may pass twice */
    eat("self-2", 2, noon + 90, &tag_b, 1);
    eat("self-1", 3, noon, &tag_c, 1); /* twice at one gate: the gate knew */
    eat("self-1", 4, noon + 90, &tag_c, 1);
    eat("self-2", 5, noon + 100 * MINUTE, &tag_c, 2); /* another service */
    load(MONDAY, MONDAY + 24 * HOUR);
    report_meals_add_doubles(&report, &data, true);
    assert_int_equal(report_row_count(&report.tables[0]), 1);
    assert_string_equal(cell("double_passages", 0, "person"), "Exemple Alix");
    assert_string_equal(cell("double_passages", 0, "first_gate"), "self-1");
    assert_string_equal(cell("double_passages", 0, "first_time"), "12:00:00");
    assert_string_equal(cell("double_passages", 0, "other_gate"), "self-2");
    assert_string_equal(cell("double_passages", 0, "other_time"), "12:01:30");
    report_free(&report);
    report_meals_add_doubles(&report, &data, false);
    assert_string_equal(cell("double_passages", 0, "person"), "");
}

static void the_queue_has_the_busiest_day_of_each_five_minutes(void **state)
{
    (void)state;
    for (uint32_t seq = 1; seq <= 3; seq++)
        eat("self-1", seq, MONDAY + 12 * HOUR + 60 * seq, &tag_a, 2);
    eat("self-1", 4, MONDAY + 36 * HOUR + 299, &tag_a, 2);  /* Tuesday 12:04:59 */
    eat("self-1", 5, MONDAY + 36 * HOUR + 1200, &tag_b, 2); /* 12:20 */
    load(MONDAY, MONDAY + 48 * HOUR);
    report_passages_add_queue(&report, &data);
    assert_int_equal(report_row_count(&report.tables[0]), 5); /* 12:00 to 12:20, the empty ones too */
    assert_string_equal(cell("queue", 0, "from"), "12:00");
    assert_string_equal(cell("queue", 0, "passages"), "4");
    assert_string_equal(cell("queue", 0, "busiest"), "3");
    assert_string_equal(cell("queue", 0, "busiest_day"), "2026-11-23");
    assert_string_equal(cell("queue", 2, "passages"), "0");
    assert_string_equal(cell("queue", 4, "busiest_day"), "2026-11-24");
}

/* --- who is inside --- */

static void add_gate(const char *device, const char *direction)
{
    struct db_statement statement;
    assert_int_equal(
        store_db_prepare(&store.db, &statement,
                         "INSERT INTO gates (site, device, name, zone, direction, port, seen_utc_s,"
                         " list_version, clock_off_s, damaged_blocks, state)"
                         " VALUES ($1, $2, 'Porte', 'building', $3, '', 0, 7, NULL, 0, 'idle')"),
        ERR_OK);
    db_bind_text(&statement, 2, device);
    db_bind_text(&statement, 3, direction);
    assert_int_equal(db_do(&statement), 1);
    db_finalize(&statement);
}

static void the_last_passage_says_who_is_inside(void **state)
{
    (void)state;
    add_gate("in-1", "in");
    add_gate("out-1", "out");
    add_gate("both-1", "both");
    put_and_hold("Dehors", &tag_a, 1);
    put_and_hold("Dedans", &tag_b, 1);
    put_and_hold("Hier", &tag_c, 1);
    pass("in-1", 1, MONDAY + 8 * HOUR, &tag_a);
    pass("out-1", 1, MONDAY + 10 * HOUR, &tag_a);
    pass("in-1", 2, MONDAY + 8 * HOUR, &tag_b);
    pass("out-1", 2, MONDAY + 9 * HOUR, &tag_b);
    pass("both-1", 1, MONDAY + 10 * HOUR, &tag_b);
    pass("in-1", 3, MONDAY - HOUR, &tag_c);
    load(MONDAY, MONDAY + 11 * HOUR);
    report_inside_add(&report, &data, MONDAY, true);
    assert_string_equal(cell("inside_as_of", 0, "inside"), "1");
    assert_string_equal(cell("inside_as_of", 0, "unsure"), "0");
    assert_string_equal(cell("inside_as_of", 0, "not_read_today"), "");
    assert_string_equal(cell("inside", 0, "person"), "Dedans Alix");
    assert_string_equal(cell("inside", 0, "last_time"), "10:00:00");
    assert_string_equal(cell("inside", 0, "gate"), "both-1");
    assert_int_equal(report_row_count(&report.tables[2]), 1);
}

static void set_pulled(const char *device, int64_t utc_s)
{
    struct db_statement statement;
    assert_int_equal(store_db_prepare(&store.db, &statement,
                                      "UPDATE devices SET pulled_utc_s = $3 WHERE site = $1 AND device = $2"),
                     ERR_OK);
    db_bind_text(&statement, 2, device);
    db_bind_int(&statement, 3, utc_s);
    assert_int_equal(db_do(&statement), 1);
    db_finalize(&statement);
}

static void the_list_is_true_as_of_the_gate_that_was_read_first(void **state)
{
    (void)state;
    pass("a", 1, MONDAY + 8 * HOUR, &tag_a);
    pass("b", 1, MONDAY + 8 * HOUR, &tag_b);
    pass("c", 1, MONDAY + 8 * HOUR, &tag_c);
    set_pulled("a", MONDAY + 10 * HOUR);
    set_pulled("b", MONDAY + 9 * HOUR);
    set_pulled("c", MONDAY - 1); /* yesterday */
    load(MONDAY, MONDAY + 11 * HOUR);
    report_inside_add(&report, &data, MONDAY, false);
    assert_string_equal(cell("inside_as_of", 0, "true_at"), "2026-11-23 09:00:00");
    assert_string_equal(cell("inside_as_of", 0, "not_read_today"), "c");
    assert_int_equal(report.table_count, 2); /* no names */
    report_free(&report);
    report_inside_add(&report, &data, MONDAY + 24 * HOUR, false);
    assert_string_equal(cell("inside_as_of", 0, "true_at"), "not_read_today");
}

static void people_are_sorted_by_class_surname_and_first_name(void **state)
{
    static const char *const sorted[] = {"Échard", "Martin", "Martinez", "Zed"};
    (void)state;
    add_gate("in-1", "in");
    for (uint8_t i = 0; i < 4; i++) {
        const struct tag tag = {{i, 7}};
        put_and_hold(sorted[(i + 2) % 4], &tag, 1);
        pass("in-1", i + 1, MONDAY + 8 * HOUR, &tag);
    }
    load(MONDAY, MONDAY + 11 * HOUR);
    report_inside_add(&report, &data, MONDAY, true);
    for (size_t i = 0; i < 4; i++)
        assert_memory_equal(cell("inside", i, "person"), sorted[i], strlen(sorted[i]));
    assert_string_equal(cell("inside", 1, "person"), "Martin Alix");
}

static void who_may_be_inside_is_listed_with_the_reason(void **state)
{
    static const struct tag tag_d = {{0xD}};
    (void)state;
    add_gate("out-1", "out");
    put_and_hold("Ambigu", &tag_a, 1);
    put_and_hold("Brumeux", &tag_b, 1);
    put_and_hold("Confus", &tag_c, 1);
    pass("neuf-1", 1, MONDAY + 9 * HOUR, &tag_a);   /* a gate without a direction */
    add("out-1", &(struct journal_record){.seq = 1, /* the clock is not sure: he may have come back before */
                                          .utc_s = MONDAY + 9 * HOUR,
                                          .kind = JOURNAL_GRANTED,
                                          .code = JOURNAL_ASSUMED,
                                          .zone = ZONE_BUILDING,
                                          .tag = tag_b,
                                          .flags = CLOCK_STALE});
    add("out-1", &(struct journal_record){.seq = 2, /* it opened, and nobody knows whether she went */
                                          .utc_s = MONDAY + 9 * HOUR,
                                          .kind = JOURNAL_GRANTED,
                                          .zone = ZONE_BUILDING,
                                          .tag = tag_c,
                                          .flags = CLOCK_SET});
    pass("neuf-1", 2, MONDAY + 9 * HOUR, &tag_d); /* a card of nobody known counts too */
    load(MONDAY, MONDAY + 11 * HOUR);
    report_inside_add(&report, &data, MONDAY, true);
    assert_string_equal(cell("inside_as_of", 0, "unsure"), "4");
    assert_string_equal(cell("inside", 0, "why"), "direction_unknown");
    assert_string_equal(cell("inside", 1, "why"), "clock");
    assert_string_equal(cell("inside", 2, "why"), "not_confirmed");
    assert_string_equal(cell("inside", 3, "person"), "? (carte 0d00000000000000)");
    assert_string_equal(cell("inside_by_class", 0, "unsure"), "3");
    assert_string_equal(cell("inside_by_class", 1, "class"), "");
}

static void a_passage_without_time_counts_on_the_day_it_was_stored(void **state)
{
    (void)state;
    add_gate("out-1", "out");
    put_and_hold("Ambigu", &tag_a, 1);
    add("out-1", &(struct journal_record){.seq = 1, /* since the start of the gate */
                                          .utc_s = 90,
                                          .kind = JOURNAL_GRANTED,
                                          .code = JOURNAL_ASSUMED,
                                          .zone = ZONE_BUILDING,
                                          .tag = tag_a,
                                          .flags = CLOCK_UNSET});
    int64_t stored = atoll(test_store_ask(path, "SELECT stored_utc_s FROM journal"));
    int32_t day = time_zone_local(&rules.tables.zone, (uint32_t)stored).day;
    load(stored, stored + 1);
    report_passages_add(&report, &data, day, day);
    assert_string_equal(cell("passages_by_day", 0, "passages"), "1");
    assert_string_equal(cell("passages_without_time", 0, "gate"), "out-1");
    assert_string_equal(cell("passages_by_hour", 0, "passages"), "no such row");
    report_free(&report);
    report_inside_add(&report, &data, stored, true);
    assert_string_equal(cell("inside", 0, "why"), "clock");
    assert_string_equal(cell("inside", 0, "last_time"), "");
}

static void gates_tell_what_needs_attention(void **state)
{
    (void)state;
    struct db_statement statement;
    add_gate("a", "in");
    assert_int_equal(store_db_prepare(&store.db, &statement,
                                      "UPDATE gates SET seen_utc_s = $2, clock_off_s = -61,"
                                      " damaged_blocks = 2 WHERE site = $1"),
                     ERR_OK);
    db_bind_int(&statement, 2, MONDAY);
    assert_int_equal(db_do(&statement), 1);
    db_finalize(&statement);
    add_gate("b", "in");
    pass("c", 1, MONDAY, &tag_a);
    load(MONDAY, MONDAY + 1);
    report_inside_add_gates(&report, &data, MONDAY + 24 * HOUR + 1, 8);
    assert_string_equal(cell("gates", 0, "attention"), "not_seen, never_read, old_list, clock, damaged");
    assert_string_equal(cell("gates", 0, "seen"), "2026-11-23 00:00:00");
    assert_string_equal(cell("gates", 1, "attention"), "never_seen, never_read");
    assert_string_equal(cell("gates", 2, "attention"), "never_seen");
    report_free(&report);
    report_inside_add_gates(&report, &data, MONDAY + 24 * HOUR, 7); /* a day is not yet long, nor 7 old */
    assert_string_equal(cell("gates", 0, "attention"), "never_read, clock, damaged");
}

/* --- the law --- */

static char trail[512];

static int collect(void *ctx, const struct audit_row *row)
{
    size_t len = strlen(trail);
    (void)ctx;
    snprintf(trail + len, sizeof trail - len, "%s|%s|%s|%s;", row->what, row->subject, row->person,
             row->detail);
    return ERR_OK;
}

static const char *read_trail(void)
{
    trail[0] = '\0';
    assert_int_equal(audit_each(&store.db, 0, INT64_MAX, collect, NULL), ERR_OK);
    return trail;
}

static void the_trail_has_numbers_and_shows_names_that_are_still_there(void **state)
{
    char subject[AUDIT_SUBJECT_SIZE], expected[128];
    (void)state;
    int64_t person = put_and_hold("Exemple", &tag_a, 1);
    assert_int_equal(audit_note(&store.db, &(struct audit_entry){"lend", audit_person(person, subject), "x"}),
                     ERR_OK);
    assert_int_equal(audit_note(&store.db, &(struct audit_entry){"block", audit_card(&tag_b, subject), ""}),
                     ERR_OK);
    snprintf(expected, sizeof expected, "lend|person %d|Exemple Alix|x;block|card 0b02000000000000||;",
             (int)person);
    assert_string_equal(read_trail(), expected);
    assert_string_equal(test_store_ask(path, "SELECT count(*) FROM audit WHERE subject LIKE '%Exemple%'"),
                        "0");
    assert_int_equal(audit_forget(&store.db, 1), 0);
    assert_int_equal(audit_forget(&store.db, INT64_MAX), 2);
}

static void the_trail_names_the_user_and_the_name_that_was_given(void **state)
{
    char who[AUDIT_WHO_SIZE], long_name[400];
    (void)state;
    unsetenv("PORTILLON_NAME");
    char alone[AUDIT_WHO_SIZE];
    audit_who(alone);
    assert_true(alone[0] != '\0' && strchr(alone, '(') == NULL);
    setenv("PORTILLON_NAME", "Mme\tExemple", 1);
    assert_non_null(strstr(audit_who(who), " (Mme?Exemple)")); /* fit for a terminal */
    assert_memory_equal(who, alone, strlen(alone));
    memset(long_name, 'x', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    setenv("PORTILLON_NAME", long_name, 1);
    assert_true(strlen(audit_who(who)) < AUDIT_WHO_SIZE);
    unsetenv("PORTILLON_NAME");
}

static void erase(int64_t person, struct person_erased *erased)
{
    *erased = (struct person_erased){0};
    assert_int_equal(people_store_begin(&store), ERR_OK);
    assert_int_equal(person_record_erase(&store, person, erased), ERR_OK);
    assert_int_equal(people_store_commit(&store), ERR_OK);
}

static void an_erased_person_leaves_passages_of_nobody(void **state)
{
    struct person_erased erased;
    struct people_card block = {.tag = tag_a, .card = "04AABB", .noted_utc_s = MONDAY};
    (void)state;
    int64_t person = put_and_hold("Exemple", &tag_a, 1), other = put_and_hold("Modèle", &tag_b, 1);
    assert_int_equal(people_store_begin(&store), ERR_OK);
    /* From 10:00 on the other person's card is theirs. */
    assert_int_equal(people_store_hold(&store, &tag_b, person, MONDAY + 10 * HOUR), ERR_OK);
    block.has_person = true;
    block.person.id = person;
    assert_int_equal(people_store_note_card(&store, &block), ERR_OK);
    assert_int_equal(audit_note(&store.db, &(struct audit_entry){"block", "card 0a01000000000000", ""}),
                     ERR_OK);
    assert_int_equal(people_store_commit(&store), ERR_OK);
    pass("nord-1", 1, MONDAY + 8 * HOUR, &tag_a);
    pass("nord-1", 2, MONDAY + 9 * HOUR, &tag_b); /* of the other person */
    pass("nord-1", 3, MONDAY + 11 * HOUR, &tag_b);
    erase(person, &erased);
    assert_int_equal(erased.passages, 2);
    assert_int_equal(erased.cards, 2);
    assert_int_equal(erased.blocks, 1);
    assert_string_equal(test_store_ask(path, "SELECT group_concat(coalesce(tag, '-')) FROM "
                                             "(SELECT tag FROM journal ORDER BY seq) AS t"),
                        "-,0b02000000000000,-");
    assert_string_equal(test_store_ask(path, "SELECT hex(raw) FROM journal WHERE seq = 3"),
                        "0300000000000000000000010000000000000000000000000000000000000000");
    assert_string_equal(test_store_ask(path, "SELECT hex(raw) FROM journal WHERE seq = 2"),
                        "02000000000000000000000"
                        "10B02000000000000000000005A5A5A5A5A5A5A5A");
    assert_string_equal(test_store_ask(path, "SELECT count(*) FROM people"), "1");
    assert_string_equal(test_store_ask(path, "SELECT count(*) FROM holdings WHERE until_utc_s IS NULL"), "0");
    assert_string_equal(test_store_ask(path, "SELECT coalesce(card, 'no number') FROM office_cards WHERE "
                                             "state = 'blocked' AND person IS NULL"),
                        "no number");
    assert_string_equal(test_store_ask(path, "SELECT count(*) FROM audit WHERE subject LIKE 'card%'"), "0");
    (void)other;
}

static void the_number_of_an_erased_person_is_not_given_again(void **state)
{
    struct person_erased erased;
    (void)state;
    int64_t person = put_and_hold("Exemple", &tag_a, 1);
    erase(person, &erased);
    assert_int_not_equal(put_and_hold("Nouveau", &tag_b, 1), person);
}

static void an_export_has_all_of_one_person_and_nothing_of_others(void **state)
{
    struct json_out json;
    char *text = NULL, subject[AUDIT_SUBJECT_SIZE];
    size_t len;
    (void)state;
    int64_t person = put_and_hold("Exemple", &tag_a, 1);
    put_and_hold("Modèle", &tag_b, 1);
    pass("nord-1", 1, MONDAY + 8 * HOUR, &tag_a);
    pass("nord-1", 2, MONDAY + 9 * HOUR, &tag_b);
    assert_int_equal(
        audit_note(&store.db, &(struct audit_entry){"look_up", audit_person(person, subject), ""}), ERR_OK);
    FILE *out = open_memstream(&text, &len);
    json_out_start(&json, out);
    assert_int_equal(person_record_write(&store.db, person, &json), ERR_OK);
    fclose(out);
    assert_non_null(strstr(text, "\"surname\": \"Exemple\""));
    assert_non_null(strstr(text, "\"pseudonym\": \"0a01000000000000\""));
    assert_non_null(strstr(text, "\"time\": \"2026-11-23T07:00:00Z\""));
    assert_non_null(strstr(text, "\"what\": \"look_up\""));
    assert_null(strstr(text, "Mod"));
    assert_null(strstr(text, "0b02"));
    assert_null(strstr(text, "\"who\""));
    free(text);
}

static void another_site_in_the_same_store_is_not_counted(void **state)
{
    static const uint8_t other_id[IDENTITY_SITE_ID_LEN] = {9};
    struct passage_store passages;
    struct identity gate = test_store_gate("self-1");
    const struct journal_record record = {.seq = 1,
                                          .utc_s = MONDAY + 12 * HOUR,
                                          .kind = JOURNAL_GRANTED,
                                          .code = JOURNAL_ASSUMED,
                                          .zone = ZONE_CANTEEN,
                                          .tag = tag_a,
                                          .flags = CLOCK_SET};
    const uint8_t raw[JOURNAL_RECORD_LEN] = {1};
    struct person_erased erased;
    (void)state;
    int64_t person = put_and_hold("Exemple", &tag_a, 1);
    eat("self-1", 1, MONDAY + 12 * HOUR, &tag_a, 1);
    memcpy(gate.site_id, other_id, sizeof other_id);
    assert_int_equal(passage_store_open(&passages, path, &gate), ERR_OK);
    assert_int_equal(passage_store_begin(&passages), ERR_OK);
    assert_int_equal(passage_store_add(&passages, &record, raw), 1);
    assert_int_equal(passage_store_commit(&passages, 1), ERR_OK);
    passage_store_close(&passages);
    assert_int_equal(meals_of("premier", "demi-pension"), 1);
    people_store_close(&store);
    assert_int_equal(people_store_open(&store, path, other_id), ERR_OK);
    assert_int_equal(meals_of("premier", ""), 1); /* there, nobody has the card */
    assert_int_equal(data.people_count, 0);
    assert_int_equal(data.gate_count, 1);
    assert_int_equal(audit_note(&store.db, &(struct audit_entry){"look_up", "site", ""}), ERR_OK);
    erase(person, &erased);
    assert_int_equal(erased.passages, 0);
    people_store_close(&store);
    assert_int_equal(people_store_open(&store, path, test_store_site), ERR_OK);
    assert_string_equal(read_trail(), "");
    assert_int_equal(meals_of("premier", "demi-pension"), 1);
}

/* --- methods --- */

static void tap_by(uint32_t seq, enum credential_method method, enum journal_kind kind)
{
    add("nord-1", &(struct journal_record){.seq = seq,
                                           .utc_s = MONDAY + 8 * HOUR + seq,
                                           .kind = kind,
                                           .code = kind == JOURNAL_GRANTED ? JOURNAL_ASSUMED : 1,
                                           .zone = ZONE_BUILDING,
                                           .method = (uint8_t)method,
                                           .tag = tag_a,
                                           .flags = CLOCK_SET});
}

static void hold_by_key(const struct tag *tag, int64_t person, const struct tag *uid_tag, bool blocked)
{
    struct people_holding holding = PEOPLE_ROWS_PLAIN_HOLDING(PEOPLE_GIVEN_FILE);
    holding.method = CREDENTIAL_DESFIRE;
    holding.blocked = blocked;
    holding.counts_as_uid = uid_tag != NULL;
    if (uid_tag != NULL)
        holding.uid_tag = *uid_tag;
    assert_int_equal(people_store_hold_card(&store, tag, person, &holding, MONDAY), ERR_OK);
}

static void taps_and_cards_are_counted_by_method(void **state)
{
    static const struct tag key_a = {{0xA, 9}}, key_d = {{0xD, 9}}, key_e = {{0xE, 9}};
    (void)state;
    int64_t both = put_and_hold("Un", &tag_a, 1);
    put_and_hold("Deux", &tag_b, 1);
    hold_by_key(&key_a, both, &tag_a, false);
    hold_by_key(&key_d, both, NULL, false);
    hold_by_key(&key_e, both, NULL, true); /* a lost one does not count */
    tap_by(1, CREDENTIAL_UID, JOURNAL_GRANTED);
    tap_by(2, CREDENTIAL_DESFIRE, JOURNAL_GRANTED);
    tap_by(3, CREDENTIAL_DESFIRE, JOURNAL_REFUSED);
    tap_by(4, CREDENTIAL_DESFIRE, JOURNAL_GRANTED);
    load(MONDAY, MONDAY + 24 * HOUR);
    report_methods_add_taps(&report, &data);
    assert_int_equal(report_methods_add_cards(&report, &store.db), ERR_OK);
    assert_string_equal(cell("taps_by_method", 0, "method"), "uid");
    assert_string_equal(cell("taps_by_method", 0, "passages"), "1");
    assert_string_equal(cell("taps_by_method", 1, "method"), "desfire");
    assert_string_equal(cell("taps_by_method", 1, "passages"), "2");
    assert_string_equal(cell("taps_by_method", 1, "refused"), "1");
    assert_string_equal(cell("cards_by_method", 0, "profile"), "demi-pension");
    assert_string_equal(cell("cards_by_method", 0, "uid"), "1");
    assert_string_equal(cell("cards_by_method", 0, "both"), "1");
    assert_string_equal(cell("cards_by_method", 0, "desfire"), "1");
    assert_string_equal(cell("cards_by_method", 1, "profile"), "no such row");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_day_begins_at_midnight_also_when_the_clocks_change, start, stop),
        cmocka_unit_test_setup_teardown(a_passage_counts_for_the_service_that_is_in_progress, start, stop),
        cmocka_unit_test_setup_teardown(a_meal_after_midnight_belongs_to_the_day_before, start, stop),
        cmocka_unit_test_setup_teardown(only_passages_that_were_used_are_meals, start, stop),
        cmocka_unit_test_setup_teardown(meals_stay_as_counts_when_passages_are_forgotten, start, stop),
        cmocka_unit_test_setup_teardown(a_double_passage_is_at_two_gates_in_one_service, start, stop),
        cmocka_unit_test_setup_teardown(the_queue_has_the_busiest_day_of_each_five_minutes, start, stop),
        cmocka_unit_test_setup_teardown(the_last_passage_says_who_is_inside, start, stop),
        cmocka_unit_test_setup_teardown(the_list_is_true_as_of_the_gate_that_was_read_first, start, stop),
        cmocka_unit_test_setup_teardown(people_are_sorted_by_class_surname_and_first_name, start, stop),
        cmocka_unit_test_setup_teardown(who_may_be_inside_is_listed_with_the_reason, start, stop),
        cmocka_unit_test_setup_teardown(a_passage_without_time_counts_on_the_day_it_was_stored, start, stop),
        cmocka_unit_test_setup_teardown(gates_tell_what_needs_attention, start, stop),
        cmocka_unit_test_setup_teardown(the_trail_has_numbers_and_shows_names_that_are_still_there, start,
                                        stop),
        cmocka_unit_test_setup_teardown(the_trail_names_the_user_and_the_name_that_was_given, start, stop),
        cmocka_unit_test_setup_teardown(an_erased_person_leaves_passages_of_nobody, start, stop),
        cmocka_unit_test_setup_teardown(the_number_of_an_erased_person_is_not_given_again, start, stop),
        cmocka_unit_test_setup_teardown(another_site_in_the_same_store_is_not_counted, start, stop),
        cmocka_unit_test_setup_teardown(an_export_has_all_of_one_person_and_nothing_of_others, start, stop),
        cmocka_unit_test_setup_teardown(taps_and_cards_are_counted_by_method, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
