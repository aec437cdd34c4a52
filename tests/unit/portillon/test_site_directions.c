/* SPDX-License-Identifier: Apache-2.0 */
/* The directions of a site's gates, in a real file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/portillon/common/file_io.h"
#include "tools/portillon/site/site_directions.h"

static char folder[64], path[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/test_site_directions.XXXXXX");
    snprintf(path, sizeof path, "%s/directions", mkdtemp(folder) != NULL ? folder : "");
    return folder[0] != '\0' ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static enum gate_direction direction_of(const char *id)
{
    enum gate_direction direction = (enum gate_direction)77;
    assert_int_equal(site_directions_get(folder, "test", id, &direction), ERR_OK);
    return direction;
}

static void a_gate_is_for_both_ways_until_it_is_said(void **state)
{
    (void)state;
    assert_int_equal(direction_of("nord"), GATE_BOTH_WAYS);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(site_directions_set(folder, "test", "nord", GATE_WAY_IN), ERR_OK);
    assert_int_equal(site_directions_set(folder, "test", "sud", GATE_WAY_OUT), ERR_OK);
    assert_int_equal(direction_of("nord"), GATE_WAY_IN);
    assert_int_equal(direction_of("sud"), GATE_WAY_OUT);
    assert_int_equal(direction_of("est"), GATE_BOTH_WAYS);
    assert_int_equal(site_directions_set(folder, "test", "nord", GATE_BOTH_WAYS), ERR_OK);
    assert_int_equal(direction_of("nord"), GATE_BOTH_WAYS);
    assert_int_equal(direction_of("sud"), GATE_WAY_OUT);
}

static void a_line_that_is_none_is_an_error_and_stays(void **state)
{
    (void)state;
    static const char text[] = "sud = out\nnord = up\n";
    enum gate_direction direction;
    uint8_t *data;
    size_t len;
    assert_int_equal(file_write_atomic(path, text, sizeof text - 1, 0644), ERR_OK);
    assert_int_equal(site_directions_get(folder, "test", "sud", &direction), ERR_FORMAT);
    assert_int_equal(site_directions_set(folder, "test", "sud", GATE_WAY_IN), ERR_FORMAT);
    assert_int_equal(file_read(path, 100, &data, &len), ERR_OK);
    assert_int_equal(len, sizeof text - 1);
    assert_memory_equal(data, text, len);
    free(data);
}

static void each_name_is_of_one_direction(void **state)
{
    (void)state;
    enum gate_direction direction;
    assert_int_equal(gate_direction_find("in", &direction), ERR_OK);
    assert_int_equal(direction, GATE_WAY_IN);
    assert_int_equal(gate_direction_find("out", &direction), ERR_OK);
    assert_int_equal(direction, GATE_WAY_OUT);
    assert_int_equal(gate_direction_find("both", &direction), ERR_OK);
    assert_int_equal(direction, GATE_BOTH_WAYS);
    assert_int_equal(gate_direction_find("", &direction), ERR_NOT_FOUND);
    assert_int_equal(gate_direction_find("inn", &direction), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_gate_is_for_both_ways_until_it_is_said, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_line_that_is_none_is_an_error_and_stays, make_folder,
                                        remove_folder),
        cmocka_unit_test(each_name_is_of_one_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
