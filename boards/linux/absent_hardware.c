/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/absent_hardware.h"

#include "hal/linux/translate.h"

static int absent_reader_poll(void *ctx, struct reader_report *report)
{
    bool *told = ctx;

    if (*told)
        return 0;
    *told = true;
    *report = (struct reader_report){.event = READER_DOWN, .text = N_("none (--reader none)")};
    return 1;
}

static int absent_reader_exchange(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size)
{
    (void)ctx, (void)tx, (void)tx_len, (void)rx, (void)rx_size;
    return ERR_IO;
}

static int absent_serial_read(void *ctx, uint8_t *buf, size_t size)
{
    (void)ctx, (void)buf, (void)size;
    return 0;
}

static int absent_serial_write(void *ctx, const uint8_t *buf, size_t len)
{
    (void)ctx, (void)buf;
    return (int)len;
}

static bool absent_reader_told;
const struct reader absent_reader = {
    .poll = absent_reader_poll, .exchange = absent_reader_exchange, .ctx = &absent_reader_told};
const struct serial absent_serial = {.read = absent_serial_read, .write = absent_serial_write};
