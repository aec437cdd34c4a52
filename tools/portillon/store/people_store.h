/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stores who has which card: the people of the school's files, and the cards that the office lends or blocks
 * between two files. It is in the same database as the passages (store_schema.h), so that the passages show
 * names. Only pseudonyms and rules from it reach a list.
 *
 * The work between begin and commit is one transaction. The caller owns the struct. Calls block on the disk,
 * and up to 10 s on the lock of another program. After an error people_store_error returns the database's
 * message.
 */
#ifndef TOOLS_PORTILLON_STORE_PEOPLE_STORE_H
#define TOOLS_PORTILLON_STORE_PEOPLE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/tag.h"
#include "firmware/whitelist/whitelist_format.h"
#include "hal/error.h"
#include "tools/portillon/csv/csv_import.h"
#include "tools/portillon/store/people_rows.h"
#include "tools/portillon/store/store_db.h"

struct people_store {
    struct store_db db;
    struct db_statement put_person, get_holder, end_holding, put_holding, change_holding;
    int64_t last_person; /* highest person number of the site before the transaction */
};

struct people_card {
    struct tag tag;
    char card[24];                /* its UID in hexadecimal; "": not known */
    bool lent;                    /* false: blocked */
    uint16_t first_day, last_day; /* of a loan: days since 2000-01-01, both included */
    int64_t noted_utc_s;
    bool has_person;
    struct people_person person; /* valid if has_person */
};

/* Opens the store, or makes it, for a site (NULL: its only one; see store_schema.h). The caller closes it
 * also after an error. Returns ERR_OK, ERR_IO, ERR_BUSY, ERR_UNSUPPORTED or ERR_ARGUMENT. */
int people_store_open(struct people_store *store, const char *path, const uint8_t *site_id) MUST_USE;
/* Returns true for a store that is there. Of a server this is not asked. */
bool people_store_is_there(const char *path);
/* Opens a file that must exist, so that a misspelt name does not make a new store. Returns the same
 * results. */
int people_store_open_existing(struct people_store *store, const char *path, const uint8_t *site_id) MUST_USE;
/* Opens a file that must exist, for the functions that only read (people_store_holder, _find, _cards_of,
 * _each_card): also a file that cannot be written, or that another program is about to change. Returns the
 * same results. */
int people_store_open_to_read(struct people_store *store, const char *path, const uint8_t *site_id) MUST_USE;
/* Closes the file. */
void people_store_close(struct people_store *store);
/* Returns the message for the last error. */
const char *people_store_error(const struct people_store *store);

/* Starts a transaction. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int people_store_begin(struct people_store *store) MUST_USE;
/* Commits the transaction, or rolls it back on an error. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int people_store_commit(struct people_store *store) MUST_USE;
/* Ends the transaction and stores nothing of it. */
void people_store_rollback(struct people_store *store);

/* Says in people_store_error that the people of the store are not those that were stored. Returns ERR_IO. */
int people_store_fail_numbers(struct people_store *store);

/* Finds the highest number of a person of the site; 0: there is nobody. Returns ERR_OK, ERR_IO or
 * ERR_BUSY. */
int people_store_last(struct people_store *store, int64_t *number) MUST_USE;

/* Stores a person of the school's file and their rights: of the rule all but the flags. A person who is
 * stored already is updated, and has not left any more; people are recognised by the file's id, otherwise by
 * name and class (see people_moved.h). *id receives the person's number. Returns ERR_OK, ERR_IO, ERR_BUSY or
 * ERR_ARGUMENT (the row names nobody). */
int people_store_put(struct people_store *store, const struct csv_person *person, const char *profile,
                     const struct whitelist_rule *rule, int64_t utc_s, int64_t *id) MUST_USE;

/* Stores the profile, days and passages of a person who is stored. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int people_store_set_rights(struct people_store *store, int64_t id, const char *profile,
                            const struct whitelist_rule *rule) MUST_USE;

/* Stores that the person holds the card from utc_s on. The first holder of a card counts as its holder since
 * always, so that passages pulled before show the name too. A loan begins at the time it is stored. Returns
 * ERR_OK, ERR_IO or ERR_BUSY. */
