/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs hal/spi_nor against the chip QEMU has on its emcraft-sf2, with no guest: the SPI controller's
 * registers are reached through QEMU's qtest socket. usage: nor_probe SOCKET [erase ADDR | program ADDR FILE
 * | read ADDR LEN FILE]... First line: name, size and sector size. Ends at the first error, with the driver's
 * words on stderr.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "hal/spi_nor/spi_nor.h"

/* M2S010's MSS SPI 0, as boards/emcraft_sf2/m2s010.h has it. */
enum {
    SPI_CONTROL = 0x40001000,
    SPI_DFSIZE = 0x40001004,
    SPI_STATUS = 0x40001008,
    SPI_RX = 0x40001010,
    SPI_TX = 0x40001014,
    SPI_SS = 0x4000101C,
    CONTROL_BITS = 0x34000002,
    CONTROL_ENABLE = 1,
    STATUS_RX_EMPTY = 0x40,
    FIFO_LEN = 32,
};

static FILE *qtest;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "nor_probe: %s\n", what);
    exit(1);
}

static unsigned long ask(void)
{
    char line[128];
    do {
        if (fgets(line, sizeof line, qtest) == NULL)
            die("QEMU hung up");
    } while (strncmp(line, "IRQ", 3) == 0);
    if (strncmp(line, "OK", 2) != 0)
        die(line);
    return strtoul(line + 2, NULL, 0);
}

static void put(unsigned long addr, unsigned long value)
{
    fprintf(qtest, "writel 0x%lx 0x%lx\n", addr, value);
    fflush(qtest);
    (void)ask();
}

static unsigned long get(unsigned long addr)
{
    fprintf(qtest, "readl 0x%lx\n", addr);
    fflush(qtest);
    return ask();
}

static int exchange(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out, uint8_t *in,
                    size_t len)
{
    size_t total = command_len + len, sent = 0, taken = 0;
    (void)ctx;
    put(SPI_CONTROL, CONTROL_BITS);
    put(SPI_CONTROL, CONTROL_BITS | CONTROL_ENABLE | total << 8);
    while (taken < total) {
        for (; sent < total && sent - taken < FIFO_LEN; sent++)
            put(SPI_TX, sent < command_len ? command[sent] : out != NULL ? out[sent - command_len] : 0);
        for (; taken < sent; taken++) {
            if (get(SPI_STATUS) & STATUS_RX_EMPTY)
                return ERR_IO;
            unsigned long byte = get(SPI_RX);
            if (taken >= command_len && out == NULL)
                in[taken - command_len] = (uint8_t)byte;
        }
    }
    return ERR_OK;
}

static uint64_t monotonic_us(void *ctx)
{
    struct timespec now;
    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("no QEMU at the socket");
    qtest = fdopen(fd, "r+");
    if (qtest == NULL)
        die("out of memory");
    put(SPI_CONTROL, CONTROL_BITS);
    put(SPI_DFSIZE, 8);
    put(SPI_SS, 1);
}

static int erase(const struct flash *flash, uint32_t addr)
{
    int result = flash->erase_start(flash->ctx, addr);
    if (result == ERR_OK)
        do
            result = flash->erase_poll(flash->ctx);
        while (result == ERR_BUSY);
    return result;
}

static uint8_t data[1 << 20];

static int program(const struct flash *flash, uint32_t addr, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        die(path);
    size_t len = fread(data, 1, sizeof data, file);
    fclose(file);
    return flash->program(flash->ctx, addr, data, len);
}

static int read_out(const struct flash *flash, uint32_t addr, size_t len, const char *path)
{
    if (len > sizeof data)
        die("too long");
    int result = flash->read(flash->ctx, addr, data, len);
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, len, file) != len || fclose(file) != 0)
        die(path);
    return result;
}

static uint32_t number(const char *text)
{
    return (uint32_t)strtoul(text, NULL, 0);
}

int main(int argc, char **argv)
{
    static struct spi_nor nor;
    static const struct spi spi = {.exchange = exchange};
    static const struct timer timer = {.monotonic_us = monotonic_us};
    if (argc < 2)
        die("usage: nor_probe SOCKET [erase ADDR | program ADDR FILE | read ADDR LEN FILE]...");
    connect_to(argv[1]);
    int result = spi_nor_init(&nor, &spi, &timer);
    printf("%s %u %u\n", spi_nor_name(&nor), nor.flash.geometry->size, nor.flash.geometry->sector_size);
    for (int i = 2; i < argc && result == ERR_OK;) {
        if (strcmp(argv[i], "erase") == 0 && i + 1 < argc) {
            result = erase(&nor.flash, number(argv[i + 1]));
            i += 2;
        } else if (strcmp(argv[i], "program") == 0 && i + 2 < argc) {
            result = program(&nor.flash, number(argv[i + 1]), argv[i + 2]);
            i += 3;
        } else if (strcmp(argv[i], "read") == 0 && i + 3 < argc) {
            result = read_out(&nor.flash, number(argv[i + 1]), number(argv[i + 2]), argv[i + 3]);
            i += 4;
        } else {
            die("what is not erase ADDR, program ADDR FILE or read ADDR LEN FILE?");
        }
    }
    if (result != ERR_OK)
        fprintf(stderr, "%s: %s\n", error_name(result), spi_nor_problem(&nor));
    return result == ERR_OK ? 0 : 1;
}
