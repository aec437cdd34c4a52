/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/audit.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tools/portillon/common/command.h"
#include "tools/portillon/common/defaults.h"
#include "tools/portillon/common/printable.h"
#include "tools/portillon/store/tag_text.h"

static const char insert_sql[] =
    "INSERT INTO audit (site, at_utc_s, who, what, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)";

const char *audit_who(char who[AUDIT_WHO_SIZE])
{
    const struct passwd *user = getpwuid(getuid());
    const char *name = defaults_get("PORTILLON_NAME");
    int len = user != NULL ? snprintf(who, AUDIT_WHO_SIZE, "%s", user->pw_name)
                           : snprintf(who, AUDIT_WHO_SIZE, "user %u", (unsigned)getuid());
    if (name != NULL && len < AUDIT_WHO_SIZE - 4)
        snprintf(who + len, AUDIT_WHO_SIZE - (size_t)len, " (%.*s)", AUDIT_WHO_SIZE - len - 4, name);
    printable_text(who);
    return who;
}

const char *audit_person(int64_t person, char subject[AUDIT_SUBJECT_SIZE])
{
    snprintf(subject, AUDIT_SUBJECT_SIZE, "person %" PRId64, person);
    return subject;
}

const char *audit_card(const struct tag *tag, char subject[AUDIT_SUBJECT_SIZE])
{
    char text[TAG_TEXT_SIZE];
    tag_text_write(tag, text);
    snprintf(subject, AUDIT_SUBJECT_SIZE, "card %s", text);
    return subject;
}

int audit_note(struct store_db *store, const struct audit_entry *entry)
{
    struct db_statement statement;
    char who[AUDIT_WHO_SIZE];
    int result = store_db_prepare(store, &statement, insert_sql);
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, time(NULL));
    db_bind_text(&statement, 3, audit_who(who));
    db_bind_text(&statement, 4, entry->what);
    db_bind_text(&statement, 5, entry->subject);
    db_bind_text(&statement, 6, entry->detail);
    result = db_do(&statement);
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

void audit_note_beside(const struct store_db *store, const char *command, const struct audit_entry *entry)
{
    struct store_db beside = {0};
    memcpy(beside.site, store->site, sizeof beside.site);
    int result = db_open(&beside.db, store->db.where, true);
    if (result == ERR_OK && !db_is_server(&beside.db))
        result = db_run(&beside.db, "PRAGMA busy_timeout = 1000"); /* the answer does not wait for long */
    if (result == ERR_OK)
        result = audit_note(&beside, entry);
    if (result != ERR_OK)
        command_note("%s: %s: that this was looked up could not be noted (portillon audit): %s", command,
                     store->db.where, beside.db.error);
    db_close(&beside.db);
}

int audit_each(struct store_db *store, int64_t from_utc_s, int64_t until_utc_s, audit_callback *callback,
               void *ctx)
{
    struct db_statement statement;
    int result = store_db_prepare(
        store, &statement,
        "SELECT a.at_utc_s, a.who, a.what, a.subject, coalesce(trim(p.surname || ' ' || p.first_name), ''),"
        " a.detail FROM audit a LEFT JOIN people p ON p.site = a.site"
        " AND a.subject = 'person ' || CAST(p.person AS TEXT)"
        " WHERE a.site = $1 AND a.at_utc_s >= $2 AND a.at_utc_s < $3 ORDER BY a.entry");
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, from_utc_s);
    db_bind_int(&statement, 3, until_utc_s);
    while ((result = db_step(&statement)) == DB_ROW) {
        const struct audit_row row = {db_int(&statement, 0),  db_text(&statement, 1), db_text(&statement, 2),
                                      db_text(&statement, 3), db_text(&statement, 4), db_text(&statement, 5)};
        result = callback(ctx, &row);
        if (result != ERR_OK)
            break;
    }
    db_finalize(&statement);
    return result;
}

int audit_forget(struct store_db *store, int64_t before_utc_s)
{
    struct db_statement statement;
    int result = store_db_prepare(store, &statement, "DELETE FROM audit WHERE site = $1 AND at_utc_s < $2");
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, before_utc_s);
    result = db_do(&statement);
    db_finalize(&statement);
    return result;
}
