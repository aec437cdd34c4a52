/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sealed record: 32 bytes that are programmed once and authenticated. The journal's records, the headers of
 * its sectors and the store's values have this form. No state but the key; nothing blocks.
 *
 * offset  size  field
 *      0    24  content
 *     24     8  MAC: first 8 bytes of AES-128-CMAC(key, content) (RFC 4493)
 */
#ifndef FIRMWARE_STORAGE_SEALED_H
#define FIRMWARE_STORAGE_SEALED_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/crypto.h"
#include "hal/error.h"

#define SEALED_CONTENT_LEN 24
#define SEALED_LEN         32

/* Writes the MAC of the content behind it. Returns ERR_OK or ERR_CRYPTO. */
int sealed_close(crypto_mac *mac, uint8_t record[SEALED_LEN]) MUST_USE;

/* Checks a record in a time that does not depend on the MAC. Returns ERR_OK, ERR_NOT_FOUND (blank),
 * ERR_CORRUPT (the MAC is not that of the content) or ERR_CRYPTO. */
int sealed_check(crypto_mac *mac, const uint8_t record[SEALED_LEN]) MUST_USE;

/* What a reader knows of the content of a record before it reads it. */
struct sealed_known {
    uint32_t bytes; /* bit i is set: byte i of the content is known */
    uint8_t content[SEALED_CONTENT_LEN];
};

/* Returns the count of bits in which two buffers differ. */
uint32_t sealed_distance(const uint8_t *a, const uint8_t *b, uint32_t len);

/* Returns true if at most one bit of the known bytes is wrong: only such a record can be corrected. */
bool sealed_is_near(const uint8_t record[SEALED_LEN], const struct sealed_known *known);

/* Inverts the bit of a record that is wrong, if it is one. Computes one CMAC if that bit is in a known byte
 * or in the MAC; otherwise up to one for each unknown bit of the content, and one more. A record in which
 * more is wrong passes for a valid one with a probability of 2^-56. Returns ERR_OK (the record is valid now,
 * or was before), ERR_CORRUPT (more than one bit is wrong; the record is unchanged) or ERR_CRYPTO. */
int sealed_correct(crypto_mac *mac, uint8_t record[SEALED_LEN], const struct sealed_known *known) MUST_USE;

#endif
