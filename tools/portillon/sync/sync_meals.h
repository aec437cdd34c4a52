/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells a gate of the canteen which cards passed at the other lanes, from the store (meals_elsewhere.h), so
 * that a card eats once. What a gate cannot take at the moment is told again. The caller owns the struct,
 * which is zero at first. Blocks as link_request does.
 */
#ifndef TOOLS_PORTILLON_SYNC_SYNC_MEALS_H
#define TOOLS_PORTILLON_SYNC_SYNC_MEALS_H

#include <stdbool.h>

#include "tools/portillon/gate/gate_options.h"
#include "tools/portillon/list/list_file.h"
#include "tools/portillon/store/meals_elsewhere.h"

#define SYNC_LANES_MAX 32

struct sync_meals {
    struct meal_lane lanes[SYNC_LANES_MAX];
    int lane_count;
    bool is_unknown; /* the gate's firmware does not take meals */
    bool has_more;   /* more can be told at once */
};

/* Begins again with all of the service: after the gate was out of reach, got another list or the time. */
void sync_meals_restart(struct sync_meals *meals);

/* Tells what the store has and the gate was not told yet, or the first part of it. list has the names of the
 * services. *taken is raised by the meals that were new to the gate. Returns COMMAND_OK, or COMMAND_FAILED or
 * INTERRUPT_STATUS after printing why. */
int sync_meals_tell(struct sync_meals *meals, struct store_db *store, const struct gate_options *gate,
                    struct link *link, const struct list_file *list, uint32_t *taken);

#endif
