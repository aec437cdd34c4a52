/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/crypto/crypto.h"

#include <string.h>

#include <mbedtls/constant_time.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/memory_buffer_alloc.h>
#include <mbedtls/platform_util.h>

#include "firmware/crypto/block.h"

/* Point operations in one slice of a verification: about 1 ms on a 142 MHz Cortex-M3. mbedtls does not
 * slice the six inversions, which take 10 ms each. */
#define VERIFY_SLICE_OPS 20
#define HMAC_BLOCK_LEN   64 /* of SHA-256 */

_Static_assert(CRYPTO_MAC_LEN == BLOCK_LEN, "a block of AES");

/* Size of the header that the pool puts before each block (struct _memory_header, mbedtls 3.6). */
#define BLOCK_HEADER_LEN (8 * sizeof(void *))

static mbedtls_ctr_drbg_context generator;
static bool generator_ready;
static bool pool_used;

static int gather_entropy(void *ctx, unsigned char *buf, size_t len)
{
    const struct entropy *entropy = ctx;
    return entropy->fill(entropy->ctx, buf, len) == ERR_OK ? 0 : MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
}

int crypto_init(const struct entropy *entropy, uint8_t *pool, size_t pool_size)
{
    static const char personalization[] = "portillon";
    if (generator_ready)
        mbedtls_ctr_drbg_free(&generator);
    generator_ready = false;
    if (pool_used)
        mbedtls_memory_buffer_alloc_free();
    pool_used = pool != NULL;
    if (pool_used)
        mbedtls_memory_buffer_alloc_init(pool, pool_size);
    mbedtls_ctr_drbg_init(&generator);
    if (mbedtls_ctr_drbg_seed(&generator, gather_entropy, (void *)(uintptr_t)entropy,
                              (const unsigned char *)personalization, sizeof personalization - 1) != 0)
        return ERR_CRYPTO;
    generator_ready = true;
    mbedtls_ecp_set_max_ops(VERIFY_SLICE_OPS);
    return ERR_OK;
}

int crypto_random_callback(void *ctx, unsigned char *buf, size_t len)
{
    (void)ctx;
    if (!generator_ready)
        return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
    while (len > 0) {
        size_t piece = len < MBEDTLS_CTR_DRBG_MAX_REQUEST ? len : MBEDTLS_CTR_DRBG_MAX_REQUEST;
        int result = mbedtls_ctr_drbg_random(&generator, buf, piece);
        if (result != 0)
            return result;
        buf += piece;
        len -= piece;
    }
    return 0;
}

int crypto_stir(const void *data, size_t len)
{
    return generator_ready && mbedtls_ctr_drbg_reseed(&generator, data, len) == 0 ? ERR_OK : ERR_CRYPTO;
}

int crypto_random(uint8_t *buf, size_t len)
{
    return crypto_random_callback(NULL, buf, len) == 0 ? ERR_OK : ERR_CRYPTO;
}

void crypto_pool_usage(size_t *now, size_t *most)
{
    size_t blocks_now = 0, blocks_most = 0;
    *now = *most = 0;
    if (!pool_used)
        return;
    mbedtls_memory_buffer_alloc_cur_get(now, &blocks_now);
    mbedtls_memory_buffer_alloc_max_get(most, &blocks_most);
    *now += blocks_now * BLOCK_HEADER_LEN;
    *most += blocks_most * BLOCK_HEADER_LEN;
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
    return mbedtls_ct_memcmp(a, b, len) == 0;
}

void crypto_wipe(void *secret, size_t len)
{
    mbedtls_platform_zeroize(secret, len);
}

/* The results of mbedtls are ignored: SHA-256 in software cannot fail, only hardware accelerators can. */
void crypto_hash_start(crypto_hash *hash)
{
    mbedtls_sha256_init(hash);
    (void)mbedtls_sha256_starts(hash, 0);
}

void crypto_hash_add(crypto_hash *hash, const void *data, size_t len)
{
    (void)mbedtls_sha256_update(hash, data, len);
}

