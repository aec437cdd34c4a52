/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the stored taps of all gates through the policy of the firmware again, with other rules or another
 * list, and collects the taps whose outcome would change. Nothing is written.
 *
 * A tap is compared only if its record and the list then in force agree: then what the gate knew is known.
 * The groups that a gate had turned off stay off, by their names. A passage that was granted and not used
 * is not counted at a meal; one that only the other rules grant is.
 *
 * The caller owns the structs; replay_free frees the result. Blocks on the store.
 */
#ifndef TOOLS_PORTILLON_REPLAY_REPLAY_H
#define TOOLS_PORTILLON_REPLAY_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/access/verdict.h"
#include "tools/portillon/list/list_open.h"
#include "tools/portillon/replay/record_walk.h"
#include "tools/portillon/store/store_db.h"

struct replay_job {
    struct store_db *store;
    const uint8_t *key;           /* the site's public key */
    const struct list_open *list; /* another list; NULL: the cards of the lists that were in force */
    const struct whitelist_tables
        *tables;                  /* other rules; NULL: those of the list. If both are NULL, the records
                                              are compared with the lists that were in force */
    int64_t from_utc_s, to_utc_s; /* from this second to before that one */
};

/* Why a tap was not replayed. */
enum replay_skip {
    REPLAY_DONE,
    REPLAY_CLOCK_UNSET,  /* it has no time */
    REPLAY_NO_CARD,      /* no card number could be read */
    REPLAY_GATE_FAULT,   /* the gate could not decide */
    REPLAY_NO_LIST,      /* the list in force is not stored */
    REPLAY_UNEXPLAINED,  /* the gate answered otherwise than the list in force says */
    REPLAY_NO_PROFILE,   /* the profile of the card is not in the other rules */
    REPLAY_ONLY_COUNTED, /* refusals that came so often that the gate only counted them */
};
#define REPLAY_SKIPS (REPLAY_ONLY_COUNTED + 1)

/* A tap whose outcome would change. REASON_NONE is a passage. */
struct replay_change {
    enum reason before, after;
    struct tag tag;
    const struct record_run *gate;
    uint32_t seq, utc_s;
};

struct replay {
    struct replay_change *changes;
    size_t change_count, change_capacity;
    struct record_run *gates; /* their journals */
    int gate_count;
    uint64_t taps[REPLAY_SKIPS]; /* by what became of them; REPLAY_DONE: replayed */
    uint64_t unchecked;          /* replayed, but the list then in force is not stored */
    uint64_t guessed;   /* replayed by the newest list of that time: no record says which one was in force */
    uint64_t unlisted;  /* of cards that are in no list, before and after */
    uint64_t elsewhere; /* of cards that had passed at another gate, as the gate was told */
};

/* Runs the job. Returns ERR_OK, ERR_NO_SPACE or an error of db.h. */
int replay_run(const struct replay_job *job, struct replay *replay) MUST_USE;
/* Frees the result. */
void replay_free(struct replay *replay);

/* Returns why taps were not replayed, in words that follow a number of taps. */
const char *replay_skip_text(enum replay_skip skip);
/* Returns the name of a skip for JSON. */
const char *replay_skip_name(enum replay_skip skip);

#endif
