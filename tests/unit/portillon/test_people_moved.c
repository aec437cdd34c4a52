/* SPDX-License-Identifier: Apache-2.0 */
/* People who change class between two files without ids: who is found again, and who is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/test_store.h"
#include "tools/portillon/store/people_moved.h"

#define DAY_S     86400
#define JULY      INT64_C(1783000000)
#define SEPTEMBER (JULY + 60 * DAY_S)

static char path[TEST_STORE_PATH_SIZE];
static struct people_store store;
static int64_t file_utc_s;
static const struct tag own = {{1}}, lent = {{2}}, other = {{3}};

static void next_file(int64_t utc_s)
{
    assert_int_equal(people_store_commit(&store), ERR_OK);
    assert_int_equal(people_store_begin(&store), ERR_OK);
    file_utc_s = utc_s;
    assert_int_equal(people_store_leave(&store, (struct people_span){0, INT64_MAX}, utc_s), ERR_OK);
}

static int start(void **state)
{
    (void)state;
    test_store_new(path);
    assert_int_equal(people_store_open(&store, path, test_store_site), ERR_OK);
    assert_int_equal(people_store_begin(&store), ERR_OK);
    file_utc_s = JULY;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    people_store_close(&store);
    test_store_delete(path);
    return 0;
}

static int64_t row(const char *surname, const char *first_name, const char *class_name, const char *id)
{
    const struct csv_person person = {surname, first_name, class_name, id, {{0}}};
    const struct whitelist_rule rule = {.weekdays = 0x1F, .passages = 1};
    int64_t number = 0;
    assert_int_equal(people_store_put(&store, &person, "demi-pension", &rule, file_utc_s, &number), ERR_OK);
    return number;
}

static int64_t row_with_card(const char *surname, const char *first_name, const char *class_name,
                             const struct tag *card)
{
    int64_t number = row(surname, first_name, class_name, "");
    assert_int_equal(people_store_hold(&store, card, number, file_utc_s), ERR_OK);
    return number;
}

static void lend(int64_t person)
{
    const struct people_card card = {.tag = lent,
                                     .lent = true,
                                     .last_day = 60000,
                                     .noted_utc_s = file_utc_s + 1,
                                     .has_person = true,
                                     .person = {.id = person}};
    assert_int_equal(people_store_note_card(&store, &card), ERR_OK);
}

static int count_move(void *ctx, int64_t new_number, int64_t number)
{
    assert_true(new_number > number);
    ++*(int64_t *)ctx;
    return ERR_OK;
}

static int64_t settle(void)
{
    int64_t moved = -1, told = 0;
    if (people_moved_settle(&store, file_utc_s, count_move, &told, &moved) != ERR_OK)
        fail_msg("%s", people_store_error(&store));
    assert_int_equal(told, moved);
    return moved;
}

static void assert_holder(const struct tag *card, int64_t id, const char *name, const char *class_name)
{
    struct people_person person;
    assert_int_equal(people_store_holder(&store, card, &person), ERR_OK);
    assert_int_equal(person.id, id);
    assert_string_equal(person.name, name);
    assert_string_equal(person.class_name, class_name);
}

static int how_many(const char *name)
{
    struct people_person found[1];
    return people_store_find(&store, name, found, 1);
}

static void a_loan_follows_a_pupil_into_another_class(void **state)
{
    (void)state;
    int64_t pupil = row_with_card("Exemple", "Aïcha", "2A", &own);
    row("Modèle", "Bo", "2A", "");
    lend(pupil);
    next_file(SEPTEMBER);
    row_with_card("EXEMPLE", "AICHA", "1re B", &own);
    row("Modèle", "Bo", "2A", "");
    assert_int_equal(settle(), 1);
    assert_holder(&own, pupil, "EXEMPLE AICHA", "1re B");
    assert_holder(&lent, pupil, "EXEMPLE AICHA", "1re B");
    assert_int_equal(how_many("exemple aicha"), 1);
    assert_int_equal(how_many("modele bo"), 1);
    next_file(SEPTEMBER + DAY_S);
    assert_int_equal(row("Exemple", "Aïcha", "1re B", ""), pupil);
    assert_int_equal(settle(), 0);
}

static void and_so_it_does_before_the_card_has_come(void **state)
{
    (void)state;
    int64_t pupil = row("Exemple", "Aïcha", "2A", "");
    lend(pupil);
    next_file(SEPTEMBER);
    row("Exemple", "Aïcha", "1re B", "");
    assert_int_equal(settle(), 1);
    assert_holder(&lent, pupil, "Exemple Aïcha", "1re B");
}

static void a_newcomer_does_not_take_the_place_of_a_namesake_who_stays(void **state)
{
    (void)state;
    int64_t pupil = row("Exemple", "Aïcha", "2A", "");
    lend(pupil);
    next_file(SEPTEMBER);
    row("Exemple", "Aïcha", "2C", "");
    row("Exemple", "Aïcha", "2A", "");
    assert_int_equal(settle(), 0);
    assert_holder(&lent, pupil, "Exemple Aïcha", "2A");
    assert_int_equal(how_many("exemple aicha"), 2);
}

static void namesakes_who_both_move_are_told_apart_by_their_cards_alone(void **state)
{
    (void)state;
    int64_t first = row_with_card("Exemple", "Aïcha", "2A", &own);
    int64_t second = row_with_card("Exemple", "Aïcha", "2B", &other);
    lend(first);
    next_file(SEPTEMBER);
    row_with_card("Exemple", "Aïcha", "1A", &other); /* crosswise */
    row_with_card("Exemple", "Aïcha", "1B", &own);
    assert_int_equal(settle(), 2);
    assert_holder(&own, first, "Exemple Aïcha", "1B");
    assert_holder(&lent, first, "Exemple Aïcha", "1B");
    assert_holder(&other, second, "Exemple Aïcha", "1A");
    next_file(SEPTEMBER + DAY_S);
    row("Exemple", "Aïcha", "TA", ""); /* and it is unknown whose card is whose */
    row("Exemple", "Aïcha", "TB", "");
    assert_int_equal(settle(), 0);
    assert_holder(&lent, first, "Exemple Aïcha", "1B");
    assert_int_equal(how_many("exemple aicha"), 4);
}