void crypto_hash_finish(crypto_hash *hash, uint8_t digest[CRYPTO_HASH_LEN])
{
    (void)mbedtls_sha256_finish(hash, digest);
    mbedtls_sha256_free(hash);
}

void crypto_sha256(const void *data, size_t len, uint8_t digest[CRYPTO_HASH_LEN])
{
    crypto_hash hash;
    crypto_hash_start(&hash);
    crypto_hash_add(&hash, data, len);
    crypto_hash_finish(&hash, digest);
}

/* Starts one half of an HMAC (RFC 2104): hashes the block of the key, each byte XORed with pad. */
static void start_under_key(crypto_hash *hash, const uint8_t block[HMAC_BLOCK_LEN], uint8_t pad)
{
    uint8_t padded[HMAC_BLOCK_LEN];
    for (size_t i = 0; i < sizeof padded; i++)
        padded[i] = block[i] ^ pad;
    crypto_hash_start(hash);
    crypto_hash_add(hash, padded, sizeof padded);
    crypto_wipe(padded, sizeof padded);
}

void crypto_hmac_key_init(crypto_hmac_key *hmac_key, const uint8_t *key, size_t key_len)
{
    uint8_t block[HMAC_BLOCK_LEN] = {0};
    if (key_len > sizeof block)
        crypto_sha256(key, key_len, block);
    else
        memcpy(block, key, key_len);
    start_under_key(&hmac_key->inner, block, 0x36);
    start_under_key(&hmac_key->outer, block, 0x5C);
    crypto_wipe(block, sizeof block);
}

/* Continues a copy of the hash that start_under_key has started. The struct can be copied, because SHA-256 in
 * software keeps its whole state in it. */
static int finish_half(const crypto_hash *started, const void *data, size_t len,
                       uint8_t digest[CRYPTO_HASH_LEN])
{
    crypto_hash hash;
    mbedtls_sha256_init(&hash);
    mbedtls_sha256_clone(&hash, started);
    int failed = mbedtls_sha256_update(&hash, data, len) || mbedtls_sha256_finish(&hash, digest);
    mbedtls_sha256_free(&hash);
    return failed ? ERR_CRYPTO : ERR_OK;
}

/* mbedtls_md_hmac is not used, because it takes memory from the pool. Every tap needs an HMAC, even when a
 * maintenance session has used up the pool. */
int crypto_hmac_under(const crypto_hmac_key *hmac_key, const void *data, size_t len,
                      uint8_t mac[CRYPTO_HASH_LEN])
{
    uint8_t inner[CRYPTO_HASH_LEN];
    int result = finish_half(&hmac_key->inner, data, len, inner);
    if (result == ERR_OK)
        result = finish_half(&hmac_key->outer, inner, sizeof inner, mac);
    crypto_wipe(inner, sizeof inner);
    return result;
}

int crypto_hmac(const uint8_t *key, size_t key_len, const void *data, size_t len,
                uint8_t mac[CRYPTO_HASH_LEN])
{
    crypto_hmac_key hmac_key;
    crypto_hmac_key_init(&hmac_key, key, key_len);
    int result = crypto_hmac_under(&hmac_key, data, len, mac);
    crypto_wipe(&hmac_key, sizeof hmac_key);
    return result;
}

static int encrypt(crypto_mac *mac, uint8_t block[CRYPTO_MAC_LEN])
{
    return mbedtls_aes_crypt_ecb(&mac->aes, MBEDTLS_AES_ENCRYPT, block, block) == 0 ? ERR_OK : ERR_CRYPTO;
}

/* Makes the next subkey: doubles a number of 128 bits in the field of CMAC (RFC 4493, 2.3). It takes the same
 * time for every number. */
static void double_subkey(const uint8_t from[CRYPTO_MAC_LEN], uint8_t to[CRYPTO_MAC_LEN])
{
    uint8_t carry = 0x87 & -(from[0] >> 7);
    for (size_t i = 0; i + 1 < CRYPTO_MAC_LEN; i++)
        to[i] = (uint8_t)(from[i] << 1 | from[i + 1] >> 7);
    to[CRYPTO_MAC_LEN - 1] = (uint8_t)(from[CRYPTO_MAC_LEN - 1] << 1) ^ carry;
}

