/* SPDX-License-Identifier: Apache-2.0 */
/* The holder of each card at each time: loans, blocks, names of passages, and the retention period. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "firmware/base/clock.h"
#include "tests/fakes/test_store.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules_default.h"
#include "tools/portillon/store/holder_then.h"
#include "tools/portillon/store/office_merge.h"
#include "tools/portillon/store/passage_store.h"
#include "tools/portillon/store/people_store.h"

enum { MORNING = 1795000000, NOON = MORNING + 10000, EVENING = NOON + 10000 };

static char path[TEST_STORE_PATH_SIZE];
static struct people_store store;
static const struct people_span everybody = {0, INT64_MAX};
static const struct tag tag_a = {{0xA}}, tag_b = {{0xB}}, tag_c = {{0xC}};

static int start(void **state)
{
    (void)state;
    test_store_new(path);
    assert_int_equal(people_store_open(&store, path, test_store_site), ERR_OK);
    assert_int_equal(people_store_begin(&store), ERR_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    people_store_close(&store);
    test_store_delete(path);
    return 0;
}

static int64_t put(const char *surname, const char *first_name, const char *class_name, const char *id)
{
    const struct csv_person person = {surname, first_name, class_name, id, {{0}}};
    const struct whitelist_rule rule = {.weekdays = 0x1B, .passages = 2};
    int64_t number = 0;
    assert_int_equal(people_store_put(&store, &person, "demi-pension", &rule, MORNING, &number), ERR_OK);
    return number;
}

/* The text of the first column of the first row. */
static const char *ask(const char *sql)
{
    static char text[256];
    struct db_statement statement;
    assert_int_equal(db_prepare(&store.db.db, &statement, sql), ERR_OK);
    assert_int_equal(db_step(&statement), DB_ROW);
    snprintf(text, sizeof text, "%s", db_is_null(&statement, 0) ? "(null)" : db_text(&statement, 0));
    db_finalize(&statement);
    return text;
}

static void a_person_of_the_same_name_and_class_is_the_same(void **state)
{
    (void)state;
    int64_t first = put("Exemple", "Aïcha", "2A", "");
    assert_int_equal(put("EXEMPLE", "Aicha", "2a", ""), first);
    assert_int_not_equal(put("Exemple", "Aïcha", "2B", ""), first);
    int64_t by_id = put("Modèle", "Bo", "2A", "77");
    assert_int_equal(put("Modèle-Patron", "Bo", "1A", "77"), by_id); /* another name, another class */
    const struct csv_person nobody = {"", "", "2A", "", {{0}}};
    const struct whitelist_rule rule = {0};
    int64_t number;
    assert_int_equal(people_store_put(&store, &nobody, "x", &rule, MORNING, &number), ERR_ARGUMENT);
}

static void people_are_found_by_words_of_their_names(void **state)
{
    struct people_person found[4];
    (void)state;
    put("Exemple", "Aïcha", "2A", "");
    put("Exemple", "Bo", "2B", "");
    assert_int_equal(people_store_find(&store, "AICHA", found, 4), 1);
    assert_string_equal(found[0].name, "Exemple Aïcha");
    assert_string_equal(found[0].profile, "demi-pension");
    assert_int_equal(found[0].weekdays, 0x1B);
    assert_int_equal(found[0].passages, 2);
    assert_int_equal(people_store_find(&store, "exemple", found, 4), 2);
    assert_int_equal(people_store_find(&store, "exemple 2b", found, 4), 1);
    assert_int_equal(people_store_find(&store, "exemple", found, 1), 2); /* more than fit */
    assert_int_equal(people_store_find(&store, "personne", found, 4), 0);
    assert_int_equal(people_store_find(&store, "emple", found, 4), 0); /* words begin so */
    put("D'Essai", "Zoé-Lou", "1re G3", "");
    assert_int_equal(people_store_find(&store, "essai lou", found, 4), 1);
    assert_int_equal(people_store_find(&store, "zoe-lou g3", found, 4), 1);
}

static void add_passage(uint32_t seq, uint32_t utc_s, const struct tag *tag)
{
    struct passage_store passages;
    struct identity gate = test_store_gate("nord-1");
    uint8_t raw[JOURNAL_RECORD_LEN] = {(uint8_t)seq};
    struct journal_record record = {
        .seq = seq, .utc_s = utc_s, .kind = JOURNAL_GRANTED, .tag = *tag, .flags = CLOCK_SET};
    assert_int_equal(passage_store_open(&passages, path, &gate), ERR_OK);
    assert_int_equal(passage_store_begin(&passages), ERR_OK);
    assert_int_equal(passage_store_add(&passages, &record, raw), 1);
    assert_int_equal(passage_store_commit(&passages, seq), ERR_OK);
    passage_store_close(&passages);
}

