/* SPDX-License-Identifier: Apache-2.0 */
/* Promise 1 while an attacker without a key abuses the maintenance line: a listed pupil is let in at
 * once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mbedtls/platform.h>

#include "firmware/portillon_clock.h"
#include "firmware/portillon_control.h"
#include "tests/fakes/client_hello.h"
#include "tests/fakes/gate_bench.h"

#define NOVEMBER_2026 UINT32_C(1794787200)
#define PUPIL         "04a1b2c3d4e580"
#define FRIEND        "04a1b2c3d4e680"
#define STRANGER      "04deadbeef0080"

/* The most that one turn of the loop reads from the line. The ring buffer of a microcontroller holds
 * less, and the CRC over all of it takes about 2 ms. */
#define TURN_BYTES_MAX  8192
#define TURN_FRAMES_MAX 8

static struct gate_bench bench;
static struct sample_list list, next_list;

/* A line on which bytes arrive faster than they can be read. */
static struct {
    struct serial serial;
    uint8_t bytes[4096]; /* repeated without end */
    size_t len, at;
    size_t taken, answered; /* bytes read and written in this turn */
} line;

static int read_line(void *ctx, uint8_t *buf, size_t size)
{
    (void)ctx;
    for (size_t i = 0; i < size && line.len > 0; i++)
        buf[i] = line.bytes[line.at++ % line.len];
    line.taken += line.len > 0 ? size : 0;
    return line.len > 0 ? (int)size : 0;
}

static int write_line(void *ctx, const uint8_t *buf, size_t len)
{
    (void)ctx, (void)buf;
    line.answered += len;
    return (int)len;
}

static int make_list(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {{.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION},
                                               {.uid_hex = FRIEND, .profile = SAMPLE_DEMI_PENSION}};
    static struct fake_entropy entropy;
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    list = sample_list_make(7, cards, sizeof cards / sizeof cards[0]);
    next_list = sample_list_make(8, cards, sizeof cards / sizeof cards[0]);
    return 0;
}

static int free_list(void **state)
{
    (void)state;
    sample_list_free(&list);
    sample_list_free(&next_list);
    return 0;
}

static int bring_up(void **state)
{
    (void)state;
    memset(&line, 0, sizeof line);
    line.serial = (struct serial){.read = read_line, .write = write_line};
    gate_bench_make(&bench, ZONE_CANTEEN); /* a tap takes longest here, because meals are counted */
    bench.hardware.maintenance = &line.serial;
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &list);
    assert_int_equal(portillon_set_clock(&bench.portillon, NOVEMBER_2026, ROLE_TECHNICIAN), ERR_OK);
    return 0;
}

