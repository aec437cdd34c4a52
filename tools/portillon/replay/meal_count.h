/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts the passages of each card at one gate as the gate counts them (firmware/access/rights.h), from its
 * records in the order of their numbers. Passages older than two days are left out in time. The struct owns
 * its memory until meal_count_free. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_REPLAY_MEAL_COUNT_H
#define TOOLS_PORTILLON_REPLAY_MEAL_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/access/policy.h"
#include "firmware/journal/journal_record.h"

struct meal_passage {
    struct tag tag;
    uint32_t seq, utc_s;
    uint32_t next;     /* the passage before it in the same place, from 1; 0: none */
    uint8_t service;   /* its place in the tables, from 1; 0: does not count */
    bool is_under_way; /* a rotation sensor is still to say how it ends */
};

struct meal_count {
    struct meal_passage *passages; /* in the order of their numbers */
    uint32_t *places;              /* by tag: the last passage there, from 1; 0: none */
    uint32_t count, capacity;      /* there are as many places; a power of two */
};

/* Adds a passage, if it is of a service. Its number must not be below those before. Returns ERR_OK or
 * ERR_NO_SPACE. */
int meal_count_add(struct meal_count *count, const struct meal_passage *passage) MUST_USE;
/* Says how a passage ended. Does nothing if it was not added. */
void meal_count_close(struct meal_count *count, uint32_t seq, bool counts);
/* Says that the gate started: passages under way before it do not count. */
void meal_count_restart(struct meal_count *count);
/* Gives the services their places in a new list, as the record of the list says. */
void meal_count_renumber(struct meal_count *count, const struct journal_services *map);

/* Returns how many passages of a card count for a meal at a time (254: or more), by the tables in force
 * then. */
uint8_t meal_count_of(const struct meal_count *count, const struct tag *tag, const struct policy_meal *meal,
                      const struct whitelist_tables *tables, uint32_t now_utc_s);

/* Frees the memory. */
void meal_count_free(struct meal_count *count);

#endif
