/* SPDX-License-Identifier: Apache-2.0 */
/* The message layer as a client sees it: RFC 7252, 4 and 5; RFC 7959, 2 and 3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/maintenance/coap_server.h"

static struct coap_server server;
static uint8_t in[1280], out[1280];
static struct coap_writer writer;
static struct coap_message answer;
static struct coap_response next; /* the next response of the handler */
static uint8_t body[COAP_SERVER_BODY_MAX];
static unsigned calls;
static struct coap_block seen_block1;

static void handle(void *ctx, const struct coap_request *request, struct coap_response *response)
{
    (void)ctx;
    uint8_t *room = response->body;
    assert_int_equal(response->code, COAP_SERVER_ERROR);
    calls++;
    seen_block1 = request->block1;
    *response = next;
    response->body = room;
    memcpy(room, body, next.body_len);
}

static const struct coap_handler handler = {.handle = handle};

static int start(void **state)
{
    (void)state;
    coap_server_reset(&server, 0x5000);
    next = (struct coap_response){.code = COAP_CHANGED, .content_format = COAP_FORMAT_NONE};
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)(i * 7 + i / 256);
    calls = 0;
    return 0;
}

static void ask(enum coap_type type, uint8_t code, uint16_t message_id)
{
    coap_write_start(&writer, in, sizeof in, type, code, message_id, (const uint8_t *)"tok", 3);
}

/* Sends what was written and reads the answer, if there is one. Returns the answer's length. */
static size_t send(void)
{
    int len = coap_write_finish(&writer, NULL, 0);
    assert_true(len > 0);
    size_t answer_len = coap_server_handle(&server, &handler, in, (size_t)len, out, sizeof out);
    answer = (struct coap_message){0};
    if (answer_len > 0)
        assert_int_equal(coap_parse(&answer, out, answer_len), ERR_OK);
    return answer_len;
}

static bool find_option(uint16_t number, struct coap_option *option)
{
    struct coap_option_walk walk = coap_options(&answer);
    while (coap_next_option(&walk, option)) {
        if (option->number == number)
            return true;
    }
    return false;
}

static void a_request_gets_its_answer_in_the_acknowledgement(void **state)
{
    (void)state;
    struct coap_option option;
    uint32_t format;
    next = (struct coap_response){.code = COAP_CONTENT, .content_format = COAP_FORMAT_CBOR, .body_len = 5};
    ask(COAP_CON, COAP_GET, 0x1234);
    /* header, token, content format, marker, payload: no option of a body in several blocks */
    assert_int_equal(send(), 4 + 3 + 2 + 1 + 5);
    assert_int_equal(answer.type, COAP_ACK);
    assert_int_equal(answer.message_id, 0x1234);
    assert_int_equal(answer.code, COAP_CONTENT);
    assert_int_equal(answer.token_len, 3);
    assert_memory_equal(answer.token, "tok", 3);
    assert_int_equal(answer.payload_len, 5);
    assert_memory_equal(answer.payload, body, 5);
    assert_true(find_option(COAP_CONTENT_FORMAT, &option));
    assert_int_equal(coap_option_u32(&option, &format), ERR_OK);
    assert_int_equal(format, 60);
    assert_false(find_option(COAP_BLOCK2, &option));
}

static void a_non_confirmable_request_gets_a_non_confirmable_answer(void **state)
{
    (void)state;
    ask(COAP_NON, COAP_PUT, 7);
    assert_true(send() > 0);
    assert_int_equal(answer.type, COAP_NON);
    assert_int_equal(answer.message_id, 0x5000);
    ask(COAP_NON, COAP_PUT, 8);
    assert_true(send() > 0);
    assert_int_equal(answer.message_id, 0x5001);
}

