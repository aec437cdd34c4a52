/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/maintenance/coap.h"

#include <string.h>

#define VERSION        1
#define PAYLOAD_MARKER 0xFF
/* An option delta or length of 13 is followed by one more byte, one of 14 by two (RFC 7252, 3.1). */
#define NIBBLE_ONE_MORE 13
#define NIBBLE_TWO_MORE 14
#define BASE_TWO_MORE   269

/* Reads the rest of a delta or length. Returns false if it exceeds the message or is the reserved 15. */
static bool take_extended(const uint8_t **at, const uint8_t *end, uint32_t *value)
{
    size_t left = (size_t)(end - *at);
    if (*value < NIBBLE_ONE_MORE)
        return true;
    if (*value == NIBBLE_ONE_MORE && left >= 1) {
        *value = NIBBLE_ONE_MORE + (*at)[0];
        *at += 1;
        return true;
    }
    if (*value == NIBBLE_TWO_MORE && left >= 2) {
        *value = BASE_TWO_MORE + ((uint32_t)(*at)[0] << 8 | (*at)[1]);
        *at += 2;
        return true;
    }
    return false;
}

/* Reads the option at *at, which is before end. Returns false if it is malformed. */
static bool take_option(const uint8_t **at, const uint8_t *end, uint32_t *number, struct coap_option *option)
{
    uint32_t delta = **at >> 4, len = **at & 0xF;
    ++*at;
    if (!take_extended(at, end, &delta) || !take_extended(at, end, &len) || len > (size_t)(end - *at))
        return false;
    *number += delta;
    if (*number > UINT16_MAX)
        return false;
    *option = (struct coap_option){.number = (uint16_t)*number, .value = *at, .len = len};
    *at += len;
    return true;
}

int coap_parse(struct coap_message *message, const uint8_t *datagram, size_t len)
{
    *message = (struct coap_message){0};
    if (len < COAP_HEADER_LEN || datagram[0] >> 6 != VERSION)
        return ERR_UNSUPPORTED;
    message->type = (enum coap_type)(datagram[0] >> 4 & 3);
    message->code = datagram[1];
    message->message_id = (uint16_t)(datagram[2] << 8 | datagram[3]);
    message->token_len = datagram[0] & 0xF;
    if (message->token_len > COAP_TOKEN_MAX || message->token_len > len - COAP_HEADER_LEN)
        return ERR_FORMAT;
    if (message->code == COAP_EMPTY && len != COAP_HEADER_LEN)
        return ERR_FORMAT;

    const uint8_t *at = datagram + COAP_HEADER_LEN, *end = datagram + len;
    message->token = at;
    at += message->token_len;
    message->options = at;
    uint32_t number = 0;
    while (at < end && *at != PAYLOAD_MARKER) {
        struct coap_option option;
        if (!take_option(&at, end, &number, &option))
            return ERR_FORMAT;
    }
    message->options_end = at;
    if (at == end)
        return ERR_OK;
    message->payload = at + 1;
    message->payload_len = (size_t)(end - message->payload);
    return message->payload_len > 0 ? ERR_OK : ERR_FORMAT;
}

struct coap_option_walk coap_options(const struct coap_message *message)
{
    return (struct coap_option_walk){.at = message->options, .end = message->options_end};
}

bool coap_next_option(struct coap_option_walk *walk, struct coap_option *option)
{
    return walk->at < walk->end && take_option(&walk->at, walk->end, &walk->number, option);
}

bool coap_path_is(const struct coap_message *message, const char *path)
{
    struct coap_option_walk walk = coap_options(message);
    struct coap_option option;
    const char *rest = path;
    while (coap_next_option(&walk, &option)) {
        if (option.number != COAP_URI_PATH)
            continue;
        /* The path of the root may be one empty segment (RFC 7252, 6.4, step 8). */
        if (rest == NULL || strncmp(rest, (const char *)option.value, option.len) != 0 ||
            memchr(option.value, '/', option.len) != NULL || memchr(option.value, 0, option.len) != NULL)
            return false;
        rest += option.len;
        if (*rest == '/')
            rest++;
        else if (*rest == '\0')
            rest = NULL;
        else
            return false;
    }
    return rest == NULL || *path == '\0';
}

static int parse_u32(const uint8_t *digits, size_t len, uint32_t *value)
{
    uint64_t sum = 0;
    if (len == 0)
        return ERR_FORMAT;
    for (size_t i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return ERR_FORMAT;
        sum = sum * 10 + (uint64_t)(digits[i] - '0');
        if (sum > UINT32_MAX)
            return ERR_FORMAT;
    }
    *value = (uint32_t)sum;
    return ERR_OK;
}

