/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulates an invented lycée during a school year: 1,600 people who come, leave, lose cards and borrow
 * others. It writes the files that the office would export. It computes the rights of every card for each
 * list (without reading a list), and who has a card at which time. For tests; it is random, and the same in
 * every run.
 *
 * The caller owns the struct, which is large (keep it static). Without memory the program ends.
 */
#ifndef TESTS_FAKES_SCHOOL_H
#define TESTS_FAKES_SCHOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

#define SCHOOL_PEOPLE 1600
#define SCHOOL_LOANS  64
#define SCHOOL_CARDS  (2 * SCHOOL_PEOPLE) /* ever given out */
#define SCHOOL_UID    15                  /* 7 bytes in hexadecimal and a zero */

/* In the order of tests/data/lycee.conf. */
enum school_profile {
    SCHOOL_EXTERNE,
    SCHOOL_DP,
    SCHOOL_INTERNE,
    SCHOOL_COMMENSAL,
    SCHOOL_AGENT,
    SCHOOL_VISITEUR
};

struct school_person {
    char name[24], class_name[8], id[12];
    enum school_profile profile;
    uint8_t weekdays; /* of meals, as in the file; 0: not given */
    uint8_t passages;
    uint16_t first_day, last_day; /* 0: no bound */
    bool here;                    /* in the file */
    char uid[SCHOOL_UID];         /* in the file; "": the person waits for a card */
    char lent[SCHOOL_UID];        /* "": none */
};

struct school_loan {
    char uid[SCHOOL_UID], lost[SCHOOL_UID];
    int person;
    uint32_t since_utc_s, until_utc_s; /* until 0: not returned */
    uint16_t first_day, last_day;
};

/* The rule that a list must have for a card. */
struct school_right {
    char uid[SCHOOL_UID];
    struct whitelist_rule rule;
};

struct school {
    struct school_person people[SCHOOL_PEOPLE];
    struct school_loan loans[SCHOOL_LOANS];
    int loan_count;
    struct { /* every card that was ever a person's own */
        char uid[SCHOOL_UID];
        int person;
        bool filed; /* the card was in a file, so the office knows its holder */
    } cards[SCHOOL_CARDS];
    int card_count;
    uint64_t random;
};

/* Makes the people and their cards. */
void school_open(struct school *school);

/* Returns a random number below limit. */
uint32_t school_random(struct school *school, uint32_t limit);

/* Makes the changes between two lists: some people come, leave or change; some lose a card and borrow
 * another, some return one. today is in days since 2000-01-01. New loans, and loans that end now, get the
 * time utc_s. */
void school_change(struct school *school, uint16_t today, uint32_t utc_s);

/* Returns the file that the office exports. The caller frees it. */
char *school_file(struct school *school);

/* Computes the rules of a list made today, sorted by UID. The caller frees *rights. Returns their number. */
int school_rights(const struct school *school, uint16_t today, struct school_right **rights);
/* Finds the rule of a card. Returns NULL if there is none. */
const struct school_right *school_find_right(const struct school_right *rights, int count, const char *uid);

/* Returns the name of the person who had the card; NULL if the office knows of nobody. */
const char *school_holder(const struct school *school, const char *uid, uint32_t utc_s);

#endif
