/*
 * The part of DTLS 1.2 that comes before any state: telling records from noise, and a ClientHello with its
 * cookie (RFC 6347, 4.2.1), and answering with a HelloVerifyRequest.
 *
 * Kept in front of mbedtls so that a stray or replayed ClientHello costs one small answer and touches neither
 * a living session nor a handshake under way. No state, nothing blocks.
 */
#ifndef FIRMWARE_MAINTENANCE_DTLS_HELLO_H
#define FIRMWARE_MAINTENANCE_DTLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DTLS_RANDOM_LEN       32
#define DTLS_COOKIE_LEN       16
#define DTLS_HELLO_VERIFY_LEN (13 + 12 + 3 + DTLS_COOKIE_LEN)

/* True if the datagram is a row of whole records, and nothing else, as RFC 6347, 4.1.1 has it. (mbedtls 3.6
 * ends the session over a few stray bytes behind a record it would have passed over.) */
bool dtls_datagram_is_whole(const uint8_t *datagram, size_t len);

/* Points into the datagram. */
struct dtls_hello {
    const uint8_t *sequence;    /* 6 bytes: of the record */
    const uint8_t *message_seq; /* 2 bytes: of the handshake message */
    const uint8_t *random;      /* DTLS_RANDOM_LEN bytes */
    const uint8_t *cookie;
    size_t cookie_len; /* 0: a client that begins */
};

/* True if the datagram starts with a whole, unencrypted, unfragmented ClientHello of DTLS 1.0 or later. */
bool dtls_hello_parse(struct dtls_hello *hello, const uint8_t *datagram, size_t len);

/* True if the datagram starts with a HelloVerifyRequest: what every client hears first. */
bool dtls_hello_is_verify(const uint8_t *datagram, size_t len);

/* Writes the datagram that asks the client to come back with this cookie. */
void dtls_hello_write_verify(const struct dtls_hello *hello, const uint8_t cookie[DTLS_COOKIE_LEN],
                             uint8_t out[DTLS_HELLO_VERIFY_LEN]);

#endif
