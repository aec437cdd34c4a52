/* SPDX-License-Identifier: Apache-2.0 */
/* An application of a list, with the keys that its sets name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/whitelist/card_application.h"

/* Two generations of set 2 around one of set 1. */
static const struct identity_card_key listed_keys[] = {
    {.set = 2, .version = 7, .key = {0x27}},
    {.set = 1, .version = 0, .key = {0x10}},
    {.set = 2, .version = 8, .key = {0x28}},
};
static struct card_keys keys;

static void an_application_gets_all_generations_of_its_sets(void **state)
{
    (void)state;
    const struct whitelist_application listed = {.aid = {0x30, 0x42, 0xF5},
                                                 .authentication = WHITELIST_AUTHENTICATE_EV1,
                                                 .key_number = 3,
                                                 .key_set = 2,
                                                 .file = 4,
                                                 .mode = DESFIRE_MACED,
                                                 .offset = 5,
                                                 .id_len = 6,
                                                 .flags = WHITELIST_APPLICATION_DIVERSIFIED,
                                                 .uid_key_number = 1,
                                                 .uid_key_set = 1,
                                                 .system_id_len = 2,
                                                 .system_id = {0xAB, 0xCD}};
    card_keys_take(&keys, listed_keys, 3);
    struct desfire_application made = card_application_make(&keys, &listed);
    assert_int_equal(desfire_application_check(&made), ERR_OK);
    assert_int_equal(made.key.number, 3);
    assert_int_equal(made.key.count, 2);
    assert_int_equal(made.key.generations[0].version, 7);
    assert_int_equal(made.key.generations[1].bytes[0], 0x28);
    assert_int_equal(made.uid_key.count, 1);
    assert_int_equal(made.uid_key.generations[0].bytes[0], 0x10);
    assert_memory_equal(made.aid, listed.aid, 3);
    assert_int_equal(made.authentication, DESFIRE_EV1_AES);
    assert_int_equal(made.file, 4);
    assert_int_equal(made.offset, 5);
    assert_int_equal(made.len, 6);
    assert_true(made.is_diversified && !made.is_aid_reversed);
    assert_memory_equal(made.system_id, "\xAB\xCD", 2);
}

static void a_set_without_keys_leaves_the_application_without(void **state)
{
    (void)state;
    const struct whitelist_application listed = {.key_set = 9, .id_len = 7};
    card_keys_take(&keys, listed_keys, 3);
    struct desfire_application made = card_application_make(&keys, &listed);
    assert_int_equal(made.key.count, 0);
    assert_int_equal(made.authentication, DESFIRE_EV2_FIRST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_application_gets_all_generations_of_its_sets),
        cmocka_unit_test(a_set_without_keys_leaves_the_application_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
