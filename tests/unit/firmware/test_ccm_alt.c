/* SPDX-License-Identifier: Apache-2.0 */
/* Our CCM against published vectors, in one call and in slices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <mbedtls/ccm.h>

#include "firmware/crypto/ccm_alt.h"
#include "tests/fakes/hex.h"

struct vector {
    const char *key, *nonce, *additional, *plaintext, *sealed; /* sealed: ciphertext and tag */
    size_t tag_len;
};

/* RFC 3610, section 8, packet vectors 1 to 3; NIST SP 800-38C, appendix C, examples 1 and 3. */
#define RFC_KEY  "C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF"
#define NIST_KEY "404142434445464748494a4b4c4d4e4f"
static const struct vector vectors[] = {
    {RFC_KEY, "00000003020100A0A1A2A3A4A5", "0001020304050607",
     "08090A0B0C0D0E0F101112131415161718191A1B1C1D1E",
     "588C979A61C663D2F066D0C2C0F989806D5F6B61DAC38417E8D12CFDF926E0", 8},
    {RFC_KEY, "00000004030201A0A1A2A3A4A5", "0001020304050607",
     "08090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
     "72C91A36E135F8CF291CA894085C87E3CC15C439C9E43A3BA091D56E10400916", 8},
    {RFC_KEY, "00000005040302A0A1A2A3A4A5", "0001020304050607",
     "08090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F20",
     "51B1E5F44A197D1DA46B0F8E2D282AE871E838BB64DA8596574ADAA76FBD9FB0C5", 8},
    {NIST_KEY, "10111213141516", "0001020304050607", "20212223", "7162015b4dac255d", 4},
    {NIST_KEY, "101112131415161718191a1b", "000102030405060708090a0b0c0d0e0f10111213",
     "202122232425262728292a2b2c2d2e2f3031323334353637",
     "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951", 8},
};

/* A message of 1040 bytes, i-th byte 7i+3, under RFC_KEY with nonce and additional data of the first vector.
 * OpenSSL 3 (python3-cryptography, AESCCM) gives this tag. */
enum { LONG_LEN = 1040, SLICE_LEN = 256, TAG_LEN = 8 };
static const char long_tag[] = "f18a329ffb57fc10";

static mbedtls_ccm_context ccm;
static uint8_t nonce[16], additional[32], plaintext[LONG_LEN], sealed[LONG_LEN + 16], out[LONG_LEN + 16];
static size_t nonce_len, additional_len;

static void set_key(const char *hex)
{
    uint8_t key[16];
    assert_int_equal(hex_bytes(hex, key, sizeof key), sizeof key);
    mbedtls_ccm_init(&ccm);
    assert_int_equal(mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_AES, key, 128), 0);
}

static size_t load(const struct vector *v)
{
    set_key(v->key);
    nonce_len = hex_bytes(v->nonce, nonce, sizeof nonce);
    additional_len = hex_bytes(v->additional, additional, sizeof additional);
    hex_bytes(v->sealed, sealed, sizeof sealed);
    return hex_bytes(v->plaintext, plaintext, sizeof plaintext);
}

static int open_sealed(const uint8_t *in, size_t len, size_t tag_len)
{
    return mbedtls_ccm_auth_decrypt(&ccm, len, nonce, nonce_len, additional, additional_len, in, out,
                                    in + len, tag_len);
}

static void published_vectors_come_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        const struct vector *v = &vectors[i];
        size_t len = load(v);
        assert_int_equal(mbedtls_ccm_encrypt_and_tag(&ccm, len, nonce, nonce_len, additional, additional_len,
                                                     plaintext, out, out + len, v->tag_len),
                         0);
        assert_memory_equal(out, sealed, len + v->tag_len);
        assert_int_equal(open_sealed(sealed, len, v->tag_len), 0);
        assert_memory_equal(out, plaintext, len);
        mbedtls_ccm_free(&ccm);
    }
}

