/* SPDX-License-Identifier: Apache-2.0 */
/* The encoded frames were computed with Python's zlib.crc32; they hold no long COBS group. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/base/crc32.h"
#include "firmware/maintenance/frame.h"

static struct frame_decoder decoder;

static int start(void **state)
{
    (void)state;
    frame_decoder_init(&decoder);
    return 0;
}

/* Feeds bytes; the last frame among them is in *frame. Returns how many frames came. */
static unsigned feed(const void *bytes, size_t len, struct frame *frame)
{
    const uint8_t *at = bytes;
    unsigned count = 0;
    struct frame one;
    *frame = (struct frame){0};
    for (size_t taken = 0; taken < len;) {
        taken += frame_decode(&decoder, at + taken, len - taken, &one);
        if (one.payload != NULL) {
            *frame = one;
            count++;
        }
    }
    return count;
}

static const uint8_t abc[] = {0x00, 0x09, 0x01, 0x61, 0x62, 0x63, 0xA9, 0x20, 0x9D, 0x53, 0x00};
static const uint8_t empty[] = {0x00, 0x06, 0x01, 0x1B, 0xDF, 0x05, 0xA5, 0x00};
static const uint8_t zeros[] = {0x00, 0x02, 0x02, 0x01, 0x05, 0x7C, 0x0D, 0xC5, 0xFC, 0x00};

static void assert_abc(const struct frame *frame)
{
    assert_non_null(frame->payload);
    assert_int_equal(frame->channel, 1);
    assert_int_equal(frame->len, 3);
    assert_memory_equal(frame->payload, "abc", 3);
}

static void frames_are_written_as_computed_elsewhere(void **state)
{
    (void)state;
    uint8_t out[64];
    assert_int_equal(frame_encode(1, (const uint8_t *)"abc", 3, out, sizeof out), sizeof abc);
    assert_memory_equal(out, abc, sizeof abc);
    assert_int_equal(frame_encode(1, NULL, 0, out, sizeof out), sizeof empty);
    assert_memory_equal(out, empty, sizeof empty);
    assert_int_equal(frame_encode(2, (const uint8_t[]){0, 0}, 2, out, sizeof out), sizeof zeros);
    assert_memory_equal(out, zeros, sizeof zeros);
}

static void frames_are_read_whole_or_byte_by_byte(void **state)
{
    (void)state;
    struct frame frame;
    assert_int_equal(feed(abc, sizeof abc, &frame), 1);
    assert_abc(&frame);
    assert_int_equal(feed(zeros, sizeof zeros, &frame), 1);
    assert_int_equal(frame.channel, 2);
    assert_int_equal(frame.len, 2);
    unsigned count = 0;
    for (size_t i = 0; i < sizeof abc; i++) {
        count += feed(abc + i, 1, &frame);
    }
    assert_int_equal(count, 1);
    assert_abc(&frame);
}

static void the_bytes_after_a_frame_are_left_for_the_next_call(void **state)
{
    (void)state;
    uint8_t two[2 * sizeof abc];
    struct frame frame;
    memcpy(two, abc, sizeof abc);
    memcpy(two + sizeof abc, abc, sizeof abc);
    assert_int_equal(frame_decode(&decoder, two, sizeof two, &frame), sizeof abc);
    assert_abc(&frame);
    assert_int_equal(frame_decode(&decoder, two + sizeof abc, sizeof abc, &frame), sizeof abc);
    assert_abc(&frame);
}

static void noise_before_a_frame_does_not_cost_the_frame(void **state)
{
    (void)state;
    struct frame frame;
    assert_int_equal(feed("\x55\xFF garbage", 10, &frame), 0);
    assert_int_equal(feed(abc, sizeof abc, &frame), 1);
    assert_abc(&frame);
    assert_int_equal(decoder.bad_count, 1);
    assert_int_equal(decoder.good_count, 1);
}

static void every_flipped_bit_is_noticed(void **state)
{
    (void)state;
    for (size_t bit = 8; bit < 8 * (sizeof abc - 1); bit++) {
        uint8_t bad[sizeof abc];
        struct frame frame;
        memcpy(bad, abc, sizeof abc);
        bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(feed(bad, sizeof bad, &frame), 0);
        assert_int_equal(feed(abc, sizeof abc, &frame), 1);
    }
}