static void a_passage_shows_who_had_the_card_then(void **state)
{
    (void)state;
    int64_t aicha = put("Exemple", "Aïcha", "2A", ""), bo = put("Modèle", "Bo", "2B", "");
    assert_int_equal(people_store_hold(&store, &tag_a, aicha, NOON), ERR_OK);
    assert_int_equal(people_store_hold(&store, &tag_a, aicha, NOON + 5), ERR_OK); /* again: no change */
    assert_int_equal(people_store_hold(&store, &tag_a, bo, EVENING), ERR_OK);
    assert_int_equal(people_store_commit(&store), ERR_OK);
    add_passage(1, MORNING, &tag_a); /* before the loan was stored: the first holder had the card always */
    add_passage(2, EVENING - 1, &tag_a);
    add_passage(3, EVENING, &tag_a);
    add_passage(4, EVENING, &tag_b);
    assert_string_equal(ask("SELECT group_concat(coalesce(person, '?')) FROM passages"),
                        "Exemple Aïcha,Exemple Aïcha,Modèle Bo,?");
    assert_string_equal(ask("SELECT class FROM passages WHERE seq = 3"), "2B");
}

static void who_is_not_in_a_whole_file_has_left(void **state)
{
    struct people_person found[2];
    (void)state;
    put("Exemple", "Aïcha", "2A", "");
    int64_t bo = put("Modèle", "Bo", "2B", "");
    assert_int_equal(people_store_leave(&store, everybody, NOON), ERR_OK);
    put("Exemple", "Aïcha", "2A", "");
    assert_int_equal(people_store_find(&store, "aicha", found, 2), 1);
    assert_false(found[0].left);
    assert_int_equal(people_store_find(&store, "bo", found, 2), 1);
    assert_true(found[0].left);
    assert_int_equal(people_store_leave(&store, everybody, EVENING), ERR_OK);
    assert_string_equal(ask("SELECT CAST(left_utc_s AS TEXT) FROM people WHERE surname = 'Modèle'"),
                        "1795010000"); /* NOON: the first file without him */
    assert_int_equal(put("Modèle", "Bo", "2B", ""), bo);
    assert_string_equal(ask("SELECT coalesce(CAST(left_utc_s AS TEXT), 'here') FROM people WHERE surname = "
                            "'Modèle'"),
                        "here");
}

static void a_card_keeps_what_the_file_says_of_it(void **state)
{
    struct people_holding read;
    const struct people_holding lost = {.given = PEOPLE_GIVEN_FILE,
                                        .first_day = 9000,
                                        .last_day = 9900,
                                        .blocked = true,
                                        .method = CREDENTIAL_UID},
                                found = {.given = PEOPLE_GIVEN_DESK,
                                         .last_day = 0xFFFF,
                                         .temporary = true,
                                         .method = CREDENTIAL_DESFIRE,
                                         .counts_as_uid = true,
                                         .uid_tag = tag_b};
    (void)state;
    int64_t aicha = put("Exemple", "Aïcha", "2A", "");
    assert_int_equal(people_store_holding(&store, &tag_a, &read), ERR_NOT_FOUND);
    assert_int_equal(people_store_hold_card(&store, &tag_a, aicha, &lost, NOON), ERR_OK);
    assert_string_equal(ask("SELECT given||' '||first_day||' '||last_day||' '||blocked||' '||temporary FROM "
                            "holdings"),
                        "file 9000 9900 1 0");
    assert_int_equal(people_store_hold_card(&store, &tag_a, aicha, &found, EVENING), ERR_OK);
    assert_string_equal(ask("SELECT given||' '||first_day||' '||last_day||' '||blocked||' '||temporary||' '||"
                            "count(*) OVER () FROM holdings"),
                        "desk 0 65535 0 1 1");
    assert_string_equal(ask("SELECT method||' '||counts_as FROM holdings"), "desfire 0b00000000000000");
    assert_int_equal(people_store_holding(&store, &tag_a, &read), ERR_OK);
    assert_int_equal(read.given, PEOPLE_GIVEN_DESK);
    assert_true(read.temporary && !read.blocked);
    assert_int_equal(read.method, CREDENTIAL_DESFIRE);
    assert_true(read.counts_as_uid);
    assert_memory_equal(&read.uid_tag, &tag_b, sizeof tag_b);
    assert_int_equal(people_store_end_card(&store, &tag_a, EVENING), ERR_OK);
    assert_int_equal(people_store_holding(&store, &tag_a, &read), ERR_NOT_FOUND);
}

static void lend(const struct tag *tag, int64_t person, uint16_t first_day, uint16_t last_day)
{
    struct people_card card = {.tag = *tag,
                               .card = "04AABBCC",
                               .lent = true,
                               .first_day = first_day,
                               .last_day = last_day,
                               .noted_utc_s = NOON,
                               .has_person = true,
                               .person = {.id = person}};
    assert_int_equal(people_store_note_card(&store, &card), ERR_OK);
}

