/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/people_rows.h"

#include <stdio.h>
#include <string.h>

#include "tools/portillon/common/printable.h"

void people_rows_bind_tag(struct db_statement *statement, unsigned index, const struct tag *tag,
                          char text[TAG_TEXT_SIZE])
{
    tag_text_write(tag, text);
    db_bind_text(statement, index, text);
}

static const char *const given_names[] = {[PEOPLE_GIVEN_FILE] = "file",
                                          [PEOPLE_GIVEN_DESK] = "desk",
                                          [PEOPLE_GIVEN_LENT] = "lent",
                                          [PEOPLE_GIVEN_OLDER] = "older"};

static struct db_value text_value(const char *text)
{
    return (struct db_value){.type = DB_TEXT, .data = text, .len = strlen(text)};
}

void people_rows_holding_values(const struct people_holding *holding, char text[TAG_TEXT_SIZE],
                                struct db_value values[PEOPLE_ROWS_HOLDING_COUNT])
{
    tag_text_write(&holding->uid_tag, text);
    values[0] = text_value(given_names[holding->given]);
    values[1] = (struct db_value){.type = DB_INT, .number = holding->first_day};
    values[2] = (struct db_value){.type = DB_INT, .number = holding->last_day};
    values[3] = (struct db_value){.type = DB_INT, .number = holding->blocked};
    values[4] = (struct db_value){.type = DB_INT, .number = holding->temporary};
    values[5] = text_value(credential_method_name(holding->method));
    values[6] = holding->counts_as_uid ? text_value(text) : (struct db_value){.type = DB_NULL};
}

void people_rows_bind_holding(struct db_statement *statement, unsigned index,
                              const struct people_holding *holding, char text[TAG_TEXT_SIZE])
{
    people_rows_holding_values(holding, text, &statement->parameters[index]);
}

void people_rows_read_holding(struct db_statement *statement, int column, struct people_holding *holding)
{
    const char *given = db_text(statement, column);
    holding->given = PEOPLE_GIVEN_OLDER;
    for (size_t i = 0; i < sizeof given_names / sizeof given_names[0]; i++)
        if (strcmp(given, given_names[i]) == 0)
            holding->given = (enum people_given)i;
    holding->first_day = (uint16_t)db_int(statement, column + 1);
    holding->last_day = (uint16_t)db_int(statement, column + 2);
    holding->blocked = db_int(statement, column + 3) != 0;
    holding->temporary = db_int(statement, column + 4) != 0;
    holding->method = strcmp(db_text(statement, column + 5), credential_method_name(CREDENTIAL_DESFIRE)) == 0
                          ? CREDENTIAL_DESFIRE
                          : CREDENTIAL_UID;
    holding->counts_as_uid = tag_text_read(db_text(statement, column + 6), &holding->uid_tag);
}

bool people_rows_is_same_holding(const struct people_holding *a, const struct people_holding *b)
{
    return a->given == b->given && a->first_day == b->first_day && a->last_day == b->last_day &&
           a->blocked == b->blocked && a->temporary == b->temporary && a->method == b->method &&
           a->counts_as_uid == b->counts_as_uid &&
           (!a->counts_as_uid || memcmp(&a->uid_tag, &b->uid_tag, sizeof a->uid_tag) == 0);
}

void people_rows_copy(struct db_statement *statement, int column, char *out, size_t size)
{
    snprintf(out, size, "%s", db_text(statement, column));
    printable_text(out); /* it came from a file of the school */
}

void people_rows_read_person(struct db_statement *statement, int column, struct people_person *person)
{
    person->id = db_int(statement, column);
    people_rows_copy(statement, column + 1, person->name, sizeof person->name);
    people_rows_copy(statement, column + 2, person->class_name, sizeof person->class_name);
    people_rows_copy(statement, column + 3, person->profile, sizeof person->profile);
    person->weekdays = (uint8_t)db_int(statement, column + 4);
    person->passages = (uint8_t)db_int(statement, column + 5);
    person->first_day = (uint16_t)db_int(statement, column + 6);
    person->last_day = (uint16_t)db_int(statement, column + 7);
    person->left = db_int(statement, column + 8) != 0;
}

void people_rows_narrow(struct whitelist_rule *rule, const struct people_holding *holding)
{
    if (rule->first_day < holding->first_day)
        rule->first_day = holding->first_day;
    if (rule->last_day > holding->last_day)
        rule->last_day = holding->last_day;
    rule->flags = (uint8_t)((holding->blocked ? WHITELIST_RULE_BLOCKED : 0) |
                            (holding->temporary ? WHITELIST_RULE_TEMPORARY : 0) |
                            (holding->counts_as_uid ? WHITELIST_RULE_COUNTS_AS_UID : 0));
}
