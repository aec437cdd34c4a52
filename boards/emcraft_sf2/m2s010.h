/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers of the microcontroller subsystem of the M2S010 that the board uses, with the names of
 * Microsemi's UG0331 (SmartFusion2 MSS User Guide). What QEMU models of them follows hw/arm/msf2-soc.c
 * and hw/ssi/mss-spi.c. The rest was checked against Microsemi's m2sxxx.h and drivers and Emcraft's
 * U-Boot port, but not on a chip. README.md lists what remains to be checked on a chip.
 */
#ifndef BOARDS_EMCRAFT_SF2_M2S010_H
#define BOARDS_EMCRAFT_SF2_M2S010_H

#include "hal/cortex_m/cortex_m.h"

/* MMUART: a 16550 with registers 4 bytes apart (UG0331, chapter 12). */
#define MMUART0_BASE   UINT32_C(0x40000000)
#define MMUART1_BASE   UINT32_C(0x40010000)
#define MMUART0_IRQ    10
#define MMUART1_IRQ    11
#define UART_RBR(base) CORTEX_M_REGISTER((base) + 0x00) /* read: received byte */
#define UART_THR(base) CORTEX_M_REGISTER((base) + 0x00) /* write: byte to send */
#define UART_DLR(base) CORTEX_M_REGISTER((base) + 0x00) /* divisor, low byte, while LCR_DLAB */
#define UART_IER(base) CORTEX_M_REGISTER((base) + 0x04)
#define UART_DMR(base) CORTEX_M_REGISTER((base) + 0x04) /* divisor, high byte, while LCR_DLAB */
#define UART_FCR(base) CORTEX_M_REGISTER((base) + 0x08)
#define UART_LCR(base) CORTEX_M_REGISTER((base) + 0x0C)
#define UART_LSR(base) CORTEX_M_REGISTER((base) + 0x14)
enum {
    IER_RECEIVED = 1 << 0,
    IER_SEND_EMPTY = 1 << 1,
    FCR_ENABLE = 1 << 0,
    FCR_CLEAR = 3 << 1,
    LCR_8N1 = 3,
    LCR_DLAB = 1 << 7,
    LSR_RECEIVED = 1 << 0,
    LSR_SEND_EMPTY = 1 << 5,
};

/* MSS SPI (UG0331, chapter 13). */
#define SPI0_BASE             UINT32_C(0x40001000)
#define SPI_CONTROL(base)     CORTEX_M_REGISTER((base) + 0x00)
#define SPI_DFSIZE(base)      CORTEX_M_REGISTER((base) + 0x04)
#define SPI_STATUS(base)      CORTEX_M_REGISTER((base) + 0x08)
#define SPI_RX(base)          CORTEX_M_REGISTER((base) + 0x10)
#define SPI_TX(base)          CORTEX_M_REGISTER((base) + 0x14)
#define SPI_CLKGEN(base)      CORTEX_M_REGISTER((base) + 0x18)
#define SPI_SS(base)          CORTEX_M_REGISTER((base) + 0x1C)
#define SPI_COMMAND(base)     CORTEX_M_REGISTER((base) + 0x2C)
#define SPI_CONTROL_ENABLE    UINT32_C(0x00000001)
#define SPI_CONTROL_MASTER    UINT32_C(0x00000002)
#define SPI_CONTROL_FRAMES(n) ((uint32_t)(n) << 8)
#define SPI_CONTROL_SPS       UINT32_C(0x04000000) /* the chip stays selected for the number of frames set */
#define SPI_CONTROL_CLKMODE   UINT32_C(0x10000000)
#define SPI_CONTROL_BIGFIFO   UINT32_C(0x20000000)
#define SPI_COMMAND_FLUSH     UINT32_C(0x0000000C) /* empties the FIFOs: receive (bit 2), send (3) */
#define SPI_STATUS_RX_EMPTY   UINT32_C(0x00000040)
#define SPI_FRAMES_MAX        65535
#define SPI_FIFO_LEN          32 /* 8-bit frames with BIGFIFO */

/* GPIO (UG0331, chapter 17). QEMU does not model it, but can log every access. */
#define GPIO_BASE      UINT32_C(0x40013000)
#define GPIO_CONFIG(n) CORTEX_M_REGISTER(GPIO_BASE + 4 * (n))
#define GPIO_IN        CORTEX_M_REGISTER(GPIO_BASE + 0x84)
#define GPIO_OUT       CORTEX_M_REGISTER(GPIO_BASE + 0x88)
enum {
    GPIO_CONFIG_OUTPUT = 1 << 0 | 1 << 2, /* output register and pad enabled */
    GPIO_CONFIG_INPUT = 1 << 1,
};

/* Watchdog (UG0331, chapter 22). Flash bits of the FPGA design set its period; the firmware cannot. */
#define WDOG_BASE           UINT32_C(0x40005000)
#define WDOG_REFRESH        CORTEX_M_REGISTER(WDOG_BASE + 0x0C)
#define WDOG_STATUS         CORTEX_M_REGISTER(WDOG_BASE + 0x18)
#define WDOG_REFRESH_KEY    UINT32_C(0xAC15DE42)
#define WDOG_STATUS_ALLOWED UINT32_C(0x00000001) /* a refresh is permitted now; an earlier one resets */

/* System registers (UG0331, chapter 20). */
#define SYSREG_BASE           UINT32_C(0x40038000)
#define SOFT_RST_CR           CORTEX_M_REGISTER(SYSREG_BASE + 0x48) /* 1: the block is held in reset */
#define SOFT_RST_MMUART0      (UINT32_C(1) << 7)
#define SOFT_RST_MMUART1      (UINT32_C(1) << 8)
#define SOFT_RST_SPI0         (UINT32_C(1) << 9)
#define SOFT_RST_GPIO         (UINT32_C(1) << 20)
#define SOFT_RST_GPIO_7_0     (UINT32_C(1) << 21)
#define SOFT_RST_GPIO_15_8    (UINT32_C(1) << 22)
#define WDOG_CR               CORTEX_M_REGISTER(SYSREG_BASE + 0x6C) /* bit 0: enabled, by the design */
#define RESET_SOURCE_CR       CORTEX_M_REGISTER(SYSREG_BASE + 0xB0)
#define RESET_SOURCE_POWER    (UINT32_C(1) << 0)
#define RESET_SOURCE_WATCHDOG (UINT32_C(1) << 5)

#endif
