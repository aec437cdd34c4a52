/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/pn532_frame.h"

#include <string.h>

const uint8_t cardsim_frame_ack[CARDSIM_ACK_LEN] = {0x00, 0x00, 0xFF, 0x00, 0xFF, 0x00};
const uint8_t cardsim_frame_nack[CARDSIM_ACK_LEN] = {0x00, 0x00, 0xFF, 0xFF, 0x00, 0x00};
const uint8_t cardsim_frame_error[CARDSIM_ERROR_LEN] = {0x00, 0x00, 0xFF, 0x01, 0xFF, 0x7F, 0x81, 0x00};

static enum cardsim_frame_event finish(struct cardsim_frame_parser *parser, enum cardsim_frame_event event)
{
    parser->state = CARDSIM_WAIT_00;
    return event;
}

static enum cardsim_frame_event expect_payload(struct cardsim_frame_parser *parser)
{
    if (parser->expected_len == 0 || parser->expected_len > CARDSIM_FRAME_DATA_MAX)
        return finish(parser, CARDSIM_FRAME_BAD);
    parser->state = CARDSIM_WAIT_PAYLOAD;
    return CARDSIM_FRAME_NONE;
}

static enum cardsim_frame_event end_of_length(struct cardsim_frame_parser *parser, uint8_t lcs)
{
    uint16_t len = parser->expected_len;
    if (len == 0x00 && lcs == 0xFF)
        return finish(parser, CARDSIM_FRAME_ACK);
    if (len == 0xFF && lcs == 0x00)
        return finish(parser, CARDSIM_FRAME_NACK);
    if (len == 0xFF && lcs == 0xFF) {
        parser->state = CARDSIM_WAIT_LENM;
        return CARDSIM_FRAME_NONE;
    }
    if ((uint8_t)(len + lcs) != 0)
        return finish(parser, CARDSIM_FRAME_BAD);
    return expect_payload(parser);
}

static enum cardsim_frame_event end_of_frame(struct cardsim_frame_parser *parser, uint8_t dcs)
{
    uint8_t sum = dcs;
    for (size_t i = 0; i < parser->data_len; i++)
        sum += parser->data[i];
    return finish(parser, sum == 0 ? CARDSIM_FRAME_DATA : CARDSIM_FRAME_BAD);
}

enum cardsim_frame_event cardsim_frame_push(struct cardsim_frame_parser *parser, uint8_t byte)
{
    switch (parser->state) {
    case CARDSIM_WAIT_00:
        if (byte == 0x00)
            parser->state = CARDSIM_WAIT_FF;
        return CARDSIM_FRAME_NONE;
    case CARDSIM_WAIT_FF: /* any number of zeros may precede the FF */
        if (byte != 0x00)
            parser->state = byte == 0xFF ? CARDSIM_WAIT_LEN : CARDSIM_WAIT_00;
        return CARDSIM_FRAME_NONE;
    case CARDSIM_WAIT_LEN:
        parser->expected_len = byte;
        parser->data_len = 0;
        parser->state = CARDSIM_WAIT_LCS;
        return CARDSIM_FRAME_NONE;
    case CARDSIM_WAIT_LCS:
        return end_of_length(parser, byte);
    case CARDSIM_WAIT_LENM:
        parser->expected_len = (uint16_t)(byte << 8);
        parser->state = CARDSIM_WAIT_LENL;
        return CARDSIM_FRAME_NONE;
    case CARDSIM_WAIT_LENL:
        parser->expected_len |= byte;
        parser->state = CARDSIM_WAIT_EXTENDED_LCS;
        return CARDSIM_FRAME_NONE;
    case CARDSIM_WAIT_EXTENDED_LCS:
        if ((uint8_t)((parser->expected_len >> 8) + parser->expected_len + byte) != 0)
            return finish(parser, CARDSIM_FRAME_BAD);
        return expect_payload(parser);
    case CARDSIM_WAIT_PAYLOAD:
        parser->data[parser->data_len++] = byte;
        if (parser->data_len == parser->expected_len)
            parser->state = CARDSIM_WAIT_DCS;
        return CARDSIM_FRAME_NONE;
    case CARDSIM_WAIT_DCS:
        return end_of_frame(parser, byte);
    }
    return CARDSIM_FRAME_NONE;
}

size_t cardsim_frame_encode(uint8_t *out, uint8_t tfi, const uint8_t *data, size_t len)
{
    size_t count = len + 1; /* TFI is included */
    size_t at = 0;
    out[at++] = 0x00;
    out[at++] = 0x00;
    out[at++] = 0xFF;
    if (count > 0xFF) {
        out[at++] = 0xFF;
        out[at++] = 0xFF;
        out[at++] = (uint8_t)(count >> 8);
        out[at++] = (uint8_t)count;
        out[at++] = (uint8_t) - ((count >> 8) + count);
    } else {
        out[at++] = (uint8_t)count;
        out[at++] = (uint8_t)-count;
    }
    uint8_t sum = tfi;
    out[at++] = tfi;
    for (size_t i = 0; i < len; i++) {
        out[at++] = data[i];
        sum += data[i];
    }
    out[at++] = (uint8_t)-sum;
    out[at++] = 0x00;
    return at;
}
