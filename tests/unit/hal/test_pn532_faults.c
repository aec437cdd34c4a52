/* SPDX-License-Identifier: Apache-2.0 */
/* The PN532 driver with a virtual chip that fails in each way it knows. Time is simulated: 0.1 ms a poll. */
#include "hal/pn532/pn532.h"
#include "tests/fakes/cardsim_bench.h"

#define STEP_US 100
#define EVENTS  64
#define SECOND  1000000
#define DESFIRE "04A1B2C3D4E580"

/* A line whose two ends may have different baud rates. Bytes sent then do not arrive. */
static struct {
    uint32_t host_baud, chip_baud, asked_baud;
    unsigned bad_above_default; /* long cable: above the default rate one byte in so many is wrong; 0: none */
    unsigned byte_count;
} line;
static struct pn532 pn532;
static struct pn532_config config;
static struct reader_report events[EVENTS];
static uint64_t event_us[EVENTS];
static size_t event_count;
static uint64_t longest_exchange_us;

static bool is_line_good(void)
{
    return line.host_baud == line.chip_baud;
}

static uint8_t carry(uint8_t byte)
{
    bool is_bad = line.bad_above_default && line.host_baud > 115200;
    return is_bad && ++line.byte_count % line.bad_above_default == 0 ? byte ^ 0x10 : byte;
}

static int read_line(void *ctx, uint8_t *buf, size_t size)
{
    (void)ctx;
    if (bench_chip.is_asleep) /* it wakes with its initial baud rate */
        line.chip_baud = 115200;
    if (!is_line_good()) {
        cardsim_chip_consume(&bench_chip, bench_chip.output_len);
        return 0;
    }
    size_t len = size < bench_chip.output_len ? size : bench_chip.output_len;
    for (size_t i = 0; i < len; i++)
        buf[i] = carry(bench_chip.output[i]);
    cardsim_chip_consume(&bench_chip, len);
    return (int)len;
}

/* SetSerialBaudRate takes effect with the ACK for its answer (PN532 User Manual rev 2, 7.2.8). */
static void follow_baud(const uint8_t *buf, size_t len)
{
    static const uint32_t bauds[] = {9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1288000};
    if (len == 6 && memcmp(buf, "\x00\x00\xFF\x00\xFF\x00", 6) == 0 && line.asked_baud)
        line.chip_baud = line.asked_baud;
    line.asked_baud = 0;
    for (size_t i = 0; i + 2 < len; i++)
        if (buf[i] == 0xD4 && buf[i + 1] == 0x10)
            line.asked_baud = bauds[buf[i + 2]];
}

static int write_line(void *ctx, const uint8_t *buf, size_t len)
{
    (void)ctx;
    if (bench_chip.is_asleep)
        line.chip_baud = 115200;
    if (is_line_good()) {
        follow_baud(buf, len);
        for (size_t i = 0; i < len; i++) {
            uint8_t byte = carry(buf[i]);
            cardsim_chip_receive(&bench_chip, &byte, 1, bench_us);
        }
    }
    return (int)len;
}

static int set_baud(void *ctx, uint32_t baud)
{
    (void)ctx;
    line.host_baud = baud;
    return ERR_OK;
}

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    return bench_us;
}

static void pass_time(void *ctx)
{
    (void)ctx;
    bench_us += STEP_US;
    cardsim_field_expire(&bench_field, bench_us);
    cardsim_chip_poll(&bench_chip, bench_us);
}

static const struct serial serial = {.read = read_line, .write = write_line};
static const struct timer timer = {.monotonic_us = monotonic_us};

static void run_until(uint64_t end_us, int event)
{
    while (bench_us < end_us) {
        struct reader_report report;
        pass_time(NULL);
        while (pn532.reader.poll(pn532.reader.ctx, &report) > 0) {
            assert_in_range(event_count, 0, EVENTS - 1);
            events[event_count] = report;
            event_us[event_count++] = bench_us;
            if ((int)report.event == event)
                return;
        }
    }
    if (event >= 0)
        fail_msg("no event %d; the last of %zu was %d", event, event_count,
                 event_count ? (int)events[event_count - 1].event : -1);
}

