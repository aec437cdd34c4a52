/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handles the signing key of a site as PEM, makes signatures, and derives keys from the master secret.
 * crypto_init must have been called before. PEM texts are NUL-terminated. The caller owns all memory and
 * wipes the secrets in it. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_KEYS_H
#define TOOLS_PORTILLON_SITE_SITE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/crypto.h"

#define SITE_KEYS_PEM_MAX    1024
#define SITE_KEYS_MASTER_LEN 32

#define SITE_KEYS_ITERATIONS 600000 /* of PBKDF2: half a second, for each guess too */

/* Makes a new P-256 key pair. Returns ERR_OK or ERR_CRYPTO. */
int site_keys_generate(char private_pem[SITE_KEYS_PEM_MAX], char public_pem[SITE_KEYS_PEM_MAX]) MUST_USE;

/* Encrypts a private key under a passphrase, as PKCS #8 (RFC 5958) with PBES2 (RFC 8018): PBKDF2 with
 * HMAC-SHA256, and AES-256-CBC. openssl reads it. private_pem and encrypted_pem may be the same. Returns
 * ERR_OK, ERR_FORMAT (not a P-256 private key without a passphrase) or ERR_CRYPTO. */
int site_keys_encrypt(const char private_pem[SITE_KEYS_PEM_MAX], const char *passphrase, uint32_t iterations,
                      char encrypted_pem[SITE_KEYS_PEM_MAX]) MUST_USE;

/* Returns true if the PEM says that it is encrypted. */
bool site_keys_are_encrypted(const char *pem);

/* Decrypts a private key. pem_len includes the NUL. Returns ERR_OK, ERR_FORBIDDEN (the passphrase is wrong)
 * or ERR_FORMAT (not a P-256 key, or encrypted in another way: only PBES2 with AES-CBC is known). */
int site_keys_decrypt(const uint8_t *pem, size_t pem_len, const char *passphrase,
                      char private_pem[SITE_KEYS_PEM_MAX]) MUST_USE;

/* Reads the point of a public key. pem_len includes the NUL. Returns ERR_OK or ERR_FORMAT (not a P-256
 * key). */
int site_keys_parse_public(const uint8_t *pem, size_t pem_len, uint8_t key[CRYPTO_PUBLIC_KEY_LEN]) MUST_USE;

/* Reads the public half of a private key without a passphrase. Returns ERR_OK or ERR_FORMAT. */
int site_keys_public_of(const char *private_pem, uint8_t key[CRYPTO_PUBLIC_KEY_LEN]) MUST_USE;

/* Signs a SHA-256 hash, deterministically (RFC 6979), as DER, and also gives the public half of the key.
 * pem_len includes the NUL. Returns ERR_OK, ERR_FORMAT (not a P-256 private key without a password) or
 * ERR_CRYPTO. */
int site_keys_sign(const uint8_t *private_pem, size_t pem_len, const uint8_t hash[CRYPTO_HASH_LEN],
                   uint8_t signature[CRYPTO_SIGNATURE_MAX], size_t *signature_len,
                   uint8_t public_key[CRYPTO_PUBLIC_KEY_LEN]) MUST_USE;

/* Derives a key from the master secret with HKDF-SHA256 (RFC 5869), without salt. The info string is
 * "portillon/1/" and purpose, followed by "/" and device_id for the key of one device; otherwise device_id is
 * NULL. An epoch above 0 follows as "/" and decimal digits. Returns ERR_OK or ERR_CRYPTO. */
int site_keys_derive(const uint8_t master[SITE_KEYS_MASTER_LEN], const char *purpose, const char *device_id,
                     unsigned epoch, uint8_t *key, size_t key_len) MUST_USE;

#endif
