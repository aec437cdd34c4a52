/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stored taps run again: as they were, with other rules and with another list. The cases that a school asks
 * about are literal. Three random weeks are compared with a second implementation of the rules, written in
 * this file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/crypto/crypto.h"
#include "tests/fakes/sample_list.h"
#include "tests/fakes/test_store.h"
#include "tools/portillon/list/list_builder.h"
#include "tools/portillon/replay/replay_pupils.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/store/list_store.h"
#include "tools/portillon/store/passage_store.h"
#include "tools/portillon/store/people_store.h"

enum { DAY = 86400, MONDAY = 1795996800 - 3600 }; /* Monday 2026-11-30, 00:00 in Paris */
#define AT(day, hour, minute) ((uint32_t)(MONDAY + (day)*DAY + (hour)*3600 + (minute)*60))

#define PROFILES                                                                                             \
    "[profile dp]\nbuilding = always\ncanteen = always\nservices = midi\n"                                   \
    "[profile interne]\nbuilding = always\ncanteen = always\nservices = midi, soir\n"                        \
    "[profile externe]\nbuilding = mon-fri 07:00-19:00\ncanteen = never\n"
static const char rules_before[] =
    "format = 1\n[services]\nmidi = mon-fri 11:30-13:30\nsoir = mon-fri 18:30-20:00\n" PROFILES;
/* The same, but the services change places in the list. */
static const char rules_moved[] =
    "format = 1\n[services]\nsoir = mon-fri 18:30-20:00\nmidi = mon-fri 11:30-13:30\n" PROFILES;
static const char rules_after[] =
    "format = 1\n[services]\nmidi = mon-fri 12:00-14:00\nsoir = mon-fri 18:30-20:00\n"
    "[profile externe]\nbuilding = mon-fri 08:00-18:00\ncanteen = never\n"
    "[profile interne]\nbuilding = always\ncanteen = always\nservices = midi, soir\n"
    "[profile dp]\nbuilding = always\ncanteen = always\nservices = midi, soir\n";

enum { CARDS = 60, PROFILE_DP = 0, PROFILE_INTERNE = 1, PROFILE_EXTERNE = 2 };
static struct list_builder_card cards[CARDS];
static char path[TEST_STORE_PATH_SIZE];
static struct people_store people;
static struct passage_store passages;
static crypto_mac journal_mac;
static uint32_t next_seq;
static struct replay replay;

static struct tag tag_of(uint32_t number)
{
    uint32_t spread = (number + 1) * UINT32_C(0x9E3779B1);
    struct tag tag = {{0}};
    memcpy(tag.bytes, &spread, sizeof spread);
    tag.bytes[7] = (uint8_t)number;
    return tag;
}

static void make_cards(void)
{
    for (uint32_t i = 0; i < CARDS; i++)
        cards[i] =
            (struct list_builder_card){.tag = tag_of(i),
                                       .rule = {.profile = (uint8_t)(i % 3),
                                                .weekdays = i % 4 == 1 ? 0x1B : 0x7F, /* not on Wednesdays */
                                                .last_day = WHITELIST_NO_LAST_DAY,
                                                .passages = i % 10 == 1 ? 2 : 1,
                                                .flags = i == 7 ? WHITELIST_RULE_BLOCKED : 0}};
}

