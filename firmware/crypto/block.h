/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the modes of operation of this folder share: XOR of blocks of AES. Only for firmware/crypto.
 */
#ifndef FIRMWARE_CRYPTO_BLOCK_H
#define FIRMWARE_CRYPTO_BLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BLOCK_LEN 16

/* XORs a block by words, which need not be aligned. */
static inline void block_add(uint8_t to[BLOCK_LEN], const uint8_t block[BLOCK_LEN])
{
    uint32_t word, added;
    for (size_t i = 0; i < BLOCK_LEN; i += sizeof word) {
        memcpy(&word, to + i, sizeof word);
        memcpy(&added, block + i, sizeof added);
        word ^= added;
        memcpy(to + i, &word, sizeof word);
    }
}

#endif
