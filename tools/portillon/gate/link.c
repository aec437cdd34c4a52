/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/gate/link.h"

#include <arpa/inet.h>
#include <coap3/coap.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "firmware/base/bytes.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/common/printable.h"

#define TOKEN_LEN       8
#define TOKEN_REQUEST   'R'
#define TOKEN_GET       'G'
#define TOKEN_PIECE     'P'
#define SZX_1024        6
#define CONFIRMABLE_MAX 8  /* requests pending at once: as many as the gate remembers (coap_server.h) */
#define POLL_MS         50 /* short, so that Ctrl-C and deadlines are noticed soon */
#define BLIND_POLL_MS   5  /* without a file of libcoap to wait for */
#define HANDSHAKE_TRIES 2

static int fail(struct link *link, int error, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int fail(struct link *link, int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(link->message, sizeof link->message, format, arguments);
    va_end(arguments);
    return error;
}

uint64_t link_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* --- one message that libcoap received --- */

static void take_answer(struct link *link, const coap_pdu_t *pdu)
{
    const uint8_t *data = NULL;
    size_t len = 0, offset, total;
    coap_block_t block;

    link->code = (uint8_t)coap_pdu_get_code(pdu);
    link->more = false;
    link->block_num = 0;
    if (coap_get_block(pdu, COAP_OPTION_BLOCK2, &block)) {
        link->more = block.m != 0;
        link->block_num = block.num;
        if (block.szx != SZX_1024 && block.m != 0)
            link->rejected = true; /* the gate makes only blocks of 1024 */
    }
    if (coap_get_data_large(pdu, &len, &data, &offset, &total) && len > 0) {
        if (link->answer_len + len > LINK_ANSWER_MAX)
            link->rejected = true;
        else
            memcpy(link->answer + link->answer_len, data, len);
    }
    if (!link->rejected)
        link->answer_len += len;
    link->waiting = false;
    link->answered = true;
}

static void copy_diagnostic(char *out, size_t size, const uint8_t *data, size_t len)
{
    size_t used = len < size ? len : size - 1;
    memcpy(out, data, used);
    for (size_t i = 0; i < used; i++)
        if (out[i] == '\0')
            out[i] = '?';
    out[used] = '\0';
    printable_text(out);
}

static void take_piece_answer(struct link *link, const coap_bin_const_t *token, const coap_pdu_t *pdu)
{
    struct link_answer answer;
    const uint8_t *data = NULL;
    size_t len = 0, offset, total;

    if (link->on_piece == NULL)
        return;
    if (!coap_get_data_large(pdu, &len, &data, &offset, &total))
        len = 0;
    link_fill_answer(&answer, (uint8_t)coap_pdu_get_code(pdu), data, len);
    link->on_piece(link->piece_ctx, bytes_get_u16(token->s + 2), token->s[1], bytes_get_u32(token->s + 4),
                   &answer);
}

static void take_get_answer(struct link *link, const coap_bin_const_t *token, const coap_pdu_t *pdu)
{
    const uint8_t *data = NULL;
    size_t len = 0, offset, total;
    if (link->on_get == NULL)
        return;
    if (!coap_get_data_large(pdu, &len, &data, &offset, &total))
        len = 0;
    link->on_get(link->get_ctx, bytes_get_u32(token->s + 4), (uint8_t)coap_pdu_get_code(pdu), data, len);
}

static coap_response_t on_response(coap_session_t *session, const coap_pdu_t *sent,
                                   const coap_pdu_t *received, const coap_mid_t mid)
{
    struct link *link = coap_session_get_app_data(session);
    coap_bin_const_t token = coap_pdu_get_token(received);
    (void)sent;
    (void)mid;
    if (link == NULL || token.length != TOKEN_LEN)
        return COAP_RESPONSE_OK;
    if (token.s[0] == TOKEN_PIECE)
        take_piece_answer(link, &token, received);
    else if (token.s[0] == TOKEN_GET)
        take_get_answer(link, &token, received);
    else if (link->waiting && token.s[0] == TOKEN_REQUEST && bytes_get_u32(token.s + 4) == link->last_request)
        take_answer(link, received);
    return COAP_RESPONSE_OK;
}

static void on_nack(coap_session_t *session, const coap_pdu_t *sent, const coap_nack_reason_t reason,
                    const coap_mid_t mid)
{
    struct link *link = coap_session_get_app_data(session);
    (void)sent;
    (void)mid;
    if (link == NULL)
        return;
    if (reason == COAP_NACK_RST) {
        link->rejected = true;
    } else if (reason == COAP_NACK_TLS_FAILED) {
        link->refused = true;
    }
}

static int on_event(coap_session_t *session, const coap_event_t event)
{
    struct link *link = coap_session_get_app_data(session);
    if (link == NULL)
        return 0;
    if (event == COAP_EVENT_DTLS_CONNECTED)
        link->connected = true;
    else if (event == COAP_EVENT_DTLS_CLOSED || event == COAP_EVENT_DTLS_ERROR)
        link->refused = true;
    return 0;
}

static void be_silent(coap_log_t level, const char *text)
{
    (void)level;
    (void)text; /* link->message has what the user needs */
}

/* --- starting and ending --- */

static int start_bridge(struct link *link)
{
    int fd;
    int result = serial_port_open(link->options.port, link->options.baud, &fd, link->message);
    if (result != ERR_OK)
        return result;
    if (bridge_open(&link->bridge, fd, link->options.port, link->options.baud, 0) != ERR_OK) {
        serial_port_close(fd);
        return fail(link, ERR_IO, _("cannot listen on 127.0.0.1"));
    }
    return ERR_OK;
}

static void end_session(struct link *link)
{
    if (link->session == NULL)
        return;
    /* Sends the close alert of DTLS, and drops the messages that libcoap would still repeat, because they
     * would keep the session alive. */
    coap_session_set_app_data(link->session, NULL);
    coap_session_disconnected(link->session, COAP_NACK_NOT_DELIVERABLE);
    coap_session_release(link->session);
    link->session = NULL;
}

/* Returns the time that a message and its answer take on the line, in whole seconds: libcoap 4.3.1 accepts no
 * value below 1. */
static coap_fixed_point_t ack_timeout(unsigned baud)
{
    return (coap_fixed_point_t){.integer_part = (uint16_t)(1 + 10 * 2 * 1200 / baud), .fractional_part = 0};
}

static int start_session(struct link *link)
{
    coap_address_t address;
    coap_dtls_cpsk_t psk = {.version = COAP_DTLS_CPSK_SETUP_VERSION};
    psk.psk_info.identity.s = (const uint8_t *)link->options.role;
    psk.psk_info.identity.length = strlen(link->options.role);
    psk.psk_info.key.s = (const uint8_t *)link->options.psk;
    psk.psk_info.key.length = strlen(link->options.psk);

    coap_address_init(&address);
    address.size = sizeof address.addr.sin;
    address.addr.sin.sin_family = AF_INET;
    address.addr.sin.sin_port = htons(link->bridge.udp_port);
    address.addr.sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    link->connected = link->refused = false;
    link->session = coap_new_client_session_psk2(link->coap, NULL, &address, COAP_PROTO_DTLS, &psk);
    if (link->session == NULL)
        return fail(link, ERR_IO, _("cannot start a DTLS session"));
    coap_session_set_app_data(link->session, link);
    coap_session_set_ack_timeout(link->session, ack_timeout(link->options.baud));
    coap_session_set_nstart(link->session, CONFIRMABLE_MAX);
    return ERR_OK;
}

/* Explains a gate that answers, and not to this key. */
static int explain_other_key(struct link *link)
{
    const struct link_options *options = &link->options;
    if (options->gate == NULL)
        return fail(
            link, ERR_FORBIDDEN,
            _("the gate on %s answers, but not to the %s key given: is it another gate, or another role?"),
            options->port, options->role);
    return fail(
        link, ERR_FORBIDDEN,
        _("the gate on %s answers, but not to the %s key of %s: is it another gate, or another role?"),
        options->port, options->role, options->gate);
}

static int explain_refusal(struct link *link)
{
    const struct link_options *options = &link->options;
    if (options->gate == NULL)
        return fail(link, ERR_FORBIDDEN, _("the gate on %s refused the %s key given"), options->port,
                    options->role);
    return fail(link, ERR_FORBIDDEN, _("the gate on %s refused the %s key of %s"), options->port,
                options->role, options->gate);
}

static int explain_silence(struct link *link)
{
    const struct bridge_counts *before = &link->before;
    struct bridge_counts now = bridge_get_counts(&link->bridge);
    const char *port = link->options.port;
    double seconds = link->options.timeout_ms / 1000.0;
    if (!now.line_up)
        return fail(link, ERR_TIMEOUT,
                    _("%s went away: is the cable still plugged in, and the gate powered?"), port);
    if (now.from_gate != before->from_gate && !link->connected)
        return explain_other_key(link);
    if (now.noise_bytes != before->noise_bytes && now.from_gate == before->from_gate)
        return fail(
            link, ERR_TIMEOUT,
            _("something speaks on %s, but not as a gate does, in %g s: is it the right port, and %u its "
              "line rate (--baud)?"),
            port, seconds, link->options.baud);
    return fail(link, ERR_TIMEOUT,
                _("no answer on %s in %g s: is the gate powered, and the cable in its maintenance port?"),
                port, seconds);
}

static int wait_for_session(struct link *link)
{
    uint64_t end_us = link_now_us() + link->options.timeout_ms * UINT64_C(1000);
    while (!link->connected && !link->refused && link_now_us() < end_us) {
        if (interrupt_wanted())
            return fail(link, ERR_BUSY, _("interrupted"));
        link_poll(link, POLL_MS);
    }
    if (link->connected)
        return ERR_OK;
    /* libcoap ends a handshake that nobody answers in the same way as one that was refused. */
    bool answered = bridge_get_counts(&link->bridge).from_gate != link->before.from_gate;
    if (link->refused && answered)
        return explain_refusal(link);
    return explain_silence(link);
}

int link_open(struct link *link, const struct link_options *options)
{
    memset(link, 0, sizeof *link);
    link->options = *options;
    link->bridge.serial_fd = link->bridge.udp_fd = link->bridge.stop_fd = -1;
    int result = start_bridge(link);
    if (result != ERR_OK)
        return result;
    coap_startup();
    coap_set_log_handler(be_silent);
    coap_dtls_set_log_level(0);
    link->coap = coap_new_context(NULL);
    link->answer = malloc(LINK_ANSWER_MAX);
    if (link->coap == NULL || link->answer == NULL)
        return fail(link, ERR_IO, _("out of memory"));
    coap_register_response_handler(link->coap, on_response);
    coap_register_nack_handler(link->coap, on_nack);
    coap_register_event_handler(link->coap, on_event);
    return link_reconnect(link);
}

/* A gate that restarts during a handshake loses it and no longer answers this client. A refusal therefore
 * counts only when it comes twice. */
int link_reconnect(struct link *link)
{
    int result = ERR_FORBIDDEN;
    for (int tries = 0; tries < HANDSHAKE_TRIES && result == ERR_FORBIDDEN; tries++) {
        end_session(link);
        link->before = bridge_get_counts(&link->bridge);
        result = start_session(link);
        if (result == ERR_OK)
            result = wait_for_session(link);
    }
    return result;
}

void link_close(struct link *link)
{
    end_session(link);
    if (link->bridge.udp_fd >= 0) {
        bridge_drain(&link->bridge);
        bridge_close(&link->bridge);
    }
    if (link->coap != NULL) {
        coap_free_context(link->coap);
        coap_cleanup();
        link->coap = NULL;
    }
    free(link->answer);
    link->answer = NULL;
}

/* libcoap takes one datagram at a time, so its file (of epoll; -1 if it was built without) may be readable
 * still. */
void link_poll(struct link *link, unsigned wait_ms)
{
    int coap_fd = coap_context_get_coap_fd(link->coap);
    if (coap_fd < 0 && wait_ms > BLIND_POLL_MS)
        wait_ms = BLIND_POLL_MS;
    (void)!bridge_poll(&link->bridge, coap_fd, (int)wait_ms); /* a failure shows as silence of the gate */
    coap_io_process(link->coap, COAP_IO_NO_WAIT);
}

/* --- messages --- */

static bool add_number(coap_pdu_t *pdu, coap_option_num_t option, uint32_t value)
{
    uint8_t bytes[4];
    return coap_add_option(pdu, option, coap_encode_var_safe(bytes, sizeof bytes, value), bytes) != 0;
}

static bool add_path(coap_pdu_t *pdu, const char *path)
{
    while (*path != '\0') {
        size_t len = strcspn(path, "/");
        if (coap_add_option(pdu, COAP_OPTION_URI_PATH, len, (const uint8_t *)path) == 0)
            return false;
        path += len + (path[len] == '/');
    }
    return true;
}

static bool add_block(coap_pdu_t *pdu, coap_option_num_t option, uint32_t block, bool more)
{
    return add_number(pdu, option, block << 4 | (more ? 1 << 3 : 0) | SZX_1024);
}

/* Makes a message, with its options in the order of their numbers. block2 is the requested block of the
 * answer; 0: the first. */
static coap_pdu_t *make_message(struct link *link, coap_pdu_type_t type, const uint8_t token[TOKEN_LEN],
                                const struct link_request *request, uint32_t block2)
{
    static const coap_pdu_code_t codes[] = {
        [LINK_GET] = COAP_REQUEST_CODE_GET,
        [LINK_PUT] = COAP_REQUEST_CODE_PUT,
        [LINK_POST] = COAP_REQUEST_CODE_POST,
    };
    coap_pdu_t *pdu = coap_pdu_init(type, codes[request->method], coap_new_message_id(link->session),
                                    coap_session_max_pdu_size(link->session));
    if (pdu == NULL)
        return NULL;
    bool good = coap_add_token(pdu, TOKEN_LEN, token) != 0 && add_path(pdu, request->path);
    if (good && request->payload_len > 0)
        good = add_number(pdu, COAP_OPTION_CONTENT_FORMAT,
                          request->octets ? COAP_MEDIATYPE_APPLICATION_OCTET_STREAM
                                          : COAP_MEDIATYPE_APPLICATION_CBOR);
    if (good && request->query != NULL)
        good = coap_add_option(pdu, COAP_OPTION_URI_QUERY, strlen(request->query),
                               (const uint8_t *)request->query) != 0;
    if (good && block2 > 0)
        good = add_block(pdu, COAP_OPTION_BLOCK2, block2, false);
    if (good && request->block1)
        good = add_block(pdu, COAP_OPTION_BLOCK1, request->block, request->more);
    if (good && request->payload_len > 0)
        good = coap_add_data(pdu, request->payload_len, request->payload) != 0;
    if (!good) {
        coap_delete_pdu(pdu);
        return NULL;
    }
    return pdu;
}

int link_wait(struct link *link, const bool *done)
{
    uint64_t end_us = link_now_us() + link->options.timeout_ms * UINT64_C(1000);
    while (!*done && !link->refused && !link->rejected && link_now_us() < end_us) {
        if (interrupt_wanted())
            return fail(link, ERR_BUSY, _("interrupted"));
        link_poll(link, POLL_MS);
    }
    if (*done)
        return ERR_OK;
    if (link->rejected)
        return fail(link, ERR_FORMAT, _("the gate rejected a message on %s"), link->options.port);
    if (link->refused)
        return fail(link, ERR_FORBIDDEN, _("the gate on %s ended the session"), link->options.port);
    return explain_silence(link);
}

static int send_message(struct link *link, coap_pdu_t *pdu)
{
    link->before = bridge_get_counts(&link->bridge);
    link->rejected = false;
    if (pdu == NULL || coap_send(link->session, pdu) == COAP_INVALID_MID)
        return fail(link, ERR_IO, _("cannot send on %s"), link->options.port);
    return ERR_OK;
}

static int exchange(struct link *link, const struct link_request *request, uint32_t block2)
{
    uint8_t token[TOKEN_LEN] = {TOKEN_REQUEST};
    bytes_put_u32(token + 4, ++link->last_request);
    link->answered = false;
    link->waiting = true;
    int result = send_message(link, make_message(link, COAP_MESSAGE_CON, token, request, block2));
    if (result == ERR_OK)
        result = link_wait(link, &link->answered);
    link->waiting = false;
    if (result == ERR_OK && link->rejected)
        return fail(link, link->answer_len > LINK_ANSWER_MAX - LINK_BLOCK_LEN ? ERR_NO_SPACE : ERR_FORMAT,
                    _("the gate's answer to /%s makes no sense"), request->path);
    return result;
}

bool link_answer_is(const struct link_answer *answer, enum coap_code code, int error)
{
    return answer->code == code && strcmp(answer->diagnostic, error_name(error)) == 0;
}

void link_fill_answer(struct link_answer *answer, uint8_t code, const uint8_t *data, size_t len)
{
    answer->code = code;
    answer->data = data;
    answer->len = len;
    answer->diagnostic[0] = '\0';
    if (coap_code_is_error(code))
        copy_diagnostic(answer->diagnostic, sizeof answer->diagnostic, data, len);
}

int link_request(struct link *link, const struct link_request *request, struct link_answer *answer)
{
    uint32_t block2 = 0;
    link->answer_len = 0;
    for (;;) {
        int result = exchange(link, request, block2);
        if (result != ERR_OK)
            return result;
        if (link->block_num != block2 && !coap_code_is_error(link->code))
            return fail(link, ERR_FORMAT, _("the gate's answer to /%s came out of turn"), request->path);
        if (!link->more || coap_code_is_error(link->code))
            break;
        block2++;
    }
    link_fill_answer(answer, link->code, link->answer, link->answer_len);
    return ERR_OK;
}

int link_start_get(struct link *link, const char *path, const char *query, uint32_t id)
{
    uint8_t token[TOKEN_LEN] = {TOKEN_GET};
    const struct link_request request = {.method = LINK_GET, .path = path, .query = query};
    bytes_put_u32(token + 4, id);
    return send_message(link, make_message(link, COAP_MESSAGE_CON, token, &request, 0));
}

int link_send_piece(struct link *link, uint32_t block, uint8_t piece, bool more, uint32_t order,
                    const uint8_t *data, size_t len)
{
    char query[16];
    uint8_t token[TOKEN_LEN] = {TOKEN_PIECE, piece};
    snprintf(query, sizeof query, "n=%u", block);
    bytes_put_u16(token + 2, (uint16_t)block);
    bytes_put_u32(token + 4, order);
    struct link_request request = {
        .method = LINK_PUT,
        .path = "whitelist/block",
        .query = query,
        .payload = data,
        .payload_len = len,
        .octets = true,
        .block1 = true,
        .block = piece,
        .more = more,
    };
    return send_message(link, make_message(link, COAP_MESSAGE_NON, token, &request, 0));
}
