/* SPDX-License-Identifier: Apache-2.0 */
/* Handles the authentications with AES keys: AuthenticateAES (AA), AuthenticateEV2First (71) and
 * AuthenticateEV2NonFirst (77), each in two steps. Pure. */
#ifndef CARDSIM_DESFIRE_AUTH_H
#define CARDSIM_DESFIRE_AUTH_H

#include "tools/cardsim/card.h"

enum {
    CARDSIM_DESFIRE_AUTH_AES = 0xAA,
    CARDSIM_DESFIRE_AUTH_FIRST = 0x71,
    CARDSIM_DESFIRE_AUTH_NON_FIRST = 0x77,
};

/* Sends the enciphered challenge RndB. The second step follows with AF. */
void cardsim_desfire_auth_start(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                                struct cardsim_desfire_reply *reply);
/* Checks the reader's answer and opens the session. */
void cardsim_desfire_auth_finish(struct cardsim_card *card, const uint8_t *data, size_t len,
                                 struct cardsim_desfire_reply *reply);
/* Refuses the authentications with DES keys. */
void cardsim_desfire_auth_des(struct cardsim_card *card, const struct cardsim_desfire_request *request,
                              struct cardsim_desfire_reply *reply);

#endif