static void run_ms(unsigned ms)
{
    run_until(bench_us + 1000ull * ms, -1);
}

/* Runs until the event, one second at most. */
static void await(enum reader_event event)
{
    run_until(bench_us + SECOND, (int)event);
}

static int start_at(uint32_t baud)
{
    cardsim_field_init(&bench_field, 1);
    cardsim_chip_init(&bench_chip, &bench_field);
    bench_us = 1000000;
    event_count = 0;
    memset(&line, 0, sizeof line);
    line.host_baud = line.chip_baud = 115200;
    config = (struct pn532_config){.serial = &serial, .timer = &timer, .idle = pass_time};
    if (baud) {
        config.set_baud = set_baud;
        config.baud = baud;
    }
    pn532_init(&pn532, &config);
    return 0;
}

static int start(void **state)
{
    (void)state;
    return start_at(0);
}

static void assert_events(size_t count)
{
    assert_int_equal(event_count, count);
}

static void take_all(void)
{
    for (size_t i = 0; i < bench_field.count; i++)
        if (bench_field.cards[i].in_field)
            cardsim_field_take(&bench_field, &bench_field.cards[i]);
}

static const struct {
    const struct cardsim_card_kind *kind;
    const char *uid;
} kinds[] = {
    {&cardsim_kind_classic, "04ED0B11"},
    {&cardsim_kind_classic, "04010203040506"},
    {&cardsim_kind_ultralight, "04112233445566"},
    {&cardsim_kind_ntag213, "04B1B2B3B4B5B6"},
    {&cardsim_kind_desfire_ev1, "04782E21801D80"},
    {&cardsim_kind_desfire_ev2, DESFIRE},
    {&cardsim_kind_desfire_ev3, "04D1D2D3D4D5D6"},
    {&cardsim_kind_iso4, "0A0B0C0D"},
    {&cardsim_kind_iso4, "00112233445566778899"},
    {&cardsim_kind_random, ""},
    {&cardsim_kind_jcop, "0A0B0C0E"},
};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

static void every_kind_comes_once_and_leaves_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        start_at(0);
        await(READER_EMPTY);
        const struct cardsim_card *card = put_card(kinds[i].kind, kinds[i].uid);
        await(READER_CARD);
        assert_events(3);
        assert_int_equal(events[2].target.uid_len, card->uid_len);
        assert_memory_equal(events[2].target.uid, card->uid, card->uid_len);
        assert_memory_equal(events[2].target.atqa, card->atqa, 2);
        assert_int_equal(events[2].target.sak, card->sak);
        assert_int_equal(events[2].target.ats_len, card->ats_len ? card->ats_len - 1 : 0);
        run_ms(3000);
        assert_events(3);
        take_all();
        await(READER_EMPTY);
        assert_events(4);
        assert_in_range(event_us[3], bench_us - 100000, bench_us);
    }
}

/* Cutting its power would end a session with it, and take it for another tap if it had a random UID. */
static void a_card_that_diagnose_misses_keeps_its_power(void **state)
{
    (void)state;
    await(READER_EMPTY);
    put_card(&cardsim_kind_jcop, "0A0B0C0D");
    await(READER_CARD);
    uint64_t field_off_us = pn532.field_off_us;
    run_ms(3000);
    assert_int_equal(pn532.field_off_us, field_off_us);
    assert_events(3);
    uint8_t select[] = {0x00, 0xA4, 0x04, 0x00}, answer[8];
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(
            pn532.reader.exchange(pn532.reader.ctx, select, sizeof select, answer, sizeof answer), 2);
        run_ms(90);
    }
    assert_true(pn532.checks_by_nak);
    assert_int_equal(pn532.field_off_us, field_off_us);
    assert_events(3);
    take_all();
    await(READER_EMPTY);
    assert_in_range(event_us[3], bench_us - 150000, bench_us);
}

