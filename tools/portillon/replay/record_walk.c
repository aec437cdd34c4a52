/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/replay/record_walk.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE_ROWS 20000
/* A meal begins a day before at most, and counts passages of up to four hours before (rights.c). */
#define BEFORE_S (2 * 86400)

static int keep_run(struct db_statement *statement, struct record_run **runs, int count)
{
    struct record_run *more = realloc(*runs, ((size_t)count + 1) * sizeof *more);
    if (more == NULL)
        return ERR_NO_SPACE;
    *runs = more;
    more[count].run = (uint32_t)db_int(statement, 1);
    more[count].first_seq = (uint32_t)db_int(statement, 2);
    snprintf(more[count].device, sizeof more[count].device, "%s", db_text(statement, 0));
    return ERR_OK;
}

int record_walk_runs(struct store_db *store, const struct record_span *span, struct record_run **runs)
{
    struct db_statement statement;
    int count = 0;
    *runs = NULL;
    int result = store_db_prepare(
        store, &statement,
        "SELECT device, run, min(seq) FROM ("
        "SELECT device, run, seq FROM journal WHERE site = $1 AND utc_s >= $2 AND utc_s < $3 UNION ALL"
        " SELECT device, run, seq FROM undated WHERE site = $1 AND stored_utc_s >= $4) AS found"
        " GROUP BY device, run ORDER BY device, run");
    if (result != ERR_OK)
        return result;
    db_bind_int(&statement, 2, span->from_utc_s - BEFORE_S);
    db_bind_int(&statement, 3, span->to_utc_s);
    db_bind_int(&statement, 4, span->from_utc_s);
    while (result >= 0 && (result = db_step(&statement)) == DB_ROW) {
        result = keep_run(&statement, runs, count);
        count++;
    }
    db_finalize(&statement);
    if (result == ERR_OK)
        return count;
    free(*runs);
    *runs = NULL;
    return result;
}

/* Hands on the records of a page. *seq becomes the last number read, *rows how many rows there were. */
static int read_page(struct db_statement *statement, const struct record_listener *listener, uint32_t *seq,
                     int *rows)
{
    int result = ERR_OK;
    *rows = 0;
    while (result == ERR_OK && (result = db_step(statement)) == DB_ROW) {
        struct journal_record record;
        size_t len;
        const uint8_t *raw = db_blob(statement, 1, &len);
        *seq = (uint32_t)db_int(statement, 0);
        ++*rows;
        result = ERR_OK;
        if (len == JOURNAL_RECORD_LEN && journal_record_parse(&record, raw) == ERR_OK)
            result = listener->record(listener->ctx, &record);
    }
    return result;
}

/* Reads what says which list and which groups turned off were in force before. */
static int read_in_force(struct store_db *store, const struct record_run *run,
                         const struct record_listener *listener)
{
    struct db_statement statement;
    uint32_t seq;
    int rows;
    int result = store_db_prepare(store, &statement,
                                  "SELECT seq, raw FROM in_force WHERE site = $1 AND device = $2 AND run = $3"
                                  " AND seq < $4 ORDER BY seq");
    if (result != ERR_OK)
        return result;
    db_bind_text(&statement, 2, run->device);
    db_bind_int(&statement, 3, run->run);
    db_bind_int(&statement, 4, run->first_seq);
    result = read_page(&statement, listener, &seq, &rows);
    db_finalize(&statement);
    return result;
}

/* Reads by pages, because a server's answer is in memory as a whole. */
static int read_pages(struct store_db *store, const struct record_run *run, const struct record_span *span,
                      const struct record_listener *listener)
{
    struct db_statement statement;
    uint32_t seq = run->first_seq - 1;
    int rows = PAGE_ROWS;
    int result = store_db_prepare(store, &statement,
                                  "SELECT seq, raw FROM journal WHERE site = $1 AND device = $2 AND run = $3"
                                  " AND seq > $4 AND seq <= $5 AND (utc_s IS NULL OR utc_s < $6)"
                                  " ORDER BY seq LIMIT $7");
    while (result == ERR_OK && rows == PAGE_ROWS) {
        db_bind_text(&statement, 2, run->device);
        db_bind_int(&statement, 3, run->run);
        db_bind_int(&statement, 4, seq);
        db_bind_int(&statement, 5, span->last_seq);
        db_bind_int(&statement, 6, span->to_utc_s);
        db_bind_int(&statement, 7, PAGE_ROWS);
        result = read_page(&statement, listener, &seq, &rows);
        store_db_reset(store, &statement);
    }
    db_finalize(&statement);
    return result;
}

int record_walk_run(struct store_db *store, const struct record_run *run, const struct record_span *span,
                    const struct record_listener *listener)
{
    int result = read_in_force(store, run, listener);
    return result == ERR_OK ? read_pages(store, run, span, listener) : result;
}
