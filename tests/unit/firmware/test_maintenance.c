/* SPDX-License-Identifier: Apache-2.0 */
/* The maintenance port as seen from the line: frames, noise, Enter, and sessions over a slow or full
 * line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/version.h"
#include "tests/fakes/link_bench.h"

static struct link_bench *bench;
static struct maintenance *maintenance;

static const uint8_t get_time[] = "\x40\x01\x00\x01\xb4time";

static int start(void **state)
{
    (void)state;
    bench = link_bench_start(false);
    maintenance = &bench->portillon.maintenance;
    link_bench_pass_ms(5000);
    link_bench_clear();
    return 0;
}

static void assert_banners(size_t count)
{
    char banner[MAINTENANCE_BANNER_MAX];
    int text_len = snprintf(banner, sizeof banner, "%c\r\nPortillon %s, Portail d'essai: out_of_order\r\n", 0,
                            portillon_version);
    size_t len = (size_t)text_len + 1; /* the zero behind it too */
    assert_int_equal(bench->from_gate_len, count * len);
    for (size_t i = 0; i < count; i++)
        assert_memory_equal(bench->from_gate + i * len, banner, len);
    link_bench_clear();
}

static void assert_session_works(void)
{
    uint8_t answer[1280];
    assert_int_equal(link_bench_connect("maintenance", LINK_BENCH_MAINTENANCE_PSK, 0), 0);
    assert_true(link_bench_ask(get_time, sizeof get_time - 1, answer, sizeof answer) > 4);
    assert_int_equal(answer[1], COAP_CONTENT);
}

static void enter_on_a_quiet_line_gets_one_banner(void **state)
{
    (void)state;
    const char *const enters[] = {"\r", "\n", "\r\n"};
    for (size_t i = 0; i < 3; i++) {
        link_bench_write(enters[i], strlen(enters[i]));
        link_bench_pass_ms(99);
        assert_banners(0);
        link_bench_pass_ms(1);
        assert_banners(1);
        link_bench_pass_ms(5000);
        assert_banners(0);
    }
}

static void a_banner_is_no_frame(void **state)
{
    (void)state;
    link_bench_write("\r", 1);
    link_bench_pass_ms(100);
    assert_true(bench->from_gate_len > 0);
    assert_int_equal(bench->answered_count, 0);
    assert_session_works();
}

static void a_held_enter_key_gets_a_banner_a_second(void **state)
{
    (void)state;
    for (int presses = 0; presses < 20; presses++) {
        link_bench_write("\r", 1);
        link_bench_pass_ms(150);
    }
    assert_banners(3);
}

static void enter_after_other_keys_works_once_they_are_forgotten(void **state)
{
    (void)state;
    link_bench_write("help\r\n", 6);
    link_bench_pass_ms(100);
    assert_banners(0);
    link_bench_pass_ms(900);
    link_bench_write("\r\n", 2);
    link_bench_pass_ms(100);
    assert_banners(1);
}

static void a_frame_whose_first_code_is_a_newline_is_a_frame(void **state)
{
    (void)state;
    assert_session_works();
    link_bench_clear();
    /* 12 bytes without a zero: the code in front of them is 0D. */
    uint8_t frame[32];
    size_t len = frame_encode(1, (const uint8_t *)"1234567", 7, frame, sizeof frame);
    assert_int_equal(frame[1], 0x0D);
    uint32_t good = maintenance->decoder.good_count;
    link_bench_write(frame, 2);
    link_bench_pass_ms(50);
    link_bench_write(frame + 2, len - 2);
    link_bench_pass_ms(2000);
    assert_int_equal(bench->from_gate_len, 0);
    assert_int_equal(maintenance->decoder.good_count, good + 1);
}

static void noise_and_half_frames_do_not_keep_a_client_out(void **state)
{
    (void)state;
    static uint8_t noise[70000];
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)(1 + (i * 2654435761u >> 13) % 255); /* no zero: one frame of 70 kB */
    link_bench_write(noise, sizeof noise);
    assert_session_works();
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)(i * 2654435761u >> 13);
    link_bench_write(noise, sizeof noise);
    assert_session_works();
    link_bench_write("\x20half", 5);
    assert_session_works();
    assert_true(maintenance->decoder.bad_count >= 3);
}

/* A person presses Enter again before half a frame is a second old. */
static void enter_after_noise_gets_a_banner_at_once(void **state)
{
    (void)state;
    static const char *const ends[] = {"\r", "\n", "\r\n"};
    for (size_t i = 0; i < 3; i++) {
        link_bench_pass_ms(1000);
        link_bench_clear();
        link_bench_write("\x20half", 5);
        link_bench_pass_ms(99);
        link_bench_write(ends[i], strlen(ends[i]));
        link_bench_pass_ms(800);
        assert_banners(0); /* it may be the middle of a frame */
        link_bench_write(ends[i], strlen(ends[i]));
        link_bench_pass_ms(101);
        assert_banners(1);
    }
}

static uint64_t stopped_us;

static uint64_t read_stopped_clock(void *ctx)
{
    (void)ctx;
    return stopped_us;
}

