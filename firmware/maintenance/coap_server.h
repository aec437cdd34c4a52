/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CoAP server (RFC 7252) with block-wise responses (RFC 7959). It takes a decrypted datagram and calls
 * the handler of a resource, which knows nothing of messages, retransmission or blocks.
 *
 * A retransmitted PUT or POST gets the same response as before and takes effect only once. A GET is safe
 * and runs again. A response of several blocks is kept while the client fetches it, so that all its
 * blocks are from the same moment. Requests may overlap. Each received datagram causes at most one sent
 * datagram.
 *
 * The caller owns the struct and all buffers. Only the handler may block.
 */
#ifndef FIRMWARE_MAINTENANCE_COAP_SERVER_H
#define FIRMWARE_MAINTENANCE_COAP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/maintenance/coap.h"
#include "hal/error.h"

#define COAP_SERVER_BODY_MAX   1024 /* one block of the largest size */
#define COAP_SERVER_SEEN       8 /* requests remembered, and so the most that a client may have in progress */
#define COAP_SERVER_ANSWER_MAX 64 /* longest response remembered: options and payload of a PUT or POST */

struct coap_request {
    const struct coap_message *message;
    int content_format; /* enum coap_format; COAP_FORMAT_NONE: not given */
    bool has_block1, has_block2;
    struct coap_block block1, block2; /* without the option: block 0, no more, 1024 bytes */
};

struct coap_response {
    enum coap_code code;
    int content_format; /* of the body */
    uint8_t *body;      /* room for COAP_SERVER_BODY_MAX bytes */
    size_t body_len;
    const char *diagnostic; /* a static word of plain text instead of a body; NULL: none */
    /* The handler has not finished. Nothing is sent, and it is asked again with the same request, before any
     * other, at the next poll. */
    bool later;
};

struct coap_handler {
    /* Fills *response, which initially is a 5.00 without a body. */
    void (*handle)(void *ctx, const struct coap_request *request, struct coap_response *response);
    void *ctx;
};

struct coap_seen {
    uint16_t message_id;
    uint8_t token[COAP_TOKEN_MAX];
    uint8_t token_len;
    bool used;
    uint8_t answer_len; /* 0: too long to keep */
    uint8_t answer[COAP_SERVER_ANSWER_MAX];
};

struct coap_server {
    struct coap_seen seen[COAP_SERVER_SEEN];
    uint32_t seen_next;
    uint16_t next_message_id;
    uint32_t body_key; /* of the request that produced the body; 0: none */
    int body_format;
    size_t body_len;
    uint8_t body[COAP_SERVER_BODY_MAX];
};

/* Resets the server for a new session. message_id is a random number to start with. */
void coap_server_reset(struct coap_server *server, uint16_t message_id);

#define COAP_SERVER_LATER SIZE_MAX

/* Answers one datagram. out and datagram may be the same buffer, because out is written last. Returns
 * the count of bytes in out; 0: no response; COAP_SERVER_LATER: the handler has not finished, out is not
 * written; call again with the same datagram. */
size_t coap_server_handle(struct coap_server *server, const struct coap_handler *handler,
                          const uint8_t *datagram, size_t len, uint8_t *out, size_t size);

#endif
