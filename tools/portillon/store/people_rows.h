/* SPDX-License-Identifier: Apache-2.0 */
/* What the store has of a person and of their card, and how people_store.h and people_list.h read and write
 * these columns. Nothing blocks. */
#ifndef TOOLS_PORTILLON_STORE_PEOPLE_ROWS_H
#define TOOLS_PORTILLON_STORE_PEOPLE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/tag.h"
#include "firmware/whitelist/whitelist_format.h"
#include "tools/portillon/store/store_db.h"
#include "tools/portillon/store/tag_text.h"

#define PEOPLE_STORE_NAME_SIZE 260

/* The data of a person that a card for them needs. */
struct people_person {
    int64_t id;
    char name[PEOPLE_STORE_NAME_SIZE]; /* "Exemple Aïcha" */
    char class_name[128];
    char profile[WHITELIST_NAME_LEN + 1];
    uint8_t weekdays, passages;
    uint16_t first_day, last_day; /* of their rights, as in a list */
    bool left;                    /* they are in the school no more */
};

/* Where a card of a person comes from. */
enum people_given {
    PEOPLE_GIVEN_FILE,
    PEOPLE_GIVEN_DESK,
    PEOPLE_GIVEN_LENT,
    PEOPLE_GIVEN_OLDER, /* from a store of an older version, which did not keep what the file says of it */
};

/* What a person's card has of its own. The rest is that of the person. */
struct people_holding {
    enum people_given given;
    uint16_t first_day, last_day; /* as in a list */
    bool blocked, temporary;
    enum credential_method method; /* uid or desfire */
    bool counts_as_uid;            /* a DESFire identifier of a card that is listed by its UID too: */
    struct tag uid_tag;            /* the pseudonym of that UID */
};

/* A card known by its UID, without anything of its own. */
#define PEOPLE_ROWS_PLAIN_HOLDING(from)                                                                      \
    (struct people_holding)                                                                                  \
    {                                                                                                        \
        .given = (from), .first_day = WHITELIST_NO_FIRST_DAY, .last_day = WHITELIST_NO_LAST_DAY,             \
        .method = CREDENTIAL_UID                                                                             \
    }

/* The columns of a person, of a table named p. */
#define PEOPLE_ROWS_PERSON                                                                                   \
    "p.person, trim(p.surname || ' ' || p.first_name), p.class, p.profile, p.weekdays, p.passages,"          \
    " p.first_day, p.last_day, CASE WHEN p.left_utc_s IS NULL THEN 0 ELSE 1 END"
/* The columns of a holding. */
#define PEOPLE_ROWS_HOLDING       "given, first_day, last_day, blocked, temporary, method, counts_as"
#define PEOPLE_ROWS_HOLDING_COUNT 7

/* Binds a tag. text must live until the statement is reset. */
void people_rows_bind_tag(struct db_statement *statement, unsigned index, const struct tag *tag,
                          char text[TAG_TEXT_SIZE]);
/* Copies a column that came from a file of the school, so that it can be printed. */
void people_rows_copy(struct db_statement *statement, int column, char *out, size_t size);
/* Reads the columns of a person. */
void people_rows_read_person(struct db_statement *statement, int column, struct people_person *person);
/* Returns the values of the columns of a holding. They point to text too. */
void people_rows_holding_values(const struct people_holding *holding, char text[TAG_TEXT_SIZE],
                                struct db_value values[PEOPLE_ROWS_HOLDING_COUNT]);
/* Binds the columns of a holding, from index on. text must live until the statement is reset. */
void people_rows_bind_holding(struct db_statement *statement, unsigned index,
                              const struct people_holding *holding, char text[TAG_TEXT_SIZE]);
/* Reads them. */
void people_rows_read_holding(struct db_statement *statement, int column, struct people_holding *holding);

/* Returns true if two holdings say the same. */
bool people_rows_is_same_holding(const struct people_holding *a, const struct people_holding *b);

/* Narrows the rights of a person to those of the card: within the days of both, with the marks of the
 * card. */
void people_rows_narrow(struct whitelist_rule *rule, const struct people_holding *holding);

#endif
