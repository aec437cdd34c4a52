/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/journal/journal_floor.h"

#include <string.h>

#include "firmware/base/bytes.h"

void journal_floor_encode(const struct journal_floor *floor, uint8_t out[JOURNAL_FLOOR_LEN])
{
    memset(out, 0, JOURNAL_FLOOR_LEN);
    bytes_put_u32(out, floor->head_seq);
    bytes_put_u32(out + 4, floor->hole_seq);
}

struct journal_floor journal_floor_decode(const uint8_t in[JOURNAL_FLOOR_LEN])
{
    return (struct journal_floor){.head_seq = bytes_get_u32(in), .hole_seq = bytes_get_u32(in + 4)};
}
