/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Converts the identifiers that the DESFire application of a school's cards holds, as its files write them:
 * pairs of hexadecimal digits in the order of the card's file. An identifier is never padded or guessed.
 * Pure, but for the language of the user.
 */
#ifndef TOOLS_PORTILLON_CSV_DESFIRE_ID_H
#define TOOLS_PORTILLON_CSV_DESFIRE_ID_H

#include <stdint.h>

#include "firmware/crypto/credential.h"
#include "firmware/whitelist/whitelist_tables.h"
#include "hal/error.h"
#include "tools/portillon/csv/card_number.h"

/* Reads one identifier of an application of site.conf; application is NULL if there is none. With ERR_FORMAT,
 * why says what is wrong and what to do; it does not repeat the identifier. Returns ERR_OK or ERR_FORMAT. */
int desfire_id_parse(const struct whitelist_application *application, const char *text,
                     uint8_t id[CREDENTIAL_ID_MAX], uint8_t *id_len, char why[CARD_NUMBER_WHY_MAX]) MUST_USE;

#endif
