/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the office wishes of all gates, and which gates have it: a profile that is turned off everywhere, for
 * example. `portillon profiles off NAME --all-gates` makes a wish, and `portillon sync` brings it to each
 * gate when it next reaches it. A wish is brought once: what somebody changes at the gate itself afterwards
 * stays, until the wish is made again.
 *
 * The functions block on the store. Results are ERR_OK, or ERR_IO or ERR_BUSY with store->db.error set.
 */
#ifndef TOOLS_PORTILLON_STORE_WISHES_H
#define TOOLS_PORTILLON_STORE_WISHES_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/portillon/store/store_db.h"

#define WISHES_MAX        64
#define WISH_NAME_SIZE    64
#define WISH_SETTING_SIZE (WISH_NAME_SIZE + 8)

/* A wish about a profile, the only kind there is. */
struct wish {
    char profile[WISH_NAME_SIZE];
    bool on;
};

struct wishes {
    int count;
    struct wish items[WISHES_MAX];
};

/* Makes wishes, all or none. Each replaces an earlier one about the same profile, and no gate has it yet. who
 * is audit_who. The audit trail has each. */
int wishes_make(struct store_db *store, const struct wishes *wishes, const char *who,
                int64_t now_utc_s) MUST_USE;

/* Reads the wishes that a gate does not have yet, at most WISHES_MAX, sorted by profile. */
int wishes_read_open(struct store_db *store, const char *device, struct wishes *wishes) MUST_USE;

/* Notes that a gate has a wish. Does nothing if another wish about this profile was made meanwhile. */
int wishes_note_done(struct store_db *store, const char *device, const struct wish *wish,
                     int64_t now_utc_s) MUST_USE;

/* Notes that a gate has none of the wishes: its memory was replaced. */
int wishes_forget_done(struct store_db *store, const char *device) MUST_USE;

#endif
