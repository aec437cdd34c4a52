/* SPDX-License-Identifier: Apache-2.0 */
/* The register: what files of the school make of it, what changes, which list comes out of it, and cards that
 * are given at the desk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/crypto/credential.h"
#include "tests/fakes/test_store.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules_default.h"
#include "tools/portillon/store/card_assign.h"
#include "tools/portillon/store/office_merge.h"
#include "tools/portillon/store/people_change.h"
#include "tools/portillon/store/register_import.h"
#include "tools/portillon/store/register_list.h"

#define TODAY 9800 /* 2026-10-31 */

enum { FIRST = 1795000000, SECOND = FIRST + 86400, THIRD = SECOND + 86400 };

static const uint8_t tag_key[IDENTITY_TAG_KEY_LEN] = {1};
static char path[TEST_STORE_PATH_SIZE];
static struct people_store store;
static struct site_rules rules;
static struct csv_import_options options;
static struct csv_import import, list;
static struct people_snapshot before, after;

static int start(void **state)
{
    (void)state;
    test_store_new(path);
    assert_int_equal(site_crypto_init(), ERR_OK);
    site_rules_default(&rules);
    assert_int_equal(people_store_open(&store, path, test_store_site), ERR_OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    csv_import_free(&import);
    csv_import_free(&list);
    people_snapshot_free(&before);
    people_snapshot_free(&after);
    people_store_close(&store);
    test_store_delete(path);
    return 0;
}

enum { PART, WHOLE };

/* Returns how many rows this connection has written; of a server: whether it has written any in this
 * transaction. */
static int64_t count_writes(void)
{
    int64_t count;
    const char *sql = test_store_is_server()
                          ? "SELECT CASE WHEN pg_current_xact_id_if_assigned() IS NULL THEN 0 ELSE 1 END"
                          : "SELECT total_changes()";
    assert_int_equal(db_ask(&store.db.db, &(struct db_question){.sql = sql}, &count), ERR_OK);
    return count;
}

static int64_t writes; /* of the last import */

/* Imports a file of the school. Its report and its cards are in import. */
static void take(const char *text, int whole, int64_t utc_s)
{
    struct register_import intake = {
        .store = &store, .import = &import, .utc_s = utc_s, .whole = whole == WHOLE};
    int64_t moved;
    csv_import_free(&import);
    options = (struct csv_import_options){.rules = &rules,
                                          .today = TODAY,
                                          .people_only = true,
                                          .skips_strangers = whole == PART,
                                          .on_person = register_import_person,
                                          .person_ctx = &intake};
    csv_import_init(&import, &options, tag_key);
    assert_int_equal(people_store_begin(&store), ERR_OK);
    writes = -count_writes();
    assert_int_equal(register_import_begin(&intake), ERR_OK);
    if (whole == PART)
        assert_int_equal(register_import_join(&intake, "register"), ERR_OK);
    assert_int_equal(csv_import_file(&import, "file.csv", text, strlen(text)), ERR_OK);
    int error = register_import_end(&intake, &moved);
    if (error != ERR_OK)
        fail_msg("%s", people_store_error(&store));
    register_import_free(&intake);
    writes += count_writes();
    assert_int_equal(people_store_commit(&store), ERR_OK);
}

static void take_good(const char *text, int whole, int64_t utc_s)
{
    take(text, whole, utc_s);
    if (import.report.error_count != 0)
        fail_msg("%s", import.report.errors[0]);
}

static struct tag tag_of(const char *uid_hex)
{
    struct credential credential;
    struct tag tag;
    uint8_t uid[7];
    for (int i = 0; i < 7; i++)
        assert_int_equal(sscanf(uid_hex + 2 * i, "%2hhx", &uid[i]), 1);
    assert_int_equal(credential_from_uid(&credential, uid, 7), ERR_OK);
    assert_int_equal(tag_from_credential(&tag, tag_key, &credential), ERR_OK);
    return tag;
}

#define CARD_A "04A1B2C3D4E580"
#define CARD_B "04A1B2C3D4E581"
#define CARD_C "04A1B2C3D4E582"

/* The rules of a school whose cards have an application with identifiers of two bytes. */
static void use_application(void)
{
    rules.tables.application_count = 1;
    rules.tables.applications[0] = (struct whitelist_application){.aid = {0x30, 0x42, 0xF5}, .id_len = 2};
}

static struct register_list_counts make_list(void)
{
    struct register_list_counts counts;
    csv_import_free(&list);
    options.on_person = NULL;
    csv_import_init(&list, &options, tag_key);
    assert_int_equal(register_list_add(&store, "register", &list, &counts), ERR_OK);
    return counts;
}

/* Returns the rule of a card in the list, or NULL. */
static const struct whitelist_rule *listed(const char *card)
{
    struct tag tag = tag_of(card);
    for (uint32_t i = 0; i < list.cards.count; i++)
        if (memcmp(&list.cards.cards[i].tag, &tag, sizeof tag) == 0)
            return &list.cards.cards[i].rule;
    return NULL;
}

static int64_t person_of(const char *name)
{
    struct people_person found[2];
    assert_int_equal(people_store_find(&store, name, found, 2), 1);
    return found[0].id;
}

/* --- rights --- */

static void a_row_gives_the_person_rights_and_the_card_its_days_and_marks(void **state)
{
    (void)state;
    take_good("Nom;Régime;Jours;Passages;Carte;Début;Fin;Perdue;Temporaire\n"
              "Exemple;DP;LMJV;2;" CARD_A ";01/11/2026;30/11/2026;;oui\n"
              "Modèle;externe;;;" CARD_B ";;;oui;\n",
              WHOLE, FIRST);
    struct register_list_counts counts = make_list();
    assert_int_equal(counts.people, 2);
    assert_int_equal(counts.cards, 2);
    assert_int_equal(counts.without_card, 0);
    const struct whitelist_rule *rule = listed(CARD_A);
    assert_non_null(rule);
    assert_string_equal(rules.tables.profiles[rule->profile].name, "demi-pension");
    assert_int_equal(rule->weekdays, 0x1B);
    assert_int_equal(rule->passages, 2);
    assert_int_equal(rule->first_day, 9801); /* 2026-11-01 */
    assert_int_equal(rule->last_day, 9830);
    assert_int_equal(rule->flags, WHITELIST_RULE_TEMPORARY);
    rule = listed(CARD_B);
    assert_non_null(rule);
    assert_int_equal(rule->first_day, WHITELIST_NO_FIRST_DAY);
    assert_int_equal(rule->last_day, WHITELIST_NO_LAST_DAY);
    assert_int_equal(rule->flags, WHITELIST_RULE_BLOCKED);
}

static void a_card_is_good_within_the_days_of_its_holder(void **state)
{
    (void)state;
    take_good("INE;Nom;Régime;Début;Fin\n1A;Exemple;DP;01/11/2026;30/11/2026\n2B;Modèle;DP;;\n", WHOLE,
              FIRST);
    take_good("INE;Carte;Fin\n1A;" CARD_A ";15/11/2026\n1A;" CARD_B ";31/12/2026\n2B;" CARD_C ";31/12/2026\n",
              PART, SECOND);
    make_list();
    assert_int_equal(listed(CARD_A)->first_day, 9801);
    assert_int_equal(listed(CARD_A)->last_day, 9815);
    assert_int_equal(listed(CARD_B)->last_day, 9830);
    assert_int_equal(listed(CARD_C)->last_day, 9861);
    /* the holder stays longer: the card without days of its own follows */
    take_good("INE;Nom;Régime;Début;Fin\n1A;Exemple;DP;01/11/2026;31/01/2027\n2B;Modèle;DP;;\n", WHOLE,
              THIRD);
    make_list();
    assert_int_equal(listed(CARD_A)->last_day, 9815);
    assert_int_equal(listed(CARD_B)->last_day, 9892);
}

static void the_last_day_of_a_person_is_the_last_day_in_the_list(void **state)
{
    (void)state;
    take_good("INE;Nom;Régime;Fin\n1A;Exemple;DP;31/10/2026\n2B;Modèle;DP;30/10/2026\n", WHOLE, FIRST);
    take_good("INE;Carte\n1A;" CARD_A "\n2B;" CARD_B "\n", PART, SECOND);
    struct register_list_counts counts = make_list();
    assert_int_equal(counts.people, 1);
    assert_non_null(listed(CARD_A));
    assert_null(listed(CARD_B));
}

static void a_profile_that_site_conf_lost_is_an_error_that_names_the_person(void **state)
{
    (void)state;
    take_good("Nom;Classe;Régime;Carte\nExemple;2A;DP;" CARD_A "\n", WHOLE, FIRST);
    assert_int_equal(db_run(&store.db.db, "UPDATE people SET profile = 'ancien'"), ERR_OK);
    make_list();
    assert_int_equal(list.report.error_count, 1);
    assert_non_null(strstr(list.report.errors[0], "Exemple, 2A has the profile 'ancien'"));
    take("Nom;Carte\nExemple;" CARD_B "\n", PART, SECOND);
    assert_int_equal(import.report.error_count, 1);
}

/* --- what is written --- */

static int64_t ask_number(const char *sql)
{
    return atoll(test_store_ask(path, sql));
}

static void a_file_that_says_nothing_new_writes_nothing(void **state)
{
    static const char file[] = "INE;Nom;Prénom;Classe;Régime;Carte;Perdue\n1A;Exemple;Aïcha;2A;DP;" CARD_A
                               ";\n2B;Modèle;Bo;2B;externe;" CARD_B ";oui\n;Essai;Chloé;;interne;;\n",
                      other_order[] =
                          "Nom;Prénom;Régime;Carte;Perdue;Classe;INE\nEssai;Chloé;interne;;;;\n"
                          "Modèle;Bo;externe;" CARD_B ";oui;2B;2B\nExemple;Aïcha;DP;" CARD_A ";;2A;1A\n";
    (void)state;
    take_good(file, WHOLE, FIRST);
    assert_true(writes > 0);
    take_good(file, WHOLE, SECOND);
    assert_int_equal(writes, 0);
    take_good(other_order, WHOLE, SECOND);
    assert_int_equal(writes, 0);
    take_good("INE;Carte;Perdue\n1A;" CARD_A ";\n2B;" CARD_B ";oui\n", PART, THIRD);
    assert_int_equal(writes, 0);
}

static void what_is_new_is_all_that_is_written(void **state)
{
    (void)state;
    take_good("INE;Nom;Classe;Régime;Carte\n1A;Exemple;2A;DP;" CARD_A "\n2B;Modèle;2B;externe;" CARD_B "\n",
              WHOLE, FIRST);
    take_good("INE;Nom;Classe;Régime;Carte\n1A;Exemple;1A;DP;" CARD_A "\n2B;Modèle;2B;externe;" CARD_B "\n",
              WHOLE, SECOND);
    assert_int_equal(writes, 1); /* a class */
    take_good("INE;Nom;Classe;Régime;Carte\n1A;Exemple;1A;DP;" CARD_A "\n", WHOLE, THIRD);
    assert_int_equal(writes, 1); /* one left */
    assert_int_equal(ask_number("SELECT left_utc_s FROM people WHERE surname = 'Modèle'"), THIRD);
    take_good("INE;Nom;Classe;Régime;Carte;Perdue\n1A;Exemple;1A;DP;" CARD_A ";oui\n", WHOLE, THIRD + 1);
    assert_int_equal(writes,
                     test_store_is_server() ? 1 : 2); /* a card, and when its holder was last told of */
}

static void a_list_is_old_when_a_person_left_or_a_card_changed_after_it(void **state)
{
    struct people_counts counts;
    (void)state;
    take_good("INE;Nom;Régime;Carte\n1A;Exemple;DP;" CARD_A "\n2B;Modèle;DP;" CARD_B "\n", WHOLE, FIRST);
    take_good("INE;Nom;Régime;Carte\n1A;Exemple;DP;" CARD_A "\n", WHOLE, SECOND);
    assert_int_equal(people_store_count(&store, TODAY, 0, &counts), ERR_OK);
    assert_int_equal(counts.newest_utc_s, SECOND);
    take_good("INE;Carte;Perdue\n1A;" CARD_A ";oui\n", PART, THIRD);
    assert_int_equal(people_store_count(&store, TODAY, 0, &counts), ERR_OK);
    assert_int_equal(counts.newest_utc_s, THIRD);
    take_good("INE;Carte\n1A;" CARD_C "\n", PART, THIRD + 5);
    assert_int_equal(people_store_count(&store, TODAY, 0, &counts), ERR_OK);
    assert_int_equal(counts.newest_utc_s, THIRD + 5);
}

static void that_the_files_still_have_a_person_is_stored_after_twenty_days(void **state)
{
    static const char file[] = "Nom;Régime\nExemple;DP\nModèle;DP\nEssai;DP\n";
    (void)state;
    take_good(file, WHOLE, FIRST);
    take_good(file, WHOLE, FIRST + 20 * 86400);
    assert_int_equal(ask_number("SELECT max(seen_utc_s) FROM people"), FIRST);
    take_good("Nom;Régime\nExemple;DP\nEssai;DP\n", WHOLE, FIRST + 21 * 86400);
    assert_int_equal(ask_number("SELECT count(*) FROM people WHERE seen_utc_s = 1796814400"), 2);
    assert_int_equal(ask_number("SELECT seen_utc_s FROM people WHERE surname = 'Modèle'"), FIRST);
}

static void the_last_of_two_rows_of_one_person_counts(void **state)
{
    (void)state;
    take("Nom;Classe;Régime;Carte\nExemple;2A;DP;" CARD_A "\nExemple;2A;externe;" CARD_B "\n", WHOLE, FIRST);
    assert_string_equal(test_store_ask(path, "SELECT group_concat(profile) FROM people"), "externe");
    assert_int_equal(ask_number("SELECT count(*) FROM holdings WHERE until_utc_s IS NULL"), 2);
}

static void a_card_changes_hands_with_the_file(void **state)
{
    (void)state;
    take_good("Nom;Régime;Carte\nExemple;DP;" CARD_A "\n", WHOLE, FIRST);
    take_good("Nom;Régime;Carte\nExemple;DP;\nModèle;DP;" CARD_A "\n", WHOLE, SECOND);
    assert_string_equal(
        test_store_ask(path,
                       "SELECT group_concat(t) FROM (SELECT p.surname || ' ' || h.since_utc_s || ' ' ||"
                       " coalesce(CAST(h.until_utc_s AS TEXT), 'now') AS t FROM holdings h JOIN people p"
                       " ON p.site = h.site AND p.person = h.person ORDER BY h.since_utc_s) x"),
        "Exemple 0 1795086400,Modèle 1795086400 now");
}

/* As many as need several rounds (people_bulk.c). */
static void many_people_come_and_go(void **state)
{
    enum { PEOPLE = 110000 };
    static char file[PEOPLE * 48];
    size_t len = (size_t)sprintf(file, "INE;Nom;Régime;Carte\n");
    (void)state;
    for (int i = 0; i < PEOPLE; i++)
        len += (size_t)sprintf(file + len, "N%d;Exemple %d;DP;04%012X\n", i * 7919 % PEOPLE, i, i);
    take_good(file, WHOLE, FIRST);
    assert_int_equal(ask_number("SELECT count(*) FROM people p JOIN holdings h ON h.site = p.site AND"
                                " h.person = p.person WHERE left_utc_s IS NULL AND until_utc_s IS NULL"),
                     PEOPLE);
    struct people_person found[2];
    struct tag tag = tag_of("040000000186A1"); /* 100,001 */
    assert_int_equal(people_store_holder(&store, &tag, &found[0]), ERR_OK);
    assert_string_equal(found[0].name, "Exemple 100001");
    take_good(file, WHOLE, SECOND);
    assert_int_equal(writes, 0);
    strcpy(strchr(file, '\n') + 1, "N1;Exemple;DP;" CARD_A "\n");
    take_good(file, WHOLE, THIRD);
    assert_int_equal(ask_number("SELECT count(*) FROM people WHERE left_utc_s IS NULL"), 1);
}

/* --- cards known by their key --- */

static const struct whitelist_rule *rule_with(const struct csv_import *from, const struct tag *tag)
{
    for (uint32_t i = 0; i < from->cards.count; i++)
        if (memcmp(&from->cards.cards[i].tag, tag, sizeof *tag) == 0)
            return &from->cards.cards[i].rule;
    return NULL;
}

static void identifiers_come_back_from_the_register_as_they_were_in_the_file(void **state)
{
    (void)state;
    use_application();
    take_good("INE;Nom;Régime;Carte;DESFire ID;Perdue\n"
              "1A;Exemple;DP;" CARD_A ";A1B2;\n2B;Modèle;DP;;A1B3;oui\n3C;Essai;DP;" CARD_C ";;\n",
              WHOLE, FIRST);
    assert_int_equal(import.cards.count, 4);
    struct register_list_counts counts = make_list();
    assert_int_equal(counts.without_card, 0);
    assert_int_equal(list.cards.count, 4);
    for (uint32_t i = 0; i < import.cards.count; i++) {
        const struct whitelist_rule *rule = rule_with(&list, &import.cards.cards[i].tag);
        assert_non_null(rule);
        assert_int_equal(rule->flags, import.cards.cards[i].rule.flags);
    }
    assert_int_equal(import.cards.cards[1].rule.flags, WHITELIST_RULE_COUNTS_AS_UID);
    assert_int_equal(import.cards.cards[2].rule.flags, WHITELIST_RULE_BLOCKED);
    assert_string_equal(test_store_ask(path, "SELECT count(*) FROM holdings WHERE method = 'desfire'"), "2");
    take_good("INE;Nom;Régime;Carte;DESFire ID;Perdue\n"
              "1A;Exemple;DP;" CARD_A ";A1B2;\n2B;Modèle;DP;;A1B3;oui\n3C;Essai;DP;" CARD_C ";;\n",
              WHOLE, FIRST);
    assert_int_equal(writes, 0);
}

static void a_card_blocked_by_its_uid_is_blocked_by_its_identifier_too(void **state)
{
    struct office_merge_counts counts;
    struct people_card blocked = {.tag = tag_of(CARD_A)};
    (void)state;
    use_application();
    take_good("Nom;Régime;Carte;DESFire ID\nExemple;DP;" CARD_A ";A1B2\nModèle;DP;" CARD_B ";A1B3\n", WHOLE,
              FIRST);
    assert_int_equal(people_store_note_card(&store, &blocked), ERR_OK);
    make_list();
    assert_int_equal(office_merge(&store, "register", &list, TODAY, &counts), ERR_OK);
    assert_int_equal(office_merge(&store, "register", &import, TODAY, &counts), ERR_OK);
    assert_int_equal(import.cards.cards[0].rule.flags, WHITELIST_RULE_BLOCKED);
    assert_int_equal(import.cards.cards[1].rule.flags, WHITELIST_RULE_BLOCKED | WHITELIST_RULE_COUNTS_AS_UID);
    assert_int_equal(import.cards.cards[3].rule.flags, WHITELIST_RULE_COUNTS_AS_UID);
    for (uint32_t i = 0; i < import.cards.count; i++)
        assert_int_equal(rule_with(&list, &import.cards.cards[i].tag)->flags,
                         import.cards.cards[i].rule.flags);
}

static void a_later_file_with_the_uid_alone_takes_the_identifier_away(void **state)
{
    (void)state;
    use_application();
    take_good("INE;Nom;Régime;Carte;DESFire ID\n1A;Exemple;DP;" CARD_A ";A1B2\n", WHOLE, FIRST);
    take_good("INE;Carte\n1A;" CARD_A "\n", PART, SECOND);
    make_list();
    assert_int_equal(list.cards.count, 1);
    assert_int_equal(listed(CARD_A)->flags, 0);
    take_good("INE;DESFire ID\n1A;A1B2\n", PART, THIRD);
    make_list();
    assert_int_equal(list.cards.count, 1);
    assert_null(listed(CARD_A));
    assert_int_equal(list.cards.cards[0].rule.flags, 0);
}

/* --- cards that end --- */

static void another_card_of_a_file_takes_the_place_of_the_earlier_one(void **state)
{
    struct card_assign_result result;
    struct tag desk = tag_of(CARD_C);
    (void)state;
    take_good("INE;Nom;Régime;Carte\n1A;Exemple;DP;" CARD_A "\n2B;Modèle;DP;" CARD_B "\n", WHOLE, FIRST);
    const struct people_person exemple = {.id = person_of("exemple")};
    assert_int_equal(card_assign(&store, &desk, &exemple, false, FIRST, &result), ERR_OK);
    take_good("INE;Carte\n1A;04A1B2C3D4E58F\n", PART, SECOND);
    make_list();
    assert_null(listed(CARD_A));
    assert_non_null(listed("04A1B2C3D4E58F"));
    assert_non_null(listed(CARD_B)); /* the file does not speak of this person */
    assert_non_null(listed(CARD_C)); /* it was given at the desk */
    take_good("INE;Nom;Régime;Carte\n1A;Exemple;DP;04A1B2C3D4E58F\n2B;Modèle;DP;\n", WHOLE, THIRD);
    make_list();
    assert_null(listed(CARD_B)); /* an empty cell: the card was withdrawn */
    take_good("INE;Nom;Régime\n1A;Exemple;DP\n2B;Modèle;DP\n", WHOLE, THIRD + 1);
    make_list();
    assert_non_null(listed("04A1B2C3D4E58F")); /* no column: nothing is said of cards */
}

static void who_left_has_no_card_in_the_list_until_they_come_back(void **state)
{
    (void)state;
    take_good("INE;Nom;Régime;Carte\n1A;Exemple;DP;" CARD_A "\n2B;Modèle;DP;" CARD_B "\n", WHOLE, FIRST);
    take_good("INE;Nom;Régime\n1A;Exemple;DP\n", WHOLE, SECOND);
    struct register_list_counts counts = make_list();
    assert_int_equal(counts.left, 1);
    assert_null(listed(CARD_B));
    take_good("INE;Nom;Régime\n1A;Exemple;DP\n2B;Modèle;DP\n", WHOLE, THIRD);
    make_list();
    assert_non_null(listed(CARD_B));
}

/* --- joining --- */

static void cards_find_their_holders_by_id_and_by_name(void **state)
{
    (void)state;
    take_good("INE;Nom;Prénom;Classe;Régime\n1A;Exemple;Aïcha;2A;DP\n;Modèle;Bo;2A;DP\n;Modèle;Bo;2B;DP\n"
              "3C;Parti;Al;2A;DP\n",
              WHOLE, FIRST);
    take_good("INE;Nom;Prénom;Classe;Régime\n1A;Exemple;Aïcha;2A;DP\n;Modèle;Bo;2A;DP\n;Modèle;Bo;2B;DP\n",
              WHOLE, SECOND);
    take_good("INE;Nom;Prénom;Classe;Carte\n1a;;;;" CARD_A "\n;MODELE;bo;2b;" CARD_B "\n9Z;;;;" CARD_C
              "\n3C;;;;04A1B2C3D4E58F\n",
              PART, THIRD);
    assert_int_equal(import.stranger_count, 1);
    assert_int_equal(import.stranger_line, 4);
    assert_int_equal(import.left_card_count, 1);
    struct register_list_counts counts = make_list();
    assert_int_equal(counts.cards, 2);
    assert_int_equal(counts.without_card, 1);
    take("Nom;Prénom;Carte\nModèle;Bo;" CARD_C "\n", PART, THIRD + 1);
    assert_int_equal(import.report.error_count, 1);
    assert_non_null(strstr(import.report.errors[0], "several pupils of the register have this name"));
}

static void a_card_that_the_register_cannot_keep_is_told(void **state)
{
    struct register_list_counts counts;
    (void)state;
    take_good("Nom;Prénom;Régime;Carte\nExemple;Aïcha;DP;" CARD_A "\nExemple;Aïcha;externe;" CARD_B
              "\n;;DP;" CARD_C "\n",
              WHOLE, FIRST);
    assert_int_equal(register_list_compare(&store, "register", &import, &counts), ERR_OK);
    assert_int_equal(import.report.error_count, 2);
    assert_non_null(
        strstr(import.report.errors[0], "file.csv:2: another row gives the same person other rights"));
    assert_non_null(strstr(import.report.errors[1], "file.csv:4: the row names nobody"));
}

static void a_card_of_an_older_store_is_no_guess(void **state)
{
    static struct import_report report;
    (void)state;
    take_good("Nom;Régime;Carte\nExemple;DP;" CARD_A "\n", WHOLE, FIRST);
    assert_int_equal(db_run(&store.db.db, "UPDATE holdings SET given = 'older'"), ERR_OK);
    struct register_list_counts counts = make_list();
    register_list_report(&counts, "register", &report);
    assert_int_equal(report.error_count, 1);
    take_good("Nom;Régime;Carte;Perdue\nExemple;DP;" CARD_A ";oui\n", WHOLE, SECOND);
    counts = make_list();
    assert_int_equal(counts.older, 0);
    assert_int_equal(listed(CARD_A)->flags, WHITELIST_RULE_BLOCKED);
}

static void an_empty_register_is_an_error(void **state)
{
    static struct import_report report;
    (void)state;
    take("Nom;Régime\n", WHOLE, FIRST);
    struct register_list_counts counts = make_list();
    register_list_report(&counts, "register", &report);
    assert_int_equal(report.error_count, 1);
    assert_non_null(strstr(report.errors[0], "has nobody of the school"));
}

/* --- changes --- */

static size_t changes(enum people_change_kind kind)
{
    return people_change_each(&before, &after, kind, NULL, NULL);
}

static void check_person(void *ctx, const struct people_person *was, const struct people_person *is)
{
    assert_string_equal(was->class_name, "2A");
    assert_string_equal(is->class_name, "1B");
    *(int64_t *)ctx = is->id;
}

static void each_change_is_told_as_what_it_is(void **state)
{
    int64_t moved = 0;
    (void)state;
    take_good("INE;Nom;Classe;Régime;Carte\n1A;Exemple;2A;DP;" CARD_A "\n2B;Modèle;2A;DP;" CARD_B
              "\n3C;Parti;2A;DP;\n4D;Essai;2A;DP;04A1B2C3D4E58E\n",
              WHOLE, FIRST);
    assert_int_equal(people_snapshot_take(&before, &store), ERR_OK);
    take_good("INE;Nom;Classe;Régime;Carte;Perdue\n1A;Exemple;1B;DP;" CARD_A ";oui\n2B;Modèle;2A;externe;"
              "04A1B2C3D4E58F;\n5E;Nouveau;2A;DP;" CARD_B ";\n4D;Essai-Patron;2A;DP;04A1B2C3D4E58E;\n",
              WHOLE, SECOND);
    assert_int_equal(people_snapshot_take(&after, &store), ERR_OK);
    assert_int_equal(before.present, 4);
    assert_int_equal(after.present, 4);
    assert_int_equal(changes(PEOPLE_CHANGE_COMES), 1);
    assert_int_equal(changes(PEOPLE_CHANGE_LEAVES), 1);
    assert_int_equal(changes(PEOPLE_CHANGE_CLASS), 1);
    assert_int_equal(changes(PEOPLE_CHANGE_RIGHTS), 1);
    assert_int_equal(changes(PEOPLE_CHANGE_NAME), 1);
    assert_int_equal(changes(PEOPLE_CHANGE_CARD_NEW), 1);
    assert_int_equal(changes(PEOPLE_CHANGE_CARD_OTHER), 1);
    assert_int_equal(changes(PEOPLE_CHANGE_CARD_MARKS), 1);
    assert_int_equal(changes(PEOPLE_CHANGE_CARD_ENDS), 0);
    people_change_each(&before, &after, PEOPLE_CHANGE_CLASS, check_person, &moved);
    assert_int_equal(moved, person_of("exemple"));
}

static void who_moved_without_an_id_changes_class_and_neither_comes_nor_leaves(void **state)
{
    (void)state;
    take_good("Nom;Prénom;Classe;Régime;Carte\nExemple;Aïcha;2A;DP;" CARD_A "\n", WHOLE, FIRST);
    assert_int_equal(people_snapshot_take(&before, &store), ERR_OK);
    take_good("Nom;Prénom;Classe;Régime;Carte\nExemple;Aïcha;1B;DP;" CARD_B "\n", WHOLE, SECOND);
    assert_int_equal(people_snapshot_take(&after, &store), ERR_OK);
    assert_int_equal(changes(PEOPLE_CHANGE_COMES), 0);
    assert_int_equal(changes(PEOPLE_CHANGE_LEAVES), 0);
    assert_int_equal(changes(PEOPLE_CHANGE_CLASS), 1);
    assert_int_equal(changes(PEOPLE_CHANGE_CARD_ENDS), 1);
    make_list();
    assert_null(listed(CARD_A));
    assert_non_null(listed(CARD_B));
}

/* --- at the desk --- */

static enum card_assign_outcome assign(const char *card, const char *name, bool takes,
                                       struct card_assign_result *result)
{
    struct tag tag = tag_of(card);
    const struct people_person person = {.id = person_of(name)};
    assert_int_equal(card_assign(&store, &tag, &person, takes, SECOND, result), ERR_OK);
    return result->outcome;
}

static void a_card_is_given_to_one_person_only(void **state)
{
    struct card_assign_result result;
    (void)state;
    take_good("Nom;Régime\nExemple;DP\nModèle;DP\n", WHOLE, FIRST);
    assert_int_equal(assign(CARD_A, "exemple", false, &result), CARD_ASSIGN_GIVEN);
    assert_int_equal(result.other_cards, 0);
    assert_int_equal(assign(CARD_A, "exemple", false, &result), CARD_ASSIGN_OWN);
    assert_int_equal(assign(CARD_A, "modele", false, &result), CARD_ASSIGN_HELD);
    assert_string_equal(result.holder.name, "Exemple");
    assert_int_equal(assign(CARD_B, "exemple", false, &result), CARD_ASSIGN_GIVEN);
    assert_int_equal(result.other_cards, 1);
    assert_int_equal(assign(CARD_A, "modele", true, &result), CARD_ASSIGN_GIVEN);
    assert_true(result.has_holder);
    struct people_person holder;
    struct tag tag = tag_of(CARD_A);
    assert_int_equal(people_store_holder(&store, &tag, &holder), ERR_OK);
    assert_string_equal(holder.name, "Modèle");
}

static void a_card_of_the_office_is_not_given(void **state)
{
    struct card_assign_result result;
    (void)state;
    take_good("Nom;Régime\nExemple;DP\nModèle;DP\n", WHOLE, FIRST);
    struct people_card lent = {.tag = tag_of(CARD_A),
                               .lent = true,
                               .has_person = true,
                               .last_day = 60000,
                               .noted_utc_s = FIRST,
                               .person = {.id = person_of("modele")}},
                       lost = {.tag = tag_of(CARD_B), .noted_utc_s = FIRST};
    assert_int_equal(people_store_begin(&store), ERR_OK);
    assert_int_equal(people_store_note_card(&store, &lent), ERR_OK);
    assert_int_equal(people_store_note_card(&store, &lost), ERR_OK);
    assert_int_equal(people_store_commit(&store), ERR_OK);
    assert_int_equal(assign(CARD_A, "exemple", true, &result), CARD_ASSIGN_LENT);
    assert_int_equal(assign(CARD_B, "exemple", true, &result), CARD_ASSIGN_BLOCKED);
    assert_int_equal(people_store_begin(&store), ERR_OK);
    assert_int_equal(make_list().cards, 0); /* a lent card is for office_merge */
    assert_int_equal(people_store_commit(&store), ERR_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_row_gives_the_person_rights_and_the_card_its_days_and_marks),
        TEST(a_card_is_good_within_the_days_of_its_holder),
        TEST(the_last_day_of_a_person_is_the_last_day_in_the_list),
        TEST(a_profile_that_site_conf_lost_is_an_error_that_names_the_person),
        TEST(a_file_that_says_nothing_new_writes_nothing),
        TEST(what_is_new_is_all_that_is_written),
        TEST(a_list_is_old_when_a_person_left_or_a_card_changed_after_it),
        TEST(that_the_files_still_have_a_person_is_stored_after_twenty_days),
        TEST(the_last_of_two_rows_of_one_person_counts),
        TEST(a_card_changes_hands_with_the_file),
        TEST(many_people_come_and_go),
        TEST(a_later_file_with_the_uid_alone_takes_the_identifier_away),
        TEST(a_card_blocked_by_its_uid_is_blocked_by_its_identifier_too),
        TEST(identifiers_come_back_from_the_register_as_they_were_in_the_file),
        TEST(another_card_of_a_file_takes_the_place_of_the_earlier_one),
        TEST(who_left_has_no_card_in_the_list_until_they_come_back),
        TEST(cards_find_their_holders_by_id_and_by_name),
        TEST(a_card_that_the_register_cannot_keep_is_told),
        TEST(a_card_of_an_older_store_is_no_guess),
        TEST(an_empty_register_is_an_error),
        TEST(each_change_is_told_as_what_it_is),
        TEST(who_moved_without_an_id_changes_class_and_neither_comes_nor_leaves),
        TEST(a_card_is_given_to_one_person_only),
        TEST(a_card_of_the_office_is_not_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
