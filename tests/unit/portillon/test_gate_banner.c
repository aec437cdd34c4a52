/* SPDX-License-Identifier: Apache-2.0 */
/* The banner that answers Enter, extracted from the other bytes on the line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/gate/gate_banner.h"

static char name[GATE_BANNER_NAME_SIZE];

#define PARSE(text) gate_banner_parse(text, sizeof(text) - 1, name)

static void the_name_is_found_among_frames_and_noise(void **state)
{
    (void)state;
    assert_int_equal(PARSE("\0\r\nPortillon 0.1.0, Portail nord: idle\r\n\0"), ERR_OK);
    assert_string_equal(name, "Portail nord");
    assert_int_equal(PARSE("\x05\x01\xFF\r\n\0Portillon\0\r\nPortillon 12.3, \xC3\x89lan: out_of_order\r\n"),
                     ERR_OK);
    assert_string_equal(name, "\xC3\x89lan");
}

static void a_version_may_carry_the_commit(void **state)
{
    (void)state;
    assert_int_equal(PARSE("\0\r\nPortillon 0.1.0+g1234abc-dirty, Portail nord: idle\r\n\0"), ERR_OK);
    assert_string_equal(name, "Portail nord");
}

static void a_name_may_hold_what_stands_around_it(void **state)
{
    (void)state;
    assert_int_equal(PARSE("\r\nPortillon 0.1.0, A, b: c: idle\r\n"), ERR_OK);
    assert_string_equal(name, "A, b: c");
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
    (void)state;
    assert_int_equal(PARSE("\r\nPortillon 0.1.0, \x1B[2J\x7F: idle\r\n"), ERR_OK);
    assert_string_equal(name, "?[2J?");
    assert_int_equal(PARSE("\r\nPortillon 0.1.0, \x9B\xC2\x9B\xE2\x80\xAE\0.: idle\r\n"), ERR_OK);
    assert_string_equal(name, "????.");
}

static void what_is_no_banner_or_not_whole_is_none(void **state)
{
    (void)state;
    static const char whole[] = "\r\nPortillon 0.1.0, Portail nord: idle\r\n";
    char long_name[GATE_BANNER_NAME_SIZE + 64] = "\r\nPortillon 0.1.0, ";
    for (size_t len = 0; len < sizeof whole - 1; len++)
        assert_int_equal(gate_banner_parse(whole, len, name), ERR_NOT_FOUND);
    assert_int_equal(PARSE("\r\nlogin: \r\n"), ERR_NOT_FOUND);
    assert_int_equal(PARSE("\r\nPortillon \r\n"), ERR_NOT_FOUND);
    assert_int_equal(PARSE("\r\nPortillon 0.1.0: idle, \r\n"), ERR_NOT_FOUND);
    size_t start = strlen(long_name);
    for (size_t letters = IDENTITY_NAME_MAX; letters <= IDENTITY_NAME_MAX + 1; letters++) {
        memset(long_name + start, 'n', letters);
        memcpy(long_name + start + letters, ": idle\r\n", 9);
        assert_int_equal(gate_banner_parse(long_name, strlen(long_name), name),
                         letters == IDENTITY_NAME_MAX ? ERR_OK : ERR_NOT_FOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_is_found_among_frames_and_noise),
        cmocka_unit_test(a_version_may_carry_the_commit),
        cmocka_unit_test(a_name_may_hold_what_stands_around_it),
        cmocka_unit_test(control_characters_do_not_reach_the_terminal),
        cmocka_unit_test(what_is_no_banner_or_not_whole_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
