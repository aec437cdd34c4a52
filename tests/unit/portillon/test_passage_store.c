/* SPDX-License-Identifier: Apache-2.0 */
/* Stores pages of a journal in a real database, and checks the result with SQL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <unistd.h>

#include "firmware/access/verdict.h"
#include "firmware/base/bytes.h"
#include "firmware/base/clock.h"
#include "firmware/crypto/identity.h"
#include "tests/fakes/test_store.h"
#include "tools/portillon/gate/pull_session.h"
#include "tools/portillon/store/store_schema.h"

#define RECORDS_MAX 16

static char path[TEST_STORE_PATH_SIZE];
static struct passage_store store;
static struct pull_session pull;
static crypto_mac mac;
static uint8_t raw[RECORDS_MAX][JOURNAL_RECORD_LEN];

static void open_store(const char *device)
{
    struct identity gate = test_store_gate(device);
    assert_int_equal(passage_store_open(&store, path, &gate), ERR_OK);
    pull = (struct pull_session){.store = &store, .mac = &mac};
    assert_int_equal(pull_session_recall(&pull), ERR_OK);
}

static int start(void **state)
{
    static const uint8_t key[CRYPTO_KEY_LEN] = "a journal key...";
    (void)state;
    test_store_new(path);
    if (crypto_mac_init(&mac, key) != ERR_OK)
        return -1;
    open_store("gate-a");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    passage_store_close(&store);
    crypto_mac_free(&mac);
    test_store_delete(path);
    return 0;
}

/* Puts a record at a place of the page under construction. */
static struct journal_record put(unsigned place, uint32_t seq, enum journal_kind kind, uint8_t code,
                                 uint32_t ref)
{
    struct journal_record record = {.seq = seq,
                                    .utc_s = 1788244200 + seq, /* 2026-09-01 06:30:00 UTC and seq seconds */
                                    .kind = kind,
                                    .code = code,
                                    .zone = ZONE_CANTEEN,
                                    .flags = CLOCK_SET,
                                    .tag = {{1, 2, 3, 4, 5, 6, 7, (uint8_t)seq}},
                                    .ref = ref};
    assert_int_equal(journal_record_encode(&record, &mac, raw[place]), ERR_OK);
    return record;
}

/* Makes the MAC of a record that was changed: the first bytes of AES-CMAC over the bytes before it. */
static void sign(uint8_t record[JOURNAL_RECORD_LEN])
{
    uint8_t full[CRYPTO_MAC_LEN];
    assert_int_equal(crypto_mac_compute(&mac, record, JOURNAL_RECORD_MAC_AT, full), ERR_OK);
    memcpy(record + JOURNAL_RECORD_MAC_AT, full, JOURNAL_RECORD_MAC_LEN);
}

static struct answer_passages page_of(uint32_t first, uint32_t count)
{
    return (struct answer_passages){.after = first - 1,
                                    .first = first,
                                    .next = first + count - 1,
                                    .tail = 1,
                                    .head = 100,
                                    .records = raw[0],
                                    .record_count = count};
}

static void pull_page(const struct answer_passages *page)
{
    assert_int_equal(pull_session_page(&pull, page), ERR_OK);
    assert_int_equal(pull_session_commit(&pull), ERR_OK);
}

static void pull_granted(uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        put(i, first + i, JOURNAL_GRANTED, 0, 0);
    struct answer_passages page = page_of(first, count);
    pull_page(&page);
}

/* Returns one value as text, through a separate connection, as another program would read it. */
static const char *ask(const char *sql)
{
    return test_store_ask(path, sql);
}

/* A lane of a canteen is told of each meal at the others. The passages are stored from there. */
static void what_a_gate_was_told_of_other_gates_is_not_stored(void **state)
{
    (void)state;
    put(0, 7, JOURNAL_GRANTED, 0, 0);
    put(1, 8, JOURNAL_EVENT, JOURNAL_EVENT_MEAL_ELSEWHERE, 1788244000);
    put(2, 9, JOURNAL_EVENT, JOURNAL_EVENT_READER_UP, 0);
    put(3, 10, JOURNAL_EVENT, JOURNAL_EVENT_MEAL_ELSEWHERE, 1788244001);
    struct answer_passages page = page_of(7, 4);
    pull_page(&page);
    assert_int_equal(pull.counts.events, 1);
    assert_int_equal(pull.counts.known, 0);
    assert_string_equal(ask("SELECT group_concat(seq) FROM journal"), "7,9");
    assert_string_equal(ask("SELECT count(*) FROM anomalies"), "0");
    assert_string_equal(ask("SELECT covered_seq || ' ' || last_seq FROM devices"), "10 10");
    /* the next pull recognises the journal by that record */
    struct passage_memory memory;
    assert_int_equal(passage_store_recall(&store, &memory), ERR_OK);
    assert_memory_equal(memory.last_mac, raw[3] + JOURNAL_RECORD_MAC_AT, JOURNAL_RECORD_MAC_LEN);
}

static void a_granted_passage_and_its_closing_are_one_row_of_passages(void **state)
{
    (void)state;
    put(0, 7, JOURNAL_GRANTED, 0, 0);
    put(1, 8, JOURNAL_CLOSED, JOURNAL_PASSED, 7);
    struct answer_passages page = page_of(7, 2);
    pull_page(&page);
    assert_string_equal(
        ask("SELECT device||' '||seq||' '||time||' '||clock||' '||verdict||' '||outcome||' '||closed"
            "||' '||zone||' '||tag FROM passages"),
        "gate-a 7 2026-09-01T06:30:07Z set granted passed 2026-09-01T06:30:08Z canteen "
        "0102030405060707");
    assert_string_equal(ask("SELECT count(*) FROM passages"), "1");
    assert_int_equal(pull.counts.granted, 1);
    assert_int_equal(pull.counts.closed, 1);
}

static void a_passage_without_a_sensor_is_assumed_and_needs_no_closing(void **state)
{
    (void)state;
    put(0, 7, JOURNAL_GRANTED, JOURNAL_ASSUMED, 0);
    put(1, 8, JOURNAL_GRANTED, 0, 0); /* with a rotation sensor, and not closed yet */
    struct answer_passages page = page_of(7, 2);
    pull_page(&page);
    assert_string_equal(ask("SELECT group_concat(seq||coalesce(outcome, '?')) FROM passages"), "7assumed,8?");
    assert_string_equal(ask("SELECT count(reason) + count(closed) FROM passages"), "0");
}

