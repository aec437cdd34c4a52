/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/db/db_bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BULK_SEND_AT (1024U * 1024) /* bytes */

/* A server takes no COPY from a role that sees only some rows of a table (PostgreSQL manual, "COPY"). */
static int ask_copy(struct db *db, const char *table, bool *copies)
{
    int64_t is_narrowed;
    *copies = db_is_server(db);
    if (!*copies)
        return ERR_OK;
    int result =
        db_ask(db,
               &(struct db_question){.sql = "SELECT CASE WHEN row_security_active($1) THEN 1 ELSE 0 END",
                                     .text = table},
               &is_narrowed);
    *copies = is_narrowed == 0;
    return result;
}

int db_bulk_open(struct db_bulk *bulk, struct db *db, const struct db_bulk_target *target)
{
    *bulk = (struct db_bulk){.db = db, .copy_sql = target->copy_sql};
    int result = ask_copy(db, target->table, &bulk->copies);
    return result == ERR_OK && !bulk->copies ? db_prepare(db, &bulk->insert, target->insert_sql) : result;
}

static int insert(struct db_bulk *bulk, const struct db_value *values, unsigned count)
{
    memcpy(bulk->insert.parameters + 1, values, count * sizeof *values);
    int result = db_do(&bulk->insert);
    return result < 0 ? result : ERR_OK;
}

static bool make_room(struct db_bulk *bulk, size_t more)
{
    if (bulk->len + more <= bulk->capacity)
        return true;
    size_t capacity = 2 * (bulk->len + more);
    char *rows = realloc(bulk->rows, capacity);
    if (rows == NULL)
        return false;
    bulk->rows = rows;
    bulk->capacity = capacity;
    return true;
}

/* Writes a text with the escapes of COPY (PostgreSQL manual, "COPY: Text Format"). */
static void put_text(struct db_bulk *bulk, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char *special = strchr("\\\n\r\t", text[i]);
        if (special != NULL && *special != '\0')
            bulk->rows[bulk->len++] = '\\';
        bulk->rows[bulk->len++] = text[i] == '\n'   ? 'n'
                                  : text[i] == '\r' ? 'r'
                                  : text[i] == '\t' ? 't'
                                                    : text[i];
    }
}

static void put_blob(struct db_bulk *bulk, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    memcpy(bulk->rows + bulk->len, "\\\\x", 3);
    bulk->len += 3;
    for (size_t i = 0; i < len; i++) {
        bulk->rows[bulk->len++] = digits[bytes[i] >> 4];
        bulk->rows[bulk->len++] = digits[bytes[i] & 0xF];
    }
}

static bool put_value(struct db_bulk *bulk, const struct db_value *value)
{
    if (!make_room(bulk, 2 * value->len + 32))
        return false;
    char *at = bulk->rows + bulk->len;
    switch (value->type) {
    case DB_NULL:
        memcpy(at, "\\N", 2);
        bulk->len += 2;
        break;
    case DB_INT:
        bulk->len += (size_t)snprintf(at, 24, "%lld", (long long)value->number);
        break;
    case DB_TEXT:
        put_text(bulk, value->data, value->len);
        break;
    case DB_BLOB:
        put_blob(bulk, value->data, value->len);
        break;
    }
    return true;
}

int db_bulk_row(struct db_bulk *bulk, const struct db_value *values, unsigned count)
{
    if (!bulk->copies)
        return insert(bulk, values, count);
    for (unsigned i = 0; i < count; i++) {
        if (!put_value(bulk, &values[i]))
            return ERR_NO_SPACE;
        bulk->rows[bulk->len++] = i + 1 < count ? '\t' : '\n'; /* put_value left room for it */
    }
    return bulk->len >= BULK_SEND_AT ? db_bulk_flush(bulk) : ERR_OK;
}

int db_bulk_flush(struct db_bulk *bulk)
{
    if (bulk->len == 0)
        return ERR_OK;
    int result = bulk->db->driver->copy(bulk->db, bulk->copy_sql, bulk->rows, bulk->len);
    bulk->len = 0;
    return result;
}

void db_bulk_drop(struct db_bulk *bulk)
{
    bulk->len = 0;
}

void db_bulk_close(struct db_bulk *bulk)
{
    db_finalize(&bulk->insert);
    free(bulk->rows);
    *bulk = (struct db_bulk){.db = NULL};
}