int coap_query_u32(const struct coap_message *message, const char *name, uint32_t *value)
{
    struct coap_option_walk walk = coap_options(message);
    struct coap_option option;
    size_t name_len = strlen(name);
    while (coap_next_option(&walk, &option)) {
        if (option.number == COAP_URI_QUERY && option.len > name_len &&
            memcmp(option.value, name, name_len) == 0 && option.value[name_len] == '=')
            return parse_u32(option.value + name_len + 1, option.len - name_len - 1, value);
    }
    return ERR_NOT_FOUND;
}

int coap_option_u32(const struct coap_option *option, uint32_t *value)
{
    if (option->len > sizeof *value)
        return ERR_FORMAT;
    *value = 0;
    for (size_t i = 0; i < option->len; i++)
        *value = *value << 8 | option->value[i];
    return ERR_OK;
}

int coap_block_decode(const struct coap_option *option, struct coap_block *block)
{
    uint32_t value;
    if (option->len > 3 || coap_option_u32(option, &value) != ERR_OK)
        return ERR_UNSUPPORTED;
    *block = (struct coap_block){.num = value >> 4, .more = (value & 8) != 0, .szx = value & 7};
    return block->szx <= COAP_SZX_MAX ? ERR_OK : ERR_FORMAT;
}

uint32_t coap_block_size(const struct coap_block *block)
{
    return 16u << block->szx;
}

uint32_t coap_block_offset(const struct coap_block *block)
{
    return block->num << (block->szx + 4);
}

/* Returns room for len more bytes. If there is none, returns NULL and marks the writer as failed. */
static uint8_t *reserve(struct coap_writer *writer, size_t len)
{
    if (writer->failed || len > writer->size - writer->len) {
        writer->failed = true;
        return NULL;
    }
    uint8_t *at = writer->buf + writer->len;
    writer->len += len;
    return at;
}

static void append(struct coap_writer *writer, const void *bytes, size_t len)
{
    uint8_t *at = reserve(writer, len);
    if (at != NULL && len > 0)
        memcpy(at, bytes, len);
}

void coap_write_start(struct coap_writer *writer, uint8_t *buf, size_t size, enum coap_type type,
                      uint8_t code, uint16_t message_id, const uint8_t *token, size_t token_len)
{
    *writer = (struct coap_writer){.buf = buf, .size = size, .failed = token_len > COAP_TOKEN_MAX};
    uint8_t header[COAP_HEADER_LEN] = {(uint8_t)(VERSION << 6 | (unsigned)type << 4 | (token_len & 0xF)),
                                       code, (uint8_t)(message_id >> 8), (uint8_t)message_id};
    append(writer, header, sizeof header);
    append(writer, token, token_len);
}

static uint8_t nibble(uint32_t value)
{
    return (uint8_t)(value < NIBBLE_ONE_MORE ? value
                     : value < BASE_TWO_MORE ? NIBBLE_ONE_MORE
                                             : NIBBLE_TWO_MORE);
}

static void append_extended(struct coap_writer *writer, uint32_t value)
{
    if (value >= BASE_TWO_MORE) {
        uint32_t rest = value - BASE_TWO_MORE;
        append(writer, (uint8_t[]){(uint8_t)(rest >> 8), (uint8_t)rest}, 2);
    } else if (value >= NIBBLE_ONE_MORE) {
        append(writer, (uint8_t[]){(uint8_t)(value - NIBBLE_ONE_MORE)}, 1);
    }
}

void coap_write_option(struct coap_writer *writer, uint16_t number, const void *value, size_t len)
{
    if (number < writer->last_number || len > UINT16_MAX) {
        writer->failed = true;
        return;
    }
    uint32_t delta = number - writer->last_number;
    writer->last_number = number;
    append(writer, (uint8_t[]){(uint8_t)(nibble(delta) << 4 | nibble((uint32_t)len))}, 1);
    append_extended(writer, delta);
    append_extended(writer, (uint32_t)len);
    append(writer, value, len);
}

void coap_write_option_u32(struct coap_writer *writer, uint16_t number, uint32_t value)
{
    uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                        (uint8_t)value};
    size_t skip = 0;
    while (skip < sizeof bytes && bytes[skip] == 0)
        skip++;
    coap_write_option(writer, number, bytes + skip, sizeof bytes - skip);
}

void coap_write_block(struct coap_writer *writer, uint16_t number, const struct coap_block *block)
{
    coap_write_option_u32(writer, number, block->num << 4 | (block->more ? 8u : 0u) | block->szx);
}

int coap_write_finish(struct coap_writer *writer, const void *payload, size_t len)
{
    if (len > 0) {
        append(writer, (uint8_t[]){PAYLOAD_MARKER}, 1);
        append(writer, payload, len);
    }
    return writer->failed ? ERR_NO_SPACE : (int)writer->len;
}
