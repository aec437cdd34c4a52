/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors: Cheshire and Baker 1999, figure 2; and the table of Wikipedia's article on COBS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/maintenance/cobs.h"

#define VECTOR_MAX 300

struct vector {
    uint8_t plain[VECTOR_MAX], encoded[VECTOR_MAX];
    size_t plain_len, encoded_len;
};

/* Bytes first..last counting up; behind what is in `bytes` already. */
static size_t put_count(uint8_t *bytes, size_t len, unsigned first, unsigned last)
{
    for (unsigned value = first; value <= last; value++)
        bytes[len++] = (uint8_t)value;
    return len;
}

static void check(const struct vector *vector)
{
    uint8_t out[VECTOR_MAX] = {0};
    assert_int_equal(cobs_encode(out, vector->plain, vector->plain_len), vector->encoded_len);
    assert_memory_equal(out, vector->encoded, vector->encoded_len);

    struct cobs_decoder decoder = {0};
    size_t len = 0;
    for (size_t i = 0; i < vector->encoded_len; i++)
        len += cobs_decode_byte(&decoder, vector->encoded[i], &out[len]);
    assert_true(cobs_decoder_is_whole(&decoder));
    assert_int_equal(len, vector->plain_len);
    assert_memory_equal(out, vector->plain, vector->plain_len);
}

static void the_papers_example_holds(void **state)
{
    (void)state;
    check(&(struct vector){{0x45, 0x00, 0x00, 0x2C, 0x4C, 0x79, 0x00, 0x00, 0x40, 0x06, 0x4F, 0x37},
                           {0x02, 0x45, 0x01, 0x04, 0x2C, 0x4C, 0x79, 0x01, 0x05, 0x40, 0x06, 0x4F, 0x37},
                           12,
                           13});
}

static void short_packets_match_the_table(void **state)
{
    (void)state;
    static const struct vector vectors[] = {
        {{0}, {1, 1}, 1, 2},
        {{0, 0}, {1, 1, 1}, 2, 3},
        {{0, 0x11, 0}, {1, 2, 0x11, 1}, 3, 4},
        {{0x11, 0x22, 0, 0x33}, {3, 0x11, 0x22, 2, 0x33}, 4, 5},
        {{0x11, 0x22, 0x33, 0x44}, {5, 0x11, 0x22, 0x33, 0x44}, 4, 5},
        {{0x11, 0, 0, 0}, {2, 0x11, 1, 1, 1}, 4, 5},
        {{0}, {1}, 0, 1},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        check(&vectors[i]);
}

static void groups_of_254_match_the_table(void **state)
{
    (void)state;
    struct vector vector = {.encoded = {0xFF}};
    vector.plain_len = put_count(vector.plain, 0, 0x01, 0xFE);
    vector.encoded_len = put_count(vector.encoded, 1, 0x01, 0xFE);
    check(&vector);

    vector = (struct vector){.plain = {0}, .encoded = {1, 0xFF}};
    vector.plain_len = put_count(vector.plain, 1, 0x01, 0xFE);
    vector.encoded_len = put_count(vector.encoded, 2, 0x01, 0xFE);
    check(&vector);

    vector = (struct vector){.encoded = {0xFF}};
    vector.plain_len = put_count(vector.plain, 0, 0x01, 0xFF);
    vector.encoded_len = put_count(vector.encoded, 1, 0x01, 0xFE);
    vector.encoded[vector.encoded_len++] = 2;
    vector.encoded[vector.encoded_len++] = 0xFF;
    check(&vector);

    vector = (struct vector){.encoded = {0xFF}};
    vector.plain_len = put_count(vector.plain, 0, 0x02, 0xFF) + 1;
    vector.encoded_len = put_count(vector.encoded, 1, 0x02, 0xFF);
    vector.encoded[vector.encoded_len++] = 1;
    vector.encoded[vector.encoded_len++] = 1;
    check(&vector);

    vector = (struct vector){.encoded = {0xFE}};
    vector.plain_len = put_count(vector.plain, 0, 0x03, 0xFF) + 1;
    vector.plain[vector.plain_len++] = 1;
    vector.encoded_len = put_count(vector.encoded, 1, 0x03, 0xFF);
    vector.encoded[vector.encoded_len++] = 2;
    vector.encoded[vector.encoded_len++] = 1;
    check(&vector);
}

static void a_packet_cut_short_is_not_whole(void **state)
{
    (void)state;
    struct cobs_decoder decoder = {0};
    uint8_t out;
    assert_false(cobs_decoder_is_whole(&decoder));
    assert_false(cobs_decode_byte(&decoder, 3, &out));
    assert_true(cobs_decode_byte(&decoder, 0x11, &out));
    assert_false(cobs_decoder_is_whole(&decoder));
}

static void encoding_may_overlap_its_input_from_behind(void **state)
{
    (void)state;
    enum { LEN = 1400 };
    static uint8_t plain[LEN], apart[COBS_ENCODED_MAX(LEN)], shared[COBS_ENCODED_MAX(LEN)];
    for (unsigned pattern = 0; pattern < 3; pattern++) {
        for (size_t i = 0; i < LEN; i++)
            plain[i] = pattern == 0 ? 0xAA : pattern == 1 ? (uint8_t)(i % 255) : (uint8_t)(i % 3 == 0);
        size_t len = cobs_encode(apart, plain, LEN);
        memcpy(shared + sizeof shared - LEN, plain, LEN);
        assert_int_equal(cobs_encode(shared, shared + sizeof shared - LEN, LEN), len);
        assert_memory_equal(shared, apart, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_papers_example_holds),
        cmocka_unit_test(short_packets_match_the_table),
        cmocka_unit_test(groups_of_254_match_the_table),
        cmocka_unit_test(a_packet_cut_short_is_not_whole),
        cmocka_unit_test(encoding_may_overlap_its_input_from_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
