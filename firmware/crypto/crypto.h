/*
 * The one door to mbedtls's primitives (the DTLS session is the other user of the library).
 *
 * crypto_init comes first. All memory mbedtls asks for comes from the pool handed to it there (firmware), or
 * from the C library (host tools, which pass no pool). Nothing blocks; an ECDSA verification is cut into
 * slices so that a tap never waits behind it. Not for several threads.
 */
#ifndef FIRMWARE_CRYPTO_CRYPTO_H
#define FIRMWARE_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/entropy.h"
#include "hal/error.h"

#include <mbedtls/cipher.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/sha256.h>

#define CRYPTO_HASH_LEN       32
#define CRYPTO_MAC_LEN        16
#define CRYPTO_KEY_LEN        16
#define CRYPTO_PUBLIC_KEY_LEN 65 /* uncompressed P-256 point: 04, X, Y (SEC 1, 2.3.3) */
#define CRYPTO_SIGNATURE_MAX  72 /* DER ECDSA-Sig-Value over P-256 (RFC 3279, 2.2.3) */

/* Seeds the random generator (CTR_DRBG, NIST SP 800-90A) from entropy and gives mbedtls its pool.
 * pool NULL: the C library's allocator. Both must outlive every other call.
 * @retval ERR_OK, ERR_CRYPTO (no entropy). */
int crypto_init(const struct entropy *entropy, uint8_t *pool, size_t pool_size) MUST_USE;

/* Reseeds the generator from its entropy and from data, which need not be secret. @retval ERR_OK, ERR_CRYPTO.
 */
int crypto_stir(const void *data, size_t len) MUST_USE;

/* Fills buf with len random bytes. @retval ERR_OK, ERR_CRYPTO. */
int crypto_random(uint8_t *buf, size_t len) MUST_USE;

/* The same in the shape mbedtls wants its f_rng; ctx is ignored. */
int crypto_random_callback(void *ctx, unsigned char *buf, size_t len);

/* Bytes of the pool now in use and at most used since crypto_init, with the header of each block; 0 without a
 * pool. The most is an upper bound: bytes and blocks need not have been at their most at once. */
void crypto_pool_usage(size_t *now, size_t *most);

/* Compares in time that depends on len alone. */
bool crypto_equal(const void *a, const void *b, size_t len);

/* Overwrites secrets in a way the compiler keeps. */
void crypto_wipe(void *secret, size_t len);

/* SHA-256 (FIPS 180-4), in one call or in pieces. */
typedef mbedtls_sha256_context crypto_hash;
void crypto_hash_start(crypto_hash *hash);
void crypto_hash_add(crypto_hash *hash, const void *data, size_t len);
void crypto_hash_finish(crypto_hash *hash, uint8_t digest[CRYPTO_HASH_LEN]);
void crypto_sha256(const void *data, size_t len, uint8_t digest[CRYPTO_HASH_LEN]);

/* HMAC-SHA256 (RFC 2104) of data under key. Takes nothing from the pool. @retval ERR_OK, ERR_CRYPTO. */
int crypto_hmac(const uint8_t *key, size_t key_len, const void *data, size_t len,
                uint8_t mac[CRYPTO_HASH_LEN]) MUST_USE;

/* The same with a key taken in once, for half the work a text. crypto_wipe it in the end. */
typedef struct {
    crypto_hash inner, outer;
} crypto_hmac_key;
void crypto_hmac_key_init(crypto_hmac_key *hmac_key, const uint8_t *key, size_t key_len);
int crypto_hmac_under(const crypto_hmac_key *hmac_key, const void *data, size_t len,
                      uint8_t mac[CRYPTO_HASH_LEN]) MUST_USE;

/* AES-128-CMAC (RFC 4493) with a key set once. crypto_mac_free before the memory goes away. */
typedef mbedtls_cipher_context_t crypto_mac;
int crypto_mac_init(crypto_mac *mac, const uint8_t key[CRYPTO_KEY_LEN]) MUST_USE;
int crypto_mac_compute(crypto_mac *mac, const void *data, size_t len, uint8_t out[CRYPTO_MAC_LEN]) MUST_USE;
void crypto_mac_free(crypto_mac *mac);

/* One ECDSA P-256 verification in slices. */
struct crypto_verify {
    mbedtls_ecdsa_context context;
    mbedtls_ecdsa_restart_ctx restart;
    uint8_t hash[CRYPTO_HASH_LEN];
    uint8_t signature[CRYPTO_SIGNATURE_MAX];
    size_t signature_len;
};

/* Prepares to verify a DER signature over a SHA-256 hash.
 * @retval ERR_OK, ERR_SIGNATURE (not a signature), ERR_CRYPTO (not a point of the curve, out of memory);
 * after an error nothing is held. */
int crypto_verify_start(struct crypto_verify *verify, const uint8_t key[CRYPTO_PUBLIC_KEY_LEN],
                        const uint8_t hash[CRYPTO_HASH_LEN], const uint8_t *signature,
                        size_t signature_len) MUST_USE;
/* Does one slice (some ms on a Cortex-M3).
 * @retval ERR_BUSY (call again), ERR_OK (good), ERR_SIGNATURE, ERR_CRYPTO; unless busy, nothing is held. */
int crypto_verify_poll(struct crypto_verify *verify) MUST_USE;
/* Gives up half-way. */
void crypto_verify_abort(struct crypto_verify *verify);

#endif
