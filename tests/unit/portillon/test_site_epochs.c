/* SPDX-License-Identifier: Apache-2.0 */
/* The epochs of a site's gates: the file, and the identities that go with it. Keys from `openssl kdf`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/portillon/common/file_io.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_epochs.h"
#include "tools/portillon/site/site_gates.h"

static char folder[64], path[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/test_site_epochs.XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/epochs", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static void write_file(const char *text, size_t len)
{
    assert_int_equal(file_write_atomic(path, text, len, 0644), ERR_OK);
}

static unsigned epoch_of(const char *id)
{
    unsigned epoch = 77;
    assert_int_equal(site_epochs_get(folder, "test", id, &epoch), ERR_OK);
    return epoch;
}

static void without_a_file_every_epoch_is_0(void **state)
{
    (void)state;
    assert_int_equal(epoch_of("nord"), 0);
    assert_int_equal(access(path, F_OK), -1);
}

static void an_epoch_is_kept_for_each_gate(void **state)
{
    (void)state;
    struct stat info;
    assert_int_equal(site_epochs_set(folder, "test", "nord", 1), ERR_OK);
    assert_int_equal(site_epochs_set(folder, "test", "nord-1", 7), ERR_OK);
    assert_int_equal(site_epochs_set(folder, "test", "nord", 2), ERR_OK);
    assert_int_equal(epoch_of("nord"), 2);
    assert_int_equal(epoch_of("nord-1"), 7);
    assert_int_equal(epoch_of("nord-"), 0);
    assert_int_equal(epoch_of("nor"), 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0644);
}

static void what_else_the_file_has_stays(void **state)
{
    (void)state;
    static const char before[] = "# ours\n\n a.b_c-d = 3 # stolen in May\r\nnord=4\nsud = 5";
    static const char after[] = "# ours\n\n a.b_c-d = 3 # stolen in May\r\nnord = 999\nsud = 5\nest = 1\n";
    uint8_t *data;
    size_t len;
    write_file(before, strlen(before));
    assert_int_equal(epoch_of("a.b_c-d"), 3);
    assert_int_equal(epoch_of("sud"), 5);
    assert_int_equal(site_epochs_set(folder, "test", "nord", 999), ERR_OK);
    assert_int_equal(site_epochs_set(folder, "test", "est", 1), ERR_OK);
    assert_int_equal(file_read(path, 1000, &data, &len), ERR_OK);
    assert_string_equal((const char *)data, after);
    free(data);
}

static void a_damaged_file_is_an_error_for_every_gate(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "nord",
        "nord = ",
        "nord = x",
        "nord = -1",
        "nord = 1000",
        "nord = 4294967297",
        "nord = 1.5",
        "nord = 1 2",
        "= 1",
        "nord 1",
        "sud est = 1",
        "sixteen-letters- = 1",
        "nord = 1\nsud = 1\nnord = 2\n",
        "nord = 1                                                                                  1",
    };
    unsigned epoch;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        write_file(texts[i], strlen(texts[i]));
        assert_int_equal(site_epochs_get(folder, "test", "nord", &epoch), ERR_FORMAT);
        assert_int_equal(site_epochs_set(folder, "test", "nord", 3), ERR_FORMAT);
    }
    write_file("\0\0\0\0", 4); /* what some file systems leave after a power cut */
    assert_int_equal(site_epochs_get(folder, "test", "nord", &epoch), ERR_FORMAT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(site_epochs_get(folder, "test", "nord", &epoch), ERR_IO);
}

static void a_file_that_would_become_too_long_to_read_is_not_written(void **state)
{
    (void)state;
    enum { LONGEST = 65536 };
    static char text[LONGEST];
    uint8_t *data;
    size_t len;
    unsigned epoch;
    memset(text, '#', sizeof text);
    write_file(text, sizeof text);
    assert_int_equal(site_epochs_get(folder, "test", "nord", &epoch), ERR_OK);
    assert_int_equal(site_epochs_set(folder, "test", "nord", 3), ERR_NO_SPACE);
    assert_int_equal(file_read(path, LONGEST, &data, &len), ERR_OK);
    assert_int_equal(len, sizeof text);
    assert_memory_equal(data, text, sizeof text);
    free(data);
}

