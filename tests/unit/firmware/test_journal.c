/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/journal/journal.h"
#include "firmware/journal/journal_room.h"
#include "tests/fakes/journal_twin.h"
#include "tests/fakes/nor_model.h"

enum {
    BASE = 65536,
    PLACES = 127, /* records in a sector of 4 KiB */
};

static const uint8_t key[CRYPTO_KEY_LEN] = "journal test key";
static const uint8_t other_key[CRYPTO_KEY_LEN] = "another gate's k";

static struct nor_model nor;
static struct journal journal;
static struct journal_twin twin;
static uint32_t region_len, made;

static void mount(void)
{
    assert_int_equal(journal_mount(&journal, &nor.flash, BASE, region_len, key, twin.acked), ERR_OK);
}

static void remount(void)
{
    enum journal_full_policy policy = journal.full_policy;
    journal_unmount(&journal);
    mount();
    journal.full_policy = policy;
}

static void set_up(uint32_t sectors, uint32_t sector_size)
{
    region_len = sectors * sector_size;
    nor_model_init(&nor, BASE + region_len + BASE, sector_size);
    journal_twin_clear(&twin);
    made = 0;
    mount();
}

static void tear_down(void)
{
    /* No neighbour was touched. */
    for (uint32_t i = 0; i < BASE; i++) {
        assert_int_equal(*nor_model_bytes(&nor, i), 0xFF);
        assert_int_equal(*nor_model_bytes(&nor, BASE + region_len + i), 0xFF);
    }
    journal_unmount(&journal);
    nor_model_free(&nor);
}

static int poll_until_idle(void)
{
    int result = ERR_BUSY;
    for (int i = 0; i < 10000 && result == ERR_BUSY; i++)
        result = journal_poll(&journal);
    uint64_t operations = nor.counts.operations;
    if (result == ERR_OK) { /* idle is idle */
        assert_int_equal(journal_poll(&journal), ERR_OK);
        assert_int_equal(nor.counts.operations, operations);
    }
    return result;
}

static int append_one(void)
{
    struct journal_record record = journal_twin_make(++made);
    uint32_t seq = 0;
    int result = journal_append(&journal, &record, &seq);
    journal_twin_appended(&twin, result, &record, seq);
    return result;
}

/* Appends as a gate that has time to poll. */
static void append(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        poll_until_idle();
        if (append_one() == ERR_OK)
            continue;
        poll_until_idle(); /* both prepared sectors failed at once: a third is needed first */
        assert_int_equal(append_one(), ERR_OK);
    }
    poll_until_idle();
}

static void acknowledge(uint32_t seq)
{
    assert_int_equal(journal_acknowledge(&journal, seq), ERR_OK);
    twin.acked = seq;
}

static void check(void)
{
    if (!journal_twin_check(&twin, &journal))
        fail_msg("%s: number %u", twin.complaint, (unsigned)twin.complaint_seq);
}

static void what_is_appended_reads_back_the_same(void **state)
{
    (void)state;
    set_up(4, 4096);
    assert_int_equal(append_one(), ERR_BUSY); /* nothing is prepared on a new chip */
    append(300);
    assert_int_equal(journal.head_seq, 301);
    check();
    remount();
    check();
    struct journal_record record;
    assert_int_equal(journal_read(&journal, 0, &record), ERR_NOT_FOUND);
    assert_int_equal(journal_read(&journal, 301, &record), ERR_NOT_FOUND);
    tear_down();
}

static void a_region_of_two_sectors_is_too_small(void **state)
{
    (void)state;
    set_up(3, 4096); /* three are enough */
    struct journal small;
    assert_int_equal(journal_mount(&small, &nor.flash, BASE, 2 * 4096, key, 0), ERR_ARGUMENT);
    tear_down();
}

static int program_zeros(void *ctx, uint32_t addr, const void *data, size_t len)
{
    (void)data;
    memset(nor_model_bytes(ctx, addr), 0, len);
    return ERR_OK;
}

/* A passage whose record is nowhere must not open the gate. */
static void an_append_to_a_chip_that_spoils_every_place_is_an_error(void **state)
{
    (void)state;
    set_up(4, 4096);
    poll_until_idle();
    struct flash spoiling = nor.flash;
    struct journal_record record = journal_twin_make(1);
    uint32_t seq = 0, head_seq = journal.head_seq;
    spoiling.program = program_zeros;
    journal.flash = &spoiling;
    assert_int_equal(journal_append(&journal, &record, &seq), ERR_IO);
    assert_int_equal(seq, 0);
    assert_in_range(journal.head_seq, head_seq + 1, head_seq + PLACES);
    journal.flash = &nor.flash;
    assert_int_equal(journal_append(&journal, &record, &seq), ERR_OK);
    assert_int_equal(seq, journal.head_seq - 1);
    tear_down();
}

