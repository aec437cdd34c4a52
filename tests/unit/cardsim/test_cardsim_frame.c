/* SPDX-License-Identifier: Apache-2.0 */
/* Frames as in the PN532 User Manual (rev 2, 6.2.1 and 7.2), and bytes that libnfc sends. */
#include "tests/fakes/cardsim_bench.h"

static enum cardsim_frame_event push_all(struct cardsim_frame_parser *parser, const char *hex)
{
    uint8_t bytes[600];
    size_t len = from_hex(hex, bytes);
    enum cardsim_frame_event event = CARDSIM_FRAME_NONE;
    for (size_t i = 0; i < len && event == CARDSIM_FRAME_NONE; i++)
        event = cardsim_frame_push(parser, bytes[i]);
    return event;
}

static void a_command_of_libnfc_is_read(void **state)
{
    (void)state;
    struct cardsim_frame_parser parser = {0};
    assert_int_equal(push_all(&parser, "0000FF02FED4022A00"), CARDSIM_FRAME_DATA);
    assert_bytes(parser.data, parser.data_len, "D402");
    assert_int_equal(push_all(&parser, "0000FF09F7D400006C69626E6663BE00"), CARDSIM_FRAME_DATA);
    assert_bytes(parser.data, parser.data_len, "D400006C69626E6663");
}

static void wake_up_bytes_and_noise_before_a_frame_are_skipped(void **state)
{
    (void)state;
    struct cardsim_frame_parser parser = {0};
    assert_int_equal(push_all(&parser, "5555000000000000FF03FDD414011700"), CARDSIM_FRAME_DATA);
    assert_bytes(parser.data, parser.data_len, "D41401");
    assert_int_equal(push_all(&parser, "A55A13FF000000FF02FED4022A00"), CARDSIM_FRAME_DATA);
}

static void ack_and_nack_are_told_apart(void **state)
{
    (void)state;
    struct cardsim_frame_parser parser = {0};
    assert_int_equal(push_all(&parser, "0000FF00FF00"), CARDSIM_FRAME_ACK);
    assert_int_equal(push_all(&parser, "0000FFFF0000"), CARDSIM_FRAME_NACK);
}

static void an_extended_frame_is_read(void **state)
{
    (void)state;
    struct cardsim_frame_parser parser = {0};
    assert_int_equal(push_all(&parser, "0000FFFFFF0002FED4022A00"), CARDSIM_FRAME_DATA);
    assert_bytes(parser.data, parser.data_len, "D402");
}

static void a_wrong_checksum_is_refused_and_the_next_frame_read(void **state)
{
    (void)state;
    struct cardsim_frame_parser parser = {0};
    assert_int_equal(push_all(&parser, "0000FF02FDD4022A00"), CARDSIM_FRAME_BAD);
    assert_int_equal(push_all(&parser, "0000FF02FED4022B00"), CARDSIM_FRAME_BAD);
    assert_int_equal(push_all(&parser, "0000FFFFFF0002FF"), CARDSIM_FRAME_BAD);
    assert_int_equal(push_all(&parser, "0000FF02FED4022A00"), CARDSIM_FRAME_DATA);
}

static void a_length_the_chip_cannot_hold_is_refused(void **state)
{
    (void)state;
    struct cardsim_frame_parser parser = {0};
    assert_int_equal(push_all(&parser, "0000FFFFFF010AF5"), CARDSIM_FRAME_BAD); /* 266 */
    assert_int_equal(push_all(&parser, "0000FFFFFF000000"), CARDSIM_FRAME_BAD);
    assert_int_equal(push_all(&parser, "0000FFFFFF0109F6"), CARDSIM_FRAME_NONE); /* 265 */
}

static void an_answer_is_framed_as_the_chip_does(void **state)
{
    (void)state;
    uint8_t frame[CARDSIM_FRAME_MAX] = {0};
    const uint8_t version[] = {0x03, 0x32, 0x01, 0x06, 0x07};
    assert_bytes(frame, cardsim_frame_encode(frame, 0xD5, version, sizeof version),
                 "0000FF06FAD50332010607E800");
}

static void a_long_answer_uses_an_extended_frame(void **state)
{
    (void)state;
    uint8_t frame[CARDSIM_FRAME_MAX], data[CARDSIM_FRAME_DATA_MAX - 1] = {0x41};
    assert_int_equal(cardsim_frame_encode(frame, 0xD5, data, 254), 254 + 1 + 7);
    assert_bytes(frame, 5, "0000FFFF01"); /* 255 still fits a normal one */
    assert_int_equal(cardsim_frame_encode(frame, 0xD5, data, 255), 255 + 1 + 10);
    assert_bytes(frame, 8, "0000FFFFFF0100FF");
    assert_int_equal(cardsim_frame_encode(frame, 0xD5, data, sizeof data), CARDSIM_FRAME_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_of_libnfc_is_read),
        cmocka_unit_test(wake_up_bytes_and_noise_before_a_frame_are_skipped),
        cmocka_unit_test(ack_and_nack_are_told_apart),
        cmocka_unit_test(an_extended_frame_is_read),
        cmocka_unit_test(a_wrong_checksum_is_refused_and_the_next_frame_read),
        cmocka_unit_test(a_length_the_chip_cannot_hold_is_refused),
        cmocka_unit_test(an_answer_is_framed_as_the_chip_does),
        cmocka_unit_test(a_long_answer_uses_an_extended_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
