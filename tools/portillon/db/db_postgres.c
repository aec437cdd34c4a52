/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/db/db_postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"

#define NUMBER_SIZE 24
#define BLOBS_MAX   8 /* columns of one row */

/* Types of columns (PostgreSQL source, catalog pg_type): a client may rely on these numbers. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_NUMERIC = 1700 };

struct postgres_statement {
    char name[24];
    int parameter_count;
    PGresult *rows; /* NULL: has not run */
    int row;
    bool is_streaming;               /* more rows may come */
    unsigned char *blobs[BLOBS_MAX]; /* of the row, decoded */
    int blob_count;
};

/* Keeps the first line of a message, which may have several. */
static int fail_with(struct db *db, const char *message, const char *state)
{
    static const char label[] = "ERROR:  ";
    if (strncmp(message, label, sizeof label - 1) == 0)
        message += sizeof label - 1;
    bool is_lost = db->handle == NULL || PQstatus(db->handle) != CONNECTION_OK;
    snprintf(db->error, sizeof db->error, is_lost ? _("the server does not answer: %.*s") : "%.*s",
             (int)strcspn(message, "\n"), message);
    bool is_locked = state != NULL && (strcmp(state, "55P03") == 0 || strcmp(state, "40P01") == 0);
    if (is_locked)
        snprintf(db->error, sizeof db->error, "%s",
                 _("another program uses it: close that program, or wait"));
    return is_locked ? ERR_BUSY : ERR_IO;
}

static int fail_of(struct db *db, const PGresult *result)
{
    const char *message = result != NULL ? PQresultErrorMessage(result) : "";
    return fail_with(db, message[0] != '\0' ? message : PQerrorMessage(db->handle),
                     result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL);
}

/* Takes an answer apart. Returns ERR_OK or an error, and clears it. */
static int check(struct db *db, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    bool is_good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    int error = is_good ? ERR_OK : fail_of(db, result);
    PQclear(result);
    return error;
}

static void close_connection(struct db *db)
{
    PQfinish(db->handle);
}

static int run(struct db *db, const char *sql)
{
    return sql[0] == '\0' ? ERR_OK : check(db, PQexec(db->handle, sql));
}

static int count_parameters(const char *sql)
{
    int most = 0;
    for (const char *at = strchr(sql, '$'); at != NULL; at = strchr(at + 1, '$')) {
        int number = atoi(at + 1);
        most = number > most && number <= DB_PARAMETERS_MAX ? number : most;
    }
    return most;
}

static int prepare(struct db_statement *statement)
{
    struct db *db = statement->db;
    struct postgres_statement *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail_with(db, _("out of memory"), NULL);
    snprintf(made->name, sizeof made->name, "s%u", ++db->next_statement);
    made->parameter_count = count_parameters(statement->sql);
    statement->handle = made;
    return check(db, PQprepare(db->handle, made->name, statement->sql, 0, NULL));
}

static void forget_blobs(struct postgres_statement *made)
{
    while (made->blob_count > 0)
        PQfreemem(made->blobs[--made->blob_count]);
}

/* Takes an answer, or the next row of one that is streaming. */
static int take_rows(struct db_statement *statement)
{
    struct postgres_statement *made = statement->handle;
    ExecStatusType status = PQresultStatus(made->rows);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE)
        return fail_of(statement->db, made->rows);
    statement->changes = atoll(PQcmdTuples(made->rows));
    made->row = -1;
    return ERR_OK;
}

static int execute(struct db_statement *statement)
{
    struct postgres_statement *made = statement->handle;
    const char *values[DB_PARAMETERS_MAX];
    int lengths[DB_PARAMETERS_MAX], formats[DB_PARAMETERS_MAX];
    char numbers[DB_PARAMETERS_MAX][NUMBER_SIZE];
    for (int i = 0; i < made->parameter_count; i++) {
        const struct db_value *value = &statement->parameters[i + 1];
        snprintf(numbers[i], NUMBER_SIZE, "%lld", (long long)value->number);
        values[i] = value->type == DB_NULL ? NULL : value->type == DB_INT ? numbers[i] : value->data;
        if (value->type == DB_BLOB && value->len == 0)
            values[i] = ""; /* NULL would be NULL */
        lengths[i] = (int)value->len;
        formats[i] = value->type == DB_BLOB;
    }
    PGconn *server = statement->db->handle;
    made->is_streaming =
        statement->streams &&
        PQsendQueryPrepared(server, made->name, made->parameter_count, values, lengths, formats, 0) == 1 &&
        PQsetSingleRowMode(server) == 1;
    made->rows = made->is_streaming
                     ? PQgetResult(server)
                     : PQexecPrepared(server, made->name, made->parameter_count, values, lengths, formats, 0);
    return take_rows(statement);
}

static int step(struct db_statement *statement)
{
    struct postgres_statement *made = statement->handle;
    forget_blobs(made);
    if (made->rows == NULL) {
        int result = execute(statement);
        if (result != ERR_OK)
            return result;
    }
    if (made->is_streaming && made->row == 0) {
        PQclear(made->rows);
        made->rows = PQgetResult(statement->db->handle);
        int result = take_rows(statement);
        if (result != ERR_OK)
            return result;
    }
    return ++made->row < PQntuples(made->rows) ? DB_ROW : ERR_OK;
}

