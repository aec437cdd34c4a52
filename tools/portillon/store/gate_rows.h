/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the office last saw of each gate (table gates). `portillon sync` writes it. The functions block on the
 * store. Results are ERR_OK, or ERR_IO or ERR_BUSY with store->db.error set.
 */
#ifndef TOOLS_PORTILLON_STORE_GATE_ROWS_H
#define TOOLS_PORTILLON_STORE_GATE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/portillon/store/store_db.h"

struct gate_row {
    char device[IDENTITY_DEVICE_ID_MAX + 1];
    char name[64], zone[16], state[32]; /* as the gate tells them */
    char direction[8];                  /* "in", "out" or "both" */
    char port[256];                     /* where it was reached */
    int64_t seen_utc_s;
    uint32_t list_version; /* 0: it has no list */
    bool has_clock;        /* its clock shows a time */
    int64_t clock_off_s;   /* how far it was ahead */
    uint32_t damaged_blocks;
};

/* Writes the row of a gate. */
int gate_rows_put(struct store_db *store, const struct gate_row *row) MUST_USE;

/* Reads the rows of all gates of the site, sorted by id, at most max. Returns their number or an error. */
int gate_rows_list(struct store_db *store, struct gate_row *rows, int max) MUST_USE;

#endif
