/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/maintenance/cobs.h"

#define GROUP_FULL 0xFF /* 254 bytes follow, and no zero after them */

size_t cobs_encode(uint8_t *out, const uint8_t *in, size_t len)
{
    size_t code_at = 0, written = 1;
    uint8_t code = 1;
    for (size_t i = 0; i < len; i++) {
        /* A full group is closed only when another byte follows, so that a packet never ends with an
         * empty group. */
        if (code == GROUP_FULL) {
            out[code_at] = code;
            code_at = written++;
            code = 1;
        }
        uint8_t byte = in[i];
        if (byte != 0) {
            out[written++] = byte;
            code++;
            continue;
        }
        out[code_at] = code;
        code_at = written++;
        code = 1;
    }
    out[code_at] = code;
    return written;
}

bool cobs_decode_byte(struct cobs_decoder *decoder, uint8_t byte, uint8_t *out)
{
    if (decoder->remaining > 0) {
        decoder->remaining--;
        *out = byte;
        return true;
    }
    /* A group stands for its bytes and a zero. The zero is output only when another group follows. */
    bool owes_zero = decoder->code != 0 && decoder->code != GROUP_FULL;
    decoder->code = byte;
    decoder->remaining = (uint8_t)(byte - 1);
    *out = 0;
    return owes_zero;
}

bool cobs_decoder_is_whole(const struct cobs_decoder *decoder)
{
    return decoder->code != 0 && decoder->remaining == 0;
}