int people_store_hold(struct people_store *store, const struct tag *tag, int64_t id, int64_t utc_s) MUST_USE;

/* Stores the same with what the card has of its own. */
int people_store_hold_card(struct people_store *store, const struct tag *tag, int64_t id,
                           const struct people_holding *holding, int64_t utc_s) MUST_USE;

/* Stores that nobody holds the card from utc_s on. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int people_store_end_card(struct people_store *store, const struct tag *tag, int64_t utc_s) MUST_USE;

/* Finds how the present holder of a card holds it. Returns ERR_OK, ERR_NOT_FOUND, ERR_IO or ERR_BUSY. */
int people_store_holding(struct people_store *store, const struct tag *tag,
                         struct people_holding *holding) MUST_USE;

/* The people of the site whose numbers are from first to last. */
struct people_span {
    int64_t first, last;
};

/* Stores of the people of a span who had not left before that they left at utc_s: a file of the whole school
 * lacks them. people_store_put brings a person back. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int people_store_leave(struct people_store *store, struct people_span span, int64_t utc_s) MUST_USE;

/* Stores of the people of a span that a file of utc_s has them. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int people_store_see(struct people_store *store, struct people_span span, int64_t utc_s) MUST_USE;

/* Finds the present holder of a card. Returns ERR_OK, ERR_NOT_FOUND, ERR_IO or ERR_BUSY. */
int people_store_holder(struct people_store *store, const struct tag *tag,
                        struct people_person *person) MUST_USE;

/* Finds people by text: each word of the text must be the beginning of a word of the name or class. Case and
 * accents do not matter. At most max people are written. Returns the number of people found, which may be
 * above max, ERR_IO or ERR_BUSY. */
int people_store_find(struct people_store *store, const char *text, struct people_person *people,
                      int max) MUST_USE;

/* Lists the pseudonyms of the cards that a person has now, loans included, at most max. Returns their number,
 * ERR_IO or ERR_BUSY. */
int people_store_cards_of(struct people_store *store, int64_t id, struct tag *tags, int max) MUST_USE;

/* Stores a card that the office lent or blocked. It replaces what was stored about this card. Returns ERR_OK,
 * ERR_IO or ERR_BUSY. */
int people_store_note_card(struct people_store *store, const struct people_card *card) MUST_USE;

/* Deletes what the office stored about a card, and ends a loan of it. Returns 1, 0 (nothing was stored),
 * ERR_IO or ERR_BUSY. */
int people_store_drop_card(struct people_store *store, const struct tag *tag, int64_t utc_s) MUST_USE;

typedef int people_store_callback(void *ctx, const struct people_card *card);

/* Calls callback for every card that the office lent or blocked, in the order in which they were stored.
 * Returns ERR_OK, ERR_IO, ERR_BUSY, or the value other than ERR_OK that the callback returned. */
int people_store_each_card(struct people_store *store, people_store_callback *callback, void *ctx) MUST_USE;

/* What the office noted that no file of the school says. */
struct people_counts {
    int64_t blocked, lent; /* cards; loans that end on today or later */
    int64_t noted_since;   /* of both: noted after a time */
    int64_t
        newest_utc_s; /* of the newest file that said something new, within 20 days; 0: there are no people */
};
/* Counts them, for a day (days since 2000-01-01) and a time. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int people_store_count(struct people_store *store, uint16_t today, int64_t since_utc_s,
                       struct people_counts *counts) MUST_USE;

/* Deletes the gates' records from before a time, the holdings that ended before it, and then the people
 * who left before it. Of each gate the last list and the last groups turned off from before that time stay
 * known. *passages and *people receive the numbers of deleted records
 * and people. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int people_store_forget(struct people_store *store, int64_t before_utc_s, int64_t *passages,
                        int64_t *people) MUST_USE;

#endif
