/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The low level of the NOR driver: single commands, waiting, and error texts. Only for spi_nor*.c. It works
 * on the struct spi_nor of the caller. Every function blocks for the time of its bytes on the line, or as its
 * comment says.
 *
 * Sources: "W25Q" is the W25Q128JV datasheet, Winbond, revision F (2018-03-27). "FL-S" is the
 * S25FL128S/S25FL256S datasheet, Cypress 001-98283, revision P (2018-08-07).
 */
#ifndef HAL_SPI_NOR_SPI_NOR_BUS_H
#define HAL_SPI_NOR_SPI_NOR_BUS_H

#include "hal/spi_nor/spi_nor_state.h"

#define NOR_ADDRESS_LEN    4    /* a command byte and 24 address bits */
#define NOR_PROGRAM_MAX_US 5000 /* tPP 3 ms (W25Q), 0.75 ms (FL-S) */

enum nor_command {
    NOR_WRITE_ENABLE = 0x06,
    NOR_WRITE_DISABLE = 0x04,
    NOR_READ_STATUS = 0x05,
    NOR_CLEAR_STATUS = 0x30, /* FL-S only */
    /* not 0Bh, which costs a dummy byte; QEMU also expects more or fewer dummy bytes than the chips */
    NOR_READ_DATA = 0x03,
    NOR_PAGE_PROGRAM = 0x02,
    NOR_ERASE_4K = 0x20,
    NOR_ERASE_64K = 0xD8,
    NOR_SUSPEND = 0x75,
    NOR_RESUME = 0x7A,
    NOR_READ_ID = 0x9F,
    NOR_RELEASE_POWER_DOWN = 0xAB,
    NOR_RESET_ENABLE = 0x66,
    NOR_RESET = 0x99,
    NOR_RESET_SPANSION = 0xF0,
    NOR_EXIT_4_BYTES = 0xE9, /* not FL-S */
};

enum nor_status {
    NOR_STATUS_BUSY = 0x01,
    NOR_STATUS_WRITE_ENABLED = 0x02,
    NOR_STATUS_PROTECTED = 0x1C, /* BP2..BP0: some blocks refuse program and erase */
    NOR_STATUS_NO_CHIP = 0xFF,   /* the value of an open line with a pull-up */
};

/* Returns the monotonic time in microseconds. */
uint64_t spi_nor_bus_now_us(const struct spi_nor *nor);
/* Blocks until length_us after since_us (monotonic, in microseconds). */
void spi_nor_bus_delay(const struct spi_nor *nor, uint64_t since_us, uint32_t length_us);

/* Stores the text for spi_nor_problem: words, then count bytes in hexadecimal. Always returns ERR_IO, so that
 * the caller can return it. */
int spi_nor_bus_report(struct spi_nor *nor, const char *words, const uint8_t *bytes, size_t count);
/* The same with the status register. A status of FFh replaces words by a text which says that the chip
 * stopped answering. */
int spi_nor_bus_report_status(struct spi_nor *nor, const char *words, uint8_t status);

/* Selects the chip once, as exchange of struct spi does. Returns ERR_OK, ERR_IO (the text is stored). */
int spi_nor_bus_exchange(struct spi_nor *nor, const uint8_t *command, size_t command_len, const uint8_t *out,
                         uint8_t *in, size_t len) MUST_USE;
/* Sends a command of one byte. Returns ERR_OK, ERR_IO. */
int spi_nor_bus_send(struct spi_nor *nor, uint8_t command);
/* Sends a command with an answer of one byte. Returns ERR_OK (*value is filled), ERR_IO. */
int spi_nor_bus_read_register(struct spi_nor *nor, uint8_t command, uint8_t *value) MUST_USE;
/* Writes the command byte and the 24-bit address. */
void spi_nor_bus_put_address(uint8_t command[NOR_ADDRESS_LEN], uint8_t code, uint32_t addr);
/* Reads len bytes at addr. The chip must be idle. Returns ERR_OK, ERR_IO. */
int spi_nor_bus_read(struct spi_nor *nor, uint32_t addr, uint8_t *buf, size_t len) MUST_USE;

/* Tells in *suspended whether an erase is suspended; false on parts that cannot suspend. Returns ERR_OK,
 * ERR_IO. */
int spi_nor_bus_is_suspended(struct spi_nor *nor, bool *suspended) MUST_USE;
/* Waits until the chip is not busy, for limit_us at most. *status is the last status read; *reads is the
 * number of status reads. Returns ERR_OK, ERR_BUSY (still busy at the limit, or an error bit is set),
 * ERR_IO. */
int spi_nor_bus_wait(struct spi_nor *nor, uint32_t limit_us, uint8_t *status, uint32_t *reads) MUST_USE;
/* Clears the error bits and the write enable latch. After an error, a FL-S stays busy and keeps its latch
 * until it gets these commands. */
void spi_nor_bus_clear_errors(struct spi_nor *nor);
/* Clears the write enable latch if status shows it set. The latch stays set on a chip that ignored the
 * command, and always on the chip of QEMU. A faulty byte on the line could otherwise start a program or an
 * erase. */
void spi_nor_bus_clear_latch(struct spi_nor *nor, uint8_t status);
/* Makes the chip idle: waits 5 ms for a running operation, and resets the chip if it is then still busy or an
 * erase is suspended. Takes 10.2 ms at most. Returns ERR_OK, ERR_IO (the chip is still busy, or the bus
 * failed; the text is stored). */
int spi_nor_bus_make_idle(struct spi_nor *nor) MUST_USE;

#endif
