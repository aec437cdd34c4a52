/* SPDX-License-Identifier: Apache-2.0 */
/* Passages counted by their journal records, compared with a plain list of the events, also after a
 * recount. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/access/service_count.h"
#include "firmware/base/clock.h"
#include "tests/fakes/nor_model.h"

#define NOON UINT32_C(1794826800)

enum { CHIP_LEN = 1 << 20, SECTOR = 4096, SERVICE = 2 };

static const uint8_t key[CRYPTO_KEY_LEN] = "journal test key";
static struct nor_model nor;
static struct journal journal;
static struct service_count count;

static int set_up(void **state)
{
    (void)state;
    nor_model_init(&nor, CHIP_LEN, SECTOR);
    if (journal_mount(&journal, &nor.flash, 0, CHIP_LEN, key, 0) != ERR_OK)
        return -1;
    while (!journal.head_ready)
        journal_poll(&journal);
    service_count_reset(&count, &journal);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    journal_unmount(&journal);
    nor_model_free(&nor);
    return 0;
}

/* Cards 0, 32, 64 … share their place in the table. */
static struct tag tag_of(uint32_t card)
{
    return (struct tag){{(uint8_t)card, (uint8_t)(card >> 8), 3, 4, 5, 6, 0, (uint8_t)(card % 32)}};
}

static uint32_t append(struct journal_record record)
{
    uint32_t seq = 0;
    int result;
    while ((result = journal_append(&journal, &record, &seq)) == ERR_BUSY)
        journal_poll(&journal);
    assert_int_equal(result, ERR_OK);
    journal_poll(&journal);
    return seq;
}

static struct journal_record granted(uint32_t card, uint32_t utc_s)
{
    return (struct journal_record){.utc_s = utc_s,
                                   .kind = JOURNAL_GRANTED,
                                   .flags = CLOCK_SET | SERVICE << JOURNAL_SERVICE_SHIFT,
                                   .tag = tag_of(card)};
}

static uint32_t grant(uint32_t card, uint32_t utc_s)
{
    struct journal_record record = granted(card, utc_s);
    uint32_t seq = append(record);
    assert_int_equal(service_count_add(&count, &record.tag, seq), ERR_OK);
    return seq;
}

static void close(uint32_t seq, enum journal_outcome outcome, uint8_t flags)
{
    append((struct journal_record){.utc_s = NOON,
                                   .kind = JOURNAL_CLOSED,
                                   .code = (uint8_t)outcome,
                                   .flags = (uint8_t)(CLOCK_SET | flags),
                                   .ref = seq});
    if (outcome == JOURNAL_ABANDONED || flags != 0)
        service_count_remove(&count, seq);
}

static bool since_noon(void *ctx, const struct journal_record *record)
{
    (void)ctx;
    return record->utc_s >= NOON;
}

static uint8_t passages(uint32_t card)
{
    const struct service_filter filter = {since_noon, NULL};
    struct tag tag = tag_of(card);
    return service_count_of(&count, &tag, &filter);
}

/* Without a rotation sensor the record of the passage says that it is assumed. */
static uint32_t grant_assumed(uint32_t card, uint32_t utc_s)
{
    struct journal_record record = granted(card, utc_s);
    record.code = JOURNAL_ASSUMED;
    uint32_t seq = append(record);
    assert_int_equal(service_count_add(&count, &record.tag, seq), ERR_OK);
    return seq;
}

static void recount(uint32_t run_first_seq)
{
    service_count_again(&count,
                        &(struct service_recount){.since_utc_s = NOON, .run_first_seq = run_first_seq});
    service_count_finish(&count);
}

static void a_card_has_the_passages_it_was_granted(void **state)
{
    (void)state;
    assert_int_equal(passages(1), 0);
    grant(1, NOON);
    grant(2, NOON);
    grant(1, NOON + 60);
    assert_int_equal(passages(1), 2);
    assert_int_equal(passages(2), 1);
    assert_int_equal(passages(3), 0);
}