static void an_append_programs_32_bytes_and_waits_for_no_erase(void **state)
{
    (void)state;
    set_up(4, 4096);
    for (uint32_t i = 0; i < 3 * 4 * PLACES; i++) {
        poll_until_idle();
        struct nor_model_counts before = nor.counts;
        assert_int_equal(append_one(), ERR_OK);
        assert_int_equal(nor.counts.programmed_bytes - before.programmed_bytes, 32);
        assert_int_equal(nor.counts.erases, before.erases);
        assert_true(nor.counts.time_ns - before.time_ns <= 150000);
    }
    poll_until_idle();
    assert_int_equal(nor.counts.unit_violations, 0);
    assert_int_equal(nor.counts.lost_ones, 0);
    check();
    tear_down();
}

static void mount_finds_the_ends_at_every_fill(void **state)
{
    (void)state;
    static const uint32_t geometries[][2] = {{3, 4096}, {4, 4096}, {7, 4096}};
    for (int g = 0; g < 3; g++) {
        set_up(geometries[g][0], geometries[g][1]);
        for (uint32_t i = 0; i < 2 * geometries[g][0] * PLACES + 10; i++) {
            uint32_t head = journal.head_seq;
            remount();
            if (i > 0) /* before the first record there is no end to find */
                assert_int_equal(journal.head_seq, head);
            append(1);
            if (i % 61 == 0)
                check();
        }
        check();
        tear_down();
    }
}

static void mount_is_quick_on_a_full_16_mib_chip(void **state)
{
    (void)state;
    static const uint32_t sectors[] = {1248, 78};
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        set_up(sectors[g], sizes[g]);
        uint32_t capacity = sectors[g] * (sizes[g] / 32 - 1);
        for (uint32_t seq = 1; seq < capacity + capacity / 3; seq++) {
            struct journal_record record = journal_twin_make(seq);
            uint32_t given;
            if (!journal.head_ready || !journal.next_ready) {
                acknowledge(journal.head_seq - 1);
                poll_until_idle();
            }
            assert_int_equal(journal_append(&journal, &record, &given), ERR_OK);
        }
        uint32_t head = journal.head_seq, tail = journal.tail_seq;
        nor.counts = (struct nor_model_counts){0};
        remount();
        assert_int_equal(journal.head_seq, head);
        assert_int_equal(journal.tail_seq, tail);
        if (nor.counts.reads > 40 || nor.counts.time_ns > 1000000)
            fail_msg("%u reads, %u ns", (unsigned)nor.counts.reads, (unsigned)nor.counts.time_ns);
        journal_unmount(&journal);
        nor_model_free(&nor);
    }
}

static void a_full_ring_drops_its_oldest_sector_and_tells_the_gap(void **state)
{
    (void)state;
    set_up(4, 4096);
    append(3 * PLACES - 1); /* the last sector is prepared: nothing dropped yet */
    assert_int_equal(journal.tail_seq, 1);
    append(1); /* starts the last sector: the next one must be prepared */
    assert_int_equal(journal.tail_seq, 1 + PLACES);
    struct journal_record gap;
    assert_int_equal(journal_read(&journal, 3 * PLACES + 1, &gap), ERR_OK);
    assert_int_equal(gap.kind, JOURNAL_GAP);
    assert_int_equal(gap.dropped.first, 1);
    assert_int_equal(gap.dropped.last, PLACES);
    assert_int_equal(gap.ref, 85); /* of 1..127 every number that is not 2 modulo 3 */
    assert_int_equal(journal_pending_count(&journal), 2 * PLACES + 1);
    append(1000);
    check();
    remount();
    check();
    tear_down();
}

/* Appends until the first sector is about to be dropped, and returns how many passages it has. */
static uint32_t fill_to_the_first_gap(void)
{
    uint32_t passages = 0;
    append(3 * PLACES - 1);
    for (uint32_t number = 1; number <= PLACES; number++)
        passages += journal_twin_make(number).kind == JOURNAL_GRANTED;
    return passages;
}

static uint32_t passages_told(void)
{
    struct journal_record gap;
    append(1);
    assert_int_equal(journal_read(&journal, 3 * PLACES + 1, &gap), ERR_OK);
    assert_int_equal(gap.kind, JOURNAL_GAP);
    return gap.ref;
}

static void a_torn_passage_is_not_told_by_a_gap(void **state)
{
    (void)state;
    for (uint32_t torn_len = 12; torn_len < 32; torn_len += 4) {
        set_up(4, 4096);
        uint32_t passages = fill_to_the_first_gap();
        for (uint32_t seq = 30; seq < 33; seq++) /* two of them are passages */
            memset(nor_model_bytes(&nor, BASE + 32 * seq + torn_len), 0xFF, 32 - torn_len);
        assert_int_equal(passages_told(), passages - 2);
        tear_down();
    }
}

static void a_passage_with_one_wrong_bit_is_told_by_a_gap(void **state)
{
    (void)state;
    for (uint32_t bit = 0; bit < 8 * JOURNAL_RECORD_LEN; bit += 3) {
        set_up(4, 4096);
        uint32_t passages = fill_to_the_first_gap();
        nor_model_flip_bit(&nor, BASE + 32 * 30 + bit / 8, bit % 8); /* a passage */
        nor_model_flip_bit(&nor, BASE + 32 * 32 + bit / 8, bit % 8); /* a refusal */
        assert_int_equal(passages_told(), passages);
        tear_down();
    }
}

