/* SPDX-License-Identifier: Apache-2.0 */
/* The driver for MSS SPI 0, which selects the NOR chip with its first select line. An exchange blocks
 * until all bytes are transferred. */
#ifndef BOARDS_EMCRAFT_SF2_SPI_H
#define BOARDS_EMCRAFT_SF2_SPI_H

#include "hal/spi.h"

void spi_start(struct spi *spi);

#endif