static void only_what_the_filter_lets_count_counts(void **state)
{
    (void)state;
    grant(1, NOON - 1);
    assert_int_equal(passages(1), 0);
    grant(1, NOON);
    assert_int_equal(passages(1), 1);
}

static void cards_of_one_place_are_told_apart_whoever_leaves(void **state)
{
    (void)state;
    uint32_t seqs[20];
    for (uint32_t i = 0; i < 20; i++)
        seqs[i] = grant(32 * i, NOON);
    for (uint32_t i = 0; i < 20; i += 3)
        close(seqs[i], JOURNAL_ABANDONED, 0);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(passages(32 * i), i % 3 == 0 ? 0 : 1);
    for (uint32_t i = 0; i < 20; i += 3)
        grant(32 * i, NOON + 1);
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(passages(32 * i), 1);
    assert_int_equal(count.taken, 20); /* freed places are used again */
}

static void what_is_not_in_the_table_is_taken_out_without_harm(void **state)
{
    (void)state;
    uint32_t seq = grant(1, NOON);
    service_count_remove(&count, seq + 1);
    service_count_remove(&count, 0);
    service_count_remove(&count, UINT32_MAX);
    assert_int_equal(passages(1), 1);
    service_count_remove(&count, seq);
    service_count_remove(&count, seq);
    assert_int_equal(passages(1), 0);
}

static void a_table_that_is_full_takes_no_more_and_still_tells_the_rest(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SERVICE_COUNT_MOST; i++) {
        assert_false(service_count_is_full(&count));
        grant(i, NOON);
    }
    assert_true(service_count_is_full(&count));
    struct tag tag = tag_of(5000);
    assert_int_equal(service_count_add(&count, &tag, journal.head_seq - 1), ERR_NO_SPACE);
    for (uint32_t i = 0; i < SERVICE_COUNT_MOST; i += 41)
        assert_int_equal(passages(i), 1);
    assert_int_equal(passages(5000), 0);
}

static struct tag random_tag(uint32_t n)
{
    uint8_t digest[CRYPTO_HASH_LEN];
    struct tag tag;
    crypto_sha256((const uint8_t *)&n, sizeof n, digest);
    memcpy(tag.bytes, digest, TAG_LEN);
    return tag;
}

/* Linear probing with 7 of 8 places taken: (1 + 1 / (1 - 7/8)^2) / 2 = 32 places for a card that is not there
 * (Knuth, The Art of Computer Programming, 6.4). One of 256 of them has its byte: 0.13 readings. */
static void a_card_is_looked_up_in_a_full_table_with_about_one_reading(void **state)
{
    (void)state;
    uint32_t seq = grant(1, NOON);
    const struct service_filter filter = {since_noon, NULL};
    for (uint32_t i = 1; i < SERVICE_COUNT_MOST; i++) {
        struct tag tag = random_tag(i);
        assert_int_equal(service_count_add(&count, &tag, seq), ERR_OK);
    }
    uint64_t reads = nor.counts.reads;
    for (uint32_t i = 0; i < 1000; i++) {
        struct tag tag = random_tag(5000 + i);
        assert_int_equal(service_count_of(&count, &tag, &filter), 0);
    }
    assert_in_range(nor.counts.reads - reads, 50, 250);
    reads = nor.counts.reads;
    for (uint32_t i = 1; i <= 1000; i++) {
        struct tag tag = random_tag(i);
        (void)service_count_of(&count, &tag, &filter);
    }
    assert_in_range(nor.counts.reads - reads, 1000, 1250);
}

static uint32_t purge_step(void)
{
    uint64_t reads = nor.counts.reads;
    service_count_purge(&count, NOON);
    return (uint32_t)(nor.counts.reads - reads);
}

