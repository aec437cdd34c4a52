/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers of the STM32F405 that the board uses, with the names and section numbers of ST's
 * reference manual RM0090 (rev 19). Base addresses: 2.3, table 1. Interrupt numbers: 12.2, table 61.
 */
#ifndef BOARDS_THINGPLUS_F405_STM32F405_H
#define BOARDS_THINGPLUS_F405_STM32F405_H

#include "hal/cortex_m/cortex_m.h"

#define BIT(n) (UINT32_C(1) << (n))

/* Flash interface (3.9.1). At 2.7 to 3.6 V, one wait state per 30 MHz (3.5.1, table 10). */
#define FLASH_ACR              CORTEX_M_REGISTER(0x40023C00)
#define FLASH_ACR_LATENCY_5WS  UINT32_C(5)
#define FLASH_ACR_LATENCY_MASK UINT32_C(7)
#define FLASH_ACR_PRFTEN       BIT(8)
#define FLASH_ACR_ICEN         BIT(9)
#define FLASH_ACR_DCEN         BIT(10)
#define FLASH_ACR_ICRST        BIT(11)
#define FLASH_ACR_DCRST        BIT(12)

/* Erasing and programming flash (3.6; registers in 3.9). */
#define FLASH_KEYR         CORTEX_M_REGISTER(0x40023C04)
#define FLASH_SR           CORTEX_M_REGISTER(0x40023C0C)
#define FLASH_CR           CORTEX_M_REGISTER(0x40023C10)
#define FLASH_KEYR_KEY1    UINT32_C(0x45670123)
#define FLASH_KEYR_KEY2    UINT32_C(0xCDEF89AB)
#define FLASH_SR_OPERR     BIT(1)
#define FLASH_SR_WRPERR    BIT(4)
#define FLASH_SR_PGAERR    BIT(5)
#define FLASH_SR_PGPERR    BIT(6)
#define FLASH_SR_PGSERR    BIT(7)
#define FLASH_SR_BSY       BIT(16)
#define FLASH_CR_PG        BIT(0)
#define FLASH_CR_SER       BIT(1)
#define FLASH_CR_SNB(n)    ((uint32_t)(n) << 3)
#define FLASH_CR_PSIZE_X32 (UINT32_C(2) << 8)
#define FLASH_CR_STRT      BIT(16)
#define FLASH_CR_LOCK      BIT(31)

/* Sectors 5 to 11 of flash (3.3, table 5). */
#define FLASH_LARGE_SECTOR_SIZE       UINT32_C(0x20000)
#define FLASH_LARGE_SECTOR_ADDRESS(n) (UINT32_C(0x08020000) + ((n)-5) * FLASH_LARGE_SECTOR_SIZE)

/* Option bytes (3.6.1, and FLASH_OPTCR in 3.9). */
#define FLASH_OPTCR                  CORTEX_M_REGISTER(0x40023C14)
#define FLASH_OPTCR_BOR_LEV(options) ((options) >> 2 & 3)
#define FLASH_OPTCR_RDP(options)     ((options) >> 8 & 0xFF)
#define FLASH_RDP_LEVEL_0            UINT32_C(0xAA) /* any other value: read protection */

/* Power control (5.4.1). */
#define PWR_CR     CORTEX_M_REGISTER(0x40007000)
#define PWR_CR_DBP BIT(8)  /* enables writes to the backup domain */
#define PWR_CR_VOS BIT(14) /* voltage scale 1: up to 168 MHz */

/* Reset and clock control (7.3). */
#define RCC_CR       CORTEX_M_REGISTER(0x40023800) /* 7.3.1 */
#define RCC_PLLCFGR  CORTEX_M_REGISTER(0x40023804) /* 7.3.2 */
#define RCC_CFGR     CORTEX_M_REGISTER(0x40023808) /* 7.3.3 */
#define RCC_CIR      CORTEX_M_REGISTER(0x4002380C) /* 7.3.4 */
#define RCC_AHB1RSTR CORTEX_M_REGISTER(0x40023810) /* 7.3.5 */
#define RCC_AHB2RSTR CORTEX_M_REGISTER(0x40023814) /* 7.3.6 */
#define RCC_APB1RSTR CORTEX_M_REGISTER(0x40023820) /* 7.3.8 */
#define RCC_APB2RSTR CORTEX_M_REGISTER(0x40023824) /* 7.3.9 */
#define RCC_AHB1ENR  CORTEX_M_REGISTER(0x40023830) /* 7.3.10 */
#define RCC_AHB2ENR  CORTEX_M_REGISTER(0x40023834) /* 7.3.11 */
#define RCC_APB1ENR  CORTEX_M_REGISTER(0x40023840) /* 7.3.13 */
#define RCC_APB2ENR  CORTEX_M_REGISTER(0x40023844) /* 7.3.14 */
#define RCC_BDCR     CORTEX_M_REGISTER(0x40023870) /* 7.3.20 */
#define RCC_CSR      CORTEX_M_REGISTER(0x40023874) /* 7.3.21 */

