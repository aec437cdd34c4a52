/* SPDX-License-Identifier: Apache-2.0 */
/* The session as a peer on the line sees it. The client is that of mbedtls; the two of coap-client are
 * in tests/e2e. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mbedtls/platform.h>

#include "tests/fakes/client_hello.h"
#include "tests/fakes/link_bench.h"

#define MAINTENANCE "maintenance", LINK_BENCH_MAINTENANCE_PSK
#define TECHNICIAN  "technician", LINK_BENCH_TECHNICIAN_PSK

static struct link_bench *bench;
static struct dtls_session *session;

static const uint8_t get_time[] = "\x40\x01\x00\x01\xb4time";
/* {"time": 1767225600}: 2026-01-01T00:00:00Z */
static const uint8_t put_time[] = "\x40\x03\x00\x02\xb4time\x11\x3c\xff\xa1\x64time\x1a\x69\x55\xb9\x00";

static int start(void **state)
{
    (void)state;
    bench = link_bench_start(false);
    session = &bench->portillon.maintenance.dtls;
    return 0;
}

static int ask(const uint8_t *request, size_t len)
{
    uint8_t answer[1280];
    int answer_len = link_bench_ask(request, len, answer, sizeof answer);
    return answer_len >= 2 ? answer[1] : answer_len;
}

#define ASK(request) ask(request, sizeof request - 1)

static void either_role_opens_a_session_with_either_suite(void **state)
{
    (void)state;
    const int suites[] = {0, MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8, MBEDTLS_TLS_PSK_WITH_AES_128_GCM_SHA256};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(link_bench_connect(MAINTENANCE, suites[i]), 0);
        assert_int_equal(session->role, ROLE_MAINTENANCE);
        assert_int_equal(ASK(get_time), COAP_CONTENT);
        assert_int_equal(link_bench_connect(TECHNICIAN, suites[i]), 0);
        assert_int_equal(session->role, ROLE_TECHNICIAN);
        assert_int_equal(ASK(get_time), COAP_CONTENT);
    }
}

/* A handshake with either suite leaves the pool room for the messages out of order that mbedtls may keep. */
static void the_pool_has_room_for_a_handshake_with_messages_out_of_order(void **state)
{
    (void)state;
    size_t now, most;
    assert_int_equal(link_bench_connect(MAINTENANCE, MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8), 0);
    assert_int_equal(link_bench_connect(MAINTENANCE, MBEDTLS_TLS_PSK_WITH_AES_128_GCM_SHA256), 0);
    crypto_pool_usage(&now, &most);
    assert_true(most > 4096);
    assert_true(most + MBEDTLS_SSL_DTLS_MAX_BUFFERING <= PORTILLON_POOL_LEN);
}

