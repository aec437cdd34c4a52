/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/crypto/ccm_alt.h"

#include <string.h>

#include <mbedtls/ccm.h>
#include <mbedtls/constant_time.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl.h>

#include "firmware/crypto/block.h"

enum {
    NONCE_MIN = 7,
    NONCE_MAX = 13,
    TAG_MIN = 4,
    KEY_BITS = 128,
    HAS_ADDITIONAL = 0x40, /* flags of the first block: RFC 3610, 2.2 */
    MESSAGE_MAX = 0xFFFF,
    ADDITIONAL_MAX = 0xFEFF, /* a longer one has another form of its length */
};

_Static_assert(CCM_IN_PROGRESS == MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS, "as mbedtls names it");

enum direction { ENCRYPT, DECRYPT };

static size_t slice_len = SIZE_MAX;
static bool slice_goes_on;

void ccm_slice(size_t len, bool go_on)
{
    slice_len = len;
    slice_goes_on = go_on;
}

void mbedtls_ccm_init(mbedtls_ccm_context *ctx)
{
    *ctx = (mbedtls_ccm_context){0};
    mbedtls_aes_init(&ctx->aes);
}

void mbedtls_ccm_free(mbedtls_ccm_context *ctx)
{
    if (ctx == NULL)
        return;
    mbedtls_aes_free(&ctx->aes);
    mbedtls_platform_zeroize(ctx, sizeof *ctx);
}

int mbedtls_ccm_setkey(mbedtls_ccm_context *ctx, mbedtls_cipher_id_t cipher, const unsigned char *key,
                       unsigned int keybits)
{
    if (cipher != MBEDTLS_CIPHER_ID_AES || keybits != KEY_BITS)
        return MBEDTLS_ERR_CCM_BAD_INPUT;
    return mbedtls_aes_setkey_enc(&ctx->aes, key, keybits);
}

static int encrypt(mbedtls_ccm_context *ctx, const uint8_t in[BLOCK_LEN], uint8_t out[BLOCK_LEN])
{
    return mbedtls_aes_crypt_ecb(&ctx->aes, MBEDTLS_AES_ENCRYPT, in, out);
}

/* Adds up to a block of data to the MAC, filled up with zeros. */
static int add_to_mac(mbedtls_ccm_context *ctx, const uint8_t *data, size_t len)
{
    uint8_t block[BLOCK_LEN] = {0};
    memcpy(block, data, len);
    block_add(ctx->mac, block);
    return encrypt(ctx, ctx->mac, ctx->mac);
}

/* Adds the additional data to the MAC: its length (2), its bytes, zeros. */
static int add_additional(mbedtls_ccm_context *ctx, const uint8_t *data, size_t len)
{
    uint8_t first[BLOCK_LEN] = {(uint8_t)(len >> 8), (uint8_t)len};
    size_t room = sizeof first - 2, count = len < room ? len : room;
    memcpy(first + 2, data, count);
    int result = add_to_mac(ctx, first, sizeof first);
    for (size_t at = count; at < len && result == 0; at += BLOCK_LEN)
        result = add_to_mac(ctx, data + at, len - at < BLOCK_LEN ? len - at : BLOCK_LEN);
    return result;
}

/* Begins a message: the MAC over its first block and the additional data, and the first counter block. */
static int begin(mbedtls_ccm_context *ctx, size_t len, const uint8_t *nonce, size_t nonce_len,
                 const uint8_t *additional, size_t additional_len, size_t tag_len)
{
    if (nonce_len < NONCE_MIN || nonce_len > NONCE_MAX || tag_len < TAG_MIN || tag_len > BLOCK_LEN ||
        tag_len % 2 != 0 || len > MESSAGE_MAX || additional_len > ADDITIONAL_MAX)
        return MBEDTLS_ERR_CCM_BAD_INPUT;
    memset(ctx->counter, 0, sizeof ctx->counter);
    ctx->counter[0] = (uint8_t)(BLOCK_LEN - 2 - nonce_len);
    memcpy(ctx->counter + 1, nonce, nonce_len);
    memcpy(ctx->mac, ctx->counter, sizeof ctx->mac);
    ctx->mac[0] |= (uint8_t)((tag_len - 2) / 2 * 8 + (additional_len > 0 ? HAS_ADDITIONAL : 0));
    ctx->mac[BLOCK_LEN - 2] = (uint8_t)(len >> 8);
    ctx->mac[BLOCK_LEN - 1] = (uint8_t)len;
    ctx->counter[BLOCK_LEN - 1] = 1;
    ctx->done = 0;
    int result = encrypt(ctx, ctx->mac, ctx->mac);
    return result == 0 && additional_len > 0 ? add_additional(ctx, additional, additional_len) : result;
}

static void count_on(uint8_t counter[BLOCK_LEN])
{
    counter[BLOCK_LEN - 2] += ++counter[BLOCK_LEN - 1] == 0;
}

