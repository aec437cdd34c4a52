/* The NOR driver as one struct. For spi_nor*.c; everybody else treats all but its first members as closed. */
#ifndef HAL_SPI_NOR_SPI_NOR_STATE_H
#define HAL_SPI_NOR_SPI_NOR_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/flash.h"
#include "hal/spi.h"
#include "hal/timer.h"

#define SPI_NOR_ID_LEN       6
#define SPI_NOR_PROBLEM_SIZE 96

enum spi_nor_erase { SPI_NOR_NO_ERASE = 0, SPI_NOR_ERASING, SPI_NOR_ERASE_FAILED };

struct spi_nor_part;

struct spi_nor {
    struct flash flash;         /* hand this to the firmware */
    uint8_t id[SPI_NOR_ID_LEN]; /* what the chip answers to 9Fh */

    /* private */
    struct flash_geometry geometry;
    const struct spi *spi;
    const struct timer *timer;
    const struct spi_nor_part *part;
    enum spi_nor_erase erase;
    bool suspended;        /* the erase is, by us */
    bool erase_doubtful;   /* the chip was not busy just after the command */
    bool unsettled;        /* the chip did not end something in time */
    uint8_t lost_resumes;  /* of this erase */
    uint32_t erase_addr;   /* first byte of the sector */
    uint32_t erase_ran_us; /* before the last resume */
    uint64_t resumed_us;   /* start or last resume of the erase */
    char problem[SPI_NOR_PROBLEM_SIZE];
};

#endif