static void a_refusal_carries_its_reason_as_a_word(void **state)
{
    (void)state;
    put(0, 1, JOURNAL_REFUSED, REASON_UNKNOWN_CARD, 0);
    struct answer_passages page = page_of(1, 1);
    pull_page(&page);
    assert_string_equal(ask("SELECT verdict||' '||reason FROM passages"), "refused unknown_card");
}

static void a_tap_keeps_the_method_by_which_its_card_was_known(void **state)
{
    (void)state;
    /* bits 4-7 of byte 10 (journal_record.h): 2 desfire, 3 uid+, 0 a gate that knows no methods */
    static const uint8_t methods[] = {0x20, 0x30, 0x00};
    for (uint8_t i = 0; i < sizeof methods; i++) {
        put(i, 7 + i, i == 1 ? JOURNAL_REFUSED : JOURNAL_GRANTED, i == 1 ? REASON_BLOCKED : JOURNAL_ASSUMED,
            0);
        raw[i][10] = (uint8_t)((raw[i][10] & 0x0F) | methods[i]);
        sign(raw[i]);
    }
    put(3, 10, JOURNAL_EVENT, JOURNAL_EVENT_READER_UP, 0);
    struct answer_passages page = page_of(7, 4);
    pull_page(&page);
    assert_string_equal(ask("SELECT group_concat(method) FROM (SELECT * FROM passages ORDER BY seq) AS p"),
                        "desfire,uid+,uid");
    assert_string_equal(ask("SELECT coalesce(method, 'none') FROM journal WHERE seq = 10"), "none");
}

static void events_are_named_and_are_no_passages(void **state)
{
    (void)state;
    put(0, 1, JOURNAL_EVENT, JOURNAL_EVENT_FIRE_START, 0);
    struct answer_passages page = page_of(1, 1);
    pull_page(&page);
    assert_string_equal(ask("SELECT what FROM events"), journal_event_name(JOURNAL_EVENT_FIRE_START));
    assert_string_equal(ask("SELECT count(*) FROM passages"), "0");
}

static void what_was_only_counted_is_told_as_repeated(void **state)
{
    (void)state;
    struct journal_record record = put(0, 1, JOURNAL_EVENT, JOURNAL_EVENT_REPEATED, 300);
    record.detail = (struct journal_detail){{JOURNAL_EVENT_TAMPER_START}};
    assert_int_equal(journal_record_encode(&record, &mac, raw[0]), ERR_OK);
    record = put(1, 2, JOURNAL_EVENT, JOURNAL_EVENT_REFUSALS, 400);
    record.detail = (struct journal_detail){{REASON_UNKNOWN_CARD}};
    assert_int_equal(journal_record_encode(&record, &mac, raw[1]), ERR_OK);
    struct answer_passages page = page_of(1, 2);
    pull_page(&page);
    assert_string_equal(
        ask("SELECT group_concat(what||' '||ref) FROM (SELECT * FROM events ORDER BY seq) AS e"),
        "tamper_start_repeated 300,unknown_card_repeated 400");
    assert_string_equal(ask("SELECT count(*) FROM passages"), "0");
}

static void time_of_an_unset_clock_is_no_date(void **state)
{
    (void)state;
    struct journal_record record = put(0, 1, JOURNAL_GRANTED, 0, 0);
    record.flags = CLOCK_UNSET;
    record.utc_s = 42;
    assert_int_equal(journal_record_encode(&record, &mac, raw[0]), ERR_OK);
    struct answer_passages page = page_of(1, 1);
    pull_page(&page);
    assert_string_equal(ask("SELECT time FROM passages"), "NULL");
    assert_string_equal(ask("SELECT since_start_s FROM journal"), "42");
}

static void the_bytes_read_are_kept(void **state)
{
    char wanted[2 * JOURNAL_RECORD_LEN + 1];
    (void)state;
    pull_granted(1, 1);
    for (size_t i = 0; i < JOURNAL_RECORD_LEN; i++)
        snprintf(wanted + 2 * i, 3, "%02X", raw[0][i]);
    assert_string_equal(ask("SELECT hex(raw) FROM journal"), wanted);
}

static void pulling_again_stores_nothing_twice(void **state)
{
    (void)state;
    pull_granted(1, 5);
    passage_store_close(&store);
    open_store("gate-a");
    pull_granted(1, 6);
    assert_int_equal(pull.counts.stored, 1);
    assert_int_equal(pull.counts.known, 5);
    assert_string_equal(ask("SELECT count(*) FROM journal"), "6");
    assert_string_equal(ask("SELECT count(*) FROM anomalies"), "0");
}

static void what_is_not_committed_is_not_covered_and_not_there(void **state)
{
    (void)state;
    pull_granted(1, 2);
    put(0, 3, JOURNAL_GRANTED, 0, 0);
    struct answer_passages page = page_of(3, 1);
    assert_int_equal(pull_session_page(&pull, &page), ERR_OK);
    assert_int_equal(pull.covered, 2);
    assert_string_equal(ask("SELECT max(seq) FROM journal"), "2");
    passage_store_rollback(&store);
    passage_store_close(&store);
    open_store("gate-a");
    assert_int_equal(pull.covered, 2);
    assert_int_equal(pull_session_page(&pull, &page), ERR_OK);
    assert_int_equal(pull_session_commit(&pull), ERR_OK);
    assert_int_equal(pull.covered, 3);
    assert_string_equal(ask("SELECT covered_seq FROM devices"), "3");
}

static void a_forged_record_is_set_aside_and_the_rest_stored(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        put(i, 1 + i, JOURNAL_GRANTED, 0, 0);
    raw[1][12] ^= 1; /* another card's tag */
    struct answer_passages page = page_of(1, 3);
    pull_page(&page);
    assert_int_equal(pull.counts.forged, 1);
    assert_int_equal(pull.counts.stored, 2);
    assert_string_equal(ask("SELECT group_concat(seq) FROM journal"), "1,3");
    assert_string_equal(ask("SELECT device||' '||what||' '||first_seq||' '||length(raw) FROM anomalies"),
                        "gate-a forged 2 32");
}

static void a_good_record_in_anothers_place_is_forged(void **state)
{
    (void)state;
    put(0, 1, JOURNAL_GRANTED, 0, 0);
    put(1, 1, JOURNAL_GRANTED, 0, 0); /* again, as number 2 */
    struct answer_passages page = page_of(1, 2);
    pull_page(&page);
    assert_int_equal(pull.counts.forged, 1);
    assert_string_equal(ask("SELECT group_concat(seq) FROM journal"), "1");
}

