/* SPDX-License-Identifier: Apache-2.0 */
/* Provides AES as DESFire uses it: one CBC chain, and a CMAC whose IV continues. Pure. All keys are 16
 * bytes. The caller owns all memory. */
#ifndef CARDSIM_DESFIRE_CRYPTO_H
#define CARDSIM_DESFIRE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

/* Encrypts len bytes in place, a multiple of 16. iv becomes the last block of ciphertext. */
void cardsim_cbc_encrypt(const uint8_t key[16], uint8_t iv[16], uint8_t *data, size_t len);
/* Decrypts len bytes in place, a multiple of 16. iv becomes the last block of ciphertext. */
void cardsim_cbc_decrypt(const uint8_t key[16], uint8_t iv[16], uint8_t *data, size_t len);

/* Computes the CMAC (NIST SP 800-38B), started from iv instead of zero. The MAC is left in iv. */
void cardsim_desfire_cmac(const uint8_t key[16], uint8_t iv[16], const uint8_t *data, size_t len);

/* Returns the CRC-32 of IEEE 802.3 without its final inversion. */
uint32_t cardsim_desfire_crc32(const uint8_t *data, size_t len);

#endif
