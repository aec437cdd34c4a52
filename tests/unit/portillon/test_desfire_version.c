/* SPDX-License-Identifier: Apache-2.0 */
/* GetVersion. Types and versions as proxmark3 lists them (client/src/cmdhfmfdes.c); storage sizes as AN10833
 * has them: 16 is 2 KiB, 18 4 KiB, 1A 8 KiB, and 13 of a DESFire Light between 512 and 1024 bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fakes/hex.h"
#include "tools/portillon/desk/desfire_version.h"

static struct desfire_version version;

static int decode(const char *hex)
{
    uint8_t data[64];
    return desfire_version_decode(data, hex_bytes(hex, data, sizeof data), &version);
}

static void an_ev1_says_what_it_is(void **state)
{
    (void)state;
    assert_int_equal(decode("04010101001805 04010101041805 04782E21801D80 BA7C000001 3625"), ERR_OK);
    assert_string_equal(version.product, "MIFARE DESFire EV1");
    assert_string_equal(desfire_version_vendor(version.vendor), "NXP");
    assert_true(version.has_aes);
    assert_false(version.has_ev2);
    assert_int_equal(version.storage_min, 4096);
    assert_int_equal(version.software[0], 1);
    assert_int_equal(version.software[1], 4);
    assert_int_equal(version.week, 36);
    assert_int_equal(version.year, 25);
    assert_int_equal(version.uid[1], 0x78);
}

static const char *product_of(const char *hardware)
{
    char hex[80];
    snprintf(hex, sizeof hex, "%s 04010101041805 04782E21801D80 BA7C000001 3625 00", hardware);
    assert_int_equal(decode(hex), ERR_OK);
    return version.product;
}

static void products_go_by_type_and_version(void **state)
{
    (void)state;
    assert_string_equal(product_of("04010112001605"), "MIFARE DESFire EV2");
    assert_true(version.has_aes && version.has_ev2);
    assert_string_equal(product_of("04010133001A05"), "MIFARE DESFire EV3");
    assert_string_equal(product_of("04080130001305"), "MIFARE DESFire Light");
    assert_string_equal(product_of("04810142001805"), "MIFARE DESFire EV2");
    assert_string_equal(product_of("04010199001805"), "unknown DESFire");
    assert_string_equal(product_of("04070199001805"), "unknown product");
    assert_false(version.has_aes);
    assert_string_equal(product_of("04010100021805"), "MIFARE DESFire (D40)");
    assert_false(version.has_aes);
}

static const char *storage_of(const char *hardware)
{
    static char out[DESFIRE_VERSION_STORAGE_MAX];
    product_of(hardware);
    desfire_version_storage(&version, out);
    return out;
}

static void storage_is_a_power_of_two_or_its_bounds(void **state)
{
    (void)state;
    assert_string_equal(storage_of("04010112001605"), "2 KiB");
    assert_string_equal(storage_of("04010112001A05"), "8 KiB");
    assert_string_equal(storage_of("04010112001005"), "256 B");
    assert_string_equal(storage_of("04080130001305"), "512-1024 B");
    assert_string_equal(storage_of("0401011200FF05"), "0 B"); /* no card has so much */
}

static void a_short_answer_is_refused(void **state)
{
    (void)state;
    assert_int_equal(decode("04010101001805 04010101041805 04782E21801D80 BA7C000001 36"), ERR_FORMAT);
    assert_int_equal(decode(""), ERR_FORMAT);
}

static void a_date_that_is_no_bcd_is_not_told(void **state)
{
    (void)state;
    assert_int_equal(decode("04010101001805 04010101041805 04782E21801D80 BA7C000001 3AF1"), ERR_OK);
    assert_int_equal(version.week, 0);
    assert_int_equal(version.year, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ev1_says_what_it_is),
        cmocka_unit_test(products_go_by_type_and_version),
        cmocka_unit_test(storage_is_a_power_of_two_or_its_bounds),
        cmocka_unit_test(a_short_answer_is_refused),
        cmocka_unit_test(a_date_that_is_no_bcd_is_not_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
