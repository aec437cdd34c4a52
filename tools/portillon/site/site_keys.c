/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_keys.h"

#include <mbedtls/asn1.h>
#include <mbedtls/asn1write.h>
#include <mbedtls/ecp.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/pkcs5.h>
#include <stdio.h>
#include <string.h>

#define ENCRYPTED "ENCRYPTED PRIVATE KEY"

enum { SALT_LEN = 16, IV_LEN = 16, DER_MAX = 512 };

static int point_of(mbedtls_pk_context *pk, uint8_t key[CRYPTO_PUBLIC_KEY_LEN])
{
    size_t len;
    if (!mbedtls_pk_can_do(pk, MBEDTLS_PK_ECDSA))
        return ERR_FORMAT;
    const mbedtls_ecp_keypair *pair = mbedtls_pk_ec(*pk);
    if (mbedtls_ecp_keypair_get_group_id(pair) != MBEDTLS_ECP_DP_SECP256R1 ||
        mbedtls_ecp_write_public_key(pair, MBEDTLS_ECP_PF_UNCOMPRESSED, &len, key, CRYPTO_PUBLIC_KEY_LEN) !=
            0 ||
        len != CRYPTO_PUBLIC_KEY_LEN)
        return ERR_FORMAT;
    return ERR_OK;
}

int site_keys_generate(char private_pem[SITE_KEYS_PEM_MAX], char public_pem[SITE_KEYS_PEM_MAX])
{
    mbedtls_pk_context pk;
    int error = ERR_CRYPTO;

    mbedtls_pk_init(&pk);
    if (mbedtls_pk_setup(&pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)) == 0 &&
        mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(pk), crypto_random_callback, NULL) == 0 &&
        mbedtls_pk_write_key_pem(&pk, (unsigned char *)private_pem, SITE_KEYS_PEM_MAX) == 0 &&
        mbedtls_pk_write_pubkey_pem(&pk, (unsigned char *)public_pem, SITE_KEYS_PEM_MAX) == 0)
        error = ERR_OK;
    mbedtls_pk_free(&pk);
    return error;
}

#define PUT(call)                                                                                            \
    do {                                                                                                     \
        int put_ = (call);                                                                                   \
        if (put_ < 0)                                                                                        \
            return put_;                                                                                     \
        len += put_;                                                                                         \
    } while (0)

/* Each of these writes DER backwards from *at, as mbedtls does, and returns its length or an error. */
static int put_sequence(unsigned char **at, unsigned char *start, int len)
{
    PUT(mbedtls_asn1_write_len(at, start, (size_t)len));
    PUT(mbedtls_asn1_write_tag(at, start, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE));
    return len;
}

static int put_oid(unsigned char **at, unsigned char *start, const char *oid, size_t oid_len)
{
    return mbedtls_asn1_write_oid(at, start, oid, oid_len);
}

#define OID(oid) oid, MBEDTLS_OID_SIZE(oid)

/* PrivateKeyInfo: version 0, the algorithm with its curve, and the SEC 1 form of the key. */
static int put_private_key(unsigned char **at, unsigned char *start, const unsigned char *sec1,
                           size_t sec1_len)
{
    int len = 0;
    PUT(mbedtls_asn1_write_octet_string(at, start, sec1, sec1_len));
    int key_len = len;
    len = 0;
    PUT(put_oid(at, start, OID(MBEDTLS_OID_EC_GRP_SECP256R1)));
    PUT(put_oid(at, start, OID(MBEDTLS_OID_EC_ALG_UNRESTRICTED)));
    len = put_sequence(at, start, len);
    if (len < 0)
        return len;
    len += key_len;
    PUT(mbedtls_asn1_write_int(at, start, 0));
    return put_sequence(at, start, len);
}

/* PBES2-params: PBKDF2 with salt, iterations and HMAC-SHA256; AES-256-CBC with its IV. */
static int put_scheme(unsigned char **at, unsigned char *start, const uint8_t salt[SALT_LEN],
                      const uint8_t iv[IV_LEN], uint32_t iterations)
{
    int len = 0;
    PUT(mbedtls_asn1_write_octet_string(at, start, iv, IV_LEN));
    PUT(put_oid(at, start, OID(MBEDTLS_OID_AES_256_CBC)));
    int cipher_len = put_sequence(at, start, len);
    len = 0;
    PUT(mbedtls_asn1_write_null(at, start));
    PUT(put_oid(at, start, OID(MBEDTLS_OID_HMAC_SHA256)));
    len = put_sequence(at, start, len);
    PUT(mbedtls_asn1_write_int(at, start, (int)iterations));
    PUT(mbedtls_asn1_write_octet_string(at, start, salt, SALT_LEN));
    len = put_sequence(at, start, len);
    PUT(put_oid(at, start, OID(MBEDTLS_OID_PKCS5_PBKDF2)));
    len = put_sequence(at, start, len);
    return cipher_len < 0 || len < 0 ? -1 : put_sequence(at, start, cipher_len + len);
}