/* The cipher layer of mbedtls is not used: its CMAC makes the subkeys anew for each message, with one block
 * of AES more, and takes memory from the pool. */
int crypto_mac_init(crypto_mac *mac, const uint8_t key[CRYPTO_KEY_LEN])
{
    uint8_t block[CRYPTO_MAC_LEN] = {0};
    mbedtls_aes_init(&mac->aes);
    bool failed =
        mbedtls_aes_setkey_enc(&mac->aes, key, 8 * CRYPTO_KEY_LEN) != 0 || encrypt(mac, block) != ERR_OK;
    double_subkey(block, mac->subkeys[0]);
    double_subkey(mac->subkeys[0], mac->subkeys[1]);
    crypto_wipe(block, sizeof block);
    mac->is_ready = !failed;
    return failed ? ERR_CRYPTO : ERR_OK;
}

/* Adds whole blocks to the chain. */
static int chain_blocks(crypto_mac *mac, const uint8_t *blocks, size_t len, uint8_t chain[CRYPTO_MAC_LEN])
{
    int result = mac->is_ready ? ERR_OK : ERR_CRYPTO;
    for (size_t at = 0; at < len && result == ERR_OK; at += CRYPTO_MAC_LEN) {
        block_add(chain, blocks + at);
        result = encrypt(mac, chain);
    }
    return result;
}

/* Adds the last block, which is padded if it was short. */
static int chain_last(crypto_mac *mac, const uint8_t block[CRYPTO_MAC_LEN], bool is_padded,
                      uint8_t chain[CRYPTO_MAC_LEN])
{
    block_add(chain, mac->subkeys[is_padded]);
    return chain_blocks(mac, block, CRYPTO_MAC_LEN, chain);
}

int crypto_mac_chain(crypto_mac *mac, const void *data, size_t len, uint8_t chain[CRYPTO_MAC_LEN])
{
    size_t whole = len > 0 ? (len - 1) / CRYPTO_MAC_LEN * CRYPTO_MAC_LEN : 0, rest = len - whole;
    uint8_t last[CRYPTO_MAC_LEN] = {0};
    int result = chain_blocks(mac, data, whole, chain);
    memcpy(last, (const uint8_t *)data + whole, rest);
    if (rest < CRYPTO_MAC_LEN)
        last[rest] = 0x80;
    return result == ERR_OK ? chain_last(mac, last, rest < CRYPTO_MAC_LEN, chain) : result;
}

int crypto_mac_compute(crypto_mac *mac, const void *data, size_t len, uint8_t out[CRYPTO_MAC_LEN])
{
    memset(out, 0, CRYPTO_MAC_LEN);
    return crypto_mac_chain(mac, data, len, out);
}

int crypto_mac_compute_padded(crypto_mac *mac, const uint8_t *blocks, size_t len, uint8_t out[CRYPTO_MAC_LEN])
{
    memset(out, 0, CRYPTO_MAC_LEN);
    int result = chain_blocks(mac, blocks, len - CRYPTO_MAC_LEN, out);
    return result == ERR_OK ? chain_last(mac, blocks + len - CRYPTO_MAC_LEN, true, out) : result;
}

void crypto_mac_free(crypto_mac *mac)
{
    mbedtls_aes_free(&mac->aes);
    crypto_wipe(mac, sizeof *mac);
}

/* CBC is written here: MBEDTLS_CIPHER_MODE_CBC would bring the suites with CBC into the DTLS server. */
int crypto_cbc_encrypt(const uint8_t key[CRYPTO_KEY_LEN], uint8_t iv[CRYPTO_BLOCK_LEN], uint8_t *data,
                       size_t len)
{
    mbedtls_aes_context aes;
    mbedtls_aes_init(&aes);
    int failed = mbedtls_aes_setkey_enc(&aes, key, 8 * CRYPTO_KEY_LEN);
    for (size_t at = 0; at < len && !failed; at += CRYPTO_BLOCK_LEN) {
        block_add(iv, data + at);
        failed = mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_ENCRYPT, iv, iv);
        memcpy(data + at, iv, CRYPTO_BLOCK_LEN);
    }
    mbedtls_aes_free(&aes);
    return failed ? ERR_CRYPTO : ERR_OK;
}