static int take_down(void **state)
{
    (void)state;
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static void add_frame(const uint8_t *datagram, size_t len)
{
    line.len +=
        frame_encode(FRAME_CHANNEL_DTLS, datagram, len, line.bytes + line.len, sizeof line.bytes - line.len);
}

/* Runs one turn, and checks that it was short. */
static void turn(void)
{
    line.taken = 0;
    uint32_t frames = bench.portillon.maintenance.decoder.good_count;
    (void)portillon_poll(&bench.portillon);
    bench.timer.now_us += 1000;
    assert_true(line.taken <= TURN_BYTES_MAX);
    assert_true(bench.portillon.maintenance.decoder.good_count - frames <= TURN_FRAMES_MAX);
}

/* Checks that each tap is decided in the next turn, with the line in its present state. */
static void assert_taps_are_served(void)
{
    static const char *const uids[] = {PUPIL, STRANGER, FRIEND};
    for (size_t i = 0; i < 3; i++) {
        int told = bench.taps_told;
        for (int turns = 0; turns < 50; turns++)
            turn();
        fake_reader_card(&bench.reader, uids[i]);
        turn();
        assert_int_equal(bench.taps_told, told + 1);
        assert_int_equal(bench.last_tap.verdict.reason, i == 1 ? REASON_UNKNOWN_CARD : REASON_NONE);
        assert_true(bench.wires.outputs & GATE_RELAY);
        fake_reader_empty(&bench.reader);
    }
}

/* Port and storage take turns, and a handshake does one step a turn: its first answer takes eight of them. */
static void assert_is_answered(void)
{
    line.answered = 0;
    for (int turns = 0; turns < 16 && line.answered == 0; turns++)
        turn();
    assert_true(line.answered > 0);
}

static void noise_without_end_holds_up_no_tap(void **state)
{
    (void)state;
    line.len = sizeof line.bytes;
    memset(line.bytes, 0xFF, line.len); /* one frame that never ends */
    assert_taps_are_served();
}

static void zeros_without_end_hold_up_no_tap(void **state)
{
    (void)state;
    line.len = sizeof line.bytes;
    assert_taps_are_served();
}

static void bad_frames_without_end_hold_up_no_tap(void **state)
{
    (void)state;
    line.len = sizeof line.bytes;
    for (size_t i = 0; i < line.len; i++)
        line.bytes[i] = i % 7 == 0 ? 0 : 7; /* each with a checksum to compute */
    assert_taps_are_served();
    assert_true(bench.portillon.maintenance.decoder.bad_count > 1000);
}

static void first_hellos_without_end_hold_up_no_tap(void **state)
{
    (void)state;
    uint8_t hello[CLIENT_HELLO_MAX];
    for (uint8_t client = 0; client < 30; client++)
        add_frame(hello, client_hello_make(hello, client, 0, NULL));
    assert_taps_are_served();
    assert_is_answered();
}

/* Each is a new handshake, and is incomplete when the next one begins. */
static void half_handshakes_without_end_hold_up_no_tap(void **state)
{
    (void)state;
    uint8_t hello[CLIENT_HELLO_MAX];
    const struct dtls_session *session = &bench.portillon.maintenance.dtls;
    add_frame(hello, client_hello_make(hello, 0, 0, NULL));
    turn();
    assert_true(session->has_cookie);
    line.len = 0;
    line.answered = 0;
    for (uint8_t client = 0; client < 30; client++)
        add_frame(hello, client_hello_make(hello, client, 1, session->cookie));
    assert_taps_are_served();
    assert_is_answered();
    assert_int_equal(session->state, DTLS_HANDSHAKE);
}

/* The state that a session, a handshake and a signature check may leave in the worst case. */
static void a_tap_needs_nothing_from_the_pool(void **state)
{
    (void)state;
    static void *held[PORTILLON_POOL_LEN / 16];
    uint8_t hello[CLIENT_HELLO_MAX];
    size_t count = 0;
    while ((held[count] = mbedtls_calloc(1, 16)) != NULL)
        count++;
    assert_true(count > 0);
    add_frame(hello, client_hello_make(hello, 0, 0, NULL));
    assert_taps_are_served();
    assert_int_equal(gate_bench_count(&bench, JOURNAL_GRANTED, REASON_NONE), 2);
    assert_int_equal(gate_bench_count(&bench, JOURNAL_REFUSED, REASON_UNKNOWN_CARD), 1);
    add_frame(hello, client_hello_make(hello, 1, 1, bench.portillon.maintenance.dtls.cookie));
    turn();
    assert_int_not_equal(bench.portillon.maintenance.dtls.state, DTLS_OPEN);
    while (count > 0)
        mbedtls_free(held[--count]);
}

/* Adds the first byte of a handshake message that claims to be long. mbedtls keeps a buffer for it (RFC
 * 6347, 4.2.3). */
static void add_fragment(uint8_t record_number, uint8_t message, uint16_t len)
{
    const uint8_t fragment[] = {
        22,           0xFE, 0xFD,    0, 0, 0, 0, 0, 0, 0,   record_number, 0, 13, 16, 0, (uint8_t)(len >> 8),
        (uint8_t)len, 0,    message, 0, 0, 0, 0, 0, 1, 0x42};
    add_frame(fragment, sizeof fragment);
}

static void a_handshake_full_of_holes_leaves_room_to_check_a_signature(void **state)
{
    (void)state;
    uint8_t hello[CLIENT_HELLO_MAX];
    const struct dtls_session *session = &bench.portillon.maintenance.dtls;
    size_t half, full, most;
    add_frame(hello, client_hello_make(hello, 0, 0, NULL));
    turn();
    line.len = line.at = 0;
    add_frame(hello, client_hello_make(hello, 0, 1, session->cookie));
    turn();
    crypto_pool_usage(&half, &most);
    line.len = line.at = 0;
    /* mbedtls_config.h allows 1024 bytes for it; a message that does not fit removes nothing */
    add_fragment(2, 3, 600);
    add_fragment(3, 4, 290);
    add_fragment(4, 5, 600);
    for (int turns = 0; turns < 50; turns++)
        turn();
    crypto_pool_usage(&full, &most);
    assert_int_equal(session->state, DTLS_HANDSHAKE);
    assert_true(full > half + 900); /* it does use memory */
    gate_bench_install(&bench, &next_list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(noise_without_end_holds_up_no_tap, bring_up, take_down),
        cmocka_unit_test_setup_teardown(zeros_without_end_hold_up_no_tap, bring_up, take_down),
        cmocka_unit_test_setup_teardown(bad_frames_without_end_hold_up_no_tap, bring_up, take_down),
        cmocka_unit_test_setup_teardown(first_hellos_without_end_hold_up_no_tap, bring_up, take_down),
        cmocka_unit_test_setup_teardown(half_handshakes_without_end_hold_up_no_tap, bring_up, take_down),
        cmocka_unit_test_setup_teardown(a_tap_needs_nothing_from_the_pool, bring_up, take_down),
        cmocka_unit_test_setup_teardown(a_handshake_full_of_holes_leaves_room_to_check_a_signature, bring_up,
                                        take_down),
    };
    return cmocka_run_group_tests(tests, make_list, free_list);
}
