/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a card of one issuer keeps its identifier: application, file, keys. All of it is data, so that the
 * cards of another issuer need no other code. The caller owns the structs and the keys. Nothing blocks.
 */
#ifndef FIRMWARE_DESFIRE_DESFIRE_APPLICATION_H
#define FIRMWARE_DESFIRE_DESFIRE_APPLICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/credential.h"
#include "firmware/crypto/crypto.h"
#include "hal/error.h"
#include "hal/reader.h"

#define DESFIRE_AID_LEN         CREDENTIAL_AID_LEN
#define DESFIRE_FILE_MAX        31
#define DESFIRE_KEY_MAX         13 /* highest key number of an application */
#define DESFIRE_DIVERSIFIER_MAX 31 /* bytes that a key is diversified with (AN10922, 2.2) */
#define DESFIRE_SYSTEM_ID_MAX   (DESFIRE_DIVERSIFIER_MAX - READER_UID_MAX - DESFIRE_AID_LEN)

/* The command that authenticates, which also decides how the session is protected. Cards of the kinds EV2 and
 * EV3 understand both, those of the kind EV1 only DESFIRE_EV1_AES. */
enum desfire_authentication {
    DESFIRE_EV2_FIRST = 0x71,
    DESFIRE_EV1_AES = 0xAA,
};

/* The communication mode of a file, as its settings on the card have it. */
enum desfire_mode {
    DESFIRE_PLAIN = 0,
    DESFIRE_MACED = 1,
    DESFIRE_ENCIPHERED = 3,
};

struct desfire_key {
    uint8_t version; /* as GetKeyVersion tells it */
    uint8_t bytes[CRYPTO_KEY_LEN];
};

/* One key of an application and its generations. While keys are rolled, some cards have the old and some the
 * new one; with more than one generation listed the card is asked for the version of its key. */
struct desfire_key_set {
    uint8_t number;
    uint8_t count; /* 0: there is no such key */
    const struct desfire_key *generations;
};

struct desfire_application {
    uint8_t aid[DESFIRE_AID_LEN]; /* in the order of transmission: least significant byte first */
    uint8_t file;
    uint32_t offset; /* of the identifier in the file */
    uint8_t len;     /* of the identifier, 1 to CREDENTIAL_ID_MAX */
    enum desfire_mode mode;
    enum desfire_authentication authentication;
    struct desfire_key_set key;

    /* Diversified: each card has a key of its own, made from the key of the set, the UID, the AID and
     * system_id (desfire_key.h). */
    bool is_diversified;
    bool is_aid_reversed; /* the issuer diversifies with the AID most significant byte first */
    uint8_t system_id_len;
    uint8_t system_id[DESFIRE_SYSTEM_ID_MAX];

    /* A card with a random UID tells its real one only under a key, which therefore cannot be diversified.
     * Needed only if is_diversified and such cards exist. */
    struct desfire_key_set uid_key;
};

/* Returns ERR_OK, ERR_ARGUMENT (a member is out of range) or ERR_UNSUPPORTED: a plain file under
 * DESFIRE_EV2_FIRST. Such an answer has no MAC. Whoever relays a card could replace the identifier in it.
 * Under DESFIRE_EV1_AES the same file of the same card is read with a MAC. */
int desfire_application_check(const struct desfire_application *application) MUST_USE;

/* Returns the generation of a key that has this version; NULL: there is none. */
const struct desfire_key *desfire_key_set_find(const struct desfire_key_set *set, uint8_t version);

#endif