static void a_repeated_put_takes_effect_once_and_is_answered_again(void **state)
{
    (void)state;
    uint8_t first[64];
    next.diagnostic = "word";
    ask(COAP_CON, COAP_PUT, 9);
    size_t len = send();
    assert_true(len > 0 && len <= sizeof first);
    memcpy(first, out, len);
    next.code = COAP_SERVER_ERROR;
    ask(COAP_CON, COAP_PUT, 9);
    assert_int_equal(send(), len);
    assert_memory_equal(out, first, len);
    assert_int_equal(calls, 1);
}

static void a_repeated_non_confirmable_put_is_passed_over(void **state)
{
    (void)state;
    ask(COAP_NON, COAP_PUT, 9);
    assert_true(send() > 0);
    ask(COAP_NON, COAP_PUT, 9);
    assert_int_equal(send(), 0);
    assert_int_equal(calls, 1);
}

static void as_many_puts_may_overlap_as_are_remembered(void **state)
{
    (void)state;
    for (uint16_t round = 0; round < 2; round++) {
        for (uint16_t id = 0; id < COAP_SERVER_SEEN; id++) {
            ask(COAP_CON, COAP_PUT, id);
            assert_true(send() > 0);
        }
    }
    assert_int_equal(calls, COAP_SERVER_SEEN);
}

static void a_new_session_does_not_remember_the_old_one(void **state)
{
    (void)state;
    ask(COAP_CON, COAP_PUT, 9);
    assert_true(send() > 0);
    coap_server_reset(&server, 1);
    ask(COAP_CON, COAP_PUT, 9);
    assert_true(send() > 0);
    assert_int_equal(calls, 2);
}

static void a_ping_gets_a_reset(void **state)
{
    (void)state;
    coap_write_start(&writer, in, sizeof in, COAP_CON, COAP_EMPTY, 0xABCD, NULL, 0);
    assert_int_equal(send(), COAP_HEADER_LEN);
    assert_int_equal(answer.type, COAP_RST);
    assert_int_equal(answer.code, COAP_EMPTY);
    assert_int_equal(answer.message_id, 0xABCD);
}

static void what_is_no_request_is_reset_or_passed_over(void **state)
{
    (void)state;
    const uint8_t malformed[] = {0x40, 0x01, 0x12, 0x34, 0xFF};
    assert_int_equal(coap_server_handle(&server, &handler, malformed, 5, out, sizeof out), COAP_HEADER_LEN);
    assert_int_equal(out[0], 0x70);
    assert_memory_equal(out + 2, "\x12\x34", 2);
    ask(COAP_CON, COAP_CONTENT, 1); /* a response to no request */
    assert_int_equal(send(), COAP_HEADER_LEN);
    assert_int_equal(answer.type, COAP_RST);
    ask(COAP_NON, COAP_CONTENT, 1);
    assert_int_equal(send(), 0);
    ask(COAP_CON, COAP_CODE(7, 1), 1); /* signalling is for TCP */
    assert_int_equal(send(), COAP_HEADER_LEN);
    ask(COAP_ACK, COAP_CONTENT, 1);
    assert_int_equal(send(), 0);
    ask(COAP_RST, COAP_EMPTY, 1);
    writer.buf[0] = 0x70;
    writer.len = 4;
    assert_int_equal(send(), 0);
    assert_int_equal(coap_server_handle(&server, &handler, (const uint8_t *)"\x40", 1, out, sizeof out), 0);
    assert_int_equal(calls, 0);
}

static void unknown_critical_options_are_refused_and_elective_ones_passed_over(void **state)
{
    (void)state;
    ask(COAP_CON, COAP_GET, 1);
    coap_write_option(&writer, 9, "x", 1);
    assert_true(send() > 0);
    assert_int_equal(answer.code, COAP_BAD_OPTION);
    ask(COAP_NON, COAP_GET, 2);
    coap_write_option(&writer, 9, "x", 1);
    assert_int_equal(send(), 0);
    assert_int_equal(calls, 0);
    ask(COAP_CON, COAP_GET, 3);
    coap_write_option(&writer, 10, "x", 1);
    coap_write_option(&writer, 258, "\x02", 1);
    assert_true(send() > 0);
    assert_int_equal(calls, 1);
}

