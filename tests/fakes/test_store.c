/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/test_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>
#include <sqlite3.h>

const uint8_t test_store_site[IDENTITY_SITE_ID_LEN] = {0x51, 0x7e, 0, 0, 0, 0, 0, 1};

struct identity test_store_gate(const char *device_id)
{
    struct identity gate = {0};
    memcpy(gate.site_id, test_store_site, sizeof gate.site_id);
    snprintf(gate.device_id, sizeof gate.device_id, "%s", device_id);
    return gate;
}

static void give_up(const char *what, const char *why)
{
    fprintf(stderr, "test_store: %s: %s\n", what, why);
    exit(1);
}

static const char *server_url(void)
{
    return getenv("PORTILLON_TEST_SERVER");
}

bool test_store_is_server(void)
{
    return server_url() != NULL;
}

static PGconn *connect_to(const char *url)
{
    PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK)
        give_up(url, PQerrorMessage(connection));
    return connection;
}

static void run_on_server(const char *sql)
{
    PGconn *connection = connect_to(server_url());
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        give_up(sql, PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

void test_store_new(char path[TEST_STORE_PATH_SIZE])
{
    static unsigned count;
    char sql[1200];
    if (!test_store_is_server()) {
        strcpy(path, "/tmp/test_store.XXXXXX");
        close(mkstemp(path));
        return;
    }
    count++;
    snprintf(sql, sizeof sql,
             "CREATE SCHEMA test_%d_%u; SET search_path = test_%d_%u;"
             "CREATE FUNCTION add_text(text, text) RETURNS text IMMUTABLE LANGUAGE sql AS"
             " $$ SELECT CASE WHEN $1 IS NULL THEN $2 WHEN $2 IS NULL THEN $1 ELSE $1 || ',' || $2 END $$;"
             "CREATE AGGREGATE group_concat(text) (SFUNC = add_text, STYPE = text);"
             "CREATE FUNCTION add_number(text, bigint) RETURNS text IMMUTABLE LANGUAGE sql AS"
             " $$ SELECT add_text($1, CAST($2 AS text)) $$;"
             "CREATE AGGREGATE group_concat(bigint) (SFUNC = add_number, STYPE = text);"
             "CREATE FUNCTION hex(bytea) RETURNS text IMMUTABLE LANGUAGE sql AS"
             " $$ SELECT upper(encode($1, 'hex')) $$",
             getpid(), count, getpid(), count);
    run_on_server(sql);
    snprintf(path, TEST_STORE_PATH_SIZE, "%s%coptions=-csearch_path%%3Dtest_%d_%u", server_url(),
             strchr(server_url(), '?') != NULL ? '&' : '?', getpid(), count);
}

void test_store_delete(const char *path)
{
    char sql[600];
    const char *schema = strstr(path, "%3D");
    if (schema == NULL) {
        unlink(path);
        return;
    }
    snprintf(sql, sizeof sql, "SET client_min_messages = error; DROP SCHEMA %s CASCADE", schema + 3);
    run_on_server(sql);
}

static const char *ask_server(const char *url, const char *sql, char *text, size_t size)
{
    PGconn *connection = connect_to(url);
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) == 0)
        give_up(sql, PQerrorMessage(connection));
    snprintf(text, size, "%s", PQgetisnull(result, 0, 0) ? "NULL" : PQgetvalue(result, 0, 0));
    PQclear(result);
    PQfinish(connection);
    return text;
}

const char *test_store_ask(const char *path, const char *sql)
{
    static char text[512];
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;
    if (test_store_is_server())
        return ask_server(path, sql, text, sizeof text);
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        give_up(sql, sqlite3_errmsg(db));
    const unsigned char *value = sqlite3_column_text(statement, 0);
    snprintf(text, sizeof text, "%s", value != NULL ? (const char *)value : "NULL");
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return text;
}
