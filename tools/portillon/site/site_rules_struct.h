/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a school in memory, as site_rules.h reads them. */
#ifndef TOOLS_PORTILLON_SITE_SITE_RULES_STRUCT_H
#define TOOLS_PORTILLON_SITE_SITE_RULES_STRUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

#define SITE_RULES_CALLED_MAX 192
#define SITE_RULES_WORD_SIZE  48
#define SITE_RULES_ZONE_SIZE  (TIME_ZONE_TEXT_LEN + 1)
#define SITE_RULES_SITE_NAME  64
#define SITE_RULES_UAI_SIZE   9

/* A word that the school's files use for a profile, and the days of meals it stands for ("DP4: mon tue thu
 * fri"). */
struct site_word {
    char word[SITE_RULES_WORD_SIZE]; /* folded (text_fold.h) */
    uint8_t profile;
    uint8_t weekdays; /* 0: the word names no days */
};

struct site_rules {
    char name[SITE_RULES_SITE_NAME];
    char time_zone[SITE_RULES_ZONE_SIZE]; /* as written: "Europe/Paris" */
    char time_rule[SITE_RULES_ZONE_SIZE]; /* as a gate reads it: "CET-1CEST,M3.5.0,M10.5.0/3" */
    char uai[SITE_RULES_UAI_SIZE]; /* the school's number in the national register; "" if the file has none */
    bool default_profiles;         /* the file names no profile */
    struct whitelist_tables tables;                                      /* as the list will carry them */
    char card_types[WHITELIST_FINGERPRINTS_MAX][SITE_RULES_WORD_SIZE];   /* names of tables.fingerprints */
    char applications[WHITELIST_APPLICATIONS_MAX][SITE_RULES_WORD_SIZE]; /* names of tables.applications */
    /* for each profile the card type that its cards known by a UID must have, counted from 1; 0: any */
    uint8_t profile_card_types[WHITELIST_PROFILES_MAX];
    struct site_word words[SITE_RULES_CALLED_MAX];
    uint16_t word_count;
};

#endif