/* Encrypts or decrypts up to a block. The MAC is over the plaintext. */
static int do_block(mbedtls_ccm_context *ctx, enum direction direction, const uint8_t *in, uint8_t *out,
                    size_t len)
{
    uint8_t stream[BLOCK_LEN], block[BLOCK_LEN] = {0};
    int result = encrypt(ctx, ctx->counter, stream);
    if (result != 0)
        return result;
    count_on(ctx->counter);
    memcpy(block, in, len);
    if (direction == ENCRYPT)
        result = add_to_mac(ctx, block, len);
    block_add(block, stream);
    memcpy(out, block, len);
    if (direction == DECRYPT)
        result = add_to_mac(ctx, block, len);
    return result;
}

/* Does as much of the message as the limit allows. Returns CCM_IN_PROGRESS (more is left), 0 or an error. */
static int do_slice(mbedtls_ccm_context *ctx, enum direction direction, size_t len, const uint8_t *in,
                    uint8_t *out, size_t limit)
{
    size_t end = len - ctx->done < limit ? len : ctx->done + limit;
    int result = 0;
    for (; ctx->done < end && result == 0; ctx->done += BLOCK_LEN) {
        size_t left = len - ctx->done;
        result =
            do_block(ctx, direction, in + ctx->done, out + ctx->done, left < BLOCK_LEN ? left : BLOCK_LEN);
    }
    return result == 0 && ctx->done < len ? CCM_IN_PROGRESS : result;
}

/* Encrypts the MAC with counter block 0. */
static int finish(mbedtls_ccm_context *ctx, uint8_t tag[BLOCK_LEN])
{
    ctx->counter[BLOCK_LEN - 2] = ctx->counter[BLOCK_LEN - 1] = 0;
    ctx->done = 0;
    int result = encrypt(ctx, ctx->counter, tag);
    block_add(tag, ctx->mac);
    return result;
}

int mbedtls_ccm_encrypt_and_tag(mbedtls_ccm_context *ctx, size_t length, const unsigned char *iv,
                                size_t iv_len, const unsigned char *ad, size_t ad_len,
                                const unsigned char *input, unsigned char *output, unsigned char *tag,
                                size_t tag_len)
{
    uint8_t whole_tag[BLOCK_LEN];
    int result = begin(ctx, length, iv, iv_len, ad, ad_len, tag_len);
    if (result == 0)
        result = do_slice(ctx, ENCRYPT, length, input, output, SIZE_MAX);
    if (result == 0)
        result = finish(ctx, whole_tag);
    if (result == 0)
        memcpy(tag, whole_tag, tag_len);
    return result;
}

int mbedtls_ccm_auth_decrypt(mbedtls_ccm_context *ctx, size_t length, const unsigned char *iv, size_t iv_len,
                             const unsigned char *ad, size_t ad_len, const unsigned char *input,
                             unsigned char *output, const unsigned char *tag, size_t tag_len)
{
    uint8_t whole_tag[BLOCK_LEN];
    bool goes_on = slice_goes_on;
    slice_goes_on = false;
    int result = goes_on ? 0 : begin(ctx, length, iv, iv_len, ad, ad_len, tag_len);
    if (result == 0)
        result = do_slice(ctx, DECRYPT, length, input, output, slice_len);
    if (result == 0)
        result = finish(ctx, whole_tag);
    if (result == 0 && mbedtls_ct_memcmp(whole_tag, tag, tag_len) != 0)
        result = MBEDTLS_ERR_CCM_AUTH_FAILED;
    if (result != 0 && result != CCM_IN_PROGRESS)
        mbedtls_platform_zeroize(output, length);
    return result;
}

/* ---- CCM* without a tag: the cipher layer refers to it, and nothing here uses it ---- */

int mbedtls_ccm_starts(mbedtls_ccm_context *ctx, int mode, const unsigned char *iv, size_t iv_len)
{
    (void)ctx;
    (void)mode;
    (void)iv;
    (void)iv_len;
    return MBEDTLS_ERR_CCM_BAD_INPUT;
}

int mbedtls_ccm_set_lengths(mbedtls_ccm_context *ctx, size_t total_ad_len, size_t plaintext_len,
                            size_t tag_len)
{
    (void)ctx;
    (void)total_ad_len;
    (void)plaintext_len;
    (void)tag_len;
    return MBEDTLS_ERR_CCM_BAD_INPUT;
}

int mbedtls_ccm_update(mbedtls_ccm_context *ctx, const unsigned char *input, size_t input_len,
                       unsigned char *output, size_t output_size, size_t *output_len)
{
    (void)ctx;
    (void)input;
    (void)input_len;
    (void)output;
    (void)output_size;
    (void)output_len;
    return MBEDTLS_ERR_CCM_BAD_INPUT;
}
