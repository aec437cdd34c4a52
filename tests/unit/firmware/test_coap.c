/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages: RFC 7252, appendix A (figures 16 to 19). Block values: RFC 7959, 2.2 (NUM << 4 | M << 3 | SZX).
 * What is written is also given to libcoap to read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <coap3/coap.h>

#include "firmware/maintenance/coap.h"

#define PARSE(message, ...)                                                                                  \
    coap_parse(message, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void the_rfcs_get_of_a_temperature_is_read(void **state)
{
    (void)state;
    const uint8_t get[] = "\x40\x01\x7d\x34\xbbtemperature";
    struct coap_message message;
    assert_int_equal(coap_parse(&message, get, sizeof get - 1), ERR_OK);
    assert_int_equal(message.type, COAP_CON);
    assert_int_equal(message.code, COAP_GET);
    assert_int_equal(message.message_id, 0x7D34);
    assert_int_equal(message.token_len, 0);
    assert_int_equal(message.payload_len, 0);
    assert_true(coap_path_is(&message, "temperature"));
    assert_false(coap_path_is(&message, "temperatur"));
    assert_false(coap_path_is(&message, "temperature/core"));
    assert_false(coap_path_is(&message, ""));
}

static void the_rfcs_answers_are_written(void **state)
{
    (void)state;
    uint8_t out[32];
    struct coap_writer writer;
    coap_write_start(&writer, out, sizeof out, COAP_ACK, COAP_CONTENT, 0x7D34, NULL, 0);
    assert_int_equal(coap_write_finish(&writer, "22.3 C", 6), 11);
    assert_memory_equal(out,
                        "\x60\x45\x7d\x34\xff"
                        "22.3 C",
                        11);
    coap_write_start(&writer, out, sizeof out, COAP_ACK, COAP_CONTENT, 0x7D35, (const uint8_t[]){0x20}, 1);
    assert_int_equal(coap_write_finish(&writer, "22.3 C", 6), 12);
    assert_memory_equal(out,
                        "\x61\x45\x7d\x35\x20\xff"
                        "22.3 C",
                        12);
}

static void malformed_messages_are_refused(void **state)
{
    (void)state;
    struct coap_message message;
    assert_int_equal(PARSE(&message, 0x40, 0x01, 0x00), ERR_UNSUPPORTED);       /* no whole header */
    assert_int_equal(PARSE(&message, 0x80, 0x01, 0x00, 0x01), ERR_UNSUPPORTED); /* version 2 */
    assert_int_equal(PARSE(&message, 0x49, 0x01, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9),
                     ERR_FORMAT);                                                /* token of 9 */
    assert_int_equal(PARSE(&message, 0x42, 0x01, 0, 1, 1), ERR_FORMAT);          /* token cut */
    assert_int_equal(PARSE(&message, 0x40, 0x00, 0, 1, 0xFF, 1), ERR_FORMAT);    /* empty, but not */
    assert_int_equal(PARSE(&message, 0x40, 0x01, 0, 1, 0xFF), ERR_FORMAT);       /* marker, no payload */
    assert_int_equal(PARSE(&message, 0x40, 0x01, 0, 1, 0xB2, 'a'), ERR_FORMAT);  /* value cut */
    assert_int_equal(PARSE(&message, 0x40, 0x01, 0, 1, 0xF0), ERR_FORMAT);       /* delta 15 */
    assert_int_equal(PARSE(&message, 0x40, 0x01, 0, 1, 0xBF), ERR_FORMAT);       /* length 15 */
    assert_int_equal(PARSE(&message, 0x40, 0x01, 0, 1, 0xD0), ERR_FORMAT);       /* delta cut */
    assert_int_equal(PARSE(&message, 0x40, 0x01, 0, 1, 0xE0, 0xFF), ERR_FORMAT); /* delta cut */
    assert_int_equal(PARSE(&message, 0x40, 0x01, 0, 1, 0xE0, 0xFF, 0xFF),
                     ERR_FORMAT); /* number above 65535 */
    assert_int_equal(PARSE(&message, 0x40, 0x01, 0, 1, 0xBD, 0xFF, 'a'),
                     ERR_FORMAT); /* value shorter than said */
}

static void a_path_of_several_segments_is_compared_segment_by_segment(void **state)
{
    (void)state;
    const uint8_t get[] = "\x40\x01\x00\x01\xb9whitelist\x04head";
    const uint8_t slash[] = "\x40\x01\x00\x01\xbd\x01whitelist/head";
    struct coap_message message;
    assert_int_equal(coap_parse(&message, get, sizeof get - 1), ERR_OK);
    assert_true(coap_path_is(&message, "whitelist/head"));
    assert_false(coap_path_is(&message, "whitelist"));
    assert_false(coap_path_is(&message, "whitelist/heads"));
    assert_int_equal(coap_parse(&message, slash, sizeof slash - 1), ERR_OK);
    assert_false(coap_path_is(&message, "whitelist/head"));
}

static void numbers_in_queries_are_read_and_bounded(void **state)
{
    (void)state;
    struct coap_message message;
    uint32_t value = 7;
    const uint8_t good[] = "\x40\x01\x00\x01\xbcpassages_ack\x4d\x03"
                           "after=4294967295\x03n=5";
    assert_int_equal(coap_parse(&message, good, sizeof good - 1), ERR_OK);
    assert_int_equal(coap_query_u32(&message, "after", &value), ERR_OK);
    assert_int_equal(value, 4294967295u);
    assert_int_equal(coap_query_u32(&message, "n", &value), ERR_OK);
    assert_int_equal(value, 5);
    assert_int_equal(coap_query_u32(&message, "from", &value), ERR_NOT_FOUND);
    /* The byte behind a query without a value belongs to the next option, whose first byte is '=' here. */
    static const uint8_t bare[] = {0x40, 1, 0, 1, 0xD1, 2, 'n', '=', 0, 0, 0,
                                   0,    0, 0, 0, 0,    0, 0,   0,   0, 0, 0};
    assert_int_equal(coap_parse(&message, bare, sizeof bare), ERR_OK);
    assert_int_equal(coap_query_u32(&message, "n", &value), ERR_NOT_FOUND);
    const char *bad[] = {"n=", "n=4294967296", "n=-1", "n= 1", "n=1x", "n=99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t query[64];
        struct coap_writer writer;
        coap_write_start(&writer, query, sizeof query, COAP_CON, COAP_GET, 1, NULL, 0);
        coap_write_option(&writer, COAP_URI_QUERY, bad[i], strlen(bad[i]));
        int len = coap_write_finish(&writer, NULL, 0);
        assert_true(len > 0);
        assert_int_equal(coap_parse(&message, query, (size_t)len), ERR_OK);
        assert_int_equal(coap_query_u32(&message, "n", &value), ERR_FORMAT);
    }
}

static void block_options_carry_number_more_and_size(void **state)
{
    (void)state;
    struct coap_block block;
    const struct coap_option none = {.number = COAP_BLOCK2, .value = NULL, .len = 0};
    assert_int_equal(coap_block_decode(&none, &block), ERR_OK);
    assert_int_equal(coap_block_size(&block), 16); /* absent value: 0, no more, 16 bytes */
    const uint8_t value[] = {0x01, 0x2E};          /* 18, more, 1024 */
    assert_int_equal(coap_block_decode(&(struct coap_option){COAP_BLOCK1, value, 2}, &block), ERR_OK);
    assert_int_equal(block.num, 18);
    assert_true(block.more);
    assert_int_equal(coap_block_size(&block), 1024);
    assert_int_equal(coap_block_offset(&block), 18 * 1024);
    assert_int_equal(coap_block_decode(&(struct coap_option){COAP_BLOCK1, (const uint8_t[]){7}, 1}, &block),
                     ERR_FORMAT);
    assert_int_equal(
        coap_block_decode(&(struct coap_option){COAP_BLOCK1, (const uint8_t[]){0, 0, 0, 1}, 4}, &block),
        ERR_UNSUPPORTED);
}

static void a_number_of_an_option_has_at_most_four_bytes(void **state)
{
    (void)state;
    const uint8_t bytes[] = {1, 2, 3, 4, 5};
    uint32_t value = 7;
    assert_int_equal(coap_option_u32(&(struct coap_option){COAP_SIZE1, bytes, 5}, &value), ERR_FORMAT);
    assert_int_equal(coap_option_u32(&(struct coap_option){COAP_SIZE1, bytes, 4}, &value), ERR_OK);
    assert_int_equal(value, 0x01020304);
    assert_int_equal(coap_option_u32(&(struct coap_option){COAP_SIZE1, bytes, 0}, &value), ERR_OK);
    assert_int_equal(value, 0);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    uint8_t out[1024], value[300];
    memset(value, 'x', sizeof value);
    const struct {
        uint16_t number;
        size_t len;
    } options[] = {{3, 0}, {11, 12}, {11, 13}, {24, 268}, {281, 269}, {2053, 300}, {65535, 1}};
    const size_t count = sizeof options / sizeof options[0];
    struct coap_writer writer;
    coap_write_start(&writer, out, sizeof out, COAP_NON, COAP_PUT, 0xFFFF, (const uint8_t *)"12345678", 8);
    for (size_t i = 0; i < count; i++)
        coap_write_option(&writer, options[i].number, value, options[i].len);
    int len = coap_write_finish(&writer, "p", 1);
    assert_true(len > 0);

    struct coap_message message;
    struct coap_option option;
    assert_int_equal(coap_parse(&message, out, (size_t)len), ERR_OK);
    assert_int_equal(message.token_len, 8);
    struct coap_option_walk walk = coap_options(&message);
    for (size_t i = 0; i < count; i++) {
        assert_true(coap_next_option(&walk, &option));
        assert_int_equal(option.number, options[i].number);
        assert_int_equal(option.len, options[i].len);
    }
    assert_false(coap_next_option(&walk, &option));
    assert_int_equal(message.payload_len, 1);
}

static void libcoap_reads_what_is_written(void **state)
{
    (void)state;
    uint8_t out[64];
    struct coap_writer writer;
    const struct coap_block block = {.num = 18, .more = true, .szx = 6};
    coap_write_start(&writer, out, sizeof out, COAP_ACK, COAP_CONTENT, 0x1234, (const uint8_t *)"ab", 2);
    coap_write_option_u32(&writer, COAP_CONTENT_FORMAT, COAP_FORMAT_CBOR);
    coap_write_option_u32(&writer, COAP_MAX_AGE, 0);
    coap_write_block(&writer, COAP_BLOCK2, &block);
    coap_write_option_u32(&writer, COAP_SIZE2, 70000);
    int len = coap_write_finish(&writer, "body", 4);
    assert_true(len > 0);

    coap_pdu_t *pdu = coap_pdu_init(0, 0, 0, 256);
    assert_non_null(pdu);
    assert_int_not_equal(coap_pdu_parse(COAP_PROTO_UDP, out, (size_t)len, pdu), 0);
    assert_int_equal(coap_pdu_get_type(pdu), COAP_MESSAGE_ACK);
    assert_int_equal(coap_pdu_get_code(pdu), COAP_RESPONSE_CODE_CONTENT);
    assert_int_equal(coap_pdu_get_mid(pdu), 0x1234);
    assert_int_equal(coap_pdu_get_token(pdu).length, 2);
    const uint16_t numbers[] = {12, 14, 23, 28};
    const unsigned values[] = {60, 0, 18 << 4 | 8 | 6, 70000};
    coap_opt_iterator_t walk;
    coap_option_iterator_init(pdu, &walk, COAP_OPT_ALL);
    for (size_t i = 0; i < 4; i++) {
        coap_opt_t *option = coap_option_next(&walk);
        assert_non_null(option);
        assert_int_equal(walk.number, numbers[i]);
        assert_int_equal(coap_decode_var_bytes(coap_opt_value(option), coap_opt_length(option)), values[i]);
    }
    coap_delete_pdu(pdu);
}

static void a_writer_without_room_or_order_says_so_at_the_end(void **state)
{
    (void)state;
    uint8_t out[16];
    struct coap_writer writer;
    coap_write_start(&writer, out, 10, COAP_CON, COAP_GET, 1, NULL, 0);
    coap_write_option(&writer, COAP_URI_PATH, "toolong", 7);
    coap_write_option(&writer, COAP_URI_PATH, "", 0);
    assert_int_equal(coap_write_finish(&writer, NULL, 0), ERR_NO_SPACE);
    coap_write_start(&writer, out, sizeof out, COAP_CON, COAP_GET, 1, NULL, 0);
    coap_write_option(&writer, COAP_URI_QUERY, "", 0);
    coap_write_option(&writer, COAP_URI_PATH, "", 0);
    assert_int_equal(coap_write_finish(&writer, NULL, 0), ERR_NO_SPACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfcs_get_of_a_temperature_is_read),
        cmocka_unit_test(the_rfcs_answers_are_written),
        cmocka_unit_test(malformed_messages_are_refused),
        cmocka_unit_test(a_path_of_several_segments_is_compared_segment_by_segment),
        cmocka_unit_test(numbers_in_queries_are_read_and_bounded),
        cmocka_unit_test(block_options_carry_number_more_and_size),
        cmocka_unit_test(a_number_of_an_option_has_at_most_four_bytes),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(libcoap_reads_what_is_written),
        cmocka_unit_test(a_writer_without_room_or_order_says_so_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
