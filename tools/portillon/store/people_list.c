/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/people_list.h"

#include "tools/portillon/store/people_rows.h"

int people_list_people(struct people_store *store, people_list_person *callback, void *ctx)
{
    struct db_statement statement;
    int result = store_db_prepare(&store->db, &statement,
                                  "SELECT " PEOPLE_ROWS_PERSON " FROM people p WHERE p.site = $1"
                                  " ORDER BY p.class, p.fold, p.person");
    while (result == ERR_OK && (result = db_step(&statement)) == DB_ROW) {
        struct people_person person;
        people_rows_read_person(&statement, 0, &person);
        result = callback(ctx, &person);
    }
    db_finalize(&statement);
    return result;
}

static void read_held(struct db_statement *statement, struct people_held *held)
{
    *held = (struct people_held){0};
    (void)tag_text_read(db_text(statement, 0), &held->tag);
    people_rows_read_holding(statement, 1, &held->holding);
    held->has_person = !db_is_null(statement, 1 + PEOPLE_ROWS_HOLDING_COUNT);
    if (held->has_person)
        people_rows_read_person(statement, 1 + PEOPLE_ROWS_HOLDING_COUNT, &held->person);
}

int people_list_cards(struct people_store *store, people_list_held *callback, void *ctx)
{
    struct db_statement statement;
    int result =
        store_db_prepare(&store->db, &statement,
                         "SELECT h.tag, h.given, h.first_day, h.last_day, h.blocked, h.temporary,"
                         " h.method, h.counts_as, " PEOPLE_ROWS_PERSON
                         " FROM holdings h LEFT JOIN people p ON p.site = h.site AND p.person = h.person"
                         " WHERE h.site = $1 AND h.until_utc_s IS NULL ORDER BY p.class, p.fold, h.tag");
    while (result == ERR_OK && (result = db_step(&statement)) == DB_ROW) {
        struct people_held held;
        read_held(&statement, &held);
        result = callback(ctx, &held);
    }
    db_finalize(&statement);
    return result;
}
