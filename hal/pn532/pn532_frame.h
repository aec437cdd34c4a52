/*
 * Frames between a host and a PN532 (PN532 User Manual rev 2, 6.2.1). Pure: no I/O, no allocation; the caller
 * owns every buffer.
 *
 *   00 00 FF LEN LCS TFI PD0..PDn DCS 00              LEN counts TFI and PD: 1 to 255
 *   00 00 FF FF FF LENM LENL LCS TFI PD0..PDn DCS 00  extended: up to 265
 *   00 00 FF 00 FF 00   ACK
 *   00 00 FF FF 00 00   NACK: send your last frame again
 *
 * LCS and DCS make the sums of length and data zero modulo 256. TFI is D4 from the host, D5 from the chip,
 * and 7F, alone, in the frame by which the chip refuses a command.
 *
 * Noise may look like the start of a frame. So the parser keeps what it reads until it is proven to be a
 * frame, and where it is not, looks for another start inside it: noise costs no frame that follows it.
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
    PN532_FRAME_DATA, /* a frame whose checksums match */
    PN532_FRAME_ACK,
    PN532_FRAME_NACK,
    PN532_FRAME_BAD, /* what looked like a frame was damaged, or none */
};

/* All zero is a parser that has seen nothing. */
struct pn532_frame_parser {
    uint16_t len;   /* bytes kept */
    uint16_t taken; /* of these, already told: dropped at the next call */
    uint8_t bytes[PN532_FRAME_MAX];
};

/* Writes the frame around TFI D4, head and data (together 1 to PN532_FRAME_DATA_MAX - 1 bytes) into out,
 * extended only when it must be. @retval bytes written, ERR_ARGUMENT (too long, or nothing). */
int pn532_frame_encode(uint8_t out[PN532_FRAME_MAX], const uint8_t *head, size_t head_len,
                       const uint8_t *data, size_t len) MUST_USE;

/* Adds one byte. Call pn532_frame_next until it returns PN532_FRAME_NONE before adding another. */
void pn532_frame_push(struct pn532_frame_parser *parser, uint8_t byte);

/* Returns what the bytes pushed so far hold next. With PN532_FRAME_DATA, data points to TFI and PD, len of
 * them (1 to PN532_FRAME_DATA_MAX), until the next call. */
enum pn532_frame_event pn532_frame_next(struct pn532_frame_parser *parser, const uint8_t **data, size_t *len);

/* True if the bytes kept may be the beginning of a frame. */
bool pn532_frame_has_begun(const struct pn532_frame_parser *parser);

/* Gives up the frame that has begun (its end never came); what follows its start code is looked at again. */
void pn532_frame_skip(struct pn532_frame_parser *parser);

#endif
