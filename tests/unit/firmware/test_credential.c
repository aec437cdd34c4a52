/* SPDX-License-Identifier: Apache-2.0 */
/* From a UID to the canonical bytes that tags are computed from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/crypto/credential.h"
#include "tests/fakes/hex.h"

static void assert_encoded(const char *uid_hex, const char *encoded_hex)
{
    struct credential credential;
    uint8_t uid[10], expected[16], encoded[CREDENTIAL_ENCODED_MAX];
    size_t uid_len = hex_bytes(uid_hex, uid, sizeof uid);
    size_t expected_len = hex_bytes(encoded_hex, expected, sizeof expected);
    assert_int_equal(credential_from_uid(&credential, uid, uid_len), ERR_OK);
    assert_int_equal(credential_encode(&credential, encoded), expected_len);
    assert_memory_equal(encoded, expected, expected_len);
}

static void single_double_and_triple_size_uids_are_encoded_with_their_length(void **state)
{
    (void)state;
    assert_encoded("4ed0b123", "01 01 04 4ed0b123");
    assert_encoded("04ed0b12345680", "01 01 07 04ed0b12345680");
    assert_encoded("01020304050607080900", "01 01 0a 01020304050607080900");
}

static void leading_and_trailing_zero_bytes_are_kept(void **state)
{
    (void)state;
    assert_encoded("04ed0b00", "01 01 04 04ed0b00");
    assert_encoded("0004ed0b", "01 01 04 0004ed0b");
    assert_encoded("00000100", "01 01 04 00000100");
    assert_encoded("00000000000000", "01 01 07 00000000000000");
}

static void a_length_that_iso_14443_does_not_know_is_refused(void **state)
{
    (void)state;
    struct credential credential;
    uint8_t uid[16] = {0x04, 0x01, 0x02};
    for (size_t len = 0; len <= sizeof uid; len++)
        if (len != 4 && len != 7 && len != 10)
            assert_int_equal(credential_from_uid(&credential, uid, len), ERR_FORMAT);
}

/* ISO/IEC 14443-3, 6.5.4: a single-size UID that begins with 08 is a random number; others are not. */
static void a_random_uid_is_refused_and_told_apart(void **state)
{
    (void)state;
    struct credential credential;
    uint8_t uid[10] = {0x08, 0x11, 0x22, 0x33};
    assert_int_equal(credential_from_uid(&credential, uid, 4), ERR_UNSUPPORTED);
    assert_int_equal(credential_from_uid(&credential, uid, 7), ERR_OK);
    assert_int_equal(credential_from_uid(&credential, uid, 10), ERR_OK);
    for (unsigned first = 0; first < 256; first++) {
        uid[0] = (uint8_t)first;
        assert_int_equal(credential_from_uid(&credential, uid, 4), first == 8 ? ERR_UNSUPPORTED : ERR_OK);
    }
}

/* The first is what phones and boards with an NXP PN71xx show; the others are blank and clone cards. */
static void a_uid_that_many_devices_show_is_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t uid[10];
        size_t len;
    } shared[] = {{{1, 2, 3, 4}, 4},
                  {{4, 3, 2, 1}, 4},
                  {{0xFF, 0xFF, 0xFF, 0xFF}, 4},
                  {{0xAA, 0x55, 0xC3, 0x96}, 4},
                  {{0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06}, 7}};
    struct credential credential;
    uint8_t uid[10];
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        memcpy(uid, shared[i].uid, sizeof uid);
        assert_int_equal(credential_from_uid(&credential, uid, shared[i].len), ERR_UNSUPPORTED);
        assert_true(credential_is_shared_uid(uid, shared[i].len));
        assert_false(credential_is_random_uid(uid, shared[i].len));
        for (size_t at = 0; at < shared[i].len; at++) { /* every neighbour is a card of its own */
            uid[at] ^= 0x80;
            assert_int_equal(credential_from_uid(&credential, uid, shared[i].len), ERR_OK);
            uid[at] ^= 0x80;
        }
        assert_int_equal(credential_from_uid(&credential, uid, shared[i].len == 4 ? 7 : 10), ERR_OK);
    }
}

static void the_identifier_of_a_desfire_card_is_encoded_with_its_method_and_length(void **state)
{
    (void)state;
    struct credential credential;
    static const uint8_t aid[] = {0xF5, 0x42, 0x30};
    uint8_t id[CREDENTIAL_ID_MAX + 1], expected[32], encoded[CREDENTIAL_ENCODED_MAX];
    size_t expected_len = hex_bytes("01 02 07 f54230 04ed0b12345680", expected, sizeof expected);
    hex_bytes("04ed0b12345680", id, sizeof id);
    assert_int_equal(credential_from_desfire(&credential, aid, id, 7), ERR_OK);
    assert_int_equal(credential_encode(&credential, encoded), expected_len);
    assert_memory_equal(encoded, expected, expected_len);
    hex_bytes("123e4567e89b12d3a456426614174000", id, sizeof id); /* a UUID: as long as one can be */
    expected_len = hex_bytes("01 02 10 f54230 123e4567e89b12d3a456426614174000", expected, sizeof expected);
    assert_int_equal(credential_from_desfire(&credential, aid, id, 16), ERR_OK);
    assert_int_equal(credential_encode(&credential, encoded), expected_len);
    assert_memory_equal(encoded, expected, expected_len);
    assert_int_equal(credential_from_desfire(&credential, aid, id, 0), ERR_FORMAT);
    assert_int_equal(credential_from_desfire(&credential, aid, id, sizeof id), ERR_FORMAT);
}

/* A file that nobody wrote is all zeros; erased memory may be all ones. Both would be one card for many. */
static void a_file_that_was_never_written_is_no_identifier(void **state)
{
    (void)state;
    struct credential credential;
    static const uint8_t aid[] = {0xF5, 0x42, 0x30};
    uint8_t id[CREDENTIAL_ID_MAX];
    for (size_t len = 1; len <= sizeof id; len++) {
        memset(id, 0x00, sizeof id);
        assert_int_equal(credential_from_desfire(&credential, aid, id, len), ERR_UNSUPPORTED);
        id[len - 1] = 1;
        assert_int_equal(credential_from_desfire(&credential, aid, id, len), ERR_OK);
        memset(id, 0xFF, sizeof id);
        assert_int_equal(credential_from_desfire(&credential, aid, id, len), ERR_UNSUPPORTED);
        id[0] = 0x11;
        assert_int_equal(credential_from_desfire(&credential, aid, id, len), ERR_OK);
        memset(id, 0x11, sizeof id);
        assert_int_equal(credential_from_desfire(&credential, aid, id, len), ERR_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_double_and_triple_size_uids_are_encoded_with_their_length),
        cmocka_unit_test(leading_and_trailing_zero_bytes_are_kept),
        cmocka_unit_test(a_length_that_iso_14443_does_not_know_is_refused),
        cmocka_unit_test(a_random_uid_is_refused_and_told_apart),
        cmocka_unit_test(a_uid_that_many_devices_show_is_refused),
        cmocka_unit_test(the_identifier_of_a_desfire_card_is_encoded_with_its_method_and_length),
        cmocka_unit_test(a_file_that_was_never_written_is_no_identifier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
