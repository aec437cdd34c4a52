/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at all card numbers of an import together, for faults that no single number shows: numbers that a
 * spreadsheet rounded, numbers that are halves of longer ones, and a notation that fits none of them. The
 * caller owns the struct and sets it to zero first. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_CSV_CARD_SURVEY_H
#define TOOLS_PORTILLON_CSV_CARD_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/portillon/common/import_report.h"
#include "tools/portillon/csv/card_number.h"

#define CARD_SURVEY_TEXT 64

/* Where a number stands. */
struct card_survey_place {
    const char *file; /* must outlive the survey */
    uint32_t line;
    char column[CARD_SURVEY_TEXT], number[CARD_SURVEY_TEXT];
};

/* Numbers that look rounded in one way, among those that can look so. */
struct card_survey_rounding {
    uint32_t seen, rounded;
    uint32_t bits; /* how many bits of them would be zero by chance only */
    struct card_survey_place first;
};

struct card_survey {
    uint32_t count;   /* numbers, right or wrong */
    uint32_t digits8; /* of them, those with eight decimal digits */
    uint32_t wiegand; /* of those, the ones that can be read as 3+5 */
    uint32_t letters; /* numbers with a letter */
    struct card_survey_rounding to_15_digits, to_53_bits;
    uint32_t short_uids;                        /* UIDs of 4 bytes */
    uint32_t first_bytes[256], last_bytes[256]; /* of them */
};

/* Takes a number as it is written. marked: a spreadsheet was told that it is text. */
void card_survey_number(struct card_survey *survey, const char *text, size_t len, bool marked,
                        const char *file, uint32_t line, const char *column);

/* Takes a UID that a number stands for. */
void card_survey_uid(struct card_survey *survey, const uint8_t *uid, uint8_t uid_len);

/* Reports what the numbers show together. name is the file that a message about all of them names. */
void card_survey_report(const struct card_survey *survey, const struct card_notation *notation,
                        const char *name, struct import_report *report);

#endif
