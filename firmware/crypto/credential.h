/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identifier read from a card, in the canonical form that pseudonyms are computed from. The length is
 * part of the form, so two identifiers of different lengths never collide. The caller owns the struct.
 * Nothing blocks.
 *
 * offset  size  field                 (encoded form, input of the pseudonym)
 *      0     1  technology: 1 ISO/IEC 14443-A
 *      1     1  method: 1 uid, 2 desfire, 4 qr
 *      2     1  length n of the identifier
 *      3     3  of method desfire: AID of the application, in the order of transmission. Two issuers may give
 *               the same identifier
 *             n  identifier: of method uid in the order ISO/IEC 14443-3 sends it, of method desfire as it
 *               stands in the card's file
 */
#ifndef FIRMWARE_CRYPTO_CREDENTIAL_H
#define FIRMWARE_CRYPTO_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/reader.h"

#define CREDENTIAL_ID_MAX      16 /* a UUID; a UID is shorter */
#define CREDENTIAL_AID_LEN     3
#define CREDENTIAL_ENCODED_MAX (3 + CREDENTIAL_AID_LEN + CREDENTIAL_ID_MAX)

enum credential_technology {
    CREDENTIAL_ISO14443A = 1,
};

enum credential_method {
    CREDENTIAL_UID = 1,
    CREDENTIAL_DESFIRE = 2,  /* the identifier was read in a session that the card's key authenticated */
    CREDENTIAL_UID_PLUS = 3, /* a UID, and the card has the fingerprint that the list names; encoded as uid */
    CREDENTIAL_QR = 4,       /* a printed code */
    CREDENTIAL_PASS = 5,     /* a pass for a day; the code names the pseudonym, so it is never encoded */
};

/* How hard a method is to imitate. The list demands a least one (whitelist_tables.h). */
enum credential_assurance {
    CREDENTIAL_ASSURED_NOT = 0,     /* qr, pass: a photograph is enough */
    CREDENTIAL_ASSURED_UID = 1,     /* uid: a card of ten euros */
    CREDENTIAL_ASSURED_CHIP = 2,    /* uid+: a card that can take a UID and imitates the chip too */
    CREDENTIAL_ASSURED_DESFIRE = 3, /* desfire: the key */
};

struct credential {
    enum credential_technology technology;
    enum credential_method method;
    uint8_t aid[CREDENTIAL_AID_LEN]; /* of method desfire */
    uint8_t id[CREDENTIAL_ID_MAX];
    uint8_t id_len;
};

/* Makes a credential from a UID. Returns ERR_OK, ERR_FORMAT (a length that ISO/IEC 14443-3 does not
 * define) or ERR_UNSUPPORTED (a random or shared UID, which says nothing about who holds the card). */
int credential_from_uid(struct credential *credential, const uint8_t *uid, size_t uid_len) MUST_USE;

/* Makes a credential from the identifier that a DESFire card gave under the key of an application. Returns
 * ERR_OK, ERR_FORMAT (the length is 0 or more than CREDENTIAL_ID_MAX) or ERR_UNSUPPORTED (all bytes 00, or
 * all FF: the file was never written, and says nothing about who holds the card). */
int credential_from_desfire(struct credential *credential, const uint8_t aid[CREDENTIAL_AID_LEN],
                            const uint8_t *id, size_t id_len) MUST_USE;

/* Returns true if the UID is random: the card chooses a new one each time the field comes up (4 bytes, the
 * first 08; ISO/IEC 14443-3, 6.5.4). */
bool credential_is_random_uid(const uint8_t *uid, size_t uid_len);

/* Returns true if the UID is documented as one that many devices show: phones, blank cards and clone cards as
 * they come. Files, the desk and the gate all refuse such a UID. */
bool credential_is_shared_uid(const uint8_t *uid, size_t uid_len);

/* Returns the assurance of a method; that of a printed code for any other number. */
enum credential_assurance credential_assurance(enum credential_method method);
/* Returns "uid", "desfire", "uid+", "qr" or "pass"; "unknown_method" for any other number. */
const char *credential_method_name(enum credential_method method);

/* Encodes the credential as above. Returns the count of bytes, at most CREDENTIAL_ENCODED_MAX. */
size_t credential_encode(const struct credential *credential, uint8_t out[CREDENTIAL_ENCODED_MAX]);

#endif