#define RCC_CR_HSION        BIT(0)
#define RCC_CR_HSIRDY       BIT(1)
#define RCC_CR_HSEON        BIT(16)
#define RCC_CR_HSERDY       BIT(17)
#define RCC_CR_HSEBYP       BIT(18)
#define RCC_CR_CSSON        BIT(19)
#define RCC_CR_PLLON        BIT(24)
#define RCC_CR_PLLRDY       BIT(25)
#define RCC_PLLCFGR_M(n)    ((uint32_t)(n))
#define RCC_PLLCFGR_N(n)    ((uint32_t)(n) << 6)
#define RCC_PLLCFGR_P_2     UINT32_C(0) /* PLLP: divide by 2 */
#define RCC_PLLCFGR_SRC_HSE BIT(22)
#define RCC_PLLCFGR_Q(n)    ((uint32_t)(n) << 24)
#define RCC_CFGR_SW_HSI     UINT32_C(0)
#define RCC_CFGR_SW_PLL     UINT32_C(2)
#define RCC_CFGR_SW_MASK    UINT32_C(3)
#define RCC_CFGR_SWS(cfgr)  ((cfgr) >> 2 & 3)
#define RCC_CFGR_PPRE1_DIV4 (UINT32_C(5) << 10)
#define RCC_CFGR_PPRE2_DIV2 (UINT32_C(4) << 13)
#define RCC_CFGR_RTCPRE(n)  ((uint32_t)(n) << 16) /* HSE divided by n is the clock of the calendar */
#define RCC_CFGR_RTCPRE_ALL (UINT32_C(31) << 16)
#define RCC_AHB1_GPIOA      BIT(0)
#define RCC_AHB1_GPIOB      BIT(1)
#define RCC_AHB1_GPIOC      BIT(2)
#define RCC_AHB2_RNG        BIT(6)
#define RCC_APB1_USART3     BIT(18)
#define RCC_APB1_PWR        BIT(28)
#define RCC_APB2_USART6     BIT(5)
#define RCC_APB2_SPI1       BIT(12)
#define RCC_BDCR_LSEON      BIT(0)
#define RCC_BDCR_LSERDY     BIT(1)
#define RCC_BDCR_RTCSEL_LSE BIT(8)
#define RCC_BDCR_RTCSEL_HSE (UINT32_C(3) << 8)
#define RCC_BDCR_RTCSEL     (UINT32_C(3) << 8)
#define RCC_BDCR_RTCEN      BIT(15)
#define RCC_BDCR_BDRST      BIT(16)
#define RCC_CSR_RMVF        BIT(24) /* clears the reset flags below */
#define RCC_CSR_BORRSTF     BIT(25)
#define RCC_CSR_PORRSTF     BIT(27)
#define RCC_CSR_IWDGRSTF    BIT(29)
#define RCC_CSR_WWDGRSTF    BIT(30)

/* General-purpose I/O (8.4). Each pin has two bits in MODER, OSPEEDR and PUPDR, and four in AFR. */
#define GPIOA_BASE         UINT32_C(0x40020000)
#define GPIOB_BASE         UINT32_C(0x40020400)
#define GPIOC_BASE         UINT32_C(0x40020800)
#define GPIO_MODER(base)   CORTEX_M_REGISTER((base) + 0x00)
#define GPIO_OSPEEDR(base) CORTEX_M_REGISTER((base) + 0x08)
#define GPIO_PUPDR(base)   CORTEX_M_REGISTER((base) + 0x0C)
#define GPIO_IDR(base)     CORTEX_M_REGISTER((base) + 0x10)
#define GPIO_BSRR(base)    CORTEX_M_REGISTER((base) + 0x18) /* low half sets, high half resets */
#define GPIO_AFR(base, n)  CORTEX_M_REGISTER((base) + 0x20 + 4 * ((n) / 8))
enum {
    GPIO_MODE_INPUT = 0,
    GPIO_MODE_OUTPUT = 1,
    GPIO_MODE_ALTERNATE = 2,
    GPIO_PULL_NONE = 0,
    GPIO_PULL_UP = 1,
    GPIO_SPEED_LOW = 0,
    GPIO_SPEED_HIGH = 2,
    /* Alternate functions: datasheet DS8626, table 9 */
    GPIO_AF_SPI1 = 5,
    GPIO_AF_USART3 = 7,
    GPIO_AF_USART6 = 8,
};

