#include "boards/emcraft_sf2/spi.h"

#include "boards/emcraft_sf2/m2s010.h"

#define SPINS_MAX                                                                                            \
    100000 /* waits for one byte: some milliseconds, where one takes a quarter of a microsecond */

static const uint32_t control_bits =
    SPI_CONTROL_MASTER | SPI_CONTROL_SPS | SPI_CONTROL_CLKMODE | SPI_CONTROL_BIGFIFO;

/* The controller holds the chip selected for as many frames as it was told, so one exchange is one count. */
static int exchange(void *ctx, const uint8_t *command, size_t command_len, const uint8_t *out, uint8_t *in,
                    size_t len)
{
    size_t total = command_len + len, sent = 0, taken = 0;
    uint32_t spins = 0;
    (void)ctx;
    if (total > SPI_FRAMES_MAX)
        return ERR_ARGUMENT;
    SPI_CONTROL(SPI0_BASE) = control_bits;
    SPI_CONTROL(SPI0_BASE) = control_bits | SPI_CONTROL_ENABLE | SPI_CONTROL_FRAMES(total);
    while (taken < total && spins < SPINS_MAX) {
        if (sent < total && sent - taken < SPI_FIFO_LEN) {
            uint8_t byte = 0;
            if (sent < command_len)
                byte = command[sent];
            else if (out != NULL)
                byte = out[sent - command_len];
            SPI_TX(SPI0_BASE) = byte;
            sent++;
        }
        if (SPI_STATUS(SPI0_BASE) & SPI_STATUS_RX_EMPTY) {
            spins++;
            continue;
        }
        uint8_t byte = (uint8_t)SPI_RX(SPI0_BASE);
        if (taken >= command_len && out == NULL)
            in[taken - command_len] = byte;
        taken++;
        spins = 0;
    }
    return taken == total ? ERR_OK : ERR_IO;
}

void spi_start(struct spi *spi)
{
    SPI_CONTROL(SPI0_BASE) = control_bits;
    SPI_DFSIZE(SPI0_BASE) = 8;
    SPI_CLKGEN(SPI0_BASE) = 0; /* PCLK / 2: 35.5 MHz, under the 50 MHz of a plain read */
    SPI_SS(SPI0_BASE) = 1;
    *spi = (struct spi){.exchange = exchange};
}
