/*
 * The signing key of a site as PEM, signatures, and the keys derived from the master secret. crypto_init has
 * been called before. PEM texts are NUL-terminated; the caller owns all memory and wipes what is secret.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_KEYS_H
#define TOOLS_PORTILLON_SITE_SITE_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/crypto.h"

#define SITE_KEYS_PEM_MAX    1024
#define SITE_KEYS_MASTER_LEN 32

/* Makes a new P-256 key pair. @retval ERR_OK, ERR_CRYPTO. */
int site_keys_generate(char private_pem[SITE_KEYS_PEM_MAX], char public_pem[SITE_KEYS_PEM_MAX]) MUST_USE;

/* The point of a public key. pem_len counts the NUL. @retval ERR_OK, ERR_FORMAT (not a P-256 key). */
int site_keys_parse_public(const uint8_t *pem, size_t pem_len, uint8_t key[CRYPTO_PUBLIC_KEY_LEN]) MUST_USE;

/* Signs a SHA-256 hash, deterministically (RFC 6979), as DER; tells the public half too.
 * @retval ERR_OK, ERR_FORMAT (not a P-256 private key without a password), ERR_CRYPTO. */
int site_keys_sign(const uint8_t *private_pem, size_t pem_len, const uint8_t hash[CRYPTO_HASH_LEN],
                   uint8_t signature[CRYPTO_SIGNATURE_MAX], size_t *signature_len,
                   uint8_t public_key[CRYPTO_PUBLIC_KEY_LEN]) MUST_USE;

/* HKDF-SHA256 (RFC 5869) of the master secret, without salt, with info "portillon/1/" purpose, and, for a
 * key of one device, "/" device_id (else NULL). @retval ERR_OK, ERR_CRYPTO. */
int site_keys_derive(const uint8_t master[SITE_KEYS_MASTER_LEN], const char *purpose, const char *device_id,
                     uint8_t *key, size_t key_len) MUST_USE;

#endif
