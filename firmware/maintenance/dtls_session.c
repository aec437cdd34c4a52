/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/maintenance/dtls_session.h"

#include <string.h>

#include "firmware/crypto/ccm_alt.h"

/* A handshake is abandoned after so long without a message from the client. Clients repeat theirs after
 * 1, 2 and 4 s. The gate repeats a flight only when the client does (RFC 6347, 4.2.4: every client has a
 * timer for this), never by itself. If the client has left, the next one would take the stale
 * ServerHello as the answer to its own hello. */
#define HANDSHAKE_MS 5000

/* Bytes of a datagram decrypted in one poll: 0.2 ms on a 142 MHz Cortex-M3. */
#define SLICE_LEN 256

static const int cipher_suites[] = {MBEDTLS_TLS_PSK_WITH_AES_128_CCM_8,
                                    MBEDTLS_TLS_PSK_WITH_AES_128_GCM_SHA256, 0};

static uint64_t now_us(const struct dtls_session *session)
{
    return session->timer->monotonic_us(session->timer->ctx);
}

static int send_datagram(void *ctx, const unsigned char *datagram, size_t len)
{
    struct dtls_session *session = ctx;
    return session->send(session->ctx, datagram, len) ? (int)len : MBEDTLS_ERR_SSL_WANT_WRITE;
}

static int receive_datagram(void *ctx, unsigned char *buf, size_t size)
{
    struct dtls_session *session = ctx;
    const uint8_t *datagram = session->datagram;
    session->datagram = NULL;
    if (session->is_decrypting) { /* buf still holds the datagram, partly decrypted */
        session->is_decrypting = false;
        return (int)session->datagram_len;
    }
    if (datagram == NULL || session->datagram_len > size)
        return MBEDTLS_ERR_SSL_WANT_READ;
    memcpy(buf, datagram, session->datagram_len);
    return (int)session->datagram_len;
}

static void set_timer(void *ctx, uint32_t soon_ms, uint32_t end_ms)
{
    struct dtls_session *session = ctx;
    session->timer_start_us = now_us(session);
    session->timer_soon_ms = soon_ms;
    session->timer_end_ms = end_ms;
}

/* Implements mbedtls_ssl_get_timer_t. Returns -1 (off), 0 (no delay has passed), 1 (the first has), 2
 * (both have). */
static int get_timer(void *ctx)
{
    const struct dtls_session *session = ctx;
    if (session->timer_end_ms == 0)
        return -1;
    uint64_t elapsed_ms = (now_us(session) - session->timer_start_us) / 1000;
    return elapsed_ms >= session->timer_end_ms ? 2 : elapsed_ms >= session->timer_soon_ms ? 1 : 0;
}

static int find_key(void *ctx, mbedtls_ssl_context *ssl, const unsigned char *name, size_t len)
{
    struct dtls_session *session = ctx;
    char psk[IDENTITY_PSK_LEN + 1];
    session->offered = role_from_name(name, len);
    if (identity_psk(session->identity, session->offered, psk) != ERR_OK)
        return MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
    int result = mbedtls_ssl_set_hs_psk(ssl, (const unsigned char *)psk, IDENTITY_PSK_LEN);
    crypto_wipe(psk, sizeof psk);
    return result;
}

static bool cookie_is_current(const struct dtls_session *session, const uint8_t *cookie, size_t len)
{
    return session->has_cookie && len == DTLS_COOKIE_LEN && crypto_equal(cookie, session->cookie, len);
}

/* mbedtls receives only a ClientHello that take_hello accepted, but it checks the cookie again. */
static int check_cookie(void *ctx, const unsigned char *cookie, size_t len, const unsigned char *client,
                        size_t client_len)
{
    (void)client;
    (void)client_len;
    return cookie_is_current(ctx, cookie, len) ? 0 : MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
}

static int write_no_cookie(void *ctx, unsigned char **at, unsigned char *end, const unsigned char *client,
                           size_t client_len)
{
    (void)ctx;
    (void)at;
    (void)end;
    (void)client;
    (void)client_len;
    return MBEDTLS_ERR_SSL_BAD_INPUT_DATA;
}

