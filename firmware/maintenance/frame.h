/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames on a serial line: packets of several channels in a byte stream that may lose, insert or change
 * bytes.
 *
 *   00  COBS( channel u8 | payload | CRC-32 of channel and payload, little-endian )  00
 *
 * The first zero ends any noise before it. Empty frames are ignored, so zeros may repeat. A receiver
 * that starts in the middle is synchronised after the next zero. A frame that is too long, not valid
 * COBS, or fails its CRC is dropped and counted. The caller owns the struct; nothing blocks.
 */
#ifndef FIRMWARE_MAINTENANCE_FRAME_H
#define FIRMWARE_MAINTENANCE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/maintenance/cobs.h"

/* Enough for a DTLS record with a CoAP message that has 1024 bytes of payload. */
#define FRAME_PAYLOAD_MAX      1400
#define FRAME_OVERHEAD         5 /* channel and CRC */
#define FRAME_ENCODED_MAX(len) (COBS_ENCODED_MAX((len) + FRAME_OVERHEAD) + 2)

enum frame_channel {
    FRAME_CHANNEL_DTLS = 1, /* each frame is one datagram */
};

struct frame {
    uint8_t channel;
    const uint8_t *payload; /* NULL: no frame. It points into the decoder and is valid until its next call */
    size_t len;
};

struct frame_decoder {
    struct cobs_decoder cobs;
    bool too_long;
    bool only_newlines;             /* only CR and LF since the last zero */
    uint32_t raw_count;             /* bytes since the last zero */
    size_t len;                     /* bytes decoded so far */
    uint32_t good_count, bad_count; /* frames since init */
    uint8_t buf[FRAME_PAYLOAD_MAX + FRAME_OVERHEAD];
};

/* Initialises the decoder. It then waits for the first frame. */
void frame_decoder_init(struct frame_decoder *decoder);

/* Reads bytes up to the end of the first valid frame, or all of them. Returns the count of bytes read, 0
 * to len. If they ended a frame, frame->payload is not NULL. */
size_t frame_decode(struct frame_decoder *decoder, const uint8_t *bytes, size_t len, struct frame *frame);

/* Returns true if Enter was pressed: only CR and LF, and at least one of them, arrived since the last
 * zero. Both are also COBS code bytes, so call this only when the line has been quiet for a while. */
bool frame_decoder_is_newline(const struct frame_decoder *decoder);

/* Returns true in the middle of a frame, or of noise. */
bool frame_decoder_is_midway(const struct frame_decoder *decoder);

/* Discards an incomplete frame. It is counted as bad, unless it is an Enter. */
void frame_decoder_drop(struct frame_decoder *decoder);

/* Writes a frame of at most FRAME_ENCODED_MAX(len) bytes to out. payload must be outside out. Returns
 * the count of bytes written; 0: len is above FRAME_PAYLOAD_MAX, or size below FRAME_ENCODED_MAX(len).
 * */
size_t frame_encode(uint8_t channel, const uint8_t *payload, size_t len, uint8_t *out, size_t size);

#endif