static void a_card_that_another_name_takes_over_makes_nobody_the_same(void **state)
{
    (void)state;
    int64_t first = row_with_card("Exemple", "Aïcha", "2A", &own);
    int64_t second = row("Modèle", "Bo", "2B", "");
    lend(first);
    next_file(SEPTEMBER);
    row_with_card("Modèle", "Bo", "1B", &own);
    assert_int_equal(settle(), 1);
    assert_holder(&own, second, "Modèle Bo", "1B");
    assert_holder(&lent, first, "Exemple Aïcha", "2A");
}

static void ids_speak_before_names(void **state)
{
    (void)state;
    int64_t first = row("Exemple", "Aïcha", "2A", "77");
    int64_t second = row("Modèle", "Bo", "2A", "");
    next_file(SEPTEMBER);
    assert_int_not_equal(row("Exemple", "Aïcha", "1A", "78"), first); /* a namesake */
    row("Modèle", "Bo", "1A", "79");                                  /* the file has ids from now on */
    assert_int_equal(settle(), 1);
    assert_int_equal(how_many("exemple aicha"), 2);
    next_file(SEPTEMBER + DAY_S);
    assert_int_equal(row("Modèle", "Bo", "1C", "79"), second);
}

static void whoever_left_long_ago_is_not_found_again(void **state)
{
    (void)state;
    int64_t pupil = row("Exemple", "Aïcha", "2A", "");
    lend(pupil);
    next_file(JULY + (PEOPLE_MOVED_DAYS + 1) * DAY_S);
    row("Exemple", "Aïcha", "2B", "");
    assert_int_equal(settle(), 0);
    next_file(JULY + (PEOPLE_MOVED_DAYS - 1) * DAY_S);
    row("Exemple", "Aïcha", "2C", "");
    assert_int_equal(settle(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_loan_follows_a_pupil_into_another_class),
        TEST(and_so_it_does_before_the_card_has_come),
        TEST(a_newcomer_does_not_take_the_place_of_a_namesake_who_stays),
        TEST(namesakes_who_both_move_are_told_apart_by_their_cards_alone),
        TEST(a_card_that_another_name_takes_over_makes_nobody_the_same),
        TEST(ids_speak_before_names),
        TEST(whoever_left_long_ago_is_not_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
