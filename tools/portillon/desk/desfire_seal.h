/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of a DESFire EV1 session whose data are protected on their way to the card: ChangeKey and
 * WriteData. Gates do not need them; firmware/desfire/desfire_channel.h has the rest of the session.
 *
 *   ChangeKey C4    number, then enciphered: key, version, CRC-32 of the command, for another key than that
 *                   of the session also CRC-32 of the key, zeros. The key of such a one is XORed with the old
 *                   key.
 *   WriteData 3D    file, offset, length, then the data: plain; with the CMAC; or enciphered with CRC-32 of
 *                   the command and zeros
 *
 * A CRC-32 of DESFire is not inverted at its end. Enciphering continues the chain of the session. Source: the
 * recorded ChangeKey of skelsec/pydesfire (tests.py).
 * Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_DESK_DESFIRE_SEAL_H
#define TOOLS_PORTILLON_DESK_DESFIRE_SEAL_H

#include "firmware/desfire/desfire_channel.h"

#define DESFIRE_SEAL_KEY_LEN  34 /* a ChangeKey */
#define DESFIRE_SEAL_DATA_MAX 32 /* of a WriteData */
#define DESFIRE_SEAL_MAX      64

/* Makes a ChangeKey. old_key is NULL for the key of the session itself. Returns the length or ERR_CRYPTO. */
int desfire_seal_change_key(struct desfire_channel *channel, uint8_t number, const uint8_t *old_key,
                            const uint8_t new_key[CRYPTO_KEY_LEN], uint8_t version,
                            uint8_t command[DESFIRE_SEAL_MAX]) MUST_USE;

/* Makes a WriteData of 1 to DESFIRE_SEAL_DATA_MAX bytes. Returns the length, ERR_ARGUMENT or ERR_CRYPTO. */
int desfire_seal_write(struct desfire_channel *channel, enum desfire_mode mode, uint8_t file, uint32_t offset,
                       const uint8_t *data, size_t len, uint8_t command[DESFIRE_SEAL_MAX]) MUST_USE;

#endif
