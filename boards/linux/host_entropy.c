/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/host_entropy.h"

#include <errno.h>
#include <sys/random.h>

static int fill(void *ctx, uint8_t *buf, size_t len)
{
    (void)ctx;
    while (len > 0) {
        ssize_t count = getrandom(buf, len, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return ERR_IO;
        buf += count;
        len -= (size_t)count;
    }
    return ERR_OK;
}

const struct entropy host_entropy = {.fill = fill};
