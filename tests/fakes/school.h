/*
 * An invented lycée over a school year: 1,600 people who come, leave, lose cards and borrow others. It writes
 * the files that the office would export, tells what every card may by each list (worked out here, not read
 * back from a list), and who has a card when. For tests; random, and the same every time.
 *
 * The caller owns the struct, which is large: keep it static.
 */
#ifndef TESTS_FAKES_SCHOOL_H
#define TESTS_FAKES_SCHOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

#define SCHOOL_PEOPLE 1600
#define SCHOOL_LOANS  64
#define SCHOOL_CARDS  (2 * SCHOOL_PEOPLE) /* ever given out */
#define SCHOOL_UID    15                  /* 7 bytes in hex and a zero */

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
    uint8_t weekdays; /* of meals, as the file says; 0: it does not */
    uint8_t passages;
    uint16_t first_day, last_day; /* 0: no bound */
    bool here;                    /* in the file */
    char uid[SCHOOL_UID];         /* in the file; "": waits for a card */
    char lent[SCHOOL_UID];        /* "": none */
};

struct school_loan {
    char uid[SCHOOL_UID], lost[SCHOOL_UID];
    int person;
    uint32_t since_utc_s, until_utc_s; /* until 0: not given back */
    uint16_t first_day, last_day;
};

/* What a list must say of a card. */
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
        bool filed; /* it stood in a file, so the office knows whose it is */
    } cards[SCHOOL_CARDS];
    int card_count;
    uint64_t random;
};

void school_open(struct school *school);

/* A number below limit. */
uint32_t school_random(struct school *school, uint32_t limit);

/* What happens between two lists: some come, leave, change; some lose a card and borrow another, some give it
 * back. today: days since 2000-01-01. Loans that are new, or given back now, carry utc_s. */
void school_change(struct school *school, uint16_t today, uint32_t utc_s);

/* The file that the office exports. The caller frees it. */
char *school_file(struct school *school);

/* What a list made today must say, sorted by UID. @returns count; the caller frees *rights. */
int school_rights(const struct school *school, uint16_t today, struct school_right **rights);
const struct school_right *school_find_right(const struct school_right *rights, int count, const char *uid);

/* The name of whoever had the card; NULL: nobody that the office knows of. */
const char *school_holder(const struct school *school, const char *uid, uint32_t utc_s);

#endif
