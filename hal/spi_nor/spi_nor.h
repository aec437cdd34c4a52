/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver for a SPI NOR flash chip, as a hal/flash.h: one data line, 24-bit addresses (the first 16 MiB of a
 * larger chip), pages of 256 bytes.
 *
 * The driver knows these parts by name: Winbond W25Q (4 KiB sectors), Spansion S25FL128S, S25FL256S and
 * S25SL12801 (64 KiB sectors). It uses any other chip with 64 KiB sectors, if the JEDEC density byte is valid
 * and the chip has at least 1 MiB. It refuses parts that erase 256 KiB at once (S25FL-S and S25FS-S with
 * these sectors, S25FL512S, M25P128) and parts with sectors of several sizes (other S25FS-S, S25HL-T,
 * S25HS-T), because struct flash has no such geometry, and NAND chips. A chip of more than 16 MiB that a boot
 * loader left in the mode with four address bytes is taken out of it.
 *
 * The caller owns the struct, the bus and the timer. It keeps them while the flash is in use and does not
 * move the struct, because the driver holds pointers. The bus runs in mode 0 at 50 MHz or less (read command
 * 03h).
 *
 * What blocks, and for how long:
 *   init         45 ms at most; 0.1 ms with a healthy chip
 *   read         the time of the bytes on the line
 *   program      5 ms for a page at most; typically 0.03 to 0.4 ms
 *   erase_start, erase_poll
 *                the time of some bytes on the line
 *   read and program during an erase
 *                They suspend the erase first if the part can do that (W25Q, S25FL128S): 0.15 ms typically,
 *                1.1 ms at most. On other parts they wait for the end of the erase: 3 s at most.
 *   the call after the chip was stuck in the busy state
 *                10 ms more, for a reset of the chip
 *
 * An erase runs for at least 0.1 ms between two suspensions, so that it ends even if the caller reads all the
 * time. If only the processor was reset, init waits for a running program, and stops a running or suspended
 * erase: the sector is then half erased, as after a power cut.
 *
 * A chip with block protection or locked blocks ignores a program or an erase. The driver detects this: if
 * the status bits do not prove that the command was executed, it reads the programmed bytes back, or reads
 * the erased sector in two places. It reports the protection and never removes it. It does not detect worn
 * cells: a caller that must know reads back.
 */
#ifndef HAL_SPI_NOR_SPI_NOR_H
#define HAL_SPI_NOR_SPI_NOR_H

#include "hal/spi_nor/spi_nor_state.h"

/* Identifies the chip and fills nor->flash. The caller may use nor->flash whatever the result: without a
 * usable chip, the size in its geometry is 0 and every access returns ERR_ARGUMENT, except one of length 0.
 * Returns ERR_OK, ERR_NOT_FOUND (no chip answers), ERR_UNSUPPORTED (the chip cannot be used), ERR_IO (the
 * chip answers but stays busy, or the bus does not work). */
int spi_nor_init(struct spi_nor *nor, const struct spi *spi, const struct timer *timer) MUST_USE;

/* Returns the name of the part, or "" if none was identified. The name is a constant string. */
const char *spi_nor_name(const struct spi_nor *nor);

/* Returns the latest error since init, as one line for a technician, or "" if there was none. Hexadecimal
 * bytes in it are the id or the status register of the chip. The text is inside nor; the next error replaces
 * it. */
const char *spi_nor_problem(const struct spi_nor *nor);

#endif
