/* SPDX-License-Identifier: Apache-2.0 */
/* A journal whose end was cut off: what is missing is named, what is left is kept, and no number is given a
 * second time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/journal/journal.h"
#include "tests/fakes/nor_model.h"

enum { SECTOR = 4096, SECTORS = 32, PLACES = 127 };

static const uint8_t key[CRYPTO_KEY_LEN] = "journal test key";
static struct nor_model nor;
static struct journal journal;
static struct journal_floor floor_kept; /* as the gate keeps it in its store */
static uint32_t acked;

static void mount(void)
{
    assert_int_equal(journal_mount(&journal, &nor.flash, 0, SECTORS * SECTOR, key, acked), ERR_OK);
    assert_int_equal(journal_set_floor(&journal, &floor_kept), ERR_OK);
}

static void remount(void)
{
    journal_unmount(&journal);
    mount();
}

static int set_up(void **state)
{
    (void)state;
    nor_model_init(&nor, SECTORS * SECTOR, SECTOR);
    floor_kept = (struct journal_floor){0, 0};
    acked = 0;
    mount();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    journal_unmount(&journal);
    nor_model_free(&nor);
    return 0;
}

static uint32_t append(uint32_t ref)
{
    const struct journal_record record = {.kind = JOURNAL_GRANTED, .ref = ref};
    uint32_t seq = 0;
    int result;
    while ((result = journal_append(&journal, &record, &seq)) == ERR_BUSY)
        (void)journal_poll(&journal);
    assert_int_equal(result, ERR_OK);
    while (journal_poll(&journal) == ERR_BUSY)
        ;
    floor_kept = journal_floor_now(&journal);
    return seq;
}

static void append_many(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        (void)append(i);
}

/* Erases sectors, as hands on the chip do. */
static void wipe(uint32_t first_ordinal, uint32_t last_ordinal)
{
    for (uint32_t ordinal = first_ordinal; ordinal <= last_ordinal; ordinal++)
        memset(nor_model_bytes(&nor, ordinal % SECTORS * SECTOR), 0xFF, SECTOR);
}

static bool can_be_read(uint32_t seq)
{
    struct journal_record record;
    return journal_read(&journal, seq, &record) == ERR_OK && record.seq == seq;
}

static void a_whole_journal_lacks_nothing(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 3 * SECTORS * PLACES; i += 77) {
        append_many(77);
        uint32_t head = journal.head_seq;
        remount();
        assert_int_equal(journal.head_seq, head);
        assert_int_equal(journal_cut(&journal).last, 0);
    }
}

/* In each sector of 127 places, from its first number on. */
static void a_floor_is_kept_every_32_records_of_a_sector(void **state)
{
    (void)state;
    append_many(1);
    for (uint32_t head = 2; head < 2 * PLACES + 40; head++) {
        uint32_t in_sector = (head - 1) % 127;
        assert_int_equal(journal.head_seq, head);
        assert_int_equal(journal_floor_now(&journal).head_seq, head - in_sector % 32);
        append_many(1);
    }
}

/* Cuts off the sectors after `left`, of `used` that were in use. */
static void cut_and_go_on(uint32_t used, uint32_t left)
{
    append_many((used - 1) * PLACES + 50);
    uint32_t last_given = journal.head_seq - 1;
    wipe(left, used + 1);
    remount();
    assert_int_equal(journal_cut(&journal).first, left * PLACES + 1);
    assert_in_range(journal_cut(&journal).last, last_given - 31, last_given);
    assert_true(journal.head_seq > last_given);
    assert_true(can_be_read(1) && can_be_read(left * PLACES)); /* what nobody has fetched stays */
    for (uint32_t starts = 0; starts < 4; starts++) {
        assert_true(append(7) > last_given);
        last_given = journal.head_seq - 1;
        remount();
        assert_int_equal(journal_cut(&journal).last, 0); /* told once */
        assert_int_equal(journal.tail_seq, 1);
        assert_int_equal(journal.head_seq, last_given + 1);
        assert_true(can_be_read(1) && can_be_read(left * PLACES) && can_be_read(last_given));
        append_many(PLACES);
        last_given = journal.head_seq - 1;
    }
}

static void one_sector_cut_off_is_missing(void **state)
{
    (void)state;
    cut_and_go_on(6, 5);
}

static void a_few_sectors_cut_off_are_missing(void **state)
{
    (void)state;
    cut_and_go_on(8, 5);
}

static void many_sectors_cut_off_are_missing(void **state)
{
    (void)state;
    cut_and_go_on(20, 3);
}

static void a_power_cut_before_the_new_sector_is_used_loses_nothing(void **state)
{
    (void)state;
    append_many(9 * PLACES + 50);
    uint32_t last_given = journal.head_seq - 1;
    wipe(4, 11);
    for (uint64_t cut = 1; cut <= 12; cut++) {
        remount();
        assert_true(journal.head_seq > last_given && can_be_read(4 * PLACES));
        nor_model_cut(&nor, cut, (uint32_t)cut);
        const struct journal_record record = {.kind = JOURNAL_GRANTED};
        uint32_t seq = 0;
        int result = ERR_BUSY;
        for (int i = 0; i < 100 && result == ERR_BUSY; i++) {
            (void)journal_poll(&journal);
            floor_kept = nor.dead ? floor_kept : journal_floor_now(&journal);
            result = journal_append(&journal, &record, &seq);
        }
        if (result == ERR_OK) {
            assert_true(seq > last_given);
            last_given = seq;
        }
        nor_model_power_on(&nor);
    }
    remount();
    assert_true(append(1) > last_given);
    assert_int_equal(journal.tail_seq, 1);
    assert_true(can_be_read(4 * PLACES));
}

