/* SPDX-License-Identifier: Apache-2.0 */
/* Handles the commands for applications and keys: MF3ICDx1 data sheet and AN12343. Pure. */
#ifndef CARDSIM_DESFIRE_APPS_H
#define CARDSIM_DESFIRE_APPS_H

#include "tools/cardsim/card.h"

/* Sets up an empty card: no application, the master key an AES key of zeros with version 0. */
void cardsim_desfire_apps_setup(struct cardsim_desfire *memory);
/* Makes an application with keys of zeros. settings and keys are the last bytes of CreateApplication.
 * Returns its index, or a negative status: -CARDSIM_DESFIRE_DUPLICATE and others. */
int cardsim_desfire_apps_create(struct cardsim_desfire *memory, const uint8_t aid[3], uint8_t settings,
                                uint8_t keys);
/* Returns the index of an application, or -1. AID 000000 is the card, index 0. */
int cardsim_desfire_apps_find(const struct cardsim_desfire *memory, const uint8_t aid[3]);
/* Selects an application by its index, and ends the session. */
void cardsim_desfire_apps_select(struct cardsim_desfire *memory, uint8_t index);

void cardsim_desfire_create_application(struct cardsim_card *, const struct cardsim_desfire_request *,
                                        struct cardsim_desfire_reply *);
void cardsim_desfire_delete_application(struct cardsim_card *, const struct cardsim_desfire_request *,
                                        struct cardsim_desfire_reply *);
void cardsim_desfire_select_application(struct cardsim_card *, const struct cardsim_desfire_request *,
                                        struct cardsim_desfire_reply *);
void cardsim_desfire_get_application_ids(struct cardsim_card *, const struct cardsim_desfire_request *,
                                         struct cardsim_desfire_reply *);
void cardsim_desfire_get_key_settings(struct cardsim_card *, const struct cardsim_desfire_request *,
                                      struct cardsim_desfire_reply *);
void cardsim_desfire_change_key_settings(struct cardsim_card *, const struct cardsim_desfire_request *,
                                         struct cardsim_desfire_reply *);
void cardsim_desfire_get_key_version(struct cardsim_card *, const struct cardsim_desfire_request *,
                                     struct cardsim_desfire_reply *);
/* The data are the key number and the deciphered cryptogram. */
void cardsim_desfire_change_key(struct cardsim_card *, const struct cardsim_desfire_request *,
                                struct cardsim_desfire_reply *);
void cardsim_desfire_format(struct cardsim_card *, const struct cardsim_desfire_request *,
                            struct cardsim_desfire_reply *);

#endif
