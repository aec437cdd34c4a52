/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Selects the parts of mbedtls 3.6 that the firmware uses: hashes and MACs, ECDSA P-256 verification in
 * slices, and a DTLS 1.2 server with pre-shared keys. Memory comes from a fixed pool (crypto_init).
 */
#ifndef FIRMWARE_CRYPTO_MBEDTLS_CONFIG_H
#define FIRMWARE_CRYPTO_MBEDTLS_CONFIG_H

/* There is no operating system: mbedtls has no files, sockets, clock or entropy of its own. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_NO_STD_FUNCTIONS
#define MBEDTLS_PLATFORM_FPRINTF_MACRO(...) ((void)0) /* no output: the board has no console */
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
#define MBEDTLS_MEMORY_ALIGN_MULTIPLE 8 /* for 64-bit numbers and, on the host, pointers */
#define MBEDTLS_MEMORY_DEBUG            /* current and highest use of the pool, for /status */
#define MBEDTLS_NO_PLATFORM_ENTROPY
#define MBEDTLS_HAVE_ASM

#define MBEDTLS_SHA256_C
#define MBEDTLS_MD_C
#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_AES_FEWER_TABLES
#define MBEDTLS_CIPHER_C
#define MBEDTLS_CTR_DRBG_C

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_RESTARTABLE
#define MBEDTLS_ECP_WINDOW_SIZE       2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 1 /* 2 KB of code; the check of a signature takes half the time */
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C

#define MBEDTLS_CCM_C
#define MBEDTLS_CCM_ALT /* firmware/crypto/ccm_alt.c: in slices, and a quarter faster */
#define MBEDTLS_GCM_C
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_SRV_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_PROTO_DTLS
#define MBEDTLS_SSL_DTLS_ANTI_REPLAY
#define MBEDTLS_SSL_DTLS_HELLO_VERIFY  /* dtls_session.h makes the cookies */
#define MBEDTLS_SSL_ALL_ALERT_MESSAGES /* a client with a wrong key gets an alert at once */
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_ENCRYPT_THEN_MAC
#define MBEDTLS_KEY_EXCHANGE_PSK_ENABLED

#define MBEDTLS_SSL_CIPHERSUITES MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8, MBEDTLS_TLS_PSK_WITH_AES_128_GCM_SHA256

#define MBEDTLS_SSL_IN_CONTENT_LEN     1280 /* a CoAP message with a block of 1024 bytes, and its options */
#define MBEDTLS_SSL_OUT_CONTENT_LEN    1280
#define MBEDTLS_SSL_DTLS_MAX_BUFFERING 1024 /* of messages out of order; the gate expects one, of 50 bytes */
#define MBEDTLS_PSK_MAX_LEN            32

#ifdef MBEDTLS_USER_CONFIG_FILE
#include MBEDTLS_USER_CONFIG_FILE
#endif

#endif
