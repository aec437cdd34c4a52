/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cards of which only ISO/IEC 14443-4 is known: a generic card with a UID of any length, and a card with a
 * random UID, like telephones, passports and some school cards. Every SELECT is answered with "file not
 * found".
 */
#include "tools/cardsim/card.h"

enum { ISO_SELECT = 0xA4 };

static const uint8_t generic_ats[] = {0x05, 0x78, 0x80, 0x70, 0x02};

static int apdu(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx)
{
    (void)card;
    bool is_select = len >= 4 && tx[1] == ISO_SELECT;
    rx[0] = is_select ? 0x6A : 0x6D; /* file not found; instruction not supported (ISO/IEC 7816-4, 5.6) */
    rx[1] = is_select ? 0x82 : 0x00;
    return 2;
}

const struct cardsim_card_kind cardsim_kind_iso4 = {
    .name = "iso4",
    .summary = "any ISO 14443-4 card, 4, 7 or 10-byte UID",
    .sak = 0x20,
    .ats = generic_ats,
    .uid_lengths = CARDSIM_UID_4 | CARDSIM_UID_7 | CARDSIM_UID_10,
    .apdu = apdu,
};

const struct cardsim_card_kind cardsim_kind_jcop = {
    .name = "jcop",
    .summary = "ISO 14443-4 that the chip's own presence check (Diagnose 6) does not find",
    .sak = 0x20,
    .ats = generic_ats,
    .uid_lengths = CARDSIM_UID_4 | CARDSIM_UID_7,
    .is_missed_by_diagnose = true,
    .apdu = apdu,
};

const struct cardsim_card_kind cardsim_kind_random = {
    .name = "random",
    .summary =
        "ISO 14443-4 with a random UID (08 and 3 bytes, new each time the field comes up); no UID to give",
    .sak = 0x20,
    .ats = generic_ats,
    .uid_lengths = CARDSIM_UID_RANDOM,
    .apdu = apdu,
};
