/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 as in IEEE 802.3 and zlib: polynomial 04C11DB7 reflected, start and final XOR FFFFFFFF. */
#ifndef FIRMWARE_BASE_CRC32_H
#define FIRMWARE_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Returns the CRC-32 of len bytes. */
uint32_t crc32_compute(const void *data, size_t len);

#endif