static void any_altered_bit_is_refused_and_nothing_is_given_out(void **state)
{
    (void)state;
    static const uint8_t zeros[32] = {0};
    size_t len = load(&vectors[0]);
    for (size_t bit = 0; bit < 8 * (len + 8); bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(open_sealed(sealed, len, 8), MBEDTLS_ERR_CCM_AUTH_FAILED);
        assert_memory_equal(out, zeros, len);
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    additional[7] ^= 1;
    assert_int_equal(open_sealed(sealed, len, 8), MBEDTLS_ERR_CCM_AUTH_FAILED);
    additional[7] ^= 1;
    assert_int_equal(open_sealed(sealed, len, 8), 0);
    mbedtls_ccm_free(&ccm);
}

static void seal_long_message(void)
{
    load(&vectors[0]);
    for (size_t i = 0; i < LONG_LEN; i++)
        plaintext[i] = (uint8_t)(7 * i + 3);
    assert_int_equal(mbedtls_ccm_encrypt_and_tag(&ccm, LONG_LEN, nonce, nonce_len, additional, additional_len,
                                                 plaintext, sealed, sealed + LONG_LEN, TAG_LEN),
                     0);
}

static void a_long_message_has_the_tag_that_openssl_gives(void **state)
{
    (void)state;
    uint8_t tag[TAG_LEN];
    seal_long_message();
    hex_bytes(long_tag, tag, sizeof tag);
    assert_memory_equal(sealed + LONG_LEN, tag, sizeof tag);
    mbedtls_ccm_free(&ccm);
}

/* In place, as mbedtls does it. Returns the count of calls. */
static int open_in_slices(int *result)
{
    int calls = 0;
    *result = CCM_IN_PROGRESS;
    memcpy(out, sealed, LONG_LEN + TAG_LEN);
    while (*result == CCM_IN_PROGRESS) {
        ccm_slice(SLICE_LEN, calls++ > 0);
        *result = open_sealed(out, LONG_LEN, TAG_LEN);
    }
    ccm_slice(SIZE_MAX, false);
    return calls;
}

static void a_long_message_opens_in_slices(void **state)
{
    (void)state;
    int result;
    seal_long_message();
    assert_int_equal(open_in_slices(&result), 5); /* 4 slices of 256 bytes, and 16 bytes */
    assert_int_equal(result, 0);
    assert_memory_equal(out, plaintext, LONG_LEN);
    sealed[LONG_LEN - 1] ^= 1;
    assert_int_equal(open_in_slices(&result), 5);
    assert_int_equal(result, MBEDTLS_ERR_CCM_AUTH_FAILED);
    mbedtls_ccm_free(&ccm);
}

/* Without go_on nothing of the message before counts, whatever was left of it. */
static void a_message_left_half_way_changes_nothing_in_the_next(void **state)
{
    (void)state;
    seal_long_message();
    memcpy(out, sealed, LONG_LEN + TAG_LEN);
    ccm_slice(SLICE_LEN, false);
    assert_int_equal(open_sealed(out, LONG_LEN, TAG_LEN), CCM_IN_PROGRESS);
    ccm_slice(SIZE_MAX, false);
    sealed[0] ^= 1; /* in the slice that was done */
    assert_int_equal(open_sealed(sealed, LONG_LEN, TAG_LEN), MBEDTLS_ERR_CCM_AUTH_FAILED);
    sealed[0] ^= 1;
    assert_int_equal(open_sealed(sealed, LONG_LEN, TAG_LEN), 0);
    assert_memory_equal(out, plaintext, LONG_LEN);
    mbedtls_ccm_free(&ccm);
}

static void what_ccm_does_not_define_is_refused(void **state)
{
    (void)state;
    const struct {
        size_t len, nonce_len, tag_len;
    } bad[] = {{16, 6, 8}, {16, 14, 8}, {16, 12, 2}, {16, 12, 7}, {16, 12, 18}, {0x10000, 12, 8}};
    load(&vectors[0]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(mbedtls_ccm_encrypt_and_tag(&ccm, bad[i].len, nonce, bad[i].nonce_len, additional, 8,
                                                     plaintext, out, sealed, bad[i].tag_len),
                         MBEDTLS_ERR_CCM_BAD_INPUT);
    assert_int_equal(mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_CAMELLIA, plaintext, 128),
                     MBEDTLS_ERR_CCM_BAD_INPUT);
    assert_int_equal(mbedtls_ccm_setkey(&ccm, MBEDTLS_CIPHER_ID_AES, plaintext, 256),
                     MBEDTLS_ERR_CCM_BAD_INPUT);
    mbedtls_ccm_free(&ccm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors_come_out),
        cmocka_unit_test(any_altered_bit_is_refused_and_nothing_is_given_out),
        cmocka_unit_test(a_long_message_has_the_tag_that_openssl_gives),
        cmocka_unit_test(a_long_message_opens_in_slices),
        cmocka_unit_test(a_message_left_half_way_changes_nothing_in_the_next),
        cmocka_unit_test(what_ccm_does_not_define_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
