/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/gate_rows.h"

#include <stdio.h>

#define COLUMNS                                                                                              \
    "device, name, zone, direction, port, seen_utc_s, list_version, clock_off_s, damaged_blocks, state"

int gate_rows_put(struct store_db *store, const struct gate_row *row)
{
    struct db_statement statement;
    int result = store_db_prepare(
        store, &statement,
        "INSERT INTO gates (site, device, name, zone, direction, port, seen_utc_s, list_version, clock_off_s,"
        " damaged_blocks, state) VALUES ($1, $2, $3, $4,"
        " $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (site, device) DO UPDATE SET name = excluded.name, zone = excluded.zone,"
        " direction = excluded.direction,"
        " port = excluded.port, seen_utc_s = excluded.seen_utc_s, list_version = excluded.list_version,"
        " clock_off_s = excluded.clock_off_s, damaged_blocks = excluded.damaged_blocks, state = "
        "excluded.state");
    if (result != ERR_OK)
        return result;
    db_bind_text(&statement, 2, row->device);
    db_bind_text(&statement, 3, row->name);
    db_bind_text(&statement, 4, row->zone);
    db_bind_text(&statement, 5, row->direction);
    db_bind_text(&statement, 6, row->port);
    db_bind_int(&statement, 7, row->seen_utc_s);
    db_bind_int(&statement, 8, row->list_version);
    if (row->has_clock)
        db_bind_int(&statement, 9, row->clock_off_s);
    else
        db_bind_text(&statement, 9, NULL);
    db_bind_int(&statement, 10, row->damaged_blocks);
    db_bind_text(&statement, 11, row->state);
    result = db_do(&statement);
    db_finalize(&statement);
    return result < 0 ? result : ERR_OK;
}

static void take(struct gate_row *row, struct db_statement *statement)
{
    snprintf(row->device, sizeof row->device, "%s", db_text(statement, 0));
    snprintf(row->name, sizeof row->name, "%s", db_text(statement, 1));
    snprintf(row->zone, sizeof row->zone, "%s", db_text(statement, 2));
    snprintf(row->direction, sizeof row->direction, "%s", db_text(statement, 3));
    snprintf(row->port, sizeof row->port, "%s", db_text(statement, 4));
    row->seen_utc_s = db_int(statement, 5);
    row->list_version = (uint32_t)db_int(statement, 6);
    row->has_clock = !db_is_null(statement, 7);
    row->clock_off_s = db_int(statement, 7);
    row->damaged_blocks = (uint32_t)db_int(statement, 8);
    snprintf(row->state, sizeof row->state, "%s", db_text(statement, 9));
}

int gate_rows_list(struct store_db *store, struct gate_row *rows, int max)
{
    struct db_statement statement;
    int count = 0;
    int result = store_db_prepare(store, &statement,
                                  "SELECT " COLUMNS " FROM gates WHERE site = $1 ORDER BY device LIMIT $2");
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, max);
    while ((result = db_step(&statement)) == DB_ROW)
        take(&rows[count++], &statement);
    db_finalize(&statement);
    return result < 0 ? result : count;
}
