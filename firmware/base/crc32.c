/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/base/crc32.h"

/* One entry for each nibble: a table of 64 bytes is more than fast enough for the serial line. */
static const uint32_t nibble_table[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t crc32_compute(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < len; i++) {
        crc = nibble_table[(crc ^ bytes[i]) & 0xF] ^ (crc >> 4);
        crc = nibble_table[(crc ^ (uint32_t)(bytes[i] >> 4)) & 0xF] ^ (crc >> 4);
    }
    return ~crc;
}
