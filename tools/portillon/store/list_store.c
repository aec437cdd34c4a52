/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/list_store.h"

#include <stdlib.h>
#include <string.h>

int list_store_put(struct store_db *store, const struct list_store_entry *entry)
{
    struct db_statement statement;
    int result = store_db_prepare(
        store, &statement,
        "INSERT INTO lists (site, version, issued_utc_s, rules, list)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (site, version) DO UPDATE SET"
        " issued_utc_s = excluded.issued_utc_s, rules = excluded.rules, list = excluded.list");
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, entry->version);
    db_bind_int(&statement, 3, entry->issued_utc_s);
    db_bind_text(&statement, 4, entry->rules);
    db_bind_blob(&statement, 5, entry->list, entry->len);
    result = db_do(&statement);
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

static int copy_list(struct db_statement *statement, uint8_t **list, size_t *len)
{
    const void *stored = db_blob(statement, 0, len);
    *list = malloc(*len + 1);
    if (*list == NULL)
        return ERR_NO_SPACE;
    if (*len > 0)
        memcpy(*list, stored, *len);
    return ERR_OK;
}

int list_store_read(struct store_db *store, uint32_t version, uint8_t **list, size_t *len)
{
    struct db_statement statement;
    int result =
        store_db_prepare(store, &statement, "SELECT list FROM lists WHERE site = $1 AND version = $2");
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, version);
    result = db_step(&statement);
    if (result == DB_ROW)
        result = copy_list(&statement, list, len);
    else if (result == ERR_OK)
        result = ERR_NOT_FOUND;
    db_finalize(&statement);
    return result;
}

int list_store_each(struct store_db *store, list_store_callback *callback, void *ctx)
{
    struct db_statement statement;
    int result = store_db_prepare(store, &statement,
                                  "SELECT version, issued_utc_s FROM lists WHERE site = $1 ORDER BY version");
    if (result != ERR_OK)
        return result;
    while (result == ERR_OK && (result = db_step(&statement)) == DB_ROW)
        result = callback(ctx, (uint32_t)db_int(&statement, 0), (uint32_t)db_int(&statement, 1));
    db_finalize(&statement);
    return result;
}

int list_store_forget(struct store_db *store, int64_t before_utc_s, int64_t *count)
{
    struct db_statement statement;
    int result = store_db_prepare(
        store, &statement,
        "DELETE FROM lists WHERE site = $1"
        " AND version NOT IN (SELECT ref FROM in_force WHERE site = $1 AND what = 'list_installed')"
        " AND version < (SELECT max(n.version) FROM lists n WHERE n.site = $1 AND n.issued_utc_s <="
        "  (SELECT coalesce(min(coalesce(j.utc_s, j.stored_utc_s)), CAST($2 AS BIGINT)) FROM journal j"
        "   WHERE j.site = $1 AND j.kind IN ('granted', 'refused')))");
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, before_utc_s);
    result = db_do(&statement);
    db_finalize(&statement);
    *count = result;
    return result < 0 ? result : ERR_OK;
}
