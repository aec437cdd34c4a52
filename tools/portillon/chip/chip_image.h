/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Presents the content of a NOR chip, read from a file, as hal/flash.h. Reads are answered; programs and
 * erases are refused, so no user of it can change the image. The caller owns the struct and must not move it.
 * Only chip_image_open blocks, on the file.
 */
#ifndef TOOLS_PORTILLON_CHIP_CHIP_IMAGE_H
#define TOOLS_PORTILLON_CHIP_CHIP_IMAGE_H

#include "hal/flash.h"

#define CHIP_IMAGE_MAX (128u * 1024 * 1024)

struct chip_image {
    struct flash flash;
    struct flash_geometry geometry;
    uint8_t *bytes;
};

/* Reads a whole file. errno holds the cause of a failure. sector_size is 4096 or 65536. Returns ERR_OK,
 * ERR_IO, ERR_NO_SPACE (longer than CHIP_IMAGE_MAX) or ERR_FORMAT (not whole sectors of 64 KiB). */
int chip_image_open(struct chip_image *image, const char *path, uint32_t sector_size) MUST_USE;
/* Frees the image. */
void chip_image_close(struct chip_image *image);

#endif
