/*
 * The content of a NOR chip, read from a file, as hal/flash.h: reads answer, programs and erases are refused,
 * so whatever looks at it cannot change it. The caller owns the struct and keeps it where it is.
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

/* Reads a whole file; errno says why it failed. sector_size: 4096 or 65536.
 * @retval ERR_OK, ERR_IO, ERR_NO_SPACE (too long), ERR_FORMAT (not whole sectors of 64 KiB). */
int chip_image_open(struct chip_image *image, const char *path, uint32_t sector_size) MUST_USE;
void chip_image_close(struct chip_image *image);

#endif