/* Each of eight programs raises the epoch ten times. */
static void two_programs_do_not_overwrite_each_other(void **state)
{
    (void)state;
    enum { PROGRAMS = 8, TIMES = 10 };
    for (int i = 0; i < PROGRAMS; i++) {
        if (fork() != 0)
            continue;
        for (int n = 0; n < TIMES; n++) {
            unsigned epoch;
            int lock = site_epochs_lock(folder, "test");
            if (lock < 0 || site_epochs_get(folder, "test", "nord", &epoch) != ERR_OK ||
                site_epochs_set(folder, "test", "nord", epoch + 1) != ERR_OK)
                _exit(1);
            site_epochs_unlock(lock);
        }
        _exit(0);
    }
    for (int i = 0, status; i < PROGRAMS; i++) {
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(epoch_of("nord"), PROGRAMS * TIMES);
}

/* --- identities --- */

static struct site site;

static void open_site(void)
{
    char place[80];
    snprintf(place, sizeof place, "%s/site", folder);
    assert_int_equal(site_create(place, "Lycée des Essais", NULL), ERR_OK);
    assert_int_equal(site_open(&site, "test", place), ERR_OK);
    for (int i = 0; i < SITE_MASTER_LEN; i++)
        site.master[i] = (uint8_t)i;
}

static void register_gate(unsigned epoch)
{
    char file[PATH_MAX];
    uint8_t block[IDENTITY_LEN_MAX];
    struct identity identity;
    assert_int_equal(site_derive_identity(&site, "nord-1", epoch, "Nord", ZONE_CANTEEN, &identity), ERR_OK);
    size_t len = identity_encode(&identity, block);
    site_gate_path(&site, "nord-1", file);
    assert_int_equal(file_write_atomic(file, block, len, 0600), ERR_OK);
}

static void each_key_of_an_identity_is_of_its_epoch(void **state)
{
    (void)state;
    static const uint8_t journal[] = {0x0A, 0xD4, 0xC7, 0xAB, 0x44, 0xC5, 0x89, 0x76,
                                      0xD3, 0xAB, 0x52, 0x6E, 0x72, 0x76, 0xCA, 0x5E};
    static const uint8_t storage[] = {0xC2, 0x2E, 0x89, 0x06, 0x2B, 0x72, 0x5E, 0x5F,
                                      0xE5, 0xFD, 0x42, 0xFE, 0xB5, 0x79, 0x18, 0x87};
    static const uint8_t maintenance[] = {0xF6, 0xF8, 0x41, 0x88, 0x7E, 0xCA, 0x01, 0xEF,
                                          0xB2, 0x94, 0x3C, 0x87, 0x93, 0x71, 0x27, 0x46};
    static const uint8_t technician[] = {0x5E, 0xAF, 0xB4, 0xCC, 0x02, 0xB8, 0x9E, 0x3A,
                                         0x5A, 0x7A, 0x1D, 0x43, 0x64, 0x59, 0x60, 0x66};
    struct identity identity;
    open_site();
    assert_int_equal(site_derive_identity(&site, "nord-1", 1, "Nord", ZONE_BUILDING, &identity), ERR_OK);
    assert_memory_equal(identity.journal_key, journal, 16);
    assert_memory_equal(identity.storage_key, storage, 16);
    assert_memory_equal(identity.role_key[ROLE_MAINTENANCE - 1], maintenance, 16);
    assert_memory_equal(identity.role_key[ROLE_TECHNICIAN - 1], technician, 16);
    assert_memory_equal(identity.tag_key, site.tag_key, IDENTITY_TAG_KEY_LEN); /* the site's: has no epoch */
}

static void only_the_keys_of_the_current_epoch_are_read(void **state)
{
    (void)state;
    struct identity identity, expected;
    unsigned epoch;
    open_site();
    register_gate(0);
    assert_int_equal(site_read_gate(&site, "test", "nord-1", &identity), ERR_OK);
    assert_int_equal(site_epochs_set(site.folder, "test", "nord-1", 2), ERR_OK);
    assert_int_equal(site_read_gate(&site, "test", "nord-1", &identity), ERR_VERSION);
    register_gate(2);
    assert_int_equal(site_read_gate(&site, "test", "nord-1", &identity), ERR_OK);
    assert_int_equal(site_find_epoch(&site, &identity, &epoch), ERR_OK);
    assert_int_equal(epoch, 2);
    register_gate(3); /* a site folder whose file of epochs is from an older copy */
    assert_int_equal(site_read_gate(&site, "test", "nord-1", &identity), ERR_VERSION);
    register_gate(2);
    assert_int_equal(site_read_gate_at(&site, "test", "nord-1", 1, &identity), ERR_OK);
    assert_int_equal(site_derive_identity(&site, "nord-1", 1, "Nord", ZONE_CANTEEN, &expected), ERR_OK);
    assert_memory_equal(identity.journal_key, expected.journal_key, CRYPTO_KEY_LEN);
    assert_int_equal(identity.zone, ZONE_CANTEEN);
    assert_int_equal(site_read_gate_at(&site, "test", "nord-1", 3, &identity), ERR_ARGUMENT);
}

static void an_identity_of_another_master_secret_or_gate_is_refused(void **state)
{
    (void)state;
    struct identity identity;
    unsigned epoch;
    char from[PATH_MAX], to[PATH_MAX];
    open_site();
    register_gate(0);
    site_gate_path(&site, "nord-1", from);
    site_gate_path(&site, "nord-2", to);
    assert_int_equal(link(from, to), 0);
    assert_int_equal(site_read_gate(&site, "test", "nord-2", &identity), ERR_SITE);
    site.master[0] ^= 1;
    assert_int_equal(site_read_gate(&site, "test", "nord-1", &identity), ERR_VERSION);
    assert_int_equal(site_find_epoch(&site, &identity, &epoch), ERR_NOT_FOUND);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(without_a_file_every_epoch_is_0),
        IN_FOLDER(an_epoch_is_kept_for_each_gate),
        IN_FOLDER(what_else_the_file_has_stays),
        IN_FOLDER(a_damaged_file_is_an_error_for_every_gate),
        IN_FOLDER(a_file_that_would_become_too_long_to_read_is_not_written),
        IN_FOLDER(two_programs_do_not_overwrite_each_other),
        IN_FOLDER(each_key_of_an_identity_is_of_its_epoch),
        IN_FOLDER(only_the_keys_of_the_current_epoch_are_read),
        IN_FOLDER(an_identity_of_another_master_secret_or_gate_is_refused),
    };
    if (site_crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
