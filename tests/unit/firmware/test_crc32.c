/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors: the check value of the CRC catalogue (CRC-32/ISO-HDLC) and Python's zlib.crc32. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/base/crc32.h"

static void the_catalogues_check_value_comes_out(void **state)
{
    (void)state;
    assert_int_equal(crc32_compute("123456789", 9), 0xCBF43926);
}

static void every_byte_value_agrees_with_zlib(void **state)
{
    (void)state;
    uint8_t bytes[256];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    assert_int_equal(crc32_compute(bytes, sizeof bytes), 0x29058C73);
    assert_int_equal(crc32_compute(bytes, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_catalogues_check_value_comes_out),
        cmocka_unit_test(every_byte_value_agrees_with_zlib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
