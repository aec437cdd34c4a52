/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The passages of a span of time in memory, with people and gates, as the reports count them. Everything is
 * in the school's local time. The caller owns the struct and frees it with report_data_free. Loading blocks
 * on the disk or the server.
 */
#ifndef TOOLS_PORTILLON_REPORT_REPORT_DATA_H
#define TOOLS_PORTILLON_REPORT_REPORT_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_tables.h"
#include "tools/portillon/report/name_pool.h"
#include "tools/portillon/store/store_db.h"
#include "tools/portillon/store/tag_text.h"

/* What a report is about. */
struct report_scope {
    const struct whitelist_tables *tables; /* the school's rules: time zone and services */
    int64_t from_utc_s, until_utc_s;
    const char *gate; /* NULL: all */
};

struct report_person {
    int64_t id;
    char *name, *class_name, *profile;
    char *fold;       /* surname and first name to sort by (person_fold.h) */
    uint8_t passages; /* allowed at a service */
};

struct report_passage {
    int64_t utc_s;
    const struct report_person *person; /* NULL: nobody known */
    struct tag tag;
    uint16_t day, minute; /* local */
    uint16_t service_day; /* the day on which the service began; day outside services */
    uint16_t gate;        /* in data->gates */
    uint8_t reason;       /* of a refusal, in data->reasons */
    uint8_t method;       /* by which the card was known, in data->methods */
    int8_t service;       /* index in the rules; -1: none */
    bool has_time;        /* false: the gate's clock was not set, and the time is that of storing */
    bool is_stale;        /* the clock had not been confirmed for long */
    bool has_tag, is_granted, is_unused, is_canteen;
    bool is_open; /* how it ended is not known: not over yet, or lost */
};

struct report_gate {
    char *device, *name, *zone, *direction, *state;
    int64_t seen_utc_s, pulled_utc_s; /* 0: never */
    int64_t list_version, clock_off_s, damaged_blocks;
    bool has_clock_off;
};

struct report_data {
    const struct whitelist_tables *tables;
    struct report_person *people; /* by id */
    size_t people_count, people_capacity;
    struct report_passage *passages; /* by time */
    size_t count, capacity;
    struct report_gate *gates; /* by device */
    size_t gate_count, gate_capacity;
    struct name_pool devices, reasons, methods; /* that occur in passages */
};

/* Loads the passages in scope, and all people and gates of the site. Returns ERR_OK, ERR_NO_SPACE, ERR_IO or
 * ERR_BUSY. */
int report_data_load(struct report_data *data, struct store_db *store,
                     const struct report_scope *scope) MUST_USE;
/* Frees it. Does nothing for a struct of zeros. */
void report_data_free(struct report_data *data);

/* Returns the name of a gate's id as in the passages; the name of a service, "" for none. */
const char *report_data_device(const struct report_data *data, const struct report_passage *passage);
const char *report_data_service(const struct report_data *data, int service);
/* Returns what the store has of a gate, or NULL. */
const struct report_gate *report_data_gate(const struct report_data *data, const char *device);
/* Sets the direction of a gate. Returns ERR_OK or ERR_NO_SPACE. */
int report_data_set_direction(struct report_gate *gate, const char *direction) MUST_USE;

#endif
