/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consistent overhead byte stuffing (Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM
 * Transactions on Networking 7(2), 1999). It encodes any bytes as bytes that are never zero; one byte in
 * 254 is added.
 *
 * The zero between packets belongs to frame.h and is not handled here. The only state is the caller's;
 * nothing blocks.
 */
#ifndef FIRMWARE_MAINTENANCE_COBS_H
#define FIRMWARE_MAINTENANCE_COBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest encoded size of len bytes. */
#define COBS_ENCODED_MAX(len) ((len) + (len) / 254 + 1)

/* Encodes len bytes into at most COBS_ENCODED_MAX(len) bytes. in may be in the same buffer as out if it
 * starts at least COBS_ENCODED_MAX(len) - len bytes behind it; the output then never overwrites unread
 * input. Returns the count of bytes written (1 if len is 0). */
size_t cobs_encode(uint8_t *out, const uint8_t *in, size_t len);

/* State of the decoder. It is all zero at the start of a packet. */
struct cobs_decoder {
    uint8_t code;      /* of the current group; 0: none yet */
    uint8_t remaining; /* bytes of the group that are missing */
};

/* Decodes one byte, which must not be zero. Returns true if *out is the next decoded byte. */
bool cobs_decode_byte(struct cobs_decoder *decoder, uint8_t byte, uint8_t *out);

/* Returns true if a packet can end here: at least one group arrived and the last one is complete. */
bool cobs_decoder_is_whole(const struct cobs_decoder *decoder);

#endif
