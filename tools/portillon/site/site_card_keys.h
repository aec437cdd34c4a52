/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the keys with which gates authenticate cards, in the file `card-keys` (mode 0600) of a site folder. A
 * line is "SET VERSION = derived" or "SET VERSION = 32 hex digits", for a key that somebody else made; after
 * a # comes a comment. "derived": HKDF of the master secret with the purpose "card/SET/VERSION"
 * (site_keys.h).
 * A set has several versions while cards change from one key to the next (identity.h). A site without the
 * file has no card keys.
 *
 * The caller owns all memory and wipes the keys. The functions block on the file system and print each error
 * on stderr. command is the name used in messages.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_CARD_KEYS_H
#define TOOLS_PORTILLON_SITE_SITE_CARD_KEYS_H

#include "firmware/crypto/identity.h"
#include "tools/portillon/site/site_keys.h"

#define SITE_CARD_KEYS_FILE "card-keys"

struct site_card_keys {
    uint8_t count;
    struct identity_card_key keys[IDENTITY_CARD_KEYS_MAX]; /* in the order of set and version */
    bool is_derived[IDENTITY_CARD_KEYS_MAX];
};

/* Reads the keys of a site. Returns ERR_OK, ERR_IO, ERR_NO_SPACE (the file is too long), ERR_FORMAT or
 * ERR_CRYPTO. */
int site_card_keys_read(const char *folder, const char *command, const uint8_t master[SITE_KEYS_MASTER_LEN],
                        struct site_card_keys *keys) MUST_USE;

/* Writes the keys durably. Returns ERR_OK or ERR_IO. */
int site_card_keys_write(const char *folder, const char *command, const struct site_card_keys *keys) MUST_USE;

/* Adds a key. key NULL: a derived one. Returns ERR_OK, ERR_NO_SPACE (eight are there), ERR_ARGUMENT (set 0,
 * or a key with this set and version is there) or ERR_CRYPTO. Prints nothing. */
int site_card_keys_add(struct site_card_keys *keys, const uint8_t master[SITE_KEYS_MASTER_LEN], uint8_t set,
                       uint8_t version, const uint8_t key[CRYPTO_KEY_LEN]) MUST_USE;

/* Removes a key. Returns ERR_OK or ERR_NOT_FOUND. Prints nothing. */
int site_card_keys_remove(struct site_card_keys *keys, uint8_t set, uint8_t version) MUST_USE;

/* Returns the highest version of a set; -1: it has none. */
int site_card_keys_newest(const struct site_card_keys *keys, uint8_t set);

#endif
