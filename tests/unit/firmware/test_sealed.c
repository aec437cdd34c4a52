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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_closed_with_the_first_bytes_of_its_cmac),
        cmocka_unit_test(a_flip_of_any_bit_is_found),
        cmocka_unit_test(a_blank_record_is_not_a_damaged_one),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
