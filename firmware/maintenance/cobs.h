/*
 * Consistent overhead byte stuffing (Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM
 * Transactions on Networking 7(2), 1999): any bytes as bytes that are never zero, at a cost of one in 254.
 *
 * The zero between packets is not written or taken here: it belongs to frame.h. No state but the caller's,
 * nothing blocks.
 */
#ifndef FIRMWARE_MAINTENANCE_COBS_H
#define FIRMWARE_MAINTENANCE_COBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most bytes that len bytes become. */
#define COBS_ENCODED_MAX(len) ((len) + (len) / 254 + 1)

/* Writes at most COBS_ENCODED_MAX(len) bytes to out. in may lie in the same buffer as out, if it starts at
 * least COBS_ENCODED_MAX(len) - len bytes behind it: what is written never overtakes what is read.
 * @retval count of bytes written (1 for no bytes). */
size_t cobs_encode(uint8_t *out, const uint8_t *in, size_t len);

/* One packet being decoded; all zero at its start. */
struct cobs_decoder {
    uint8_t code;      /* of the group under way; 0: none yet */
    uint8_t remaining; /* bytes of it still to come */
};

/* Takes one byte, which is not zero, and yields at most one. @retval true *out is the next decoded byte. */
bool cobs_decode_byte(struct cobs_decoder *decoder, uint8_t byte, uint8_t *out);

/* True if a packet could end here: at least one group came, and none is half there. */
bool cobs_decoder_is_whole(const struct cobs_decoder *decoder);

#endif
