/* SPDX-License-Identifier: Apache-2.0 */
/* The outside of a DESFire card, which a copy of it has as well: the form of its commands, native or
 * wrapped in ISO 7816-4 (90 INS 00 00 [Lc data] 00) and answered in the same form, its ATS, and the answer
 * to GetVersion. Pure. */
#ifndef CARDSIM_DESFIRE_FRAME_H
#define CARDSIM_DESFIRE_FRAME_H

#include "tools/cardsim/card.h"

enum { CARDSIM_DESFIRE_VERSION_LEN = 28, CARDSIM_DESFIRE_VERSION_FRAME = 7 };

/* One frame of an answer. */
struct cardsim_desfire_frame {
    uint8_t status;
    const uint8_t *data;
    size_t len;
};

/* Handles one native frame of at least one byte. */
typedef struct cardsim_desfire_frame cardsim_desfire_take(struct cardsim_card *card, const uint8_t *message,
                                                          size_t len);

extern const uint8_t cardsim_desfire_ats[6];

/* Unwraps a frame, gives it to take, and wraps the answer in rx. What is malformed is answered with 7E, and
 * take does not see it. Returns the number of bytes in rx. */
int cardsim_desfire_exchange(struct cardsim_card *card, const uint8_t *tx, size_t len, uint8_t *rx,
                             cardsim_desfire_take *take);
/* Writes hardware, software, then UID, batch number, week and year of production (BCD) of an EV1, EV2 or
 * EV3 (1 to 3). */
void cardsim_desfire_write_version(uint8_t version, const uint8_t uid[7],
                                   uint8_t out[CARDSIM_DESFIRE_VERSION_LEN]);

#endif