static void unreadable_places_are_told_once(void **state)
{
    (void)state;
    put(0, 1, JOURNAL_GRANTED, 0, 0);
    put(1, 4, JOURNAL_GRANTED, 0, 0);
    struct answer_passages page = page_of(1, 2);
    page.next = 4;
    page.unreadable[0] = (struct answer_run){2, 2};
    page.unreadable_count = 1;
    pull_page(&page);
    assert_int_equal(pull.counts.unreadable, 2);
    assert_string_equal(ask("SELECT what||' '||first_seq||'-'||last_seq FROM anomalies"), "unreadable 2-3");
    assert_string_equal(ask("SELECT group_concat(seq) FROM journal"), "1,4");
    pull_page(&page);
    assert_int_equal(pull.counts.unreadable, 2);
}

/* A page of numbers 1 to 4, of which the gate could not read 2 and 3; of 3 it sent the bytes, with wrong
 * bits. */
static struct answer_passages page_with_damage(uint8_t damaged[ANSWER_DAMAGED_LEN], uint8_t wrong,
                                               uint32_t at)
{
    put(0, 3, JOURNAL_GRANTED, 0, 0);
    bytes_put_u32(damaged, 3);
    memcpy(damaged + 4, raw[0], JOURNAL_RECORD_LEN);
    damaged[4 + at] ^= wrong;
    put(0, 1, JOURNAL_GRANTED, 0, 0);
    put(1, 4, JOURNAL_GRANTED, 0, 0);
    struct answer_passages page = page_of(1, 2);
    page.next = 4;
    page.unreadable[0] = (struct answer_run){2, 2};
    page.unreadable_count = 1;
    page.damaged = damaged;
    page.damaged_count = 1;
    return page;
}

/* The tag of number 3 is 0102030405060703. */
static void a_record_with_one_wrong_bit_is_stored_as_it_was_written(void **state)
{
    (void)state;
    uint8_t damaged[ANSWER_DAMAGED_LEN];
    struct answer_passages page = page_with_damage(damaged, 0x20, 12 + 7);
    pull_page(&page);
    assert_int_equal(pull.counts.corrected, 1);
    assert_int_equal(pull.counts.granted, 3);
    assert_int_equal(pull.counts.unreadable, 1);
    assert_string_equal(ask("SELECT tag FROM passages WHERE seq = 3"), "0102030405060703");
    assert_string_equal(ask("SELECT group_concat(what||' '||first_seq||'-'||last_seq)"
                            " FROM (SELECT * FROM anomalies ORDER BY what) AS a"),
                        "corrected 3-3,unreadable 2-2");
    assert_string_equal(ask("SELECT hex(substr(raw, 13, 8)) FROM anomalies WHERE what = 'corrected'"),
                        "0102030405060723");
    pull_page(&page); /* again: nothing is new */
    assert_int_equal(pull.counts.corrected, 1);
    assert_int_equal(pull.counts.known, 3);
    pull_granted(3, 1); /* the bit reads right again */
    assert_int_equal(pull.counts.conflicts, 0);
    assert_string_equal(ask("SELECT count(*) FROM journal"), "3");
}

static void a_record_with_two_wrong_bits_is_unreadable(void **state)
{
    (void)state;
    uint8_t damaged[ANSWER_DAMAGED_LEN];
    struct answer_passages page = page_with_damage(damaged, 0x21, 12 + 7);
    pull_page(&page);
    assert_int_equal(pull.counts.corrected, 0);
    assert_string_equal(ask("SELECT what||' '||first_seq||'-'||last_seq||hex(raw) FROM anomalies"),
                        "unreadable 2-3");
    bytes_put_u32(damaged, 2); /* and nothing is made of another number's bytes */
    damaged[4 + 12 + 7] ^= 0x21;
    pull_page(&page);
    assert_int_equal(pull.counts.corrected, 0);
}

/* The gate acknowledges by the MAC that its memory holds. */
static void a_corrected_record_is_not_acknowledged_by_itself(void **state)
{
    (void)state;
    uint8_t damaged[ANSWER_DAMAGED_LEN];
    struct answer_passages page = page_with_damage(damaged, 1, JOURNAL_RECORD_MAC_AT);
    page.next = 3;
    page.record_count = 1;
    pull_page(&page);
    assert_int_equal(pull.counts.corrected, 1);
    assert_int_equal(pull.last_seq, 1);
    assert_string_equal(ask("SELECT covered_seq || ' ' || last_seq FROM devices"), "3 3");
    /* the next pull recognises the journal by it, although the gate still cannot read it */
    passage_store_close(&store);
    open_store("gate-a");
    page.after = 2;
    page.first = 3;
    page.unreadable[0] = (struct answer_run){3, 1};
    page.record_count = 0;
    assert_int_equal(pull_session_recognise(&pull, &page), PULL_JOURNAL_KNOWN);
    damaged[4 + JOURNAL_RECORD_MAC_AT] ^= 6;
    assert_int_equal(pull_session_recognise(&pull, &page), PULL_JOURNAL_UNSURE);
}

static void numbers_gone_from_the_gate_are_missing(void **state)
{
    (void)state;
    pull_granted(1, 2);
    passage_store_close(&store);
    open_store("gate-a");
    put(0, 10, JOURNAL_GRANTED, 0, 0);
    struct answer_passages page = page_of(10, 1);
    page.after = 2;
    page.tail = 10;
    page.acked = 9;
    pull_page(&page);
    assert_int_equal(pull.counts.missing, 7);
    assert_string_equal(ask("SELECT what||' '||first_seq||'-'||last_seq FROM anomalies"), "missing 3-9");
}

static void numbers_that_were_never_given_are_not_missing(void **state)
{
    (void)state;
    pull_granted(1, 2);
    passage_store_close(&store);
    open_store("gate-a");
    put(0, 10, JOURNAL_GRANTED, 0, 0);
    struct answer_passages page = page_of(10, 1);
    page.after = 2;
    page.tail = 10;
    page.acked = 5; /* another computer fetched 3 to 5; then retention emptied the head's sector */
    pull_page(&page);
    assert_int_equal(pull.counts.missing, 3);
    assert_string_equal(ask("SELECT what||' '||first_seq||'-'||last_seq FROM anomalies"), "missing 3-5");
}

