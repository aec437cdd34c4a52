/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose a memory chip is. The store holds the id and the site of the gate that writes to the chip. Their
 * records have a MAC as all values have, but their content can be read without the key: another gate that is
 * started with this chip must not overwrite what it holds. Nothing is granted because of an owner, so a
 * forged one can only keep the gate out of order, as an erased chip does.
 *
 * The caller owns the structs. Keys with other epochs (the renewed keys of a gate) are the same owner.
 */
#ifndef FIRMWARE_STORAGE_OWNER_H
#define FIRMWARE_STORAGE_OWNER_H

#include <stdbool.h>

#include "firmware/crypto/identity.h"
#include "firmware/storage/store.h"

struct owner {
    char device_id[IDENTITY_DEVICE_ID_MAX + 1];
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
};

/* Returns the owner that a gate is. */
struct owner owner_of(const struct identity *identity);
bool owner_is_same(const struct owner *a, const struct owner *b);
/* Finds the owner that the two sectors of a store name, whatever its key is: the last one named. Blocks for
 * one or two reads if the sectors are blank, otherwise for the reads of both. Returns ERR_OK, ERR_NOT_FOUND
 * or ERR_IO. */
int owner_find(const struct flash *flash, uint32_t base, struct owner *owner) MUST_USE;
/* Stores the owner. Writes nothing if it is stored. Returns the results of store_set. */
int owner_keep(struct store *store, const struct owner *owner) MUST_USE;

#endif
