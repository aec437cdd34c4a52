/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds the pupils of a register that has no cards, with the rights of each, so that the cards of other files
 * find their holders: by an id, or by name and class. The memory comes from the C library, and
 * pupil_register_free frees it. The caller owns the struct and sets it to zero first. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_LIST_PUPIL_REGISTER_H
#define TOOLS_PORTILLON_LIST_PUPIL_REGISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"
#include "hal/error.h"

#define PUPIL_IDS       4
#define PUPIL_WORD_SIZE 64
#define PUPIL_NAME_SIZE 128

struct pupil {
    int64_t number;           /* of the office's store; 0: read from a file */
    char id[PUPIL_WORD_SIZE]; /* for the store: the INE, or the school's number */
    char surname[PUPIL_NAME_SIZE], first_name[PUPIL_NAME_SIZE], class_name[PUPIL_NAME_SIZE];
    char ids[PUPIL_IDS][PUPIL_WORD_SIZE]; /* all ids, folded (text_fold.h); "" if there are fewer */
    char names[2][2 * PUPIL_WORD_SIZE];   /* surname or usual name, and first name, folded */
    char class_word[PUPIL_WORD_SIZE];     /* folded */
    struct whitelist_rule rule;
    bool left;     /* is no longer in the school */
    bool bad;      /* has an error, which is in the report */
    bool has_card; /* a card was found for the pupil */
};

struct pupil_key {
    const char *word;
    uint32_t pupil;
};

struct pupil_register {
    struct pupil *pupils;
    uint32_t count, capacity;
    struct pupil_key *ids, *names; /* sorted; made by pupil_register_index */
    uint32_t id_count, name_count;
};

/* Adds a pupil, before the index is made. Returns ERR_OK or ERR_NO_SPACE. */
int pupil_register_add(struct pupil_register *pupils, const struct pupil *pupil) MUST_USE;

/* Makes the index, for the searches. Returns ERR_OK or ERR_NO_SPACE. */
int pupil_register_index(struct pupil_register *pupils) MUST_USE;

/* Finds a pupil by any of the ids, folded. Of two with the same id, the one who has not left counts. Returns
 * the pupil or NULL. */
struct pupil *pupil_register_by_id(const struct pupil_register *pupils, const char *id);

/* Finds a pupil by surname and first name in one word, folded, and among namesakes by class ("": not known).
 * *namesakes receives the number of pupils with that name. Returns the pupil, or NULL if there is none, or
 * none alone. */
struct pupil *pupil_register_by_name(const struct pupil_register *pupils, const char *name,
                                     const char *class_word, int *namesakes);

void pupil_register_free(struct pupil_register *pupils);

#endif