/* Encrypts the DER of a key. Returns the length of EncryptedPrivateKeyInfo at the end of out, or an error. */
static int encrypt_der(const unsigned char *plain, size_t plain_len, const char *passphrase,
                       uint32_t iterations, unsigned char out[DER_MAX])
{
    uint8_t salt[SALT_LEN], iv[IV_LEN];
    unsigned char params[128], secret[DER_MAX], *at = params + sizeof params;
    size_t secret_len = 0;
    if (crypto_random(salt, sizeof salt) != ERR_OK || crypto_random(iv, sizeof iv) != ERR_OK)
        return ERR_CRYPTO;
    int len = 0, params_len = put_scheme(&at, params, salt, iv, iterations);
    if (params_len < 0)
        return ERR_CRYPTO;
    /* mbedtls takes the content of the sequence, without its tag and length */
    mbedtls_asn1_buf scheme = {.tag = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE};
    unsigned char *content = at;
    if (mbedtls_asn1_get_tag(&content, params + sizeof params, &scheme.len, scheme.tag) != 0)
        return ERR_CRYPTO;
    scheme.p = content;
    if (mbedtls_pkcs5_pbes2_ext(&scheme, MBEDTLS_PKCS5_ENCRYPT, (const unsigned char *)passphrase,
                                strlen(passphrase), plain, plain_len, secret, sizeof secret,
                                &secret_len) != 0)
        return ERR_CRYPTO;
    unsigned char *end = out + DER_MAX;
    PUT(mbedtls_asn1_write_octet_string(&end, out, secret, secret_len));
    int secret_der_len = len;
    len = 0;
    PUT(mbedtls_asn1_write_raw_buffer(&end, out, at, (size_t)params_len));
    PUT(put_oid(&end, out, OID(MBEDTLS_OID_PKCS5_PBES2)));
    len = put_sequence(&end, out, len);
    return len < 0 ? len : put_sequence(&end, out, len + secret_der_len);
}

int site_keys_encrypt(const char private_pem[SITE_KEYS_PEM_MAX], const char *passphrase, uint32_t iterations,
                      char encrypted_pem[SITE_KEYS_PEM_MAX])
{
    mbedtls_pk_context pk;
    uint8_t point[CRYPTO_PUBLIC_KEY_LEN];
    unsigned char sec1[DER_MAX], plain[DER_MAX], out[DER_MAX], *at = plain + sizeof plain;
    size_t pem_len;
    int len = -1, error = ERR_FORMAT;

    mbedtls_pk_init(&pk);
    if (mbedtls_pk_parse_key(&pk, (const unsigned char *)private_pem, strlen(private_pem) + 1, NULL, 0,
                             crypto_random_callback, NULL) == 0)
        error = point_of(&pk, point);
    if (error == ERR_OK)
        len = mbedtls_pk_write_key_der(&pk, sec1, sizeof sec1);
    if (len > 0)
        len = put_private_key(&at, plain, sec1 + sizeof sec1 - len, (size_t)len);
    if (len > 0)
        len = encrypt_der(at, (size_t)len, passphrase, iterations, out);
    if (error == ERR_OK &&
        (len <= 0 ||
         mbedtls_pem_write_buffer("-----BEGIN " ENCRYPTED "-----\n", "-----END " ENCRYPTED "-----\n",
                                  out + sizeof out - len, (size_t)len, (unsigned char *)encrypted_pem,
                                  SITE_KEYS_PEM_MAX, &pem_len) != 0))
        error = ERR_CRYPTO;
    crypto_wipe(sec1, sizeof sec1);
    crypto_wipe(plain, sizeof plain);
    mbedtls_pk_free(&pk);
    return error;
}

bool site_keys_are_encrypted(const char *pem)
{
    /* the second is the form of openssl before version 1.1 */
    return strstr(pem, "-----BEGIN " ENCRYPTED "-----") != NULL ||
           strstr(pem, "Proc-Type: 4,ENCRYPTED") != NULL;
}

/* Returns true for an error of mbedtls that no other passphrase would change. A wrong passphrase gives bad
 * padding or, once in 256 times, good padding and bytes that are no key in any way. */
