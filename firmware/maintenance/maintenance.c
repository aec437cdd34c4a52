/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/maintenance/maintenance.h"

#include <string.h>

#include "firmware/crypto/crypto.h"

#define CHUNKS_PER_POLL 8       /* so that noise does not delay a tap */
#define QUIET_US        100000  /* before and after an Enter: a frame does not pause for so long */
#define STALE_US        1000000 /* an incomplete frame older than this is discarded */
#define BANNER_PAUSE_US 1000000 /* one banner a second */

enum { DATAGRAM = 1 }; /* a result of receive */

static uint64_t now_us(const struct maintenance *maintenance)
{
    return maintenance->timer->monotonic_us(maintenance->timer->ctx);
}

static bool is_sending(const struct maintenance *maintenance)
{
    return maintenance->out_sent < maintenance->out_len;
}

static void flush(struct maintenance *maintenance)
{
    const struct serial *serial = maintenance->serial;
    if (!is_sending(maintenance))
        return;
    int count = serial->write(serial->ctx, maintenance->out + maintenance->out_sent,
                              maintenance->out_len - maintenance->out_sent);
    if (count > 0)
        maintenance->out_sent += (size_t)count;
}

static bool send_datagram(void *ctx, const uint8_t *datagram, size_t len)
{
    struct maintenance *maintenance = ctx;
    if (is_sending(maintenance))
        return false;
    maintenance->out_len =
        frame_encode(FRAME_CHANNEL_DTLS, datagram, len, maintenance->out, sizeof maintenance->out);
    maintenance->out_sent = 0;
    flush(maintenance);
    return true;
}

static void start_session(struct maintenance *maintenance)
{
    uint16_t message_id = 0;
    if (crypto_random((uint8_t *)&message_id, sizeof message_id) != ERR_OK)
        message_id = 0; /* message ids need not be secret, only not always the same */
    coap_server_reset(&maintenance->coap, message_id);
    maintenance->session = maintenance->dtls.opened_count;
}

static void answer(struct maintenance *maintenance)
{
    if (maintenance->session != maintenance->dtls.opened_count)
        start_session(maintenance);
    size_t answer_len =
        coap_server_handle(&maintenance->coap, &maintenance->handler, maintenance->message,
                           maintenance->request_len, maintenance->message, sizeof maintenance->message);
    if (answer_len == COAP_SERVER_LATER)
        return;
    maintenance->request_len = 0;
    /* A request is handled only when nothing is being sent, so there is room for the response. If it
     * cannot be sent, the session has failed. */
    if (answer_len > 0 && dtls_session_send(&maintenance->dtls, maintenance->message, answer_len) != ERR_OK)
        dtls_session_close(&maintenance->dtls);
}

/* Handles the arrival of bytes. A CR or LF after a pause is an Enter, and ends an incomplete frame. If it did
 * not, a person who presses Enter every second would never get a banner after noise, because the frame would
 * never be stale. */
static void note_bytes(struct maintenance *maintenance)
{
    uint64_t now = now_us(maintenance);
    bool is_newline = maintenance->in[0] == '\r' || maintenance->in[0] == '\n';
    if (is_newline && now - maintenance->heard_us >= QUIET_US)
        frame_decoder_drop(&maintenance->decoder);
    maintenance->heard_us = now;
}

/* Reads bytes from the line up to the end of a frame. Returns DATAGRAM (one is lent to the session),
 * ERR_OK (no more bytes), ERR_BUSY (there may be more). */
static int receive(struct maintenance *maintenance)
{
    const struct serial *serial = maintenance->serial;
    for (int chunks = 0; chunks < CHUNKS_PER_POLL; chunks++) {
        if (maintenance->in_taken == maintenance->in_len) {
            int count = serial->read(serial->ctx, maintenance->in, sizeof maintenance->in);
            if (count <= 0)
                return ERR_OK;
            maintenance->in_len = (size_t)count;
            maintenance->in_taken = 0;
            note_bytes(maintenance);
        }
        struct frame frame;
        maintenance->in_taken += frame_decode(&maintenance->decoder, maintenance->in + maintenance->in_taken,
                                              maintenance->in_len - maintenance->in_taken, &frame);
        if (frame.payload != NULL && frame.channel == FRAME_CHANNEL_DTLS) {
            dtls_session_offer(&maintenance->dtls, frame.payload, frame.len);
            maintenance->lent = true;
            return DATAGRAM;
        }
    }
    return ERR_BUSY;
}

static void send_banner(struct maintenance *maintenance, uint64_t now)
{
    if (is_sending(maintenance) || now < maintenance->banner_from_us)
        return;
    /* Zeros around the banner make it an invalid frame, which a client drops. */
    maintenance->out[0] = 0;
    size_t len = maintenance->write_banner(maintenance->handler.ctx, (char *)maintenance->out + 1,
                                           MAINTENANCE_BANNER_MAX);
    maintenance->out[len + 1] = 0;
    maintenance->out_len = len + 2;
    maintenance->out_sent = 0;
    maintenance->banner_from_us = now + BANNER_PAUSE_US;
    flush(maintenance);
}

/* Handles a line that is quiet in the middle of a frame: Enter was pressed, or the rest of the frame is
 * lost. */
static void watch_quiet_line(struct maintenance *maintenance)
{
    uint64_t now = now_us(maintenance), quiet_us = now - maintenance->heard_us;
    if (!frame_decoder_is_midway(&maintenance->decoder))
        return;
    bool is_enter = frame_decoder_is_newline(&maintenance->decoder) && quiet_us >= QUIET_US;
    if (is_enter)
        send_banner(maintenance, now);
    if (is_enter || quiet_us >= STALE_US)
        frame_decoder_drop(&maintenance->decoder);
}

int maintenance_init(struct maintenance *maintenance, const struct serial *serial, const struct timer *timer,
                     const struct identity *identity, const struct coap_handler *handler,
                     maintenance_banner *write_banner)
{
    memset(maintenance, 0, sizeof *maintenance);
    maintenance->serial = serial;
    maintenance->timer = timer;
    maintenance->handler = *handler;
    maintenance->write_banner = write_banner;
    maintenance->heard_us = now_us(maintenance);
    frame_decoder_init(&maintenance->decoder);
    return dtls_session_init(&maintenance->dtls, identity, timer, send_datagram, maintenance);
}

enum role maintenance_role(const struct maintenance *maintenance)
{
    return maintenance->dtls.role;
}

/* Answers the request, or lets the session handle the lent datagram and the time that has passed. */
static void work(struct maintenance *maintenance)
{
    if (maintenance->request_len > 0) {
        answer(maintenance);
        return;
    }
    int len = dtls_session_poll(&maintenance->dtls, maintenance->message);
    maintenance->request_len = len > 0 ? (size_t)len : 0;
    maintenance->lent = len != 0;
}

int maintenance_poll(struct maintenance *maintenance)
{
    int received = ERR_OK;
    flush(maintenance);
    /* While a response is being sent, the next frame is received but not handled, because there is no room
     * for its response. */
    if (!is_sending(maintenance))
        work(maintenance);
    if (!maintenance->lent)
        received = receive(maintenance);
    if (is_sending(maintenance) || maintenance->lent || received == ERR_BUSY)
        return ERR_BUSY;
    watch_quiet_line(maintenance);
    return is_sending(maintenance) ? ERR_BUSY : ERR_OK;
}
