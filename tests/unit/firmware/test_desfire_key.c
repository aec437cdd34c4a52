/* SPDX-License-Identifier: Apache-2.0 */
/* Key diversification after AN10922. The first vector is the note's own (libfreefare,
 * test/test_mifare_key_deriver_an10922.c); the others were computed from the text of the note with the block
 * cipher of openssl. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/desfire/desfire_key.h"
#include "tests/fakes/hex.h"

static uint8_t key[CRYPTO_KEY_LEN];

static int read_key(void **state)
{
    (void)state;
    hex_bytes("00112233445566778899AABBCCDDEEFF", key, sizeof key);
    return 0;
}

static void assert_key(const uint8_t *made, const char *hex)
{
    uint8_t expected[CRYPTO_KEY_LEN];
    hex_bytes(hex, expected, sizeof expected);
    assert_memory_equal(made, expected, sizeof expected);
}

static void assert_card(const struct desfire_application *application, const char *uid_hex, const char *hex)
{
    uint8_t uid[READER_UID_MAX], made[CRYPTO_KEY_LEN];
    size_t uid_len = hex_bytes(uid_hex, uid, sizeof uid);
    assert_int_equal(desfire_key_of_card(application, key, uid, uid_len, made), ERR_OK);
    assert_key(made, hex);
}

static void a_card_has_the_key_of_the_application_note(void **state)
{
    (void)state;
    const struct desfire_application application = {
        .aid = {0x30, 0x42, 0xF5}, .system_id = "NXP Abu", .system_id_len = 7};
    assert_card(&application, "04782E21801D80", "A8DD63A3B89D54B37CA802473FDA9175");
    assert_card(&application, "04781234", "a6dcc74e2d63275ad816ae5e410bb7c4");
}

/* UID and AID fill no more than one block, and are still padded to two. */
static void without_a_system_identifier_uid_and_aid_are_the_input(void **state)
{
    (void)state;
    const struct desfire_application application = {.aid = {0x30, 0x42, 0xF5}};
    assert_card(&application, "04782E21801D80", "0daa19eeea04340de38a20330013090d");
}

/* Issuers do not agree on the order: LibLogicalAccess has a switch for it. */
static void an_issuer_may_write_the_aid_the_other_way_round(void **state)
{
    (void)state;
    const struct desfire_application application = {
        .aid = {0x30, 0x42, 0xF5}, .is_aid_reversed = true, .system_id = "NXP Abu", .system_id_len = 7};
    assert_card(&application, "04782E21801D80", "c53133b43c2804584d5304ff3534fd57");
}

static void an_input_of_each_length_is_padded_to_two_blocks(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        const char *key;
    } vectors[] = {{1, "281049d52ecbc8f60961993d34de3d54"},  {7, "e8b7f67c78c34af1446e331ef7e6d3ff"},
                   {10, "205151018d70b31bb4e99ee662180a76"}, {15, "5a3c7f6f0687f24f82dee7eda0970d08"},
                   {16, "feed9fbd36cdb16819a72d30bcf9240b"}, {31, "21c28cd89bb3147f66c7dbd4851cab20"}};
    uint8_t input[DESFIRE_DIVERSIFIER_MAX], made[CRYPTO_KEY_LEN];
    for (uint8_t i = 0; i < sizeof input; i++)
        input[i] = i;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        assert_int_equal(desfire_key_diversify(key, input, vectors[i].len, made), ERR_OK);
        assert_key(made, vectors[i].key);
    }
}

static void an_input_that_the_note_does_not_allow_is_refused(void **state)
{
    (void)state;
    struct desfire_application application = {.system_id_len = DESFIRE_SYSTEM_ID_MAX};
    uint8_t input[DESFIRE_DIVERSIFIER_MAX + 1] = {0}, made[CRYPTO_KEY_LEN];
    assert_int_equal(desfire_key_diversify(key, input, 0, made), ERR_ARGUMENT);
    assert_int_equal(desfire_key_diversify(key, input, sizeof input, made), ERR_ARGUMENT);
    assert_int_equal(desfire_key_of_card(&application, key, input, READER_UID_MAX, made), ERR_OK);
    assert_int_equal(desfire_key_of_card(&application, key, input, READER_UID_MAX + 1, made), ERR_ARGUMENT);
    application.system_id_len++;
    assert_int_equal(desfire_key_of_card(&application, key, input, 7, made), ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_has_the_key_of_the_application_note),
        cmocka_unit_test(without_a_system_identifier_uid_and_aid_are_the_input),
        cmocka_unit_test(an_issuer_may_write_the_aid_the_other_way_round),
        cmocka_unit_test(an_input_of_each_length_is_padded_to_two_blocks),
        cmocka_unit_test(an_input_that_the_note_does_not_allow_is_refused),
    };
    return cmocka_run_group_tests(tests, read_key, NULL);
}
