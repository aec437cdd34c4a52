/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A NOR flash chip. Programming clears bits; erasing a sector sets all its bits again.
 *
 * Addresses are byte offsets from the start of the chip. The implementation owns ctx and the geometry; the
 * geometry does not change after start-up.
 *
 * read and program return when they are done. Programming one page takes up to 0.4 ms on a W25Q128JV.
 * erase_start only starts an erase, and erase_poll tells when it has ended (45 ms and more); neither waits
 * for it. read and program are allowed while an erase runs: the implementation then suspends the erase or, if
 * the chip cannot do that, waits for its end.
 */
#ifndef HAL_FLASH_H
#define HAL_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "hal/error.h"

struct flash_geometry {
    uint32_t size;        /* bytes; 0 if there is no usable chip */
    uint32_t sector_size; /* bytes erased by one erase: 4096 or 65536; of internal flash also others */
    uint32_t page_size;   /* bytes; one program of the chip stays inside one page: 256 */
};

struct flash {
    /* Reads len bytes at addr into buf. Returns ERR_OK, ERR_IO (the chip or its bus failed), ERR_ARGUMENT
     * (outside the chip). */
    int (*read)(void *ctx, uint32_t addr, void *buf, size_t len) MUST_USE;
    /* Clears the bits of [addr, addr+len) that are 0 in buf. The range may cross pages: the implementation
     * splits it. Returns ERR_OK, ERR_IO (the chip refused, or is write-protected), ERR_ARGUMENT (outside the
     * chip). */
    int (*program)(void *ctx, uint32_t addr, const void *buf, size_t len) MUST_USE;
    /* Starts to erase the sector that contains addr. Returns ERR_OK, ERR_BUSY (an erase is running), ERR_IO
     * (the chip or its bus failed), ERR_ARGUMENT (outside the chip). */
    int (*erase_start)(void *ctx, uint32_t addr) MUST_USE;
    /* Tells whether the last erase has ended. Returns ERR_OK (it ended, or none was started), ERR_BUSY (it is
     * still running), ERR_IO (it failed). */
    int (*erase_poll)(void *ctx) MUST_USE;
    void *ctx;
    const struct flash_geometry *geometry;
};

/* Returns true if each of the len bytes is FF, as an erase leaves them. */
static inline bool flash_is_blank(const uint8_t *bytes, size_t len)
{
    uint32_t word, all = UINT32_MAX;
    for (; len >= sizeof word; bytes += sizeof word, len -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        all &= word;
    }
    for (; len > 0; bytes++, len--)
        all &= UINT32_C(0xFFFFFF00) | *bytes;
    return all == UINT32_MAX;
}

#endif
