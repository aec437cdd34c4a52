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

void people_rows_holding_values(const struct people_holding *holding,
                                struct db_value values[PEOPLE_ROWS_HOLDING_COUNT])
{
    const char *given = given_names[holding->given];
    values[0] = (struct db_value){.type = DB_TEXT, .data = given, .len = strlen(given)};
    values[1] = (struct db_value){.type = DB_INT, .number = holding->first_day};
    values[2] = (struct db_value){.type = DB_INT, .number = holding->last_day};
    values[3] = (struct db_value){.type = DB_INT, .number = holding->blocked};
    values[4] = (struct db_value){.type = DB_INT, .number = holding->temporary};
}

void people_rows_bind_holding(struct db_statement *statement, unsigned index,
                              const struct people_holding *holding)
{
    people_rows_holding_values(holding, &statement->parameters[index]);
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
                            (holding->temporary ? WHITELIST_RULE_TEMPORARY : 0));
}
