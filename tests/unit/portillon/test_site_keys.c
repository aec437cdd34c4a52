/* SPDX-License-Identifier: Apache-2.0 */
/* The signing key and derived keys. RFC 6979, A.2.5; HKDF values from `openssl kdf`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_keys.h"

/* The private key of RFC 6979, A.2.5 (P-256) as SEC 1 DER. */
static const uint8_t rfc_key[] = {
    0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20, 0xC9, 0xAF, 0xA9, 0xD8, 0x45, 0xBA, 0x75, 0x16, 0x6B,
    0x5C, 0x21, 0x57, 0x67, 0xB1, 0xD6, 0x93, 0x4E, 0x50, 0xC3, 0xDB, 0x36, 0xE8, 0x9B, 0x12, 0x7B,
    0x8A, 0x62, 0x2B, 0x12, 0x0F, 0x67, 0x21, 0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D,
    0x03, 0x01, 0x07, 0xA1, 0x44, 0x03, 0x42, 0x00, 0x04, 0x60, 0xFE, 0xD4, 0xBA, 0x25, 0x5A, 0x9D,
    0x31, 0xC9, 0x61, 0xEB, 0x74, 0xC6, 0x35, 0x6D, 0x68, 0xC0, 0x49, 0xB8, 0x92, 0x3B, 0x61, 0xFA,
    0x6C, 0xE6, 0x69, 0x62, 0x2E, 0x60, 0xF2, 0x9F, 0xB6, 0x79, 0x03, 0xFE, 0x10, 0x08, 0xB8, 0xBC,
    0x99, 0xA4, 0x1A, 0xE9, 0xE9, 0x56, 0x28, 0xBC, 0x64, 0xF2, 0xF1, 0xB2, 0x0C, 0x2D, 0x7E, 0x9F,
    0x51, 0x77, 0xA3, 0xC2, 0x94, 0xD4, 0x46, 0x22, 0x99};
/* r and s for SHA-256 of "sample", as DER: both have their top bit set. */
static const uint8_t rfc_signature[] = {
    0x30, 0x46, 0x02, 0x21, 0x00, 0xEF, 0xD4, 0x8B, 0x2A, 0xAC, 0xB6, 0xA8, 0xFD, 0x11, 0x40,
    0xDD, 0x9C, 0xD4, 0x5E, 0x81, 0xD6, 0x9D, 0x2C, 0x87, 0x7B, 0x56, 0xAA, 0xF9, 0x91, 0xC3,
    0x4D, 0x0E, 0xA8, 0x4E, 0xAF, 0x37, 0x16, 0x02, 0x21, 0x00, 0xF7, 0xCB, 0x1C, 0x94, 0x2D,
    0x65, 0x7C, 0x41, 0xD4, 0x36, 0xC7, 0xA1, 0xB6, 0xE2, 0x9F, 0x65, 0xF3, 0xE9, 0x00, 0xDB,
    0xB9, 0xAF, 0xF4, 0x06, 0x4D, 0xC4, 0xAB, 0x2F, 0x84, 0x3A, 0xCD, 0xA8};

static void signatures_are_those_of_rfc_6979(void **state)
{
    (void)state;
    uint8_t hash[CRYPTO_HASH_LEN], signature[CRYPTO_SIGNATURE_MAX], point[CRYPTO_PUBLIC_KEY_LEN];
    size_t len;
    crypto_sha256("sample", 6, hash);
    assert_int_equal(site_keys_sign(rfc_key, sizeof rfc_key, hash, signature, &len, point), ERR_OK);
    assert_int_equal(len, sizeof rfc_signature);
    assert_memory_equal(signature, rfc_signature, len);
    assert_memory_equal(point, rfc_key + sizeof rfc_key - CRYPTO_PUBLIC_KEY_LEN, CRYPTO_PUBLIC_KEY_LEN);
    assert_int_equal(site_keys_sign(rfc_key, sizeof rfc_key - 1, hash, signature, &len, point), ERR_FORMAT);
}

static void keys_are_derived_by_hkdf(void **state)
{
    (void)state;
    static const uint8_t tag[] = {0xD8, 0x0E, 0x65, 0x89, 0x63, 0x0D, 0x08, 0x1D, 0xDB, 0x71, 0x8C,
                                  0x51, 0x6F, 0x03, 0x94, 0xDB, 0xC6, 0x3E, 0x77, 0xCD, 0xA6, 0x32,
                                  0xFB, 0xC7, 0x3B, 0xEB, 0xEC, 0x87, 0x05, 0xC1, 0x91, 0x4A};
    static const uint8_t technician[] = {0x1C, 0xEB, 0xAD, 0xAC, 0x2C, 0xC1, 0x7D, 0x17,
                                         0x6C, 0x15, 0x49, 0x87, 0xDC, 0xD3, 0xFF, 0x2E};
    uint8_t master[SITE_KEYS_MASTER_LEN], key[32];
    for (int i = 0; i < SITE_KEYS_MASTER_LEN; i++)
        master[i] = (uint8_t)i;
    assert_int_equal(site_keys_derive(master, "tag", NULL, 0, key, 32), ERR_OK);
    assert_memory_equal(key, tag, 32);
    assert_int_equal(site_keys_derive(master, "role/technician", "nord-1", 0, key, 16), ERR_OK);
    assert_memory_equal(key, technician, 16);
}

