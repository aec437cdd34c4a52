/*
 * Where the regions of the NOR chip are, for any size and sector size. Units of 64 KiB, which both erase
 * geometries divide:
 *
 *   units of 256 (16 MiB)   region
 *         0 ..   1          store: two sectors
 *         2 ..  16          reserved for firmware images
 *        17                 scratch, for the self-test; chips under 1 MiB have none
 *        18 .. 177          whitelist: two slots of 80
 *       178 .. 255          journal
 *
 * Smaller chips shrink each in proportion; one that cannot hold them counts as missing.
 */
#ifndef FIRMWARE_STORAGE_LAYOUT_H
#define FIRMWARE_STORAGE_LAYOUT_H

#include <stdint.h>

#include "hal/error.h"
#include "hal/flash.h"

struct layout {
    uint32_t store_base;
    uint32_t images_base, images_len;
    uint32_t scratch_base, scratch_len; /* scratch_len 0: none */
    uint32_t whitelist_base, whitelist_len;
    uint32_t journal_base, journal_len;
};

/* @retval ERR_OK, ERR_NO_SPACE (chip missing or under 576 KiB). */
int layout_plan(struct layout *layout, const struct flash_geometry *geometry) MUST_USE;

#endif
