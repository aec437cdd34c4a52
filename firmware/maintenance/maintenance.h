/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maintenance port, over which a client on a serial line reads and changes the gate, according to
 * its role. PROTOCOL.md, beside this file, describes the protocol from the bytes on the line to the
 * resources.
 *
 * This module connects the layers: frames (frame.h), one DTLS session (dtls_session.h), CoAP
 * (coap_server.h). It passes each request to a handler and does not know the resources. It also answers
 * Enter on a quiet line with a banner.
 *
 * The caller owns the struct (6.6 KiB) and does not move it; maintenance_init initialises it. Poll does one
 * step of the work on one datagram, so that a card never waits for more: it receives it, decrypts it, or has
 * it answered. A handler with much to do is asked again in the next poll (coap_server.h). Poll does not wait
 * for the line; a client that reads it too slowly delays only this port.
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

/* Diagnostic words of responses that are not the name of an error. */
#define MAINTENANCE_OTHER_OWNER        "other_owner"
#define MAINTENANCE_NO_STORAGE         "no_storage"
#define MAINTENANCE_CLOCK_TOO_FAR      "clock_too_far"
#define MAINTENANCE_METHOD_NOT_ALLOWED "method_not_allowed"

#define MAINTENANCE_CHUNK_LEN 128 /* bytes read from the line at once */

#define MAINTENANCE_BANNER_MAX 128

/* Writes the banner that answers Enter: at most size bytes, line ends included, without a NUL. ctx is
 * that of the handler. Returns the count of bytes. */
typedef size_t maintenance_banner(void *ctx, char *line, size_t size);

struct maintenance {
    const struct serial *serial;
    const struct timer *timer;
    struct coap_handler handler; /* answers the requests of a session; see maintenance_role */
    maintenance_banner *write_banner;
    uint64_t heard_us;       /* when the last byte arrived */
    uint64_t banner_from_us; /* earliest time of the next banner */
    uint32_t session;        /* dtls.opened_count of the session to which coap belongs */
    bool lent;               /* a datagram in the decoder's buffer waits to be handled */
    size_t request_len;      /* of the request in message that is to be answered; 0: none */
    size_t in_len, in_taken;
    size_t out_len, out_sent;
    struct frame_decoder decoder;
    struct dtls_session dtls;
    struct coap_server coap;
    uint8_t in[MAINTENANCE_CHUNK_LEN];
    uint8_t message[DTLS_PLAINTEXT_MAX];               /* a request, then its response */
    uint8_t out[FRAME_ENCODED_MAX(FRAME_PAYLOAD_MAX)]; /* the frame that is being sent */
};

/* Starts the port. Call crypto_init first. serial, timer and identity are kept by pointer; handler is
 * copied. Returns ERR_OK, ERR_CRYPTO (the pool is too small for a session). */
int maintenance_init(struct maintenance *maintenance, const struct serial *serial, const struct timer *timer,
                     const struct identity *identity, const struct coap_handler *handler,
                     maintenance_banner *write_banner) MUST_USE;
/* Returns the role whose key opened the session of the current request; ROLE_NONE if no session is open. */
enum role maintenance_role(const struct maintenance *maintenance);
/* Handles received frames and sends responses. Returns ERR_OK (idle), ERR_BUSY (bytes wait to be written
 * or read). */
int maintenance_poll(struct maintenance *maintenance);

#endif
