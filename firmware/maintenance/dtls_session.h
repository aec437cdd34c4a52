/*
 * One DTLS 1.2 server session with pre-shared keys, on mbedtls: who is on the other end of the serial line.
 *
 * One peer at a time. A ClientHello is answered without touching a living session or a handshake under way;
 * only one that brings back the current cookie begins a new handshake, and a cookie dies with the handshake
 * it opened. So a client that crashed is back at once, and a replayed ClientHello gets 44 bytes and nothing
 * else. The PSK identity is the role's name. Records that do not decrypt get no answer.
 *
 * The price: whoever can write on the line and read the answer needs no key to end a session, by bringing a
 * cookie back. He gains nothing but that, and could as well write noise. RFC 6347, 4.2.8 lets a server drop
 * the old association on a cookie; keeping it until the new client's Finished would take a second session's
 * memory (some 5 KB of 32-bit blocks, for which the boards have no room), or make a client that crashed wait.
 *
 * The caller owns the struct and moves datagrams: received ones are lent with dtls_session_offer, those to be
 * sent go out through the send function it gave. Memory of mbedtls comes from crypto_init's pool. poll does
 * not wait for anything; the longest piece of work is the key derivation of a handshake.
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
#define DTLS_IDLE_MS       600000u /* a session that says nothing for so long is closed */

enum dtls_state {
    DTLS_IDLE = 0,  /* waiting for a client */
    DTLS_HANDSHAKE, /* a client brought our cookie back */
    DTLS_OPEN,      /* the peer holds the key of `role` */
};

struct dtls_session {
    const struct identity *identity;
    const struct timer *timer;
    /* Sends one datagram. @retval true taken, false no room now (called again later). */
    bool (*send)(void *ctx, const uint8_t *datagram, size_t len);
    void *ctx;

    enum dtls_state state;
    enum role offered;      /* whose key the handshake uses */
    enum role role;         /* ROLE_NONE unless open */
    uint32_t opened_count;  /* sessions opened since init: tells one from the next */
    uint32_t refused_count; /* handshakes that failed */
    uint64_t heard_us;      /* when the peer last proved itself, or said hello */
    uint64_t timer_start_us;
    uint32_t timer_soon_ms, timer_end_ms; /* mbedtls's retransmission timer; timer_end_ms 0: off */
    bool has_cookie;                      /* cookie was drawn, and has opened no session yet */
    uint8_t cookie[DTLS_COOKIE_LEN];
    uint8_t client_random[DTLS_RANDOM_LEN]; /* of the handshake under way */
    const uint8_t *datagram;                /* lent, not yet taken by mbedtls; NULL: none */
    size_t datagram_len;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
};

/* identity, timer and ctx must outlive the session; crypto_init comes first.
 * @retval ERR_OK, ERR_CRYPTO (pool too small). */
int dtls_session_init(struct dtls_session *session, const struct identity *identity,
                      const struct timer *timer, bool (*send)(void *ctx, const uint8_t *datagram, size_t len),
                      void *ctx) MUST_USE;

/* Lends a received datagram, which must stay until dtls_session_poll has returned 0. One at a time. */
void dtls_session_offer(struct dtls_session *session, const uint8_t *datagram, size_t len);

/* Works on the datagram lent and on timers; call it in any case, until it returns 0.
 * plaintext: DTLS_PLAINTEXT_MAX bytes. @retval count of bytes from the peer, whose role is session->role; 0:
 * nothing (more). */
int dtls_session_poll(struct dtls_session *session, uint8_t *plaintext) MUST_USE;

/* Encrypts and sends at most MBEDTLS_SSL_OUT_CONTENT_LEN bytes.
 * @retval ERR_OK, ERR_NOT_FOUND (no session), ERR_BUSY (send has no room now), ERR_ARGUMENT (len), ERR_IO
 * (the session failed and is gone). */
int dtls_session_send(struct dtls_session *session, const uint8_t *plaintext, size_t len) MUST_USE;

/* Tells the peer goodbye, if there is one, and waits for the next. */
void dtls_session_close(struct dtls_session *session);

/* Gives all memory back to the pool. */
void dtls_session_free(struct dtls_session *session);

#endif