static int configure(struct dtls_session *session)
{
    mbedtls_ssl_config *config = &session->config;
    if (mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_DATAGRAM,
                                    MBEDTLS_SSL_PRESET_DEFAULT) != 0)
        return ERR_CRYPTO;
    mbedtls_ssl_conf_rng(config, crypto_random_callback, NULL);
    mbedtls_ssl_conf_ciphersuites(config, cipher_suites);
    mbedtls_ssl_conf_psk_cb(config, find_key, session);
    mbedtls_ssl_conf_dtls_cookies(config, write_no_cookie, check_cookie, session);
    mbedtls_ssl_conf_dtls_anti_replay(config, MBEDTLS_SSL_ANTI_REPLAY_ENABLED);
    mbedtls_ssl_conf_handshake_timeout(config, HANDSHAKE_MS, HANDSHAKE_MS); /* one wait, no retransmission */
    return ERR_OK;
}

int dtls_session_init(struct dtls_session *session, const struct identity *identity,
                      const struct timer *timer, bool (*send)(void *ctx, const uint8_t *datagram, size_t len),
                      void *ctx)
{
    *session = (struct dtls_session){.identity = identity, .timer = timer, .send = send, .ctx = ctx};
    mbedtls_ssl_init(&session->ssl);
    mbedtls_ssl_config_init(&session->config);
    if (configure(session) != ERR_OK || mbedtls_ssl_setup(&session->ssl, &session->config) != 0) {
        dtls_session_free(session);
        return ERR_CRYPTO;
    }
    mbedtls_ssl_set_bio(&session->ssl, session, send_datagram, receive_datagram, NULL);
    mbedtls_ssl_set_timer_cb(&session->ssl, session, set_timer, get_timer);
    return ERR_OK;
}

/* Resets the session. If the pool is exhausted, the context cannot be used; the next ClientHello resets
 * it again. */
static bool reset(struct dtls_session *session)
{
    session->state = DTLS_IDLE;
    session->role = session->offered = ROLE_NONE;
    session->timer_end_ms = 0;
    session->is_decrypting = false;
    return mbedtls_ssl_session_reset(&session->ssl) == 0;
}

static void fail(struct dtls_session *session)
{
    session->refused_count += session->state == DTLS_HANDSHAKE;
    (void)reset(session);
}

/* Stirs the arrival time of a ClientHello into the generator before the handshake uses it. On a board
 * without a random generator and without flash, this time is all that differs from one start to the
 * next. */
static void stir_arrival_time(const struct dtls_session *session)
{
    uint64_t moment_us = now_us(session);
    int result = crypto_stir(&moment_us, sizeof moment_us);
    (void)result; /* after a failure the generator is no worse than before */
}

/* Sends a HelloVerifyRequest. If there is no room, the answer is lost like any datagram, and the client
 * repeats its ClientHello. */
static void ask_for_cookie(struct dtls_session *session, const struct dtls_hello *hello)
{
    uint8_t answer[DTLS_HELLO_VERIFY_LEN];
    if (!session->has_cookie && crypto_random(session->cookie, sizeof session->cookie) != ERR_OK)
        return;
    session->has_cookie = true;
    dtls_hello_write_verify(hello, session->cookie, answer);
    (void)session->send(session->ctx, answer, sizeof answer);
}

/* Handles a ClientHello. Returns true if mbedtls must process it. */
static bool take_hello(struct dtls_session *session, const struct dtls_hello *hello)
{
    stir_arrival_time(session);
    if (!cookie_is_current(session, hello->cookie, hello->cookie_len)) {
        ask_for_cookie(session, hello);
        return false;
    }
    session->heard_us = now_us(session);
    bool repeated = session->state == DTLS_HANDSHAKE &&
                    memcmp(session->client_random, hello->random, DTLS_RANDOM_LEN) == 0;
    if (repeated)
        return true;
    if (!reset(session))
        return false;
    memcpy(session->client_random, hello->random, DTLS_RANDOM_LEN);
    session->state = DTLS_HANDSHAKE;
    return true;
}

