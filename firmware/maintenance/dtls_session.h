/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One DTLS 1.2 server session with pre-shared keys, on mbedtls. It authenticates the peer on the serial
 * line. The PSK identity is the name of the role.
 *
 * There is one peer at a time. A ClientHello without the current cookie is answered with 44 bytes and changes
 * neither an open session nor a handshake in progress. Only a ClientHello that returns the current cookie
 * starts a new handshake; it ends an open session at once. A cookie is valid for one session only. A client
 * that crashed can therefore connect again at once, and a replayed ClientHello has no effect. Records that
 * cannot be decrypted get no answer.
 *
 * The disadvantage: an attacker who can write to the line and read the answer can end a session without a
 * key, by returning a cookie. He gains nothing else, and could disturb the line with noise as well. RFC 6347,
 * 4.2.8 allows a server to drop the old association on a valid cookie. The other way is to keep the old
 * session until the new client has proved its key. That needs the memory of a second session: about 5 KB with
 * 32-bit pointers, which the boards do not have. Or the client that crashed has to wait.
 *
 * A handshake fails if it is not complete 5 s after the last ClientHello. The gate never repeats a message by
 * itself; it does so only when the client repeats its own.
 *
 * The caller owns the struct and does not move it after dtls_session_init, because mbedtls points into it.
 * The caller transports the datagrams. It lends each received one with dtls_session_offer; those to send go
 * to the send function that it passed to dtls_session_init. offer, poll, send and close may call it. The
 * memory of mbedtls comes from the pool of crypto_init. No function waits for the line; the longest work is
 * the key derivation of a handshake.
 */
#ifndef FIRMWARE_MAINTENANCE_DTLS_SESSION_H
#define FIRMWARE_MAINTENANCE_DTLS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/crypto.h"
#include "firmware/crypto/identity.h"
#include "firmware/maintenance/dtls_hello.h"
#include "hal/error.h"
#include "hal/timer.h"

#include <mbedtls/ssl.h>

#define DTLS_PLAINTEXT_MAX MBEDTLS_SSL_IN_CONTENT_LEN
#define DTLS_IDLE_MS       600000u /* a session is closed after so long without a record */

enum dtls_state {
    DTLS_IDLE = 0,  /* no peer */
    DTLS_HANDSHAKE, /* a client returned the current cookie */
    DTLS_OPEN,      /* the peer has proved that it has the key of `role` */
};

struct dtls_session {
    const struct identity *identity;
    const struct timer *timer;
    /* Sends one datagram. Returns true if it was accepted, false if there is no room now. A datagram of
     * mbedtls is then sent again in a later call; the answer to a ClientHello without a cookie is lost, and
     * the client repeats its ClientHello. */
    bool (*send)(void *ctx, const uint8_t *datagram, size_t len);
    void *ctx;

    enum dtls_state state;
    enum role offered;      /* the role whose key the handshake uses */
    enum role role;         /* ROLE_NONE unless open */
    uint32_t opened_count;  /* sessions opened since init; it identifies a session */
    uint32_t refused_count; /* handshakes that failed */
    uint64_t heard_us;      /* time of the last valid record or ClientHello */
    uint64_t timer_start_us;
    uint32_t timer_soon_ms, timer_end_ms; /* retransmission timer of mbedtls; timer_end_ms 0: off */
    bool has_cookie;                      /* the cookie is valid and has opened no session yet */
    uint8_t cookie[DTLS_COOKIE_LEN];
    uint8_t client_random[DTLS_RANDOM_LEN]; /* of the handshake in progress */
    const uint8_t *datagram;                /* lent, not yet read by mbedtls; NULL: none */
    size_t datagram_len;
    bool is_decrypting; /* mbedtls has the datagram and has decrypted a part of it */
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
};

/* Initialises the session. Call crypto_init first. identity, timer and ctx must outlive the session.
 * Returns ERR_OK, ERR_CRYPTO (the pool is too small). */
int dtls_session_init(struct dtls_session *session, const struct identity *identity,
                      const struct timer *timer, bool (*send)(void *ctx, const uint8_t *datagram, size_t len),
                      void *ctx) MUST_USE;

/* Lends a received datagram. It must stay unchanged until dtls_session_poll has returned 0, and only one is
 * kept: a second call before that discards the first, also if it is partly decrypted.
 *
 * A ClientHello is handled in this call. Without the current cookie, the answer is sent at once. With it, the
 * session is reset, also an open one, and the handshake starts in the next poll; a repeated ClientHello of
 * the handshake in progress resets nothing. A datagram that is not whole, or arrives without a session or
 * handshake, is dropped. */
void dtls_session_offer(struct dtls_session *session, const uint8_t *datagram, size_t len);

/* Handles the lent datagram and the timers; it may send, and may end the session. Call until it returns 0,
 * also if no datagram was lent. plaintext has room for DTLS_PLAINTEXT_MAX bytes. Returns the count of bytes
 * from the peer, whose role is session->role; ERR_BUSY: a slice of the datagram was decrypted or a step of a
 * handshake was done, and more is left; 0: nothing (more). */
int dtls_session_poll(struct dtls_session *session, uint8_t *plaintext) MUST_USE;

/* Encrypts and sends 1 to MBEDTLS_SSL_OUT_CONTENT_LEN bytes. Returns ERR_OK, ERR_NOT_FOUND (no session),
 * ERR_BUSY (send has no room now: mbedtls keeps the encrypted record, so call again with the same bytes),
 * ERR_ARGUMENT (len), ERR_IO (the session failed and is closed). */
int dtls_session_send(struct dtls_session *session, const uint8_t *plaintext, size_t len) MUST_USE;

/* Closes an open session with a close_notify to the peer, and ends a handshake without a message. The next
 * client can then connect. */
void dtls_session_close(struct dtls_session *session);

/* Returns all memory to the pool, without a message to the peer. The struct must then be initialised
 * again. */
void dtls_session_free(struct dtls_session *session);

#endif
