/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Knows the people and cards of a site while files of the school are read: of each person and each card of
 * the store a short row, read in one pass, so that rows of the files which say nothing new cost the store
 * nothing. The caller owns the struct, and keeps what it knows in step with what it stores. A million people
 * with a card each take 68 MiB. people_index_load blocks on the disk.
 */
#ifndef TOOLS_PORTILLON_STORE_PEOPLE_INDEX_H
#define TOOLS_PORTILLON_STORE_PEOPLE_INDEX_H

#include "tools/portillon/common/keyed_rows.h"
#include "tools/portillon/store/people_digest.h"
#include "tools/portillon/store/people_store.h"

enum people_index_mark {
    PEOPLE_INDEX_LEFT = 1,  /* they are in the school no more */
    PEOPLE_INDEX_STALE = 2, /* the time of their last file is to be stored again */
    PEOPLE_INDEX_SEEN = 4,  /* the files have them */
    PEOPLE_INDEX_TOLD = 8,  /* the files say which cards they have */
};

struct people_index_person {
    uint8_t key[KEYED_ROWS_KEY_LEN]; /* digest.key */
    uint64_t content;                /* digest.content */
    uint64_t number : 56;            /* in the store; 0: not stored yet */
    uint64_t marks : 8;              /* enum people_index_mark */
};

enum people_index_card_mark {
    PEOPLE_INDEX_HELD = 1,     /* somebody has it now */
    PEOPLE_INDEX_IN_FILES = 2, /* the files have it */
    PEOPLE_INDEX_QUEUED = 4,   /* it waits to be stored (people_bulk.h) */
    PEOPLE_INDEX_KNOWN = 8,    /* the store has a row of it */
};

#define PEOPLE_INDEX_NOBODY UINT32_MAX

struct people_index_card {
    uint8_t tag[TAG_LEN];
    uint32_t person; /* number of the row in people; PEOPLE_INDEX_NOBODY: the store has lost the person */
    uint16_t first_day, last_day;
    uint8_t given : 4, blocked : 1, temporary : 1, is_desfire : 1, counts_as_uid : 1;
    uint8_t marks;            /* enum people_index_card_mark */
    uint8_t uid_tag[TAG_LEN]; /* if counts_as_uid: see struct people_holding */
};

struct people_index {
    struct keyed_rows people; /* of the store first, in the order of their numbers */
    struct keyed_rows cards;
    uint32_t stored; /* people whom the store had before */
};

/* Reads the people and cards of the site. Those last seen in a file before stale_utc_s are marked. Returns
 * ERR_OK, ERR_IO, ERR_BUSY or ERR_NO_SPACE. */
int people_index_load(struct people_index *index, struct people_store *store, int64_t stale_utc_s) MUST_USE;
/* Finds a person of the store by number. Returns NULL if the store did not have them. */
struct people_index_person *people_index_person(const struct people_index *index, int64_t number);
/* Read and write what a card has of its own. */
struct people_holding people_index_holding(const struct people_index_card *card);
void people_index_set_holding(struct people_index_card *card, const struct people_holding *holding);
/* Frees the memory. */
void people_index_free(struct people_index *index);

#endif
