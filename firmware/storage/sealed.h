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

#endif