struct poll_costs {
    uint32_t polls;                       /* until the oldest sector is dropped */
    uint32_t most_reads, most_read_bytes; /* of one poll */
    uint64_t most_ns, all_read_bytes;
};

static struct poll_costs poll_until_dropped(void)
{
    struct poll_costs costs = {0};
    uint32_t tail = journal.tail_seq;
    while (journal.tail_seq == tail) {
        struct nor_model_counts before = nor.counts;
        assert_int_equal(journal_poll(&journal), ERR_BUSY);
        uint32_t reads = (uint32_t)(nor.counts.reads - before.reads);
        uint32_t read_bytes = (uint32_t)(nor.counts.read_bytes - before.read_bytes);
        uint64_t ns = nor.counts.time_ns - before.time_ns;
        costs.most_reads = reads > costs.most_reads ? reads : costs.most_reads;
        costs.most_read_bytes = read_bytes > costs.most_read_bytes ? read_bytes : costs.most_read_bytes;
        costs.most_ns = ns > costs.most_ns ? ns : costs.most_ns;
        costs.all_read_bytes += read_bytes;
        costs.polls++;
    }
    return costs;
}

/* Sectors of 64 KiB are searched for the last gap, and counted, in pieces: no poll takes long. The search
 * reads six sectors at most, once after a start. */
static void a_full_ring_drops_a_large_sector_in_pieces(void **state)
{
    (void)state;
    for (int started = 0; started < 2; started++) {
        set_up(7, 65536);
        append(6 * 2047 - 1);
        if (started)
            remount();
        assert_int_equal(append_one(), ERR_OK);
        for (int drop = 0; drop < 3; drop++) {
            struct poll_costs costs = poll_until_dropped();
            assert_in_range(costs.most_reads, 4, 17);
            assert_in_range(costs.most_read_bytes, 1024, 4096 + 32);
            assert_in_range(costs.most_ns, 1, 1000000);
            assert_in_range(costs.all_read_bytes, 65504, drop == 0 ? 7 * 65536 + 8192 : 70000);
            poll_until_idle();
            while (journal.next_ready)
                assert_int_equal(append_one(), ERR_OK);
        }
        check();
        tear_down();
    }
}

/* What is appended while the search goes on does not confuse it. */
static void a_gap_that_was_told_before_a_start_is_found_amid_taps(void **state)
{
    (void)state;
    struct journal_record gap;
    uint32_t gaps = 0;
    set_up(4, 65536);
    append(3 * 2047 - 1);
    assert_int_equal(append_one(), ERR_OK);
    nor_model_cut(&nor, 2, NOR_TEAR_NOTHING); /* after the gap, before the erase */
    poll_until_idle();
    nor_model_power_on(&nor);
    remount();
    for (int i = 0; i < 900; i++)
        assert_int_equal(append_one(), ERR_OK);
    while (journal.tail_seq == 1) {
        assert_int_equal(journal_poll(&journal), ERR_BUSY);
        assert_int_equal(append_one(), ERR_OK);
    }
    poll_until_idle();
    for (uint32_t seq = journal.tail_seq; seq < journal.head_seq; seq++)
        gaps += journal_read(&journal, seq, &gap) == ERR_OK && gap.kind == JOURNAL_GAP;
    assert_int_equal(gaps, 1);
    check();
    tear_down();
}

/* What the office acknowledges while a gap is counted is not dropped. */
static void a_gap_does_not_tell_what_was_acknowledged_meanwhile(void **state)
{
    (void)state;
    struct journal_record gap;
    set_up(4, 4096);
    fill_to_the_first_gap();
    assert_int_equal(append_one(), ERR_OK);
    assert_int_equal(journal_poll(&journal), ERR_BUSY);
    acknowledge(60);
    poll_until_idle();
    assert_int_equal(journal_read(&journal, 3 * PLACES + 1, &gap), ERR_OK);
    assert_int_equal(gap.dropped.first, 61);
    assert_int_equal(gap.ref, 45); /* of 61..127 every number that is not 2 modulo 3 */
    check();
    tear_down();
}

static void what_was_acknowledged_goes_without_a_gap(void **state)
{
    (void)state;
    set_up(4, 4096);
    for (int i = 0; i < 10; i++) {
        append(100);
        acknowledge(journal.head_seq - 1);
    }
    for (uint32_t seq = journal.tail_seq; seq < journal.head_seq; seq++) {
        struct journal_record record;
        assert_int_equal(journal_read(&journal, seq, &record), ERR_OK);
        assert_int_not_equal(record.kind, JOURNAL_GAP);
    }
    assert_int_equal(journal_pending_count(&journal), 0);
    assert_int_equal(journal_acknowledge(&journal, 5), ERR_OK);
    assert_int_equal(journal.acked_seq, 1000);
    assert_int_equal(journal_acknowledge(&journal, 1001), ERR_ARGUMENT);
    tear_down();
}

