/*
 * Frames on a serial line: packets of several channels in a byte stream that may lose, add or change bytes.
 *
 *   00  COBS( channel u8 | payload | CRC-32 of channel and payload, little-endian )  00
 *
 * The zero in front ends whatever noise stood on the line; empty frames mean nothing, so zeros may repeat. A
 * reader that comes in anywhere is in step from the next zero on. Frames that are too long, badly stuffed or
 * fail their CRC are dropped and counted. The caller owns the struct; nothing blocks.
 */
#ifndef FIRMWARE_MAINTENANCE_FRAME_H
#define FIRMWARE_MAINTENANCE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/maintenance/cobs.h"

#define FRAME_PAYLOAD_MAX                                                                                    \
    1400 /* a DTLS record around a CoAP message with 1024 bytes of payload, and to spare */
#define FRAME_OVERHEAD         5 /* channel and CRC */
#define FRAME_ENCODED_MAX(len) (COBS_ENCODED_MAX((len) + FRAME_OVERHEAD) + 2)

enum frame_channel {
    FRAME_CHANNEL_DTLS = 1, /* one datagram a frame */
};

struct frame {
    uint8_t channel;
    const uint8_t *payload; /* NULL: no frame. Else in the decoder's buffer, good until its next call */
    size_t len;
};

struct frame_decoder {
    struct cobs_decoder cobs;
    bool too_long;
    bool only_newlines;             /* nothing but CR and LF since the last zero */
    uint32_t raw_count;             /* bytes since the last zero */
    size_t len;                     /* bytes decoded so far */
    uint32_t good_count, bad_count; /* frames since init */
    uint8_t buf[FRAME_PAYLOAD_MAX + FRAME_OVERHEAD];
};

void frame_decoder_init(struct frame_decoder *decoder);

/* Takes bytes up to the end of the first good frame among them, or all.
 * @retval count of bytes taken, 0 to len; frame->payload is not NULL if they ended a frame. */
size_t frame_decode(struct frame_decoder *decoder, const uint8_t *bytes, size_t len, struct frame *frame);

/* True if someone pressed Enter: since the last zero nothing but CR and LF came, and at least one of them.
 * (Both are also COBS code bytes, so ask only when the line has been quiet for a while.) */
bool frame_decoder_is_newline(const struct frame_decoder *decoder);

/* True in the middle of a frame, or of noise. */
bool frame_decoder_is_midway(const struct frame_decoder *decoder);

/* Forgets a frame that will not end (counted as bad, unless it is an Enter). */
void frame_decoder_drop(struct frame_decoder *decoder);

/* Writes a frame to out, FRAME_ENCODED_MAX(len) bytes at most; payload must lie outside out.
 * @retval count of bytes written, 0 (len is above FRAME_PAYLOAD_MAX, or size below FRAME_ENCODED_MAX(len)).
 */
size_t frame_encode(uint8_t channel, const uint8_t *payload, size_t len, uint8_t *out, size_t size);

#endif
