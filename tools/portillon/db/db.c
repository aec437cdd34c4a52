/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/db/db.h"

#include <string.h>

#include "tools/portillon/db/db_postgres.h"
#include "tools/portillon/db/db_sqlite.h"

bool db_is_url(const char *where)
{
    return strncmp(where, "postgresql://", 13) == 0 || strncmp(where, "postgres://", 11) == 0;
}

int db_open(struct db *db, const char *where, bool is_writer)
{
    return db_is_url(where) ? db_postgres_open(db, where) : db_sqlite_open(db, where, is_writer);
}

void db_close(struct db *db)
{
    if (db->driver != NULL)
        db->driver->close(db);
    db->driver = NULL;
}

bool db_is_server(const struct db *db)
{
    return db->driver != NULL && db->driver->copy != NULL;
}

int db_run(struct db *db, const char *sql)
{
    return db->driver->run(db, sql);
}

int db_begin(struct db *db, const char *key)
{
    if (!db_is_server(db))
        return db_run(db, "BEGIN IMMEDIATE");
    int64_t ignored;
    int result = db_run(db, "BEGIN");
    if (result != ERR_OK)
        return result;
    result = db_ask(
        db,
        &(struct db_question){"SELECT 1 FROM pg_advisory_xact_lock(hashtextextended($1, 0))", .text = key},
        &ignored);
    if (result != ERR_OK)
        db_rollback(db);
    return result;
}

int db_commit(struct db *db)
{
    int result = db_run(db, "COMMIT");
    if (result != ERR_OK)
        db_rollback(db);
    return result;
}

void db_rollback(struct db *db)
{
    char error[sizeof db->error];
    if (db->driver == NULL)
        return;
    memcpy(error, db->error, sizeof error); /* the message of what went wrong, not of this */
    (void)!db_run(db, "ROLLBACK");          /* outside a transaction this fails, without harm */
    memcpy(db->error, error, sizeof error);
}

int db_prepare(struct db *db, struct db_statement *statement, const char *sql)
{
    *statement = (struct db_statement){.db = db, .sql = sql};
    int result = db->driver->prepare(statement);
    if (result != ERR_OK)
        db_finalize(statement);
    return result;
}

void db_stream(struct db_statement *statement)
{
    statement->streams = true;
}

void db_bind_int(struct db_statement *statement, unsigned index, int64_t number)
{
    statement->parameters[index] = (struct db_value){.type = DB_INT, .number = number};
}

void db_bind_text(struct db_statement *statement, unsigned index, const char *text)
{
    statement->parameters[index] = (struct db_value){.type = text != NULL ? DB_TEXT : DB_NULL, .data = text};
    statement->parameters[index].len = text != NULL ? strlen(text) : 0;
}

void db_bind_blob(struct db_statement *statement, unsigned index, const void *data, size_t len)
{
    statement->parameters[index] = (struct db_value){.type = DB_BLOB, .data = data, .len = len};
}

int db_step(struct db_statement *statement)
{
    return statement->db->driver->step(statement);
}

int db_do(struct db_statement *statement)
{
    int result = db_step(statement);
    int64_t changes = statement->changes;
    db_reset(statement);
    return result < 0 ? result : (int)changes;
}

void db_reset(struct db_statement *statement)
{
    statement->db->driver->reset(statement);
    memset(statement->parameters, 0, sizeof statement->parameters);
    statement->changes = 0;
}

void db_finalize(struct db_statement *statement)
{
    if (statement->db != NULL)
        statement->db->driver->finalize(statement);
    statement->db = NULL;
}

static struct db_value read_column(struct db_statement *statement, int column)
{
    struct db_value value;
    statement->db->driver->column(statement, column, &value);
    return value;
}

int64_t db_int(struct db_statement *statement, int column)
{
    struct db_value value = read_column(statement, column);
    return value.type == DB_INT ? value.number : 0;
}

const char *db_text(struct db_statement *statement, int column)
{
    struct db_value value = read_column(statement, column);
    return value.type == DB_TEXT ? value.data : "";
}

const void *db_blob(struct db_statement *statement, int column, size_t *len)
{
    struct db_value value = read_column(statement, column);
    *len = value.type == DB_BLOB ? value.len : 0;
    return value.type == DB_BLOB ? value.data : NULL;
}

bool db_is_null(struct db_statement *statement, int column)
{
    return read_column(statement, column).type == DB_NULL;
}

int db_ask(struct db *db, const struct db_question *question, int64_t *answer)
{
    struct db_statement statement;
    int result = db_prepare(db, &statement, question->sql);
    *answer = 0;
    if (result != ERR_OK)
        return result;
    db_bind_text(&statement, 1, question->text);
    db_bind_int(&statement, 2, question->number);
    result = db_step(&statement);
    if (result == DB_ROW)
        *answer = db_int(&statement, 0);
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}