static void a_refusing_ring_takes_nothing_more_until_acknowledged(void **state)
{
    (void)state;
    set_up(4, 4096);
    journal.full_policy = JOURNAL_REFUSE;
    append(4 * PLACES - 1);
    assert_int_equal(poll_until_idle(), ERR_NO_SPACE);
    assert_int_equal(append_one(), ERR_OK);
    assert_int_equal(append_one(), ERR_NO_SPACE);
    check();
    remount();
    assert_int_equal(poll_until_idle(), ERR_NO_SPACE);
    assert_int_equal(append_one(), ERR_NO_SPACE);
    check();
    acknowledge(PLACES);
    append(10);
    check();
    tear_down();
}

/* Two hundred taps may come faster than the idle loop does its work. */
static void a_gap_is_told_even_when_nobody_polled_for_long(void **state)
{
    (void)state;
    set_up(4, 4096);
    append(4 * PLACES);
    for (int lap = 0; lap < 6; lap++) {
        while (append_one() == ERR_OK)
            ;
        assert_int_equal(journal_places_left(&journal), 8); /* kept for the gap */
        poll_until_idle();
        check();
        remount();
        check();
        poll_until_idle();
        check();
    }
    tear_down();
}

/* A bit of a header flips while the gate is off. Records are kept and numbers continue, for each sector
 * and fill level. */
static void a_damaged_header_costs_no_record(void **state)
{
    (void)state;
    for (uint32_t fill = 3; fill < 6 * PLACES; fill += 31) {
        for (uint32_t position = 0; position < 5; position++) {
            set_up(5, 4096);
            append(fill);
            nor_model_flip_bit(&nor, BASE + position * 4096 + fill % 32, fill % 8);
            remount();
            check();
            append(PLACES / 2);
            check();
            remount();
            check();
            append(3 * PLACES);
            check();
            tear_down();
        }
    }
}

/* The same, but power failed before the next sector was prepared. */
static void a_damaged_header_of_the_last_sector_costs_no_record(void **state)
{
    (void)state;
    for (uint32_t sector = 0; sector < 12; sector++) {
        for (uint32_t fill = 1; fill < 20; fill += 3) {
            set_up(5, 4096);
            append((sector + 1) * PLACES - 1);
            for (uint32_t i = 0; i < fill; i++)
                assert_int_equal(append_one(), ERR_OK);
            check();
            uint32_t position = (journal.head_seq - 2) / PLACES % 5;
            nor_model_flip_bit(&nor, BASE + position * 4096 + 9, 1);
            remount();
            check();
            append(PLACES / 2);
            check();
            remount();
            check();
            tear_down();
        }
    }
}

/* Each passage dropped is counted by one gap, however often gaps are dropped themselves. */
static void gaps_hand_on_their_counts(void **state)
{
    (void)state;
    set_up(5, 4096);
    for (int round = 0; round < 20; round++) {
        append(97);
        uint32_t told = 0, kept = 0, given = 0;
        for (uint32_t seq = journal.tail_seq; seq < journal.head_seq; seq++) {
            struct journal_record record;
            assert_int_equal(journal_read(&journal, seq, &record), ERR_OK);
            told += record.kind == JOURNAL_GAP ? record.ref : 0;
            kept += record.kind == JOURNAL_GRANTED;
        }
        for (uint32_t number = 1; number <= made; number++)
            given += journal_twin_make(number).kind == JOURNAL_GRANTED;
        assert_int_equal(told + kept, given);
        check();
        remount();
    }
    tear_down();
}

static void a_damaged_record_costs_itself_alone(void **state)
{
    (void)state;
    set_up(4, 4096);
    append(200);
    acknowledge(3);
    nor_model_scramble(&nor, BASE + 32 * 2 + 5, 2, 9); /* number 2: acknowledged */
    struct journal_record record;
    assert_int_equal(journal_read(&journal, 2, &record), ERR_CORRUPT);
    check();
    tear_down();
}

/* Each bit of each record of the first places, those at the end of a sector, and the last one. */
static void a_record_with_one_wrong_bit_reads_as_it_was_written(void **state)
{
    (void)state;
    set_up(4, 4096);
    append(PLACES + 9);
    static const uint32_t seqs[] = {1, 2, PLACES - 1, PLACES, PLACES + 1, PLACES + 9};
    for (size_t i = 0; i < sizeof seqs / sizeof seqs[0]; i++) {
        for (uint32_t bit = 0; bit < 8 * JOURNAL_RECORD_LEN; bit++) {
            uint32_t sector = seqs[i] > PLACES ? 4096 : 0, place = (seqs[i] - 1) % PLACES + 1;
            nor_model_flip_bit(&nor, BASE + sector + 32 * place + bit / 8, bit % 8);
            (void)!journal_poll(&journal);
            check();
            nor_model_flip_bit(&nor, BASE + sector + 32 * place + bit / 8, bit % 8);
        }
    }
    tear_down();
}