static void a_card_is_told_within_milliseconds(void **state)
{
    (void)state;
    await(READER_EMPTY);
    struct cardsim_card *card = put_card(&cardsim_kind_classic, "04ED0B11");
    uint64_t worst_us = 0;
    unsigned late_count = 0;
    for (unsigned i = 0; i < 60; i++) {
        event_count = 0;
        take_all();
        run_ms(100 + 7 * i); /* at another phase of the scan each time */
        cardsim_field_put(&bench_field, card, 0);
        uint64_t put_us = bench_us;
        await(READER_CARD);
        worst_us = bench_us - put_us > worst_us ? bench_us - put_us : worst_us;
        late_count +=
            bench_us - put_us > 14000; /* 3.4 ms of radio, 6 ms of a field that is off, and what it costs */
    }
    assert_in_range(worst_us, 0, 14000 + 16000); /* a scan for another kind of card, which takes 16 ms */
    assert_in_range(late_count, 0, 6);           /* four of them in a second: one tap in fifteen */
}

/* ---- cards that are refused whoever holds them ---- */

static void assert_other(size_t at, enum reader_event event)
{
    static const struct reader_target no_identity;
    assert_int_equal(events[at].event, event);
    assert_memory_equal(&events[at].target, &no_identity, sizeof no_identity);
}

static void a_card_of_another_kind_is_told_without_a_uid(void **state)
{
    (void)state;
    static const struct {
        const struct cardsim_card_kind *kind;
        const char *id;
    } others[] = {{&cardsim_kind_typeb, "1A2B3C4D"}, {&cardsim_kind_felica, "0102030405060708"}};
    for (size_t i = 0; i < 2; i++) {
        start_at(0);
        await(READER_EMPTY);
        struct cardsim_card *other = put_card(others[i].kind, others[i].id);
        uint64_t put_us = bench_us;
        await(READER_CARD);
        assert_events(3);
        assert_other(2, READER_CARD);
        assert_in_range(bench_us - put_us, 0, 600000);
        run_ms(3000); /* held: one tap */
        assert_events(3);
        struct cardsim_card *card = put_card(&cardsim_kind_classic, "04ED0B11");
        await(READER_CARD);
        assert_int_equal(events[3].target.uid_len, 4);
        cardsim_field_take(&bench_field, card);
        await(READER_EMPTY);
        run_ms(3000);
        assert_events(5);
        cardsim_field_take(&bench_field, other);
        await(READER_GONE);
        assert_other(5, READER_GONE);
        run_ms(1000);
        cardsim_field_put(&bench_field, other, 0);
        await(READER_CARD);
        assert_other(6, READER_CARD);
        assert_events(7);
    }
}

static void a_telephone_that_answers_as_two_kinds_is_one_card(void **state)
{
    (void)state;
    await(READER_EMPTY);
    run_ms(400);
    for (unsigned i = 0; i < 40; i++) {
        event_count = 0;
        put_card(&cardsim_kind_typeb, "1A2B3C4D");
        put_card(&cardsim_kind_felica, "0102030405060708");
        put_card(&cardsim_kind_random, "");
        run_ms(500);
        take_all();
        await(READER_EMPTY);
        assert_events(2);
        assert_int_equal(events[0].target.uid_len, 4);
        run_ms(20 + 13 * i);
    }
}

static void a_card_without_its_ats_is_told_as_such(void **state)
{
    (void)state;
    await(READER_EMPTY);
    struct cardsim_card *card = put_card(&cardsim_kind_iso4, "0A0B0C0D");
    uint8_t ats_len = card->ats_len;
    card->ats_len = 0;
    await(READER_CARD);
    assert_true(events[2].target.is_unfinished);
    assert_int_equal(events[2].target.uid_len, 4);
    run_ms(2000);
    assert_events(3);
    card->ats_len = ats_len; /* it comes nearer: a new tap */
    await(READER_CARD);
    assert_events(5);
    assert_int_equal(events[3].event, READER_GONE);
    assert_false(events[4].target.is_unfinished);
    assert_int_equal(events[4].target.ats_len, ats_len - 1);
    take_all();
    await(READER_EMPTY);
    put_card(&cardsim_kind_desfire_ev2, DESFIRE);
    await(READER_CARD);
    assert_int_equal(events[6].target.uid_len, 7);
}

