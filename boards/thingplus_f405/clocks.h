/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets up the clock tree, with the best oscillator that works. No wait is unlimited.
 */
#ifndef BOARDS_THINGPLUS_F405_CLOCKS_H
#define BOARDS_THINGPLUS_F405_CLOCKS_H

#include <stdint.h>

enum clock_source {
    CLOCK_CRYSTAL,  /* HSE 12 MHz and PLL */
    CLOCK_INTERNAL, /* the crystal does not start: HSI 16 MHz and PLL; README.md says how far it is off */
    CLOCK_SLOW,     /* the PLL does not lock: HSI 16 MHz alone, no random numbers */
    CLOCK_NONE,     /* all registers read zero: this is QEMU, which runs at 168 MHz */
};

struct clocks {
    enum clock_source source;
    uint32_t hclk_hz;  /* processor, AHB */
    uint32_t pclk1_hz; /* APB1: USART3 */
    uint32_t pclk2_hz; /* APB2: USART6, SPI1 */
};

/* Sets up the clocks, whatever state a boot loader left them in, and starts the millisecond tick. Blocks
 * for 3 ms, 210 ms at most. Returns the source and the frequencies. */
struct clocks clocks_start(void);

#endif
