/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the NOR driver. Only for spi_nor*.c: other code uses the first two members and nothing else.
 */
#ifndef HAL_SPI_NOR_SPI_NOR_STATE_H
#define HAL_SPI_NOR_SPI_NOR_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/flash.h"
#include "hal/spi.h"
#include "hal/timer.h"

#define SPI_NOR_ID_LEN       6
#define SPI_NOR_PROBLEM_SIZE 64

enum spi_nor_erase { SPI_NOR_NO_ERASE = 0, SPI_NOR_ERASING, SPI_NOR_ERASE_FAILED };

struct spi_nor_part;

struct spi_nor {
    struct flash flash;         /* pass &flash to the firmware */
    uint8_t id[SPI_NOR_ID_LEN]; /* answer of the chip to command 9Fh */

    /* private */
    struct flash_geometry geometry;
    const struct spi *spi;
    const struct timer *timer;
    const struct spi_nor_part *part;
    enum spi_nor_erase erase;
    bool suspended;            /* the driver has suspended the erase */
    bool erase_may_be_ignored; /* the chip was not busy after the command, so it may have ignored it */
    bool stuck;                /* an operation did not end in time */
    uint8_t failed_resumes;    /* failed attempts to resume this erase */
    uint32_t erase_addr;       /* address of the first byte of the sector */
    uint32_t erase_ran_us;     /* time that the erase ran before the last resume */
    uint64_t resumed_us;       /* when the erase was started or last resumed */
    char problem[SPI_NOR_PROBLEM_SIZE];
};

#endif
