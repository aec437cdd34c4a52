/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the ClientHello of a client without a key: RFC 6347, 4.2.1, with one cipher suite,
 * TLS_PSK_WITH_AES_128_GCM_SHA256 (RFC 5487), and no compression. Pure.
 */
#ifndef TESTS_FAKES_CLIENT_HELLO_H
#define TESTS_FAKES_CLIENT_HELLO_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/maintenance/dtls_hello.h"

#define CLIENT_HELLO_MAX (25 + 2 + DTLS_RANDOM_LEN + 1 + 1 + DTLS_COOKIE_LEN + 6)

/* Writes the datagram. client is the value of every byte of its random field. cookie is NULL for the first
 * hello. Returns the length in bytes. */
size_t client_hello_make(uint8_t out[CLIENT_HELLO_MAX], uint8_t client, uint8_t record_number,
                         const uint8_t cookie[DTLS_COOKIE_LEN]);

#endif
