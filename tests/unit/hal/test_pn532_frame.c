/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the PN532 User Manual rev 2, 6.2.1, and lines with noise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hal/pn532/pn532_frame.h"
#include "tests/fakes/hex.h"

static struct pn532_frame_parser parser;

static int forget(void **state)
{
    (void)state;
    memset(&parser, 0, sizeof parser);
    return 0;
}

/* Feeds hex. Returns the events: "ack", "nack", "bad", or the content of a frame in hex, each followed
 * by a blank. */
static const char *parse(const char *hex)
{
    static char told[2048];
    uint8_t bytes[1024];
    const uint8_t *data;
    size_t len, count = hex_bytes(hex, bytes, sizeof bytes);
    enum pn532_frame_event event;
    told[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        pn532_frame_push(&parser, bytes[i]);
        while ((event = pn532_frame_next(&parser, &data, &len)) != PN532_FRAME_NONE) {
            if (event == PN532_FRAME_DATA)
                for (size_t at = 0; at < len; at++)
                    sprintf(told + strlen(told), "%02X", data[at]);
            strcat(told, event == PN532_FRAME_ACK    ? "ack "
                         : event == PN532_FRAME_NACK ? "nack "
                         : event == PN532_FRAME_BAD  ? "bad "
                                                     : " ");
        }
    }
    return told;
}

static void assert_encodes(const char *head, const char *data, const char *frame)
{
    uint8_t head_bytes[16], data_bytes[16], want[32], got[PN532_FRAME_MAX];
    size_t head_len = hex_bytes(head, head_bytes, sizeof head_bytes);
    size_t data_len = hex_bytes(data, data_bytes, sizeof data_bytes);
    size_t len = hex_bytes(frame, want, sizeof want);
    assert_int_equal(pn532_frame_encode(got, head_bytes, head_len, data_bytes, data_len), len);
    assert_memory_equal(got, want, len);
}

/* From real lines: the traces of libnfc for GetFirmwareVersion and InPSL (libnfc issues 500 and
 * libfreefare 110), and that of Adafruit for a MIFARE authentication. */
static void commands_are_framed_as_others_frame_them(void **state)
{
    (void)state;
    assert_encodes("02", "", "0000FF02FED4022A00");
    assert_encodes("4E", "010202", "0000FF05FBD44E010202D900");
    assert_encodes("4A0100", "", "0000FF04FCD44A0100E100");
    assert_encodes("3205FF0101", "", "0000FF06FAD43205FF0101F400");
}

static void a_frame_is_extended_only_when_it_must_be(void **state)
{
    (void)state;
    uint8_t frame[PN532_FRAME_MAX], data[PN532_FRAME_DATA_MAX] = {0};
    const uint8_t head[] = {0x40, 0x01};
    assert_int_equal(pn532_frame_encode(frame, head, 2, data, 252), 255 + 7);
    assert_memory_equal(frame, "\x00\x00\xFF\xFF\x01\xD4\x40\x01", 8);
    assert_int_equal(pn532_frame_encode(frame, head, 2, data, 253), 256 + 10);
    assert_memory_equal(frame, "\x00\x00\xFF\xFF\xFF\x01\x00\xFF\xD4\x40\x01", 11);
    assert_int_equal(pn532_frame_encode(frame, head, 2, data, 262), 265 + 10);
    assert_int_equal(pn532_frame_encode(frame, head, 2, data, 263), ERR_ARGUMENT);
    assert_int_equal(pn532_frame_encode(frame, head, 0, data, 0), ERR_ARGUMENT);
}

static void frames_of_the_chip_are_read(void **state)
{
    (void)state;
    assert_string_equal(parse("0000FF00FF00"), "ack ");
    assert_string_equal(parse("0000FFFF0000"), "nack ");
    assert_string_equal(parse("0000FF06FAD50332010607E800"), "D50332010607 ");
    assert_string_equal(parse("0000FF01FF7F8100"), "7F ");
    assert_string_equal(parse("0000FF00FF00 0000FF03FDD54100EA00"), "ack D54100 ");
    assert_string_equal(parse("0000FFFFFF0003FDD54100EA00"), "D54100 ");
}