static void a_purge_removes_past_meals_a_few_at_a_time_and_the_rest_counts_all_the_while(void **state)
{
    (void)state;
    const uint32_t cards = SERVICE_COUNT_MOST - 256;
    for (uint32_t i = 0; i < cards; i++) {
        assert_false(service_count_is_nearly_full(&count));
        grant(i, i % 3 == 0 ? NOON + i : NOON - 1 - i); /* two of three are past */
    }
    assert_true(service_count_is_nearly_full(&count));
    service_count_purge_start(&count);
    uint32_t added = 0;
    while (service_count_is_purging(&count)) {
        assert_in_range(purge_step(), 0, 4);
        if (added < 50)
            grant(4000 + added++, NOON);
        assert_int_equal(passages(added * 3), 1);
        assert_int_equal(passages(4000 + added - 1), 1);
    }
    for (uint32_t i = 0; i < cards; i++)
        assert_int_equal(passages(i), i % 3 == 0);
    assert_int_equal(count.taken, cards / 3 + added);
    assert_false(service_count_is_nearly_full(&count));
    for (uint32_t i = 0; i < added; i++)
        assert_int_equal(passages(4000 + i), 1);
}

static void a_purge_makes_room_for_numbers(void **state)
{
    (void)state;
    struct tag tag = tag_of(2);
    grant(1, NOON - 1);
    uint32_t seq = grant(2, NOON);
    service_count_purge_start(&count);
    while (service_count_is_purging(&count))
        purge_step();
    assert_int_equal(count.base_seq, seq);
    assert_int_equal(passages(2), 1);
    assert_int_equal(service_count_add(&count, &tag, seq + 0xFFFD), ERR_OK);
    service_count_remove(&count, seq);
    assert_int_equal(passages(2), 0);
}

/* A chip that does not answer for a moment must not give a second meal. */
static void a_purge_keeps_what_it_cannot_read(void **state)
{
    (void)state;
    grant(1, NOON);
    service_count_purge_start(&count);
    nor.dead = true;
    while (service_count_is_purging(&count))
        purge_step();
    nor.dead = false;
    assert_int_equal(passages(1), 1);
}

/* Passages come, are taken back, and are purged, in any order: the table says what a list of them says. */
static void the_table_is_right_whatever_comes_and_goes(void **state)
{
    (void)state;
    enum { CARDS = 200, ROUNDS = 6000 };
    static uint32_t seqs[CARDS]; /* of the last passage that counts; 0: none */
    uint32_t random = 7, taken = 0;
    memset(seqs, 0, sizeof seqs);
    for (int round = 0; round < ROUNDS; round++) {
        random = random * 1664525 + 1013904223;
        uint32_t card = (random >> 8) % CARDS;
        if (seqs[card] == 0 && (random >> 24) % 3 != 0) {
            seqs[card] = grant(card, NOON);
            taken++;
        } else if (seqs[card] != 0) {
            service_count_remove(&count, seqs[card]);
            seqs[card] = 0;
            taken--;
        }
        if (round % 500 == 0)
            service_count_purge_start(&count);
        if (service_count_is_purging(&count))
            purge_step();
        assert_int_equal(count.taken, taken);
        assert_int_equal(passages(card), seqs[card] != 0);
    }
    for (uint32_t card = 0; card < CARDS; card++)
        assert_int_equal(passages(card), seqs[card] != 0);
}

static void a_number_too_far_from_the_first_is_not_taken(void **state)
{
    (void)state;
    struct tag tag = tag_of(1);
    count.base_seq = 100;
    assert_int_equal(service_count_add(&count, &tag, 99), ERR_NO_SPACE);
    assert_int_equal(service_count_add(&count, &tag, 100 + 0xFFFE), ERR_NO_SPACE);
    assert_int_equal(service_count_add(&count, &tag, 100 + 0xFFFD), ERR_OK);
    journal.head_seq = 100 + 0xFFFE;
    assert_true(service_count_is_full(&count));
    journal.head_seq--;
    assert_false(service_count_is_full(&count));
}

static void a_record_that_is_damaged_counts_for_nobody(void **state)
{
    (void)state;
    uint32_t seq = grant(1, NOON);
    grant(1, NOON);
    nor_model_flip_bit(&nor, seq * JOURNAL_RECORD_LEN + 20, 3); /* the first sector: header, then 1, 2, … */
    nor_model_flip_bit(&nor, seq * JOURNAL_RECORD_LEN + 21, 3);
    assert_int_equal(passages(1), 1);
    recount(0);
    assert_int_equal(passages(1), 1);
}