static void a_critical_option_given_twice_or_too_long_is_refused(void **state)
{
    (void)state;
    ask(COAP_CON, COAP_GET, 1);
    coap_write_option_u32(&writer, COAP_ACCEPT, 60);
    coap_write_option_u32(&writer, COAP_ACCEPT, 60);
    assert_true(send() > 0);
    assert_int_equal(answer.code, COAP_BAD_OPTION);
    ask(COAP_CON, COAP_GET, 2);
    coap_write_option(&writer, COAP_BLOCK2, "\0\0\0\0", 4);
    assert_true(send() > 0);
    assert_int_equal(answer.code, COAP_BAD_OPTION);
    ask(COAP_CON, COAP_GET, 3);
    coap_write_option(&writer, COAP_BLOCK2, "\x07", 1);
    assert_true(send() > 0);
    assert_int_equal(answer.code, COAP_BAD_REQUEST);
    assert_int_equal(calls, 0);
}

static void nothing_is_fetched_for_others(void **state)
{
    (void)state;
    ask(COAP_CON, COAP_GET, 1);
    coap_write_option(&writer, COAP_PROXY_URI, "coap://elsewhere/", 17);
    assert_true(send() > 0);
    assert_int_equal(answer.code, COAP_NO_PROXY);
}

static void an_answer_the_client_cannot_take_is_not_acceptable(void **state)
{
    (void)state;
    next = (struct coap_response){.code = COAP_CONTENT, .content_format = COAP_FORMAT_CBOR, .body_len = 5};
    ask(COAP_CON, COAP_GET, 1);
    coap_write_option_u32(&writer, COAP_ACCEPT, COAP_FORMAT_TEXT);
    assert_true(send() > 0);
    assert_int_equal(answer.code, COAP_NOT_ACCEPTABLE);
    ask(COAP_CON, COAP_GET, 2);
    coap_write_option_u32(&writer, COAP_ACCEPT, COAP_FORMAT_CBOR);
    assert_true(send() > 0);
    assert_int_equal(answer.code, COAP_CONTENT);
}

static void fetch_block(uint16_t message_id, uint32_t num, uint8_t szx)
{
    ask(COAP_CON, COAP_GET, message_id);
    coap_write_option(&writer, COAP_URI_PATH, "p", 1);
    coap_write_block(&writer, COAP_BLOCK2, &(struct coap_block){.num = num, .szx = szx});
    assert_true(send() > 0);
}

static void the_etag_tells_bodies_apart_and_nothing_else(void **state)
{
    (void)state;
    enum { LEN = 100, SZX = 2 };
    uint8_t etags[4][8];
    struct coap_option option;
    next = (struct coap_response){.code = COAP_CONTENT, .content_format = COAP_FORMAT_CBOR, .body_len = LEN};
    for (uint16_t i = 0; i < 4; i++) {
        if (i == 1)
            server.body[LEN] ^= 1; /* what a longer body left behind this one */
        if (i >= 2)
            body[i == 2 ? LEN - 1 : 0] ^= 1;
        fetch_block(i, 0, SZX);
        assert_true(find_option(COAP_ETAG, &option));
        assert_in_range(option.len, 1, 8);
        memset(etags[i], 0, sizeof etags[i]);
        memcpy(etags[i], option.value, option.len);
    }
    assert_memory_equal(etags[0], etags[1], sizeof etags[0]);
    assert_memory_not_equal(etags[1], etags[2], sizeof etags[0]);
    assert_memory_not_equal(etags[2], etags[3], sizeof etags[0]);
}