/* After two wrong bits a record is gone; it never reads as anything else. */
static void a_record_with_two_wrong_bits_is_not_believed(void **state)
{
    (void)state;
    set_up(4, 4096);
    append(20);
    acknowledge(20);
    for (uint32_t bit = 1; bit < 8 * JOURNAL_RECORD_LEN; bit++) {
        struct journal_record record;
        nor_model_flip_bit(&nor, BASE + 32 * 7, 0);
        nor_model_flip_bit(&nor, BASE + 32 * 7 + bit / 8, bit % 8);
        remount();
        assert_int_equal(journal_read(&journal, 7, &record), ERR_CORRUPT);
        nor_model_flip_bit(&nor, BASE + 32 * 7, 0);
        nor_model_flip_bit(&nor, BASE + 32 * 7 + bit / 8, bit % 8);
    }
    tear_down();
}

/* What was found is kept, so only the first read takes long. Many damaged records share the searches. */
static void a_damaged_record_is_searched_once(void **state)
{
    (void)state;
    set_up(4, 4096);
    append(100);
    struct journal_record record;
    for (uint32_t seq = 1; seq <= 40; seq++)
        nor_model_flip_bit(&nor, BASE + 32 * seq + 15, 2);
    remount();
    uint32_t readable = 0;
    for (int again = 0; again < 3; again++)
        for (uint32_t seq = 1; seq <= 8; seq++)
            readable += journal_read(&journal, seq, &record) == ERR_OK;
    assert_int_equal(readable, 3 * 8);
    for (uint32_t seq = 9; seq <= 40; seq++)
        readable += journal_read(&journal, seq, &record) == ERR_OK;
    assert_int_equal(readable, 3 * 8 + 8); /* 16 searches after a mount */
    for (uint32_t seq = 17; seq <= 40; seq++) {
        (void)!journal_poll(&journal);
        assert_int_equal(journal_read(&journal, seq, &record), ERR_OK);
    }
    tear_down();
}

/* Power fails when all bits but one are programmed. The record would be valid with it, but the gate did not
 * open, and the next record tells another passage. */
static void a_record_without_its_last_bit_is_not_made_whole(void **state)
{
    (void)state;
    uint32_t tried = 0;
    for (uint32_t bit = 0; bit < 8 * JOURNAL_RECORD_LEN; bit++) {
        set_up(4, 4096);
        append(20);
        uint8_t *last = nor_model_bytes(&nor, BASE + 32 * 20);
        if ((last[bit / 8] >> bit % 8 & 1) == 0) {
            nor_model_flip_bit(&nor, BASE + 32 * 20 + bit / 8, bit % 8);
            twin.records[20].kind = 0; /* it was not appended */
            remount();
            check();
            append(30);
            check();
            remount();
            append(3);
            check();
            assert_int_equal(nor.counts.unit_violations, 0);
            tried++;
        }
        tear_down();
    }
    assert_in_range(tried, 64, 192);
}

/* A bit that was programmed by mistake was not cut off: the record was written. */
static void the_last_record_before_a_start_is_corrected_if_it_was_whole(void **state)
{
    (void)state;
    for (uint32_t bit = 0; bit < 8 * JOURNAL_RECORD_LEN; bit++) {
        set_up(4, 4096);
        append(20);
        uint8_t *last = nor_model_bytes(&nor, BASE + 32 * 20);
        if (last[bit / 8] >> bit % 8 & 1) {
            nor_model_flip_bit(&nor, BASE + 32 * 20 + bit / 8, bit % 8);
            remount();
            append(3);
            check();
        }
        tear_down();
    }
}

/* The program of a record leaves one wrong bit, so the record is written again. It is there once. */
static void a_record_that_was_written_again_is_read_once(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < JOURNAL_RECORD_LEN; at++) {
        set_up(4, 4096);
        append(20);
        append(1);
        uint8_t *again = nor_model_bytes(&nor, BASE + 32 * 21), *first = again - 32;
        struct journal_record record = twin.records[21];
        record.seq = 20; /* the same record, as the first try wrote it */
        assert_int_equal(journal_record_encode(&record, &journal.mac, first), ERR_OK);
        first[at] ^= 4;
        twin.records[20].kind = 0;
        append(3);
        assert_int_equal(journal_read(&journal, 20, &record), ERR_CORRUPT);
        check();
        tear_down();
    }
}

/* One bit too few in the blank part: where the next records go. */
static void a_bit_lost_in_blank_flash_costs_one_place(void **state)
{
    (void)state;
    for (uint32_t ahead = 0; ahead < 20; ahead++) {
        set_up(4, 4096);
        append(50);
        nor_model_flip_bit(&nor, BASE + 32 * (51 + ahead) + 7, 2);
        append(40);
        check();
        remount();
        append(40);
        check();
        remount();
        check();
        tear_down();
    }
}

static void a_record_copied_elsewhere_is_not_believed(void **state)
{
    (void)state;
    set_up(4, 4096);
    append(10);
    struct journal_record record;
    memcpy(nor_model_bytes(&nor, BASE + 32 * 7), nor_model_bytes(&nor, BASE + 32 * 3), 32);
    assert_int_equal(journal_read(&journal, 7, &record), ERR_CORRUPT);
    uint8_t raw[32];
    assert_int_equal(journal_read_raw(&journal, 7, raw), ERR_CORRUPT);
    assert_int_equal(journal_read_raw(&journal, 3, raw), ERR_OK);
    assert_memory_equal(raw, nor_model_bytes(&nor, BASE + 32 * 3), 32);
    tear_down();
}

