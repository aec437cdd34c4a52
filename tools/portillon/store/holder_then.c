/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/holder_then.h"

#include <stdio.h>
#include <string.h>

#include "tools/portillon/common/printable.h"

static void read_person(struct db_statement *statement, struct people_person *person)
{
    memset(person, 0, sizeof *person);
    person->id = db_int(statement, 0);
    snprintf(person->name, sizeof person->name, "%s", db_text(statement, 1));
    snprintf(person->class_name, sizeof person->class_name, "%s", db_text(statement, 2));
    printable_text(person->name); /* it came from a file of the school */
    printable_text(person->class_name);
}

int holder_then_open(struct holder_then *holders, struct store_db *store)
{
    *holders = (struct holder_then){.store = store};
    return store_db_prepare(
        store, &holders->find,
        "SELECT p.person, trim(p.surname || ' ' || p.first_name), p.class FROM holdings h"
        " JOIN people p ON p.site = h.site AND p.person = h.person WHERE h.site = $1 AND h.tag = $2"
        " AND h.since_utc_s <= $3 AND (h.until_utc_s IS NULL OR h.until_utc_s > $3)"
        " ORDER BY h.since_utc_s DESC LIMIT 1");
}

void holder_then_close(struct holder_then *holders)
{
    db_finalize(&holders->find);
}

int holder_then_find(struct holder_then *holders, const struct tag *tag, int64_t utc_s,
                     struct people_person *person)
{
    char text[2 * TAG_LEN + 1];
    for (size_t i = 0; i < TAG_LEN; i++)
        snprintf(text + 2 * i, 3, "%02x", tag->bytes[i]);
    db_bind_text(&holders->find, 2, text);
    db_bind_int(&holders->find, 3, utc_s);
    int result = db_step(&holders->find);
    if (result == DB_ROW)
        read_person(&holders->find, person);
    store_db_reset(holders->store, &holders->find);
    return result == DB_ROW ? ERR_OK : result == ERR_OK ? ERR_NOT_FOUND : result;
}