static void a_record_with_one_wrong_bit_counts(void **state)
{
    (void)state;
    uint32_t seq = grant(1, NOON);
    grant(2, NOON + 1);
    for (uint32_t bit = 0; bit < 8 * JOURNAL_RECORD_LEN; bit++) {
        nor_model_flip_bit(&nor, seq * JOURNAL_RECORD_LEN + bit / 8, bit % 8);
        journal.correct = (struct journal_correct){.searches = 1}; /* as after a poll */
        assert_int_equal(passages(1), 1);
        recount(0);
        assert_int_equal(passages(1), 1);
        nor_model_flip_bit(&nor, seq * JOURNAL_RECORD_LEN + bit / 8, bit % 8);
    }
}

/* ---- built anew ---- */

static void a_recount_takes_what_is_of_the_time_and_of_a_service(void **state)
{
    (void)state;
    struct journal_record record = granted(1, NOON - 1);
    append(record);
    record = granted(2, NOON + 5);
    record.flags = CLOCK_SET; /* no service: at the building */
    append(record);
    record = granted(3, NOON + 5);
    record.flags = CLOCK_STALE | SERVICE << JOURNAL_SERVICE_SHIFT;
    append(record);
    append(granted(4, NOON));
    record = granted(5, NOON);
    record.kind = JOURNAL_REFUSED;
    append(record);
    recount(0);
    assert_int_equal(passages(2), 0);
    assert_int_equal(passages(3), 0);
    assert_int_equal(passages(4), 1);
    assert_int_equal(passages(5), 0);
    assert_int_equal(count.taken, 1);
}

static void with_a_sensor_an_opening_of_an_earlier_run_counts_when_its_end_says_so(void **state)
{
    (void)state;
    close(grant(1, NOON), JOURNAL_PASSED, 0);
    close(grant(2, NOON), JOURNAL_ABANDONED, 0);
    close(grant(3, NOON), JOURNAL_ASSUMED, JOURNAL_FLAG_UNCOUNTED);
    close(grant(4, NOON), JOURNAL_ASSUMED, 0);
    grant(5, NOON);
    uint32_t run_first_seq = journal.head_seq;
    grant(6, NOON);
    close(grant(7, NOON), JOURNAL_PASSED, 0);
    static const uint8_t expected[] = {0, 1, 0, 0, 1, 0, 1, 1};
    recount(run_first_seq);
    for (uint32_t i = 0; i < sizeof expected; i++)
        assert_int_equal(passages(i), expected[i]);
}

static void without_a_sensor_an_opening_of_an_earlier_run_counts_unless_its_end_says_otherwise(void **state)
{
    (void)state;
    grant_assumed(1, NOON);
    close(grant_assumed(2, NOON), JOURNAL_ASSUMED, JOURNAL_FLAG_UNCOUNTED); /* a fire */
    close(grant_assumed(3, NOON), JOURNAL_PASSED, 0); /* a sensor was fitted while it was open */
    close(grant_assumed(4, NOON), JOURNAL_ABANDONED, 0);
    uint32_t run_first_seq = journal.head_seq;
    grant_assumed(5, NOON);
    static const uint8_t expected[] = {0, 1, 0, 1, 0, 1};
    recount(run_first_seq);
    for (uint32_t i = 0; i < sizeof expected; i++)
        assert_int_equal(passages(i), expected[i]);
}

static void a_recount_reads_no_further_back_than_it_must(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 3000; i++)
        append(granted(i, NOON - 3000 + i));
    uint32_t first = journal.head_seq;
    for (uint32_t i = 0; i < 10; i++)
        append(granted(i, NOON + i));
    recount(0);
    assert_in_range(count.base_seq, first - 128, first);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(passages(i), 1);
    /* If the clock was never reliable, only the limit stops the search. */
    recount(0);
    assert_true(journal.head_seq - count.base_seq <= SERVICE_COUNT_REACH);
}

