/*
 * The part of the NOR driver next to the chip: single commands, waiting, and words for what went wrong. For
 * hal/spi_nor/spi_nor.c only. Works on the caller's struct spi_nor; what blocks says for how long.
 *
 * Facts are from: W25Q128JV datasheet, Winbond, revision F (2018-03-27), "W25Q" below; S25FL128S/S25FL256S
 * datasheet, Cypress 001-98283, revision P (2018-08-07), "FL-S" below.
 */
#ifndef HAL_SPI_NOR_SPI_NOR_BUS_H
#define HAL_SPI_NOR_SPI_NOR_BUS_H

#include "hal/spi_nor/spi_nor_state.h"

#define NOR_ADDRESS_LEN    4    /* command byte and 24 bits */
#define NOR_PROGRAM_MAX_US 5000 /* tPP 3 ms (W25Q), 0.75 ms (FL-S) */

enum nor_command {
    NOR_WRITE_ENABLE = 0x06,
    NOR_WRITE_DISABLE = 0x04,
    NOR_READ_STATUS = 0x05,
    NOR_CLEAR_STATUS = 0x30, /* FL-S only */
    NOR_READ_DATA =
        0x03, /* not 0Bh: no dummy byte to pay, of which QEMU wants another number than the chips */
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
};

enum nor_status {
    NOR_STATUS_BUSY = 0x01,
    NOR_STATUS_WRITE_ENABLED = 0x02,
    NOR_STATUS_PROTECTED = 0x1C, /* BP2..BP0: some blocks refuse program and erase */
    NOR_STATUS_NO_CHIP = 0xFF,   /* an open line with a pull-up */
};

uint64_t spi_nor_bus_now_us(const struct spi_nor *nor);
/* Returns length_us after since_us. */
void spi_nor_bus_pause(const struct spi_nor *nor, uint64_t since_us, uint32_t length_us);

/* Keeps the words, and count bytes after them in hex, for spi_nor_problem. Always ERR_IO, for the caller to
 * return. */
int spi_nor_bus_tell(struct spi_nor *nor, const char *words, const uint8_t *bytes, size_t count);
int spi_nor_bus_tell_status(struct spi_nor *nor, const char *words, uint8_t status);

/* One selection, as struct spi has it. @retval ERR_OK, ERR_IO (told). */
int spi_nor_bus_exchange(struct spi_nor *nor, const uint8_t *command, size_t command_len, const uint8_t *out,
                         uint8_t *in, size_t len) MUST_USE;
/* A command of one byte. @retval ERR_OK, ERR_IO. */
int spi_nor_bus_send(struct spi_nor *nor, uint8_t command);
/* A command that answers one byte. @retval ERR_OK, ERR_IO. */
int spi_nor_bus_register(struct spi_nor *nor, uint8_t command, uint8_t *value) MUST_USE;
void spi_nor_bus_put_address(uint8_t command[NOR_ADDRESS_LEN], uint8_t code, uint32_t addr);
/* Reads from an idle chip. @retval ERR_OK, ERR_IO. */
int spi_nor_bus_read(struct spi_nor *nor, uint32_t addr, uint8_t *buf, size_t len) MUST_USE;

/* Whether an erase is suspended; never on parts that cannot. @retval ERR_OK, ERR_IO. */
int spi_nor_bus_is_suspended(struct spi_nor *nor, bool *suspended) MUST_USE;
/* Waits until the chip is not busy, limit_us at most; *looks counts the status reads it took.
 * @retval ERR_OK, ERR_BUSY (still busy at the limit, or an error bit is set), ERR_IO. */
int spi_nor_bus_wait(struct spi_nor *nor, uint32_t limit_us, uint8_t *status, uint32_t *looks) MUST_USE;
/* After an error a FL-S stays busy until told, and keeps its write latch. */
void spi_nor_bus_clear_errors(struct spi_nor *nor);
/* Puts back a write latch that status shows set. It stays on a chip that ignored the command (and always on
 * QEMU's), and no stray byte shall find it. */
void spi_nor_bus_drop_latch(struct spi_nor *nor, uint8_t status);
/* Lets what runs end, for 5 ms; resets a chip that is busy then, or has an erase suspended: 10.2 ms in all.
 * @retval ERR_OK, ERR_IO (busy nevertheless: told). */
int spi_nor_bus_calm(struct spi_nor *nor) MUST_USE;

#endif