void dtls_session_offer(struct dtls_session *session, const uint8_t *datagram, size_t len)
{
    struct dtls_hello hello;
    session->datagram = NULL;
    session->is_decrypting = false;
    if (!dtls_datagram_is_whole(datagram, len))
        return;
    if (dtls_hello_parse(&hello, datagram, len) ? !take_hello(session, &hello) : session->state == DTLS_IDLE)
        return;
    session->datagram = datagram;
    session->datagram_len = len;
}

/* Does one step of the handshake: mbedtls reads or writes one message. Returns ERR_BUSY (the next step can
 * follow), ERR_OK (a message has to come or to leave first, or the handshake is over). */
static int shake_hands(struct dtls_session *session)
{
    int result = mbedtls_ssl_handshake_step(&session->ssl);
    if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE)
        return ERR_OK;
    if (result != 0) {
        fail(session);
        return ERR_OK;
    }
    if (!mbedtls_ssl_is_handshake_over(&session->ssl))
        return ERR_BUSY;
    session->has_cookie = false; /* a cookie opens one session only */
    session->state = DTLS_OPEN;
    session->role = session->offered;
    session->opened_count++;
    session->heard_us = now_us(session);
    return ERR_OK;
}

/* Lets mbedtls read, at most SLICE_LEN bytes of a datagram at once. Only a datagram with a single record is
 * decrypted in slices: mbedtls would go on with the second one. */
static int read_slice(struct dtls_session *session, uint8_t *plaintext)
{
    bool is_single =
        session->datagram != NULL && dtls_datagram_is_record(session->datagram, session->datagram_len);
    bool goes_on = session->is_decrypting;
    ccm_slice(goes_on || is_single ? SLICE_LEN : SIZE_MAX, goes_on);
    int result = mbedtls_ssl_read(&session->ssl, plaintext, DTLS_PLAINTEXT_MAX);
    ccm_slice(SIZE_MAX, false);
    session->is_decrypting = result == CCM_IN_PROGRESS;
    return result;
}

static int read_plaintext(struct dtls_session *session, uint8_t *plaintext)
{
    int result = read_slice(session, plaintext);
    if (result == CCM_IN_PROGRESS)
        return ERR_BUSY;
    if (result > 0) {
        session->heard_us = now_us(session);
        return result;
    }
    if (result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE)
        return 0;
    if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
        dtls_session_close(session);
    else
        fail(session);
    return 0;
}

int dtls_session_poll(struct dtls_session *session, uint8_t *plaintext)
{
    int len = 0;
    if (session->state == DTLS_HANDSHAKE)
        len = shake_hands(session);
    /* mbedtls sets no timer for a ClientHello that is too long for it. */
    if (session->state == DTLS_HANDSHAKE && now_us(session) - session->heard_us >= HANDSHAKE_MS * 1000ull)
        fail(session);
    if (session->state == DTLS_OPEN)
        len = read_plaintext(session, plaintext);
    if (session->state == DTLS_OPEN && now_us(session) - session->heard_us >= DTLS_IDLE_MS * 1000ull)
        dtls_session_close(session);
    if (len == 0)
        session->datagram = NULL;
    return len;
}

int dtls_session_send(struct dtls_session *session, const uint8_t *plaintext, size_t len)
{
    if (session->state != DTLS_OPEN)
        return ERR_NOT_FOUND;
    if (len == 0 || len > MBEDTLS_SSL_OUT_CONTENT_LEN)
        return ERR_ARGUMENT;
    int result = mbedtls_ssl_write(&session->ssl, plaintext, len);
    if (result == (int)len)
        return ERR_OK;
    if (result == MBEDTLS_ERR_SSL_WANT_WRITE || result == MBEDTLS_ERR_SSL_WANT_READ)
        return ERR_BUSY;
    fail(session);
    return ERR_IO;
}

void dtls_session_close(struct dtls_session *session)
{
    if (session->state == DTLS_OPEN)
        (void)mbedtls_ssl_close_notify(&session->ssl);
    (void)reset(session);
}

void dtls_session_free(struct dtls_session *session)
{
    mbedtls_ssl_free(&session->ssl);
    mbedtls_ssl_config_free(&session->config);
    session->state = DTLS_IDLE;
    session->role = ROLE_NONE;
}