static void a_client_with_small_blocks_gets_one_body_of_one_moment(void **state)
{
    (void)state;
    enum { LEN = 1000, SZX = 2, SIZE = 64 };
    uint8_t fetched[COAP_SERVER_BODY_MAX], wanted[LEN];
    size_t fetched_len = 0;
    struct coap_option option;
    struct coap_block block = {.more = true};
    memcpy(wanted, body, LEN);
    next = (struct coap_response){.code = COAP_CONTENT, .content_format = COAP_FORMAT_CBOR, .body_len = LEN};
    for (uint32_t num = 0; block.more; num++) {
        fetch_block((uint16_t)num, num, SZX);
        assert_int_equal(answer.code, COAP_CONTENT);
        assert_true(find_option(COAP_ETAG, &option));
        assert_true(find_option(COAP_BLOCK2, &option));
        assert_int_equal(coap_block_decode(&option, &block), ERR_OK);
        assert_int_equal(block.num, num);
        assert_int_equal(block.szx, SZX);
        assert_true(answer.payload_len == SIZE || !block.more);
        /* RFC 7959, 4: the size of the whole, with the first block */
        assert_int_equal(find_option(COAP_SIZE2, &option), num == 0);
        if (num == 0)
            assert_memory_equal(option.value, ((uint8_t[]){LEN >> 8, LEN & 0xFF}), option.len);
        memcpy(fetched + fetched_len, answer.payload, answer.payload_len);
        fetched_len += answer.payload_len;
        memset(body, 0xEE, sizeof body); /* the resource changes meanwhile */
    }
    assert_int_equal(fetched_len, LEN);
    assert_memory_equal(fetched, wanted, LEN);
    assert_int_equal(calls, 1);
}

static void a_block_behind_the_end_is_a_bad_request(void **state)
{
    (void)state;
    next = (struct coap_response){.code = COAP_CONTENT, .content_format = COAP_FORMAT_CBOR, .body_len = 64};
    fetch_block(1, 4, 0);
    assert_int_equal(answer.code, COAP_BAD_REQUEST);
    fetch_block(2, 3, 0);
    assert_int_equal(answer.code, COAP_CONTENT);
    assert_int_equal(answer.payload_len, 16);
}

/* A resource may write records into its body and then find that flash cannot be read. */
static void a_request_that_fails_half_way_spoils_no_body_being_fetched(void **state)
{
    (void)state;
    struct coap_response good = {.code = COAP_CONTENT, .content_format = COAP_FORMAT_CBOR, .body_len = 64};
    next = good;
    uint8_t wanted[64];
    memcpy(wanted, body, sizeof wanted);
    fetch_block(1, 0, 1);
    next = (struct coap_response){.code = COAP_SERVER_ERROR, .diagnostic = "io", .body_len = 64};
    memset(body, 0xEE, sizeof body);
    ask(COAP_CON, COAP_GET, 2);
    coap_write_option(&writer, COAP_URI_PATH, "q", 1);
    assert_true(send() > 0);
    memcpy(body, wanted, sizeof wanted);
    next = good;
    fetch_block(3, 1, 1);
    assert_int_equal(answer.payload_len, 32);
    assert_memory_equal(answer.payload, wanted + 32, 32);
}

static void a_body_is_not_mixed_with_that_of_another_request(void **state)
{
    (void)state;
    next = (struct coap_response){.code = COAP_CONTENT, .content_format = COAP_FORMAT_CBOR, .body_len = 64};
    fetch_block(1, 0, 0);
    ask(COAP_CON, COAP_GET, 2);
    coap_write_option(&writer, COAP_URI_PATH, "q", 1);
    coap_write_block(&writer, COAP_BLOCK2, &(struct coap_block){.num = 1, .szx = 0});
    assert_true(send() > 0);
    assert_int_equal(calls, 2);
}

static void block1_is_echoed(void **state)
{
    (void)state;
    struct coap_option option;
    struct coap_block block;
    next.code = COAP_CONTINUE;
    ask(COAP_CON, COAP_PUT, 1);
    coap_write_block(&writer, COAP_BLOCK1, &(struct coap_block){.num = 5, .more = true, .szx = 6});
    assert_true(send() > 0);
    assert_int_equal(seen_block1.num, 5);
    assert_int_equal(answer.code, COAP_CONTINUE);
    assert_true(find_option(COAP_BLOCK1, &option));
    assert_int_equal(coap_block_decode(&option, &block), ERR_OK);
    assert_int_equal(block.num, 5);
    assert_true(block.more);
    assert_int_equal(block.szx, 6);
}

