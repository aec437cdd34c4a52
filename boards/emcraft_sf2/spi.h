/* MSS SPI 0, with the NOR chip on its first select line. */
#ifndef BOARDS_EMCRAFT_SF2_SPI_H
#define BOARDS_EMCRAFT_SF2_SPI_H

#include "hal/spi.h"

void spi_start(struct spi *spi);

#endif