/* Polls the port the given time after the last bytes. */
static void poll_after_us(uint64_t quiet_us)
{
    static const struct timer stopped_timer = {.monotonic_us = read_stopped_clock};
    stopped_us = maintenance->heard_us + quiet_us;
    maintenance->timer = maintenance->dtls.timer = &stopped_timer;
    link_bench_run();
}

static void an_enter_is_one_after_100_ms_of_quiet_and_not_before(void **state)
{
    (void)state;
    link_bench_write("\r", 1);
    poll_after_us(99999);
    assert_banners(0);
    poll_after_us(100000);
    assert_banners(1);
}

static void half_a_frame_is_ended_by_an_enter_after_100_ms_and_not_before(void **state)
{
    (void)state;
    for (uint64_t quiet_us = 99999; quiet_us <= 100000; quiet_us++) {
        start(state);
        link_bench_write("\x20half", 5);
        bench->to_gate[bench->to_gate_len++] = '\r';
        poll_after_us(quiet_us);
        poll_after_us(100000);
        assert_banners(quiet_us == 100000);
    }
}

static void half_a_frame_is_kept_for_a_second_and_no_longer(void **state)
{
    (void)state;
    link_bench_write("\x20half", 5);
    poll_after_us(999999);
    assert_true(frame_decoder_is_midway(&maintenance->decoder));
    poll_after_us(1000000);
    assert_false(frame_decoder_is_midway(&maintenance->decoder));
}

/* Writes len bytes of the body of a ClientHello, from offset on, as a datagram with one fragment (RFC 6347,
 * 4.2.3). */
static void write_fragment(const struct link_bench_datagram *hello, uint8_t offset, uint8_t len)
{
    enum { HEADERS = 13 + 12 };
    uint8_t datagram[LINK_BENCH_DATAGRAM_MAX];
    memcpy(datagram, hello->bytes, HEADERS);
    datagram[10] = (uint8_t)(datagram[10] + (offset != 0)); /* record number */
    datagram[11] = 0;
    datagram[12] = (uint8_t)(12 + len);
    datagram[21] = offset;
    datagram[22] = datagram[23] = 0;
    datagram[24] = len;
    memcpy(datagram + HEADERS, hello->bytes + HEADERS + offset, len);
    link_bench_write_datagram(datagram, HEADERS + len);
}

/* PROTOCOL.md says so. */
static void a_hello_in_fragments_gets_no_answer_and_disturbs_nothing(void **state)
{
    (void)state;
    assert_session_works();
    struct link_bench_datagram hello = bench->sent[0];
    uint8_t body_len = (uint8_t)(hello.len - 25);
    link_bench_clear();
    write_fragment(&hello, 0, 60);
    write_fragment(&hello, 60, (uint8_t)(body_len - 60));
    assert_int_equal(bench->answered_count, 0);
    link_bench_write_datagram(hello.bytes, hello.len);
    assert_int_equal(bench->answered_count, 1);
    assert_int_equal(link_bench_connect("maintenance", LINK_BENCH_MAINTENANCE_PSK, 0), 0);
}

static void other_channels_are_passed_over(void **state)
{
    (void)state;
    uint8_t frame[FRAME_ENCODED_MAX(FRAME_PAYLOAD_MAX)];
    assert_session_works();
    struct link_bench_datagram hello = bench->sent[0];
    link_bench_clear();
    link_bench_write(frame, frame_encode(7, hello.bytes, hello.len, frame, sizeof frame));
    assert_int_equal(bench->from_gate_len, 0);
    link_bench_write(frame, frame_encode(1, hello.bytes, hello.len, frame, sizeof frame));
    assert_int_not_equal(bench->from_gate_len, 0);
}

static void a_new_session_is_not_taken_for_the_old_one_repeating_itself(void **state)
{
    (void)state;
    static const uint8_t put_time[] = "\x40\x03\x00\x02\xb4time\x11\x3c\xff\xa1\x64time\x1a\x69\x55\xb9\x00";
    uint8_t answer[1280];
    for (uint32_t round = 0; round < 2; round++) {
        uint32_t head = bench->portillon.journal.head_seq;
        assert_session_works();
        assert_true(link_bench_ask(put_time, sizeof put_time - 1, answer, sizeof answer) > 0);
        assert_int_equal(bench->portillon.journal.head_seq, head + 1);
    }
}

static void a_line_that_takes_nothing_holds_nothing_up(void **state)
{
    (void)state;
    assert_session_works();
    bench->write_room = 0;
    uint8_t answer[1280];
    /* The response cannot be sent. The port reports that it waits, and each poll returns. */
    bench->discard = true;
    assert_int_equal(link_bench_ask(get_time, sizeof get_time - 1, answer, sizeof answer), 0);
    bench->discard = false;
    const struct link_bench_datagram *ask = &bench->sent[bench->sent_count - 1];
    uint8_t frame[FRAME_ENCODED_MAX(LINK_BENCH_DATAGRAM_MAX)];
    size_t len = frame_encode(FRAME_CHANNEL_DTLS, ask->bytes, ask->len, frame, sizeof frame);
    memcpy(bench->to_gate, frame, len);
    bench->to_gate_len = len;
    for (int turns = 0; turns < 100; turns++)
        assert_int_equal(maintenance_poll(maintenance), ERR_BUSY);
    assert_int_equal(bench->to_gate_len, 0);
    link_bench_clear();
    bench->write_room = SIZE_MAX;
    link_bench_run();
    assert_int_equal(bench->answered_count, 1);
}

