/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of a store (list_store.h) in memory, each read and checked when it is first needed. The struct
 * owns the lists until list_shelf_free. Calls block on the disk or the server.
 */
#ifndef TOOLS_PORTILLON_REPLAY_LIST_SHELF_H
#define TOOLS_PORTILLON_REPLAY_LIST_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/portillon/list/list_open.h"
#include "tools/portillon/store/store_db.h"

struct shelf_list {
    uint32_t version, issued_utc_s;
    enum { SHELF_STORED, SHELF_READ, SHELF_BAD } state;
    struct list_open open;                      /* if it was read */
    int8_t profile_map[WHITELIST_PROFILES_MAX]; /* list_shelf_map; -1: not there */
};

struct list_shelf {
    struct store_db *store;
    const uint8_t *key;                   /* the site's public key; NULL: signatures are not checked */
    const struct whitelist_tables *other; /* of list_shelf_map */
    struct shelf_list *lists;             /* in the order of the versions */
    size_t count, capacity;
    int error; /* the first error of the database */
};

/* Finds which lists the store has. Returns ERR_OK, ERR_NO_SPACE or an error of db.h. */
int list_shelf_open(struct list_shelf *shelf, struct store_db *store, const uint8_t *key) MUST_USE;
/* Frees the lists. */
void list_shelf_free(struct list_shelf *shelf);

/* Prepares profile_map of each list: its profiles in other tables, by their names. The tables must live as
 * long as the shelf. Call it before any list is read. */
void list_shelf_map(struct list_shelf *shelf, const struct whitelist_tables *other);

/* Returns the list of this version; NULL: it is not stored, or damaged, or shelf->error is set. */
const struct shelf_list *list_shelf_version(struct list_shelf *shelf, uint32_t version);
/* Returns the version of the newest list that was built up to a time; 0: there is none. */
uint32_t list_shelf_newest(const struct list_shelf *shelf, uint32_t utc_s);

/* Finds the profile of one set of tables in another by its name. Returns its index or -1. */
int list_shelf_profile(const struct whitelist_tables *tables, const char *name);

#endif