static void keys_of_later_epochs_are_others(void **state)
{
    (void)state;
    static const uint8_t first[] = {0x0A, 0xD4, 0xC7, 0xAB, 0x44, 0xC5, 0x89, 0x76,
                                    0xD3, 0xAB, 0x52, 0x6E, 0x72, 0x76, 0xCA, 0x5E};
    static const uint8_t twelfth[] = {0x3B, 0x3B, 0x70, 0xF3, 0xB0, 0x06, 0x4D, 0x90,
                                      0xBE, 0xA4, 0x58, 0x97, 0xF3, 0x03, 0xE1, 0x09};
    uint8_t master[SITE_KEYS_MASTER_LEN], key[16];
    for (int i = 0; i < SITE_KEYS_MASTER_LEN; i++)
        master[i] = (uint8_t)i;
    assert_int_equal(site_keys_derive(master, "journal", "nord-1", 1, key, 16), ERR_OK);
    assert_memory_equal(key, first, 16);
    assert_int_equal(site_keys_derive(master, "journal", "nord-1", 12, key, 16), ERR_OK);
    assert_memory_equal(key, twelfth, 16);
}

static void only_a_p256_public_key_is_one(void **state)
{
    (void)state;
    static const char p384[] = "-----BEGIN PUBLIC KEY-----\n"
                               "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEkmR15pYIAUOACJE+0XAQAcTGPmK5GQmk\n"
                               "qXhFanaVduT4K+pCU/b4Z4Ssexkhfo9Wl3HC1DawkJ4lPk5Fl7MFucQOsF81Kuj7\n"
                               "fWN7t4KDMQ0diMwfy4+Q4J2kNlgt0aX7\n"
                               "-----END PUBLIC KEY-----\n";
    char private_pem[SITE_KEYS_PEM_MAX], public_pem[SITE_KEYS_PEM_MAX];
    uint8_t point[CRYPTO_PUBLIC_KEY_LEN];
    assert_int_equal(site_keys_parse_public((const uint8_t *)p384, sizeof p384, point), ERR_FORMAT);
    assert_int_equal(site_keys_parse_public((const uint8_t *)"", 1, point), ERR_FORMAT);
    assert_int_equal(site_keys_generate(private_pem, public_pem), ERR_OK);
    assert_int_equal(site_keys_parse_public((const uint8_t *)public_pem, strlen(public_pem) + 1, point),
                     ERR_OK);
    assert_int_equal(point[0], 4);
}

static void a_key_under_a_passphrase_opens_with_it_alone(void **state)
{
    (void)state;
    char private_pem[SITE_KEYS_PEM_MAX], public_pem[SITE_KEYS_PEM_MAX];
    char secret[SITE_KEYS_PEM_MAX], opened[SITE_KEYS_PEM_MAX], wrong[16];
    assert_int_equal(site_keys_generate(private_pem, public_pem), ERR_OK);
    assert_false(site_keys_are_encrypted(private_pem));
    assert_int_equal(site_keys_encrypt(private_pem, "été à la mer", 10, secret), ERR_OK);
    assert_true(site_keys_are_encrypted(secret));
    assert_null(strstr(secret, "BEGIN EC"));
    assert_int_equal(site_keys_decrypt((const uint8_t *)secret, strlen(secret) + 1, "été à la mer", opened),
                     ERR_OK);
    assert_string_equal(opened, private_pem);
    for (int i = 0; i < 2000; i++) { /* some have good padding by chance */
        snprintf(wrong, sizeof wrong, "wrong %d", i);
        assert_int_equal(site_keys_decrypt((const uint8_t *)secret, strlen(secret) + 1, wrong, opened),
                         ERR_FORBIDDEN);
    }
    assert_int_equal(site_keys_encrypt(public_pem, "x", 10, secret), ERR_FORMAT);
}

static void what_is_no_encrypted_key_is_told_from_a_wrong_passphrase(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "no PEM",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA****\n-----END ENCRYPTED PRIVATE KEY-----\n",
        /* made by openssl ec -aes256, passphrase "x": its MD5 is not known here */
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
        "AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAAAAAAAAAAAAAAAAAAAA==\n-----END EC PRIVATE "
        "KEY-----\n"};
    char opened[SITE_KEYS_PEM_MAX];
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(
            site_keys_decrypt((const uint8_t *)texts[i], strlen(texts[i]) + 1, "passphrase", opened),
            ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_rfc_6979),
        cmocka_unit_test(keys_are_derived_by_hkdf),
        cmocka_unit_test(keys_of_later_epochs_are_others),
        cmocka_unit_test(only_a_p256_public_key_is_one),
        cmocka_unit_test(a_key_under_a_passphrase_opens_with_it_alone),
        cmocka_unit_test(what_is_no_encrypted_key_is_told_from_a_wrong_passphrase),
    };
    if (site_crypto_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
