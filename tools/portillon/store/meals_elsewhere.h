/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meals that the store has from the gates of a canteen, for the other gates there. A meal is a passage in
 * a service that was closed as passed or assumed, or that says assumed itself: one that is open may still be
 * abandoned, and what was told cannot be taken back.
 *
 * A lane is another gate of the site, with the place up to which its records were read. The functions block
 * on the store. Errors are ERR_IO or ERR_BUSY, with store->db.error set.
 */
#ifndef TOOLS_PORTILLON_STORE_MEALS_ELSEWHERE_H
#define TOOLS_PORTILLON_STORE_MEALS_ELSEWHERE_H

#include <stdint.h>

#include "firmware/crypto/tag.h"
#include "tools/portillon/store/store_db.h"

/* Records of a lane that are read again for a gate that was out of reach: more than a service has. */
#define MEAL_LANE_LOOK_BACK 8192

struct meal_lane {
    char device[IDENTITY_DEVICE_ID_MAX + 1];
    uint32_t run;  /* of its journal */
    uint32_t read; /* the last record that was read */
    uint32_t last; /* the last record that is stored */
};

struct meal_elsewhere {
    uint32_t seq; /* of the record that made it a meal */
    struct tag tag;
    uint32_t utc_s;  /* of the passage */
    uint8_t service; /* its place in the list of that gate, from 1 */
};

/* Finds the other gates of the site and notes what is stored of each. A lane that is new, or has another
 * journal, begins MEAL_LANE_LOOK_BACK records before its end; the others go on where they are. Returns the
 * number of lanes, at most max, or an error. */
int meals_elsewhere_lanes(struct store_db *store, const char *device, struct meal_lane *lanes, int count,
                          int max) MUST_USE;

/* Reads the next meals of a lane since a time, at most max. *reached is the record up to which they were
 * read, where the caller moves lane->read. Returns their number or an error. */
int meals_elsewhere_read(struct store_db *store, const struct meal_lane *lane, int64_t since_utc_s,
                         struct meal_elsewhere *meals, int max, uint32_t *reached) MUST_USE;

#endif