static void block(const struct tag *tag)
{
    struct people_card card = {.tag = *tag, .noted_utc_s = NOON};
    assert_int_equal(people_store_note_card(&store, &card), ERR_OK);
}

static void a_loan_has_a_holder_until_it_ends(void **state)
{
    struct people_person holder;
    struct tag tags[4];
    (void)state;
    int64_t bo = put("Modèle", "Bo", "2B", "");
    lend(&tag_b, bo, 9800, 9802);
    assert_int_equal(people_store_holder(&store, &tag_b, &holder), ERR_OK);
    assert_int_equal(holder.id, bo);
    assert_int_equal(people_store_cards_of(&store, bo, tags, 4), 1);
    assert_int_equal(people_store_drop_card(&store, &tag_b, EVENING), 1);
    assert_int_equal(people_store_holder(&store, &tag_b, &holder), ERR_NOT_FOUND);
    assert_int_equal(people_store_cards_of(&store, bo, tags, 4), 0);
    assert_int_equal(people_store_drop_card(&store, &tag_b, EVENING), 0);
    assert_int_equal(people_store_commit(&store), ERR_OK);
    add_passage(1, MORNING, &tag_b); /* before the loan: no holder */
    add_passage(2, NOON, &tag_b);
    add_passage(3, EVENING, &tag_b);
    assert_string_equal(ask("SELECT group_concat(coalesce(person, '?')) FROM passages"), "?,Modèle Bo,?");
}

/* --- into a list --- */

static struct site_rules rules;
static struct csv_import_options options = {.rules = &rules};
static struct csv_import import;

static void import_text(const char *text)
{
    static const uint8_t tag_key[IDENTITY_TAG_KEY_LEN] = {1};
    assert_int_equal(site_crypto_init(), ERR_OK);
    site_rules_default(&rules);
    csv_import_init(&import, &options, tag_key);
    assert_int_equal(csv_import_file(&import, "a.csv", text, strlen(text)), ERR_OK);
    assert_int_equal(import.report.error_count, 0);
}

static void the_offices_cards_go_into_the_list(void **state)
{
    struct office_merge_counts counts;
    (void)state;
    import_text("Carte;Régime\n04ED0B11;DP\n04ED0B12;DP\n");
    int64_t bo = put("Modèle", "Bo", "2B", "");
    block(&import.cards.cards[1].tag);
    block(&tag_c); /* no file has it */
    lend(&tag_b, bo, 9800, 9802);
    lend(&tag_a, bo, 9700, 9702); /* over long ago */
    assert_int_equal(office_merge(&store, "store", &import, 9801, &counts), ERR_OK);
    assert_int_equal(import.report.error_count, 0);
    assert_int_equal(import.cards.count, 4);
    assert_int_equal(counts.lent, 1);
    assert_int_equal(counts.blocked, 2);
    assert_int_equal(counts.ended, 1);
    assert_int_equal(import.cards.cards[0].rule.flags, 0);
    assert_int_equal(import.cards.cards[1].rule.flags, WHITELIST_RULE_BLOCKED);
    for (uint32_t i = 2; i < 4; i++) {
        const struct list_builder_card *card = &import.cards.cards[i];
        bool lent = memcmp(&card->tag, &tag_b, sizeof tag_b) == 0;
        assert_true(lent || memcmp(&card->tag, &tag_c, sizeof tag_c) == 0);
        assert_int_equal(card->rule.flags, lent ? WHITELIST_RULE_TEMPORARY : WHITELIST_RULE_BLOCKED);
        if (!lent)
            continue;
        assert_string_equal(rules.tables.profiles[card->rule.profile].name, "demi-pension");
        assert_int_equal(card->rule.weekdays, 0x1B);
        assert_int_equal(card->rule.passages, 2);
        assert_int_equal(card->rule.first_day, 9800);
        assert_int_equal(card->rule.last_day, 9802);
    }
    csv_import_free(&import);
}

static void a_card_lent_and_in_the_file_is_a_question(void **state)
{
    struct office_merge_counts counts;
    (void)state;
    import_text("Carte;Régime\n04ED0B11;DP\n");
    lend(&import.cards.cards[0].tag, put("Modèle", "Bo", "2B", ""), 9800, 9802);
    assert_int_equal(office_merge(&store, "store", &import, 9801, &counts), ERR_OK);
    assert_int_equal(import.report.error_count, 1);
    assert_non_null(strstr(import.report.errors[0], "a.csv:2: this card (04AABBCC) is lent to Modèle Bo"));
    csv_import_free(&import);
}

/* --- retention --- */

