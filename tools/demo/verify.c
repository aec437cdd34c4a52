/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/demo/verify.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { GATES_MAX = 4, NAME_SIZE = 32 };

struct tap_result {
    char gate[NAME_SIZE], answer[32];
    unsigned long seq;
    int nth; /* of the taps at its gate, from 1 */
};

/* The taps of each gate that were counted until now. */
static struct {
    char name[NAME_SIZE];
    int taps;
} counts[GATES_MAX];

static int count_tap(const char *gate)
{
    int i = 0;
    while (i < GATES_MAX - 1 && counts[i].name[0] != '\0' && strcmp(counts[i].name, gate) != 0)
        i++;
    snprintf(counts[i].name, sizeof counts[i].name, "%s", gate);
    return ++counts[i].taps;
}

static bool read_result(FILE *results, struct tap_result *tap)
{
    if (fscanf(results, "%31s %lu %31s", tap->gate, &tap->seq, tap->answer) != 3)
        return false;
    tap->nth = count_tap(tap->gate);
    return true;
}

static bool is_stored(sqlite3_stmt *query, const struct tap_result *tap)
{
    sqlite3_reset(query);
    sqlite3_bind_text(query, 1, tap->gate, -1, SQLITE_STATIC);
    sqlite3_bind_int64(query, 2, (sqlite3_int64)tap->seq);
    sqlite3_bind_text(query, 3, tap->answer, -1, SQLITE_STATIC);
    sqlite3_bind_int(query, 4, tap->nth);
    return sqlite3_step(query) == SQLITE_ROW && sqlite3_column_int(query, 0) == 1;
}

static int prepare(sqlite3 *db, sqlite3_stmt **query)
{
    return sqlite3_prepare_v2(db,
                              "SELECT count(*) FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS n,"
                              " ifnull(reason, verdict) AS word FROM passages WHERE device = ?1)"
                              " WHERE (word = ?3 OR (?3 = 'refused' AND word <> 'granted'))"
                              " AND CASE ?2 WHEN 0 THEN n = ?4 ELSE seq = ?2 END",
                              -1, query, NULL);
}

/* Prints how often each gate gave each answer. An emulated gate gives its reasons only here. */
static void print_answers(sqlite3 *db)
{
    sqlite3_stmt *query = NULL;
    if (sqlite3_prepare_v2(db,
                           "SELECT device, group_concat(n || ' ' || word, ', ') FROM (SELECT device,"
                           " ifnull(reason, verdict) AS word, count(*) AS n"
                           " FROM passages GROUP BY 1, 2 ORDER BY 1, n DESC, 2) GROUP BY 1",
                           -1, &query, NULL) != SQLITE_OK)
        return;
    while (sqlite3_step(query) == SQLITE_ROW)
        printf("  %-9s %s\n", (const char *)sqlite3_column_text(query, 0),
               (const char *)sqlite3_column_text(query, 1));
    sqlite3_finalize(query);
}

static int verify(FILE *results, sqlite3 *db, sqlite3_stmt *query)
{
    struct tap_result tap;
    int taps = 0, found = 0;
    for (; read_result(results, &tap); taps++) {
        if (is_stored(query, &tap))
            found++;
        else
            printf("  MISSING from the store: gate %s, number %lu, %s\n", tap.gate, tap.seq, tap.answer);
    }
    print_answers(db);
    printf("%d of %d taps are in the store\n", found, taps);
    return found == taps ? 0 : 1;
}

int verify_taps(const char *results, const char *store)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    int status = 1;
    FILE *file = fopen(results, "r");
    if (file == NULL)
        fprintf(stderr, "demo: %s: no results to verify\n", results);
    else if (sqlite3_open_v2(store, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
             prepare(db, &query) != SQLITE_OK)
        fprintf(stderr, "demo: %s: %s\n", store, sqlite3_errmsg(db));
    else
        status = verify(file, db, query);
    if (file != NULL)
        fclose(file);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return status;
}
