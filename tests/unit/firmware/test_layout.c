/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "firmware/storage/layout.h"

enum { UNIT = 65536 };

static int plan(struct layout *layout, uint32_t size, uint32_t sector_size)
{
    struct flash_geometry geometry = {.size = size, .sector_size = sector_size, .page_size = 256};
    return layout_plan(layout, &geometry);
}

static void a_chip_of_16_mib_is_laid_out_as_the_table_says(void **state)
{
    (void)state;
    struct layout layout;
    assert_int_equal(plan(&layout, 16 << 20, 4096), ERR_OK);
    assert_int_equal(layout.store_base, 0);
    assert_int_equal(layout.images_base, 2 * UNIT);
    assert_int_equal(layout.images_len, 15 * UNIT);
    assert_int_equal(layout.scratch_base, 17 * UNIT);
    assert_int_equal(layout.scratch_len, UNIT);
    assert_int_equal(layout.whitelist_base, 18 * UNIT);
    assert_int_equal(layout.whitelist_len, 160 * UNIT);
    assert_int_equal(layout.journal_base, 178 * UNIT);
    assert_int_equal(layout.journal_len, 78 * UNIT);
}

static void regions_follow_each_other_and_end_with_the_chip(void **state)
{
    (void)state;
    for (uint32_t size = 9 * UNIT; size <= 64u << 20; size += UNIT) {
        struct layout layout;
        assert_int_equal(plan(&layout, size, 65536), ERR_OK);
        assert_true(layout.store_base + 2 * 65536 <= layout.images_base);
        assert_int_equal(layout.images_base + layout.images_len, layout.scratch_base);
        assert_int_equal(layout.scratch_base + layout.scratch_len, layout.whitelist_base);
        assert_int_equal(layout.scratch_len, size < 16 * UNIT ? 0 : UNIT);
        assert_int_equal(layout.whitelist_base + layout.whitelist_len, layout.journal_base);
        assert_int_equal(layout.journal_base + layout.journal_len, size);
        assert_int_equal(layout.whitelist_base % UNIT, 0);
        assert_int_equal(layout.whitelist_len % (2 * UNIT), 0); /* each slot whole sectors */
        assert_int_equal(layout.journal_len % UNIT, 0);
        assert_true(layout.whitelist_len >= 4 * UNIT && layout.journal_len >= 3 * UNIT);
    }
}

static void a_chip_too_small_counts_as_missing(void **state)
{
    (void)state;
    struct layout layout;
    for (uint32_t size = 0; size < 576 << 10; size += 4096)
        assert_int_equal(plan(&layout, size, 4096), ERR_NO_SPACE);
    assert_int_equal(plan(&layout, 576 << 10, 4096), ERR_OK);
    assert_int_equal(plan(&layout, (576 << 10) + 4096, 4096), ERR_OK); /* the odd rest is not used */
    assert_int_equal(layout.journal_base + layout.journal_len, 576 << 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chip_of_16_mib_is_laid_out_as_the_table_says),
        cmocka_unit_test(regions_follow_each_other_and_end_with_the_chip),
        cmocka_unit_test(a_chip_too_small_counts_as_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
