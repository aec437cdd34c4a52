/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joins an application of a list, which names the sets of its keys, with the keys of a gate or a site: what
 * desfire.h needs to ask a card. The caller owns the structs and wipes the keys. Nothing blocks.
 */
#ifndef FIRMWARE_WHITELIST_CARD_APPLICATION_H
#define FIRMWARE_WHITELIST_CARD_APPLICATION_H

#include "firmware/crypto/identity.h"
#include "firmware/desfire/desfire_application.h"
#include "firmware/whitelist/whitelist_tables.h"

struct card_keys {
    uint8_t count, sets[IDENTITY_CARD_KEYS_MAX]; /* the generations of a set stand side by side */
    struct desfire_key keys[IDENTITY_CARD_KEYS_MAX];
};

/* Takes keys of cards, at most IDENTITY_CARD_KEYS_MAX, in the order of their sets. */
void card_keys_take(struct card_keys *keys, const struct identity_card_key *from, uint8_t count);

/* Returns an application with its keys, to which it points. It may have none, and is not checked. */
struct desfire_application card_application_make(const struct card_keys *keys,
                                                 const struct whitelist_application *listed);

#endif