static struct db_value read_blob(struct postgres_statement *made, const char *text)
{
    struct db_value value = {.type = DB_BLOB};
    if (made->blob_count == BLOBS_MAX)
        forget_blobs(made);
    unsigned char *bytes = PQunescapeBytea((const unsigned char *)text, &value.len);
    if (bytes == NULL)
        return (struct db_value){.type = DB_NULL};
    made->blobs[made->blob_count++] = bytes;
    value.data = bytes;
    return value;
}

static void column(struct db_statement *statement, int index, struct db_value *value)
{
    struct postgres_statement *made = statement->handle;
    *value = (struct db_value){.type = DB_NULL};
    if (made->rows == NULL || PQgetisnull(made->rows, made->row, index))
        return;
    const char *text = PQgetvalue(made->rows, made->row, index);
    switch (PQftype(made->rows, index)) {
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_NUMERIC: /* a sum of 64-bit numbers */
        *value = (struct db_value){.type = DB_INT, .number = atoll(text)};
        break;
    case OID_BOOL:
        *value = (struct db_value){.type = DB_INT, .number = text[0] == 't'};
        break;
    case OID_BYTEA:
        *value = read_blob(made, text);
        break;
    default:
        *value = (struct db_value){
            .type = DB_TEXT, .data = text, .len = (size_t)PQgetlength(made->rows, made->row, index)};
        break;
    }
}

/* The connection takes no other statement before the end of an answer was read. */
static void end_stream(struct db_statement *statement)
{
    struct postgres_statement *made = statement->handle;
    PGresult *rest;
    while (made->is_streaming && (rest = PQgetResult(statement->db->handle)) != NULL)
        PQclear(rest);
    made->is_streaming = false;
}

static void reset(struct db_statement *statement)
{
    struct postgres_statement *made = statement->handle;
    forget_blobs(made);
    PQclear(made->rows);
    made->rows = NULL;
    end_stream(statement);
}

static void finalize(struct db_statement *statement)
{
    struct postgres_statement *made = statement->handle;
    char sql[40];
    if (made == NULL)
        return;
    reset(statement);
    snprintf(sql, sizeof sql, "DEALLOCATE %s", made->name);
    if (PQtransactionStatus(statement->db->handle) != PQTRANS_INERROR) /* it would fail, and is harmless */
        PQclear(PQexec(statement->db->handle, sql));
    free(made);
}

static int copy(struct db *db, const char *sql, const char *rows, size_t len)
{
    PGresult *started = PQexec(db->handle, sql);
    bool is_started = PQresultStatus(started) == PGRES_COPY_IN;
    int error = is_started ? ERR_OK : fail_of(db, started);
    PQclear(started);
    if (!is_started)
        return error;
    bool is_sent = PQputCopyData(db->handle, rows, (int)len) == 1 && PQputCopyEnd(db->handle, NULL) == 1;
    if (!is_sent)
        return fail_of(db, NULL);
    for (PGresult *result; (result = PQgetResult(db->handle)) != NULL;) {
        int checked = check(db, result);
        error = error == ERR_OK ? checked : error;
    }
    return error;
}

static const struct db_driver postgres_driver = {.name = "PostgreSQL",
                                                 .close = close_connection,
                                                 .run = run,
                                                 .prepare = prepare,
                                                 .step = step,
                                                 .column = column,
                                                 .reset = reset,
                                                 .finalize = finalize,
                                                 .copy = copy};

static void ignore_notice(void *ctx, const PGresult *result)
{
    (void)ctx;
    (void)result;
}

/* A password in the URL would stand in the list of processes, for everybody on the computer. */
static int check_url(struct db *db, const char *url)
{
    char *message = NULL;
    PQconninfoOption *parts = PQconninfoParse(url, &message);
    bool has_password = false;
    for (PQconninfoOption *part = parts; part != NULL && part->keyword != NULL; part++)
        has_password |= strcmp(part->keyword, "password") == 0 && part->val != NULL && part->val[0] != '\0';
    if (parts == NULL)
        snprintf(db->error, sizeof db->error, _("is not the URL of a server: %.*s"),
                 message != NULL ? (int)strcspn(message, "\n") : 0, message);
    else if (has_password)
        snprintf(db->error, sizeof db->error, "%s",
                 _("a password in a URL can be read by everybody on this computer: put it into ~/.pgpass"));
    bool is_good = parts != NULL && !has_password;
    PQconninfoFree(parts);
    PQfreemem(message);
    return is_good ? ERR_OK : ERR_ARGUMENT;
}

int db_postgres_open(struct db *db, const char *url)
{
    char lock_wait[48];
    const char *const keywords[] = {"dbname", "client_encoding", "fallback_application_name",
                                    "connect_timeout", NULL};
    const char *const values[] = {url, "UTF8", "portillon", "10", NULL};
    *db = (struct db){.where = url};
    int result = check_url(db, url);
    if (result != ERR_OK)
        return result;
    db->driver = &postgres_driver;
    PGconn *connection = PQconnectdbParams(keywords, values, 1);
    db->handle = connection;
    if (PQstatus(connection) != CONNECTION_OK)
        return fail_with(db, PQerrorMessage(connection), NULL);
    PQsetNoticeReceiver(connection, ignore_notice, NULL);
    snprintf(lock_wait, sizeof lock_wait, "SET lock_timeout = %d", DB_LOCK_WAIT_MS);
    result = run(db, lock_wait);
    return result == ERR_OK ? run(db, "SET synchronous_commit = on; SET TIME ZONE 'UTC'") : result;
}