static int start(void **state)
{
    (void)state;
    const uint8_t key[CRYPTO_KEY_LEN] = {1};
    make_cards();
    assert_int_equal(crypto_mac_init(&journal_mac, key), ERR_OK);
    test_store_new(path);
    assert_int_equal(people_store_open(&people, path, test_store_site), ERR_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    replay_free(&replay);
    crypto_mac_free(&journal_mac);
    people_store_close(&people);
    test_store_delete(path);
    return 0;
}

/* --- a school --- */

static void parse(struct site_rules *rules, const char *text)
{
    static struct import_report report;
    memset(&report, 0, sizeof report);
    if (site_rules_parse(rules, "site.conf", text, strlen(text), &report) != ERR_OK)
        fail_msg("%s", report.errors[0]);
}

static struct sample_list build(uint32_t version, const char *text, const struct list_builder_card *of,
                                uint32_t count)
{
    static struct site_rules rules;
    const struct identity site = sample_identity(ZONE_CANTEEN);
    struct list_builder_input input = {
        .cards = of, .card_count = count, .version = version, .created_utc_s = AT(-3, 8, 0)};
    uint8_t *image;
    size_t len;
    const char *why;
    parse(&rules, text);
    list_builder_take_tables(&input, &rules.tables);
    memcpy(input.site_id, site.site_id, sizeof input.site_id);
    assert_int_equal(whitelist_list_key(site.tag_key, input.list_key), ERR_OK);
    assert_int_equal(list_builder_build(&input, &image, &len, &why), ERR_OK);
    return sample_list_sign(image, len);
}

static void keep_list(uint32_t version, const char *text)
{
    struct sample_list list = build(version, text, cards, CARDS);
    const struct list_store_entry entry = {version, AT(-3, 8, 0), text, list.image, list.len};
    assert_int_equal(people_store_begin(&people), ERR_OK);
    assert_int_equal(list_store_put(&people.db, &entry), ERR_OK);
    assert_int_equal(people_store_commit(&people), ERR_OK);
    sample_list_free(&list);
}

/* --- a gate --- */

static void open_gate(const char *device)
{
    const struct identity identity = test_store_gate(device);
    next_seq = 1;
    assert_int_equal(passage_store_open(&passages, path, &identity), ERR_OK);
    assert_int_equal(passage_store_begin(&passages), ERR_OK);
}

static void close_gate(void)
{
    assert_int_equal(passage_store_commit(&passages, next_seq - 1), ERR_OK);
    passage_store_close(&passages);
}

static uint32_t log_record(struct journal_record record)
{
    uint8_t raw[JOURNAL_RECORD_LEN];
    record.seq = next_seq++;
    assert_int_equal(journal_record_encode(&record, &journal_mac, raw), ERR_OK);
    assert_int_equal(passage_store_add(&passages, &record, raw), 1);
    return record.seq;
}

static void log_event(uint32_t utc_s, enum journal_event event, uint32_t ref)
{
    log_record((struct journal_record){
        .utc_s = utc_s, .kind = JOURNAL_EVENT, .code = (uint8_t)event, .ref = ref, .flags = CLOCK_SET});
}

static uint32_t log_tap(uint32_t utc_s, enum zone zone, struct tag tag, enum reason reason, uint8_t service,
                        uint8_t code)
{
    return log_record((struct journal_record){
        .utc_s = utc_s,
        .kind = reason == REASON_NONE ? JOURNAL_GRANTED : JOURNAL_REFUSED,
        .code = reason == REASON_NONE ? code : (uint8_t)reason,
        .zone = (uint8_t)zone,
        .tag = tag,
        .flags = (uint8_t)(CLOCK_SET | (reason == REASON_NONE ? service << JOURNAL_SERVICE_SHIFT : 0))});
}

/* A tap at a canteen without a sensor. service is the place of the meal in the list, from 1. */
static uint32_t tap(uint32_t utc_s, uint32_t card, enum reason reason, uint8_t service)
{
    return log_tap(utc_s, ZONE_CANTEEN, tag_of(card), reason, service, JOURNAL_ASSUMED);
}

static void log_closing(uint32_t utc_s, uint32_t seq, enum journal_outcome outcome, uint8_t flags)
{
    log_record((struct journal_record){.utc_s = utc_s,
                                       .kind = JOURNAL_CLOSED,
                                       .code = (uint8_t)outcome,
                                       .ref = seq,
                                       .flags = CLOCK_SET | flags});
}

/* --- replays --- */

static void run_job(const struct list_open *list, const struct whitelist_tables *tables, uint32_t from,
                    uint32_t to)
{
    const struct identity site = sample_identity(ZONE_CANTEEN);
    const struct replay_job job = {.store = &people.db,
                                   .key = site.site_key,
                                   .list = list,
                                   .tables = tables,
                                   .from_utc_s = from,
                                   .to_utc_s = to};
    replay_free(&replay);
    assert_int_equal(replay_run(&job, &replay), ERR_OK);
}

static void replay_with(const char *text)
{
    static struct site_rules rules;
    if (text != NULL)
        parse(&rules, text);
    run_job(NULL, text != NULL ? &rules.tables : NULL, AT(0, 0, 0), AT(21, 0, 0));
}

static void replay_with_list(const struct list_builder_card *of, uint32_t count)
{
    struct list_open open = {0};
    const char *why;
    struct sample_list list = build(99, rules_before, of, count);
    open.data = list.image;
    assert_int_equal(list_open_bytes(&open, list.len, NULL, &why), ERR_OK);
    run_job(&open, NULL, AT(0, 0, 0), AT(21, 0, 0));
    sample_list_free(&list);
}

static void assert_change(size_t index, uint32_t seq, enum reason before, enum reason after)
{
    assert_true(index < replay.change_count);
    const struct replay_change *change = &replay.changes[index];
    if (change->seq != seq || change->before != before || change->after != after)
        fail_msg("change %zu is %u: %s -> %s", index, change->seq, reason_name(change->before),
                 reason_name(change->after));
}

static uint64_t not_replayed(void)
{
    uint64_t count = 0;
    for (int i = REPLAY_DONE + 1; i < REPLAY_SKIPS; i++)
        count += replay.taps[i];
    return count;
}

/* --- literal cases --- */

static void a_lunch_as_it_was_changes_nobody(void **state)
{
    (void)state;
    keep_list(5, rules_before);
    open_gate("self-1");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    tap(AT(0, 11, 29), 0, REASON_NO_SERVICE_NOW, 0);
    tap(AT(0, 11, 31), 0, REASON_NONE, 1);
    tap(AT(0, 11, 40), 0, REASON_ALREADY_PASSED, 0);
    tap(AT(0, 11, 41), 2, REASON_NO_RIGHT_HERE, 0); /* externe */
    tap(AT(0, 11, 42), 7, REASON_BLOCKED, 0);
    tap(AT(0, 11, 43), 900, REASON_UNKNOWN_CARD, 0);
    uint32_t seq = log_tap(AT(0, 11, 50), ZONE_CANTEEN, tag_of(3), REASON_NONE, 1, 0); /* behind a sensor */
    log_closing(AT(0, 11, 51), seq, JOURNAL_ABANDONED, 0);
    seq = log_tap(AT(0, 11, 52), ZONE_CANTEEN, tag_of(3), REASON_NONE, 1, 0);
    log_closing(AT(0, 11, 53), seq, JOURNAL_PASSED, 0);
    tap(AT(0, 12, 0), 3, REASON_ALREADY_PASSED, 0);
    seq = log_tap(AT(0, 12, 1), ZONE_CANTEEN, tag_of(6), REASON_NONE, 1, 0); /* released by fire */
    log_closing(AT(0, 12, 1), seq, JOURNAL_ASSUMED, JOURNAL_FLAG_UNCOUNTED);
    tap(AT(0, 12, 2), 6, REASON_NONE, 1);
    log_tap(AT(0, 12, 3), ZONE_CANTEEN, tag_of(9), REASON_NONE, 1, 0); /* power fails on the way */
    log_event(AT(0, 12, 5), JOURNAL_EVENT_START, 2);
    tap(AT(0, 12, 6), 9, REASON_NONE, 1);
    tap(AT(0, 12, 7), 9, REASON_ALREADY_PASSED, 0);
    log_event(AT(0, 12, 10), JOURNAL_EVENT_PROFILES, 1 << PROFILE_DP);
    tap(AT(0, 12, 11), 12, REASON_PROFILE_OFF, 0);
    tap(AT(0, 12, 12), 4, REASON_NONE, 1);
    log_event(AT(0, 12, 15), JOURNAL_EVENT_PROFILES, 0);
    tap(AT(0, 12, 16), 12, REASON_NONE, 1);
    tap(AT(0, 19, 0), 4, REASON_NONE, 2);              /* interne, dinner */
    tap(AT(0, 19, 1), 12, REASON_NOT_THIS_SERVICE, 0); /* dp */
    tap(AT(1, 11, 31), 0, REASON_NONE, 1);             /* the next day */
    tap(AT(2, 11, 31), 9, REASON_NO_MEAL_TODAY, 0);    /* Wednesday */
    close_gate();
    replay_with(NULL);
    assert_int_equal(replay.change_count, 0);
    assert_int_equal(not_replayed(), 0);
    assert_int_equal(replay.taps[REPLAY_DONE], 21);
    assert_int_equal(replay.elsewhere, 0);
    assert_int_equal(replay.unlisted, 1);
    replay_with(rules_before); /* the same rules, given again */
    assert_int_equal(replay.change_count, 0);
    assert_int_equal(not_replayed(), 0);
}

static void other_hours_change_who_passes_and_who_has_eaten(void **state)
{
    (void)state;
    keep_list(5, rules_before);
    open_gate("self-1");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    uint32_t early = tap(AT(0, 11, 45), 0, REASON_NONE, 1);
    uint32_t again = tap(AT(0, 12, 10), 0, REASON_ALREADY_PASSED, 0);
    uint32_t third = tap(AT(0, 12, 20), 0, REASON_ALREADY_PASSED, 0);
    uint32_t late = tap(AT(0, 13, 45), 3, REASON_NO_SERVICE_NOW, 0);
    uint32_t evening = tap(AT(0, 19, 0), 3, REASON_NOT_THIS_SERVICE, 0);
    close_gate();
    replay_with(rules_after);
    assert_int_equal(not_replayed(), 0);
    assert_int_equal(replay.change_count, 4);
    assert_change(0, early, REASON_NONE, REASON_NO_SERVICE_NOW);
    assert_change(1, again, REASON_ALREADY_PASSED, REASON_NONE); /* the first meal was not taken */
    assert_change(2, late, REASON_NO_SERVICE_NOW, REASON_NONE);
    assert_change(3, evening, REASON_NOT_THIS_SERVICE, REASON_NONE);
    (void)third; /* has eaten by both */
}

static void who_has_eaten_has_eaten_also_under_a_list_that_moves_the_services(void **state)
{
    (void)state;
    keep_list(5, rules_before);
    keep_list(6, rules_moved);
    open_gate("self-1");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    tap(AT(0, 11, 45), 0, REASON_NONE, 1);
    log_record(
        (struct journal_record){.utc_s = AT(0, 11, 50),
                                .kind = JOURNAL_EVENT,
                                .code = JOURNAL_EVENT_LIST_INSTALLED,
                                .ref = 6,
                                .flags = CLOCK_SET,
                                .services = {{0x12}}}); /* the first is now the second, and the other way */
    tap(AT(0, 11, 55), 0, REASON_ALREADY_PASSED, 0);
    tap(AT(0, 11, 56), 3, REASON_NONE, 2);
    tap(AT(0, 11, 57), 3, REASON_ALREADY_PASSED, 0);
    close_gate();
    replay_with(NULL);
    assert_int_equal(replay.change_count, 0);
    assert_int_equal(replay.elsewhere, 0);
    replay_with(rules_after);
    assert_int_equal(replay.change_count, 4);
    assert_int_equal(not_replayed(), 0);
}

static void a_passage_that_the_gate_had_no_room_to_count_does_not_count(void **state)
{
    (void)state;
    keep_list(5, rules_before);
    open_gate("self-1");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    log_record(
        (struct journal_record){.utc_s = AT(0, 12, 0),
                                .kind = JOURNAL_GRANTED,
                                .code = JOURNAL_ASSUMED,
                                .zone = ZONE_CANTEEN,
                                .tag = tag_of(0),
                                .flags = CLOCK_SET | 1 << JOURNAL_SERVICE_SHIFT | JOURNAL_FLAG_UNCOUNTED});
    tap(AT(0, 12, 5), 0, REASON_NONE, 1);
    tap(AT(0, 12, 6), 0, REASON_ALREADY_PASSED, 0);
    close_gate();
    replay_with(NULL);
    assert_int_equal(replay.change_count, 0);
    assert_int_equal(replay.taps[REPLAY_DONE], 3);
}

static void another_list_changes_cards(void **state)
{
    (void)state;
    struct list_builder_card changed[CARDS];
    keep_list(5, rules_before);
    open_gate("self-1");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    uint32_t blocked = tap(AT(0, 12, 0), 0, REASON_NONE, 1);
    uint32_t again = tap(AT(0, 12, 5), 0, REASON_ALREADY_PASSED, 0);
    uint32_t opened = tap(AT(0, 12, 10), 7, REASON_BLOCKED, 0);
    uint32_t gone = tap(AT(0, 12, 11), CARDS - 2, REASON_NONE, 1); /* interne */
    tap(AT(0, 12, 12), 3, REASON_NONE, 1);
    close_gate();
    memcpy(changed, cards, sizeof changed);
    changed[0].rule.flags = WHITELIST_RULE_BLOCKED;
    changed[7].rule.flags = 0;
    replay_with_list(changed, CARDS - 2);
    assert_int_equal(not_replayed(), 0);
    assert_int_equal(replay.change_count, 4);
    assert_change(0, blocked, REASON_NONE, REASON_BLOCKED);
    assert_change(1, again, REASON_ALREADY_PASSED, REASON_BLOCKED);
    assert_change(2, opened, REASON_BLOCKED, REASON_NONE);
    assert_change(3, gone, REASON_NONE, REASON_UNKNOWN_CARD);
    replay_with_list(cards, CARDS);
    assert_int_equal(replay.change_count, 0);
}

static void groups_turned_off_stay_off_by_their_names(void **state)
{
    (void)state;
    keep_list(5, rules_before);
    open_gate("nord-1");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    log_event(AT(0, 7, 1), JOURNAL_EVENT_PROFILES, 1 << PROFILE_EXTERNE);
    log_tap(AT(0, 7, 30), ZONE_BUILDING, tag_of(2), REASON_PROFILE_OFF, 0, 0);
    log_tap(AT(0, 7, 31), ZONE_BUILDING, tag_of(0), REASON_NONE, 0, JOURNAL_ASSUMED);
    log_event(AT(0, 8, 0), JOURNAL_EVENT_PROFILES, 0);
    uint32_t early = log_tap(AT(0, 18, 30), ZONE_BUILDING, tag_of(2), REASON_NONE, 0, JOURNAL_ASSUMED);
    close_gate();
    replay_with(rules_after); /* in which externe is the first profile, not the third */
    assert_int_equal(not_replayed(), 0);
    assert_int_equal(replay.change_count, 1);
    assert_change(0, early, REASON_NONE, REASON_OUTSIDE_HOURS);
}

static void a_group_stays_off_under_a_new_list_until_it_is_on(void **state)
{
    (void)state;
    keep_list(5, rules_before);
    keep_list(6, rules_before);
    open_gate("nord-1");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    log_event(AT(0, 7, 1), JOURNAL_EVENT_PROFILES, 1 << PROFILE_DP | 1 << PROFILE_EXTERNE);
    log_event(AT(0, 7, 2), JOURNAL_EVENT_PROFILES, 1 << PROFILE_EXTERNE);
    log_tap(AT(0, 7, 30), ZONE_BUILDING, tag_of(0), REASON_NONE, 0, JOURNAL_ASSUMED);
    log_tap(AT(0, 7, 31), ZONE_BUILDING, tag_of(2), REASON_PROFILE_OFF, 0, 0);
    log_event(AT(0, 7, 32), JOURNAL_EVENT_LIST_INSTALLED, 6);
    log_tap(AT(0, 7, 33), ZONE_BUILDING, tag_of(2), REASON_PROFILE_OFF, 0, 0);
    log_event(AT(0, 7, 34), JOURNAL_EVENT_PROFILES, 0);
    log_tap(AT(0, 7, 35), ZONE_BUILDING, tag_of(2), REASON_NONE, 0, JOURNAL_ASSUMED);
    close_gate();
    replay_with(NULL);
    assert_int_equal(replay.change_count, 0);
    assert_int_equal(replay.taps[REPLAY_DONE], 4);
}

static void what_cannot_be_replayed_is_counted(void **state)
{
    (void)state;
    static struct site_rules rules;
    static const struct tag none;
    keep_list(5, rules_before);
    open_gate("self-1");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 4); /* which is not stored */
    tap(AT(0, 12, 0), 0, REASON_NONE, 1);
    log_event(AT(0, 13, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    log_tap(AT(0, 13, 1), ZONE_CANTEEN, none, REASON_UNREADABLE, 0, 0);
    log_tap(AT(0, 13, 2), ZONE_CANTEEN, tag_of(1), REASON_GATE_BUSY, 0, 0);
    tap(AT(0, 13, 3), 3, REASON_EXPIRED, 0); /* the list says nothing of this */
    log_record((struct journal_record){.utc_s = 100,
                                       .kind = JOURNAL_REFUSED,
                                       .code = REASON_NO_RIGHT_HERE,
                                       .zone = ZONE_CANTEEN,
                                       .tag = tag_of(2)});
    log_event(AT(0, 14, 0), JOURNAL_EVENT_REFUSALS, 17);
    close_gate();
    parse(&rules, rules_after);
    run_job(NULL, &rules.tables, 1, AT(21, 0, 0)); /* what has no time counts by when it was stored */
    assert_int_equal(replay.taps[REPLAY_NO_LIST], 1);
    assert_int_equal(replay.taps[REPLAY_NO_CARD], 1);
    assert_int_equal(replay.taps[REPLAY_GATE_FAULT], 1);
    assert_int_equal(replay.taps[REPLAY_UNEXPLAINED], 1);
    assert_int_equal(replay.taps[REPLAY_ONLY_COUNTED], 17);
    assert_int_equal(replay.taps[REPLAY_CLOCK_UNSET], 1);
    assert_int_equal(replay.taps[REPLAY_DONE], 0);
    assert_int_equal(replay.change_count, 0);
    replay_with(NULL); /* the one that the list does not explain */
    assert_int_equal(replay.change_count, 1);
    assert_int_equal(replay.changes[0].before, REASON_EXPIRED);
    assert_int_equal(replay.changes[0].after, REASON_NONE);
    replay_with_list(cards, CARDS); /* needs no stored list */
    assert_int_equal(replay.taps[REPLAY_NO_LIST], 0);
    assert_int_equal(replay.unchecked, 1);
}

static void a_profile_that_is_gone_cannot_be_replayed(void **state)
{
    (void)state;
    keep_list(5, rules_before);
    open_gate("nord-1");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    log_tap(AT(0, 7, 31), ZONE_BUILDING, tag_of(0), REASON_NONE, 0, JOURNAL_ASSUMED);
    log_tap(AT(0, 7, 32), ZONE_BUILDING, tag_of(1), REASON_NONE, 0, JOURNAL_ASSUMED);
    close_gate();
    replay_with("format = 1\n[profile interne]\nbuilding = never\ncanteen = always\n");
    assert_int_equal(replay.taps[REPLAY_NO_PROFILE], 1);
    assert_int_equal(replay.taps[REPLAY_DONE], 1);
    assert_int_equal(replay.change_count, 1);
    assert_int_equal(replay.changes[0].after, REASON_NO_RIGHT_HERE);
}

static void a_meal_at_another_gate_counts_as_the_gate_was_told(void **state)
{
    (void)state;
    keep_list(5, rules_before);
    open_gate("self-2");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    tap(AT(0, 12, 0), 0, REASON_ALREADY_PASSED, 0); /* has eaten at self-1 */
    tap(AT(0, 12, 1), 0, REASON_ALREADY_PASSED, 0);
    close_gate();
    replay_with(NULL);
    assert_int_equal(replay.change_count, 0);
    assert_int_equal(replay.elsewhere, 1); /* the second tap finds it counted */
    replay_with(rules_after);
    assert_int_equal(replay.change_count, 0);
}

static void without_a_record_the_newest_list_of_the_time_is_taken(void **state)
{
    (void)state;
    keep_list(5, rules_before);
    open_gate("self-1");
    tap(AT(0, 12, 0), 0, REASON_NONE, 1);
    close_gate();
    replay_with(NULL);
    assert_int_equal(replay.taps[REPLAY_DONE], 1);
    assert_int_equal(replay.guessed, 1);
    assert_int_equal(replay.change_count, 0);
}

static void only_the_days_asked_for_are_told(void **state)
{
    (void)state;
    static struct site_rules rules;
    keep_list(5, rules_before);
    keep_list(6, rules_after); /* which no gate has */
    open_gate("self-1");
    log_event(AT(-30, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    for (int day = 0; day < 5; day++)
        tap(AT(day, 11, 45), 0, REASON_NONE, 1);
    close_gate();
    parse(&rules, rules_after);
    run_job(NULL, &rules.tables, AT(1, 0, 0), AT(3, 0, 0));
    assert_int_equal(replay.taps[REPLAY_DONE], 2);
    assert_int_equal(replay.change_count, 2);
    assert_int_equal(replay.guessed, 0);
    assert_change(0, 3, REASON_NONE, REASON_NO_SERVICE_NOW);
    assert_change(1, 4, REASON_NONE, REASON_NO_SERVICE_NOW);
}

static void add_person(const char *surname, const char *first_name, uint32_t card, int64_t since_utc_s)
{
    const struct csv_person person = {surname, first_name, "2A", "", {{0}}};
    const struct tag tag = tag_of(card);
    int64_t id = 0;
    assert_int_equal(people_store_begin(&people), ERR_OK);
    assert_int_equal(people_store_put(&people, &person, "dp", &cards[0].rule, AT(-3, 8, 0), &id), ERR_OK);
    assert_int_equal(people_store_hold(&people, &tag, id, since_utc_s), ERR_OK);
    assert_int_equal(people_store_commit(&people), ERR_OK);
}

static void pupils_are_named_once_for_each_change(void **state)
{
    (void)state;
    struct replay_pupils pupils;
    add_person("Modèle", "Bo", 0, AT(-3, 8, 0));
    add_person("Exemple", "Aïcha", 3, AT(-3, 8, 0));
    add_person("Exemple", "Aïcha", 6, AT(-3, 8, 0)); /* her second card */
    add_person("Autre", "Zoé", 6, AT(1, 8, 0));      /* who gets it the day after */
    keep_list(5, rules_before);
    open_gate("self-1");
    log_event(AT(0, 7, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
    tap(AT(0, 11, 45), 0, REASON_NONE, 1);
    tap(AT(0, 11, 46), 6, REASON_NONE, 1);
    tap(AT(1, 11, 45), 3, REASON_NONE, 1);
    tap(AT(1, 11, 46), 12, REASON_NONE, 1); /* nobody knows whose card it is */
    tap(AT(2, 13, 45), 6, REASON_NO_SERVICE_NOW, 0);
    tap(AT(1, 13, 45), 0, REASON_NO_SERVICE_NOW, 0);
    close_gate();
    replay_with(rules_after);
    assert_int_equal(replay_pupils_find(&pupils, &replay, &people.db), ERR_OK);
    assert_int_equal(pupils.group_count, 2);
    assert_int_equal(pupils.people, 4);
    assert_int_equal(pupils.groups[0].count, 3);
    assert_int_equal(pupils.groups[0].taps, 4);
    assert_string_equal(pupils.groups[0].pupils[0].name, "Exemple Aïcha");
    assert_int_equal(pupils.groups[0].pupils[0].taps, 2);
    assert_int_equal(pupils.groups[0].pupils[0].first.utc_s, AT(0, 11, 46));
    assert_string_equal(pupils.groups[0].pupils[1].name, "Modèle Bo");
    assert_string_equal(pupils.groups[0].pupils[2].name, "");
    assert_int_equal(pupils.groups[1].count, 2);
    assert_string_equal(pupils.groups[1].pupils[0].name, "Autre Zoé");
    assert_string_equal(pupils.groups[1].pupils[0].class_name, "2A");
    assert_int_equal(pupils.groups[1].pupils[0].first.after, REASON_NONE);
    assert_string_equal(pupils.groups[1].pupils[1].name, "Modèle Bo");
    replay_pupils_free(&pupils);
}

/* --- a second opinion --- */

/* The rules as the texts above say them, and nothing else. Minutes of the day. */
struct opinion {
    int lunch_from, lunch_to, home_from, home_to; /* home: the building, for externe */
    bool dp_dines;
};
static const struct opinion before = {690, 810, 420, 1140, false}, after = {720, 840, 480, 1080, true};

enum { NO_MEAL, LUNCH, DINNER, MEALS, DAYS = 21, GATES = 3 };
static int eaten[2][GATES][CARDS][DAYS][MEALS]; /* by the rules before and after */

struct asked {
    int gate, card, day, minute;
    enum zone zone;
    bool dp_off;
};

static int meal_at(const struct opinion *opinion, int day, int minute)
{
    if (day % 7 > 4)
        return NO_MEAL;
    if (minute >= opinion->lunch_from && minute < opinion->lunch_to)
        return LUNCH;
    return minute >= 1110 && minute < 1200 ? DINNER : NO_MEAL;
}

static enum reason opinion_of(const struct opinion *opinion, const struct asked *asked, int used)
{
    const struct whitelist_rule *rule = &cards[asked->card].rule;
    bool is_dp = asked->card % 3 == 0, is_externe = asked->card % 3 == 2;
    if (asked->card == 7)
        return REASON_BLOCKED;
    if (asked->zone == ZONE_CANTEEN && is_externe)
        return REASON_NO_RIGHT_HERE;
    if (is_dp && asked->dp_off)
        return REASON_PROFILE_OFF;
    if (asked->zone == ZONE_BUILDING)
        return is_externe && (asked->day % 7 > 4 || asked->minute < opinion->home_from ||
                              asked->minute >= opinion->home_to)
                   ? REASON_OUTSIDE_HOURS
                   : REASON_NONE;
    int meal = meal_at(opinion, asked->day, asked->minute);
    if (meal == NO_MEAL)
        return REASON_NO_SERVICE_NOW;
    if (is_dp && meal == DINNER && !opinion->dp_dines)
        return REASON_NOT_THIS_SERVICE;
    if (!(rule->weekdays >> asked->day % 7 & 1))
        return REASON_NO_MEAL_TODAY;
    return used >= rule->passages ? REASON_ALREADY_PASSED : REASON_NONE;
}

static uint32_t random_below(uint32_t end)
{
    static uint32_t state = 2463534242;
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % end;
}

struct expected {
    char gate[8];
    uint32_t seq;
    enum reason before, after;
};
static struct expected expected[20000];
static size_t expected_count, taps_made;

/* Logs one tap as a gate with the rules before does, and notes what the rules after would make of it. */
static void make_tap(const struct asked *asked, bool moved)
{
    int *ate_before = eaten[0][asked->gate][asked->card][asked->day];
    int *ate_after = eaten[1][asked->gate][asked->card][asked->day];
    int meal_before = asked->zone == ZONE_CANTEEN ? meal_at(&before, asked->day, asked->minute) : NO_MEAL;
    int meal_after = asked->zone == ZONE_CANTEEN ? meal_at(&after, asked->day, asked->minute) : NO_MEAL;
    enum reason was = opinion_of(&before, asked, ate_before[meal_before]);
    enum reason is = opinion_of(&after, asked, ate_after[meal_after]);
    uint32_t utc_s = AT(asked->day, 0, asked->minute);
    uint8_t service = (uint8_t)(meal_before == NO_MEAL ? 0 : moved ? 3 - meal_before : meal_before);
    bool with_sensor = random_below(3) == 0, passes = random_below(4) != 0;
    uint32_t seq = log_tap(utc_s, asked->zone, tag_of((uint32_t)asked->card), was, service,
                           with_sensor ? 0 : JOURNAL_ASSUMED);
    if (was == REASON_NONE && with_sensor)
        log_closing(utc_s, seq, passes ? JOURNAL_PASSED : JOURNAL_ABANDONED, 0);
    bool abandoned = was == REASON_NONE && with_sensor && !passes;
    ate_before[meal_before] += was == REASON_NONE && !abandoned;
    ate_after[meal_after] += is == REASON_NONE && !abandoned;
    taps_made++;
    if (was == is)
        return;
    struct expected *one = &expected[expected_count++];
    *one = (struct expected){.seq = seq, .before = was, .after = is};
    snprintf(one->gate, sizeof one->gate, "gate-%d", asked->gate);
}

static void make_day(int gate, int day, bool *dp_off)
{
    int minute = 0;
    if (day == 7)
        log_record((struct journal_record){.utc_s = AT(7, 0, 0),
                                           .kind = JOURNAL_EVENT,
                                           .code = JOURNAL_EVENT_LIST_INSTALLED,
                                           .ref = 6,
                                           .flags = CLOCK_SET,
                                           .services = {{0x12}}});
    while ((minute += (int)random_below(8)) < 1440) {
        bool meal_time = minute > 660 && minute < 860;
        if (random_below(200) == 0) {
            *dp_off = !*dp_off;
            log_event(AT(day, 0, minute), JOURNAL_EVENT_PROFILES, *dp_off ? 1 << PROFILE_DP : 0);
        }
        if (random_below(100) == 0)
            log_event(AT(day, 0, minute), JOURNAL_EVENT_START, 2);
        for (int taps = meal_time ? 4 : 1; taps > 0; taps--) {
            const struct asked asked = {
                gate,   (int)random_below(CARDS), day, minute, gate == 2 ? ZONE_BUILDING : ZONE_CANTEEN,
                *dp_off};
            make_tap(&asked, day >= 7);
        }
    }
}

static int by_gate_and_seq(const void *left, const void *right)
{
    const struct replay_change *a = left, *b = right;
    int order = strcmp(a->gate->device, b->gate->device);
    return order != 0 ? order : a->seq < b->seq ? -1 : a->seq > b->seq;
}

static void three_random_weeks_agree_with_a_second_opinion(void **state)
{
    (void)state;
    keep_list(5, rules_before);
    keep_list(6, rules_moved);
    for (int number = 0; number < GATES; number++) {
        char device[8];
        bool dp_off = false;
        snprintf(device, sizeof device, "gate-%d", number);
        open_gate(device);
        log_event(AT(0, 0, 0), JOURNAL_EVENT_LIST_INSTALLED, 5);
        for (int day = 0; day < DAYS; day++)
            make_day(number, day, &dp_off);
        close_gate();
    }
    replay_with(NULL);
    assert_int_equal(replay.change_count, 0);
    assert_int_equal(not_replayed(), 0);
    assert_int_equal(replay.taps[REPLAY_DONE], taps_made);
    assert_int_equal(replay.elsewhere, 0);
    replay_with(rules_after);
    assert_int_equal(not_replayed(), 0);
    assert_true(expected_count > 1000);
    assert_int_equal(replay.change_count, expected_count);
    qsort(replay.changes, replay.change_count, sizeof *replay.changes, by_gate_and_seq);
    for (size_t i = 0; i < expected_count; i++) {
        assert_string_equal(replay.changes[i].gate->device, expected[i].gate);
        assert_change(i, expected[i].seq, expected[i].before, expected[i].after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_lunch_as_it_was_changes_nobody, start, stop),
        cmocka_unit_test_setup_teardown(other_hours_change_who_passes_and_who_has_eaten, start, stop),
        cmocka_unit_test_setup_teardown(who_has_eaten_has_eaten_also_under_a_list_that_moves_the_services,
                                        start, stop),
        cmocka_unit_test_setup_teardown(a_passage_that_the_gate_had_no_room_to_count_does_not_count, start,
                                        stop),
        cmocka_unit_test_setup_teardown(another_list_changes_cards, start, stop),
        cmocka_unit_test_setup_teardown(groups_turned_off_stay_off_by_their_names, start, stop),
        cmocka_unit_test_setup_teardown(a_group_stays_off_under_a_new_list_until_it_is_on, start, stop),
        cmocka_unit_test_setup_teardown(what_cannot_be_replayed_is_counted, start, stop),
        cmocka_unit_test_setup_teardown(a_profile_that_is_gone_cannot_be_replayed, start, stop),
        cmocka_unit_test_setup_teardown(a_meal_at_another_gate_counts_as_the_gate_was_told, start, stop),
        cmocka_unit_test_setup_teardown(without_a_record_the_newest_list_of_the_time_is_taken, start, stop),
        cmocka_unit_test_setup_teardown(only_the_days_asked_for_are_told, start, stop),
        cmocka_unit_test_setup_teardown(pupils_are_named_once_for_each_change, start, stop),
        cmocka_unit_test_setup_teardown(three_random_weeks_agree_with_a_second_opinion, start, stop),
    };
    assert_int_equal(site_crypto_init(), ERR_OK);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
