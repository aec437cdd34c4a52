/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings: RFC 8949, appendix A, for the items that occur on the maintenance port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/maintenance/cbor_map.h"

static uint8_t out[128];
static CborEncoder top, map;

static void open_map(size_t members)
{
    cbor_encoder_init(&top, out, sizeof out, 0);
    assert_int_equal(cbor_encoder_create_map(&top, &map, members), CborNoError);
}

/* Closes the map and compares; in appendix A its one key would be "a": 61 61. */
static void assert_written(const char *bytes, size_t len)
{
    cbor_map_close(&top, &map);
    assert_int_equal(cbor_map_written(&top, out), len);
    assert_memory_equal(out, bytes, len);
}

static void numbers_are_written_as_in_appendix_a(void **state)
{
    (void)state;
    const struct {
        uint64_t value;
        const char *bytes;
        size_t len;
    } examples[] = {
        {0, "\x00", 1},
        {23, "\x17", 1},
        {24, "\x18\x18", 2},
        {100, "\x18\x64", 2},
        {1000, "\x19\x03\xe8", 3},
        {1000000, "\x1a\x00\x0f\x42\x40", 5},
        {1000000000000, "\x1b\x00\x00\x00\xe8\xd4\xa5\x10\x00", 9},
    };
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        uint8_t wanted[16] = {0xA1, 0x61, 'a'};
        memcpy(wanted + 3, examples[i].bytes, examples[i].len);
        open_map(1);
        cbor_map_put_uint(&map, "a", examples[i].value);
        assert_written((const char *)wanted, 3 + examples[i].len);
    }
}

static void other_items_are_written_as_in_appendix_a(void **state)
{
    (void)state;
    open_map(5);
    cbor_map_put_bool(&map, "a", false);
    cbor_map_put_bool(&map, "b", true);
    cbor_map_put_null(&map, "c");
    cbor_map_put_text(&map, "d", "IETF");
    cbor_map_put_bytes(&map, "e", (const uint8_t *)"\1\2\3\4", 4);
    assert_written(
        "\xa5\x61\x61\xf4\x61\x62\xf5\x61\x63\xf6\x61\x64\x64\x49\x45\x54\x46\x61\x65\x44\x01\x02\x03\x04",
        24);
}

static void containers_are_written_as_in_appendix_a(void **state)
{
    (void)state;
    CborEncoder inner;
    open_map(2); /* {"a": 1, "b": [[2, 3]]}: appendix A has {"a": 1, "b": [2, 3]} */
    cbor_map_put_uint(&map, "a", 1);
    cbor_map_open_array(&map, "b", &inner, 1);
    cbor_map_put_run(&inner, 2, 3);
    cbor_map_close(&map, &inner);
    assert_written("\xa2\x61\x61\x01\x61\x62\x81\x82\x02\x03", 10);
}

static void what_does_not_fit_is_told_at_the_end(void **state)
{
    (void)state;
    cbor_encoder_init(&top, out, 8, 0);
    assert_int_equal(cbor_encoder_create_map(&top, &map, 2), CborNoError);
    cbor_map_put_text(&map, "a", "too long for it");
    cbor_map_put_uint(&map, "b", 1);
    cbor_map_close(&top, &map);
    assert_int_equal(cbor_map_written(&top, out), 0);
}

static uint32_t number;
static bool flag;

static int read_map(const char *bytes, size_t len, struct cbor_field fields[2])
{
    fields[0] = (struct cbor_field){.key = "n", .number = &number};
    fields[1] = (struct cbor_field){.key = "f", .flag = &flag};
    number = 77;
    flag = false;
    return cbor_map_read(fields, 2, (const uint8_t *)bytes, len);
}

#define READ(bytes, fields) read_map(bytes, sizeof bytes - 1, fields)

