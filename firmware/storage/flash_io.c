/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/storage/flash_io.h"

#include <string.h>

enum {
    READ_TRIES = 2,
    PIECE_LEN = 256, /* bytes read back at once, on the stack */
};

int flash_io_read(const struct flash *flash, uint32_t addr, void *buf, size_t len)
{
    int result = ERR_IO;
    for (int tries = 0; tries < READ_TRIES && result == ERR_IO; tries++)
        result = flash->read(flash->ctx, addr, buf, len);
    return result;
}

int flash_io_program(const struct flash *flash, uint32_t addr, const void *data, size_t len)
{
    uint8_t seen[PIECE_LEN];
    const uint8_t *bytes = data;
    bool same = true, blank = true;
    int programmed = flash->program(flash->ctx, addr, data, len);
    for (size_t done = 0, count; done < len && (same || blank); done += count) {
        count = len - done < sizeof seen ? len - done : sizeof seen;
        int result = flash_io_read(flash, addr + (uint32_t)done, seen, count);
        if (result != ERR_OK)
            return result;
        same = same && memcmp(seen, bytes + done, count) == 0;
        blank = blank && flash_is_blank(seen, count);
    }
    if (programmed == ERR_OK && same)
        return ERR_OK;
    return blank ? ERR_NO_SPACE : ERR_CORRUPT;
}
