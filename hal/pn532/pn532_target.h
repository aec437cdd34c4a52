/*
 * A card as the PN532 describes it in the answer to InListPassiveTarget (PN532 User Manual rev 2, 7.3.5):
 *
 *   NbTg (0: no card)   or   NbTg=1 Tg=1 SENS_RES(2) SEL_RES NFCIDLength NFCID [ATSLength ATS]
 *
 * ATSLength counts itself. The UID is shown without cascade tags and wanted with them. Pure.
 */
#ifndef HAL_PN532_PN532_TARGET_H
#define HAL_PN532_PN532_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/reader.h"

#define PN532_TARGET_UID_MAX 12 /* with cascade tags */

/* Reads what follows the command code of the answer. @retval 1 (target filled), 0 (no card), ERR_FORMAT. */
int pn532_target_decode(struct reader_target *target, const uint8_t *data, size_t len) MUST_USE;

/* Writes the UID as InListPassiveTarget takes it. Returns its length: 4, 8 or 12. */
size_t pn532_target_encode_uid(const struct reader_target *target, uint8_t uid[PN532_TARGET_UID_MAX]);

/* True if the chip talks ISO/IEC 14443-4 to it. */
bool pn532_target_is_iso14443_4(const struct reader_target *target);

/* True if they may be the same card. One with a random UID draws another each time the field was off: nobody
 * can tell it from its like, and taking it for the one that was there is the error that opens no gate. */
bool pn532_target_is_same(const struct reader_target *a, const struct reader_target *b);

#endif
