/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/chip/chip_image.h"

#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/file_io.h"

enum { LARGE_SECTOR = 65536, PAGE = 256 };

static int image_read(void *ctx, uint32_t addr, void *buf, size_t len)
{
    const struct chip_image *image = ctx;
    if (addr > image->geometry.size || len > image->geometry.size - addr)
        return ERR_ARGUMENT;
    memcpy(buf, image->bytes + addr, len);
    return ERR_OK;
}

static int refuse_program(void *ctx, uint32_t addr, const void *buf, size_t len)
{
    (void)ctx;
    (void)addr;
    (void)buf;
    (void)len;
    return ERR_IO;
}

static int refuse_erase(void *ctx, uint32_t addr)
{
    (void)ctx;
    (void)addr;
    return ERR_IO;
}

static int no_erase_runs(void *ctx)
{
    (void)ctx;
    return ERR_OK;
}

int chip_image_open(struct chip_image *image, const char *path, uint32_t sector_size)
{
    size_t len;
    *image = (struct chip_image){.flash = {.read = image_read,
                                           .program = refuse_program,
                                           .erase_start = refuse_erase,
                                           .erase_poll = no_erase_runs,
                                           .ctx = image,
                                           .geometry = &image->geometry}};
    int result = file_read(path, CHIP_IMAGE_MAX, &image->bytes, &len);
    if (result != ERR_OK)
        return result;
    image->geometry =
        (struct flash_geometry){.size = (uint32_t)len, .sector_size = sector_size, .page_size = PAGE};
    return len > 0 && len % LARGE_SECTOR == 0 ? ERR_OK : ERR_FORMAT;
}

void chip_image_close(struct chip_image *image)
{
    free(image->bytes);
    image->bytes = NULL;
}
