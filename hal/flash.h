/*
 * A NOR flash chip: programming clears bits, erasing a sector sets them all again.
 *
 * Addresses are byte offsets from the start of the chip. The implementation owns ctx and the geometry,
 * which never changes after start-up. read and program return when done (a page program takes up to
 * 0.4 ms on a W25Q128JV); erase_start only starts, erase_poll tells when it ended (45 ms and up).
 * read and program are allowed while an erase runs: the implementation suspends the erase if the chip
 * can, else waits for it.
 */
#ifndef HAL_FLASH_H
#define HAL_FLASH_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

struct flash_geometry {
    uint32_t size;        /* bytes; 0: no chip answered */
    uint32_t sector_size; /* bytes erased at once: 4096 or 65536 */
    uint32_t page_size;   /* a program may not cross a multiple of this: 256 */
};

struct flash {
    /* Reads len bytes at addr into buf. @retval ERR_OK, ERR_IO, ERR_ARGUMENT (outside the chip). */
    int (*read)(void *ctx, uint32_t addr, void *buf, size_t len) MUST_USE;
    /* Clears the bits of [addr, addr+len) that are 0 in buf; splits at page bounds by itself.
     * @retval ERR_OK, ERR_IO (refused, write-protected), ERR_ARGUMENT (outside the chip). */
    int (*program)(void *ctx, uint32_t addr, const void *buf, size_t len) MUST_USE;
    /* Starts erasing the sector that holds addr. @retval ERR_OK, ERR_BUSY (one is running), ERR_IO,
     * ERR_ARGUMENT. */
    int (*erase_start)(void *ctx, uint32_t addr) MUST_USE;
    /* @retval ERR_OK (no erase is running: the last one ended), ERR_BUSY, ERR_IO (it failed). */
    int (*erase_poll)(void *ctx) MUST_USE;
    void *ctx;
    const struct flash_geometry *geometry;
};

#endif