static void a_ring_gone_round_goes_on_above_a_cut(void **state)
{
    (void)state;
    append_many(2 * SECTORS * PLACES + 50);
    uint32_t last_given = journal.head_seq - 1, newest = (journal.head_seq - 1) / PLACES;
    wipe(newest - 6, newest + 1);
    remount();
    assert_int_equal(journal_cut(&journal).first, (newest - 6) * PLACES + 1);
    uint32_t kept = (newest - 6) * PLACES, lost_before = journal.tail_seq - 1;
    assert_true(can_be_read(kept));
    assert_true(append(1) > last_given);
    remount();
    assert_int_equal(journal_cut(&journal).last, 0);
    assert_true(can_be_read(kept));
    /* What the jump displaced is told in a gap. */
    uint32_t told = 0;
    struct journal_record record;
    for (uint32_t seq = journal.tail_seq; seq < journal.head_seq; seq++)
        if (journal_read(&journal, seq, &record) == ERR_OK && record.kind == JOURNAL_GAP &&
            record.dropped.last > told)
            told = record.dropped.last;
    assert_true(journal.tail_seq - 1 > lost_before);
    assert_int_equal(told, journal.tail_seq - 1);
    append_many(2 * SECTORS * PLACES); /* the hole leaves with the ring */
    remount();
    assert_int_equal(journal_cut(&journal).last, 0);
    assert_int_equal(journal_floor_now(&journal).hole_seq, 0);
    assert_true(journal.head_seq - journal.tail_seq > (SECTORS - 3) * PLACES);
}

static void an_empty_region_gives_no_number_twice(void **state)
{
    (void)state;
    append_many(5 * PLACES + 50);
    uint32_t last_given = journal.head_seq - 1;
    wipe(0, SECTORS - 1);
    remount();
    assert_int_equal(journal_cut(&journal).first, 1);
    assert_int_equal(journal_cut(&journal).last, 5 * PLACES + 32);
    assert_true(append(1) > last_given);
    remount();
    assert_int_equal(journal_cut(&journal).last, 0);
}

static void what_was_acknowledged_is_known_too(void **state)
{
    (void)state;
    append_many(2 * PLACES + 50);
    acked = 2 * PLACES + 40;
    floor_kept = (struct journal_floor){0, 0}; /* only the acknowledged number is known */
    wipe(1, 3);
    remount();
    assert_int_equal(journal_cut(&journal).first, PLACES + 1);
    assert_int_equal(journal_cut(&journal).last, acked);
    assert_true(append(1) > 3 * PLACES);
}

/* The end of a sector is missing, and less than 32 records of it are above what is known. */
static void a_sector_without_its_header_may_have_had_records(void **state)
{
    (void)state;
    append_many(5 * PLACES + 20);
    uint32_t last_given = journal.head_seq - 1;
    wipe(5, 7);
    remount();
    assert_true(journal_cut(&journal).last != 0);
    assert_true(append(1) > last_given);
    assert_true(can_be_read(5 * PLACES));
}

static void an_exact_floor_finds_a_cut_inside_a_sector(void **state)
{
    (void)state;
    append_many(2 * PLACES + 50);
    uint32_t head = journal.head_seq;
    memset(nor_model_bytes(&nor, 2 * SECTOR + 31 * JOURNAL_RECORD_LEN), 0xFF, 20 * JOURNAL_RECORD_LEN);
    floor_kept.head_seq = head; /* as an anchor knows it */
    remount();
    assert_int_equal(journal_cut(&journal).first, 2 * PLACES + 31);
    assert_int_equal(journal_cut(&journal).last, head - 1);
    assert_true(append(1) >= head);
    assert_true(can_be_read(2 * PLACES + 30));
}

static void a_floor_of_another_journal_is_no_floor(void **state)
{
    (void)state;
    append_many(10);
    floor_kept.head_seq = UINT32_MAX;
    remount();
    assert_int_equal(journal.head_seq, 11);
}

static void a_floor_is_read_back_as_it_was_written(void **state)
{
    (void)state;
    uint8_t value[JOURNAL_FLOOR_LEN];
    journal_floor_encode(&(struct journal_floor){0x01020304, 0x05060708}, value);
    assert_memory_equal(value, "\4\3\2\1\x8\7\6\5\0\0\0\0\0\0\0", sizeof value);
    assert_int_equal(journal_floor_decode(value).head_seq, 0x01020304);
    assert_int_equal(journal_floor_decode(value).hole_seq, 0x05060708);
}

int main(void)
{
#define FLOOR_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        FLOOR_TEST(a_whole_journal_lacks_nothing),
        FLOOR_TEST(a_floor_is_kept_every_32_records_of_a_sector),
        FLOOR_TEST(one_sector_cut_off_is_missing),
        FLOOR_TEST(a_few_sectors_cut_off_are_missing),
        FLOOR_TEST(many_sectors_cut_off_are_missing),
        FLOOR_TEST(a_power_cut_before_the_new_sector_is_used_loses_nothing),
        FLOOR_TEST(a_ring_gone_round_goes_on_above_a_cut),
        FLOOR_TEST(an_empty_region_gives_no_number_twice),
        FLOOR_TEST(what_was_acknowledged_is_known_too),
        FLOOR_TEST(a_sector_without_its_header_may_have_had_records),
        FLOOR_TEST(an_exact_floor_finds_a_cut_inside_a_sector),
        FLOOR_TEST(a_floor_of_another_journal_is_no_floor),
        FLOOR_TEST(a_floor_is_read_back_as_it_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
