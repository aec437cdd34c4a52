/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the holder of a card in a register of pupils. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/list/pupil_register.h"

static struct pupil_register pupils;
static int namesakes;

static void add(const char *id, const char *other_id, const char *name, const char *usual,
                const char *class_word, bool left)
{
    struct pupil pupil = {.left = left};
    snprintf(pupil.ids[0], sizeof pupil.ids[0], "%s", id);
    snprintf(pupil.ids[3], sizeof pupil.ids[3], "%s", other_id);
    snprintf(pupil.names[0], sizeof pupil.names[0], "%s", name);
    snprintf(pupil.names[1], sizeof pupil.names[1], "%s", usual);
    snprintf(pupil.class_word, sizeof pupil.class_word, "%s", class_word);
    assert_int_equal(pupil_register_add(&pupils, &pupil), ERR_OK);
}

static int setup(void **state)
{
    (void)state;
    add("b", "7", "essaizoe", "essaizoe", "1a", false);
    add("a", "", "modelepaul", "facticepaul", "1a", true);
    add("a", "9", "modelepaul", "modelepaul", "2b", false);
    add("d", "", "essaizoe", "essaizoe", "2b", false);
    add("e", "", "essaizoe", "essaizoe", "2b", false);
    return pupil_register_index(&pupils);
}

static int teardown(void **state)
{
    (void)state;
    pupil_register_free(&pupils);
    return 0;
}

static void any_id_finds_a_pupil(void **state)
{
    (void)state;
    assert_ptr_equal(pupil_register_by_id(&pupils, "b"), &pupils.pupils[0]);
    assert_ptr_equal(pupil_register_by_id(&pupils, "7"), &pupils.pupils[0]);
    assert_null(pupil_register_by_id(&pupils, "c"));
    assert_null(pupil_register_by_id(&pupils, ""));
}

static void who_is_there_counts_before_who_has_left(void **state)
{
    (void)state;
    assert_ptr_equal(pupil_register_by_id(&pupils, "a"), &pupils.pupils[2]);
}

static void a_name_finds_a_pupil_if_only_one_has_it_in_the_class(void **state)
{
    (void)state;
    assert_ptr_equal(pupil_register_by_name(&pupils, "facticepaul", "", &namesakes), &pupils.pupils[1]);
    assert_int_equal(namesakes, 1);
    assert_null(pupil_register_by_name(&pupils, "essaizoe", "", &namesakes));
    assert_int_equal(namesakes, 3);
    assert_ptr_equal(pupil_register_by_name(&pupils, "essaizoe", "1a", &namesakes), &pupils.pupils[0]);
    assert_null(pupil_register_by_name(&pupils, "essaizoe", "2b", &namesakes));
    assert_null(pupil_register_by_name(&pupils, "personne", "2b", &namesakes));
    assert_int_equal(namesakes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_id_finds_a_pupil, setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_there_counts_before_who_has_left, setup, teardown),
        cmocka_unit_test_setup_teardown(a_name_finds_a_pupil_if_only_one_has_it_in_the_class, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
