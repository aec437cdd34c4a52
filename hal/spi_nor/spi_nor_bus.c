/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/spi_nor/spi_nor_bus.h"

#include <string.h>

#include "hal/spi_nor/spi_nor_part.h"

enum {
    RESET_US = 50, /* tRST 30 us (W25Q), tRPH 35 us (FL-S) */
};

uint64_t spi_nor_bus_now_us(const struct spi_nor *nor)
{
    return nor->timer->monotonic_us(nor->timer->ctx);
}

void spi_nor_bus_delay(const struct spi_nor *nor, uint64_t since_us, uint32_t length_us)
{
    while (spi_nor_bus_now_us(nor) - since_us < length_us)
        ;
}

int spi_nor_bus_report(struct spi_nor *nor, const char *words, const uint8_t *bytes, size_t count)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = strlen(words), room = sizeof nor->problem - 1;
    if (len > room)
        len = room;
    memcpy(nor->problem, words, len);
    for (size_t i = 0; i < count && len + 3 <= room; i++) {
        nor->problem[len++] = ' ';
        nor->problem[len++] = digits[bytes[i] >> 4];
        nor->problem[len++] = digits[bytes[i] & 15];
    }
    nor->problem[len] = '\0';
    return ERR_IO;
}

int spi_nor_bus_report_status(struct spi_nor *nor, const char *words, uint8_t status)
{
    if (status == NOR_STATUS_NO_CHIP)
        words = "the chip stopped answering, status";
    return spi_nor_bus_report(nor, words, &status, 1);
}

int spi_nor_bus_exchange(struct spi_nor *nor, const uint8_t *command, size_t command_len, const uint8_t *out,
                         uint8_t *in, size_t len)
{
    if (nor->spi->exchange(nor->spi->ctx, command, command_len, out, in, len) == ERR_OK)
        return ERR_OK;
    return spi_nor_bus_report(nor, "the SPI controller does not finish", NULL, 0);
}

int spi_nor_bus_send(struct spi_nor *nor, uint8_t command)
{
    return spi_nor_bus_exchange(nor, &command, 1, NULL, NULL, 0);
}

int spi_nor_bus_read_register(struct spi_nor *nor, uint8_t command, uint8_t *value)
{
    return spi_nor_bus_exchange(nor, &command, 1, NULL, value, 1);
}

void spi_nor_bus_put_address(uint8_t command[NOR_ADDRESS_LEN], uint8_t code, uint32_t addr)
{
    command[0] = code;
    command[1] = (uint8_t)(addr >> 16);
    command[2] = (uint8_t)(addr >> 8);
    command[3] = (uint8_t)addr;
}

int spi_nor_bus_read(struct spi_nor *nor, uint32_t addr, uint8_t *buf, size_t len)
{
    uint8_t command[NOR_ADDRESS_LEN];
    spi_nor_bus_put_address(command, NOR_READ_DATA, addr);
    return spi_nor_bus_exchange(nor, command, sizeof command, NULL, buf, len);
}

void spi_nor_bus_clear_errors(struct spi_nor *nor)
{
    (void)spi_nor_bus_send(nor, NOR_CLEAR_STATUS);
    (void)spi_nor_bus_send(nor, NOR_WRITE_DISABLE);
}

int spi_nor_bus_wait(struct spi_nor *nor, uint32_t limit_us, uint8_t *status, uint32_t *reads)
{
    uint64_t start_us = spi_nor_bus_now_us(nor);
    for (*reads = 1;; (*reads)++) {
        /* The time is read before the status, so that the chip has its full time even if this loop is
         * delayed. */
        bool last = spi_nor_bus_now_us(nor) - start_us >= limit_us;
        if (spi_nor_bus_read_register(nor, NOR_READ_STATUS, status) != ERR_OK)
            return ERR_IO;
        if (*status & nor->part->error_bits)
            return ERR_BUSY;
        if (!(*status & NOR_STATUS_BUSY))
            return ERR_OK;
        if (last)
            return ERR_BUSY;
    }
}

static int reset_chip(struct spi_nor *nor)
{
    if (spi_nor_bus_send(nor, NOR_RESET_ENABLE) != ERR_OK || spi_nor_bus_send(nor, NOR_RESET) != ERR_OK)
        return ERR_IO;
    spi_nor_bus_delay(nor, spi_nor_bus_now_us(nor), RESET_US);
    if (spi_nor_bus_send(nor, NOR_RESET_SPANSION) != ERR_OK)
        return ERR_IO;
    spi_nor_bus_delay(nor, spi_nor_bus_now_us(nor), RESET_US);
    return ERR_OK;
}

int spi_nor_bus_is_suspended(struct spi_nor *nor, bool *suspended)
{
    uint8_t value = 0;
    int result = ERR_OK;
    if (nor->part->suspend_register != 0)
        result = spi_nor_bus_read_register(nor, nor->part->suspend_register, &value);
    *suspended = value & nor->part->suspend_bit;
    return result;
}

int spi_nor_bus_make_idle(struct spi_nor *nor)
{
    uint8_t status;
    uint32_t reads;
    bool suspended = false;
    int result = spi_nor_bus_wait(nor, NOR_PROGRAM_MAX_US, &status, &reads);
    if (result == ERR_OK)
        result = spi_nor_bus_is_suspended(nor, &suspended);
    if (result == ERR_BUSY || (result == ERR_OK && suspended)) {
        spi_nor_bus_clear_errors(nor);
        result = reset_chip(nor);
        if (result == ERR_OK)
            result = spi_nor_bus_wait(nor, NOR_PROGRAM_MAX_US, &status, &reads);
    }
    return result == ERR_BUSY ? spi_nor_bus_report_status(nor, "the chip stays busy, status", status)
                              : result;
}

void spi_nor_bus_clear_latch(struct spi_nor *nor, uint8_t status)
{
    if (status & NOR_STATUS_WRITE_ENABLED)
        (void)spi_nor_bus_send(nor, NOR_WRITE_DISABLE);
}
