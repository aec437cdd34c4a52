/* SPDX-License-Identifier: Apache-2.0 */
/* Tags against openssl. Each expected value is the first 16 digits of
 *   printf <encoded credential> | xxd -r -p |
 *       openssl dgst -sha256 -mac hmac -macopt hexkey:000102…1e1f */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/crypto/tag.h"
#include "tests/fakes/hex.h"

static const struct {
    const char *uid, *encoded, *tag;
} vectors[] = {
    {"4ed0b123", "0101044ed0b123", "e4dc2c2b9412bb3c"},
    {"04ed0b12", "01010404ed0b12", "2f1a2a2aefba2904"},
    {"04ed0b00", "01010404ed0b00", "542e8dd13a61de83"},
    {"4ed0b000", "0101044ed0b000", "7f42385a851af3b4"},
    {"0404ed0b123456", "0101070404ed0b123456", "71f4a39737e171ea"},
    {"04ed0b12345600", "01010704ed0b12345600", "8d13157c80d70dd0"},
    {"0004ed0b123456", "0101070004ed0b123456", "83129111ef7e2f5e"},
    {"0102030405060708090a", "01010a0102030405060708090a", "15d51e4ce5ce48de"},
};

static struct tag tag_of(const uint8_t *uid, size_t uid_len, uint8_t first_key_byte)
{
    uint8_t key[IDENTITY_TAG_KEY_LEN];
    struct credential credential;
    struct tag tag;
    for (uint8_t i = 0; i < sizeof key; i++)
        key[i] = i;
    key[0] = first_key_byte;
    assert_int_equal(credential_from_uid(&credential, uid, uid_len), ERR_OK);
    assert_int_equal(tag_from_credential(&tag, key, &credential), ERR_OK);
    return tag;
}

static void a_tag_is_the_start_of_the_hmac_that_openssl_computes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint8_t uid[10], expected[TAG_LEN];
        size_t uid_len = hex_bytes(vectors[i].uid, uid, sizeof uid);
        hex_bytes(vectors[i].tag, expected, sizeof expected);
        struct tag tag = tag_of(uid, uid_len, 0);
        assert_memory_equal(tag.bytes, expected, TAG_LEN);
    }
}

/* 04 ED 0B and 4 ED B, printed without leading zeros, look the same; so do numbers with zeros in front. */
static void uids_that_differ_by_a_zero_or_a_length_share_no_tag(void **state)
{
    (void)state;
    static const char *const alike[] = {
        "04ed0b00",       "4ed0b000",       "004ed0b0",       "0004ed0b",
        "00000004ed0b00", "04ed0b00000000", "0004ed0b000000", "00000000000004ed0b00"};
    enum { COUNT = sizeof alike / sizeof alike[0] };
    struct tag tags[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t uid[10];
        size_t uid_len = hex_bytes(alike[i], uid, sizeof uid);
        tags[i] = tag_of(uid, uid_len, 0);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(tags[i].bytes, tags[j].bytes, TAG_LEN);
    }
}

static void another_site_knows_the_same_card_by_another_tag(void **state)
{
    (void)state;
    static const uint8_t uid[] = {0x4e, 0xd0, 0xb1, 0x23};
    struct tag here = tag_of(uid, sizeof uid, 0), there = tag_of(uid, sizeof uid, 1);
    assert_memory_not_equal(here.bytes, there.bytes, TAG_LEN);
}

static void what_was_read_another_way_is_another_credential(void **state)
{
    (void)state;
    static const uint8_t key[IDENTITY_TAG_KEY_LEN];
    struct credential uid = {.technology = CREDENTIAL_ISO14443A, .method = CREDENTIAL_UID, .id_len = 7};
    struct credential application = uid;
    struct tag a, b;
    application.method = CREDENTIAL_DESFIRE;
    assert_int_equal(tag_from_credential(&a, key, &uid), ERR_OK);
    assert_int_equal(tag_from_credential(&b, key, &application), ERR_OK);
    assert_memory_not_equal(a.bytes, b.bytes, TAG_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tag_is_the_start_of_the_hmac_that_openssl_computes),
        cmocka_unit_test(uids_that_differ_by_a_zero_or_a_length_share_no_tag),
        cmocka_unit_test(another_site_knows_the_same_card_by_another_tag),
        cmocka_unit_test(what_was_read_another_way_is_another_credential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
