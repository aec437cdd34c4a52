/*
 * A session with a gate: the serial port, the bridge in a thread of its own, and libcoap as DTLS and CoAP
 * client on the bridge's loopback socket, exactly as an outside CoAP client would come in.
 *
 * libcoap 4.3.1 is used for messages and DTLS only. Block-wise transfer is done here (its automatic mode,
 * off unless asked for, would rewrite tokens and hold back pieces we send ahead). Requests are confirmable,
 * with libcoap's repeats; pieces of a list are not (push_window.h says why).
 *
 * The caller owns the struct. link_open and link_request block, at most for the timeout; Ctrl-C
 * (interrupt.h) ends them early. Failures are put in words in link->message, for command_fail.
 */
#ifndef TOOLS_PORTILLON_GATE_LINK_H
#define TOOLS_PORTILLON_GATE_LINK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "tools/portillon/gate/bridge.h"

#define LINK_ANSWER_MAX  65536
#define LINK_MESSAGE_LEN 384
#define LINK_BLOCK_LEN   1024

struct link_options {
    const char *port;
    unsigned baud;
    const char *role; /* PSK identity */
    const char *psk;  /* as ASCII hex */
    const char *gate; /* whose key it is, for messages; may be NULL */
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
    bool block1; /* it is block `block` of a longer body, of LINK_BLOCK_LEN bytes each */
    uint32_t block;
    bool more; /* and not the last */
};

struct link_answer {
    unsigned code;       /* 205 for 2.05 */
    const uint8_t *data; /* in the link's memory, until the next request */
    size_t len;
    char diagnostic[64]; /* the error's word, printable; empty: none, or the answer is no error */
};

struct link {
    struct link_options options;
    struct bridge bridge;
    pthread_t bridge_thread;
    bool bridge_running;
    struct coap_context_t *coap;
    struct coap_session_t *session;
    bool connected, refused; /* DTLS: ready; ended by the gate */
    uint32_t last_request;
    /* the request under way */
    bool answered, waiting, rejected;
    unsigned code;
    bool more;
    uint32_t block_num;
    size_t answer_len;
    uint8_t *answer;
    struct bridge_counts before; /* when the last request was sent */
    /* answers to link_start_get */
    void (*on_get)(void *ctx, uint32_t id, unsigned code, const uint8_t *data, size_t len);
    void *get_ctx;
    /* answers to pieces */
    void (*on_piece)(void *ctx, uint32_t block, uint8_t piece, uint32_t order, unsigned code,
                     const char *diagnostic);
    void *piece_ctx;
    char message[LINK_MESSAGE_LEN];
};

/* Opens the port, starts the bridge and makes a DTLS session. Whatever it returns, link_close follows.
 * @retval ERR_OK; with message set: what serial_port_open returns, ERR_TIMEOUT (no answer), ERR_FORBIDDEN
 * (the gate answers but not to this key), ERR_BUSY (interrupted), ERR_IO. */
int link_open(struct link *link, const struct link_options *options) MUST_USE;

/* Makes a new DTLS session on the same line, after the gate restarted.
 * @retval ERR_OK; with message set: ERR_TIMEOUT, ERR_FORBIDDEN, ERR_BUSY (interrupted), ERR_IO. */
int link_reconnect(struct link *link) MUST_USE;

/* Sends a request and waits for its answer, put together from its blocks where it is longer than one. An
 * error code is an answer too.
 * @retval ERR_OK; with message set: ERR_TIMEOUT, ERR_FORBIDDEN (the gate ended the session), ERR_BUSY
 * (interrupted), ERR_NO_SPACE (answer longer than LINK_ANSWER_MAX), ERR_FORMAT (a reset, or blocks out of
 * turn), ERR_IO. */
int link_request(struct link *link, const struct link_request *request, struct link_answer *answer) MUST_USE;

/* Asks for something of one block without waiting; its answer goes to link->on_get with id. Several may be
 * under way. @retval ERR_OK, ERR_IO. */
int link_start_get(struct link *link, const char *path, const char *query, uint32_t id) MUST_USE;

/* Waits until *done, which an answer sets. @retval ERR_OK, and the errors of link_request. */
int link_wait(struct link *link, const bool *done) MUST_USE;

/* An answer as link_request gives it. */
void link_fill_answer(struct link_answer *answer, unsigned code, const uint8_t *data, size_t len);

/* Sends one piece of a whitelist block without waiting. Not while a request is under way: libcoap 4.3.1 looks
 * up the message id of any non-confirmable answer, which the gate chose, among the confirmable requests it
 * waits for (coap_dispatch), and a chance match would end the wrong one. @retval ERR_OK, ERR_IO. */
int link_send_piece(struct link *link, uint32_t block, uint8_t piece, bool more, uint32_t order,
                    const uint8_t *data, size_t len) MUST_USE;

/* Handles what came in, waiting for it up to wait_ms (0: not at all). */
void link_poll(struct link *link, unsigned wait_ms);

void link_close(struct link *link);

/* Monotonic. */
uint64_t link_now_us(void);

#endif
