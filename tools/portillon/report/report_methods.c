/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/report/report_methods.h"

#include "hal/linux/translate.h"
#include "tools/portillon/report/report_words.h"

#define METHODS_MAX 16

static const struct report_column tap_columns[] = {{"method", N_("Known by"), report_words_method},
                                                   {"passages", N_("Passages"), NULL},
                                                   {"unused", N_("Unused"), NULL},
                                                   {"refused", N_("Refused"), NULL}};
static const struct report_column card_columns[] = {{"profile", N_("Category"), report_words_profile},
                                                    {"uid", N_("By number alone"), NULL},
                                                    {"both", N_("By number and key"), NULL},
                                                    {"desfire", N_("By key alone"), NULL}};

static const struct report_layout taps = {
    .name = "taps_by_method",
    .title = N_("Passages by how the card was known"),
    .about = N_("A card known by its number can be copied; one known by its key cannot."),
    .columns = tap_columns,
    .column_count = 4,
    .plot = REPORT_PLOT_BARS,
    .plot_first = 1,
    .plot_count = 3,
    .is_left_out_when_empty = true,
    .group_by = -1};
static const struct report_layout cards = {
    .name = "cards_by_method",
    .title = N_("Cards by how the list knows them"),
    .about =
        N_("Cards of the people who are in the school now, without blocked ones. Once a category has none "
           "by number alone, site.conf may ask more of it: assurance = desfire."),
    .columns = card_columns,
    .column_count = 4,
    .plot = REPORT_PLOT_BARS,
    .plot_first = 1,
    .plot_count = 3,
    .is_left_out_when_empty = true,
    .group_by = -1};

struct counts {
    int64_t passages, unused, refused;
};

static void count(struct counts *counts, const struct report_passage *passage)
{
    counts->passages += passage->is_granted && !passage->is_unused;
    counts->unused += passage->is_granted && passage->is_unused;
    counts->refused += !passage->is_granted;
}

void report_methods_add_taps(struct report *report, const struct report_data *data)
{
    struct counts counts[METHODS_MAX] = {{0}};
    struct report_table *table = report_add(report, &taps);
    for (size_t i = 0; i < data->count; i++)
        if (data->passages[i].method < METHODS_MAX)
            count(&counts[data->passages[i].method], &data->passages[i]);
    for (uint32_t i = 0; i < data->methods.count && i < METHODS_MAX; i++) {
        report_text(table, data->methods.names[i]);
        report_number(table, counts[i].passages);
        report_number(table, counts[i].unused);
        report_number(table, counts[i].refused);
    }
}

int report_methods_add_cards(struct report *report, struct store_db *store)
{
    struct report_table *table = report_add(report, &cards);
    struct db_statement row;
    int result = store_db_prepare(
        store, &row,
        "SELECT p.profile, count(*) FILTER (WHERE h.method = 'uid' AND d.counts_as IS NULL),"
        " count(*) FILTER (WHERE h.method <> 'uid' AND h.counts_as IS NOT NULL),"
        " count(*) FILTER (WHERE h.method <> 'uid' AND h.counts_as IS NULL) FROM holdings h"
        " JOIN people p ON p.site = h.site AND p.person = h.person"
        " LEFT JOIN (SELECT DISTINCT counts_as FROM holdings WHERE site = $1 AND until_utc_s IS NULL"
        "  AND counts_as IS NOT NULL) d ON d.counts_as = h.tag"
        " WHERE h.site = $1 AND h.until_utc_s IS NULL AND h.blocked = 0 AND p.left_utc_s IS NULL"
        " GROUP BY p.profile ORDER BY p.profile");
    while (result >= 0 && (result = db_step(&row)) == DB_ROW) {
        report_text(table, db_text(&row, 0));
        for (int column = 1; column < 4; column++)
            report_number(table, db_int(&row, column));
    }
    db_finalize(&row);
    return result < 0 ? result : ERR_OK;
}
