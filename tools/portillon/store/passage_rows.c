/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/passage_rows.h"

#include <string.h>

#include "firmware/journal/journal_record.h"
#include "tools/portillon/store/store_tables.h"

/* Byte 12 of raw, which substr counts from 1, has the flags (journal_record.h). A record without a time is
 * taken by the time it was stored. See store_tables.c on INDEXED BY. */
#define ROWS(closings)                                                                                       \
    "SELECT coalesce(j.utc_s, j.stored_utc_s), j.utc_s IS NOT NULL, j.clock, j.device, j.seq, j.run,"        \
    " j.kind, coalesce(j.what, ''), coalesce(c.what, ''), coalesce(j.zone, ''), coalesce(j.tag, ''),"        \
    " substr(j.raw, 12, 1), substr(c.raw, 12, 1),"                                                           \
    " " STORE_HOLDER_OF_J ", coalesce(j.method, 'uid') FROM journal j LEFT JOIN journal c " closings         \
    " ON c.site = j.site AND c.device = j.device"                                                            \
    "  AND c.ref = j.seq AND c.kind = 'closed' AND c.run = j.run"                                            \
    " WHERE j.site = $1 AND j.kind IN ('granted', 'refused')"                                                \
    " AND ((j.utc_s >= $2 AND j.utc_s < $3)"                                                                 \
    "  OR (j.utc_s IS NULL AND j.stored_utc_s >= $2 AND j.stored_utc_s < $3))"                               \
    " AND (CAST($4 AS TEXT) = '' OR j.device = $4)"                                                          \
    " ORDER BY 1, 4, 6, 5"

static const char sqlite_sql[] = ROWS("INDEXED BY journal_closings");
static const char postgres_sql[] = ROWS("");

static uint8_t read_byte(struct db_statement *statement, int column)
{
    size_t len;
    const uint8_t *bytes = db_blob(statement, column, &len);
    return len > 0 ? bytes[0] : 0;
}

static void read_row(struct db_statement *statement, struct passage_row *row)
{
    const char *what = db_text(statement, 7), *closing = db_text(statement, 8);
    bool is_granted = strcmp(db_text(statement, 6), "granted") == 0;
    uint8_t flags = read_byte(statement, 11), closing_flags = read_byte(statement, 12);
    *row = (struct passage_row){.utc_s = db_int(statement, 0),
                                .has_time = db_int(statement, 1) != 0,
                                .clock = db_text(statement, 2),
                                .device = db_text(statement, 3),
                                .seq = (uint32_t)db_int(statement, 4),
                                .run = (uint32_t)db_int(statement, 5),
                                .is_granted = is_granted,
                                .reason = is_granted ? "" : what,
                                .outcome = !is_granted          ? ""
                                           : closing[0] != '\0' ? closing
                                                                : what,
                                .zone = db_text(statement, 9),
                                .tag = db_text(statement, 10),
                                .service_place =
                                    flags >> JOURNAL_SERVICE_SHIFT & ((1 << JOURNAL_SERVICE_BITS) - 1),
                                .person = db_int(statement, 13),
                                .method = db_text(statement, 14)};
    row->is_unused = strcmp(row->outcome, "abandoned") == 0 || (closing_flags & JOURNAL_FLAG_UNCOUNTED);
}

int passage_rows_each(struct store_db *store, const struct passage_span *span,
                      passage_rows_callback *callback, void *ctx)
{
    struct db_statement statement;
    int result = store_db_prepare(store, &statement, db_is_server(&store->db) ? postgres_sql : sqlite_sql);
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, span->from_utc_s);
    db_bind_int(&statement, 3, span->until_utc_s);
    db_bind_text(&statement, 4, span->device != NULL ? span->device : "");
    while ((result = db_step(&statement)) == DB_ROW) {
        struct passage_row row;
        read_row(&statement, &row);
        result = callback(ctx, &row);
        if (result != ERR_OK)
            break;
    }
    db_finalize(&statement);
    return result;
}
