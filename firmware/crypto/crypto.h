/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cryptographic primitives, on top of mbedtls. Apart from this module only the DTLS session uses mbedtls.
 *
 * Call crypto_init first. mbedtls takes its memory from the pool given there (firmware), or from the C
 * library (host tools, which pass no pool). Nothing blocks: an ECDSA verification runs in slices, so that a
 * tap never waits for it. For one thread.
 */
#ifndef FIRMWARE_CRYPTO_CRYPTO_H
#define FIRMWARE_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/entropy.h"
#include "hal/error.h"

#include <mbedtls/aes.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/sha256.h>

#define CRYPTO_HASH_LEN       32
#define CRYPTO_MAC_LEN        16
#define CRYPTO_BLOCK_LEN      16 /* of AES */
#define CRYPTO_KEY_LEN        16
#define CRYPTO_PUBLIC_KEY_LEN 65 /* uncompressed P-256 point: 04, X, Y (SEC 1, 2.3.3) */
#define CRYPTO_SIGNATURE_MAX  72 /* DER ECDSA-Sig-Value over P-256 (RFC 3279, 2.2.3) */

/* Seeds the random generator (CTR_DRBG, NIST SP 800-90A) from entropy and gives mbedtls its pool. pool
 * NULL selects the C library's allocator. entropy and pool must outlive every other call. Returns ERR_OK
 * or ERR_CRYPTO (no entropy). */
int crypto_init(const struct entropy *entropy, uint8_t *pool, size_t pool_size) MUST_USE;

/* Reseeds the generator from its entropy and from data, which may be public. Returns ERR_OK or ERR_CRYPTO. */
int crypto_stir(const void *data, size_t len) MUST_USE;

/* Fills buf with len random bytes. Returns ERR_OK or ERR_CRYPTO. */
int crypto_random(uint8_t *buf, size_t len) MUST_USE;

/* crypto_random with the signature of an f_rng of mbedtls. ctx is ignored. */
int crypto_random_callback(void *ctx, unsigned char *buf, size_t len);

/* Gives the bytes of the pool in use now, and an upper bound of the most used since crypto_init. Both
 * include the headers of blocks, and are 0 without a pool. */
void crypto_pool_usage(size_t *now, size_t *most);

/* Compares two buffers in a time that depends on len alone. Returns true if they are equal. */
bool crypto_equal(const void *a, const void *b, size_t len);

/* Overwrites a secret with zeros. The compiler does not remove this call. */
void crypto_wipe(void *secret, size_t len);

/* SHA-256 (FIPS 180-4), in one call or in pieces. */
typedef mbedtls_sha256_context crypto_hash;
void crypto_hash_start(crypto_hash *hash);
void crypto_hash_add(crypto_hash *hash, const void *data, size_t len);
void crypto_hash_finish(crypto_hash *hash, uint8_t digest[CRYPTO_HASH_LEN]);
void crypto_sha256(const void *data, size_t len, uint8_t digest[CRYPTO_HASH_LEN]);

/* Computes HMAC-SHA256 (RFC 2104) without memory from the pool. Returns ERR_OK or ERR_CRYPTO. */
int crypto_hmac(const uint8_t *key, size_t key_len, const void *data, size_t len,
                uint8_t mac[CRYPTO_HASH_LEN]) MUST_USE;

/* HMAC-SHA256 with a prepared key, for many texts: half the work for each. Call crypto_wipe on it at the
 * end. */
typedef struct {
    crypto_hash inner, outer;
} crypto_hmac_key;
void crypto_hmac_key_init(crypto_hmac_key *hmac_key, const uint8_t *key, size_t key_len);
int crypto_hmac_under(const crypto_hmac_key *hmac_key, const void *data, size_t len,
                      uint8_t mac[CRYPTO_HASH_LEN]) MUST_USE;

