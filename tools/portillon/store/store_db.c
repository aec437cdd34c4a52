/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/store_db.h"

int store_db_prepare(struct store_db *store, struct db_statement *statement, const char *sql)
{
    int result = db_prepare(&store->db, statement, sql);
    if (result == ERR_OK)
        db_bind_text(statement, 1, store->site);
    return result;
}

int store_db_do(const struct store_db *store, struct db_statement *statement)
{
    int result = db_do(statement);
    db_bind_text(statement, 1, store->site);
    return result;
}

void store_db_reset(const struct store_db *store, struct db_statement *statement)
{
    db_reset(statement);
    db_bind_text(statement, 1, store->site);
}
