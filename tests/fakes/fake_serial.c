/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/fake_serial.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int read(void *ctx, uint8_t *buf, size_t size)
{
    struct fake_serial *fake = ctx;
    size_t count = least(size, fake->to_read_len);
    memcpy(buf, fake->to_read, count);
    fake->to_read_len -= count;
    memmove(fake->to_read, fake->to_read + count, fake->to_read_len);
    return (int)count;
}

static int write(void *ctx, const uint8_t *buf, size_t len)
{
    struct fake_serial *fake = ctx;
    if (fake->written_len < sizeof fake->written)
        memcpy(fake->written + fake->written_len, buf, least(len, sizeof fake->written - fake->written_len));
    fake->written_len += len;
    return (int)len;
}

void fake_serial_init(struct fake_serial *fake)
{
    *fake = (struct fake_serial){.serial = {.read = read, .write = write, .ctx = fake}};
}

void fake_serial_send(struct fake_serial *fake, const void *bytes, size_t len)
{
    size_t count = least(len, sizeof fake->to_read - fake->to_read_len);
    memcpy(fake->to_read + fake->to_read_len, bytes, count);
    fake->to_read_len += count;
}