static void what_is_old_is_forgotten(void **state)
{
    int64_t passages, people;
    (void)state;
    int64_t gone = put("Partie", "Ada", "", ""), here = put("Exemple", "Bo", "2A", "");
    assert_int_equal(people_store_hold(&store, &tag_a, gone, MORNING), ERR_OK);
    assert_int_equal(people_store_hold(&store, &tag_b, here, MORNING), ERR_OK);
    assert_int_equal(people_store_commit(&store), ERR_OK);
    add_passage(1, MORNING, &tag_a);
    add_passage(2, EVENING, &tag_b);
    assert_int_equal(people_store_begin(&store), ERR_OK);
    assert_int_equal(people_store_leave(&store, everybody, NOON), ERR_OK);
    assert_int_equal(put("Exemple", "Bo", "2A", ""), here); /* seen long ago, but in the school */
    assert_int_equal(people_store_forget(&store, NOON, &passages, &people), ERR_OK);
    assert_int_equal(people, 0);
    assert_int_equal(people_store_forget(&store, EVENING, &passages, &people), ERR_OK);
    assert_int_equal(passages, 0);
    assert_int_equal(people, 1);
    assert_int_equal(people_store_commit(&store), ERR_OK);
    assert_string_equal(ask("SELECT count(*) || ' ' || max(person) FROM passages"), "1 Exemple Bo");
    assert_string_equal(ask("SELECT group_concat(surname) FROM people"), "Exemple");
    assert_string_equal(ask("SELECT CAST(count(*) AS TEXT) FROM holdings"), "1");
}

static void a_store_made_before_there_were_people_gets_their_tables(void **state)
{
    sqlite3 *db;
    struct passage_store passages;
    struct identity gate = test_store_gate("nord-1");
    (void)state;
    if (test_store_is_server())
        skip(); /* a server never had a store of an older version */
    people_store_close(&store);
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(
            db,
            "CREATE TABLE journal (device, seq, utc_s, since_start_s, clock, kind, what, zone, tag, ref,"
            " from_twin, raw, stored_utc_s); CREATE TABLE devices (device, covered_seq, pulled_utc_s);"
            "CREATE TABLE anomalies (device, what, first_seq, last_seq, raw, noticed_utc_s);"
            "CREATE VIEW passages AS SELECT 1; PRAGMA user_version = 1",
            NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(passage_store_open(&passages, path, &gate), ERR_OK);
    passage_store_close(&passages);
    assert_int_equal(people_store_open(&store, path, test_store_site), ERR_OK);
    assert_string_equal(ask("SELECT CAST(count(person) AS TEXT) FROM passages"), "0");
}

static const char *holder_at(int64_t utc_s)
{
    static struct people_person person;
    struct holder_then holders;
    assert_int_equal(holder_then_open(&holders, &store.db), ERR_OK);
    int result = holder_then_find(&holders, &tag_a, utc_s, &person);
    holder_then_close(&holders);
    return result == ERR_NOT_FOUND ? "nobody" : result == ERR_OK ? person.name : "an error";
}

static void a_lent_card_has_a_holder_as_long_as_it_is_lent(void **state)
{
    (void)state;
    struct people_card loan = {.tag = tag_a, .lent = true, .noted_utc_s = NOON, .has_person = true};
    loan.person.id = put("Exemple", "Aïcha", "2A", "");
    assert_int_equal(people_store_note_card(&store, &loan), ERR_OK);
    assert_int_equal(people_store_drop_card(&store, &tag_a, EVENING), 1);
    assert_string_equal(holder_at(NOON - 1), "nobody");
    assert_string_equal(holder_at(NOON), "Exemple Aïcha");
    assert_string_equal(holder_at(EVENING - 1), "Exemple Aïcha");
    assert_string_equal(holder_at(EVENING), "nobody");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_lent_card_has_a_holder_as_long_as_it_is_lent, start, stop),
        cmocka_unit_test_setup_teardown(a_person_of_the_same_name_and_class_is_the_same, start, stop),
        cmocka_unit_test_setup_teardown(people_are_found_by_words_of_their_names, start, stop),
        cmocka_unit_test_setup_teardown(a_passage_shows_who_had_the_card_then, start, stop),
        cmocka_unit_test_setup_teardown(who_is_not_in_a_whole_file_has_left, start, stop),
        cmocka_unit_test_setup_teardown(a_card_keeps_what_the_file_says_of_it, start, stop),
        cmocka_unit_test_setup_teardown(a_loan_has_a_holder_until_it_ends, start, stop),
        cmocka_unit_test_setup_teardown(the_offices_cards_go_into_the_list, start, stop),
        cmocka_unit_test_setup_teardown(a_card_lent_and_in_the_file_is_a_question, start, stop),
        cmocka_unit_test_setup_teardown(what_is_old_is_forgotten, start, stop),
        cmocka_unit_test_setup_teardown(a_store_made_before_there_were_people_gets_their_tables, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