static void numbers_that_were_dropped_are_missing_where_the_gap_says(void **state)
{
    (void)state;
    pull_granted(1, 2);
    passage_store_close(&store);
    open_store("gate-a");
    struct journal_record gap = {
        .seq = 20, .utc_s = 1788244200, .kind = JOURNAL_GAP, .flags = CLOCK_SET, .ref = 4};
    gap.dropped.first = 2;
    gap.dropped.last = 8;
    assert_int_equal(journal_record_encode(&gap, &mac, raw[0]), ERR_OK);
    struct answer_passages page = page_of(20, 1);
    page.after = 2;
    page.tail = 20;
    page.acked = 2;
    pull_page(&page);
    assert_int_equal(pull.counts.missing, 6);
    assert_int_equal(pull.counts.dropped, 4);
    assert_string_equal(ask("SELECT what||' '||first_seq||'-'||last_seq FROM anomalies"), "missing 3-8");
}

static void a_store_new_to_a_gate_misses_nothing(void **state)
{
    (void)state;
    put(0, 500, JOURNAL_GRANTED, 0, 0);
    struct answer_passages page = page_of(500, 1);
    page.after = 0;
    page.tail = 500;
    pull_page(&page);
    assert_int_equal(pull.counts.missing, 0);
}

/* Stores and forgets the records 1 to 3, and comes back. */
static void pull_and_forget(void)
{
    pull_granted(1, 3);
    assert_int_equal(db_run(&store.db.db, "DELETE FROM journal"), ERR_OK);
    passage_store_close(&store);
    open_store("gate-a");
}

static void a_number_with_other_content_is_told_and_never_overwritten(void **state)
{
    (void)state;
    pull_granted(1, 3);
    passage_store_close(&store);
    open_store("gate-a");
    put(0, 2, JOURNAL_REFUSED, REASON_BLOCKED, 0);
    struct answer_passages page = page_of(2, 1);
    assert_int_equal(pull_session_page(&pull, &page), ERR_CORRUPT);
    assert_int_equal(pull_session_begin_run(&pull, PULL_JOURNAL_OTHER, &page), ERR_OK);
    pull_page(&page);
    assert_string_equal(ask("SELECT group_concat(run||kind) FROM journal WHERE seq = 2"),
                        "1granted,2refused");
    assert_string_equal(ask("SELECT what||' '||first_seq||' '||run FROM anomalies"), "other_journal 2 2");
    assert_int_equal(pull.covered, 2);
}

static void the_journal_is_recognised_after_its_records_were_forgotten(void **state)
{
    (void)state;
    pull_and_forget();
    assert_int_equal(pull_session_first_after(&pull), 2);
    put(0, 3, JOURNAL_GRANTED, 0, 0);
    put(1, 4, JOURNAL_GRANTED, 0, 0);
    struct answer_passages page = page_of(3, 2);
    assert_int_equal(pull_session_recognise(&pull, &page), PULL_JOURNAL_KNOWN);
    pull_page(&page);
    assert_string_equal(ask("SELECT group_concat(seq) FROM journal"), "4");
}

static void another_record_at_the_last_number_is_another_journal(void **state)
{
    (void)state;
    pull_and_forget();
    put(0, 3, JOURNAL_REFUSED, REASON_BLOCKED, 0);
    struct answer_passages page = page_of(3, 1);
    assert_int_equal(pull_session_recognise(&pull, &page), PULL_JOURNAL_OTHER);
    assert_int_equal(pull_session_begin_run(&pull, PULL_JOURNAL_OTHER, &page), ERR_OK);
    assert_int_equal(pull_session_first_after(&pull), 0);
    pull_granted(1, 2);
    assert_int_equal(pull.last_seq, 2);
    assert_string_equal(ask("SELECT run||' '||covered_seq||' '||last_seq FROM devices"), "2 2 2");
    assert_string_equal(ask("SELECT what||' '||first_seq||' '||length(raw) FROM anomalies"),
                        "other_journal 3 32");
}

static void a_journal_that_ends_before_the_last_number_is_shorter(void **state)
{
    (void)state;
    pull_and_forget();
    put(0, 2, JOURNAL_GRANTED, 0, 0);
    struct answer_passages page = page_of(2, 1);
    page.head = 3;
    assert_int_equal(pull_session_recognise(&pull, &page), PULL_JOURNAL_SHORTER);
    assert_int_equal(pull_session_begin_run(&pull, PULL_JOURNAL_SHORTER, &page), ERR_OK);
    pull_granted(1, 2);
    assert_string_equal(ask("SELECT what||' '||first_seq||'-'||last_seq FROM anomalies"), "shorter 3-3");
    assert_int_equal(pull.last_seq, 2);
}

static void without_the_last_record_nothing_is_acknowledged_that_was_not_compared(void **state)
{
    (void)state;
    pull_and_forget();
    put(0, 3, JOURNAL_GRANTED, 0, 0);
    raw[0][24] ^= 1;
    struct answer_passages page = page_of(3, 1);
    assert_int_equal(pull_session_recognise(&pull, &page), PULL_JOURNAL_UNSURE);
    page.record_count = 0;
    page.unreadable[0] = (struct answer_run){3, 1};
    page.unreadable_count = 1;
    assert_int_equal(pull_session_recognise(&pull, &page), PULL_JOURNAL_UNSURE);
    pull.compares_all = true;
    assert_int_equal(pull_session_first_after(&pull), 0);
    pull_granted(1, 1);
    assert_int_equal(pull.last_seq, 1);
    pull_granted(2, 3);
    assert_int_equal(pull.last_seq, 4);
    assert_string_equal(ask("SELECT group_concat(seq) FROM journal"), "1,2,4");
}

static void nothing_is_compared_when_the_last_record_is_past_its_retention(void **state)
{
    (void)state;
    pull_and_forget();
    put(0, 9, JOURNAL_GRANTED, 0, 0);
    struct answer_passages page = page_of(9, 1);
    page.after = 2;
    page.tail = 9;
    page.acked = 3;
    assert_int_equal(pull_session_recognise(&pull, &page), PULL_JOURNAL_KNOWN);
    pull_page(&page);
    assert_int_equal(pull.counts.missing, 0);
}

