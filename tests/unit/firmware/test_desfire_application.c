/* SPDX-License-Identifier: Apache-2.0 */
/* Which tables of applications are refused, and how a generation of a key is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/desfire/desfire_application.h"

static const struct desfire_key generations[] = {{.version = 1}, {.version = 7}, {.version = 0}};
static const struct desfire_application good = {
    .len = 7, .authentication = DESFIRE_EV1_AES, .key = {.count = 3, .generations = generations}};

static int check(struct desfire_application application)
{
    return desfire_application_check(&application);
}

#define WITH(member, value)                                                                                  \
    ({                                                                                                       \
        struct desfire_application application_ = good;                                                      \
        application_.member = (value);                                                                       \
        application_;                                                                                        \
    })

static void every_member_has_its_range(void **state)
{
    (void)state;
    assert_int_equal(check(good), ERR_OK);
    assert_int_equal(check(WITH(len, 16)), ERR_OK);
    assert_int_equal(check(WITH(len, 0)), ERR_ARGUMENT);
    assert_int_equal(check(WITH(len, 17)), ERR_ARGUMENT);
    assert_int_equal(check(WITH(file, 31)), ERR_OK);
    assert_int_equal(check(WITH(file, 32)), ERR_ARGUMENT);
    assert_int_equal(check(WITH(offset, 0xFFFFFF - 7)), ERR_OK);
    assert_int_equal(check(WITH(offset, 0xFFFFFF - 6)), ERR_ARGUMENT);
    assert_int_equal(check(WITH(offset, 0xFFFFFFFF)), ERR_ARGUMENT);
    assert_int_equal(check(WITH(key.number, 13)), ERR_OK);
    assert_int_equal(check(WITH(key.number, 14)), ERR_ARGUMENT);
    assert_int_equal(check(WITH(key.count, 0)), ERR_ARGUMENT);
    assert_int_equal(check(WITH(key.generations, NULL)), ERR_ARGUMENT);
    assert_int_equal(check(WITH(uid_key.number, 14)), ERR_ARGUMENT);
    assert_int_equal(check(WITH(uid_key.count, 1)), ERR_ARGUMENT);
    assert_int_equal(check(WITH(system_id_len, 18)), ERR_OK);
    assert_int_equal(check(WITH(system_id_len, 19)), ERR_ARGUMENT);
    for (int value = 0; value < 256; value++) {
        assert_int_equal(check(WITH(authentication, (enum desfire_authentication)value)),
                         value == 0xAA   ? ERR_OK
                         : value == 0x71 ? ERR_UNSUPPORTED /* plain */
                                         : ERR_ARGUMENT);
        assert_int_equal(check(WITH(mode, (enum desfire_mode)value)),
                         value == 0 || value == 1 || value == 3 ? ERR_OK : ERR_ARGUMENT);
    }
}

/* Nothing protects a plain answer of an EV2 session. An own card whose answer is exchanged on the way would
 * be another card. */
static void a_plain_file_is_read_only_with_ev1(void **state)
{
    (void)state;
    struct desfire_application application = WITH(authentication, DESFIRE_EV2_FIRST);
    assert_int_equal(check(application), ERR_UNSUPPORTED);
    application.mode = DESFIRE_MACED;
    assert_int_equal(check(application), ERR_OK);
    application.mode = DESFIRE_ENCIPHERED;
    assert_int_equal(check(application), ERR_OK);
}

static void a_generation_is_found_by_its_version(void **state)
{
    (void)state;
    assert_ptr_equal(desfire_key_set_find(&good.key, 1), &generations[0]);
    assert_ptr_equal(desfire_key_set_find(&good.key, 7), &generations[1]);
    assert_ptr_equal(desfire_key_set_find(&good.key, 0), &generations[2]);
    assert_null(desfire_key_set_find(&good.key, 2));
    assert_null(desfire_key_set_find(&good.uid_key, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_has_its_range),
        cmocka_unit_test(a_plain_file_is_read_only_with_ev1),
        cmocka_unit_test(a_generation_is_found_by_its_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
