/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/maintenance/coap_server.h"

#include <string.h>

#define RETRY_AFTER_S 1 /* Max-Age of a 5.03: RFC 7252, 5.9.3.4 */

/* The result of reading the options of a request. */
struct reading {
    struct coap_request request;
    int accept;
    uint32_t body_key;
    enum coap_code refusal; /* COAP_EMPTY: the request can be handled */
};

void coap_server_reset(struct coap_server *server, uint16_t message_id)
{
    memset(server, 0, sizeof *server);
    server->next_message_id = message_id;
}

/* FNV-1a (Fowler, Noll, Vo) over the path and query, or over a body. */
static uint32_t hash(uint32_t sum, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ bytes[i]) * 16777619u;
    return sum;
}

/* The functions that read options return the code with which to refuse the request; COAP_EMPTY: accepted
 * so far. */
static enum coap_code read_block(const struct coap_option *option, bool repeated, bool *has,
                                 struct coap_block *block)
{
    *has = true;
    if (repeated)
        return COAP_BAD_OPTION;
    switch (coap_block_decode(option, block)) {
    case ERR_OK:
        return COAP_EMPTY;
    case ERR_FORMAT:
        return COAP_BAD_REQUEST; /* szx 7 (RFC 7959, 2.2) */
    default:
        return COAP_BAD_OPTION; /* a bad length makes an option unknown (RFC 7252, 5.4.3) */
    }
}

static enum coap_code read_format(const struct coap_option *option, bool repeated, int *format)
{
    uint32_t value;
    if (repeated || option->len > 2 || coap_option_u32(option, &value) != ERR_OK)
        return COAP_BAD_OPTION;
    *format = (int)value;
    return COAP_EMPTY;
}

/* RFC 7252, 5.4.1: an unknown critical option refuses the request; an unknown elective option is
 * ignored. */
static enum coap_code read_option(struct reading *reading, const struct coap_option *option, bool repeated)
{
    struct coap_request *request = &reading->request;
    switch (option->number) {
    case COAP_URI_PATH:
    case COAP_URI_QUERY:
        reading->body_key = hash(reading->body_key, &option->number, sizeof option->number);
        reading->body_key = hash(reading->body_key, option->value, option->len);
        return COAP_EMPTY;
    case COAP_URI_HOST: /* there is one host and one port, so any value is accepted */
    case COAP_URI_PORT:
        return repeated ? COAP_BAD_OPTION : COAP_EMPTY;
    case COAP_ACCEPT:
        return read_format(option, repeated, &reading->accept);
    case COAP_CONTENT_FORMAT: /* elective: a malformed one counts as not given */
        if (read_format(option, repeated, &request->content_format) != COAP_EMPTY)
            request->content_format = COAP_FORMAT_NONE;
        return COAP_EMPTY;
    case COAP_BLOCK1:
        return read_block(option, repeated, &request->has_block1, &request->block1);
    case COAP_BLOCK2:
        return read_block(option, repeated, &request->has_block2, &request->block2);
    case COAP_PROXY_URI:
    case COAP_PROXY_SCHEME:
        return COAP_NO_PROXY;
    default:
        return option->number % 2 != 0 ? COAP_BAD_OPTION : COAP_EMPTY;
    }
}

static struct reading read_request(const struct coap_message *message)
{
    struct reading reading = {
        .request = {.message = message,
                    .content_format = COAP_FORMAT_NONE,
                    .block1.szx = COAP_SZX_MAX,
                    .block2.szx = COAP_SZX_MAX},
        .accept = COAP_FORMAT_NONE,
        .body_key = 2166136261u,
    };
    struct coap_option_walk walk = coap_options(message);
    struct coap_option option;
    uint32_t last_number = 0;
    while (reading.refusal == COAP_EMPTY && coap_next_option(&walk, &option)) {
        reading.refusal = read_option(&reading, &option, option.number == last_number);
        last_number = option.number;
    }
    reading.body_key |= 1; /* 0 means none */
    return reading;
}

/* Fills the response. Uses the stored body if the client is fetching its later blocks. */
static void respond(struct coap_server *server, const struct coap_handler *handler,
                    const struct reading *reading, struct coap_response *response)
{
    bool is_get = reading->request.message->code == COAP_GET;
    response->body = server->body;
    if (is_get && reading->request.block2.num > 0 && server->body_key == reading->body_key) {
        response->code = COAP_CONTENT;
        response->content_format = server->body_format;
        response->body_len = server->body_len;
        return;
    }
    server->body_key = 0; /* the handler may overwrite the body, whatever its result */
    handler->handle(handler->ctx, &reading->request, response);
    if (response->diagnostic != NULL)
        response->body_len = 0;
    if (response->body_len > 0) {
        server->body_key = is_get && response->code == COAP_CONTENT ? reading->body_key : 0;
        server->body_format = response->content_format;
        server->body_len = response->body_len;
    }
    bool acceptable = reading->accept == COAP_FORMAT_NONE || response->body_len == 0 ||
                      reading->accept == response->content_format;
    if (!acceptable)
        *response = (struct coap_response){.code = COAP_NOT_ACCEPTABLE, .diagnostic = "not_acceptable"};
}

/* Selects the block of the body that the client requested. Returns false if there is no such block. */
static bool slice_body(const struct reading *reading, struct coap_response *response,
                       struct coap_block *block, uint32_t *offset)
{
    *block = reading->request.block2;
    *offset = coap_block_offset(block);
    uint32_t size = coap_block_size(block);
    if (*offset >= response->body_len && *offset > 0)
        return false;
    block->more = response->body_len - *offset > size;
    return true;
}

