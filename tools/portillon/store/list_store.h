/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stores each list that was built, with the rules it was built from, so that a passage can be explained later
 * by what was then in force. The lists are in the same database as the passages (store_schema.h). Calls block
 * on the disk or the server. After an error the database's message is in store->db.error.
 */
#ifndef TOOLS_PORTILLON_STORE_LIST_STORE_H
#define TOOLS_PORTILLON_STORE_LIST_STORE_H

#include <stdint.h>

#include "tools/portillon/store/store_db.h"

/* A list in memory. The caller owns what it points to. */
struct list_store_entry {
    uint32_t version, issued_utc_s;
    const char *rules; /* the text of site.conf; "": not known */
    const uint8_t *list;
    size_t len;
};

/* Stores a list, in a transaction of the caller. It replaces one of the same version. Returns ERR_OK or an
 * error of db.h. */
int list_store_put(struct store_db *store, const struct list_store_entry *entry) MUST_USE;

/* Reads the file of a list into memory that the caller frees. Returns ERR_OK, ERR_NOT_FOUND, ERR_NO_SPACE (no
 * memory) or an error of db.h. */
int list_store_read(struct store_db *store, uint32_t version, uint8_t **list, size_t *len) MUST_USE;

typedef int list_store_callback(void *ctx, uint32_t version, uint32_t issued_utc_s);

/* Calls callback for every stored list, in the order of the versions. Returns ERR_OK, an error of db.h, or
 * the value other than ERR_OK that the callback returned. */
int list_store_each(struct store_db *store, list_store_callback *callback, void *ctx) MUST_USE;

/* Deletes the lists that no stored passage can need: each was replaced before the oldest passage, and no gate
 * is known to have run it since. The newest list stays. If there are no passages, before_utc_s stands for the
 * oldest. *count receives the number of deleted lists. Returns ERR_OK or an error of db.h. */
int list_store_forget(struct store_db *store, int64_t before_utc_s, int64_t *count) MUST_USE;

#endif