static void an_ats_that_comes_in_the_third_scan_is_in_time(void **state)
{
    (void)state;
    await(READER_EMPTY);
    struct cardsim_card *card = put_card(&cardsim_kind_iso4, "0A0B0C0D");
    uint8_t ats_len = card->ats_len;
    card->ats_len = 0;
    while (pn532.unfinished_count < 1) /* the second scan has begun */
        run_ms(1);
    card->ats_len = ats_len;
    await(READER_CARD);
    assert_false(events[2].target.is_unfinished);
    assert_events(3);
}

static void two_cards_in_turn_are_two(void **state)
{
    (void)state;
    await(READER_EMPTY);
    put_card(&cardsim_kind_desfire_ev2, DESFIRE);
    await(READER_CARD);
    take_all();
    await(READER_EMPTY);
    put_card(&cardsim_kind_classic, "04ED0B11");
    await(READER_CARD);
    assert_int_equal(events[event_count - 1].target.uid_len, 4);
}

static const enum cardsim_fault faults[] = {
    CARDSIM_FAULT_DROP_ACK,     CARDSIM_FAULT_GARBAGE_BEFORE_ACK,
    CARDSIM_FAULT_BAD_CHECKSUM, CARDSIM_FAULT_TRUNCATED_FRAME,
    CARDSIM_FAULT_STALE_REPLY,  CARDSIM_FAULT_SILENCE_AFTER_ACK,
    CARDSIM_FAULT_HANG,         CARDSIM_FAULT_SLOW,
    CARDSIM_FAULT_RESET,
};
enum { FAULT_COUNT = sizeof faults / sizeof faults[0] };

static void arm(enum cardsim_fault kind, uint32_t count)
{
    bench_chip.faults.kind = kind;
    bench_chip.faults.left = count;
}

static void any_fault_at_an_empty_field_goes_unseen(void **state)
{
    (void)state;
    for (size_t i = 0; i < FAULT_COUNT; i++)
        for (uint32_t count = 1; count <= 2; count++) {
            start_at(0);
            await(READER_EMPTY);
            arm(faults[i], count);
            run_ms(20);
            put_card(&cardsim_kind_classic, "04ED0B11");
            await(READER_CARD);
            assert_events(3);
        }
}

static void any_fault_leaves_a_held_card_the_same_tap(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++)
        for (size_t i = 0; i < FAULT_COUNT; i++) {
            start_at(0);
            await(READER_EMPTY);
            put_card(kinds[kind].kind, kinds[kind].uid);
            await(READER_CARD);
            arm(faults[i], 1);
            run_ms(1000);
            assert_events(3);
            take_all();
            await(READER_EMPTY);
        }
}

static void any_fault_at_the_start_is_overcome(void **state)
{
    (void)state;
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        start_at(0);
        arm(faults[i], 1);
        await(READER_UP);
        assert_events(1);
    }
}

static int ask_free_memory(void)
{
    const uint8_t tx[] = {0x6E}; /* answered in one frame: a card refuses what interrupts a longer answer */
    uint8_t rx[64];
    uint64_t start_us = bench_us;
    int result = pn532.reader.exchange(pn532.reader.ctx, tx, sizeof tx, rx, sizeof rx);
    if (bench_us - start_us > longest_exchange_us)
        longest_exchange_us = bench_us - start_us;
    if (result > 0)
        assert_memory_equal(rx, "\x00\x00\x13\x00", 4);
    return result;
}

static void any_fault_in_an_exchange_fails_that_exchange_at_most(void **state)
{
    (void)state;
    longest_exchange_us = 0;
    for (size_t i = 0; i < FAULT_COUNT; i++)
        for (unsigned wait_ms = 5; wait_ms < 16; wait_ms++) { /* between two commands, and during one */
            start_at(0);
            await(READER_EMPTY);
            put_card(&cardsim_kind_desfire_ev2, DESFIRE);
            await(READER_CARD);
            assert_int_equal(ask_free_memory(), 4);
            run_ms(wait_ms);
            arm(faults[i], 1);
            (void)!ask_free_memory();
            run_ms(900);
            assert_int_equal(ask_free_memory(), 4);
            assert_events(3);
        }
    assert_in_range(longest_exchange_us, 1, 50000 + 2 * STEP_US);
}

