/*
 * The maintenance port: what a serial cable can ask of the gate, and who may ask it. PROTOCOL.md, beside this
 * file, describes the protocol from the bytes on the line to the resources.
 *
 * This module joins the layers: frames (frame.h), one DTLS session (dtls_session.h), CoAP (coap_server.h). It
 * hands each request to a handler and knows nothing of resources. It also answers Enter on a quiet line with
 * a banner.
 *
 * The caller owns the struct (6.6 KiB) and keeps it in place. Poll handles at most a few frames and returns;
 * a client that reads the line too slowly holds up this port and nothing else.
 */
#ifndef FIRMWARE_MAINTENANCE_MAINTENANCE_H
#define FIRMWARE_MAINTENANCE_MAINTENANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/maintenance/coap_server.h"
#include "firmware/maintenance/dtls_session.h"
#include "firmware/maintenance/frame.h"
#include "hal/error.h"
#include "hal/serial.h"
#include "hal/timer.h"

#define MAINTENANCE_CHUNK_LEN 128 /* bytes taken off the line at once */

#define MAINTENANCE_BANNER_MAX 128

/* Writes the line that a person who presses Enter gets, line ends included, at most size bytes, without a
 * NUL. ctx: that of the handler. Returns the count of bytes. */
typedef size_t maintenance_banner(void *ctx, char *line, size_t size);

struct maintenance {
    const struct serial *serial;
    const struct timer *timer;
    struct coap_handler handler; /* answers requests of a session; see maintenance_role */
    maintenance_banner *write_banner;
    uint64_t heard_us;       /* last byte on the line */
    uint64_t banner_from_us; /* no banner before */
    uint32_t session;        /* dtls.opened_count of the session coap belongs to */
    bool lent;               /* a datagram in the decoder's buffer waits to be handled */
    size_t in_len, in_taken;
    size_t out_len, out_sent;
    struct frame_decoder decoder;
    struct dtls_session dtls;
    struct coap_server coap;
    uint8_t in[MAINTENANCE_CHUNK_LEN];
    uint8_t message[DTLS_PLAINTEXT_MAX];               /* a request, then its answer */
    uint8_t out[FRAME_ENCODED_MAX(FRAME_PAYLOAD_MAX)]; /* one frame on its way */
};

/* Starts the port; crypto_init comes first. serial, timer and identity are kept by pointer, handler is
 * copied. @retval ERR_OK, ERR_CRYPTO (pool too small for a session). */
int maintenance_init(struct maintenance *maintenance, const struct serial *serial, const struct timer *timer,
                     const struct identity *identity, const struct coap_handler *handler,
                     maintenance_banner *write_banner) MUST_USE;
/* The role whose key opened the session that is being answered. */
enum role maintenance_role(const struct maintenance *maintenance);
/* @retval ERR_OK (idle), ERR_BUSY (bytes are waiting to be written or read). */
int maintenance_poll(struct maintenance *maintenance);

#endif