/* Universal synchronous asynchronous receiver transmitter (30.6). */
#define USART3_BASE     UINT32_C(0x40004800)
#define USART6_BASE     UINT32_C(0x40011400)
#define USART3_IRQ      39
#define USART6_IRQ      71
#define USART_SR(base)  CORTEX_M_REGISTER((base) + 0x00)
#define USART_DR(base)  CORTEX_M_REGISTER((base) + 0x04)
#define USART_BRR(base) CORTEX_M_REGISTER((base) + 0x08)
#define USART_CR1(base) CORTEX_M_REGISTER((base) + 0x0C)
#define USART_CR2(base) CORTEX_M_REGISTER((base) + 0x10)
#define USART_CR3(base) CORTEX_M_REGISTER((base) + 0x14)
enum {
    USART_SR_ORE = 1 << 3,
    USART_SR_RXNE = 1 << 5,
    USART_SR_TC = 1 << 6,
    USART_SR_TXE = 1 << 7,
    USART_CR1_RE = 1 << 2,
    USART_CR1_TE = 1 << 3,
    USART_CR1_RXNEIE = 1 << 5,
    USART_CR1_TXEIE = 1 << 7,
    USART_CR1_UE = 1 << 13,
};

/* Serial peripheral interface (28.5). */
#define SPI1_BASE     UINT32_C(0x40013000)
#define SPI_CR1(base) CORTEX_M_REGISTER((base) + 0x00)
#define SPI_CR2(base) CORTEX_M_REGISTER((base) + 0x04)
#define SPI_SR(base)  CORTEX_M_REGISTER((base) + 0x08)
#define SPI_DR(base)  CORTEX_M_REGISTER((base) + 0x0C)
enum {
    SPI_CR1_MSTR = 1 << 2,
    SPI_CR1_BR_DIV4 = 1 << 3,
    SPI_CR1_SPE = 1 << 6,
    SPI_CR1_SSI = 1 << 8,
    SPI_CR1_SSM = 1 << 9,
    SPI_SR_RXNE = 1 << 0,
    SPI_SR_TXE = 1 << 1,
    SPI_SR_BSY = 1 << 7,
};

/* Real-time clock (26.6). */
#define RTC_TR         CORTEX_M_REGISTER(0x40002800) /* 26.6.1 */
#define RTC_DR         CORTEX_M_REGISTER(0x40002804) /* 26.6.2 */
#define RTC_CR         CORTEX_M_REGISTER(0x40002808) /* 26.6.3 */
#define RTC_ISR        CORTEX_M_REGISTER(0x4000280C) /* 26.6.4 */
#define RTC_PRER       CORTEX_M_REGISTER(0x40002810) /* 26.6.5 */
#define RTC_WPR        CORTEX_M_REGISTER(0x40002824) /* 26.6.9 */
#define RTC_BKP0R      CORTEX_M_REGISTER(0x40002850) /* 26.6.20 */
#define RTC_CR_BYPSHAD BIT(5)
#define RTC_CR_FMT     BIT(6)
#define RTC_ISR_INITS  BIT(4)
#define RTC_ISR_INITF  BIT(6)
#define RTC_ISR_INIT   BIT(7)
#define RTC_PRER_S(n)  ((uint32_t)(n))
#define RTC_PRER_S_ALL UINT32_C(0x7FFF)
#define RTC_PRER_A(n)  ((uint32_t)(n) << 16)
#define RTC_WPR_KEY1   UINT32_C(0xCA)
#define RTC_WPR_KEY2   UINT32_C(0x53)
#define RTC_WPR_LOCK   UINT32_C(0xFF)

/* Random number generator (24.4). */
#define RNG_CR       CORTEX_M_REGISTER(0x50060800)
#define RNG_SR       CORTEX_M_REGISTER(0x50060804)
#define RNG_DR       CORTEX_M_REGISTER(0x50060808)
#define RNG_CR_RNGEN BIT(2)
#define RNG_SR_DRDY  BIT(0)
#define RNG_SR_CECS  BIT(1)
#define RNG_SR_SECS  BIT(2)
#define RNG_SR_CEIS  BIT(5)
#define RNG_SR_SEIS  BIT(6)

/* Independent watchdog (21.4). */
#define IWDG_KR        CORTEX_M_REGISTER(0x40003000)
#define IWDG_PR        CORTEX_M_REGISTER(0x40003004)
#define IWDG_RLR       CORTEX_M_REGISTER(0x40003008)
#define IWDG_SR        CORTEX_M_REGISTER(0x4000300C) /* not 0: PR or RLR is not in force yet */
#define IWDG_KR_ACCESS UINT32_C(0x5555)
#define IWDG_KR_RELOAD UINT32_C(0xAAAA)
#define IWDG_KR_START  UINT32_C(0xCCCC)
#define IWDG_PR_DIV64  UINT32_C(4)
#define IWDG_PR_DIV256 UINT32_C(6)

/* Debug support (38.16.4). */
#define DBGMCU_APB1_FZ               CORTEX_M_REGISTER(0xE0042008)
#define DBGMCU_APB1_FZ_DBG_IWDG_STOP BIT(12)

#endif
