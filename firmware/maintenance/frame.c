/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/maintenance/frame.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/base/crc32.h"

#define CRC_LEN 4

static void start_frame(struct frame_decoder *decoder)
{
    decoder->cobs = (struct cobs_decoder){0};
    decoder->too_long = false;
    decoder->only_newlines = true;
    decoder->raw_count = 0;
    decoder->len = 0;
}

void frame_decoder_init(struct frame_decoder *decoder)
{
    memset(decoder, 0, sizeof *decoder);
    start_frame(decoder);
}

static void take_byte(struct frame_decoder *decoder, uint8_t byte)
{
    uint8_t decoded;
    decoder->raw_count += decoder->raw_count < UINT32_MAX;
    decoder->only_newlines = decoder->only_newlines && (byte == '\r' || byte == '\n');
    if (decoder->too_long || !cobs_decode_byte(&decoder->cobs, byte, &decoded))
        return;
    if (decoder->len == sizeof decoder->buf)
        decoder->too_long = true;
    else
        decoder->buf[decoder->len++] = decoded;
}

static bool is_good(const struct frame_decoder *decoder)
{
    if (decoder->too_long || !cobs_decoder_is_whole(&decoder->cobs) || decoder->len < FRAME_OVERHEAD)
        return false;
    size_t checked = decoder->len - CRC_LEN;
    return crc32_compute(decoder->buf, checked) == bytes_get_u32(decoder->buf + checked);
}

size_t frame_decode(struct frame_decoder *decoder, const uint8_t *bytes, size_t len, struct frame *frame)
{
    frame->payload = NULL;
    frame->len = 0;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            take_byte(decoder, bytes[i]);
            continue;
        }
        if (decoder->raw_count == 0)
            continue;
        if (!is_good(decoder)) {
            decoder->bad_count++;
            start_frame(decoder);
            continue;
        }
        frame->channel = decoder->buf[0];
        frame->payload = decoder->buf + 1;
        frame->len = decoder->len - FRAME_OVERHEAD;
        decoder->good_count++;
        start_frame(decoder);
        return i + 1;
    }
    return len;
}

bool frame_decoder_is_newline(const struct frame_decoder *decoder)
{
    return decoder->raw_count > 0 && decoder->only_newlines;
}

bool frame_decoder_is_midway(const struct frame_decoder *decoder)
{
    return decoder->raw_count > 0;
}

void frame_decoder_drop(struct frame_decoder *decoder)
{
    if (decoder->raw_count > 0 && !decoder->only_newlines)
        decoder->bad_count++;
    start_frame(decoder);
}

size_t frame_encode(uint8_t channel, const uint8_t *payload, size_t len, uint8_t *out, size_t size)
{
    if (len > FRAME_PAYLOAD_MAX || size < FRAME_ENCODED_MAX(len))
        return 0;
    /* The raw packet is written at the end of out and encoded towards its start. No second buffer is
     * needed. */
    size_t raw_len = len + FRAME_OVERHEAD;
    uint8_t *raw = out + 1 + (COBS_ENCODED_MAX(raw_len) - raw_len);
    raw[0] = channel;
    if (len > 0)
        memcpy(raw + 1, payload, len);
    bytes_put_u32(raw + 1 + len, crc32_compute(raw, 1 + len));

    out[0] = 0;
    size_t written = 1 + cobs_encode(out + 1, raw, raw_len);
    out[written++] = 0;
    return written;
}
