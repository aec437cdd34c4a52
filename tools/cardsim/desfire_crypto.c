/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/desfire_crypto.h"

#include <string.h>

#include <mbedtls/aes.h>

static void encrypt_block(mbedtls_aes_context *aes, uint8_t block[16])
{
    mbedtls_aes_crypt_ecb(aes, MBEDTLS_AES_ENCRYPT, block, block);
}

static void xor_block(uint8_t *out, const uint8_t *in)
{
    for (size_t i = 0; i < 16; i++)
        out[i] ^= in[i];
}

void cardsim_cbc_encrypt(const uint8_t key[16], uint8_t iv[16], uint8_t *data, size_t len)
{
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    mbedtls_aes_setkey_enc(&aes, key, 128);
    for (size_t at = 0; at < len; at += 16) {
        xor_block(data + at, iv);
        encrypt_block(&aes, data + at);
        memcpy(iv, data + at, 16);
    }
    mbedtls_aes_free(&aes);
}

void cardsim_cbc_decrypt(const uint8_t key[16], uint8_t iv[16], uint8_t *data, size_t len)
{
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    mbedtls_aes_setkey_dec(&aes, key, 128);
    for (size_t at = 0; at < len; at += 16) {
        uint8_t cipher[16];
        memcpy(cipher, data + at, 16);
        mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_DECRYPT, data + at, data + at);
        xor_block(data + at, iv);
        memcpy(iv, cipher, 16);
    }
    mbedtls_aes_free(&aes);
}

/* Doubles in GF(2^128): the step from L to K1 and from K1 to K2 (SP 800-38B, 6.1). */
static void double_block(uint8_t block[16])
{
    uint8_t carry = block[0] >> 7;
    for (size_t i = 0; i < 15; i++)
        block[i] = (uint8_t)(block[i] << 1 | block[i + 1] >> 7);
    block[15] = (uint8_t)(block[15] << 1) ^ (carry ? 0x87 : 0x00);
}

void cardsim_desfire_cmac(const uint8_t key[16], uint8_t iv[16], const uint8_t *data, size_t len)
{
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    mbedtls_aes_setkey_enc(&aes, key, 128);
    uint8_t subkey[16] = {0};
    encrypt_block(&aes, subkey);
    double_block(subkey);
    while (len > 16) {
        xor_block(iv, data);
        encrypt_block(&aes, iv);
        data += 16;
        len -= 16;
    }
    uint8_t last[16] = {0};
    memcpy(last, data, len);
    if (len < 16) {
        last[len] = 0x80;
        double_block(subkey);
    }
    xor_block(iv, last);
    xor_block(iv, subkey);
    encrypt_block(&aes, iv);
    mbedtls_aes_free(&aes);
}

uint32_t cardsim_desfire_crc32(const uint8_t *data, size_t len)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
    }
    return crc;
}
