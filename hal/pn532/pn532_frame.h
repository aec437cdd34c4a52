/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodes and decodes the frames between a host and a PN532 (PN532 User Manual rev 2, 6.2.1). No I/O, no
 * allocation, nothing blocks; the caller owns every buffer.
 *
 *   00 00 FF LEN LCS TFI PD0..PDn DCS 00              LEN counts TFI and PD: 1 to 255
 *   00 00 FF FF FF LENM LENL LCS TFI PD0..PDn DCS 00  extended frame: up to 265
 *   00 00 FF 00 FF 00   ACK
 *   00 00 FF FF 00 00   NACK: send your last frame again
 *
 * LCS makes the sum of the length bytes zero modulo 256; DCS does the same for the data. TFI is D4 from the
 * host and D5 from the chip. It is 7F, without PD, in the frame with which the chip refuses a command.
 *
 * Noise can look like the start of a frame. The parser therefore keeps the bytes until they are a complete
 * valid frame. If they are not, it searches for another start inside them. Thus noise does not destroy a
 * frame that follows it.
 */
#ifndef HAL_PN532_PN532_FRAME_H
#define HAL_PN532_PN532_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define PN532_FRAME_DATA_MAX 265 /* TFI and PD of an extended frame */
#define PN532_FRAME_MAX      (PN532_FRAME_DATA_MAX + 10)
#define PN532_ACK_LEN        6

#define PN532_TFI_HOST  0xD4
#define PN532_TFI_CHIP  0xD5
#define PN532_TFI_ERROR 0x7F

extern const uint8_t pn532_frame_ack[PN532_ACK_LEN];
extern const uint8_t pn532_frame_nack[PN532_ACK_LEN];

enum pn532_frame_event {
    PN532_FRAME_NONE, /* more bytes are needed */
    PN532_FRAME_DATA, /* a data frame with correct checksums */
    PN532_FRAME_ACK,
    PN532_FRAME_NACK,
    PN532_FRAME_BAD, /* bytes that began like a frame were damaged, or noise */
};

/* State of the parser. It starts with all bytes zero. */
struct pn532_frame_parser {
    uint16_t len;   /* count of bytes kept */
    uint16_t taken; /* count of those that were returned already; the next call removes them */
    uint8_t bytes[PN532_FRAME_MAX];
};

/* Writes a frame with TFI D4, head and data into out. head and data together have 1 to PN532_FRAME_DATA_MAX -
 * 1 bytes. The frame is extended only if it must be. Returns the count of bytes written, ERR_ARGUMENT (too
 * long, or empty). */
int pn532_frame_encode(uint8_t out[PN532_FRAME_MAX], const uint8_t *head, size_t head_len,
                       const uint8_t *data, size_t len) MUST_USE;

/* Adds one byte. Between two calls, call pn532_frame_next until it returns PN532_FRAME_NONE. */
void pn532_frame_push(struct pn532_frame_parser *parser, uint8_t byte);

/* Returns the next event in the bytes pushed so far. With PN532_FRAME_DATA, *data points to TFI and PD, which
 * are *len bytes (1 to PN532_FRAME_DATA_MAX) and valid until the next call. */
enum pn532_frame_event pn532_frame_next(struct pn532_frame_parser *parser, const uint8_t **data, size_t *len);

/* Returns true if the bytes kept may be the beginning of a frame. */
bool pn532_frame_has_begun(const struct pn532_frame_parser *parser);

/* Discards the start code of a frame whose end did not arrive. The bytes after it are then searched for
 * another start. */
void pn532_frame_skip(struct pn532_frame_parser *parser);

#endif