static void a_record_that_two_journals_share_is_stored_once(void **state)
{
    (void)state;
    pull_granted(1, 3); /* then a chip is restored from a copy that ends at 2 */
    struct answer_passages page = page_of(1, 2);
    assert_int_equal(pull_session_recall(&pull), ERR_OK);
    assert_int_equal(pull_session_begin_run(&pull, PULL_JOURNAL_SHORTER, &page), ERR_OK);
    pull_granted(1, 2);
    put(0, 3, JOURNAL_REFUSED, REASON_BLOCKED, 0);
    page = page_of(3, 1);
    pull_page(&page);
    assert_string_equal(ask("SELECT group_concat(seq||' '||run||kind) FROM journal"),
                        "1 1granted,2 1granted,3 1granted,3 2refused");
    assert_string_equal(ask("SELECT group_concat(seq||verdict) FROM passages"),
                        "1granted,2granted,3granted,3refused");
}

/* A gate whose clock is not set counts from its start, so both chips begin with the same bytes. */
static void two_journals_that_begin_alike_before_the_clock_is_set_both_have_their_first_event(void **state)
{
    (void)state;
    struct journal_record first = put(0, 1, JOURNAL_EVENT, JOURNAL_EVENT_START, 0);
    first.utc_s = 0;
    first.flags = CLOCK_UNSET;
    first.tag = (struct tag){{0}};
    assert_int_equal(journal_record_encode(&first, &mac, raw[0]), ERR_OK);
    struct answer_passages page = page_of(1, 1);
    pull_page(&page);
    assert_int_equal(pull_session_recall(&pull), ERR_OK);
    assert_int_equal(pull_session_begin_run(&pull, PULL_JOURNAL_SHORTER, &page), ERR_OK);
    pull_page(&page);
    pull_page(&page);
    assert_string_equal(ask("SELECT group_concat(seq||' '||run||kind) FROM journal"), "1 1event,1 2event");
}

static void store_aside(uint32_t run, uint32_t seq, enum journal_kind kind)
{
    struct journal_record record = put(0, seq, kind, REASON_BLOCKED, 0);
    assert_int_equal(passage_store_begin(&store), ERR_OK);
    assert_int_equal(passage_store_step_aside(&store, run), ERR_OK);
    assert_int_equal(passage_store_add(&store, &record, raw[0]), 1);
    assert_int_equal(passage_store_commit(&store, seq), ERR_OK);
}

static void an_earlier_journal_is_completed_beside_the_current_one(void **state)
{
    (void)state;
    pull_granted(1, 3); /* then the gate got another chip */
    struct answer_passages page = page_of(1, 2);
    assert_int_equal(pull_session_recall(&pull), ERR_OK);
    assert_int_equal(pull_session_begin_run(&pull, PULL_JOURNAL_SHORTER, &page), ERR_OK);
    for (unsigned i = 0; i < 6; i++)
        put(i, i + 1, JOURNAL_REFUSED, REASON_BLOCKED, 0);
    page = page_of(1, 6);
    pull_page(&page);
    put(0, 2, JOURNAL_GRANTED, 0, 0);
    assert_int_equal(passage_store_find_run(&store, 2, raw[0]), 1);
    put(0, 2, JOURNAL_REFUSED, REASON_BLOCKED, 0);
    assert_int_equal(passage_store_find_run(&store, 2, raw[0]), 2);
    put(0, 2, JOURNAL_REFUSED, REASON_EXPIRED, 0);
    assert_int_equal(passage_store_find_run(&store, 2, raw[0]), 0);
    store_aside(1, 4, JOURNAL_GRANTED);
    assert_string_equal(ask("SELECT group_concat(seq||kind) FROM journal WHERE run = 1"),
                        "1granted,2granted,3granted,4granted");
    assert_string_equal(ask("SELECT run||' '||covered_seq||' '||last_seq FROM devices"), "2 6 6");
}

static void an_earlier_journal_that_is_not_known_gets_a_run_of_its_own(void **state)
{
    (void)state;
    pull_granted(1, 3);
    store_aside(0, 2, JOURNAL_REFUSED);
    assert_string_equal(ask("SELECT group_concat(run||kind) FROM journal WHERE seq = 2"),
                        "1granted,2refused");
    assert_string_equal(ask("SELECT run||' '||covered_seq||' '||last_seq FROM devices"), "1 3 3");
    /* The next run of the gate does not meet it. */
    assert_int_equal(passage_store_begin(&store), ERR_OK);
    assert_int_equal(passage_store_begin_run(&store), ERR_OK);
    assert_int_equal(passage_store_commit(&store, 0), ERR_OK);
    assert_string_equal(ask("SELECT run FROM devices"), "3");
}

/* Puts an empty file with old tables in place of the store, and opens it. Skips on a server, which never
 * had an older version. */
static void open_old_store(const char *sql)
{
    sqlite3 *db;
    if (test_store_is_server())
        skip();
    passage_store_close(&store);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    open_store("gate-a");
}

