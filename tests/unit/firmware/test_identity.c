/* SPDX-License-Identifier: Apache-2.0 */
/* The identity block, laid out by hand from the table in identity.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/crc32.h"
#include "firmware/crypto/identity.h"
#include "tests/fakes/hex.h"

/* Public key of RFC 6979, A.2.5; its site id by
 * xxd -r -p <<<04… | openssl dgst -sha256 */
#define SITE_KEY                                                                                             \
    "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"                                     \
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
#define SITE_ID "b18b86ce1389e46d"

static uint8_t block[IDENTITY_LEN];

static void put_crc(uint8_t *bytes)
{
    uint32_t crc = crc32_compute(bytes, 260); /* test_crc32 has its vectors */
    for (int i = 0; i < 4; i++)
        bytes[260 + i] = (uint8_t)(crc >> 8 * i);
}

static int lay_out_block(void **state)
{
    (void)state;
    memset(block, 0, sizeof block);
    memcpy(block, "PTID", 4);
    block[4] = 1;
    block[5] = 2;
    hex_bytes(SITE_ID, block + 8, 8);
    memcpy(block + 16, "gate-07", 7);
    memcpy(block + 32,
           "Cantine \xc3\xa9"
           "t\xc3\xa9",
           13);
    hex_bytes(SITE_KEY, block + 64, 65);
    memset(block + 132, 0x11, 32);
    memset(block + 164, 0x22, 16);
    memset(block + 180, 0x33, 16);
    memset(block + 196, 0x4f, 16);
    memset(block + 212, 0xA5, 16);
    memset(block + 228, 0x66, 32);
    put_crc(block);
    return 0;
}

static void assert_all(const uint8_t *bytes, uint8_t value, size_t len)
{
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes[i], value);
}

static void every_field_is_read_from_its_place(void **state)
{
    (void)state;
    struct identity identity;
    assert_int_equal(identity_decode(&identity, block, sizeof block), ERR_OK);
    assert_int_equal(identity.zone, ZONE_CANTEEN);
    assert_memory_equal(identity.site_id, block + 8, 8);
    assert_string_equal(identity.device_id, "gate-07");
    assert_string_equal(identity.name, "Cantine \xc3\xa9"
                                       "t\xc3\xa9");
    assert_memory_equal(identity.site_key, block + 64, 65);
    assert_all(identity.tag_key, 0x11, 32);
    assert_all(identity.journal_key, 0x22, 16);
    assert_all(identity.storage_key, 0x33, 16);
    assert_all(identity.role_key[0], 0x4f, 16);
    assert_all(identity.role_key[1], 0xA5, 16);
    assert_all(identity.seed, 0x66, 32);
    assert_int_equal(identity.card_key_count, 0);
}

static void what_is_read_is_written_back_byte_for_byte(void **state)
{
    (void)state;
    struct identity identity;
    uint8_t again[IDENTITY_LEN_MAX];
    memset(again, 0xEE, sizeof again);
    assert_int_equal(identity_decode(&identity, block, sizeof block), ERR_OK);
    assert_int_equal(identity_encode(&identity, again), IDENTITY_LEN);
    assert_memory_equal(again, block, sizeof block);
}

