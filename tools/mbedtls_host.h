/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Enables the parts of mbedtls that the tools need beyond the firmware (firmware/crypto/mbedtls_config.h):
 * making keys, signing, PEM files, key derivation; and for the tests a DTLS client. One library serves the
 * Linux gate and the tools. The linker leaves only the called functions in the gate.
 */
#ifndef TOOLS_MBEDTLS_HOST_H
#define TOOLS_MBEDTLS_HOST_H

#undef MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#undef MBEDTLS_PLATFORM_FPRINTF_MACRO
#define MBEDTLS_HKDF_C
#define MBEDTLS_HMAC_DRBG_C
#define MBEDTLS_ECDSA_DETERMINISTIC
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_PK_WRITE_C
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_PEM_WRITE_C
#define MBEDTLS_BASE64_C
#define MBEDTLS_OID_C
#define MBEDTLS_PKCS5_C /* a signing key under a passphrase: PBES2 with AES-CBC */
#define MBEDTLS_CIPHER_MODE_CBC
#define MBEDTLS_CIPHER_PADDING_PKCS7
#define MBEDTLS_SSL_CLI_C /* the client's end of DTLS, for tests */
#undef MBEDTLS_ECP_WINDOW_SIZE
#undef MBEDTLS_ECP_FIXED_POINT_OPTIM

#endif
