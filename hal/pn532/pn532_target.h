/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decodes a card from the answer to InListPassiveTarget (PN532 User Manual rev 2, 7.3.5):
 *
 *   NbTg (0: no card)   or   NbTg=1 Tg=1 SENS_RES(2) SEL_RES NFCIDLength NFCID [ATSLength ATS]
 *
 * ATSLength counts itself. The chip returns the UID without cascade tags and expects it with them. No I/O,
 * nothing blocks; the caller owns every buffer.
 */
#ifndef HAL_PN532_PN532_TARGET_H
#define HAL_PN532_PN532_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/reader.h"

#define PN532_TARGET_UID_MAX 12 /* with cascade tags */

/* Decodes the bytes after the command code of the answer. Returns 1 (*target is filled), 0 (there is no
 * card), ERR_FORMAT (not such an answer). */
int pn532_target_decode(struct reader_target *target, const uint8_t *data, size_t len) MUST_USE;

/* Writes the UID in the form that InListPassiveTarget expects. Returns its length in bytes: 4, 8 or 12. */
size_t pn532_target_encode_uid(const struct reader_target *target, uint8_t uid[PN532_TARGET_UID_MAX]);

/* Returns true if the chip uses ISO/IEC 14443-4 with this card. */
bool pn532_target_is_iso14443_4(const struct reader_target *target);

#endif
