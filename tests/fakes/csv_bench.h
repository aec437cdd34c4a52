/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the import of a school's file share: text that is imported, and what is reported. The
 * state is static in each test program. A failed check fails the test. */
#ifndef TESTS_FAKES_CSV_BENCH_H
#define TESTS_FAKES_CSV_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules_default.h"

static const uint8_t tag_key[IDENTITY_TAG_KEY_LEN] = {1, 2, 3};
static struct csv_import_options options;
static struct csv_import import;
static struct site_rules rules;

static inline int setup(void **state)
{
    (void)state;
    memset(&options, 0, sizeof options);
    site_rules_default(&rules);
    options.rules = &rules;
    csv_import_init(&import, &options, tag_key);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    csv_import_free(&import);
    return 0;
}

static inline void read_bytes(const char *name, const char *data, size_t len)
{
    assert_int_equal(csv_import_file(&import, name, data, len), ERR_OK);
}

static inline void read_text(const char *text)
{
    read_bytes("list.csv", text, strlen(text));
    csv_import_finish(&import);
}

/* Checks that a text is refused with exactly one error, which begins with one text and contains the
 * other. */
static inline void assert_refused(const char *text, const char *beginning, const char *holding)
{
    teardown(NULL);
    csv_import_init(&import, &options, tag_key);
    read_text(text);
    if (import.report.error_count != 1 ||
        strncmp(import.report.errors[0], beginning, strlen(beginning)) != 0 ||
        strstr(import.report.errors[0], holding) == NULL)
        fail_msg("%d errors for:\n%s\nthe first: %s\nwanted: %s ... %s", (int)import.report.error_count, text,
                 import.report.errors[0], beginning, holding);
}

static char people[512];

static inline int note_person(void *ctx, const struct csv_person *person, const struct csv_row_cards *cards)
{
    (void)ctx;
    snprintf(people + strlen(people), sizeof people - strlen(people), "%s|%s|%s|%s|%d|%02x\n",
             person->surname, person->first_name, person->class_name, person->id, cards->count,
             cards->rule.weekdays);
    return ERR_OK;
}

static inline uint32_t card_count_of(const char *text)
{
    teardown(NULL);
    csv_import_init(&import, &options, tag_key);
    read_text(text);
    if (import.report.error_count != 0)
        fail_msg("%s\nin\n%s", import.report.errors[0], text);
    return import.cards.count;
}

/* --- days of meals, passages, temporary cards --- */

static inline const struct whitelist_rule *rule_of(const char *text)
{
    assert_int_equal(card_count_of(text), 1);
    return &import.cards.cards[0].rule;
}

#endif