static void a_datagram_that_the_line_does_not_take_is_not_sent(void **state)
{
    (void)state;
    static const uint8_t datagram[] = {1, 2, 3};
    struct dtls_session *dtls = &maintenance->dtls;
    bench->write_room = 0;
    assert_true(dtls->send(dtls->ctx, datagram, sizeof datagram)); /* it waits in the port */
    assert_false(dtls->send(dtls->ctx, datagram, sizeof datagram));
    bench->write_room = SIZE_MAX;
    link_bench_run();
    assert_int_equal(bench->answered_count, 1);
}

/* Noise without an end keeps no tap waiting, and is not left on the line either. */
static void noise_is_read_in_parts_and_a_poll_says_when_there_is_more(void **state)
{
    (void)state;
    memset(bench->to_gate, 0, sizeof bench->to_gate);
    bench->to_gate_len = sizeof bench->to_gate;
    assert_int_equal(maintenance_poll(maintenance), ERR_BUSY);
    assert_in_range(bench->to_gate_len, 1, sizeof bench->to_gate - 1);
    link_bench_run();
    assert_int_equal(bench->to_gate_len, 0);
}

static void requests_sent_together_are_all_answered(void **state)
{
    (void)state;
    enum { COUNT = 6 };
    uint8_t request[sizeof get_time - 1], answer[1280];
    static uint8_t burst[COUNT * 128];
    size_t burst_len = 0;
    assert_session_works();
    bench->discard = true;
    link_bench_clear();
    for (uint8_t i = 0; i < COUNT; i++) {
        memcpy(request, get_time, sizeof request);
        request[3] = (uint8_t)(0x10 + i);
        assert_int_equal(link_bench_ask(request, sizeof request, answer, sizeof answer), 0);
    }
    bench->discard = false;
    assert_int_equal(bench->sent_count, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        burst_len += frame_encode(FRAME_CHANNEL_DTLS, bench->sent[i].bytes, bench->sent[i].len,
                                  burst + burst_len, sizeof burst - burst_len);
    bench->write_room = 5;
    bench->answered_count = 0;
    link_bench_write(burst, burst_len);
    assert_int_equal(bench->answered_count, COUNT);
}

/* More of them than one poll takes in. */
static void a_poll_says_busy_while_frames_are_left(void **state)
{
    (void)state;
    uint8_t frame[32];
    size_t len = frame_encode(FRAME_CHANNEL_DTLS, (const uint8_t *)"no dtls", 7, frame, sizeof frame);
    for (int count = 1; count < 40; count++) {
        uint32_t good = maintenance->decoder.good_count;
        for (int i = 0; i < count; i++)
            memcpy(bench->to_gate + (size_t)i * len, frame, len);
        bench->to_gate_len = (size_t)count * len;
        while (maintenance_poll(maintenance) == ERR_BUSY)
            continue;
        assert_int_equal(maintenance->decoder.good_count - good, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(enter_on_a_quiet_line_gets_one_banner, start),
        cmocka_unit_test_setup(a_banner_is_no_frame, start),
        cmocka_unit_test_setup(a_held_enter_key_gets_a_banner_a_second, start),
        cmocka_unit_test_setup(enter_after_other_keys_works_once_they_are_forgotten, start),
        cmocka_unit_test_setup(a_frame_whose_first_code_is_a_newline_is_a_frame, start),
        cmocka_unit_test_setup(noise_and_half_frames_do_not_keep_a_client_out, start),
        cmocka_unit_test_setup(enter_after_noise_gets_a_banner_at_once, start),
        cmocka_unit_test_setup(an_enter_is_one_after_100_ms_of_quiet_and_not_before, start),
        cmocka_unit_test_setup(half_a_frame_is_ended_by_an_enter_after_100_ms_and_not_before, start),
        cmocka_unit_test_setup(half_a_frame_is_kept_for_a_second_and_no_longer, start),
        cmocka_unit_test_setup(a_hello_in_fragments_gets_no_answer_and_disturbs_nothing, start),
        cmocka_unit_test_setup(other_channels_are_passed_over, start),
        cmocka_unit_test_setup(a_new_session_is_not_taken_for_the_old_one_repeating_itself, start),
        cmocka_unit_test_setup(a_line_that_takes_nothing_holds_nothing_up, start),
        cmocka_unit_test_setup(requests_sent_together_are_all_answered, start),
        cmocka_unit_test_setup(a_datagram_that_the_line_does_not_take_is_not_sent, start),
        cmocka_unit_test_setup(noise_is_read_in_parts_and_a_poll_says_when_there_is_more, start),
        cmocka_unit_test_setup(a_poll_says_busy_while_frames_are_left, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
