/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cards that are not ISO/IEC 14443 type A. A reader lists them with commands of their own and sees their
 * identifier: the PUPI of a type B card, the IDm of a FeliCa card. They answer nothing more.
 */
#include "tools/cardsim/card.h"

const struct cardsim_card_kind cardsim_kind_typeb = {
    .name = "typeb",
    .summary = "ISO 14443 type B, 4-byte PUPI; only listed",
    .technology = CARDSIM_TYPE_B,
    .uid_lengths = CARDSIM_UID_4,
};

const struct cardsim_card_kind cardsim_kind_felica = {
    .name = "felica",
    .summary = "FeliCa, 8-byte IDm; only listed",
    .technology = CARDSIM_FELICA,
    .uid_lengths = CARDSIM_UID_8,
};
