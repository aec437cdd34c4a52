/* SPDX-License-Identifier: Apache-2.0 */
/* Published vectors, and ECDSA verification in slices inside a small pool. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/crypto/crypto.h"
#include "tests/fakes/fake_entropy.h"
#include "tests/fakes/hex.h"

#include <mbedtls/platform.h>

/* The memory of one verification on a 64-bit host: 3,600 bytes, and as much again for the block headers
 * and gaps of the allocator (6,848 in all was the least that worked). Less with shorter pointers. */
#define VERIFY_POOL_LEN 7168

static struct fake_entropy entropy;
static uint8_t pool[VERIFY_POOL_LEN];

static int make_pool(void **state)
{
    (void)state;
    fake_entropy_init(&entropy);
    return crypto_init(&entropy.entropy, pool, sizeof pool);
}

static size_t pool_now(void)
{
    size_t now, most;
    crypto_pool_usage(&now, &most);
    return now;
}

static void assert_hex(const uint8_t *bytes, const char *hex)
{
    uint8_t expected[64];
    size_t len = hex_bytes(hex, expected, sizeof expected);
    assert_memory_equal(bytes, expected, len);
}

/* ---- hashes and MACs ---- */

/* https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values, SHA-256, and
 * FIPS 180-2, appendix B.3 (a million times "a"). */
