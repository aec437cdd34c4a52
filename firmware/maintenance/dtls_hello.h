/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of DTLS 1.2 that needs no state: checks records, parses a ClientHello with its cookie (RFC
 * 6347, 4.2.1), and writes a HelloVerifyRequest.
 *
 * This runs before mbedtls, so that a stray or replayed ClientHello causes only one short answer and
 * disturbs neither an open session nor a handshake in progress. No state; nothing blocks.
 */
#ifndef FIRMWARE_MAINTENANCE_DTLS_HELLO_H
#define FIRMWARE_MAINTENANCE_DTLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DTLS_RANDOM_LEN       32
#define DTLS_COOKIE_LEN       16
#define DTLS_HELLO_VERIFY_LEN (13 + 12 + 3 + DTLS_COOKIE_LEN)

/* Returns true if the datagram consists of complete records only (RFC 6347, 4.1.1). (mbedtls 3.6 would
 * end the session because of a few bytes after a record that it would have ignored.) */
bool dtls_datagram_is_whole(const uint8_t *datagram, size_t len);

/* Returns true if the datagram consists of exactly one record. */
bool dtls_datagram_is_record(const uint8_t *datagram, size_t len);

/* A parsed ClientHello. It points into the datagram. */
struct dtls_hello {
    const uint8_t *sequence;    /* 6 bytes: of the record */
    const uint8_t *message_seq; /* 2 bytes: of the handshake message */
    const uint8_t *random;      /* DTLS_RANDOM_LEN bytes */
    const uint8_t *cookie;
    size_t cookie_len; /* 0: first message of a client */
};

/* Parses a ClientHello. Returns true if the datagram starts with a complete, unencrypted, unfragmented
 * ClientHello of DTLS 1.0 or later. */
bool dtls_hello_parse(struct dtls_hello *hello, const uint8_t *datagram, size_t len);

/* Returns true if the datagram starts with a HelloVerifyRequest, the first answer to every client. */
bool dtls_hello_is_verify(const uint8_t *datagram, size_t len);

/* Writes a HelloVerifyRequest, which asks the client to repeat its hello with this cookie. */
void dtls_hello_write_verify(const struct dtls_hello *hello, const uint8_t cookie[DTLS_COOKIE_LEN],
                             uint8_t out[DTLS_HELLO_VERIFY_LEN]);

#endif
