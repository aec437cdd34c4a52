/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/db/db_sqlite.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"

#define LOCK_LOOK_MS 50
#define LOCK_TELL_MS 1000

/* What SQLite says of files that cannot be used (SQLite source, sqlite3ErrStr). */
__attribute__((unused)) static const char *const sqlite_texts[] = {
    N_("access permission denied"),
    N_("attempt to write a readonly database"),
    N_("database disk image is malformed"),
    N_("database is locked"),
    N_("database or disk is full"),
    N_("database table is locked"),
    N_("disk I/O error"),
    N_("file is not a database"),
    N_("out of memory"),
    N_("unable to open database file"),
};

static int fail(struct db *db)
{
    sqlite3 *sqlite = db->handle;
    int code = sqlite != NULL ? sqlite3_errcode(sqlite) & 0xFF : SQLITE_NOMEM;
    bool is_locked = code == SQLITE_BUSY || code == SQLITE_LOCKED;
    if (code == SQLITE_BUSY)
        snprintf(db->error, sizeof db->error, "%s",
                 _("another program uses it: close that program, or wait"));
    else
        snprintf(db->error, sizeof db->error, "%s",
                 sqlite != NULL ? translate(sqlite3_errmsg(sqlite)) : _("out of memory"));
    return is_locked ? ERR_BUSY : ERR_IO;
}

/* Waits while another program has the file. Says so after a second: nobody is to believe that this program
 * hangs. */
static int wait_for_lock(void *ctx, int looks)
{
    const struct db *db = ctx;
    if (looks * LOCK_LOOK_MS == LOCK_TELL_MS)
        command_note("store: %s: another program uses it; waiting, %d s at most", db->where,
                     DB_LOCK_WAIT_MS / 1000);
    if (looks * LOCK_LOOK_MS >= DB_LOCK_WAIT_MS)
        return 0;
    sqlite3_sleep(LOCK_LOOK_MS);
    return 1;
}

static void close_file(struct db *db)
{
    sqlite3_close(db->handle);
}

static int run(struct db *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : fail(db);
}

/* SQLite takes $1 for a name, and numbers the names as it meets them. */
static int prepare(struct db_statement *statement)
{
    sqlite3_stmt *made = NULL;
    int code = sqlite3_prepare_v2(statement->db->handle, statement->sql, -1, &made, NULL);
    statement->handle = made;
    for (int i = 0; i < sqlite3_bind_parameter_count(made) && i < DB_PARAMETERS_MAX; i++) {
        int number = atoi(sqlite3_bind_parameter_name(made, i + 1) + 1);
        statement->order[i] = (uint8_t)(number <= DB_PARAMETERS_MAX ? number : 0);
    }
    return code == SQLITE_OK ? ERR_OK : fail(statement->db);
}

static void bind_one(sqlite3_stmt *made, int index, const struct db_value *value)
{
    switch (value->type) {
    case DB_NULL:
        sqlite3_bind_null(made, index);
        break;
    case DB_INT:
        sqlite3_bind_int64(made, index, value->number);
        break;
    case DB_TEXT:
        sqlite3_bind_text(made, index, value->data, (int)value->len, SQLITE_STATIC);
        break;
    case DB_BLOB:
        if (value->len == 0)
            sqlite3_bind_zeroblob(made, index, 0);
        else
            sqlite3_bind_blob(made, index, value->data, (int)value->len, SQLITE_STATIC);
        break;
    }
}

static void bind_all(struct db_statement *statement)
{
    sqlite3_stmt *made = statement->handle;
    for (int i = sqlite3_bind_parameter_count(made); i > 0; i--)
        bind_one(made, i, &statement->parameters[statement->order[i - 1]]);
}

static int step(struct db_statement *statement)
{
    sqlite3_stmt *made = statement->handle;
    if (!sqlite3_stmt_busy(made))
        bind_all(statement);
    int code = sqlite3_step(made);
    if (code == SQLITE_ROW)
        return DB_ROW;
    if (code != SQLITE_DONE)
        return fail(statement->db);
    statement->changes = sqlite3_stmt_readonly(made) ? 0 : sqlite3_changes64(statement->db->handle);
    return ERR_OK;
}

static void column(struct db_statement *statement, int index, struct db_value *value)
{
    sqlite3_stmt *made = statement->handle;
    switch (sqlite3_column_type(made, index)) {
    case SQLITE_INTEGER:
        *value = (struct db_value){.type = DB_INT, .number = sqlite3_column_int64(made, index)};
        break;
    case SQLITE_NULL:
        *value = (struct db_value){.type = DB_NULL};
        break;
    case SQLITE_BLOB:
        *value = (struct db_value){.type = DB_BLOB, .data = sqlite3_column_blob(made, index)};
        value->len = (size_t)sqlite3_column_bytes(made, index);
        break;
    default:
        *value = (struct db_value){.type = DB_TEXT, .data = sqlite3_column_text(made, index)};
        value->len = (size_t)sqlite3_column_bytes(made, index);
        break;
    }
}

static void reset(struct db_statement *statement)
{
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
}

static void finalize(struct db_statement *statement)
{
    sqlite3_finalize(statement->handle);
}

static const struct db_driver sqlite_driver = {.name = "SQLite",
                                               .close = close_file,
                                               .run = run,
                                               .prepare = prepare,
                                               .step = step,
                                               .column = column,
                                               .reset = reset,
                                               .finalize = finalize};

int db_sqlite_open(struct db *db, const char *path, bool is_writer)
{
    sqlite3 *sqlite = NULL;
    /* Only one thread at a time uses a connection. */
    int flags =
        SQLITE_OPEN_NOMUTEX | (is_writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    mode_t mask = umask(0077); /* SQLite gives the files beside it (-wal, -journal) the mode of this one */
    int opened = sqlite3_open_v2(path, &sqlite, flags, NULL);
    umask(mask);
    *db = (struct db){.driver = &sqlite_driver, .handle = sqlite, .where = path};
    if (opened != SQLITE_OK) {
        int error = fail(db), number = sqlite != NULL ? sqlite3_system_errno(sqlite) : 0;
        size_t len = strlen(db->error);
        if (number != 0)
            snprintf(db->error + len, sizeof db->error - len, ": %s", translate_errno(number));
        return error;
    }
    sqlite3_busy_handler(sqlite, wait_for_lock, db);
    /* FULL: a commit is on the disk before it is acknowledged to a gate, which may then erase the records.
     * The records of many gates come in an order that does not suit the indexes: with the usual 2 MiB, pages
     * would be written and read again and again. The memory (KiB) is allocated only as needed. */
    return is_writer ? run(db, "PRAGMA synchronous = FULL; PRAGMA cache_size = -32768") : ERR_OK;
}

struct sqlite3 *db_sqlite_handle(const struct db *db)
{
    return db->driver == &sqlite_driver ? db->handle : NULL;
}
