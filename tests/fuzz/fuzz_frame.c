/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes off a line into the frame decoder, in chunks; then the same bytes out and back in as a payload. */
#include <stdlib.h>
#include <string.h>

#include "firmware/maintenance/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct frame_decoder decoder;
    struct frame frame;
    frame_decoder_init(&decoder);
    for (size_t at = 0; at < size;) {
        size_t chunk = 1 + data[at] % 64;
        chunk = chunk < size - at ? chunk : size - at;
        size_t taken = frame_decode(&decoder, data + at, chunk, &frame);
        if (taken == 0 || taken > chunk || (frame.payload != NULL && frame.len > FRAME_PAYLOAD_MAX))
            abort();
        at += taken;
    }
    frame_decoder_drop(&decoder);

    size_t len = size < FRAME_PAYLOAD_MAX ? size : FRAME_PAYLOAD_MAX;
    uint8_t *out = malloc(FRAME_ENCODED_MAX(len)); /* exactly, so that a byte too many shows */
    if (out == NULL)
        return 0;
    size_t encoded = frame_encode(9, data, len, out, FRAME_ENCODED_MAX(len));
    if (encoded == 0 || frame_decode(&decoder, out, encoded, &frame) != encoded || frame.payload == NULL ||
        frame.channel != 9 || frame.len != len || (len > 0 && memcmp(frame.payload, data, len) != 0))
        abort();
    free(out);
    return 0;
}
