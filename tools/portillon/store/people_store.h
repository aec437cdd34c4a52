/*
 * Who has which card: the people of the school's files, and the cards that the office lends or blocks between
 * two files. It lies in the same SQLite file as the passages (store_schema.h), so that these show names;
 * nothing of it but tags and rules ever reaches a list.
 *
 * Work between begin and commit is one transaction. The caller owns the struct; calls block for the disk.
 * After an error people_store_error says it in SQLite's words.
 */
#ifndef TOOLS_PORTILLON_STORE_PEOPLE_STORE_H
#define TOOLS_PORTILLON_STORE_PEOPLE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/tag.h"
#include "firmware/whitelist/whitelist_format.h"
#include "hal/error.h"
#include "tools/portillon/csv/csv_import.h"

#define PEOPLE_STORE_NAME_SIZE 260

struct people_store {
    struct sqlite3 *db;
    struct sqlite3_stmt *put_person, *get_holder, *end_holding, *put_holding;
    int64_t last_person; /* before the transaction began */
    char error[256];
};

/* A person as far as a card for them needs it. */
struct people_person {
    int64_t id;
    char name[PEOPLE_STORE_NAME_SIZE]; /* "Exemple Aïcha" */
    char class_name[128];
    char profile[WHITELIST_NAME_LEN + 1];
    uint8_t weekdays, passages;
};

struct people_card {
    struct tag tag;
    char card[24];                /* its UID in hex; "": not known */
    bool lent;                    /* else blocked */
    uint16_t first_day, last_day; /* of a loan: days since 2000-01-01, both included */
    int64_t noted_utc_s;
    bool has_person;
    struct people_person person; /* where there is one */
};

/* @retval ERR_OK, ERR_IO, ERR_BUSY, ERR_UNSUPPORTED. Close it also after an error. */
int people_store_open(struct people_store *store, const char *path) MUST_USE;
/* The same for a file that must be there already: a misspelt name is no new store. */
int people_store_open_existing(struct people_store *store, const char *path) MUST_USE;
void people_store_close(struct people_store *store);
const char *people_store_error(const struct people_store *store);

/* @retval ERR_OK, ERR_IO, ERR_BUSY. */
int people_store_begin(struct people_store *store) MUST_USE;
int people_store_commit(struct people_store *store) MUST_USE;
void people_store_rollback(struct people_store *store);

/* Notes a person of the school's file, and what such a person may. The same one again (by the file's id, else
 * by name and class; see people_moved.h) is brought up to date. *id is the person's number. @retval ERR_OK,
 * ERR_IO, ERR_ARGUMENT (the row names nobody). */
int people_store_put(struct people_store *store, const struct csv_person *person, const char *profile,
                     const struct whitelist_rule *rule, int64_t utc_s, int64_t *id) MUST_USE;

/* From now on the card is this person's. The first holder of a card has had it always, so that passages
 * pulled before show the name as well; a loan begins when it is noted. @retval ERR_OK, ERR_IO. */
int people_store_hold(struct people_store *store, const struct tag *tag, int64_t id, int64_t utc_s) MUST_USE;

/* Who has the card now. @retval ERR_OK, ERR_NOT_FOUND, ERR_IO. */
int people_store_holder(struct people_store *store, const struct tag *tag,
                        struct people_person *person) MUST_USE;

/* The people of whom each word of the text begins a word of name or class, case and accents aside; at most
 * max.
 * @retval how many there are (may be above max), ERR_IO. */
int people_store_find(struct people_store *store, const char *text, struct people_person *people,
                      int max) MUST_USE;

/* The cards a person has now, loans included; at most max. @retval count, ERR_IO. */
int people_store_cards_of(struct people_store *store, int64_t id, struct tag *tags, int max) MUST_USE;

/* Notes a card of the office's; whatever was noted of that card before is replaced.
 * @retval ERR_OK, ERR_IO. */
int people_store_note_card(struct people_store *store, const struct people_card *card) MUST_USE;

/* Forgets what the office noted of a card; with it ends a loan. @retval 1, 0 (nothing was noted), ERR_IO. */
int people_store_drop_card(struct people_store *store, const struct tag *tag, int64_t utc_s) MUST_USE;

typedef int people_store_callback(void *ctx, const struct people_card *card);

/* Every card of the office's, in the order they were noted. @retval ERR_OK, ERR_IO, or what the callback
 * returned other than ERR_OK. */
int people_store_each_card(struct people_store *store, people_store_callback *callback, void *ctx) MUST_USE;

/* Deletes what happened at gates before a time, holdings that ended before it, and then people who have no
 * card and were in no file since. *passages and *people are how many went. @retval ERR_OK, ERR_IO. */
int people_store_forget(struct people_store *store, int64_t before_utc_s, int64_t *passages,
                        int64_t *people) MUST_USE;

#endif