static void a_sector_copied_elsewhere_is_not_believed(void **state)
{
    (void)state;
    set_up(5, 4096);
    append(2 * PLACES + 5);
    acknowledge(2 * PLACES + 5);
    memcpy(nor_model_bytes(&nor, BASE + 4 * 4096), nor_model_bytes(&nor, BASE + 2 * 4096), 4096);
    remount();
    assert_int_equal(journal.head_seq, 2 * PLACES + 6);
    append(3 * PLACES);
    check();
    tear_down();
}

static void records_under_another_key_do_not_read(void **state)
{
    (void)state;
    set_up(4, 4096);
    append(PLACES + 3);
    journal_unmount(&journal);
    assert_int_equal(journal_mount(&journal, &nor.flash, BASE, region_len, other_key, 0), ERR_OK);
    for (uint32_t seq = 0; seq < 4 * PLACES; seq++) {
        struct journal_record record;
        assert_int_not_equal(journal_read(&journal, seq, &record), ERR_OK);
    }
    assert_int_equal(poll_until_idle(), ERR_OK);
    tear_down();
}

/* From the layout in journal_record.h, with the CMAC that openssl computes (key "journal test key"):
 * openssl mac -cipher AES-128-CBC -macopt hexkey:6a6f75726e616c2074657374206b6579 -in record CMAC */
static void a_record_is_laid_out_as_the_table_says(void **state)
{
    (void)state;
    static const uint8_t expected[32] = {
        1,    0,    0,    0,    0x78, 0x56, 0x34, 0x12, 0x0F, 9,    2,    5,    0xA0, 0xA1, 0xA2, 0xA3,
        0xA4, 0xA5, 0xA6, 0xA7, 0xDD, 0xCC, 0xBB, 0xAA, 0x16, 0x71, 0x64, 0x33, 0x90, 0xEA, 0x26, 0xFA,
    };
    static const uint8_t header[32] = {
        'P', 'T', 'J', 'S', 0, 0, 0, 0, 0,    0,    0,    0,    0,    0,    0,    0,
        0,   0,   0,   0,   0, 0, 0, 0, 0xBC, 0x89, 0xDB, 0x0A, 0x98, 0x0E, 0x55, 0x87,
    };
    struct journal_record record = {.utc_s = 0x12345678,
                                    .kind = JOURNAL_GRANTED,
                                    .code = 9,
                                    .zone = 2,
                                    .flags = 5,
                                    .tag = {{0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7}},
                                    .ref = 0xAABBCCDD};
    uint32_t seq;
    set_up(3, 4096);
    poll_until_idle();
    assert_int_equal(journal_append(&journal, &record, &seq), ERR_OK);
    assert_int_equal(seq, 1);
    assert_memory_equal(nor_model_bytes(&nor, BASE + 32), expected, 32);
    assert_memory_equal(nor_model_bytes(&nor, BASE), header, 32);
    tear_down();
}

static void any_content_mounts_and_takes_records(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 40; seed++) {
        set_up(4, 4096);
        nor_model_scramble(&nor, BASE, region_len, seed);
        remount();
        append(2 * PLACES);
        check();
        remount();
        check();
        append(6 * PLACES);
        check();
        tear_down();
    }
}

static void numbering_goes_on_above_what_was_acknowledged(void **state)
{
    (void)state;
    static const uint32_t acked[] = {1, 126, 127, 128, 500, 3000};
    for (size_t a = 0; a < sizeof acked / sizeof *acked; a++) {
        for (uint32_t before = 0; before < 3 * PLACES; before += 60) {
            set_up(4, 4096);
            append(before);
            twin.acked = acked[a]; /* the store survived, this much of the journal did not */
            if (twin.last_given < twin.acked)
                twin.last_given = twin.acked;
            remount();
            append(300);
            check();
            remount();
            check();
            append(3 * PLACES);
            remount();
            check();
            tear_down();
        }
    }
}

static void worn_sectors_are_passed_over_and_cost_no_record(void **state)
{
    (void)state;
    for (int refuses = 1; refuses < 4; refuses++) {
        for (uint32_t wears_at = 0; wears_at < 6 * PLACES; wears_at += 100) {
            for (uint32_t position = 0; position < 6; position++) {
                set_up(6, 4096);
                append(wears_at);
                nor_model_wear_out(&nor, BASE + position * 4096, refuses & 1, refuses & 2);
                if (wears_at % 200 == 0) /* two in a row */
                    nor_model_wear_out(&nor, BASE + (position + 1) % 6 * 4096, refuses & 1, refuses & 2);
                for (int i = 0; i < 14; i++) {
                    append(PLACES / 2);
                    check();
                    remount();
                    check();
                }
                tear_down();
            }
        }
    }
}

