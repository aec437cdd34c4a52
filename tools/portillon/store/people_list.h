/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the people of a site and their cards. Blocks as people_store.h does. */
#ifndef TOOLS_PORTILLON_STORE_PEOPLE_LIST_H
#define TOOLS_PORTILLON_STORE_PEOPLE_LIST_H

#include "tools/portillon/store/people_store.h"

/* A card that somebody has now. */
struct people_held {
    struct tag tag;
    struct people_holding holding;
    bool has_person; /* false: the store has lost the person */
    struct people_person person;
};

typedef int people_list_person(void *ctx, const struct people_person *person);
typedef int people_list_held(void *ctx, const struct people_held *held);

/* Calls callback for everybody, those who left included, in the order of class and name. Returns ERR_OK,
 * ERR_IO, ERR_BUSY, or the value other than ERR_OK that the callback returned. */
int people_list_people(struct people_store *store, people_list_person *callback, void *ctx) MUST_USE;
/* Calls callback for every card that somebody has now, lent ones included, in the same order. Returns the
 * same results. */
int people_list_cards(struct people_store *store, people_list_held *callback, void *ctx) MUST_USE;

#endif
