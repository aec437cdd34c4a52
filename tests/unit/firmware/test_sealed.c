/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/storage/sealed.h"
#include "tests/fakes/hex.h"

/* The key of RFC 4493, 4. The MAC was made with OpenSSL 3.0:
 * openssl mac -cipher AES-128-CBC -macopt hexkey:2b7e151628aed2a6abf7158809cf4f3c -in content CMAC */
static const char key_hex[] = "2b7e151628aed2a6abf7158809cf4f3c";
static const char record_hex[] = "000102030405060708090a0b0c0d0e0f1011121314151617 2a8574da1a6d949c";

static crypto_mac mac;

static int setup(void **state)
{
    (void)state;
    uint8_t key[CRYPTO_KEY_LEN];
    hex_bytes(key_hex, key, sizeof key);
    return crypto_mac_init(&mac, key) == ERR_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    crypto_mac_free(&mac);
    return 0;
}

static void a_record_is_closed_with_the_first_bytes_of_its_cmac(void **state)
{
    (void)state;
    uint8_t expected[SEALED_LEN], record[SEALED_LEN] = {0};
    hex_bytes(record_hex, expected, sizeof expected);
    memcpy(record, expected, SEALED_CONTENT_LEN);
    assert_int_equal(sealed_close(&mac, record), ERR_OK);
    assert_memory_equal(record, expected, sizeof record);
    assert_int_equal(sealed_check(&mac, record), ERR_OK);
}

static void a_flip_of_any_bit_is_found(void **state)
{
    (void)state;
    uint8_t record[SEALED_LEN];
    hex_bytes(record_hex, record, sizeof record);
    for (size_t bit = 0; bit < 8 * sizeof record; bit++) {
        record[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(sealed_check(&mac, record), ERR_CORRUPT);
        record[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void a_blank_record_is_not_a_damaged_one(void **state)
{
    (void)state;
    uint8_t record[SEALED_LEN];
    memset(record, 0xFF, sizeof record);
    assert_int_equal(sealed_check(&mac, record), ERR_NOT_FOUND);
    for (size_t at = 0; at < sizeof record; at++) {
        record[at] = 0xFE;
        assert_int_equal(sealed_check(&mac, record), ERR_CORRUPT);
        record[at] = 0xFF;
    }
}

/* Bytes 0 to 3 and 8 are known. */
static const struct sealed_known known = {.bytes = 0x10F, .content = {0, 1, 2, 3, [8] = 8}};

static void each_single_flip_is_corrected(void **state)
{
    (void)state;
    uint8_t expected[SEALED_LEN], record[SEALED_LEN];
    hex_bytes(record_hex, expected, sizeof expected);
    static const struct sealed_known nothing = {0};
    for (size_t bit = 0; bit < 8 * sizeof record; bit++) {
        memcpy(record, expected, sizeof record);
        record[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_true(sealed_is_near(record, &known));
        assert_int_equal(sealed_correct(&mac, record, bit % 2 == 0 ? &known : &nothing), ERR_OK);
        assert_memory_equal(record, expected, sizeof record);
    }
    assert_int_equal(sealed_correct(&mac, record, &known), ERR_OK);
    assert_memory_equal(record, expected, sizeof record);
}

static void two_flips_are_not_corrected_and_change_nothing(void **state)
{
    (void)state;
    uint8_t record[SEALED_LEN], damaged[SEALED_LEN];
    hex_bytes(record_hex, record, sizeof record);
    for (size_t bit = 0; bit < 8 * sizeof record; bit++) {
        size_t other = (bit + 77) % (8 * sizeof record);
        memcpy(damaged, record, sizeof damaged);
        damaged[bit / 8] ^= (uint8_t)(1U << bit % 8);
        damaged[other / 8] ^= (uint8_t)(1U << other % 8);
        uint8_t tried[SEALED_LEN];
        memcpy(tried, damaged, sizeof tried);
        assert_int_equal(sealed_correct(&mac, tried, &known), ERR_CORRUPT);
        assert_memory_equal(tried, damaged, sizeof tried);
    }
}

static void a_record_with_another_known_byte_is_not_near(void **state)
{
    (void)state;
    uint8_t record[SEALED_LEN];
    hex_bytes(record_hex, record, sizeof record);
    record[8] ^= 3;
    assert_false(sealed_is_near(record, &known));
    record[8] ^= 1;
    assert_true(sealed_is_near(record, &known));
    record[0] ^= 1;
    assert_false(sealed_is_near(record, &known));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_closed_with_the_first_bytes_of_its_cmac),
        cmocka_unit_test(a_flip_of_any_bit_is_found),
        cmocka_unit_test(a_blank_record_is_not_a_damaged_one),
        cmocka_unit_test(each_single_flip_is_corrected),
        cmocka_unit_test(two_flips_are_not_corrected_and_change_nothing),
        cmocka_unit_test(a_record_with_another_known_byte_is_not_near),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