static void a_recount_finds_a_meal_behind_any_number_of_refusals(void **state)
{
    (void)state;
    const struct journal_record refused = {
        .utc_s = NOON + 60, .kind = JOURNAL_REFUSED, .code = 1, .flags = CLOCK_SET};
    append(granted(7, NOON - 4000)); /* another meal */
    append(granted(1, NOON));
    append(granted(2, NOON + 30));
    for (int i = 0; i < 25000; i++)
        append(refused);
    append(granted(3, NOON + 90));
    recount(0);
    for (uint32_t card = 1; card <= 3; card++)
        assert_int_equal(passages(card), 1);
    assert_int_equal(passages(7), 0);
}

/* A start may take 100 ms of the chip's time (tests/bench/bench_flash.c measures it). This is the part
 * of the meal. */
static void the_longest_meal_is_read_back_in_90_ms_of_the_chip(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SERVICE_COUNT_UNDATED / 2; i++)
        append((struct journal_record){.utc_s = NOON,
                                       .kind = JOURNAL_CLOSED,
                                       .code = JOURNAL_PASSED,
                                       .flags = CLOCK_SET,
                                       .ref = append(granted(i, NOON + i))});
    uint64_t before_ns = nor.counts.time_ns;
    recount(journal.head_seq);
    assert_true(nor.counts.time_ns - before_ns < 90 * UINT64_C(1000000));
    assert_int_equal(passages(SERVICE_COUNT_MOST - 1), 1);
    assert_true(service_count_is_full(&count));
}

static void list_installed(uint8_t first, uint8_t second, uint8_t third)
{
    append((struct journal_record){.utc_s = NOON,
                                   .kind = JOURNAL_EVENT,
                                   .code = JOURNAL_EVENT_LIST_INSTALLED,
                                   .flags = CLOCK_SET,
                                   .services = {{(uint8_t)(first | second << 4), third}}});
}

/* All records are for service 2 of the list that was active when they were made. */
static void a_record_goes_by_the_list_that_ruled_then(void **state)
{
    (void)state;
    struct journal_record records[7];
    static const uint8_t lists[6][3] = {{2, 1, 4}, {2, 3, 1}, {3, 1, 2}, {1, 0, 0}, {0, 0, 0}, {1, 3, 0}};
    static const uint8_t expected[7] = {
        0, /* five lists ago: would be 1 */
        0, /* to 3, to 2, gone */
        1, /* to 1, and stays */
        0, /* gone */
        3, /* as before, to 3 */
        3, /* to 3 */
        2,
    };
    for (int i = 0; i < 7; i++) {
        records[i] = granted((uint32_t)i, NOON);
        records[i].seq = append(records[i]);
        if (i < 6)
            list_installed(lists[i][0], lists[i][1], lists[i][2]);
    }
    recount(0);
    for (int i = 0; i < 7; i++)
        assert_int_equal(service_count_number(&count, &records[i]), expected[i]);
    service_count_reset(&count, &journal);
    assert_int_equal(service_count_number(&count, &records[0]), SERVICE);
}

/* A meal at another gate; unlisted: of a card that the list does not have. */
static void meal_elsewhere(uint32_t card, uint32_t told_s, bool unlisted)
{
    struct journal_record record = granted(card, told_s);
    record.kind = JOURNAL_EVENT;
    record.code = JOURNAL_EVENT_MEAL_ELSEWHERE;
    record.flags |= unlisted ? JOURNAL_FLAG_UNCOUNTED : 0;
    record.ref = NOON + 5;
    record.seq = append(record);
    assert_int_equal(service_count_add_elsewhere(&count, &record), ERR_OK);
}

