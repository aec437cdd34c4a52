/*
 * A SPI NOR flash chip behind struct flash: single line, 24-bit addresses (the first 16 MiB of a larger
 * chip), pages of 256 bytes.
 *
 * Parts known by name: Winbond W25Q (4 KiB sectors), Spansion S25FL128S and S25SL12801 with 64 KiB sectors.
 * Any other chip of 1 MiB and up whose JEDEC density byte makes sense is driven with 64 KiB sectors. Parts
 * that erase 256 KiB at once are refused: struct flash has no such geometry.
 *
 * The caller owns everything; the driver keeps pointers to the bus and the timer, and is not to be moved. The
 * bus runs in mode 0 at 50 MHz or less (read command 03h).
 *
 * What blocks:
 *   init         45 ms at most, 0.1 ms with a healthy chip
 *   read         the bytes on the line
 *   program      5 ms a page at most (typically 0.03 to 0.4 ms)
 *   erase_start, erase_poll   some bytes on the line
 *   read and program during an erase: the erase is suspended first, 0.15 ms typically and 1.1 ms at most, on
 *                parts that can (W25Q, S25FL128S); on others its end is waited for, 3 s at most
 *   the call after a chip got stuck busy: 10 ms more, for a reset of the chip
 *
 * An erase runs at least 0.1 ms between two suspensions, so that it ends however much is read meanwhile.
 * After a reset of the processor alone, init lets a running program end, and stops a running or suspended
 * erase: its sector is left half erased, as a power cut would leave it.
 *
 * A chip that ignores a program or an erase (block protection, locked blocks) is found out: where the status
 * bits leave doubt, a program is read back, an erase looked at in two places. Protection is reported, never
 * lifted. Worn cells are for the caller to find: who needs to know reads back.
 */
#ifndef HAL_SPI_NOR_SPI_NOR_H
#define HAL_SPI_NOR_SPI_NOR_H

#include "hal/spi_nor/spi_nor_state.h"

/* Finds the chip and fills nor->flash, which may be used whatever is returned: without a usable chip its
 * geometry has size 0 and every access but one of length 0 answers ERR_ARGUMENT.
 * @retval ERR_OK, ERR_NOT_FOUND (no chip answers), ERR_UNSUPPORTED (a chip that cannot be used), ERR_IO (it
 * answers, but is stuck busy, or the bus does not work). */
int spi_nor_init(struct spi_nor *nor, const struct spi *spi, const struct timer *timer) MUST_USE;

/* The part's name, or "" when none was identified. */
const char *spi_nor_name(const struct spi_nor *nor);

/* The latest trouble since init in one line for a technician, or "" when there was none. Bytes in hex are the
 * chip's id or status register. Lives as long as nor; the next trouble overwrites it. */
const char *spi_nor_problem(const struct spi_nor *nor);

#endif
