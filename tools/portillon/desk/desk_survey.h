/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks a card on the reader of the desk all that it tells without a key: what it shows when it is selected,
 * and, if it is a DESFire, its version and its applications. The caller owns the struct. Blocks for some
 * exchanges with the card, at most 50 ms each.
 */
#ifndef TOOLS_PORTILLON_DESK_DESK_SURVEY_H
#define TOOLS_PORTILLON_DESK_DESK_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/reader.h"
#include "tools/portillon/desk/desfire_version.h"
#include "tools/portillon/site/site_rules_struct.h"

#define DESK_SURVEY_AID_LEN          3
#define DESK_SURVEY_APPLICATIONS_MAX 64

enum desk_survey_listing {
    DESK_SURVEY_NOT_LISTED, /* the card does not know the command, or has too many */
    DESK_SURVEY_LOCKED,     /* the card lists its applications only under its master key */
    DESK_SURVEY_LISTED,
};

struct desk_survey {
    struct reader_target card;
    bool has_version; /* it answered GetVersion */
    struct desfire_version version;
    enum desk_survey_listing listing;
    size_t application_count;
    uint8_t applications[DESK_SURVEY_APPLICATIONS_MAX][DESK_SURVEY_AID_LEN]; /* in the order sent */
    int site_application; /* the first of site.conf that the card has, from 0; -1: none */
};

/* Surveys the card. rules has the applications to look for; NULL: none. Returns ERR_OK, or an error of the
 * reader's exchange if a DESFire stopped answering: ERR_NOT_FOUND, ERR_TIMEOUT, ERR_IO. */
int desk_survey_read(const struct reader *reader, const struct reader_target *card,
                     const struct site_rules *rules, struct desk_survey *survey) MUST_USE;

#endif