/* The tables of version 5 that got more columns, as that version made them. */
static void a_store_of_version_5_gets_methods_and_keeps_everything(void **state)
{
    static const char old[] =
        "CREATE TABLE sites (site TEXT PRIMARY KEY, name TEXT NOT NULL);"
        "CREATE TABLE journal ("
        " site TEXT NOT NULL, device TEXT NOT NULL, seq BIGINT NOT NULL, run BIGINT NOT NULL,"
        " month BIGINT NOT NULL, utc_s BIGINT, since_start_s BIGINT, clock TEXT NOT NULL, kind TEXT NOT NULL,"
        " what TEXT, zone TEXT, tag TEXT, ref BIGINT NOT NULL, from_twin BIGINT NOT NULL, raw BLOB NOT NULL,"
        " stored_utc_s BIGINT NOT NULL, PRIMARY KEY (site, device, seq, run)) WITHOUT ROWID;"
        "CREATE INDEX journal_closings ON journal (site, device, ref) WHERE kind = 'closed';"
        "CREATE TABLE anomalies ("
        " site TEXT NOT NULL, device TEXT NOT NULL, what TEXT NOT NULL, first_seq BIGINT NOT NULL,"
        " last_seq BIGINT NOT NULL, raw BLOB NOT NULL, noticed_utc_s BIGINT NOT NULL, run BIGINT NOT NULL,"
        " PRIMARY KEY (site, device, what, first_seq, last_seq, raw, run)) WITHOUT ROWID;"
        "CREATE TABLE devices ("
        " site TEXT NOT NULL, device TEXT NOT NULL, covered_seq BIGINT NOT NULL, pulled_utc_s BIGINT NOT "
        "NULL,"
        " run BIGINT NOT NULL, last_seq BIGINT NOT NULL, last_mac BLOB, PRIMARY KEY (site, device)) WITHOUT "
        "ROWID;"
        "CREATE TABLE holdings ("
        " site TEXT NOT NULL, tag TEXT NOT NULL, since_utc_s BIGINT NOT NULL, until_utc_s BIGINT,"
        " person BIGINT NOT NULL, given TEXT NOT NULL DEFAULT 'file' CHECK (given IN ('file', 'desk', 'lent',"
        " 'older')), first_day BIGINT NOT NULL DEFAULT 0, last_day BIGINT NOT NULL DEFAULT 65535,"
        " blocked BIGINT NOT NULL DEFAULT 0, temporary BIGINT NOT NULL DEFAULT 0,"
        " PRIMARY KEY (site, tag, since_utc_s));"
        "CREATE INDEX holdings_of ON holdings (site, person);"
        "CREATE VIEW passages AS SELECT device, seq FROM journal;"
        "INSERT INTO sites VALUES ('517e000000000001', '');"
        "INSERT INTO journal VALUES ('517e000000000001', 'gate-a', 6, 2, 202609, 1790000000, NULL, 'set',"
        " 'granted', NULL, 'building', 'aa', 0, 0, x'0001', 1790000009);"
        "INSERT INTO devices VALUES ('517e000000000001', 'gate-a', 7, 9, 2, 6, x'01020304050607f8');"
        "INSERT INTO holdings VALUES ('517e000000000001', 'aa', 0, NULL, 4, 'desk', 3, 4, 1, 0);"
        "PRAGMA user_version = 5;";
    (void)state;
    open_old_store(old);
    assert_int_equal(pull.memory.run, 2);
    assert_int_equal(pull.covered, 7);
    assert_string_equal(ask("SELECT seq||verdict||method FROM passages"), "6granteduid");
    assert_string_equal(ask("SELECT coalesce(method, 'none')||stored_utc_s FROM journal"), "none1790000009");
    assert_string_equal(ask("SELECT tag||person||given||first_day||last_day||blocked||method||"
                            "coalesce(counts_as, '-') FROM holdings"),
                        "aa4desk341uid-");
    assert_string_equal(ask("PRAGMA user_version"), "6");
}

/* The tables of version 4, as that version made them. */
static void a_store_of_version_4_keeps_everything_for_the_site_that_opens_it(void **state)
{
    static const char old[] =
        "CREATE TABLE journal ("
        " device TEXT NOT NULL, seq INTEGER NOT NULL, run INTEGER NOT NULL, utc_s INTEGER,"
        " since_start_s INTEGER, clock TEXT NOT NULL, kind TEXT NOT NULL, what TEXT, zone TEXT, tag TEXT,"
        " ref INTEGER NOT NULL, from_twin INTEGER NOT NULL, raw BLOB NOT NULL, stored_utc_s INTEGER NOT NULL,"
        " PRIMARY KEY (device, seq, run)) WITHOUT ROWID;"
        "CREATE INDEX journal_closings ON journal (device, ref) WHERE kind = 'closed';"
        "CREATE INDEX journal_gaps ON journal (device, seq) WHERE kind = 'gap';"
        "CREATE INDEX journal_times ON journal (utc_s);"
        "CREATE TABLE anomalies ("
        " device TEXT NOT NULL, what TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
        " raw BLOB NOT NULL, noticed_utc_s INTEGER NOT NULL, run INTEGER NOT NULL,"
        " PRIMARY KEY (device, what, first_seq, last_seq, raw, run)) WITHOUT ROWID;"
        "CREATE TABLE devices (device TEXT PRIMARY KEY, covered_seq INTEGER NOT NULL, pulled_utc_s INTEGER"
        " NOT NULL, run INTEGER NOT NULL, last_seq INTEGER NOT NULL, last_mac BLOB) WITHOUT ROWID;"
        "CREATE TABLE people (person INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, surname TEXT NOT NULL,"
        " first_name TEXT NOT NULL, class TEXT NOT NULL, profile TEXT NOT NULL, weekdays INTEGER NOT NULL,"
        " passages INTEGER NOT NULL, seen_utc_s INTEGER NOT NULL);"
        "CREATE TABLE holdings (tag TEXT NOT NULL, since_utc_s INTEGER NOT NULL, until_utc_s INTEGER,"
        " person INTEGER NOT NULL, PRIMARY KEY (tag, since_utc_s)) WITHOUT ROWID;"
        "CREATE INDEX holdings_of ON holdings (person);"
        "CREATE TABLE office_cards (tag TEXT PRIMARY KEY, card TEXT, state TEXT NOT NULL"
        " CHECK (state IN ('lent', 'blocked')), person INTEGER, first_day INTEGER NOT NULL,"
        " last_day INTEGER NOT NULL, noted_utc_s INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE VIEW runs AS SELECT 1; CREATE VIEW events AS SELECT 1; CREATE VIEW passages AS SELECT 1;"
        "INSERT INTO journal VALUES ('gate-a', 6, 2, 1790000000, NULL, 'set', 'granted', NULL, 'building',"
        " 'aa', 0, 0, x'0001', 1790000009);"
        "INSERT INTO devices VALUES ('gate-a', 7, 9, 2, 6, x'01020304050607f8');"
        "INSERT INTO people VALUES (4, 'exemple:aicha:2a', 'Exemple', 'A\u00efcha', '2A', 'dp', 31, 1, 9);"
        "INSERT INTO people VALUES (5, 'parti:bo:2a', 'Parti', 'Bo', '2A', 'dp', 31, 1, 8);"
        "INSERT INTO holdings VALUES ('aa', 0, NULL, 4);"
        "INSERT INTO office_cards VALUES ('bb', NULL, 'blocked', 4, 1, 2, 3);"
        "PRAGMA user_version = 4;";
    (void)state;
    open_old_store(old);
    assert_int_equal(pull.memory.run, 2);
    assert_int_equal(pull.covered, 7);
    assert_memory_equal(pull.memory.last_mac, "\1\2\3\4\5\6\7\xf8", 8);
    assert_string_equal(ask("SELECT site||' '||month||' '||person||' '||run FROM passages NATURAL JOIN "
                            "(SELECT device, seq, run, month FROM journal)"),
                        "517e000000000001 202609 Exemple A\u00efcha 2");
    assert_string_equal(ask("SELECT site||' '||fold||' '||person FROM people"),
                        "517e000000000001 exemple:aicha 4");
    assert_string_equal(
        ask("SELECT group_concat(coalesce(left_utc_s, 'here') || ' ' || last_day) FROM people"),
        "here 65535,8 65535"); /* who was not in the last file has left */
    assert_string_equal(ask("SELECT given||' '||last_day||' '||blocked FROM holdings"), "older 65535 0");
    assert_string_equal(ask("SELECT site||tag||state||person FROM office_cards"),
                        "517e000000000001bbblocked4");
    assert_string_equal(ask("SELECT count(*) FROM sqlite_master WHERE name LIKE 'old_%'"), "0");
    assert_string_equal(ask("PRAGMA user_version"), "6");
}