static void a_flip_of_any_bit_is_refused(void **state)
{
    (void)state;
    struct identity identity, untouched;
    memset(&identity, 0x5A, sizeof identity);
    untouched = identity;
    for (size_t bit = 0; bit < 8 * sizeof block; bit++) {
        block[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_not_equal(identity_decode(&identity, block, sizeof block), ERR_OK);
        block[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_memory_equal(&identity, &untouched, sizeof identity);
}

static void any_other_length_is_refused(void **state)
{
    (void)state;
    struct identity identity;
    uint8_t longer[IDENTITY_LEN + 1] = {0};
    memcpy(longer, block, sizeof block);
    for (size_t len = 0; len <= sizeof longer; len++)
        if (len != IDENTITY_LEN)
            assert_int_equal(identity_decode(&identity, longer, len), ERR_FORMAT);
}

static int decode_with(size_t at, uint8_t value)
{
    struct identity identity;
    uint8_t changed[IDENTITY_LEN];
    memcpy(changed, block, sizeof changed);
    changed[at] = value;
    put_crc(changed);
    return identity_decode(&identity, changed, sizeof changed);
}

static void each_fault_is_named_even_under_a_good_crc(void **state)
{
    (void)state;
    assert_int_equal(decode_with(5, 2), ERR_OK);
    assert_int_equal(decode_with(0, 'Q'), ERR_FORMAT);
    assert_int_equal(decode_with(4, 3), ERR_UNSUPPORTED);
    assert_int_equal(decode_with(4, 0), ERR_UNSUPPORTED);
    assert_int_equal(decode_with(5, 0), ERR_FORMAT); /* no zone */
    assert_int_equal(decode_with(5, 3), ERR_FORMAT);
    assert_int_equal(decode_with(8, 0), ERR_SITE);      /* site id of another key */
    assert_int_equal(decode_with(70, 0x32), ERR_SITE);  /* key of another site id */
    assert_int_equal(decode_with(16, 0), ERR_FORMAT);   /* no device id */
    assert_int_equal(decode_with(31, 'x'), ERR_FORMAT); /* not terminated */
    assert_int_equal(decode_with(63, 'x'), ERR_FORMAT); /* not terminated */
    memset(block + 17, 0, 15);
    assert_int_equal(decode_with(16, 'g'), ERR_OK);
    assert_int_equal(decode_with(16, 0), ERR_FORMAT); /* an empty device id */
    put_crc(block);
    block[260] ^= 1;
    struct identity identity;
    assert_int_equal(identity_decode(&identity, block, sizeof block), ERR_CORRUPT);
}

static void reserved_bytes_must_be_zero(void **state)
{
    (void)state;
    static const size_t reserved[] = {6, 7, 129, 130, 131};
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        assert_int_equal(decode_with(reserved[i], 0x80), ERR_FORMAT);
}

static void texts_are_padded_with_nothing_but_nul(void **state)
{
    (void)state;
    assert_int_equal(decode_with(16 + 8, 'x'), ERR_FORMAT);
    assert_int_equal(decode_with(32 + 30, 'x'), ERR_FORMAT);
    assert_int_equal(decode_with(32, 0), ERR_FORMAT); /* hides the rest of the name */
}

static void the_longest_texts_fit(void **state)
{
    (void)state;
    struct identity identity;
    memcpy(block + 16, "123456789012345", 15);
    memcpy(block + 32, "1234567890123456789012345678901", 31);
    put_crc(block);
    assert_int_equal(identity_decode(&identity, block, sizeof block), ERR_OK);
    assert_string_equal(identity.device_id, "123456789012345");
    assert_string_equal(identity.name, "1234567890123456789012345678901");
}

/* ---- format 2: keys of cards ---- */

static uint8_t long_block[IDENTITY_LEN_MAX];

static void put_long_crc(void)
{
    uint32_t crc = crc32_compute(long_block, 408);
    for (int i = 0; i < 4; i++)
        long_block[408 + i] = (uint8_t)(crc >> 8 * i);
}

static int lay_out_card_keys(void **state)
{
    lay_out_block(state);
    memset(long_block, 0, sizeof long_block);
    memcpy(long_block, block, 260);
    long_block[4] = 2;
    long_block[260] = 2;
    memset(long_block + 264, 0x77, 18);
    memset(long_block + 282, 0x88, 18);
    memcpy(long_block + 264, "\x01\x00", 2);
    memcpy(long_block + 282, "\x01\x07", 2);
    put_long_crc();
    return 0;
}

static int decode_long_with(size_t at, uint8_t value)
{
    struct identity identity;
    lay_out_card_keys(NULL);
    long_block[at] = value;
    put_long_crc();
    return identity_decode(&identity, long_block, sizeof long_block);
}

static void keys_of_cards_are_read_and_written_back(void **state)
{
    (void)state;
    struct identity identity;
    uint8_t again[IDENTITY_LEN_MAX];
    memset(&identity, 0xEE, sizeof identity);
    assert_int_equal(identity_length(long_block), 412);
    assert_int_equal(identity_decode(&identity, long_block, sizeof long_block), ERR_OK);
    assert_string_equal(identity.device_id, "gate-07");
    assert_int_equal(identity.card_key_count, 2);
    assert_int_equal(identity.card_keys[0].set, 1);
    assert_int_equal(identity.card_keys[0].version, 0);
    assert_all(identity.card_keys[0].key, 0x77, 16);
    assert_int_equal(identity.card_keys[1].version, 7);
    assert_all(identity.card_keys[1].key, 0x88, 16);
    assert_int_equal(identity_encode(&identity, again), IDENTITY_LEN_MAX);
    assert_memory_equal(again, long_block, sizeof again);
    assert_int_equal(identity_decode(&identity, block, sizeof block), ERR_OK);
    assert_int_equal(identity.card_key_count, 0);
}

static void each_fault_of_the_card_keys_is_refused(void **state)
{
    (void)state;
    struct identity identity;
    assert_int_equal(decode_long_with(4, 2), ERR_OK);
    assert_int_equal(decode_long_with(4, 1), ERR_FORMAT);   /* too long for format 1 */
    assert_int_equal(decode_long_with(260, 0), ERR_FORMAT); /* no key */
    assert_int_equal(decode_long_with(260, 1), ERR_FORMAT); /* a key beyond the count */
    assert_int_equal(decode_long_with(260, 3), ERR_FORMAT); /* a key without a set */
    assert_int_equal(decode_long_with(260, 9), ERR_FORMAT);
    assert_int_equal(decode_long_with(261, 1), ERR_FORMAT);
    assert_int_equal(decode_long_with(283, 0), ERR_FORMAT); /* the version of the key before */
    assert_int_equal(decode_long_with(407, 1), ERR_FORMAT);
    lay_out_card_keys(NULL);
    for (size_t bit = 0; bit < 8 * sizeof long_block; bit++) {
        long_block[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_not_equal(identity_decode(&identity, long_block, sizeof long_block), ERR_OK);
        long_block[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    for (size_t len = 0; len < sizeof long_block; len++)
        assert_int_not_equal(identity_decode(&identity, long_block, len), ERR_OK);
}

static void role_keys_are_told_as_lower_case_hex(void **state)
{
    (void)state;
    struct identity identity;
    char psk[IDENTITY_PSK_LEN + 1];
    assert_int_equal(identity_decode(&identity, block, sizeof block), ERR_OK);
    assert_int_equal(identity_psk(&identity, ROLE_MAINTENANCE, psk), ERR_OK);
    assert_string_equal(psk, "4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f");
    assert_int_equal(identity_psk(&identity, ROLE_TECHNICIAN, psk), ERR_OK);
    assert_string_equal(psk, "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
    assert_int_equal(identity_psk(&identity, ROLE_NONE, psk), ERR_ARGUMENT);
    assert_int_equal(identity_psk(&identity, (enum role)3, psk), ERR_ARGUMENT);
}

static enum role role_of(const char *name)
{
    return role_from_name((const uint8_t *)name, strlen(name));
}

static void only_the_exact_role_names_are_roles(void **state)
{
    (void)state;
    assert_int_equal(role_of("maintenance"), ROLE_MAINTENANCE);
    assert_int_equal(role_of("technician"), ROLE_TECHNICIAN);
    static const char *const others[] = {"",     "Maintenance", "maintenanc", "maintenance ", "technicians",
                                         "none", "technicia\n", "root"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(role_of(others[i]), ROLE_NONE);
    assert_int_equal(role_from_name((const uint8_t *)"maintenance\0", 12), ROLE_NONE);
    assert_null(role_name(ROLE_NONE));
    assert_string_equal(zone_name(ZONE_BUILDING), "building");
    assert_string_equal(zone_name(ZONE_CANTEEN), "canteen");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_field_is_read_from_its_place, lay_out_block),
        cmocka_unit_test_setup(what_is_read_is_written_back_byte_for_byte, lay_out_block),
        cmocka_unit_test_setup(a_flip_of_any_bit_is_refused, lay_out_block),
        cmocka_unit_test_setup(any_other_length_is_refused, lay_out_block),
        cmocka_unit_test_setup(each_fault_is_named_even_under_a_good_crc, lay_out_block),
        cmocka_unit_test_setup(reserved_bytes_must_be_zero, lay_out_block),
        cmocka_unit_test_setup(texts_are_padded_with_nothing_but_nul, lay_out_block),
        cmocka_unit_test_setup(the_longest_texts_fit, lay_out_block),
        cmocka_unit_test_setup(keys_of_cards_are_read_and_written_back, lay_out_card_keys),
        cmocka_unit_test_setup(each_fault_of_the_card_keys_is_refused, lay_out_card_keys),
        cmocka_unit_test_setup(role_keys_are_told_as_lower_case_hex, lay_out_block),
        cmocka_unit_test(only_the_exact_role_names_are_roles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
