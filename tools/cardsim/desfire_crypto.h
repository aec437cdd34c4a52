/* AES as DESFire EV1 uses it: one CBC chain and one CMAC whose IV runs on. Pure; all keys are 16 bytes. */
#ifndef CARDSIM_DESFIRE_CRYPTO_H
#define CARDSIM_DESFIRE_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

/* In place over len bytes, a multiple of 16. iv becomes the last block of ciphertext. */
void cardsim_cbc_encrypt(const uint8_t key[16], uint8_t iv[16], uint8_t *data, size_t len);
void cardsim_cbc_decrypt(const uint8_t key[16], uint8_t iv[16], uint8_t *data, size_t len);

/* CMAC (NIST SP 800-38B) started from iv instead of zero; the MAC is left in iv. */
void cardsim_desfire_cmac(const uint8_t key[16], uint8_t iv[16], const uint8_t *data, size_t len);

/* CRC-32 of IEEE 802.3 without its final inversion. */
uint32_t cardsim_desfire_crc32(const uint8_t *data, size_t len);

#endif
