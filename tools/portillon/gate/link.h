/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds a session with a gate: the serial port, the bridge, and libcoap as DTLS and CoAP client on the
 * bridge's loopback socket, all in the thread of the caller. An outside CoAP client connects in exactly the same way.
 *
 * libcoap 4.3.1 is used only for messages and DTLS. Block-wise transfer is done here, because libcoap's
 * automatic mode (off by default) would rewrite tokens and hold back pieces that are sent ahead. Requests are
 * confirmable, and libcoap repeats them. Pieces of a list are not confirmable (push_window.h says why).
 *
 * The caller owns the struct. link_open and link_request block for at most the timeout. Ctrl-C (interrupt.h)
 * ends them early. link->message describes a failure, for command_fail.
 */
#ifndef TOOLS_PORTILLON_GATE_LINK_H
#define TOOLS_PORTILLON_GATE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/maintenance/coap.h"
#include "hal/error.h"
#include "tools/portillon/gate/bridge.h"

#define LINK_ANSWER_MAX  65536
#define LINK_MESSAGE_LEN 384
#define LINK_BLOCK_LEN   1024

struct link_options {
    const char *port;
    unsigned baud;
    const char *role; /* PSK identity */
    const char *psk;  /* as ASCII hexadecimal */
    const char *gate; /* name of the gate that the key belongs to, for messages; may be NULL */
    unsigned timeout_ms;
};

enum link_method {
    LINK_GET,
    LINK_PUT,
    LINK_POST,
};

struct link_request {
    enum link_method method;
    const char *path;  /* "whitelist/wanted" */
    const char *query; /* "from=3"; NULL: none */
    const void *payload;
    size_t payload_len;
    bool octets; /* the payload is bytes, not CBOR */
    bool block1; /* the payload is block `block` of a longer body, in blocks of LINK_BLOCK_LEN bytes */
    uint32_t block;
    bool more; /* more blocks follow */
};

struct link_answer {
    uint8_t code;        /* enum coap_code, or one not named there */
    const uint8_t *data; /* in the link's memory, valid until the next request */
    size_t len;
    /* the gate's word for the error, printable; empty: none, or the answer is no error */
    char diagnostic[64];
};

struct link {
    struct link_options options;
    struct bridge bridge;
    struct coap_context_t *coap;
    struct coap_session_t *session;
    bool connected, refused; /* DTLS: ready; ended by the gate */
    uint32_t last_request;
    /* the current request */
    bool answered, waiting, rejected;
    uint8_t code;
    bool more;
    uint32_t block_num;
    size_t answer_len;
    uint8_t *answer;
    struct bridge_counts before; /* when the last request was sent */
    /* receives the answers to link_start_get */
    void (*on_get)(void *ctx, uint32_t id, uint8_t code, const uint8_t *data, size_t len);
    void *get_ctx;
    /* receives the answers to pieces */
    void (*on_piece)(void *ctx, uint32_t block, uint8_t piece, uint32_t order,
                     const struct link_answer *answer);
    void *piece_ctx;
    char message[LINK_MESSAGE_LEN];
};

/* Opens the port, starts the bridge and makes a DTLS session. The caller calls link_close whatever the result
 * is. Returns ERR_OK or, with message set, an error of serial_port_open, ERR_TIMEOUT (no answer),
 * ERR_FORBIDDEN (the gate answers but does not accept this key), ERR_BUSY (interrupted) or ERR_IO. */
int link_open(struct link *link, const struct link_options *options) MUST_USE;

/* Makes a new DTLS session on the same line, after the gate restarted. Returns ERR_OK or, with message set,
 * ERR_TIMEOUT, ERR_FORBIDDEN, ERR_BUSY (interrupted) or ERR_IO. */
int link_reconnect(struct link *link) MUST_USE;

/* Sends a request and waits for its answer. An answer of several blocks is assembled. An error code of the
 * gate is an answer too. Returns ERR_OK or, with message set, ERR_TIMEOUT, ERR_FORBIDDEN (the gate ended the
 * session), ERR_BUSY (interrupted), ERR_NO_SPACE (the answer is longer than LINK_ANSWER_MAX), ERR_FORMAT (a
 * reset, or blocks out of order) or ERR_IO. */
int link_request(struct link *link, const struct link_request *request, struct link_answer *answer) MUST_USE;

/* Sends a GET for something of one block and does not wait. The answer goes to link->on_get with id. Several
 * may be pending. Returns ERR_OK or ERR_IO. */
int link_start_get(struct link *link, const char *path, const char *query, uint32_t id) MUST_USE;

/* Waits until an answer sets *done. Returns ERR_OK or an error of link_request. */
int link_wait(struct link *link, const bool *done) MUST_USE;

/* Returns true if the answer has that code and its diagnostic is the name of that error. */
bool link_answer_is(const struct link_answer *answer, enum coap_code code, int error);

/* Fills an answer as link_request does. */
void link_fill_answer(struct link_answer *answer, uint8_t code, const uint8_t *data, size_t len);

/* Sends one piece of a whitelist block and does not wait. It must not be called while a request is pending:
 * libcoap 4.3.1 searches the pending confirmable requests for the message id of any non-confirmable answer
 * (coap_dispatch). The gate chose that id, and a chance match would end the wrong request. Returns ERR_OK or
 * ERR_IO. */
int link_send_piece(struct link *link, uint32_t block, uint8_t piece, bool more, uint32_t order,
                    const uint8_t *data, size_t len) MUST_USE;

/* Handles received messages. Waits up to wait_ms milliseconds for one; 0 does not wait. */
void link_poll(struct link *link, unsigned wait_ms);

/* Ends the session, stops the bridge and closes the port. */
void link_close(struct link *link);

/* Returns the monotonic time in microseconds. */
uint64_t link_now_us(void);

#endif