/* The tables of version 3, as that version made them. */
static void a_store_of_version_3_keeps_its_records_and_its_place(void **state)
{
    static const char old[] =
        "CREATE TABLE journal ("
        " device TEXT NOT NULL, seq INTEGER NOT NULL, utc_s INTEGER, since_start_s INTEGER, clock TEXT NOT "
        "NULL,"
        " kind TEXT NOT NULL, what TEXT, zone TEXT, tag TEXT, ref INTEGER NOT NULL, from_twin INTEGER NOT "
        "NULL,"
        " raw BLOB NOT NULL, stored_utc_s INTEGER NOT NULL, PRIMARY KEY (device, seq)) WITHOUT ROWID;"
        "CREATE INDEX journal_closings ON journal (device, ref) WHERE kind = 'closed';"
        "CREATE INDEX journal_gaps ON journal (device, seq) WHERE kind = 'gap';"
        "CREATE INDEX journal_times ON journal (utc_s);"
        "CREATE VIEW passages AS SELECT device, seq FROM journal;"
        "CREATE VIEW events AS SELECT device, seq FROM journal;"
        "CREATE TABLE anomalies ("
        " device TEXT NOT NULL, what TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,"
        " raw BLOB NOT NULL, noticed_utc_s INTEGER NOT NULL,"
        " PRIMARY KEY (device, what, first_seq, last_seq, raw)) WITHOUT ROWID;"
        "CREATE TABLE devices (device TEXT PRIMARY KEY, covered_seq INTEGER NOT NULL,"
        " pulled_utc_s INTEGER NOT NULL) WITHOUT ROWID;"
        "INSERT INTO journal VALUES ('gate-a', 6, 5, NULL, 'set', 'granted', NULL, 'building', 'aa', 0, 0,"
        " x'00000000000000000000000000000000000000000000000001020304050607f8', 9);"
        "INSERT INTO anomalies VALUES ('gate-a', 'unreadable', 7, 7, x'', 9);"
        "INSERT INTO devices VALUES ('gate-a', 7, 9), ('gate-b', 4, 9);"
        "PRAGMA user_version = 3;";
    (void)state;
    open_old_store(old);
    assert_int_equal(pull.covered, 7);
    assert_int_equal(pull.memory.run, 1);
    assert_int_equal(pull.memory.last_seq, 6);
    assert_memory_equal(pull.memory.last_mac, "\1\2\3\4\5\6\7\xf8", 8);
    assert_string_equal(ask("SELECT device||seq||run||tag||stored_utc_s FROM journal"), "gate-a61aa9");
    assert_string_equal(ask("SELECT what||run FROM anomalies"), "unreadable1");
    assert_string_equal(ask("SELECT verdict||time FROM passages"), "granted1970-01-01T00:00:05Z");
    assert_string_equal(ask("SELECT count(*) FROM sqlite_master WHERE name LIKE 'old_%'"), "0");
    passage_store_close(&store);
    open_store("gate-b"); /* nothing is left to recognise its journal by */
    assert_int_equal(pull.covered, 4);
    assert_int_equal(pull.memory.last_seq, 0);
}

static void two_gates_share_a_file_and_keep_their_own_place(void **state)
{
    (void)state;
    pull_granted(1, 4);
    passage_store_close(&store);
    open_store("gate-b");
    assert_int_equal(pull.covered, 0);
    pull_granted(1, 2);
    assert_string_equal(ask("SELECT group_concat(device||covered_seq) FROM devices"), "gate-a4,gate-b2");
    assert_string_equal(ask("SELECT count(*) FROM journal"), "6");
}

static void passages_the_gate_dropped_are_counted(void **state)
{
    (void)state;
    put(0, 1, JOURNAL_GAP, 0, 126);
    struct answer_passages page = page_of(1, 1);
    pull_page(&page);
    assert_int_equal(pull.counts.dropped, 126);
    assert_string_equal(ask("SELECT kind||' '||ref FROM events"), "gap 126");
}

static void put_gap(unsigned place, uint32_t seq, uint32_t first, uint32_t last, uint8_t flags)
{
    struct journal_record gap = {
        .seq = seq, .utc_s = 1788244200, .kind = JOURNAL_GAP, .flags = CLOCK_SET | flags, .ref = 84};
    gap.dropped.first = first;
    gap.dropped.last = last;
    assert_int_equal(journal_record_encode(&gap, &mac, raw[place]), ERR_OK);
}

static void a_gap_told_again_after_a_power_cut_is_shown_and_counted_once(void **state)
{
    (void)state;
    put_gap(0, 400, 1, 127, 0);
    put_gap(1, 401, 1, 127, 0);
    put_gap(2, 402, 128, 254, JOURNAL_FLAG_UNCOUNTED);
    struct answer_passages page = page_of(400, 3);
    page.after = 0;
    page.tail = 400;
    page.head = 403;
    pull_page(&page);
    assert_int_equal(pull.counts.stored, 3);
    assert_int_equal(pull.counts.dropped, 168);
    assert_int_equal(pull.counts.uncounted, 1);
    assert_string_equal(ask("SELECT group_concat(seq||': '||what) FROM events"),
                        "400: 1-127,402: 128-254, at least");
    assert_string_equal(ask("SELECT count(*) FROM journal"), "3");
}

static void a_file_that_is_no_database_is_left_alone(void **state)
{
    struct passage_store other;
    struct identity gate = test_store_gate("x");
    char bytes[16] = "", letter[] = "/tmp/test_passage_store.XXXXXX";
    (void)state;
    FILE *file = fdopen(mkstemp(letter), "w");
    assert_non_null(file);
    fputs("not a database, but a letter to the headmaster, longer than a hundred bytes so that SQLite looks "
          "at it.",
          file);
    fclose(file);
    assert_int_equal(passage_store_open(&other, letter, &gate), ERR_IO);
    assert_non_null(strstr(passage_store_error(&other), "not a database"));
    passage_store_close(&other);
    file = fopen(letter, "r");
    assert_int_equal(fread(bytes, 1, 5, file), 5);
    fclose(file);
    unlink(letter);
    assert_string_equal(bytes, "not a");
}