static void the_answer_may_be_written_over_the_request(void **state)
{
    (void)state;
    next = (struct coap_response){.code = COAP_CONTENT, .content_format = COAP_FORMAT_CBOR, .body_len = 900};
    ask(COAP_CON, COAP_GET, 1);
    coap_write_option(&writer, COAP_URI_PATH, "p", 1);
    int len = coap_write_finish(&writer, NULL, 0);
    size_t answer_len = coap_server_handle(&server, &handler, in, (size_t)len, in, sizeof in);
    assert_int_equal(coap_parse(&answer, in, answer_len), ERR_OK);
    assert_memory_equal(answer.token, "tok", 3);
    assert_int_equal(answer.payload_len, 900);
    assert_memory_equal(answer.payload, body, 900);
}

/* The handler has much to do: it is asked with the same request until it has finished. */
static void a_handler_that_has_not_finished_is_asked_again_and_then_answers_once(void **state)
{
    (void)state;
    ask(COAP_CON, COAP_PUT, 0x1234);
    int len = coap_write_finish(&writer, NULL, 0);
    next.later = true;
    memset(out, 0xEE, sizeof out);
    for (unsigned i = 1; i <= 3; i++) {
        assert_true(coap_server_handle(&server, &handler, in, (size_t)len, out, sizeof out) ==
                    COAP_SERVER_LATER);
        assert_int_equal(calls, i);
        assert_int_equal(out[0], 0xEE);
    }
    next.later = false;
    assert_true(send() > 0);
    assert_int_equal(answer.code, COAP_CHANGED);
    assert_int_equal(answer.message_id, 0x1234);
    assert_int_equal(calls, 4);
    ask(COAP_CON, COAP_PUT, 0x1234); /* the client did not get the answer */
    assert_true(send() > 0);
    assert_int_equal(answer.code, COAP_CHANGED);
    assert_int_equal(calls, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_handler_that_has_not_finished_is_asked_again_and_then_answers_once, start),
        cmocka_unit_test_setup(a_request_gets_its_answer_in_the_acknowledgement, start),
        cmocka_unit_test_setup(a_non_confirmable_request_gets_a_non_confirmable_answer, start),
        cmocka_unit_test_setup(a_repeated_put_takes_effect_once_and_is_answered_again, start),
        cmocka_unit_test_setup(a_repeated_non_confirmable_put_is_passed_over, start),
        cmocka_unit_test_setup(as_many_puts_may_overlap_as_are_remembered, start),
        cmocka_unit_test_setup(a_new_session_does_not_remember_the_old_one, start),
        cmocka_unit_test_setup(a_ping_gets_a_reset, start),
        cmocka_unit_test_setup(what_is_no_request_is_reset_or_passed_over, start),
        cmocka_unit_test_setup(unknown_critical_options_are_refused_and_elective_ones_passed_over, start),
        cmocka_unit_test_setup(a_critical_option_given_twice_or_too_long_is_refused, start),
        cmocka_unit_test_setup(nothing_is_fetched_for_others, start),
        cmocka_unit_test_setup(an_answer_the_client_cannot_take_is_not_acceptable, start),
        cmocka_unit_test_setup(the_etag_tells_bodies_apart_and_nothing_else, start),
        cmocka_unit_test_setup(a_client_with_small_blocks_gets_one_body_of_one_moment, start),
        cmocka_unit_test_setup(a_block_behind_the_end_is_a_bad_request, start),
        cmocka_unit_test_setup(a_request_that_fails_half_way_spoils_no_body_being_fetched, start),
        cmocka_unit_test_setup(a_body_is_not_mixed_with_that_of_another_request, start),
        cmocka_unit_test_setup(block1_is_echoed, start),
        cmocka_unit_test_setup(the_answer_may_be_written_over_the_request, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
