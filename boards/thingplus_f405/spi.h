/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver for SPI1, which the NOR chip of the board is on: SCK PB3, MISO PB4, MOSI PB5, select PA15.
 * An exchange blocks until all bytes are transferred.
 */
#ifndef BOARDS_THINGPLUS_F405_SPI_H
#define BOARDS_THINGPLUS_F405_SPI_H

#include "hal/spi.h"

void spi_start(struct spi *spi);

#endif
