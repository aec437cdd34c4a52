/*
 * CoAP requests to responses (RFC 7252) with block-wise answers (RFC 7959): everything between a decrypted
 * datagram and a resource that knows nothing of messages, retransmission or blocks.
 *
 * A retransmitted PUT or POST gets the answer it got before and takes effect once; a GET is safe and simply
 * runs again. An answer of several blocks is kept while the client fetches it, so that all its blocks are of
 * one moment. Requests may overlap; each datagram in gives at most one datagram out.
 *
 * The caller owns the struct and all buffers. Nothing blocks but what the handler does.
 */
#ifndef FIRMWARE_MAINTENANCE_COAP_SERVER_H
#define FIRMWARE_MAINTENANCE_COAP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/maintenance/coap.h"
#include "hal/error.h"

#define COAP_SERVER_BODY_MAX   1024 /* one block of the largest size */
#define COAP_SERVER_SEEN       8    /* requests remembered: as many as a client may have under way */
#define COAP_SERVER_ANSWER_MAX 64   /* longest answer remembered, option and payload of a PUT or POST */

struct coap_request {
    const struct coap_message *message;
    int content_format; /* enum coap_format; COAP_FORMAT_NONE: not said */
    bool has_block1, has_block2;
    struct coap_block block1, block2; /* without the option: block 0, nothing more, 1024 bytes */
};

struct coap_response {
    enum coap_code code;
    int content_format; /* of the body */
    uint8_t *body;      /* room for COAP_SERVER_BODY_MAX bytes */
    size_t body_len;
    const char *diagnostic; /* instead of a body: a word in plain text, static; or NULL */
};

struct coap_handler {
    /* Fills *response, which comes in as a bare 5.00. */
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
    uint32_t body_key; /* of the request that made body; 0: none */
    int body_format;
    size_t body_len;
    uint8_t body[COAP_SERVER_BODY_MAX];
};

/* Forgets everything: for a new session. message_id: a random number to start with. */
void coap_server_reset(struct coap_server *server, uint16_t message_id);

/* Answers one datagram. out may be the very buffer of datagram: it is written last.
 * @retval count of bytes in out; 0: nothing to say. */
size_t coap_server_handle(struct coap_server *server, const struct coap_handler *handler,
                          const uint8_t *datagram, size_t len, uint8_t *out, size_t size);

#endif
