/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/storage/owner.h"
#include "tests/fakes/nor_model.h"

enum { BASE = 65536, SECTOR = 4096 };

static const uint8_t key[CRYPTO_KEY_LEN] = "storage test key";
static const uint8_t other_key[CRYPTO_KEY_LEN] = "another gate's k";
static const struct owner nord = {"nord", {1, 2, 3, 4, 5, 6, 7, 8}};

static struct nor_model nor;
static struct store store;

static void mount(const uint8_t with[CRYPTO_KEY_LEN])
{
    assert_int_equal(store_mount(&store, &nor.flash, BASE, with), ERR_OK);
}

static void poll_until_idle(void)
{
    for (int i = 0; i < 1000 && store_poll(&store) == ERR_BUSY; i++)
        ;
}

static int set_up(void **state)
{
    (void)state;
    nor_model_init(&nor, 2 * BASE, SECTOR);
    mount(key);
    poll_until_idle();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    store_unmount(&store);
    nor_model_free(&nor);
    return 0;
}

static struct owner find(void)
{
    struct owner owner;
    assert_int_equal(owner_find(&nor.flash, BASE, &owner), ERR_OK);
    return owner;
}

static void a_chip_without_an_owner_has_none(void **state)
{
    (void)state;
    struct owner owner;
    assert_int_equal(store_set_u32(&store, STORE_ACKED, 7), ERR_OK);
    assert_int_equal(owner_find(&nor.flash, BASE, &owner), ERR_NOT_FOUND);
    assert_int_equal(owner_find(&nor.flash, 0, &owner), ERR_NOT_FOUND); /* blank */
}

static void the_owner_is_found_without_the_key(void **state)
{
    (void)state;
    assert_int_equal(owner_keep(&store, &nord), ERR_OK);
    store_unmount(&store);
    mount(other_key);
    assert_false(store_is_ready(&store));
    struct owner found = find();
    assert_true(owner_is_same(&found, &nord));
}

static void the_owner_is_found_in_either_sector(void **state)
{
    (void)state;
    assert_int_equal(owner_keep(&store, &nord), ERR_OK);
    for (uint32_t i = 0; i < 300; i++) {
        while (store_set_u32(&store, STORE_ACKED, i) == ERR_BUSY)
            poll_until_idle();
        poll_until_idle();
        struct owner found = find();
        assert_true(owner_is_same(&found, &nord));
    }
}

static void keeping_the_same_owner_writes_nothing(void **state)
{
    (void)state;
    assert_int_equal(owner_keep(&store, &nord), ERR_OK);
    uint32_t position = store_position(&store);
    assert_int_equal(owner_keep(&store, &nord), ERR_OK);
    assert_int_equal(store_position(&store), position);
}

static void the_newest_owner_counts(void **state)
{
    (void)state;
    static const struct owner sud = {"sud", {1, 2, 3, 4, 5, 6, 7, 8}};
    assert_int_equal(owner_keep(&store, &nord), ERR_OK);
    assert_int_equal(owner_keep(&store, &sud), ERR_OK);
    struct owner found = find();
    assert_true(owner_is_same(&found, &sud));
    assert_false(owner_is_same(&found, &nord));
}

static void another_site_is_another_owner(void **state)
{
    (void)state;
    struct owner elsewhere = nord;
    elsewhere.site_id[7] ^= 1;
    assert_false(owner_is_same(&nord, &elsewhere));
}

static void what_is_no_device_id_is_no_owner(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "a b", "\x1b[2J", "0123456789abcdef"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint8_t value[STORE_VALUE_LEN] = {0};
        struct owner owner;
        memcpy(value, texts[i], strlen(texts[i]));
        assert_int_equal(store_set(&store, STORE_OWNER, value), ERR_OK);
        assert_int_equal(owner_find(&nor.flash, BASE, &owner), ERR_NOT_FOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_chip_without_an_owner_has_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_owner_is_found_without_the_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_owner_is_found_in_either_sector, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeping_the_same_owner_writes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_newest_owner_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_site_is_another_owner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_device_id_is_no_owner, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
