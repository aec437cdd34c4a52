/* The clock tree: as fast as the oscillators that answer allow, and never waiting for one for ever. */
#ifndef BOARDS_THINGPLUS_F405_CLOCKS_H
#define BOARDS_THINGPLUS_F405_CLOCKS_H

#include <stdint.h>

enum clock_source {
    CLOCK_CRYSTAL,  /* HSE 12 MHz and PLL */
    CLOCK_INTERNAL, /* the crystal is dead: HSI 16 MHz (1 percent off) and PLL */
    CLOCK_SLOW,     /* the PLL does not lock either: HSI 16 MHz alone, no random numbers */
    CLOCK_NONE,     /* registers that only read zero: not this chip but QEMU, which runs at 168 MHz */
};

struct clocks {
    enum clock_source source;
    uint32_t hclk_hz;  /* processor, AHB */
    uint32_t pclk1_hz; /* APB1: USART3 */
    uint32_t pclk2_hz; /* APB2: USART6, SPI1 */
};

/* Sets the clocks up, whatever state a boot loader left them in, and starts the millisecond tick from them.
 * Takes 3 ms, 210 at most. */
struct clocks clocks_start(void);

#endif