static bool is_unknown_form(int result)
{
    static const int forms[] = {MBEDTLS_ERR_PK_FEATURE_UNAVAILABLE,       MBEDTLS_ERR_PEM_FEATURE_UNAVAILABLE,
                                MBEDTLS_ERR_PKCS5_FEATURE_UNAVAILABLE,    MBEDTLS_ERR_PKCS5_INVALID_FORMAT,
                                MBEDTLS_ERR_PEM_NO_HEADER_FOOTER_PRESENT, MBEDTLS_ERR_PEM_INVALID_DATA,
                                MBEDTLS_ERR_PEM_UNKNOWN_ENC_ALG,          MBEDTLS_ERR_PEM_INVALID_ENC_IV};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if ((-result & 0xFF80) == -forms[i]) /* without the error of a lower layer */
            return true;
    return false;
}

int site_keys_decrypt(const uint8_t *pem, size_t pem_len, const char *passphrase,
                      char private_pem[SITE_KEYS_PEM_MAX])
{
    mbedtls_pk_context pk;
    uint8_t point[CRYPTO_PUBLIC_KEY_LEN];
    int error;

    if (!site_keys_are_encrypted((const char *)pem))
        return ERR_FORMAT;
    mbedtls_pk_init(&pk);
    int result = mbedtls_pk_parse_key(&pk, pem, pem_len, (const unsigned char *)passphrase,
                                      strlen(passphrase), crypto_random_callback, NULL);
    if (result == 0)
        error = point_of(&pk, point);
    else
        error = is_unknown_form(result) ? ERR_FORMAT : ERR_FORBIDDEN;
    if (error == ERR_OK &&
        mbedtls_pk_write_key_pem(&pk, (unsigned char *)private_pem, SITE_KEYS_PEM_MAX) != 0)
        error = ERR_CRYPTO;
    mbedtls_pk_free(&pk);
    return error;
}

int site_keys_parse_public(const uint8_t *pem, size_t pem_len, uint8_t key[CRYPTO_PUBLIC_KEY_LEN])
{
    mbedtls_pk_context pk;

    mbedtls_pk_init(&pk);
    int error = mbedtls_pk_parse_public_key(&pk, pem, pem_len) == 0 ? point_of(&pk, key) : ERR_FORMAT;
    mbedtls_pk_free(&pk);
    return error;
}

int site_keys_public_of(const char *private_pem, uint8_t key[CRYPTO_PUBLIC_KEY_LEN])
{
    mbedtls_pk_context pk;
    int error = ERR_FORMAT;

    mbedtls_pk_init(&pk);
    if (mbedtls_pk_parse_key(&pk, (const unsigned char *)private_pem, strlen(private_pem) + 1, NULL, 0,
                             crypto_random_callback, NULL) == 0)
        error = point_of(&pk, key);
    mbedtls_pk_free(&pk);
    return error;
}

int site_keys_sign(const uint8_t *private_pem, size_t pem_len, const uint8_t hash[CRYPTO_HASH_LEN],
                   uint8_t signature[CRYPTO_SIGNATURE_MAX], size_t *signature_len,
                   uint8_t public_key[CRYPTO_PUBLIC_KEY_LEN])
{
    mbedtls_pk_context pk;
    int error = ERR_FORMAT;

    mbedtls_pk_init(&pk);
    if (mbedtls_pk_parse_key(&pk, private_pem, pem_len, NULL, 0, crypto_random_callback, NULL) == 0)
        error = point_of(&pk, public_key);
    /* The random numbers only blind the computation: MBEDTLS_ECDSA_DETERMINISTIC derives k from key and
     * hash. */
    if (error == ERR_OK &&
        mbedtls_pk_sign(&pk, MBEDTLS_MD_SHA256, hash, CRYPTO_HASH_LEN, signature, CRYPTO_SIGNATURE_MAX,
                        signature_len, crypto_random_callback, NULL) != 0)
        error = ERR_CRYPTO;
    mbedtls_pk_free(&pk);
    return error;
}

int site_keys_derive(const uint8_t master[SITE_KEYS_MASTER_LEN], const char *purpose, const char *device_id,
                     unsigned epoch, uint8_t *key, size_t key_len)
{
    char info[80], last[16] = "";
    if (epoch > 0)
        snprintf(last, sizeof last, "/%u", epoch);
    int info_len = snprintf(info, sizeof info, "portillon/1/%s%s%s%s", purpose, device_id ? "/" : "",
                            device_id ? device_id : "", last);
    if (info_len < 0 || info_len >= (int)sizeof info ||
        mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), NULL, 0, master, SITE_KEYS_MASTER_LEN,
                     (const unsigned char *)info, (size_t)info_len, key, key_len) != 0)
        return ERR_CRYPTO;
    return ERR_OK;
}
