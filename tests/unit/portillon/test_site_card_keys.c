/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of cards in a site folder. Derived keys are from `openssl kdf`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fakes/hex.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/site/site_card_keys.h"

static char folder[64], path[96];
static uint8_t master[SITE_KEYS_MASTER_LEN]; /* 00 01 .. 1F */
static struct site_card_keys keys;

static int make_folder(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof master; i++)
        master[i] = (uint8_t)i;
    memset(&keys, 0, sizeof keys);
    strcpy(folder, "/tmp/test_site_card_keys.XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/card-keys", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static int read_text(const char *text)
{
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600), ERR_OK);
    return site_card_keys_read(folder, "test", master, &keys);
}

static void assert_key(int i, uint8_t set, uint8_t version, const char *hex)
{
    uint8_t expected[16];
    assert_int_equal(hex_bytes(hex, expected, sizeof expected), 16);
    assert_int_equal(keys.keys[i].set, set);
    assert_int_equal(keys.keys[i].version, version);
    assert_memory_equal(keys.keys[i].key, expected, 16);
}

static void a_site_without_the_file_has_no_keys(void **state)
{
    (void)state;
    keys.count = 5;
    assert_int_equal(site_card_keys_read(folder, "test", master, &keys), ERR_OK);
    assert_int_equal(keys.count, 0);
}

static void keys_are_derived_or_read_in_their_order(void **state)
{
    (void)state;
    assert_int_equal(read_text("# the keys\r\n\n3 200 = derived # soon\n"
                               "1 0 = derived\n2 0 = 00112233445566778899aabbccddeeff"),
                     ERR_OK);
    assert_int_equal(keys.count, 3);
    assert_key(0, 1, 0, "643762bb39aaa661648d12d6f82b270f");
    assert_key(1, 2, 0, "00112233445566778899aabbccddeeff");
    assert_key(2, 3, 200, "47a0a5c187b41952af43750dc5f10602");
    assert_int_equal(site_card_keys_newest(&keys, 3), 200);
    assert_int_equal(site_card_keys_newest(&keys, 4), -1);
}

static void what_is_written_is_read_back_and_only_the_owner_reads_it(void **state)
{
    (void)state;
    static const uint8_t foreign[16] = {0xA5, [15] = 0x5A};
    struct stat status;
    assert_int_equal(site_card_keys_add(&keys, master, 2, 1, foreign), ERR_OK);
    assert_int_equal(site_card_keys_add(&keys, master, 1, 0, NULL), ERR_OK);
    assert_int_equal(site_card_keys_write(folder, "test", &keys), ERR_OK);
    memset(&keys, 0xEE, sizeof keys);
    assert_int_equal(site_card_keys_read(folder, "test", master, &keys), ERR_OK);
    assert_int_equal(keys.count, 2);
    assert_key(0, 1, 0, "643762bb39aaa661648d12d6f82b270f");
    assert_memory_equal(keys.keys[1].key, foreign, 16);
    assert_false(keys.is_derived[1]);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_key_is_added_once_and_removed_once(void **state)
{
    (void)state;
    for (uint8_t version = 0; version < 8; version++)
        assert_int_equal(site_card_keys_add(&keys, master, 1, version, NULL), ERR_OK);
    assert_int_equal(site_card_keys_add(&keys, master, 1, 3, NULL), ERR_ARGUMENT);
    assert_int_equal(site_card_keys_add(&keys, master, 0, 3, NULL), ERR_ARGUMENT);
    assert_int_equal(site_card_keys_add(&keys, master, 2, 0, NULL), ERR_NO_SPACE);
    assert_int_equal(site_card_keys_remove(&keys, 1, 3), ERR_OK);
    assert_int_equal(site_card_keys_remove(&keys, 1, 3), ERR_NOT_FOUND);
    assert_int_equal(keys.count, 7);
    assert_int_equal(keys.keys[3].version, 4);
    assert_int_equal(keys.keys[6].version, 7);
    assert_int_equal(site_card_keys_remove(&keys, 2, 0), ERR_NOT_FOUND);
}

static void a_bad_line_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "1 = derived\n",
        "1 0 derived\n",
        "0 0 = derived\n",
        "256 0 = derived\n",
        "1 256 = derived\n",
        "1 0 = derive\n",
        "1 0 = derived too\n",
        "1 0 = 00112233445566778899aabbccddee\n",
        "1 0 = 00112233445566778899aabbccddeeff00\n",
        "1 0 = 00112233445566778899aabbccddeexx\n",
        "1 0 = derived\n1 0 = derived\n",
        "1 0 = derived\nx\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(read_text(bad[i]), ERR_FORMAT);
    assert_int_equal(read_text("1 0 = derived\n"), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_site_without_the_file_has_no_keys, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(keys_are_derived_or_read_in_their_order, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(what_is_written_is_read_back_and_only_the_owner_reads_it, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(a_key_is_added_once_and_removed_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_bad_line_is_refused, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
