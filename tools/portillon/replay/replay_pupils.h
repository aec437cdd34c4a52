/* SPDX-License-Identifier: Apache-2.0 */
/* The pupils whose outcome a replay changes: one entry for each pupil and each pair of outcomes, with the
 * name of the time of the tap. The struct owns its memory until replay_pupils_free. Blocks on the store. */
#ifndef TOOLS_PORTILLON_REPLAY_REPLAY_PUPILS_H
#define TOOLS_PORTILLON_REPLAY_REPLAY_PUPILS_H

#include "tools/portillon/replay/replay.h"
#include "tools/portillon/store/people_store.h"

struct replay_pupil {
    struct replay_change first; /* the first such tap */
    uint64_t taps;
    int64_t person; /* 0: the store does not know who had the card */
    char *name, *class_name;
};

/* Entries with the same outcomes, which follow one another. */
struct replay_group {
    const struct replay_pupil *pupils;
    size_t count;
    uint64_t taps;
};

struct replay_pupils {
    struct replay_pupil *pupils; /* by outcomes, then by name */
    struct replay_group *groups;
    size_t count, group_count;
    size_t people; /* different pupils, or cards without a name */
};

/* Finds the pupils of a replay, and brings its changes into their order. Returns ERR_OK, ERR_NO_SPACE or an
 * error of db.h. */
int replay_pupils_find(struct replay_pupils *pupils, struct replay *replay, struct store_db *store) MUST_USE;
/* Frees the memory. */
void replay_pupils_free(struct replay_pupils *pupils);

#endif