static void meals_elsewhere_count_and_are_found_again(void **state)
{
    (void)state;
    meal_elsewhere(1, NOON - 4000, false); /* of another meal */
    meal_elsewhere(2, NOON + 10, false);
    grant(2, NOON + 20);
    meal_elsewhere(3, NOON + 30, true);
    meal_elsewhere(4, NOON + 40, true);
    append((struct journal_record){.utc_s = NOON,
                                   .kind = JOURNAL_EVENT,
                                   .code = JOURNAL_EVENT_READER_UP,
                                   .flags = CLOCK_SET | SERVICE << JOURNAL_SERVICE_SHIFT,
                                   .tag = tag_of(5)});
    for (int again = 0; again < 2; again++) {
        assert_int_equal(passages(1), 0);
        assert_int_equal(passages(2), 2);
        assert_int_equal(passages(3), 1);
        assert_int_equal(passages(4), 1);
        assert_int_equal(passages(5), 0);
        assert_int_equal(count.unlisted, 2);
        recount(0);
    }
    assert_int_equal(count.taken, 4);
    service_count_reset(&count, &journal);
    assert_int_equal(count.unlisted, 0);
}

static uint32_t pick(uint32_t below)
{
    static uint32_t seed = 5;
    seed = seed * 1664525U + 1013904223U;
    return (uint32_t)((uint64_t)seed * below >> 32);
}

/* Two thousand events at a gate, with restarts in between. A plain array keeps what each card used. */
static void a_recount_finds_what_was_counted(void **state)
{
    (void)state;
    enum { CARDS = 100 };
    uint8_t expected[CARDS] = {0};
    uint32_t run_first_seq = journal.head_seq;
    for (int i = 0; i < 2000; i++) {
        uint32_t card = pick(CARDS);
        uint32_t seq = grant(card, NOON + (uint32_t)i);
        for (uint32_t other = pick(3); other > 0; other--)
            append((struct journal_record){.utc_s = NOON, .kind = JOURNAL_REFUSED, .flags = CLOCK_SET});
        switch (pick(4)) {
        case 0:
            close(seq, JOURNAL_ABANDONED, 0);
            break;
        case 1:
            close(seq, JOURNAL_ASSUMED, JOURNAL_FLAG_UNCOUNTED);
            break;
        default:
            close(seq, JOURNAL_PASSED, 0);
            expected[card]++;
        }
        if (pick(50) == 0)
            run_first_seq = journal.head_seq;
        if (pick(20) == 0)
            recount(run_first_seq);
    }
    for (int again = 0; again < 2; again++) {
        for (uint32_t card = 0; card < CARDS; card++)
            assert_int_equal(passages(card), expected[card]);
        recount(journal.head_seq);
    }
}

static void start_recount(uint32_t run_first_seq)
{
    service_count_again(&count,
                        &(struct service_recount){.since_utc_s = NOON, .run_first_seq = run_first_seq});
}

/* Continues a recount by a piece, and checks what that reads: 24 records, and the passage of a closing. */
static void work(void)
{
    struct nor_model_counts before = nor.counts;
    service_count_work(&count);
    assert_in_range(nor.counts.reads - before.reads, 0, 25);
    assert_in_range(nor.counts.read_bytes - before.read_bytes, 0, 24 * 256 + 32);
}

static void a_recount_is_done_in_pieces_however_long_the_meal(void **state)
{
    (void)state;
    uint32_t pieces = 0;
    for (uint32_t i = 0; i < 1000; i++)
        close(append(granted(i, NOON + i)), JOURNAL_PASSED, 0);
    for (uint32_t i = 0; i < 5000; i++)
        append((struct journal_record){.utc_s = NOON, .kind = JOURNAL_REFUSED, .flags = CLOCK_SET});
    start_recount(journal.head_seq);
    for (; service_count_is_counting(&count); pieces++)
        work();
    /* 7000 / 64 reads for the start, 3000 of passages and closings, 5000 / 8 of kinds, 24 in a piece */
    assert_in_range(pieces, 100, 170);
    for (uint32_t card = 0; card < 1000; card++)
        assert_int_equal(passages(card), 1);
}