static void a_card_gone_in_an_exchange_is_an_empty_field(void **state)
{
    (void)state;
    await(READER_EMPTY);
    put_card(&cardsim_kind_desfire_ev2, DESFIRE);
    await(READER_CARD);
    arm(CARDSIM_FAULT_CARD_GONE, 1);
    assert_int_equal(ask_free_memory(), ERR_NOT_FOUND);
    await(READER_EMPTY);
    assert_events(4);
}

static void status_flags_of_a_hostile_reader_are_an_error(void **state)
{
    (void)state;
    const enum cardsim_fault flags[] = {CARDSIM_FAULT_STATUS_BIT6, CARDSIM_FAULT_STATUS_BIT7};
    await(READER_EMPTY);
    put_card(&cardsim_kind_desfire_ev2, DESFIRE);
    await(READER_CARD);
    for (size_t i = 0; i < 2; i++) {
        arm(flags[i], 1);
        assert_int_equal(ask_free_memory(), ERR_IO);
        assert_int_equal(ask_free_memory(), 4);
    }
    assert_events(3);
}

static void a_chip_that_hangs_is_told_once_and_is_back_within_a_second(void **state)
{
    (void)state;
    await(READER_EMPTY);
    put_card(&cardsim_kind_desfire_ev2, DESFIRE);
    await(READER_CARD);
    arm(CARDSIM_FAULT_HANG, UINT32_MAX);
    await(READER_DOWN);
    assert_string_equal(events[3].text, "no answer");
    run_ms(10000);
    assert_events(4);
    arm(CARDSIM_FAULT_NONE, 0);
    await(READER_UP);
    await(READER_CARD); /* again, without EMPTY before it: the same tap */
    assert_events(6);
}

static void a_chip_that_acknowledges_and_says_no_more_is_told(void **state)
{
    (void)state;
    await(READER_EMPTY);
    arm(CARDSIM_FAULT_SILENCE_AFTER_ACK, UINT32_MAX);
    await(READER_DOWN);
    run_ms(3000);
    assert_events(3);
    arm(CARDSIM_FAULT_NONE, 0);
    await(READER_UP);
}

static void a_line_that_cuts_every_answer_once_still_serves(void **state)
{
    (void)state;
    arm(CARDSIM_FAULT_TRUNCATED_FRAME, UINT32_MAX);
    await(READER_EMPTY);
    put_card(&cardsim_kind_desfire_ev2, DESFIRE);
    await(READER_CARD);
    run_ms(2000);
    assert_events(3);
}

/* ---- several cards ---- */

static void assert_last_uid(const struct cardsim_card *card)
{
    assert_int_equal(events[event_count - 1].target.uid_len, card->uid_len);
    assert_memory_equal(events[event_count - 1].target.uid, card->uid, card->uid_len);
}

/* Puts a card beside those that are present, takes it and puts it again. It must be told each time, and the
 * others must not. */
static void come_and_go(struct cardsim_card *card, uint64_t *worst_us)
{
    for (unsigned i = 0; i < 3; i++) {
        event_count = 0;
        cardsim_field_put(&bench_field, card, 0);
        uint64_t put_us = bench_us;
        await(READER_CARD);
        if (bench_us - put_us > *worst_us)
            *worst_us = bench_us - put_us;
        assert_last_uid(card);
        run_ms(500 + 7 * i);
        assert_events(1);
        cardsim_field_take(&bench_field, card);
        await(READER_GONE);
        assert_events(2);
        run_ms(100 + 7 * i);
        assert_events(2);
    }
}

static bool are_same_kind(size_t a, size_t b)
{
    return a == b || (kinds[a].uid[0] == '\0' && kinds[b].uid[0] == '\0');
}

static void a_card_left_on_the_reader_hides_no_other(void **state)
{
    (void)state;
    uint64_t worst_us = 0;
    for (size_t lying = 0; lying < KIND_COUNT; lying++)
        for (size_t other = 0; other < KIND_COUNT; other++) {
            if (are_same_kind(lying, other))
                continue;
            start_at(0);
            await(READER_EMPTY);
            put_card(kinds[lying].kind, kinds[lying].uid);
            await(READER_CARD);
            run_ms(1000);
            come_and_go(add_card(kinds[other].kind, "other", kinds[other].uid), &worst_us);
            take_all();
            await(READER_EMPTY);
            assert_events(3);
        }
    assert_in_range(worst_us, 0, 100000);
}

