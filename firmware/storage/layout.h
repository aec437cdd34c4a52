/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The regions of the NOR chip, for any size and sector size. Sizes are in units of 64 KiB, a multiple of both
 * sector sizes:
 *
 *   units of 256 (16 MiB)   region
 *         0 ..   1          store: two sectors
 *         2 ..  16          reserved for firmware images
 *        17                 scratch, for the self-test; chips under 1 MiB have none
 *        18 .. 177          whitelist: two slots of 80
 *       178 .. 255          journal
 *
 * On a smaller chip each region shrinks in proportion. A chip that cannot hold them counts as missing.
 * Nothing blocks.
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

/* Computes the layout. Returns ERR_OK or ERR_NO_SPACE (no chip, or less than 576 KiB). */
int layout_plan(struct layout *layout, const struct flash_geometry *geometry) MUST_USE;

#endif