/* Whoever asks finishes a recount: nobody is let in by a table that is not whole. */
static void a_card_that_ate_is_known_in_each_piece_of_a_recount(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 300; i++)
        grant(i, NOON + i);
    for (uint32_t pieces = 0; pieces < 20; pieces++) {
        start_recount(0);
        for (uint32_t i = 0; i < pieces; i++)
            work();
        assert_int_equal(passages(299), 1);
        assert_int_equal(passages(300), 0);
        assert_false(service_count_is_counting(&count));
    }
}

/* Passages that begin and end while a recount runs, of cards whose limit is not asked for. */
static void a_recount_takes_what_happens_meanwhile_once(void **state)
{
    (void)state;
    enum { CARDS = 60 };
    uint8_t expected[CARDS] = {0};
    uint32_t open_seq = 0, open_card = 0;
    for (int i = 0; i < 4000; i++) {
        if (i % 40 == 0)
            start_recount(0);
        if (pick(3) == 0)
            work();
        if (open_seq == 0) {
            open_card = pick(CARDS);
            open_seq = grant(open_card, NOON + (uint32_t)i);
            expected[open_card]++;
        } else if (pick(2) == 0) {
            bool is_used = pick(3) != 0;
            close(open_seq, is_used ? JOURNAL_PASSED : JOURNAL_ABANDONED, 0);
            expected[open_card] = (uint8_t)(expected[open_card] - !is_used);
            open_seq = 0;
        }
        if (i % 500 == 499)
            for (uint32_t card = 0; card < CARDS; card++)
                assert_int_equal(passages(card), expected[card]);
    }
}

static void a_table_tells_since_when_it_is_complete(void **state)
{
    (void)state;
    assert_false(service_count_is_complete(&count, NOON + 100)); /* there may be passages in the journal */
    start_recount(0);
    assert_false(service_count_is_complete(&count, NOON));
    service_count_finish(&count);
    assert_true(service_count_is_complete(&count, NOON));
    assert_false(service_count_is_complete(&count, NOON - 1));
    service_count_forget(&count, NOON + 50);
    assert_true(service_count_is_complete(&count, NOON + 50));
    assert_false(service_count_is_complete(&count, NOON + 49));
    service_count_purge_start(&count);
    service_count_purge(&count, NOON + 80);
    assert_false(service_count_is_complete(&count, NOON + 79));
    assert_true(service_count_is_complete(&count, NOON + 80));
    service_count_reset(&count, &journal);
    assert_false(service_count_is_complete(&count, NOON + 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_card_has_the_passages_it_was_granted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_what_the_filter_lets_count_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cards_of_one_place_are_told_apart_whoever_leaves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_in_the_table_is_taken_out_without_harm, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_table_that_is_full_takes_no_more_and_still_tells_the_rest, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_purge_removes_past_meals_a_few_at_a_time_and_the_rest_counts_all_the_while, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_purge_makes_room_for_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_purge_keeps_what_it_cannot_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_table_is_right_whatever_comes_and_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_card_is_looked_up_in_a_full_table_with_about_one_reading, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_number_too_far_from_the_first_is_not_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_record_with_one_wrong_bit_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_record_that_is_damaged_counts_for_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_recount_takes_what_is_of_the_time_and_of_a_service, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            with_a_sensor_an_opening_of_an_earlier_run_counts_when_its_end_says_so, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            without_a_sensor_an_opening_of_an_earlier_run_counts_unless_its_end_says_otherwise, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(a_recount_reads_no_further_back_than_it_must, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_recount_finds_a_meal_behind_any_number_of_refusals, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_longest_meal_is_read_back_in_90_ms_of_the_chip, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_record_goes_by_the_list_that_ruled_then, set_up, tear_down),
        cmocka_unit_test_setup_teardown(meals_elsewhere_count_and_are_found_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_recount_finds_what_was_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_recount_is_done_in_pieces_however_long_the_meal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_card_that_ate_is_known_in_each_piece_of_a_recount, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_recount_takes_what_happens_meanwhile_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_table_tells_since_when_it_is_complete, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