static void a_preamble_may_be_missing_or_long(void **state)
{
    (void)state;
    assert_string_equal(parse("00FF03FDD54100EA 00000000 0000FF00FF00"), "D54100 ack ");
}

static void damage_is_told(void **state)
{
    (void)state;
    assert_string_equal(parse("0000FF03FDD54100EB00"), "bad ");
    assert_string_equal(parse("0000FF03FCD54100EA00"), "bad ");
    assert_string_equal(parse("0000FFFFFF0003FED54100EA00"), "bad ");
}

static void lengths_no_frame_has_are_refused(void **state)
{
    (void)state;
    assert_string_equal(parse("0000FF0000"), "bad ");
    assert_string_equal(parse("0000FFFFFF000000"), "bad ");
    assert_string_equal(parse("0000FFFFFF010AF5"), "bad "); /* 266 */
    assert_string_equal(parse("0000FFFFFFFF0001"), "bad ");
    assert_string_equal(parse("0000FF00FF00"), "ack ");
}

static void noise_that_looks_like_a_start_costs_no_frame(void **state)
{
    (void)state;
    assert_string_equal(parse("A5005AFF13 0000FF00FF00"), "ack ");
    assert_string_equal(parse("00FF 0000FF00FF00"), "bad ack ");
    /* eight bytes are announced, and the ACK and the answer are among them and behind them */
    assert_string_equal(parse("00FF08F8 0000FF00FF00 0000FF03FDD54100EA00"), "bad ack D54100 ");
}

static void a_frame_that_never_ends_can_be_given_up(void **state)
{
    (void)state;
    const uint8_t *data;
    size_t len;
    assert_false(pn532_frame_has_begun(&parser));
    assert_string_equal(parse("00FF20E0D541 0000FF00FF00"), "");
    assert_true(pn532_frame_has_begun(&parser));
    pn532_frame_skip(&parser);
    assert_int_equal(pn532_frame_next(&parser, &data, &len), PN532_FRAME_ACK);
    assert_int_equal(pn532_frame_next(&parser, &data, &len), PN532_FRAME_NONE);
    assert_false(pn532_frame_has_begun(&parser));
}

static void the_longest_frame_fits(void **state)
{
    (void)state;
    const uint8_t *data;
    size_t len;
    const uint8_t header[] = {0x00, 0xFF, 0xFF, 0xFF, 0x01, 0x09, 0xF6};
    for (size_t i = 0; i < sizeof header; i++)
        pn532_frame_push(&parser, header[i]);
    for (size_t i = 0; i < PN532_FRAME_DATA_MAX; i++) {
        assert_int_equal(pn532_frame_next(&parser, &data, &len), PN532_FRAME_NONE);
        pn532_frame_push(&parser, 0x00);
    }
    assert_int_equal(pn532_frame_next(&parser, &data, &len), PN532_FRAME_NONE);
    pn532_frame_push(&parser, 0x00);
    assert_int_equal(pn532_frame_next(&parser, &data, &len), PN532_FRAME_DATA);
    assert_int_equal(len, PN532_FRAME_DATA_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(commands_are_framed_as_others_frame_them, forget),
        cmocka_unit_test_setup(a_frame_is_extended_only_when_it_must_be, forget),
        cmocka_unit_test_setup(frames_of_the_chip_are_read, forget),
        cmocka_unit_test_setup(a_preamble_may_be_missing_or_long, forget),
        cmocka_unit_test_setup(damage_is_told, forget),
        cmocka_unit_test_setup(lengths_no_frame_has_are_refused, forget),
        cmocka_unit_test_setup(noise_that_looks_like_a_start_costs_no_frame, forget),
        cmocka_unit_test_setup(a_frame_that_never_ends_can_be_given_up, forget),
        cmocka_unit_test_setup(the_longest_frame_fits, forget),
    };
    return cmocka_run_group_tests_name("pn532_frame", tests, NULL, NULL);
}
