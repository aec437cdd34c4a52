/* SPDX-License-Identifier: Apache-2.0 */
/* Finds who had a card at a time, as the view passages does. The caller owns the struct. Blocks on the disk
 * or the server. */
#ifndef TOOLS_PORTILLON_STORE_HOLDER_THEN_H
#define TOOLS_PORTILLON_STORE_HOLDER_THEN_H

#include "tools/portillon/store/people_store.h"

struct holder_then {
    struct store_db *store;
    struct db_statement find;
};

/* Prepares for a store. The caller closes it also after an error. Returns ERR_OK or an error of db.h. */
int holder_then_open(struct holder_then *holders, struct store_db *store) MUST_USE;
void holder_then_close(struct holder_then *holders);

/* Finds the holder of a card at a time. *person receives the number, the name and the class. Returns ERR_OK,
 * ERR_NOT_FOUND or an error of db.h. */
int holder_then_find(struct holder_then *holders, const struct tag *tag, int64_t utc_s,
                     struct people_person *person) MUST_USE;

#endif
