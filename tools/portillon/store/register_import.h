/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the people and cards of an import into the register of a site. It works inside a transaction of the
 * store; its caller commits. What the store has already is not written again. The caller owns the struct,
 * which must live as long as the import reads files. Blocks on the disk.
 */
#ifndef TOOLS_PORTILLON_STORE_REGISTER_IMPORT_H
#define TOOLS_PORTILLON_STORE_REGISTER_IMPORT_H

#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/store/people_bulk.h"
#include "tools/portillon/store/people_index.h"
#include "tools/portillon/store/people_store.h"

struct register_import {
    struct people_store *store;
    struct csv_import *import; /* its options call register_import_person */
    int64_t utc_s;             /* under which people are stored */
    bool whole;                /* the files are the whole school: who is in none of them has left */
    uint32_t people;           /* rows of people */
    uint32_t nameless;         /* cards whose row names nobody: not in the register */
    uint32_t desk;             /* after the end: cards given at the desk, which no file has */
    struct people_index index; /* internal */
    struct people_bulk bulk;
};

/* Begins, before the first file. Returns ERR_OK, ERR_IO, ERR_BUSY or ERR_NO_SPACE. */
int register_import_begin(struct register_import *intake) MUST_USE;

/* Gives the import the people of the register, so that the rows of a file of cards find their holders among
 * them. name is what messages call the register; it must outlive the import. A profile that site.conf does
 * not know is an error in the report. Returns ERR_OK, ERR_IO, ERR_BUSY or ERR_NO_SPACE. */
int register_import_join(struct register_import *intake, const char *name) MUST_USE;

/* Takes one row: csv_import_options.on_person. ctx is the struct. What it says is stored now or later. */
int register_import_person(void *ctx, const struct csv_person *person,
                           const struct csv_row_cards *cards) MUST_USE;

/* Stores what was taken so far. Returns ERR_OK, ERR_IO, ERR_BUSY or ERR_NO_SPACE. */
int register_import_flush(struct register_import *intake) MUST_USE;

/* Ends, after the last file: if the files are the whole school, stores who has left and recognises people who
 * moved to another class (*moved receives their number); ends the cards of earlier files that people had of
 * whom these files say otherwise. Returns ERR_OK, ERR_IO, ERR_BUSY or ERR_NO_SPACE. */
int register_import_end(struct register_import *intake, int64_t *moved) MUST_USE;

/* Frees the memory of the struct. */
void register_import_free(struct register_import *intake);

#endif
