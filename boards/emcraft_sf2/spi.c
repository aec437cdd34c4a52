/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/emcraft_sf2/spi.h"

#include "boards/emcraft_sf2/m2s010.h"

#define SPINS_MAX 100000 /* while waiting for a FIFO of bytes: some milliseconds; it takes 8 us */

static const uint32_t control_bits =
    SPI_CONTROL_MASTER | SPI_CONTROL_SPS | SPI_CONTROL_CLKMODE | SPI_CONTROL_BIGFIFO;

/* Sends len bytes, one FIFO at a time: the bytes of out, or zeros if out is NULL. Stores the received
 * bytes in in, if in is not NULL. Returns ERR_OK, ERR_IO (the controller does not answer). */
static int transfer(const uint8_t *out, uint8_t *in, size_t len)
{
    for (size_t done = 0; done < len;) {
        size_t end = len - done < SPI_FIFO_LEN ? len : done + SPI_FIFO_LEN;
        for (size_t sent = done; sent < end; sent++)
            SPI_TX(SPI0_BASE) = out != NULL ? out[sent] : 0;
        for (uint32_t spins = 0; done < end; done++) {
            while (SPI_STATUS(SPI0_BASE) & SPI_STATUS_RX_EMPTY)
                if (++spins == SPINS_MAX)
                    return ERR_IO;
            uint8_t byte = (uint8_t)SPI_RX(SPI0_BASE);
            if (in != NULL)
                in[done] = byte;
        }
    }
    return ERR_OK;
}

/* Ends an exchange that failed. What is left in the FIFOs would else be part of the next one. */
static void stop(void)
{
    SPI_CONTROL(SPI0_BASE) = control_bits;
    SPI_COMMAND(SPI0_BASE) = SPI_COMMAND_FLUSH;
}

/* One exchange uses one frame count, because the controller selects the chip for exactly the number of
 * frames set. */
static int exchange(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out, uint8_t *in,
                    size_t len)
{
    (void)ctx;
    if (command_len + len > SPI_FRAMES_MAX)
        return ERR_ARGUMENT;
    SPI_CONTROL(SPI0_BASE) = control_bits;
    SPI_CONTROL(SPI0_BASE) = control_bits | SPI_CONTROL_ENABLE | SPI_CONTROL_FRAMES(command_len + len);
    int result = transfer(command, NULL, command_len);
    if (result == ERR_OK)
        result = transfer(out, out == NULL ? in : NULL, len);
    if (result != ERR_OK)
        stop();
    return result;
}

void spi_start(struct spi *spi)
{
    SPI_CONTROL(SPI0_BASE) = control_bits;
    SPI_DFSIZE(SPI0_BASE) = 8;
    SPI_CLKGEN(SPI0_BASE) = 0; /* PCLK / 2: 35.5 MHz, under the 50 MHz of a plain read */
    SPI_SS(SPI0_BASE) = 1;
    *spi = (struct spi){.exchange = exchange};
}
