/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity of a device: a block of 264 bytes, or 412 if the device has keys of cards, that a technician
 * flashes at a fixed place beside the firmware. The caller owns every struct and buffer. Nothing blocks.
 *
 * offset  size  field
 *      0     4  magic "PTID"
 *      4     1  format: 1, or 2 with keys of cards
 *      5     1  zone (enum zone)
 *      6     2  reserved, 0
 *      8     8  site id: first 8 bytes of SHA-256 of the site public key
 *     16    16  device id, ASCII, NUL-padded
 *     32    32  name, UTF-8, NUL-padded ("Portail nord")
 *     64    65  site public key, uncompressed P-256 point
 *    129     3  reserved, 0
 *    132    32  tag key (the site's)
 *    164    16  journal key (this device's)
 *    180    16  storage key (this device's): commits and settings
 *    196    16  maintenance role key
 *    212    16  technician role key
 *    228    32  entropy seed, for boards without a random generator
 *    260     4  format 1: CRC-32 of bytes 0 to 259
 *
 * format 2 goes on instead
 *    260     1  count of card keys, 1 to 8
 *    261     3  reserved, 0
 *    264   144  eight card keys, unused ones all 0: key set (1, from 1), version on the card (1), AES-128
 *               key (16)
 *    408     4  CRC-32 of bytes 0 to 407
 *
 * A key set is what an application of a card is read with (whitelist_tables.h). Its keys with several
 * versions are its generations: a card has one of them and tells which.
 */
#ifndef FIRMWARE_CRYPTO_IDENTITY_H
#define FIRMWARE_CRYPTO_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/crypto.h"
#include "hal/error.h"

#define IDENTITY_LEN           264 /* format 1 */
#define IDENTITY_LEN_MAX       412 /* format 2 */
#define IDENTITY_CARD_KEYS_MAX 8
#define IDENTITY_SITE_ID_LEN   8
#define IDENTITY_DEVICE_ID_MAX 15
#define IDENTITY_NAME_MAX      31
#define IDENTITY_TAG_KEY_LEN   32
#define IDENTITY_SEED_LEN      32
#define IDENTITY_PSK_LEN       (2 * CRYPTO_KEY_LEN) /* a role key as lower-case ASCII hex */

enum zone {
    ZONE_BUILDING = 1,
    ZONE_CANTEEN = 2,
};

/* The role of a client of the maintenance port. Its name is the PSK identity. */
enum role {
    ROLE_NONE = 0,
    ROLE_MAINTENANCE = 1,
    ROLE_TECHNICIAN = 2,
};

struct identity_card_key {
    uint8_t set; /* from 1 */
    uint8_t version;
    uint8_t key[CRYPTO_KEY_LEN];
};

struct identity {
    enum zone zone;
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    char device_id[IDENTITY_DEVICE_ID_MAX + 1];
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t site_key[CRYPTO_PUBLIC_KEY_LEN];
    uint8_t tag_key[IDENTITY_TAG_KEY_LEN];
    uint8_t journal_key[CRYPTO_KEY_LEN];
    uint8_t storage_key[CRYPTO_KEY_LEN];
    uint8_t role_key[2][CRYPTO_KEY_LEN]; /* maintenance, technician */
    uint8_t seed[IDENTITY_SEED_LEN];
    uint8_t card_key_count;
    struct identity_card_key card_keys[IDENTITY_CARD_KEYS_MAX];
};

/* Reads an identity block. Returns ERR_OK, ERR_FORMAT (length, magic, zone, reserved bytes not zero, a
 * text not terminated or not padded, a count or a set of card keys that is none, a key twice),
 * ERR_UNSUPPORTED (format), ERR_CORRUPT (CRC) or ERR_SITE (the site id
 * does not belong to the public key). */
int identity_decode(struct identity *identity, const uint8_t *block, size_t len) MUST_USE;
/* Writes an identity block. Returns its length: IDENTITY_LEN without card keys, otherwise
 * IDENTITY_LEN_MAX. */
size_t identity_encode(const struct identity *identity, uint8_t block[IDENTITY_LEN_MAX]);
/* Returns the length of the block that begins with these bytes: IDENTITY_LEN or IDENTITY_LEN_MAX. */
size_t identity_length(const uint8_t block[IDENTITY_LEN]);

/* Computes the site id of a public key. */
void identity_site_id(const uint8_t key[CRYPTO_PUBLIC_KEY_LEN], uint8_t site_id[IDENTITY_SITE_ID_LEN]);

/* Writes the pre-shared key of a role as lower-case hex with a NUL. Returns ERR_OK or ERR_ARGUMENT (no
 * such role). */
int identity_psk(const struct identity *identity, enum role role, char psk[IDENTITY_PSK_LEN + 1]) MUST_USE;

/* Returns "maintenance" or "technician"; NULL for ROLE_NONE. */
const char *role_name(enum role role);
/* Returns the role of a PSK identity; ROLE_NONE if there is no such role. */
enum role role_from_name(const uint8_t *name, size_t len);
/* Returns "building" or "canteen". */
const char *zone_name(enum zone zone);

#endif