static void half_a_frame_is_dropped_and_the_next_one_read(void **state)
{
    (void)state;
    struct frame frame;
    assert_int_equal(feed(abc, 5, &frame), 0);
    assert_true(frame_decoder_is_midway(&decoder));
    assert_int_equal(feed(abc, sizeof abc, &frame), 1);
    assert_abc(&frame);
    assert_int_equal(decoder.bad_count, 1);
}

static void a_frame_of_64_kib_is_dropped(void **state)
{
    (void)state;
    static uint8_t large[65536];
    struct frame frame;
    memset(large, 0xFF, sizeof large);
    assert_int_equal(feed(large, sizeof large, &frame), 0);
    assert_int_equal(feed(abc, sizeof abc, &frame), 1);
    assert_abc(&frame);
    assert_int_equal(decoder.bad_count, 1);
}

static void the_largest_payload_passes_and_one_more_does_not(void **state)
{
    (void)state;
    static uint8_t payload[FRAME_PAYLOAD_MAX + 1], out[FRAME_ENCODED_MAX(FRAME_PAYLOAD_MAX + 1)];
    struct frame frame;
    memset(payload, 0x5A, sizeof payload);
    assert_int_equal(frame_encode(1, payload, sizeof payload, out, sizeof out), 0);
    assert_int_equal(frame_encode(1, payload, 10, out, FRAME_ENCODED_MAX(10) - 1), 0);
    size_t len = frame_encode(1, payload, FRAME_PAYLOAD_MAX, out, FRAME_ENCODED_MAX(FRAME_PAYLOAD_MAX));
    assert_int_not_equal(len, 0);
    assert_int_equal(feed(out, len, &frame), 1);
    assert_int_equal(frame.len, FRAME_PAYLOAD_MAX);
    assert_memory_equal(frame.payload, payload, FRAME_PAYLOAD_MAX);
}

static void a_frame_that_goes_on_behind_a_good_one_is_dropped(void **state)
{
    (void)state;
    static uint8_t raw[FRAME_PAYLOAD_MAX + FRAME_OVERHEAD + 1], out[COBS_ENCODED_MAX(sizeof raw) + 1];
    struct frame frame;
    memset(raw, 0x5A, sizeof raw);
    bytes_put_u32(raw + 1 + FRAME_PAYLOAD_MAX, crc32_compute(raw, 1 + FRAME_PAYLOAD_MAX));
    size_t len = cobs_encode(out, raw, sizeof raw - 1);
    out[len++] = 0;
    assert_int_equal(feed(out, len, &frame), 1);
    len = cobs_encode(out, raw, sizeof raw);
    out[len++] = 0;
    assert_int_equal(feed(out, len, &frame), 0);
    assert_int_equal(decoder.bad_count, 1);
}

static void enter_is_told_from_a_frame_that_begins_like_it(void **state)
{
    (void)state;
    struct frame frame;
    assert_false(frame_decoder_is_newline(&decoder));
    feed("\r\n", 2, &frame);
    assert_true(frame_decoder_is_newline(&decoder));
    frame_decoder_drop(&decoder);
    assert_int_equal(decoder.bad_count, 0);
    assert_false(frame_decoder_is_midway(&decoder));
    feed("\r\x01", 2, &frame);
    assert_false(frame_decoder_is_newline(&decoder));
    frame_decoder_drop(&decoder);
    assert_int_equal(decoder.bad_count, 1);
    assert_int_equal(feed(abc, sizeof abc, &frame), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(frames_are_written_as_computed_elsewhere, start),
        cmocka_unit_test_setup(frames_are_read_whole_or_byte_by_byte, start),
        cmocka_unit_test_setup(the_bytes_after_a_frame_are_left_for_the_next_call, start),
        cmocka_unit_test_setup(noise_before_a_frame_does_not_cost_the_frame, start),
        cmocka_unit_test_setup(every_flipped_bit_is_noticed, start),
        cmocka_unit_test_setup(half_a_frame_is_dropped_and_the_next_one_read, start),
        cmocka_unit_test_setup(a_frame_of_64_kib_is_dropped, start),
        cmocka_unit_test_setup(the_largest_payload_passes_and_one_more_does_not, start),
        cmocka_unit_test_setup(a_frame_that_goes_on_behind_a_good_one_is_dropped, start),
        cmocka_unit_test_setup(enter_is_told_from_a_frame_that_begins_like_it, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
