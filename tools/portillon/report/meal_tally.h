/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts meals: passages at the canteen that were used, by day, gate, service and profile. The counts name
 * nobody, so the table meal_counts keeps them when the passages are forgotten. The caller owns the struct and
 * frees it with meal_tally_free. Reading and writing block on the disk or the server.
 */
#ifndef TOOLS_PORTILLON_REPORT_MEAL_TALLY_H
#define TOOLS_PORTILLON_REPORT_MEAL_TALLY_H

#include "tools/portillon/report/report_data.h"

/* Texts belong to the tally. */
struct meal_count {
    int32_t day;         /* since 2000-01-01: on which the service began */
    const char *device;  /* the gate */
    const char *service; /* "": outside services */
    const char *profile; /* of the person; "": nobody known */
    int64_t meals;
};

struct meal_tally {
    struct meal_count *counts; /* after meal_tally_merge: by day, gate, service and profile, each once */
    size_t count, capacity;
    struct name_pool names;
};

/* Adds the meals among loaded passages. Returns ERR_OK or ERR_NO_SPACE. */
int meal_tally_add(struct meal_tally *tally, const struct report_data *data) MUST_USE;
/* Adds the counts that the store keeps, from one day to another (both included), of one gate or of all
 * (NULL). Returns ERR_OK, ERR_NO_SPACE, ERR_IO or ERR_BUSY. */
int meal_tally_read(struct meal_tally *tally, struct store_db *store, int32_t first_day, int32_t last_day,
                    const char *gate) MUST_USE;
/* Sorts the counts and joins those that are the same but for the number. */
void meal_tally_merge(struct meal_tally *tally);
/* Adds the counts to those in the store, in its transaction. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int meal_tally_write(const struct meal_tally *tally, struct store_db *store) MUST_USE;
/* Frees it. */
void meal_tally_free(struct meal_tally *tally);

#endif
