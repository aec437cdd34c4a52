/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses and encodes PN532 host frames (PN532 User Manual rev 2, 6.2.1). The parser is fed byte by byte.
 * Pure: no I/O, no allocation. The caller owns every buffer.
 *
 *   00 00 FF LEN LCS TFI PD0..PDn DCS 00              normal, LEN = 1..255 counts TFI and PD
 *   00 00 FF FF FF LENM LENL LCS TFI PD0..PDn DCS 00  extended
 *   00 00 FF 00 FF 00 ACK    00 00 FF FF 00 00 NACK    00 00 FF 01 FF 7F 81 00 error
 *
 * LCS and DCS make their sums zero modulo 256. TFI is D4 from the host, D5 from the chip.
 */
#ifndef CARDSIM_PN532_FRAME_H
#define CARDSIM_PN532_FRAME_H

#include <stddef.h>
#include <stdint.h>

enum {
    CARDSIM_TFI_HOST = 0xD4,
    CARDSIM_TFI_CHIP = 0xD5,
    CARDSIM_FRAME_DATA_MAX = 265,                       /* TFI and PD of an extended frame (6.2.1.2) */
    CARDSIM_FRAME_MAX = CARDSIM_FRAME_DATA_MAX + 8 + 2, /* with everything around it */
    CARDSIM_ACK_LEN = 6,
    CARDSIM_ERROR_LEN = 8,
};

extern const uint8_t cardsim_frame_ack[CARDSIM_ACK_LEN];
extern const uint8_t cardsim_frame_nack[CARDSIM_ACK_LEN];
extern const uint8_t cardsim_frame_error[CARDSIM_ERROR_LEN];

enum cardsim_frame_event {
    CARDSIM_FRAME_NONE, /* more bytes are needed */
    CARDSIM_FRAME_DATA, /* parser->data holds TFI and PD, parser->data_len bytes */
    CARDSIM_FRAME_ACK,
    CARDSIM_FRAME_NACK,
    CARDSIM_FRAME_BAD, /* wrong length or data checksum, or too long: dropped, as the chip does */
};

enum cardsim_frame_state {
    CARDSIM_WAIT_00,
    CARDSIM_WAIT_FF,
    CARDSIM_WAIT_LEN,
    CARDSIM_WAIT_LCS,
    CARDSIM_WAIT_LENM,
    CARDSIM_WAIT_LENL,
    CARDSIM_WAIT_EXTENDED_LCS,
    CARDSIM_WAIT_PAYLOAD,
    CARDSIM_WAIT_DCS,
};

/* A parser. All zero is its initial state. */
struct cardsim_frame_parser {
    enum cardsim_frame_state state;
    uint16_t expected_len;
    uint16_t data_len;
    uint8_t data[CARDSIM_FRAME_DATA_MAX];
};

/* Feeds one byte. Bytes before a start code (wake-up bytes, postambles, noise) are skipped. Returns a value
 * of enum cardsim_frame_event. */
enum cardsim_frame_event cardsim_frame_push(struct cardsim_frame_parser *parser, uint8_t byte);

/* Writes a frame with TFI and the len bytes of data (0 to CARDSIM_FRAME_DATA_MAX - 1) into out, which has
 * room for CARDSIM_FRAME_MAX bytes. The frame is extended only if necessary. Returns the number of bytes
 * written. */
size_t cardsim_frame_encode(uint8_t *out, uint8_t tfi, const uint8_t *data, size_t len);

#endif
