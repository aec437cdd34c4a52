/* SPI1, with the on-board NOR chip on it: SCK PB3, MISO PB4, MOSI PB5, select PA15. */
#ifndef BOARDS_THINGPLUS_F405_SPI_H
#define BOARDS_THINGPLUS_F405_SPI_H

#include "hal/spi.h"

void spi_start(struct spi *spi);

#endif