static void one_worn_sector_is_no_end_however_long_the_gate_runs(void **state)
{
    (void)state;
    set_up(4, 4096);
    nor_model_wear_out(&nor, BASE + 4096, true, false);
    append(30 * PLACES);
    check();
    tear_down();
}

static void a_ring_that_takes_nothing_says_so(void **state)
{
    (void)state;
    set_up(3, 4096);
    for (uint32_t position = 0; position < 3; position++)
        nor_model_wear_out(&nor, BASE + position * 4096, true, true);
    assert_int_equal(poll_until_idle(), ERR_IO);
    assert_int_equal(append_one(), ERR_BUSY);
    journal_unmount(&journal);
    nor_model_free(&nor);
}

static void what_the_chip_botched_is_noticed(void **state)
{
    (void)state;
    for (uint32_t n = 1; n < 2 * PLACES + 20; n += n % PLACES < 8 || n % PLACES > PLACES - 8 ? 1 : 9) {
        set_up(4, 4096);
        append(4 * PLACES + 30);
        nor_model_botch(&nor, n);
        append(2 * PLACES + 30);
        check();
        remount();
        check();
        tear_down();
    }
}

/* Numbering was started again, so the tail is searched. The search meets a worn sector that is blank. */
static void a_worn_sector_does_not_hide_what_is_older(void **state)
{
    (void)state;
    set_up(40, 4096);
    twin.acked = twin.last_given = 10 * PLACES;
    nor_model_wear_out(&nor, BASE + 14 * 4096, false, true);
    remount();
    append(13 * PLACES + 1); /* sectors 10 to 24, without 14, the last one empty */
    check();
    remount();
    assert_int_equal(journal.tail_seq, 10 * PLACES + 1);
    check();
    tear_down();
}

static void a_gap_is_told_once_however_often_the_power_goes(void **state)
{
    (void)state;
    for (uint32_t events = 0; events < 3; events++) { /* that each start writes first */
        set_up(4, 4096);
        append(3 * PLACES - 1);
        assert_int_equal(append_one(), ERR_OK);
        for (uint32_t i = 0; i < 30; i++) {
            nor_model_cut(&nor, i == 0 ? 2 : 1, NOR_TEAR_NOTHING); /* after the gap, before the erase */
            poll_until_idle();
            nor_model_power_on(&nor);
            remount();
            for (uint32_t event = 0; event < events; event++)
                assert_int_equal(append_one(), ERR_OK);
        }
        assert_int_equal(journal.head_seq, 3 * PLACES + 2 + 30 * events);
        append(5);
        check();
        tear_down();
    }
}

/* With a damaged header a full ring has no head: a sector must be dropped before anything can be
 * written. Power fails just after it was dropped. */
static void a_gap_that_was_not_told_is_told_after_the_next_start(void **state)
{
    (void)state;
    for (uint64_t cut = 1; cut < 5; cut++) {
        struct journal_record gap;
        set_up(4, 4096);
        append(4 * PLACES - 20);
        while (append_one() == ERR_OK)
            ;
        nor_model_flip_bit(&nor, BASE + (journal.head_seq - 2) / PLACES % 4 * 4096 + 9, 1);
        remount();
        assert_false(journal.head_ready);
        uint32_t first = journal.tail_seq;
        nor_model_cut(&nor, cut, NOR_TEAR_ALL);
        poll_until_idle();
        nor_model_power_on(&nor);
        remount();
        append(1);
        check();
        uint32_t seq = 4 * PLACES; /* told above this number */
        do
            assert_true(++seq < journal.head_seq);
        while (journal_read(&journal, seq, &gap) != ERR_OK || gap.kind != JOURNAL_GAP ||
               gap.dropped.last != first + PLACES - 1);
        assert_int_equal(gap.dropped.first, first);
        /* The reader of the gap can see whether the count is complete. */
        bool uncounted = gap.flags & JOURNAL_FLAG_UNCOUNTED;
        assert_int_equal(uncounted, cut < 4);
        assert_true(uncounted || gap.ref == 84); /* of 128..254 every number that is not 2 modulo 3 */
        /* The gap that takes this one's place, when it goes itself, says so too. */
        append(5 * PLACES);
        uint32_t gap_count = 0;
        for (seq = journal.tail_seq; seq < journal.head_seq; seq++) {
            if (journal_read(&journal, seq, &gap) != ERR_OK || gap.kind != JOURNAL_GAP ||
                bytes_get_u32(gap.tag.bytes) != first)
                continue;
            gap_count++;
            assert_int_equal((gap.flags & JOURNAL_FLAG_UNCOUNTED) != 0, uncounted);
        }
        assert_true(gap_count > 0);
        tear_down();
    }
}

/* A chip that returns wrong data at start-up and then recovers must not be taken for a new one. */
static void a_chip_that_lies_at_start_up_loses_nothing(void **state)
{
    (void)state;
    static const uint8_t values[] = {0x00, 0xFF};
    for (int v = 0; v < 2; v++) {
        for (uint32_t lies = 1; lies < 600; lies += 7) {
            set_up(5, 4096);
            append(8 * PLACES + 40);
            check();
            nor_model_lie(&nor, lies / 20, lies % 20, values[v]);
            remount();
            nor_model_lie(&nor, 0, 0, 0); /* it has recovered before the first poll */
            append(30);
            remount();
            check();
            append(PLACES);
            check();
            tear_down();
        }
    }
}