/* AES-128-CMAC (RFC 4493) with a key set once: its round keys and subkeys are kept. Needs no memory from the
 * pool. Call crypto_mac_free before the memory is reused. out is written while data is read, so they must not
 * overlap. The functions return ERR_OK or ERR_CRYPTO (not initialised). */
typedef struct {
    mbedtls_aes_context aes;
    uint8_t subkeys[2][CRYPTO_MAC_LEN]; /* for a last block that is whole, and for one that is padded */
    bool is_ready;
} crypto_mac;
int crypto_mac_init(crypto_mac *mac, const uint8_t key[CRYPTO_KEY_LEN]) MUST_USE;
int crypto_mac_compute(crypto_mac *mac, const void *data, size_t len, uint8_t out[CRYPTO_MAC_LEN]) MUST_USE;
/* Computes a MAC that continues from an earlier one: chain holds that one, and becomes the new one. Zeros
 * give what crypto_mac_compute gives. A DESFire EV1 session chains all its texts so. */
int crypto_mac_chain(crypto_mac *mac, const void *data, size_t len, uint8_t chain[CRYPTO_MAC_LEN]) MUST_USE;
/* Computes the MAC of whole blocks that the caller has padded; len is a multiple of 16, and not 0. AN10922
 * pads short texts to two blocks, CMAC itself to one. */
int crypto_mac_compute_padded(crypto_mac *mac, const uint8_t *blocks, size_t len,
                              uint8_t out[CRYPTO_MAC_LEN]) MUST_USE;
void crypto_mac_free(crypto_mac *mac);

/* AES-128-CBC (NIST SP 800-38A, 6.2) in place and without padding; len is a multiple of 16. iv becomes the
 * last block of the ciphertext, so that a second call continues. Nothing of the key is kept, and no memory
 * comes from the pool. Both return ERR_OK or ERR_CRYPTO. */
int crypto_cbc_encrypt(const uint8_t key[CRYPTO_KEY_LEN], uint8_t iv[CRYPTO_BLOCK_LEN], uint8_t *data,
                       size_t len) MUST_USE;
int crypto_cbc_decrypt(const uint8_t key[CRYPTO_KEY_LEN], uint8_t iv[CRYPTO_BLOCK_LEN], uint8_t *data,
                       size_t len) MUST_USE;

/* Only this value of crypto_verify.word means that a signature is valid. It has a large Hamming distance from
 * zero. */
#define CRYPTO_VALID UINT32_C(0x96C35A69)

/* One ECDSA P-256 verification in slices. */
struct crypto_verify {
    mbedtls_ecdsa_context context;
    mbedtls_ecdsa_restart_ctx restart;
    uint8_t hash[CRYPTO_HASH_LEN];
    uint8_t signature[CRYPTO_SIGNATURE_MAX];
    size_t signature_len;
    uint32_t word; /* CRYPTO_VALID; every other value means not valid */
};

/* Starts to verify a DER signature over a SHA-256 hash. Returns ERR_OK, ERR_SIGNATURE (not a signature) or
 * ERR_CRYPTO (the key is not a point of the curve, or the pool is full). After an error no memory is held. */
int crypto_verify_start(struct crypto_verify *verify, const uint8_t key[CRYPTO_PUBLIC_KEY_LEN],
                        const uint8_t hash[CRYPTO_HASH_LEN], const uint8_t *signature,
                        size_t signature_len) MUST_USE;
/* Runs one slice of the verification: 1 ms on a 142 MHz Cortex-M3, 10 ms for each of six inversions. Returns
 * ERR_BUSY (call again), ERR_OK (the signature is valid), ERR_SIGNATURE or ERR_CRYPTO. Memory is held only
 * while it returns ERR_BUSY. */
int crypto_verify_poll(struct crypto_verify *verify) MUST_USE;
/* Returns true if the last verification ended with ERR_OK. Starting or aborting one makes it false. */
bool crypto_verify_is_valid(const struct crypto_verify *verify);
/* Ends a verification early and frees its memory. */
void crypto_verify_abort(struct crypto_verify *verify);

#endif
