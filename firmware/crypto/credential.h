/*
 * What was read from a card, in the one canonical form that tags are computed from. Length is part of it:
 * 04 ED 0B and 4 ED B can never be the same card.
 *
 * offset  size  field                 (encoded form, input of the tag)
 *      0     1  technology: 1 ISO/IEC 14443-A
 *      1     1  method: 1 uid, 2 desfire
 *      2     1  length n of the identifier
 *      3     n  identifier, in the order ISO/IEC 14443-3 sends it
 */
#ifndef FIRMWARE_CRYPTO_CREDENTIAL_H
#define FIRMWARE_CRYPTO_CREDENTIAL_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/reader.h"

#define CREDENTIAL_ENCODED_MAX (3 + READER_UID_MAX)

enum credential_technology {
    CREDENTIAL_ISO14443A = 1,
};

enum credential_method {
    CREDENTIAL_UID = 1,
    CREDENTIAL_DESFIRE = 2,
};

struct credential {
    enum credential_technology technology;
    enum credential_method method;
    uint8_t id[READER_UID_MAX];
    uint8_t id_len;
};

/* Makes the uid credential of a target.
 * @retval ERR_OK, ERR_FORMAT (a UID length ISO/IEC 14443-3 does not know), ERR_UNSUPPORTED (a random UID:
 * 4 bytes, first 08; ISO/IEC 14443-3, 6.5.4). */
int credential_from_uid(struct credential *credential, const uint8_t *uid, size_t uid_len) MUST_USE;

/* Encodes as above. @returns count of bytes, at most CREDENTIAL_ENCODED_MAX. */
size_t credential_encode(const struct credential *credential, uint8_t out[CREDENTIAL_ENCODED_MAX]);

#endif
