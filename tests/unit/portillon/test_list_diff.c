/* SPDX-License-Identifier: Apache-2.0 */
/* Two lists compared, whatever the order of cards, rules and profiles in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/list/list_builder.h"
#include "tools/portillon/list/list_diff.h"
#include "tools/portillon/site/rule_text.h"
#include "tools/portillon/site/site.h"

static const struct whitelist_profile profiles[] = {
    {.zones = 1, .name = "externe"},
    {.zones = 3, .services = WHITELIST_EVERY_SERVICE, .name = "demi-pension"}};
static const struct whitelist_profile swapped[] = {
    {.zones = 3, .services = WHITELIST_EVERY_SERVICE, .name = "demi-pension"},
    {.zones = 1, .name = "externe"}};

static struct list_builder_card card(uint8_t number, uint8_t profile, uint8_t weekdays)
{
    return (struct list_builder_card){
        .tag = {{number, 1, 2, 3}},
        .rule = {.profile = profile, .weekdays = weekdays, .last_day = WHITELIST_NO_LAST_DAY, .passages = 1}};
}

static void make(struct list_open *open, const struct list_builder_card *cards, uint32_t count,
                 const struct whitelist_profile *table)
{
    struct list_builder_input input = {.cards = cards,
                                       .card_count = count,
                                       .profiles = table,
                                       .profile_count = 2,
                                       .version = 1,
                                       .created_utc_s = 1};
    const char *why;
    size_t len;
    assert_int_equal(site_crypto_init(), ERR_OK);
    assert_int_equal(list_builder_build(&input, &open->data, &len, &why), ERR_OK);
    static const uint8_t signature[70] = {0x30};
    list_builder_put_signature(open->data, signature, sizeof signature);
    assert_int_equal(list_file_open(&open->list, open->data, len, &why), ERR_OK);
    assert_int_equal(list_file_tables(&open->list, &open->tables), ERR_OK);
}

static char told[1024];

static void tell(void *ctx, const struct list_difference *difference)
{
    char before[RULE_TEXT_SIZE] = "", after[RULE_TEXT_SIZE] = "";
    (void)ctx;
    if (difference->old_rule != NULL)
        rule_text(difference->old_rule, difference->old_profile, before);
    if (difference->new_rule != NULL)
        rule_text(difference->new_rule, difference->new_profile, after);
    snprintf(told + strlen(told), sizeof told - strlen(told), "%d %d %s>%s\n", difference->change,
             difference->tag->bytes[0], before, after);
}

static struct list_diff_counts compare(struct list_open *old_list, struct list_open *new_list)
{
    struct list_diff_counts counts;
    told[0] = '\0';
    assert_int_equal(list_diff(old_list, new_list, tell, NULL, &counts), ERR_OK);
    list_open_free(old_list);
    list_open_free(new_list);
    return counts;
}

static void who_came_left_and_changed_is_told(void **state)
{
    static struct list_open old_list, new_list;
    (void)state;
    struct list_builder_card before[] = {card(1, 0, 0x7F), card(2, 1, 0x7F), card(3, 1, 0x7F),
                                         card(4, 0, 0x7F)};
    struct list_builder_card after[] = {card(5, 1, 0x1B), card(3, 1, 0x1B), card(2, 0, 0x7F),
                                        card(1, 0, 0x7F)};
    after[2].rule.flags = WHITELIST_RULE_BLOCKED;
    after[0].rule.passages = 2;
    after[0].rule.last_day = 9803;
    make(&old_list, before, 4, profiles);
    make(&new_list, after, 4, profiles);
    struct list_diff_counts counts = compare(&old_list, &new_list);
    assert_string_equal(told, "0 5 >demi-pension, meals mon tue thu fri, 2 passages, until 2026-11-03\n"
                              "1 4 externe>\n"
                              "2 2 demi-pension>externe, BLOCKED\n"
                              "2 3 demi-pension>demi-pension, meals mon tue thu fri\n");
    assert_int_equal(counts.came, 1);
    assert_int_equal(counts.left, 1);
    assert_int_equal(counts.changed, 2);
    assert_int_equal(counts.same, 1);
}

static void profiles_in_another_order_are_the_same(void **state)
{
    static struct list_open old_list, new_list;
    (void)state;
    struct list_builder_card before[] = {card(1, 0, 0x7F), card(2, 1, 0x7F)};
    struct list_builder_card after[] = {card(1, 1, 0x7F), card(2, 0, 0x7F)};
    make(&old_list, before, 2, profiles);
    make(&new_list, after, 2, swapped);
    assert_int_equal(compare(&old_list, &new_list).same, 2);
    assert_string_equal(told, "");
}

/* Compared with sets in plain tables. */
static void random_lists_are_compared_right(void **state)
{
    static struct list_open old_list, new_list;
    (void)state;
    for (unsigned seed = 1; seed < 20; seed++) {
        struct list_builder_card sides[2][256];
        uint32_t counts[2] = {0};
        struct list_diff_counts wanted = {0};
        srand(seed);
        for (int number = 0; number < 256; number++) {
            int in_old = rand() % 3, in_new = rand() % 3; /* 0: not there; else a kind of rule */
            if (in_old != 0)
                sides[0][counts[0]++] = card((uint8_t)number, (uint8_t)(in_old - 1), 0x7F);
            if (in_new != 0)
                sides[1][counts[1]++] = card((uint8_t)number, (uint8_t)(in_new - 1), 0x7F);
            wanted.came += in_old == 0 && in_new != 0;
            wanted.left += in_old != 0 && in_new == 0;
            wanted.changed += in_old != 0 && in_new != 0 && in_old != in_new;
            wanted.same += in_old != 0 && in_old == in_new;
        }
        make(&old_list, sides[0], counts[0], profiles);
        make(&new_list, sides[1], counts[1], profiles);
        struct list_diff_counts got = compare(&old_list, &new_list);
        assert_memory_equal(&got, &wanted, sizeof got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_came_left_and_changed_is_told),
        cmocka_unit_test(profiles_in_another_order_are_the_same),
        cmocka_unit_test(random_lists_are_compared_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
