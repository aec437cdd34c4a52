/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what a store has of a gate: its journals, which are called runs (store_schema.h). The store is only
 * read. The functions block on the disk. */
#ifndef TOOLS_PORTILLON_STORE_GATE_RUNS_H
#define TOOLS_PORTILLON_STORE_GATE_RUNS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "hal/error.h"

#define GATE_RUNS_MAX 16

struct gate_run {
    uint32_t run;
    uint32_t first_seq, last_seq; /* of the records that the store has */
    uint32_t records;
    char last_time[24]; /* of these records, ISO 8601; "": unknown */
    bool is_current;
};

struct gate_runs {
    struct gate_run runs[GATE_RUNS_MAX]; /* the newest ones, in rising order */
    int count;
    uint32_t covered; /* of the current run: the last number that is accounted for */
    char error[256];  /* after ERR_IO */
};

/* Reads the runs of a gate, which must be of a site of the store. Returns ERR_OK (count 0: the store does not
 * know the gate) or ERR_IO. */
int gate_runs_read(struct gate_runs *runs, const char *path, const uint8_t site_id[IDENTITY_SITE_ID_LEN],
                   const char *device) MUST_USE;

#endif
