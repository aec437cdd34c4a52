/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says by which methods a site could know a card that was surveyed, and why: `uid`, `uid+`, `desfire`. The
 * caller owns the structs. Pure.
 */
#ifndef TOOLS_PORTILLON_DESK_DESK_METHODS_H
#define TOOLS_PORTILLON_DESK_DESK_METHODS_H

#include "tools/portillon/csv/card_number.h"
#include "tools/portillon/desk/desk_survey.h"

enum { DESK_METHOD_UID, DESK_METHOD_CHIP, DESK_METHOD_DESFIRE, DESK_METHODS };

struct desk_method {
    const char *name; /* as site.conf has it: "uid+" */
    bool is_usable;
    char why[CARD_NUMBER_WHY_MAX]; /* in the language of the user */
};

/* Judges the methods, the weakest first. rules NULL: no site is known. */
void desk_methods_judge(const struct desk_survey *survey, const struct site_rules *rules,
                        struct desk_method methods[DESK_METHODS]);

/* Returns the index of the first card type of site.conf that a card has; -1: none. rules may be NULL. */
int desk_methods_card_type(const struct reader_target *card, const struct site_rules *rules);

/* The lines of a section [card-type NAME] of site.conf for a card. */
#define DESK_METHODS_LINES 4
#define DESK_METHODS_LINE  (2 * READER_ATS_MAX + 32)
void desk_methods_lines(const struct desk_survey *survey, char lines[DESK_METHODS_LINES][DESK_METHODS_LINE]);

#endif