static void two_cards_left_on_the_reader_hide_no_third(void **state)
{
    (void)state;
    uint64_t worst_us = 0;
    for (size_t lying = 0; lying < KIND_COUNT; lying++)
        for (size_t beside = 0; beside < lying; beside++)
            for (size_t other = 0; other < KIND_COUNT; other++) {
                if (are_same_kind(lying, other) || are_same_kind(beside, other))
                    continue;
                start_at(0);
                await(READER_EMPTY);
                put_card(kinds[lying].kind, kinds[lying].uid);
                put_card(kinds[beside].kind, kinds[beside].uid);
                await(READER_CARD);
                await(READER_CARD);
                run_ms(300);
                assert_events(4);
                come_and_go(add_card(kinds[other].kind, "other", kinds[other].uid), &worst_us);
            }
    assert_in_range(worst_us, 0, 120000);
}

static void the_card_that_lay_there_is_noticed_when_it_is_taken(void **state)
{
    (void)state;
    for (size_t lying = 0; lying < KIND_COUNT; lying++) {
        size_t other = (lying + 1) % KIND_COUNT;
        start_at(0);
        await(READER_EMPTY);
        struct cardsim_card *first = put_card(kinds[lying].kind, kinds[lying].uid);
        await(READER_CARD);
        put_card(kinds[other].kind, kinds[other].uid);
        await(READER_CARD);
        run_ms(300);
        cardsim_field_take(&bench_field, first);
        await(READER_GONE);
        assert_int_equal(events[4].target.uid_len, first->uid_len);
        cardsim_field_put(&bench_field, first, 0);
        await(READER_CARD);
        assert_last_uid(first);
        run_ms(1000);
        assert_events(6);
    }
}

/* No chip is known to do so. */
static void a_chip_that_wakes_halted_cards_first_hides_none_behind_a_sticker(void **state)
{
    (void)state;
    uint64_t worst_us = 0;
    for (size_t other = 1; other < KIND_COUNT; other++) {
        start_at(0);
        bench_chip.searches_wupa = true;
        await(READER_EMPTY);
        put_card(&cardsim_kind_classic, "FFFFFFFF"); /* wins every collision */
        await(READER_CARD);
        run_ms(300);
        come_and_go(add_card(kinds[other].kind, "other", kinds[other].uid), &worst_us);
    }
    assert_in_range(worst_us, 0, 300000);
}

static void any_fault_with_two_cards_leaves_them_the_same_taps(void **state)
{
    (void)state;
    for (size_t kind = 0; kind + 1 < KIND_COUNT; kind++)
        for (size_t i = 0; i < FAULT_COUNT; i++) {
            start_at(0);
            await(READER_EMPTY);
            put_card(kinds[kind].kind, kinds[kind].uid);
            put_card(kinds[kind + 1].kind, kinds[kind + 1].uid);
            await(READER_CARD);
            await(READER_CARD);
            run_ms(50);
            arm(faults[i], 1);
            run_ms(1500);
            assert_events(4);
            take_all();
            await(READER_EMPTY);
        }
}

/* A session stays open while other cards are there. The card that was told last is asked. */
static void an_exchange_beside_another_card_reaches_the_newest(void **state)
{
    (void)state;
    await(READER_EMPTY);
    put_card(&cardsim_kind_classic, "FFFFFFFF");
    await(READER_CARD);
    run_ms(300);
    put_card(&cardsim_kind_desfire_ev2, DESFIRE);
    await(READER_CARD);
    for (unsigned i = 0; i < 40; i++) {
        assert_int_equal(ask_free_memory(), 4);
        run_ms(7 * i);
    }
    assert_events(4);
}

/* ---- the line's speed ---- */

static void a_good_line_is_raised(void **state)
{
    (void)state;
    start_at(460800);
    await(READER_EMPTY);
    assert_int_equal(line.host_baud, 460800);
    assert_string_equal(events[0].text, "PN532 firmware 1.6 at 460800 baud");
    assert_int_equal(pn532.wake_count, 1);
}

