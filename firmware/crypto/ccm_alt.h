/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CCM (RFC 3610) for the records of DTLS, in place of the one of mbedtls, which includes this file from its
 * ccm.h. The functions are those that mbedtls documents there. This one keeps no cipher context of its own in
 * the pool, works by words, and can decrypt a long message in slices, so that a tap does not wait for a whole
 * datagram.
 *
 * Only the calls of the cipher layer exist: a key of AES, whole messages in one or several slices, messages
 * shorter than 64 KiB, and at most 65,279 additional bytes.
 */
#ifndef FIRMWARE_CRYPTO_CCM_ALT_H
#define FIRMWARE_CRYPTO_CCM_ALT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mbedtls/aes.h>

typedef struct mbedtls_ccm_context {
    mbedtls_aes_context aes;
    uint8_t counter[16]; /* the next counter block; it contains the nonce */
    uint8_t mac[16];     /* over what is done */
    size_t done;         /* bytes of the message that is being decrypted in slices */
} mbedtls_ccm_context;

/* Result of a decryption: a slice is done and more is left. It is MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS, and
 * mbedtls_ssl_read passes it on. */
#define CCM_IN_PROGRESS (-0x7000)

/* Limits each decryption that follows to len bytes, a multiple of 16; SIZE_MAX: no limit. With go_on, the
 * first one continues the message of which it returned CCM_IN_PROGRESS; the caller then promises that
 * nonce, lengths and buffers are the same and hold what that call left. Otherwise each begins anew. */
void ccm_slice(size_t len, bool go_on);

#endif
