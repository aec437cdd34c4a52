/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of NOR parts: the properties of a chip by its JEDEC id. Constant data: no state, no I/O, nothing
 * blocks.
 */
#ifndef HAL_SPI_NOR_SPI_NOR_PART_H
#define HAL_SPI_NOR_SPI_NOR_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/spi_nor/spi_nor_state.h"

#define SPI_NOR_SECTOR_4K      4096u
#define SPI_NOR_SECTOR_64K     65536u
#define SPI_NOR_MAKER_SPANSION 0x01

struct spi_nor_part {
    const char *name; /* or, if sector_size is 0, why the driver cannot use the part */
    uint8_t id[SPI_NOR_ID_LEN];
    uint8_t id_compared;  /* bit i set: byte i of the id must match */
    uint32_t sector_size; /* bytes erased at once; 0: the driver cannot use the part */
    uint8_t error_bits;   /* error bits of the status register; while one is set, the chip stays busy */
    /* command that reads the register with suspend_bit; 0: the part cannot suspend an erase */
    uint8_t suspend_register;
    uint8_t suspend_bit; /* bit of that register: an erase is suspended */
    /* command that writes the register in which 0 means three address bytes; 0: the part has E9h for that */
    uint8_t bank_register;
};

/* Returns the part with this id, or NULL if the density byte is not valid. */
const struct spi_nor_part *spi_nor_part_find(const uint8_t id[SPI_NOR_ID_LEN]);

/* Returns true if the chip is larger than three address bytes reach, so that it may be set to four. */
bool spi_nor_part_may_use_4_bytes(const uint8_t id[SPI_NOR_ID_LEN]);

/* Returns the size in bytes of a part that was found: 16 MiB at most, the range of 24 address bits. */
uint32_t spi_nor_part_size(const uint8_t id[SPI_NOR_ID_LEN]);

#endif