static void a_store_of_a_newer_version_is_refused(void **state)
{
    struct passage_store other;
    struct identity gate = test_store_gate("x");
    (void)state;
    assert_int_equal(db_run(&store.db.db, test_store_is_server() ? "UPDATE portillon_schema SET version = 99"
                                                                 : "PRAGMA user_version = 99"),
                     ERR_OK);
    assert_int_equal(passage_store_open(&other, path, &gate), ERR_UNSUPPORTED);
    passage_store_close(&other);
}

static void the_same_gate_of_another_site_is_another_gate(void **state)
{
    struct passage_store other;
    struct identity gate = test_store_gate("gate-a");
    struct journal_record record = {.seq = 2, .utc_s = 1, .kind = JOURNAL_EVENT, .flags = CLOCK_SET};
    (void)state;
    pull_granted(1, 3);
    gate.site_id[0]++;
    assert_int_equal(passage_store_open(&other, path, &gate), ERR_OK);
    assert_int_equal(passage_store_begin(&other), ERR_OK);
    assert_int_equal(other.memory.covered, 0);
    assert_int_equal(passage_store_add(&other, &record, raw[0]), 1);
    assert_int_equal(passage_store_commit(&other, 2), ERR_OK);
    passage_store_close(&other);
    assert_string_equal(ask("SELECT group_concat(site||device||covered_seq) FROM"
                            " (SELECT * FROM devices ORDER BY site) AS d"),
                        "517e000000000001gate-a3,527e000000000001gate-a2");
    /* Without a site it is not clear whose rows are meant. */
    assert_int_equal(store_schema_open(&other.db, path, NULL), ERR_ARGUMENT);
    assert_non_null(strstr(other.db.db.error, "2 sites"));
    db_close(&other.db.db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_gate_was_told_of_other_gates_is_not_stored, start, stop),
        cmocka_unit_test_setup_teardown(a_granted_passage_and_its_closing_are_one_row_of_passages, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_passage_without_a_sensor_is_assumed_and_needs_no_closing, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_refusal_carries_its_reason_as_a_word, start, stop),
        cmocka_unit_test_setup_teardown(a_tap_keeps_the_method_by_which_its_card_was_known, start, stop),
        cmocka_unit_test_setup_teardown(events_are_named_and_are_no_passages, start, stop),
        cmocka_unit_test_setup_teardown(what_was_only_counted_is_told_as_repeated, start, stop),
        cmocka_unit_test_setup_teardown(time_of_an_unset_clock_is_no_date, start, stop),
        cmocka_unit_test_setup_teardown(the_bytes_read_are_kept, start, stop),
        cmocka_unit_test_setup_teardown(pulling_again_stores_nothing_twice, start, stop),
        cmocka_unit_test_setup_teardown(what_is_not_committed_is_not_covered_and_not_there, start, stop),
        cmocka_unit_test_setup_teardown(a_forged_record_is_set_aside_and_the_rest_stored, start, stop),
        cmocka_unit_test_setup_teardown(a_good_record_in_anothers_place_is_forged, start, stop),
        cmocka_unit_test_setup_teardown(unreadable_places_are_told_once, start, stop),
        cmocka_unit_test_setup_teardown(a_record_with_one_wrong_bit_is_stored_as_it_was_written, start, stop),
        cmocka_unit_test_setup_teardown(a_record_with_two_wrong_bits_is_unreadable, start, stop),
        cmocka_unit_test_setup_teardown(a_corrected_record_is_not_acknowledged_by_itself, start, stop),
        cmocka_unit_test_setup_teardown(numbers_gone_from_the_gate_are_missing, start, stop),
        cmocka_unit_test_setup_teardown(numbers_that_were_never_given_are_not_missing, start, stop),
        cmocka_unit_test_setup_teardown(numbers_that_were_dropped_are_missing_where_the_gap_says, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_store_new_to_a_gate_misses_nothing, start, stop),
        cmocka_unit_test_setup_teardown(a_number_with_other_content_is_told_and_never_overwritten, start,
                                        stop),
        cmocka_unit_test_setup_teardown(the_journal_is_recognised_after_its_records_were_forgotten, start,
                                        stop),
        cmocka_unit_test_setup_teardown(another_record_at_the_last_number_is_another_journal, start, stop),
        cmocka_unit_test_setup_teardown(a_journal_that_ends_before_the_last_number_is_shorter, start, stop),
        cmocka_unit_test_setup_teardown(without_the_last_record_nothing_is_acknowledged_that_was_not_compared,
                                        start, stop),
        cmocka_unit_test_setup_teardown(nothing_is_compared_when_the_last_record_is_past_its_retention, start,
                                        stop),
        cmocka_unit_test_setup_teardown(an_earlier_journal_is_completed_beside_the_current_one, start, stop),
        cmocka_unit_test_setup_teardown(an_earlier_journal_that_is_not_known_gets_a_run_of_its_own, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            two_journals_that_begin_alike_before_the_clock_is_set_both_have_their_first_event, start, stop),
        cmocka_unit_test_setup_teardown(a_record_that_two_journals_share_is_stored_once, start, stop),
        cmocka_unit_test_setup_teardown(a_store_of_version_5_gets_methods_and_keeps_everything, start, stop),
        cmocka_unit_test_setup_teardown(a_store_of_version_4_keeps_everything_for_the_site_that_opens_it,
                                        start, stop),
        cmocka_unit_test_setup_teardown(a_store_of_version_3_keeps_its_records_and_its_place, start, stop),
        cmocka_unit_test_setup_teardown(two_gates_share_a_file_and_keep_their_own_place, start, stop),
        cmocka_unit_test_setup_teardown(passages_the_gate_dropped_are_counted, start, stop),
        cmocka_unit_test_setup_teardown(a_gap_told_again_after_a_power_cut_is_shown_and_counted_once, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_database_is_left_alone, start, stop),
        cmocka_unit_test_setup_teardown(a_store_of_a_newer_version_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(the_same_gate_of_another_site_is_another_gate, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
