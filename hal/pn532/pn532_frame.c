/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/pn532/pn532_frame.h"

#include <assert.h>
#include <string.h>

const uint8_t pn532_frame_ack[PN532_ACK_LEN] = {0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
const uint8_t pn532_frame_nack[PN532_ACK_LEN] = {0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00};

/* Offsets count from the start code 00 FF. The preamble byte before it may be missing. */
enum { START_LEN = 2, NORMAL_HEADER_LEN = 4, EXTENDED_HEADER_LEN = 7 };

static uint8_t sum_of(const uint8_t *bytes, size_t len)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < len; i++)
        sum = (uint8_t)(sum + bytes[i]);
    return sum;
}

int pn532_frame_encode(uint8_t out[PN532_FRAME_MAX], const uint8_t *head, size_t head_len,
                       const uint8_t *data, size_t len)
{
    if (head_len > PN532_FRAME_DATA_MAX || len > PN532_FRAME_DATA_MAX)
        return ERR_ARGUMENT;
    size_t count = 1 + head_len + len, at = 0;
    if (count == 1 || count > PN532_FRAME_DATA_MAX)
        return ERR_ARGUMENT;
    out[at++] = 0x00;
    out[at++] = 0x00;
    out[at++] = 0xFF;
    if (count > 0xFF) {
        out[at++] = 0xFF;
        out[at++] = 0xFF;
        out[at++] = (uint8_t)(count >> 8);
        out[at++] = (uint8_t)count;
        out[at] = (uint8_t)-sum_of(out + at - 2, 2);
    } else {
        out[at++] = (uint8_t)count;
        out[at] = (uint8_t)-count;
    }
    at++;
    size_t body = at;
    out[at++] = PN532_TFI_HOST;
    for (size_t i = 0; i < head_len; i++)
        out[at++] = head[i];
    for (size_t i = 0; i < len; i++)
        out[at++] = data[i];
    out[at] = (uint8_t)-sum_of(out + body, at - body);
    at++;
    out[at++] = 0x00;
    return (int)at;
}

static void drop(struct pn532_frame_parser *parser, size_t count)
{
    parser->len = (uint16_t)(parser->len - count);
    memmove(parser->bytes, parser->bytes + count, parser->len);
}

/* Removes the bytes that cannot be the beginning of a start code, 00 FF. */
static void seek_start(struct pn532_frame_parser *parser)
{
    size_t at = 0;
    while (at < parser->len &&
           (parser->bytes[at] != 0x00 || (at + 1u < parser->len && parser->bytes[at + 1] != 0xFF)))
        at++;
    if (at > 0)
        drop(parser, at);
}

static enum pn532_frame_event reject(struct pn532_frame_parser *parser)
{
    drop(parser, 1);
    return PN532_FRAME_BAD;
}

static enum pn532_frame_event take(struct pn532_frame_parser *parser, size_t len,
                                   enum pn532_frame_event event)
{
    parser->taken = (uint16_t)len;
    return event;
}

static enum pn532_frame_event take_data(struct pn532_frame_parser *parser, size_t header_len, size_t count,
                                        const uint8_t **data, size_t *len)
{
    if (count == 0 || count > PN532_FRAME_DATA_MAX)
        return reject(parser);
    if (parser->len < header_len + count + 1)
        return PN532_FRAME_NONE;
    if (sum_of(parser->bytes + header_len, count + 1) != 0)
        return reject(parser);
    *data = parser->bytes + header_len;
    *len = count;
    return take(parser, header_len + count + 1, PN532_FRAME_DATA);
}

void pn532_frame_push(struct pn532_frame_parser *parser, uint8_t byte)
{
    drop(parser, parser->taken);
    parser->taken = 0;
    /* The buffer holds the longest frame with header and checksum, so it is never full if the caller follows
     * the rule for pn532_frame_push. */
    assert(parser->len < sizeof parser->bytes);
    parser->bytes[parser->len++] = byte;
}

enum pn532_frame_event pn532_frame_next(struct pn532_frame_parser *parser, const uint8_t **data, size_t *len)
{
    const uint8_t *bytes = parser->bytes;
    drop(parser, parser->taken);
    parser->taken = 0;
    seek_start(parser);
    if (parser->len < NORMAL_HEADER_LEN)
        return PN532_FRAME_NONE;
    uint8_t count = bytes[2], check = bytes[3];
    if (count == 0x00 && check == 0xFF)
        return take(parser, NORMAL_HEADER_LEN, PN532_FRAME_ACK);
    if (count == 0xFF && check == 0x00)
        return take(parser, NORMAL_HEADER_LEN, PN532_FRAME_NACK);
    if (count == 0xFF && check == 0xFF) {
        if (parser->len < EXTENDED_HEADER_LEN)
            return PN532_FRAME_NONE;
        if (sum_of(bytes + 4, 3) != 0)
            return reject(parser);
        return take_data(parser, EXTENDED_HEADER_LEN, (size_t)bytes[4] << 8 | bytes[5], data, len);
    }
    if ((uint8_t)(count + check) != 0)
        return reject(parser);
    return take_data(parser, NORMAL_HEADER_LEN, count, data, len);
}

bool pn532_frame_has_begun(const struct pn532_frame_parser *parser)
{
    return parser->len - parser->taken >= START_LEN;
}

void pn532_frame_skip(struct pn532_frame_parser *parser)
{
    drop(parser, parser->taken);
    parser->taken = 0;
    if (parser->len > 0)
        drop(parser, 1);
}