int crypto_cbc_decrypt(const uint8_t key[CRYPTO_KEY_LEN], uint8_t iv[CRYPTO_BLOCK_LEN], uint8_t *data,
                       size_t len)
{
    mbedtls_aes_context aes;
    uint8_t block[CRYPTO_BLOCK_LEN];
    mbedtls_aes_init(&aes);
    int failed = mbedtls_aes_setkey_dec(&aes, key, 8 * CRYPTO_KEY_LEN);
    for (size_t at = 0; at < len && !failed; at += CRYPTO_BLOCK_LEN) {
        memcpy(block, data + at, CRYPTO_BLOCK_LEN);
        failed = mbedtls_aes_crypt_ecb(&aes, MBEDTLS_AES_DECRYPT, block, data + at);
        block_add(data + at, iv);
        memcpy(iv, block, CRYPTO_BLOCK_LEN);
    }
    mbedtls_aes_free(&aes);
    return failed ? ERR_CRYPTO : ERR_OK;
}

int crypto_verify_start(struct crypto_verify *verify, const uint8_t key[CRYPTO_PUBLIC_KEY_LEN],
                        const uint8_t hash[CRYPTO_HASH_LEN], const uint8_t *signature, size_t signature_len)
{
    verify->word = 0;
    if (signature_len == 0 || signature_len > CRYPTO_SIGNATURE_MAX)
        return ERR_SIGNATURE;
    mbedtls_ecdsa_init(&verify->context);
    mbedtls_ecdsa_restart_init(&verify->restart);
    mbedtls_ecp_keypair *pair = &verify->context;
    if (mbedtls_ecp_group_load(&pair->private_grp, MBEDTLS_ECP_DP_SECP256R1) != 0 ||
        mbedtls_ecp_point_read_binary(&pair->private_grp, &pair->private_Q, key, CRYPTO_PUBLIC_KEY_LEN) !=
            0 ||
        mbedtls_ecp_check_pubkey(&pair->private_grp, &pair->private_Q) != 0) {
        crypto_verify_abort(verify);
        return ERR_CRYPTO;
    }
    for (size_t i = 0; i < CRYPTO_HASH_LEN; i++)
        verify->hash[i] = hash[i];
    for (size_t i = 0; i < signature_len; i++)
        verify->signature[i] = signature[i];
    verify->signature_len = signature_len;
    return ERR_OK;
}

int crypto_verify_poll(struct crypto_verify *verify)
{
    /* Volatile, so that the second comparison is made. */
    volatile int result =
        mbedtls_ecdsa_read_signature_restartable(&verify->context, verify->hash, CRYPTO_HASH_LEN,
                                                 verify->signature, verify->signature_len, &verify->restart);
    if (result == MBEDTLS_ERR_ECP_IN_PROGRESS)
        return ERR_BUSY;
    crypto_verify_abort(verify);
    if (result == 0)
        verify->word = CRYPTO_VALID;
    if (result == 0 && crypto_verify_is_valid(verify))
        return ERR_OK;
    verify->word = 0;
    return result == MBEDTLS_ERR_ECP_ALLOC_FAILED || result == MBEDTLS_ERR_MPI_ALLOC_FAILED ? ERR_CRYPTO
                                                                                            : ERR_SIGNATURE;
}

bool crypto_verify_is_valid(const struct crypto_verify *verify)
{
    return verify->word == CRYPTO_VALID;
}

void crypto_verify_abort(struct crypto_verify *verify)
{
    verify->word = 0;
    mbedtls_ecdsa_restart_free(&verify->restart);
    mbedtls_ecdsa_free(&verify->context);
}