static void a_wrong_key_opens_nothing_and_is_told_at_once(void **state)
{
    (void)state;
    uint64_t before_us = bench->now_us;
    assert_int_equal(link_bench_connect("maintenance", LINK_BENCH_TECHNICIAN_PSK, 0),
                     MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    assert_int_equal(link_bench_connect("technician", LINK_BENCH_MAINTENANCE_PSK, 0),
                     MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    assert_int_equal(link_bench_connect("director", LINK_BENCH_MAINTENANCE_PSK, 0),
                     MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    assert_int_equal(link_bench_connect("x", "00", 0), MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    assert_true(bench->now_us - before_us < 1000000);
    assert_int_equal(session->opened_count, 0);
    assert_int_equal(session->refused_count, 4);
    assert_int_equal(session->role, ROLE_NONE);
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
}

static bool send_nothing(void *ctx, const uint8_t *datagram, size_t len)
{
    (void)ctx;
    (void)datagram;
    (void)len;
    return false;
}

static void what_the_line_does_not_take_is_busy_and_keeps_the_session(void **state)
{
    (void)state;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    bool (*send)(void *ctx, const uint8_t *datagram, size_t len) = session->send;
    session->send = send_nothing;
    assert_int_equal(dtls_session_send(session, (const uint8_t *)"x", 1), ERR_BUSY);
    assert_int_equal(session->role, ROLE_MAINTENANCE);
    session->send = send;
    assert_int_equal(dtls_session_send(session, (const uint8_t *)"x", 1), ERR_OK);
    static const uint8_t too_long[MBEDTLS_SSL_OUT_CONTENT_LEN + 1];
    assert_int_equal(dtls_session_send(session, too_long, sizeof too_long), ERR_ARGUMENT);
    assert_int_equal(dtls_session_send(session, too_long, 0), ERR_ARGUMENT);
}

/* The last record number was used: mbedtls refuses to write. */
static void a_session_that_can_send_no_more_ends(void **state)
{
    (void)state;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    memset(session->ssl.MBEDTLS_PRIVATE(cur_out_ctr) + 2, 0xFF, 6);
    int result = dtls_session_send(session, (const uint8_t *)"x", 1);
    assert_int_equal(result, ERR_IO);
    assert_int_equal(session->role, ROLE_NONE);
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
}

static void a_client_that_vanished_is_back_at_once(void **state)
{
    (void)state;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    link_bench_hang_up(false);
    uint64_t before_us = bench->now_us;
    assert_int_equal(link_bench_connect(TECHNICIAN, 0), 0);
    assert_true(bench->now_us - before_us < 100000);
    assert_int_equal(session->role, ROLE_TECHNICIAN);
}

/* Sends both ClientHello messages of a client, which is then silent. */
static void begin_half_a_handshake(void)
{
    link_bench_say_hello(0, NULL);
    link_bench_say_hello(1, session->cookie);
    assert_int_equal(session->state, DTLS_HANDSHAKE);
}

/* A card waits for one step of a handshake: the gate reads and writes each message in a poll of its own. */
static void a_handshake_takes_one_step_a_poll(void **state)
{
    (void)state;
    uint8_t hello[512], plaintext[DTLS_PLAINTEXT_MAX];
    link_bench_say_hello(0, NULL);
    dtls_session_offer(session, hello, client_hello_make(hello, 0x99, 1, session->cookie));
    int steps = 0;
    while (dtls_session_poll(session, plaintext) == ERR_BUSY)
        steps++;
    assert_true(steps >= 3); /* ClientHello, ServerHello, ServerHelloDone: RFC 4279, 2 */
    assert_int_equal(session->state, DTLS_HANDSHAKE);
    assert_int_equal(dtls_session_poll(session, plaintext), 0);
}

static void a_half_open_handshake_gives_way_to_a_new_client(void **state)
{
    (void)state;
    begin_half_a_handshake();
    uint64_t before_us = bench->now_us;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    assert_true(bench->now_us - before_us < 100000);
}

/* A flight that the gate repeated to a client that has left could be taken by the next client for its
 * own. OpenSSL keeps a ServerHello that arrives before the HelloVerifyRequest it waits for. */
static void a_handshake_that_goes_nowhere_is_given_up_without_a_word(void **state)
{
    (void)state;
    begin_half_a_handshake();
    link_bench_clear();
    for (int tenths = 0; tenths < 49; tenths++)
        link_bench_pass_ms(100);
    assert_int_equal(session->state, DTLS_HANDSHAKE);
    link_bench_pass_ms(100);
    assert_int_equal(session->state, DTLS_IDLE);
    assert_int_equal(bench->answered_count, 0);
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
}

static void a_hello_too_long_for_mbedtls_is_forgotten_as_well(void **state)
{
    (void)state;
    static uint8_t hello[FRAME_PAYLOAD_MAX];
    link_bench_say_hello(0, NULL);
    client_hello_make(hello, 0x77, 1, session->cookie);
    hello[11] = (FRAME_PAYLOAD_MAX - 13) >> 8;
    hello[12] = (FRAME_PAYLOAD_MAX - 13) & 0xFF;
    link_bench_clear();
    link_bench_write_datagram(hello, sizeof hello);
    assert_int_equal(bench->answered_count, 0);
    link_bench_pass_ms(5000);
    assert_int_equal(session->state, DTLS_IDLE);
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
}

static void what_the_client_did_not_get_it_gets_when_it_asks_again(void **state)
{
    (void)state;
    begin_half_a_handshake();
    for (uint8_t repeats = 0; repeats < 3; repeats++) {
        struct link_bench_datagram flight = bench->inbox;
        assert_int_equal(flight.bytes[13], 2); /* ServerHello: RFC 5246, 7.4 */
        link_bench_pass_ms(4000);
        link_bench_clear();
        link_bench_say_hello((uint8_t)(2 + repeats), session->cookie);
        assert_int_equal(bench->answered_count, 1);
        assert_int_equal(bench->inbox.len, flight.len);
        /* the same but for the records' sequence numbers: type to epoch, then what is in the first record */
        assert_memory_equal(bench->inbox.bytes, flight.bytes, 5);
        assert_memory_equal(bench->inbox.bytes + 11, flight.bytes + 11, 60);
    }
}

/* The disadvantage of reconnecting at once: see dtls_session.h. */
static void who_brings_a_cookie_without_a_key_ends_a_session_and_gains_nothing(void **state)
{
    (void)state;
    assert_int_equal(link_bench_connect(TECHNICIAN, 0), 0);
    begin_half_a_handshake();
    assert_int_equal(session->role, ROLE_NONE);
    assert_int_equal(session->opened_count, 1);
    assert_int_equal(dtls_session_send(session, (const uint8_t *)"x", 1), ERR_NOT_FOUND);
    uint64_t before_us = bench->now_us;
    assert_int_equal(link_bench_connect(TECHNICIAN, 0), 0);
    assert_true(bench->now_us - before_us < 100000);
    assert_int_equal(ASK(get_time), COAP_CONTENT);
}

static void a_cut_or_padded_datagram_is_not_looked_into(void **state)
{
    (void)state;
    struct dtls_hello hello;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    const struct link_bench_datagram *first = &bench->sent[0];
    assert_true(dtls_hello_parse(&hello, first->bytes, first->len));
    assert_true(dtls_datagram_is_whole(first->bytes, first->len));
    for (size_t len = 0; len < first->len; len++) {
        assert_false(dtls_datagram_is_whole(first->bytes, len));
        assert_false(dtls_hello_parse(&hello, first->bytes, len));
    }
    assert_false(dtls_datagram_is_whole(first->bytes, first->len + 1));
}

/* The layouts of RFC 6347, 4.1, 4.2.1 and 4.2.2. */
static void a_hello_is_taken_apart_and_answered_as_the_rfc_says(void **state)
{
    (void)state;
    uint8_t bytes[CLIENT_HELLO_MAX], answer[DTLS_HELLO_VERIFY_LEN], cookie[DTLS_COOKIE_LEN];
    struct dtls_hello hello;
    size_t len = client_hello_make(bytes, 0x77, 9, NULL);
    assert_true(dtls_hello_parse(&hello, bytes, len));
    assert_ptr_equal(hello.sequence, bytes + 5);
    assert_ptr_equal(hello.message_seq, bytes + 17);
    assert_ptr_equal(hello.random, bytes + 27);
    assert_int_equal(hello.cookie_len, 0);
    memset(cookie, 0xC0, sizeof cookie);
    static const uint8_t sequence[8] = {1, 2, 3, 4, 5, 6, 0x77, 0x77}, message_seq[4] = {7, 8, 0x77, 0x77};
    hello.sequence = sequence;
    hello.message_seq = message_seq;
    dtls_hello_write_verify(&hello, cookie, answer);
    const uint8_t record[] = {22, 0xFE, 0xFF, 0, 0, 1, 2, 3, 4, 5, 6, 0, 12 + 3 + DTLS_COOKIE_LEN};
    const uint8_t message[] = {3, 0, 0, 3 + DTLS_COOKIE_LEN, 7, 8, 0, 0, 0, 0, 0, 3 + DTLS_COOKIE_LEN};
    const uint8_t body[] = {0xFE, 0xFF, DTLS_COOKIE_LEN};
    assert_memory_equal(answer, record, sizeof record);
    assert_memory_equal(answer + 13, message, sizeof message);
    assert_memory_equal(answer + 25, body, sizeof body);
    assert_memory_equal(answer + 28, cookie, sizeof cookie);
    assert_int_equal(sizeof answer, 28 + DTLS_COOKIE_LEN);
    assert_true(dtls_hello_is_verify(answer, sizeof answer));
}

/* Each length inside a ClientHello is one too large for what holds it. */
static void a_hello_whose_lengths_do_not_fit_is_none(void **state)
{
    (void)state;
    enum { SESSION_ID_AT = 25 + 2 + DTLS_RANDOM_LEN };
    uint8_t good[CLIENT_HELLO_MAX], bytes[CLIENT_HELLO_MAX + 40] = {0};
    struct dtls_hello hello;
    size_t len = client_hello_make(good, 0x77, 9, NULL);
    assert_int_equal(good[SESSION_ID_AT], 0);
    for (int id_len = 32; id_len <= 33; id_len++) { /* RFC 5246, 7.4.1.2: at most 32 */
        size_t longer = len + (size_t)id_len;
        memcpy(bytes, good, SESSION_ID_AT);
        bytes[SESSION_ID_AT] = (uint8_t)id_len;
        memset(bytes + SESSION_ID_AT + 1, 0, (size_t)id_len);
        memcpy(bytes + SESSION_ID_AT + 1 + id_len, good + SESSION_ID_AT + 1, len - SESSION_ID_AT - 1);
        bytes[12] = (uint8_t)(longer - 13);
        bytes[16] = bytes[24] = (uint8_t)(longer - 25);
        assert_int_equal(dtls_hello_parse(&hello, bytes, longer), id_len == 32);
    }
    memcpy(bytes, good, len);
    uint8_t left = (uint8_t)(len - SESSION_ID_AT - 2); /* bytes after the length of the cookie */
    bytes[SESSION_ID_AT + 1] = left;
    assert_true(dtls_hello_parse(&hello, bytes, len));
    assert_int_equal(hello.cookie_len, left);
    bytes[SESSION_ID_AT + 1] = left + 1;
    assert_false(dtls_hello_parse(&hello, bytes, len));
    memcpy(bytes, good, len);
    bytes[16] = bytes[24] = SESSION_ID_AT - 25; /* the message ends before its session id */
    assert_false(dtls_hello_parse(&hello, bytes, len));
    bytes[16] = bytes[24] = SESSION_ID_AT - 25 + 1; /* and before its cookie */
    assert_false(dtls_hello_parse(&hello, bytes, len));
}

static void a_hello_without_a_cookie_is_not_lent_to_mbedtls(void **state)
{
    (void)state;
    uint8_t hello[CLIENT_HELLO_MAX];
    begin_half_a_handshake();
    dtls_session_offer(session, hello, client_hello_make(hello, 0x99, 0, NULL));
    assert_null(session->datagram);
    assert_int_equal(session->state, DTLS_HANDSHAKE);
}

static void a_session_without_memory_is_an_error(void **state)
{
    (void)state;
    static void *held[PORTILLON_POOL_LEN / 8];
    static struct dtls_session another;
    size_t count = 0;
    while ((held[count] = mbedtls_calloc(1, 8)) != NULL)
        count++;
    assert_int_equal(dtls_session_init(&another, session->identity, session->timer, send_nothing, NULL),
                     ERR_CRYPTO);
    while (count > 0)
        mbedtls_free(held[--count]);
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
}

static void a_datagram_may_end_with_an_empty_record(void **state)
{
    (void)state;
    static const uint8_t two_records[] = {23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0xAA, /* one byte */
                                          23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0};
    assert_true(dtls_datagram_is_whole(two_records, sizeof two_records));
    assert_true(dtls_datagram_is_whole(two_records, 14));
    assert_false(dtls_datagram_is_whole(two_records, sizeof two_records - 1));
    assert_false(dtls_datagram_is_whole(two_records, 0));
}

static void a_replayed_hello_does_not_disturb_a_living_session(void **state)
{
    (void)state;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    size_t hellos = bench->sent_count;
    for (size_t i = 0; i < hellos; i++)
        link_bench_write_datagram(bench->sent[i].bytes, bench->sent[i].len);
    assert_int_equal(session->state, DTLS_OPEN);
    assert_int_equal(session->opened_count, 1);
    bench->inbox.len = 0;
    assert_int_equal(ASK(get_time), COAP_CONTENT);
}

static void a_hello_without_a_cookie_gets_one_small_answer(void **state)
{
    (void)state;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    struct link_bench_datagram hello = bench->sent[0];
    link_bench_clear();
    link_bench_write_datagram(hello.bytes, hello.len);
    assert_int_equal(bench->answered_count, 1);
    assert_int_equal(bench->inbox.len, DTLS_HELLO_VERIFY_LEN);
    assert_int_equal(bench->inbox.bytes[13], 3); /* HelloVerifyRequest: RFC 6347, 4.3.2 */
    bench->inbox.len = 0;
    assert_int_equal(ASK(get_time), COAP_CONTENT);
}

static void a_replayed_request_has_no_second_effect_and_no_answer(void **state)
{
    (void)state;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    link_bench_clear();
    assert_int_equal(ASK(put_time), COAP_CHANGED);
    assert_int_equal(bench->sent_count, 1);
    struct link_bench_datagram put = bench->sent[0];
    uint32_t head = bench->portillon.journal.head_seq;
    link_bench_clear();
    link_bench_write_datagram(put.bytes, put.len);
    link_bench_pass_ms(1000);
    assert_int_equal(bench->portillon.journal.head_seq, head);
    assert_int_equal(bench->answered_count, 0);
    /* nor in a session of its own */
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    link_bench_clear();
    link_bench_write_datagram(put.bytes, put.len);
    assert_int_equal(bench->portillon.journal.head_seq, head);
    assert_int_equal(bench->answered_count, 0);
    assert_int_equal(session->state, DTLS_OPEN);
}

static void noise_gets_no_answer_and_ends_no_session(void **state)
{
    (void)state;
    uint8_t noise[200];
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    link_bench_clear();
    for (unsigned round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (uint8_t)(round * 31 + i * 17 + (i * round) / 7);
        /* Some look like records of this session: type, version, epoch 1. */
        if (round % 2 == 0)
            memcpy(noise, (uint8_t[]){(uint8_t)(20 + round % 6), 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 1, 0, 0, 100},
                   13);
        if (round % 3 == 0)
            memcpy(noise, (uint8_t[]){(uint8_t)(20 + round % 6), 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 9, 0, 0, 2},
                   13);
        link_bench_write_datagram(noise, round % sizeof noise);
    }
    assert_int_equal(bench->answered_count, 0);
    assert_int_equal(session->state, DTLS_OPEN);
    assert_int_equal(ASK(get_time), COAP_CONTENT);
}

static void a_silent_session_is_closed_after_its_time(void **state)
{
    (void)state;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    link_bench_pass_ms(DTLS_IDLE_MS - 1000);
    assert_int_equal(session->state, DTLS_OPEN);
    assert_int_equal(ASK(get_time), COAP_CONTENT);
    link_bench_pass_ms(DTLS_IDLE_MS - 1000);
    assert_int_equal(session->state, DTLS_OPEN);
    link_bench_clear();
    link_bench_pass_ms(1000);
    assert_int_equal(session->state, DTLS_IDLE);
    assert_int_equal(bench->answered_count, 1); /* close_notify */
}

static uint64_t stopped_us;

static uint64_t read_stopped_clock(void *ctx)
{
    (void)ctx;
    return stopped_us;
}

static const struct timer stopped_timer = {.monotonic_us = read_stopped_clock};

/* Polls the session the given time after it last heard its client. */
static void poll_after_us(uint64_t silence_us)
{
    uint8_t plaintext[DTLS_PLAINTEXT_MAX];
    stopped_us = session->heard_us + silence_us;
    session->timer = &stopped_timer;
    assert_int_equal(dtls_session_poll(session, plaintext), 0);
}

static void a_session_is_closed_at_its_time_and_not_before(void **state)
{
    (void)state;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    poll_after_us(DTLS_IDLE_MS * UINT64_C(1000) - 1);
    assert_int_equal(session->state, DTLS_OPEN);
    poll_after_us(DTLS_IDLE_MS * UINT64_C(1000));
    assert_int_equal(session->state, DTLS_IDLE);
}

static void a_handshake_is_given_up_after_5_seconds_and_not_before(void **state)
{
    (void)state;
    begin_half_a_handshake();
    session->timer_end_ms = 0; /* as after a ClientHello that is too long for mbedtls */
    poll_after_us(4999999);
    assert_int_equal(session->state, DTLS_HANDSHAKE);
    poll_after_us(5000000);
    assert_int_equal(session->state, DTLS_IDLE);
}

/* The datagram's buffer belongs to the caller, and holds something else after the poll. */
static void a_datagram_that_was_not_read_is_forgotten_after_the_poll(void **state)
{
    (void)state;
    uint8_t plaintext[DTLS_PLAINTEXT_MAX];
    static const uint8_t record[] = {22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0xAA};
    bool (*send)(void *ctx, const uint8_t *datagram, size_t len) = session->send;
    link_bench_say_hello(0, NULL);
    session->send = send_nothing;
    link_bench_say_hello(1, session->cookie); /* the answer does not leave, so that nothing is read */
    assert_int_equal(session->state, DTLS_HANDSHAKE);
    dtls_session_offer(session, record, sizeof record);
    assert_ptr_equal(session->datagram, record);
    assert_int_equal(dtls_session_poll(session, plaintext), 0);
    assert_null(session->datagram);
    session->send = send;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
}

/* Makes the client's record of a request with a body of 1 KiB, and takes it from the line. */
static struct link_bench_datagram long_record(void)
{
    static uint8_t request[DTLS_PLAINTEXT_MAX - 200] = "\x40\x03\x00\x07\xb4time\xff";
    uint8_t answer[64];
    memset(request + 10, 0x5A, sizeof request - 10);
    link_bench_clear();
    bench->discard = true;
    (void)link_bench_ask(request, sizeof request, answer, sizeof answer);
    bench->discard = false;
    assert_int_equal(bench->sent_count, 1);
    return bench->sent[0];
}

/* A card waits for one slice, not for the whole datagram: 1080 bytes are four slices and a rest. */
static void a_long_datagram_is_decrypted_in_slices(void **state)
{
    (void)state;
    uint8_t plaintext[DTLS_PLAINTEXT_MAX];
    assert_int_equal(link_bench_connect(MAINTENANCE, MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8), 0);
    struct link_bench_datagram record = long_record();
    dtls_session_offer(session, record.bytes, record.len);
    for (int slices = 0; slices < 4; slices++)
        assert_int_equal(dtls_session_poll(session, plaintext), ERR_BUSY);
    assert_int_equal(dtls_session_poll(session, plaintext), DTLS_PLAINTEXT_MAX - 200);
    assert_int_equal(plaintext[10], 0x5A);
    assert_int_equal(plaintext[DTLS_PLAINTEXT_MAX - 201], 0x5A);
    assert_int_equal(dtls_session_poll(session, plaintext), 0);
    assert_int_equal(ASK(get_time), COAP_CONTENT);
}

/* Only its tail is what was sealed, and the MAC of its start was computed over another datagram. */
static void a_datagram_that_replaces_one_half_decrypted_is_checked_from_its_start(void **state)
{
    (void)state;
    uint8_t plaintext[DTLS_PLAINTEXT_MAX];
    assert_int_equal(link_bench_connect(MAINTENANCE, MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8), 0);
    struct link_bench_datagram record = long_record(), forged = record;
    forged.bytes[13 + 8 + 20] ^= 1;
    dtls_session_offer(session, record.bytes, record.len);
    assert_int_equal(dtls_session_poll(session, plaintext), ERR_BUSY);
    dtls_session_offer(session, forged.bytes, forged.len);
    int result = ERR_BUSY;
    for (int polls = 0; polls < 10 && result == ERR_BUSY; polls++)
        result = dtls_session_poll(session, plaintext);
    assert_int_equal(result, 0);
    assert_int_equal(session->state, DTLS_OPEN);
    dtls_session_offer(session, record.bytes, record.len);
    for (result = ERR_BUSY; result == ERR_BUSY;)
        result = dtls_session_poll(session, plaintext);
    assert_int_equal(result, DTLS_PLAINTEXT_MAX - 200);
}

/* mbedtls goes on with the second record of a datagram, whatever became of the first. */
static void a_datagram_of_several_records_loses_none(void **state)
{
    (void)state;
    uint8_t plaintext[DTLS_PLAINTEXT_MAX], both[2 * LINK_BENCH_DATAGRAM_MAX];
    assert_int_equal(link_bench_connect(MAINTENANCE, MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8), 0);
    struct link_bench_datagram record = long_record();
    link_bench_clear();
    bench->discard = true;
    (void)link_bench_ask(get_time, sizeof get_time - 1, plaintext, sizeof plaintext);
    bench->discard = false;
    memcpy(both, record.bytes, record.len);
    memcpy(both + record.len, bench->sent[0].bytes, bench->sent[0].len);
    dtls_session_offer(session, both, record.len + bench->sent[0].len);
    assert_int_equal(dtls_session_poll(session, plaintext), DTLS_PLAINTEXT_MAX - 200);
    assert_int_equal(dtls_session_poll(session, plaintext), sizeof get_time - 1);
    assert_int_equal(dtls_session_poll(session, plaintext), 0);
}

static void a_goodbye_ends_the_session(void **state)
{
    (void)state;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    link_bench_hang_up(true);
    assert_int_equal(session->state, DTLS_IDLE);
    assert_int_equal(session->role, ROLE_NONE);
    assert_int_equal(dtls_session_send(session, (const uint8_t *)"x", 1), ERR_NOT_FOUND);
}

static void a_slow_line_loses_nothing(void **state)
{
    (void)state;
    bench->write_room = 7;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    assert_int_equal(ASK(get_time), COAP_CONTENT);
}

static void a_thousand_sessions_leak_nothing(void **state)
{
    (void)state;
    size_t before, after, most;
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    link_bench_hang_up(true);
    crypto_pool_usage(&before, &most);
    for (int round = 0; round < 1000; round++) {
        bool refused = round % 5 == 4;
        int result = link_bench_connect("maintenance", refused ? "00" : LINK_BENCH_MAINTENANCE_PSK, 0);
        assert_int_equal(result, refused ? MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE : 0);
        if (!refused)
            assert_int_equal(ASK(get_time), COAP_CONTENT);
        link_bench_hang_up(round % 2 == 0);
    }
    assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
    link_bench_hang_up(true);
    crypto_pool_usage(&after, &most);
    /* The gaps between blocks have headers too, and may be at other places. */
    assert_in_range(after, before - 8 * sizeof(void *), before + 8 * sizeof(void *));
}

/* At each step of a handshake and of a session, a client can connect as soon as there is memory again. */
static void a_pool_that_runs_out_is_no_harm_once_there_is_memory_again(void **state)
{
    (void)state;
    static void *held[PORTILLON_POOL_LEN / 8];
    for (int moment = 0; moment < 4; moment++) {
        size_t count = 0;
        if (moment == 1)
            begin_half_a_handshake();
        if (moment >= 2)
            assert_int_equal(link_bench_connect(MAINTENANCE, 0), 0);
        while ((held[count] = mbedtls_calloc(1, 8)) != NULL)
            count++;
        link_bench_say_hello(0, NULL);
        link_bench_say_hello(1, session->cookie);
        link_bench_write_datagram(put_time, sizeof put_time);
        if (moment == 3)
            dtls_session_close(session);
        link_bench_pass_ms(6000);
        assert_int_equal(session->state, DTLS_IDLE);
        assert_int_equal(session->role, ROLE_NONE);
        while (count > 0)
            mbedtls_free(held[--count]);
        assert_int_equal(link_bench_connect(TECHNICIAN, 0), 0);
        assert_int_equal(ASK(get_time), COAP_CONTENT);
        link_bench_hang_up(true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(either_role_opens_a_session_with_either_suite, start),
        cmocka_unit_test_setup(the_pool_has_room_for_a_handshake_with_messages_out_of_order, start),
        cmocka_unit_test_setup(a_wrong_key_opens_nothing_and_is_told_at_once, start),
        cmocka_unit_test_setup(what_the_line_does_not_take_is_busy_and_keeps_the_session, start),
        cmocka_unit_test_setup(a_session_that_can_send_no_more_ends, start),
        cmocka_unit_test_setup(a_client_that_vanished_is_back_at_once, start),
        cmocka_unit_test_setup(a_handshake_takes_one_step_a_poll, start),
        cmocka_unit_test_setup(a_half_open_handshake_gives_way_to_a_new_client, start),
        cmocka_unit_test_setup(a_handshake_that_goes_nowhere_is_given_up_without_a_word, start),
        cmocka_unit_test_setup(a_hello_too_long_for_mbedtls_is_forgotten_as_well, start),
        cmocka_unit_test_setup(what_the_client_did_not_get_it_gets_when_it_asks_again, start),
        cmocka_unit_test_setup(who_brings_a_cookie_without_a_key_ends_a_session_and_gains_nothing, start),
        cmocka_unit_test_setup(a_cut_or_padded_datagram_is_not_looked_into, start),
        cmocka_unit_test_setup(a_datagram_may_end_with_an_empty_record, start),
        cmocka_unit_test_setup(a_hello_whose_lengths_do_not_fit_is_none, start),
        cmocka_unit_test_setup(a_hello_without_a_cookie_is_not_lent_to_mbedtls, start),
        cmocka_unit_test_setup(a_session_without_memory_is_an_error, start),
        cmocka_unit_test_setup(a_hello_is_taken_apart_and_answered_as_the_rfc_says, start),
        cmocka_unit_test_setup(a_replayed_hello_does_not_disturb_a_living_session, start),
        cmocka_unit_test_setup(a_hello_without_a_cookie_gets_one_small_answer, start),
        cmocka_unit_test_setup(a_replayed_request_has_no_second_effect_and_no_answer, start),
        cmocka_unit_test_setup(noise_gets_no_answer_and_ends_no_session, start),
        cmocka_unit_test_setup(a_silent_session_is_closed_after_its_time, start),
        cmocka_unit_test_setup(a_session_is_closed_at_its_time_and_not_before, start),
        cmocka_unit_test_setup(a_handshake_is_given_up_after_5_seconds_and_not_before, start),
        cmocka_unit_test_setup(a_datagram_that_was_not_read_is_forgotten_after_the_poll, start),
        cmocka_unit_test_setup(a_long_datagram_is_decrypted_in_slices, start),
        cmocka_unit_test_setup(a_datagram_that_replaces_one_half_decrypted_is_checked_from_its_start, start),
        cmocka_unit_test_setup(a_datagram_of_several_records_loses_none, start),
        cmocka_unit_test_setup(a_goodbye_ends_the_session, start),
        cmocka_unit_test_setup(a_slow_line_loses_nothing, start),
        cmocka_unit_test_setup(a_thousand_sessions_leak_nothing, start),
        cmocka_unit_test_setup(a_pool_that_runs_out_is_no_harm_once_there_is_memory_again, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