static void members_are_read_in_any_order_and_number(void **state)
{
    (void)state;
    struct cbor_field fields[2];
    assert_int_equal(READ("\xa2\x61"
                          "f\xf5\x61n\x1a\xff\xff\xff\xff",
                          fields),
                     ERR_OK);
    assert_true(fields[0].seen && fields[1].seen && flag);
    assert_int_equal(number, 0xFFFFFFFF);
    assert_int_equal(READ("\xa1\x61n\x18\x64", fields), ERR_OK);
    assert_int_equal(number, 100);
    assert_false(fields[1].seen);
    assert_int_equal(READ("\xa0", fields), ERR_OK);
    assert_int_equal(number, 77);
    assert_int_equal(READ("\xbf\x61n\x01\xff", fields), ERR_OK); /* of indefinite length */
    assert_int_equal(number, 1);
}

static int read_bytes(const char *map_bytes, size_t len, uint8_t bytes[3], size_t *bytes_read)
{
    struct cbor_field field = {.key = "b", .bytes = bytes, .bytes_len = 3, .bytes_read = bytes_read};
    return cbor_map_read(&field, 1, (const uint8_t *)map_bytes, len);
}

static void a_byte_string_has_its_length_or_at_most_that(void **state)
{
    (void)state;
    uint8_t bytes[3] = {0};
    size_t len = 9;
    assert_int_equal(read_bytes("\xa1\x61"
                                "b\x43xyz",
                                7, bytes, NULL),
                     ERR_OK);
    assert_memory_equal(bytes, "xyz", 3);
    assert_int_equal(read_bytes("\xa1\x61"
                                "b\x42pq",
                                6, bytes, NULL),
                     ERR_FORMAT);
    assert_int_equal(read_bytes("\xa1\x61"
                                "b\x42pq",
                                6, bytes, &len),
                     ERR_OK);
    assert_int_equal(len, 2);
    assert_memory_equal(bytes, "pqz", 3);
    assert_int_equal(read_bytes("\xa1\x61"
                                "b\x40",
                                4, bytes, &len),
                     ERR_OK);
    assert_int_equal(len, 0);
    assert_int_equal(read_bytes("\xa1\x61"
                                "b\x44pqrs",
                                8, bytes, &len),
                     ERR_FORMAT);
    assert_int_equal(read_bytes("\xa1\x61"
                                "b\x5f\x41p\xff",
                                7, bytes, &len),
                     ERR_FORMAT); /* in chunks */
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    struct cbor_field fields[2];
    assert_int_equal(READ("", fields), ERR_FORMAT);
    assert_int_equal(READ("\x01", fields), ERR_FORMAT);                   /* no map */
    assert_int_equal(READ("\xa1\x61x\x01", fields), ERR_FORMAT);          /* unknown key */
    assert_int_equal(READ("\xa1\x01\x01", fields), ERR_FORMAT);           /* key is no text */
    assert_int_equal(READ("\xa2\x61n\x01\x61n\x01", fields), ERR_FORMAT); /* twice */
    assert_int_equal(READ("\xa1\x61n\xf5", fields), ERR_FORMAT);          /* true is no number */
    assert_int_equal(READ("\xa1\x61n\x20", fields), ERR_FORMAT);          /* -1 */
    assert_int_equal(READ("\xa1\x61n\xf9\x3c\x00", fields), ERR_FORMAT);  /* 1.0 */
    assert_int_equal(READ("\xa1\x61n\x1b\x00\x00\x00\x01\x00\x00\x00\x00", fields), ERR_FORMAT); /* 2^32 */
    assert_int_equal(READ("\xa1\x61n\x81\x01", fields), ERR_FORMAT);                             /* [1] */
    assert_int_equal(READ("\xa1\x61n", fields), ERR_FORMAT);                                     /* cut */
    assert_int_equal(READ("\xa1\x61n\x19\x01", fields), ERR_FORMAT);                             /* cut */
    assert_int_equal(READ("\xa1\x61n\x01\x00", fields), ERR_FORMAT); /* one byte more */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_as_in_appendix_a),
        cmocka_unit_test(other_items_are_written_as_in_appendix_a),
        cmocka_unit_test(containers_are_written_as_in_appendix_a),
        cmocka_unit_test(what_does_not_fit_is_told_at_the_end),
        cmocka_unit_test(members_are_read_in_any_order_and_number),
        cmocka_unit_test(a_byte_string_has_its_length_or_at_most_that),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