static void sha256_gives_the_published_digests(void **state)
{
    (void)state;
    uint8_t digest[CRYPTO_HASH_LEN];
    crypto_sha256("", 0, digest);
    assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    crypto_sha256("abc", 3, digest);
    assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, digest);
    assert_hex(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void sha256_in_pieces_of_any_length_is_one_digest(void **state)
{
    (void)state;
    uint8_t digest[CRYPTO_HASH_LEN], piece[997];
    crypto_hash hash;
    memset(piece, 'a', sizeof piece);
    crypto_hash_start(&hash);
    for (size_t done = 0; done < 1000000;) {
        size_t count = 1 + done % sizeof piece;
        count = count < 1000000 - done ? count : 1000000 - done;
        crypto_hash_add(&hash, piece, count);
        done += count;
    }
    crypto_hash_finish(&hash, digest);
    assert_hex(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* RFC 4231, section 4: test cases 1 to 4, 6 and 7. */
static void hmac_gives_the_published_macs(void **state)
{
    (void)state;
    static const char long_key_data[] =
        "This is a test using a larger than block-size key and a larger than "
        "block-size data. The key needs to be hashed before being used by the "
        "HMAC algorithm.";
    uint8_t key[131], data[50], mac[CRYPTO_HASH_LEN];
    memset(key, 0x0b, 20);
    assert_int_equal(crypto_hmac(key, 20, "Hi There", 8, mac), ERR_OK);
    assert_hex(mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_int_equal(crypto_hmac((const uint8_t *)"Jefe", 4, "what do ya want for nothing?", 28, mac),
                     ERR_OK);
    assert_hex(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    memset(data, 0xdd, sizeof data);
    assert_int_equal(crypto_hmac(key, 20, data, sizeof data, mac), ERR_OK);
    assert_hex(mac, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    assert_int_equal(
        crypto_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac),
        ERR_OK);
    assert_hex(mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_int_equal(crypto_hmac(key, sizeof key, long_key_data, strlen(long_key_data), mac), ERR_OK);
    assert_hex(mac, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
    for (uint8_t i = 0; i < 25; i++)
        key[i] = (uint8_t)(i + 1);
    memset(data, 0xcd, sizeof data);
    assert_int_equal(crypto_hmac(key, 25, data, sizeof data, mac), ERR_OK);
    assert_hex(mac, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

/* RFC 4493, section 4: examples 1 to 4, all with one key set once. */
static void cmac_gives_the_published_macs(void **state)
{
    (void)state;
    uint8_t key[CRYPTO_KEY_LEN], message[64], out[CRYPTO_MAC_LEN];
    crypto_mac mac;
    hex_bytes("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof key);
    hex_bytes("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
              "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
              message, sizeof message);
    assert_int_equal(crypto_mac_init(&mac, key), ERR_OK);
    assert_int_equal(crypto_mac_compute(&mac, message, 64, out), ERR_OK);
    assert_hex(out, "51f0bebf7e3b9d92fc49741779363cfe");
    assert_int_equal(crypto_mac_compute(&mac, message, 40, out), ERR_OK);
    assert_hex(out, "dfa66747de9ae63030ca32611497c827");
    assert_int_equal(crypto_mac_compute(&mac, message, 16, out), ERR_OK);
    assert_hex(out, "070a16b46b4d4144f79bdd9dd04a287c");
    assert_int_equal(crypto_mac_compute(&mac, message, 0, out), ERR_OK);
    assert_hex(out, "bb1d6929e95937287fa37d129b756746");
    crypto_mac_free(&mac);
    assert_int_equal(pool_now(), 0);
}

/* A session with a card, recorded by patsys/desfire-python (test.py, File): each command and each answer with
 * its status continues the MAC, and the answer ends with the first half of it. */
static void a_chained_mac_gives_the_macs_of_a_recorded_session(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"CD 05 00 11 00 50 00 00", "00"}, {"6F", "05 00"}, {"F5 05", "00 00 11 00 50 00 00 00"}};
    static const char *const macs[] = {"A75316AD1596B953", "2D5FF67FFEC9D2D3", "2AAC7517024E09DC"};
    uint8_t key[CRYPTO_KEY_LEN], text[16], chain[CRYPTO_MAC_LEN] = {0};
    crypto_mac mac;
    hex_bytes("40e7d271626ffbd49c530e3d304f5b17", key, sizeof key);
    assert_int_equal(crypto_mac_init(&mac, key), ERR_OK);
    for (size_t i = 0; i < sizeof macs / sizeof macs[0]; i++) {
        for (size_t j = 0; j < 2; j++)
            assert_int_equal(crypto_mac_chain(&mac, text, hex_bytes(texts[i][j], text, sizeof text), chain),
                             ERR_OK);
        assert_hex(chain, macs[i]);
    }
    crypto_mac_free(&mac);
    assert_int_equal(crypto_mac_chain(&mac, "x", 1, chain), ERR_CRYPTO);
}

/* AN10922, 2.2.1 (17 bytes and a 1, padded to two blocks). The second is the same text without its last seven
 * bytes, computed with the block cipher of openssl: CMAC alone would pad it to one block. */
static void a_mac_of_padded_blocks_gives_the_published_value(void **state)
{
    (void)state;
    uint8_t key[CRYPTO_KEY_LEN], blocks[32] = {0}, out[CRYPTO_MAC_LEN];
    crypto_mac mac;
    hex_bytes("00112233445566778899AABBCCDDEEFF", key, sizeof key);
    assert_int_equal(crypto_mac_init(&mac, key), ERR_OK);
    hex_bytes("01 04782E21801D80 3042F5 4E585020416275 80", blocks, sizeof blocks);
    assert_int_equal(crypto_mac_compute_padded(&mac, blocks, sizeof blocks, out), ERR_OK);
    assert_hex(out, "A8DD63A3B89D54B37CA802473FDA9175");
    memset(blocks, 0, sizeof blocks);
    hex_bytes("01 04782E21801D80 3042F5 80", blocks, sizeof blocks);
    assert_int_equal(crypto_mac_compute_padded(&mac, blocks, sizeof blocks, out), ERR_OK);
    assert_hex(out, "0daa19eeea04340de38a20330013090d");
    crypto_mac_free(&mac);
    assert_int_equal(crypto_mac_compute_padded(&mac, blocks, sizeof blocks, out), ERR_CRYPTO);
}

/* NIST SP 800-38A, F.2.1 and F.2.2, in one call and in two. */
static void cbc_gives_the_published_blocks_and_continues(void **state)
{
    (void)state;
    static const char plain[] = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                                "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
    static const char cipher[] = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
                                 "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7";
    uint8_t key[CRYPTO_KEY_LEN], iv[CRYPTO_BLOCK_LEN], data[64];
    hex_bytes("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof key);
    for (size_t first = 0; first <= sizeof data; first += CRYPTO_BLOCK_LEN) {
        hex_bytes("000102030405060708090a0b0c0d0e0f", iv, sizeof iv);
        hex_bytes(plain, data, sizeof data);
        assert_int_equal(crypto_cbc_encrypt(key, iv, data, first), ERR_OK);
        assert_int_equal(crypto_cbc_encrypt(key, iv, data + first, sizeof data - first), ERR_OK);
        assert_hex(data, cipher);
        hex_bytes("000102030405060708090a0b0c0d0e0f", iv, sizeof iv);
        assert_int_equal(crypto_cbc_decrypt(key, iv, data, first), ERR_OK);
        assert_int_equal(crypto_cbc_decrypt(key, iv, data + first, sizeof data - first), ERR_OK);
        assert_hex(data, plain);
        assert_hex(iv, "3ff1caa1681fac09120eca307586e1a7");
    }
    assert_int_equal(pool_now(), 0);
}

/* ---- ECDSA ---- */

struct signed_message {
    uint8_t key[CRYPTO_PUBLIC_KEY_LEN];
    uint8_t hash[CRYPTO_HASH_LEN];
    uint8_t signature[CRYPTO_SIGNATURE_MAX];
    size_t signature_len;
};

/* RFC 6979, A.2.5: curve P-256, SHA-256, messages "sample" and "test". The pairs r, s written as DER by
 * openssl asn1parse -genconf, and seen good by openssl dgst -sha256 -verify. */
static struct signed_message make_sample(void)
{
    struct signed_message m;
    hex_bytes("04 60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
              "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
              m.key, sizeof m.key);
    crypto_sha256("sample", 6, m.hash);
    m.signature_len = hex_bytes("3046"
                                "022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                                "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
                                m.signature, sizeof m.signature);
    return m;
}

static struct signed_message make_test(void)
{
    struct signed_message m = make_sample();
    crypto_sha256("test", 4, m.hash);
    m.signature_len = hex_bytes("3045"
                                "022100f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
                                "0220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
                                m.signature, sizeof m.signature);
    return m;
}

static int verify(const struct signed_message *m, int *slices)
{
    struct crypto_verify v;
    int result = crypto_verify_start(&v, m->key, m->hash, m->signature, m->signature_len);
    *slices = 0;
    if (result != ERR_OK)
        return result;
    do {
        result = crypto_verify_poll(&v);
        (*slices)++;
    } while (result == ERR_BUSY);
    return result;
}

static void a_good_signature_verifies_in_many_small_slices(void **state)
{
    (void)state;
    struct signed_message sample = make_sample(), test = make_test();
    int slices;
    assert_int_equal(verify(&sample, &slices), ERR_OK);
    assert_in_range(slices, 100, 300);
    assert_int_equal(verify(&test, &slices), ERR_OK);
    assert_int_equal(pool_now(), 0);
}

static void a_signature_altered_in_any_byte_is_refused(void **state)
{
    (void)state;
    const struct signed_message good = make_sample();
    int slices;
    for (size_t i = 0; i < good.signature_len; i++) {
        struct signed_message bad = good;
        bad.signature[i] ^= (uint8_t)(1U << i % 8);
        assert_int_equal(verify(&bad, &slices), ERR_SIGNATURE);
        assert_int_equal(pool_now(), 0);
    }
}

static void a_signature_over_another_hash_is_refused(void **state)
{
    (void)state;
    const struct signed_message good = make_sample();
    int slices;
    for (size_t i = 0; i < CRYPTO_HASH_LEN; i++) {
        struct signed_message bad = good;
        bad.hash[i] ^= (uint8_t)(1U << i % 8);
        assert_int_equal(verify(&bad, &slices), ERR_SIGNATURE);
    }
}

static void a_signature_under_another_key_is_refused(void **state)
{
    (void)state;
    struct signed_message m = make_sample();
    int slices;
    /* The generator, public key of the private key 1 (SEC 2, 2.4.2). */
    hex_bytes("04 6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
              "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5",
              m.key, sizeof m.key);
    assert_int_equal(verify(&m, &slices), ERR_SIGNATURE);
}

static void what_is_no_point_of_the_curve_is_no_key(void **state)
{
    (void)state;
    const struct signed_message good = make_sample();
    int slices;
    for (size_t i = 0; i < CRYPTO_PUBLIC_KEY_LEN; i++) {
        struct signed_message bad = good;
        bad.key[i] ^= 0x01;
        assert_int_equal(verify(&bad, &slices), ERR_CRYPTO);
        assert_int_equal(pool_now(), 0);
    }
    struct signed_message nowhere = good;
    memset(nowhere.key, 0, sizeof nowhere.key); /* the point at infinity begins with 0 */
    assert_int_equal(verify(&nowhere, &slices), ERR_CRYPTO);
    assert_int_equal(pool_now(), 0);
}

static void truncated_and_trailing_der_is_refused(void **state)
{
    (void)state;
    const struct signed_message good = make_test();
    int slices;
    for (size_t len = 0; len < good.signature_len; len++) {
        struct signed_message cut = good;
        cut.signature_len = len;
        assert_int_equal(verify(&cut, &slices), ERR_SIGNATURE);
    }
    struct signed_message longer = good;
    longer.signature[longer.signature_len++] = 0;
    assert_int_equal(verify(&longer, &slices), ERR_SIGNATURE);
    longer.signature_len = CRYPTO_SIGNATURE_MAX + 1;
    assert_int_equal(verify(&longer, &slices), ERR_SIGNATURE);
    assert_int_equal(pool_now(), 0);
}

/* r = s = 0, and r = s = the group order n (SEC 2, 2.4.2): outside [1, n-1], so no signature. */
static void numbers_outside_the_group_order_are_no_signature(void **state)
{
    (void)state;
    struct signed_message m = make_sample();
    int slices;
    m.signature_len = hex_bytes("3006020100020100", m.signature, sizeof m.signature);
    assert_int_equal(verify(&m, &slices), ERR_SIGNATURE);
    m.signature_len = hex_bytes("3046"
                                "022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
                                "022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
                                m.signature, sizeof m.signature);
    assert_int_equal(verify(&m, &slices), ERR_SIGNATURE);
}

static void a_thousand_verifications_leave_the_pool_empty(void **state)
{
    (void)state;
    const struct signed_message good = make_sample();
    for (int round = 0; round < 1000; round++) {
        struct crypto_verify v;
        assert_int_equal(crypto_verify_start(&v, good.key, good.hash, good.signature, good.signature_len),
                         ERR_OK);
        if (round % 10 == 0)
            v.signature[10] ^= 1;
        /* Most are abandoned after some slices, as by an upload that starts again. */
        int slices = round % 50 == 0 ? 1000 : round % 37;
        int result = ERR_BUSY;
        while (slices-- > 0 && result == ERR_BUSY)
            result = crypto_verify_poll(&v);
        if (result == ERR_BUSY)
            crypto_verify_abort(&v);
        assert_int_equal(pool_now(), 0);
    }
}

static void a_pool_that_runs_out_is_an_error_and_never_a_good_signature(void **state)
{
    (void)state;
    static uint8_t small[VERIFY_POOL_LEN];
    struct signed_message m = make_sample();
    int slices, worked = 0;
    for (size_t size = 64; size <= sizeof small; size += 64) {
        int result = crypto_init(&entropy.entropy, small, size);
        if (result == ERR_OK) {
            result = verify(&m, &slices);
            assert_int_equal(pool_now(), 0);
        }
        assert_true(result == ERR_OK || result == ERR_CRYPTO);
        worked += result == ERR_OK;
    }
    assert_true(worked > 0);
}

/* A tap needs an HMAC, which must not depend on the memory that a maintenance session left in the pool. */
static void hmac_needs_nothing_from_the_pool(void **state)
{
    (void)state;
    void *held[VERIFY_POOL_LEN / 16];
    size_t count = 0;
    uint8_t mac[CRYPTO_HASH_LEN];
    while ((held[count] = mbedtls_calloc(1, 16)) != NULL)
        count++;
    assert_int_equal(crypto_hmac((const uint8_t *)"Jefe", 4, "what do ya want for nothing?", 28, mac),
                     ERR_OK);
    assert_hex(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    while (count > 0)
        mbedtls_free(held[--count]);
    assert_int_equal(pool_now(), 0);
}

/* A gate checks and writes its records while a maintenance session holds the pool. */
static void a_mac_needs_nothing_from_the_pool(void **state)
{
    (void)state;
    void *held[VERIFY_POOL_LEN / 16];
    size_t count = 0;
    uint8_t key[CRYPTO_KEY_LEN], out[CRYPTO_MAC_LEN];
    crypto_mac mac;
    hex_bytes("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof key);
    while ((held[count] = mbedtls_calloc(1, 16)) != NULL)
        count++;
    assert_int_equal(crypto_mac_init(&mac, key), ERR_OK);
    assert_int_equal(crypto_mac_compute(&mac, "", 0, out), ERR_OK);
    assert_hex(out, "bb1d6929e95937287fa37d129b756746");
    crypto_mac_free(&mac);
    while (count > 0)
        mbedtls_free(held[--count]);
    assert_int_equal(pool_now(), 0);
}

/* RFC 4493, example 3, at each alignment: a record is wherever its buffer is. */
static void a_mac_does_not_depend_on_where_the_data_is(void **state)
{
    (void)state;
    uint8_t key[CRYPTO_KEY_LEN], room[8 + 40], out[8 + CRYPTO_MAC_LEN];
    crypto_mac mac;
    hex_bytes("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof key);
    assert_int_equal(crypto_mac_init(&mac, key), ERR_OK);
    for (size_t at = 0; at < 8; at++) {
        hex_bytes("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
                  room + at, 40);
        assert_int_equal(crypto_mac_compute(&mac, room + at, 40, out + at), ERR_OK);
        assert_hex(out + at, "dfa66747de9ae63030ca32611497c827");
    }
    crypto_mac_free(&mac);
}

static void a_mac_that_was_freed_computes_nothing(void **state)
{
    (void)state;
    const uint8_t key[CRYPTO_KEY_LEN] = {0};
    uint8_t out[CRYPTO_MAC_LEN];
    crypto_mac mac;
    assert_int_equal(crypto_mac_init(&mac, key), ERR_OK);
    crypto_mac_free(&mac);
    assert_int_equal(crypto_mac_compute(&mac, "x", 1, out), ERR_CRYPTO);
    for (size_t i = 0; i < sizeof mac; i++)
        assert_int_equal(((const uint8_t *)&mac)[i], 0);
}

/* ---- the rest ---- */

static void without_entropy_there_is_no_randomness(void **state)
{
    (void)state;
    uint8_t bytes[16];
    entropy.broken = true;
    assert_int_equal(crypto_init(&entropy.entropy, pool, sizeof pool), ERR_CRYPTO);
    assert_int_equal(crypto_random(bytes, sizeof bytes), ERR_CRYPTO);
}

static void random_bytes_differ_and_any_length_is_served(void **state)
{
    (void)state;
    static uint8_t a[5000], b[5000], zeros[64];
    assert_int_equal(crypto_random(a, sizeof a), ERR_OK);
    assert_int_equal(crypto_random(b, sizeof b), ERR_OK);
    for (size_t i = 0; i + sizeof zeros <= sizeof a; i += sizeof zeros) {
        assert_memory_not_equal(a + i, zeros, sizeof zeros);
        assert_memory_not_equal(a + i, b + i, sizeof zeros);
    }
}

static void equal_looks_at_every_byte(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    assert_true(crypto_equal(a, b, sizeof a));
    for (size_t i = 0; i < 8 * sizeof a; i++) {
        b[i / 8] = (uint8_t)(1U << i % 8);
        assert_false(crypto_equal(a, b, sizeof a));
        b[i / 8] = 0;
    }
}

static void wiped_memory_is_zero(void **state)
{
    (void)state;
    uint8_t secret[16], zeros[16] = {0};
    memset(secret, 0xA5, sizeof secret);
    crypto_wipe(secret, sizeof secret);
    assert_memory_equal(secret, zeros, sizeof secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sha256_gives_the_published_digests, make_pool),
        cmocka_unit_test_setup(sha256_in_pieces_of_any_length_is_one_digest, make_pool),
        cmocka_unit_test_setup(hmac_gives_the_published_macs, make_pool),
        cmocka_unit_test_setup(cmac_gives_the_published_macs, make_pool),
        cmocka_unit_test_setup(a_chained_mac_gives_the_macs_of_a_recorded_session, make_pool),
        cmocka_unit_test_setup(a_mac_of_padded_blocks_gives_the_published_value, make_pool),
        cmocka_unit_test_setup(cbc_gives_the_published_blocks_and_continues, make_pool),
        cmocka_unit_test_setup(a_good_signature_verifies_in_many_small_slices, make_pool),
        cmocka_unit_test_setup(a_signature_altered_in_any_byte_is_refused, make_pool),
        cmocka_unit_test_setup(a_signature_over_another_hash_is_refused, make_pool),
        cmocka_unit_test_setup(a_signature_under_another_key_is_refused, make_pool),
        cmocka_unit_test_setup(what_is_no_point_of_the_curve_is_no_key, make_pool),
        cmocka_unit_test_setup(truncated_and_trailing_der_is_refused, make_pool),
        cmocka_unit_test_setup(numbers_outside_the_group_order_are_no_signature, make_pool),
        cmocka_unit_test_setup(a_thousand_verifications_leave_the_pool_empty, make_pool),
        cmocka_unit_test_setup(a_pool_that_runs_out_is_an_error_and_never_a_good_signature, make_pool),
        cmocka_unit_test_setup(a_mac_needs_nothing_from_the_pool, make_pool),
        cmocka_unit_test_setup(a_mac_does_not_depend_on_where_the_data_is, make_pool),
        cmocka_unit_test_setup(a_mac_that_was_freed_computes_nothing, make_pool),
        cmocka_unit_test_setup(hmac_needs_nothing_from_the_pool, make_pool),
        cmocka_unit_test_setup(without_entropy_there_is_no_randomness, make_pool),
        cmocka_unit_test_setup(random_bytes_differ_and_any_length_is_served, make_pool),
        cmocka_unit_test_setup(equal_looks_at_every_byte, make_pool),
        cmocka_unit_test_setup(wiped_memory_is_zero, make_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