static void a_chip_that_kept_the_higher_speed_is_found(void **state)
{
    (void)state;
    start_at(921600);
    await(READER_EMPTY);
    pn532_init(&pn532, &config); /* the gate starts again, the chip does not */
    line.host_baud = 115200;
    event_count = 0;
    await(READER_UP);
    assert_events(1);
    assert_int_equal(line.host_baud, 921600);
}

static void a_chip_that_lost_its_speed_is_found(void **state)
{
    (void)state;
    start_at(921600);
    await(READER_EMPTY);
    arm(CARDSIM_FAULT_RESET, 1);
    run_ms(500);
    put_card(&cardsim_kind_classic, "04ED0B11");
    await(READER_CARD);
    assert_events(3);
    assert_int_equal(line.host_baud, 921600);
}

static void a_line_that_is_bad_at_the_higher_speed_still_serves(void **state)
{
    (void)state;
    start_at(460800);
    line.bad_above_default = 97;
    struct cardsim_card *card = put_card(&cardsim_kind_desfire_ev2, DESFIRE);
    for (int i = 0; i < 30; i++) {
        await(READER_CARD);
        run_ms(200);
        take_all();
        await(READER_EMPTY);
        cardsim_field_put(&bench_field, card, 0);
        event_count = 0;
    }
    assert_int_equal(line.host_baud, 115200); /* tried, then abandoned */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_kind_comes_once_and_leaves_once, start),
        cmocka_unit_test_setup(a_card_that_diagnose_misses_keeps_its_power, start),
        cmocka_unit_test_setup(a_card_is_told_within_milliseconds, start),
        cmocka_unit_test_setup(a_card_of_another_kind_is_told_without_a_uid, start),
        cmocka_unit_test_setup(a_telephone_that_answers_as_two_kinds_is_one_card, start),
        cmocka_unit_test_setup(a_card_without_its_ats_is_told_as_such, start),
        cmocka_unit_test_setup(an_ats_that_comes_in_the_third_scan_is_in_time, start),
        cmocka_unit_test_setup(two_cards_in_turn_are_two, start),
        cmocka_unit_test_setup(any_fault_at_an_empty_field_goes_unseen, start),
        cmocka_unit_test_setup(any_fault_leaves_a_held_card_the_same_tap, start),
        cmocka_unit_test_setup(any_fault_at_the_start_is_overcome, start),
        cmocka_unit_test_setup(any_fault_in_an_exchange_fails_that_exchange_at_most, start),
        cmocka_unit_test_setup(a_card_gone_in_an_exchange_is_an_empty_field, start),
        cmocka_unit_test_setup(status_flags_of_a_hostile_reader_are_an_error, start),
        cmocka_unit_test_setup(a_chip_that_hangs_is_told_once_and_is_back_within_a_second, start),
        cmocka_unit_test_setup(a_chip_that_acknowledges_and_says_no_more_is_told, start),
        cmocka_unit_test_setup(a_line_that_cuts_every_answer_once_still_serves, start),
        cmocka_unit_test_setup(a_card_left_on_the_reader_hides_no_other, start),
        cmocka_unit_test_setup(two_cards_left_on_the_reader_hide_no_third, start),
        cmocka_unit_test_setup(the_card_that_lay_there_is_noticed_when_it_is_taken, start),
        cmocka_unit_test_setup(a_chip_that_wakes_halted_cards_first_hides_none_behind_a_sticker, start),
        cmocka_unit_test_setup(any_fault_with_two_cards_leaves_them_the_same_taps, start),
        cmocka_unit_test_setup(an_exchange_beside_another_card_reaches_the_newest, start),
        cmocka_unit_test_setup(a_good_line_is_raised, start),
        cmocka_unit_test_setup(a_chip_that_kept_the_higher_speed_is_found, start),
        cmocka_unit_test_setup(a_chip_that_lost_its_speed_is_found, start),
        cmocka_unit_test_setup(a_line_that_is_bad_at_the_higher_speed_still_serves, start),
    };
    return cmocka_run_group_tests_name("pn532_faults", tests, NULL, NULL);
}
