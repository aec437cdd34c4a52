#include "tools/portillon/site/site_keys.h"

#include <mbedtls/ecp.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/pk.h>
#include <stdio.h>
#include <string.h>

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

int site_keys_parse_public(const uint8_t *pem, size_t pem_len, uint8_t key[CRYPTO_PUBLIC_KEY_LEN])
{
    mbedtls_pk_context pk;

    mbedtls_pk_init(&pk);
    int error = mbedtls_pk_parse_public_key(&pk, pem, pem_len) == 0 ? point_of(&pk, key) : ERR_FORMAT;
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
                     uint8_t *key, size_t key_len)
{
    char info[80];
    int info_len = snprintf(info, sizeof info, "portillon/1/%s%s%s", purpose, device_id ? "/" : "",
                            device_id ? device_id : "");
    if (info_len < 0 || info_len >= (int)sizeof info ||
        mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), NULL, 0, master, SITE_KEYS_MASTER_LEN,
                     (const unsigned char *)info, (size_t)info_len, key, key_len) != 0)
        return ERR_CRYPTO;
    return ERR_OK;
}