static int write_response(struct coap_writer *writer, const struct reading *reading,
                          struct coap_response *response)
{
    const struct coap_request *request = &reading->request;
    const uint8_t *payload = response->body;
    size_t payload_len = response->body_len;
    struct coap_block block = {0};
    uint32_t offset = 0;
    /* Every response fits one block of the largest size, so blocks are used only if the client asks for
     * them. */
    bool blockwise = payload_len > 0 && request->has_block2;
    if (blockwise && !slice_body(reading, response, &block, &offset)) {
        writer->buf[1] = COAP_BAD_REQUEST;
        return coap_write_finish(writer, NULL, 0);
    }
    if (blockwise) {
        payload += offset;
        payload_len = block.more ? coap_block_size(&block) : payload_len - offset;
    }
    if (response->diagnostic != NULL) {
        payload = (const uint8_t *)response->diagnostic;
        payload_len = strlen(response->diagnostic);
    }

    bool several = blockwise && (block.more || block.num > 0);
    if (several) {
        uint32_t tag = hash(2166136261u, response->body, response->body_len);
        coap_write_option(writer, COAP_ETAG, &tag, sizeof tag);
    }
    if (response->body_len > 0 && response->content_format != COAP_FORMAT_NONE)
        coap_write_option_u32(writer, COAP_CONTENT_FORMAT, (uint32_t)response->content_format);
    if (response->code == COAP_UNAVAILABLE)
        coap_write_option_u32(writer, COAP_MAX_AGE, RETRY_AFTER_S);
    if (blockwise)
        coap_write_block(writer, COAP_BLOCK2, &block);
    if (request->has_block1) {
        struct coap_block echoed = request->block1;
        echoed.more = response->code == COAP_CONTINUE;
        coap_write_block(writer, COAP_BLOCK1, &echoed);
    }
    if (several && block.num == 0)
        coap_write_option_u32(writer, COAP_SIZE2, (uint32_t)response->body_len);
    return coap_write_finish(writer, payload, payload_len);
}

static struct coap_seen *find_seen(struct coap_server *server, const struct coap_message *message)
{
    for (size_t i = 0; i < COAP_SERVER_SEEN; i++) {
        struct coap_seen *seen = &server->seen[i];
        if (seen->used && seen->message_id == message->message_id && seen->token_len == message->token_len &&
            memcmp(seen->token, message->token, message->token_len) == 0)
            return seen;
    }
    return NULL;
}

static struct coap_seen *remember(struct coap_server *server, const struct coap_message *message)
{
    struct coap_seen *seen = &server->seen[server->seen_next++ % COAP_SERVER_SEEN];
    *seen = (struct coap_seen){
        .message_id = message->message_id, .token_len = (uint8_t)message->token_len, .used = true};
    memcpy(seen->token, message->token, message->token_len);
    return seen;
}

/* Writes a message that is only a header: the answer to a ping, and to a message that makes no sense
 * (RFC 7252, 4.2, 4.3). */
static size_t write_reset(const struct coap_message *message, uint8_t *out, size_t size)
{
    struct coap_writer writer;
    coap_write_start(&writer, out, size, COAP_RST, COAP_EMPTY, message->message_id, NULL, 0);
    int len = coap_write_finish(&writer, NULL, 0);
    return len > 0 ? (size_t)len : 0;
}

static size_t answer_request(struct coap_server *server, const struct coap_handler *handler,
                             const struct coap_message *message, uint8_t *out, size_t size)
{
    bool is_con = message->type == COAP_CON, is_get = message->code == COAP_GET;
    struct coap_seen *seen = is_get ? NULL : find_seen(server, message);
    if (seen != NULL) {
        if (!is_con || seen->answer_len > size)
            return 0;
        memcpy(out, seen->answer, seen->answer_len);
        return seen->answer_len;
    }

    struct reading reading = read_request(message);
    /* RFC 7252, 5.4.1: a non-confirmable request that is refused gets no response. */
    if (reading.refusal == COAP_BAD_OPTION && !is_con)
        return 0;
    struct coap_response response = {.code = COAP_SERVER_ERROR, .content_format = COAP_FORMAT_NONE};
    if (reading.refusal != COAP_EMPTY)
        response.code = reading.refusal;
    else
        respond(server, handler, &reading, &response);
    if (response.later)
        return COAP_SERVER_LATER;

    /* From here on out is written. message may be in the same buffer and is then overwritten. */
    seen = is_get ? NULL : remember(server, message);
    uint8_t token[COAP_TOKEN_MAX];
    memcpy(token, message->token, message->token_len);
    struct coap_writer writer;
    coap_write_start(&writer, out, size, is_con ? COAP_ACK : COAP_NON, response.code,
                     is_con ? message->message_id : server->next_message_id++, token, message->token_len);
    int len = write_response(&writer, &reading, &response);
    if (len <= 0)
        return 0;
    if (seen != NULL && len <= COAP_SERVER_ANSWER_MAX) {
        seen->answer_len = (uint8_t)len;
        memcpy(seen->answer, out, (size_t)len);
    }
    return (size_t)len;
}

size_t coap_server_handle(struct coap_server *server, const struct coap_handler *handler,
                          const uint8_t *datagram, size_t len, uint8_t *out, size_t size)
{
    struct coap_message message;
    int result = coap_parse(&message, datagram, len);
    if (result == ERR_UNSUPPORTED || message.type == COAP_ACK || message.type == COAP_RST)
        return 0;
    bool is_request = result == ERR_OK && COAP_CLASS(message.code) == 0 && message.code != COAP_EMPTY;
    if (is_request)
        return answer_request(server, handler, &message, out, size);
    return message.type == COAP_CON ? write_reset(&message, out, size) : 0;
}