static void kinds_are_peeked_at_in_the_journal_only(void **state)
{
    (void)state;
    uint8_t kinds[JOURNAL_PEEK_MAX];
    set_up(4, 4096);
    append(JOURNAL_PEEK_MAX + 1);
    assert_int_equal(journal_peek_kinds(&journal, 1, kinds), JOURNAL_PEEK_MAX);
    assert_int_equal(journal_peek_kinds(&journal, 3, kinds), JOURNAL_PEEK_MAX - 1);
    assert_int_equal(journal_peek_kinds(&journal, journal.head_seq - 1, kinds), 1);
    assert_int_equal(journal_peek_kinds(&journal, journal.head_seq, kinds), ERR_NOT_FOUND);
    assert_int_equal(journal_peek_kinds(&journal, 0, kinds), ERR_NOT_FOUND);
    tear_down();
}

static void a_busy_chip_is_waited_for(void **state)
{
    (void)state;
    set_up(4, 4096);
    append(5);
    nor.stay_busy = true;
    uint32_t count = 0;
    for (; append_one() == ERR_OK; count++)
        journal_poll(&journal);
    assert_in_range(count, PLACES, 2 * PLACES);
    nor.stay_busy = false;
    append(PLACES);
    check();
    tear_down();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_reads_back_the_same),
        cmocka_unit_test(a_region_of_two_sectors_is_too_small),
        cmocka_unit_test(an_append_to_a_chip_that_spoils_every_place_is_an_error),
        cmocka_unit_test(a_record_is_laid_out_as_the_table_says),
        cmocka_unit_test(an_append_programs_32_bytes_and_waits_for_no_erase),
        cmocka_unit_test(mount_finds_the_ends_at_every_fill),
        cmocka_unit_test(mount_is_quick_on_a_full_16_mib_chip),
        cmocka_unit_test(a_full_ring_drops_its_oldest_sector_and_tells_the_gap),
        cmocka_unit_test(a_torn_passage_is_not_told_by_a_gap),
        cmocka_unit_test(a_passage_with_one_wrong_bit_is_told_by_a_gap),
        cmocka_unit_test(a_full_ring_drops_a_large_sector_in_pieces),
        cmocka_unit_test(a_gap_that_was_told_before_a_start_is_found_amid_taps),
        cmocka_unit_test(a_gap_does_not_tell_what_was_acknowledged_meanwhile),
        cmocka_unit_test(what_was_acknowledged_goes_without_a_gap),
        cmocka_unit_test(a_refusing_ring_takes_nothing_more_until_acknowledged),
        cmocka_unit_test(a_gap_is_told_even_when_nobody_polled_for_long),
        cmocka_unit_test(a_damaged_header_costs_no_record),
        cmocka_unit_test(a_damaged_header_of_the_last_sector_costs_no_record),
        cmocka_unit_test(gaps_hand_on_their_counts),
        cmocka_unit_test(a_damaged_record_costs_itself_alone),
        cmocka_unit_test(a_record_with_one_wrong_bit_reads_as_it_was_written),
        cmocka_unit_test(a_record_with_two_wrong_bits_is_not_believed),
        cmocka_unit_test(a_damaged_record_is_searched_once),
        cmocka_unit_test(a_record_without_its_last_bit_is_not_made_whole),
        cmocka_unit_test(the_last_record_before_a_start_is_corrected_if_it_was_whole),
        cmocka_unit_test(a_record_that_was_written_again_is_read_once),
        cmocka_unit_test(a_bit_lost_in_blank_flash_costs_one_place),
        cmocka_unit_test(a_record_copied_elsewhere_is_not_believed),
        cmocka_unit_test(a_sector_copied_elsewhere_is_not_believed),
        cmocka_unit_test(records_under_another_key_do_not_read),
        cmocka_unit_test(any_content_mounts_and_takes_records),
        cmocka_unit_test(numbering_goes_on_above_what_was_acknowledged),
        cmocka_unit_test(worn_sectors_are_passed_over_and_cost_no_record),
        cmocka_unit_test(one_worn_sector_is_no_end_however_long_the_gate_runs),
        cmocka_unit_test(a_ring_that_takes_nothing_says_so),
        cmocka_unit_test(what_the_chip_botched_is_noticed),
        cmocka_unit_test(a_worn_sector_does_not_hide_what_is_older),
        cmocka_unit_test(a_gap_is_told_once_however_often_the_power_goes),
        cmocka_unit_test(a_gap_that_was_not_told_is_told_after_the_next_start),
        cmocka_unit_test(a_chip_that_lies_at_start_up_loses_nothing),
        cmocka_unit_test(a_busy_chip_is_waited_for),
        cmocka_unit_test(kinds_are_peeked_at_in_the_journal_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
