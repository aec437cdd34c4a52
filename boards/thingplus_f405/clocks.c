/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/thingplus_f405/clocks.h"

#include <stdbool.h>

#include "boards/thingplus_f405/stm32f405.h"

#define HSI_HZ      16000000
#define HSE_MHZ     12
#define HSI_MHZ     16
#define PLL_IN_MHZ  2   /* the input frequency with the least jitter (7.3.2, PLLM) */
#define PLL_N       168 /* 336 MHz: divided by 2, the limit of 168 MHz; divided by 7, 48 MHz for the RNG */
#define PLL_Q       7
#define CORE_HZ     168000000
#define HSE_WAIT_US 100000 /* typically 2 ms (DS8626, table 30) */
#define PLL_WAIT_US 2000   /* 0.3 ms at most (DS8626, table 35) */
#define HSI_WAIT_US 1000   /* 4 us at most (DS8626, table 33) */

/* Waits until the masked bits of an RCC register have the wanted value, most_us microseconds at most. */
static bool wait_for(volatile uint32_t *reg, uint32_t mask, uint32_t wanted, uint32_t most_us)
{
    uint64_t started = cortex_m_now_us();
    while ((*reg & mask) != wanted)
        if (cortex_m_now_us() - started >= most_us)
            return false;
    return true;
}

/* Switches back to HSI and resets the peripherals. After DFU, the boot loader in the ROM leaves its own
 * PLL and peripherals running. */
static void go_back_to_hsi(void)
{
    RCC_CR |= RCC_CR_HSION;
    bool ready = wait_for(&RCC_CR, RCC_CR_HSIRDY, RCC_CR_HSIRDY, HSI_WAIT_US);
    RCC_CFGR = RCC_CFGR_SW_HSI;
    ready = wait_for(&RCC_CFGR, RCC_CFGR_SW_MASK << 2, 0, HSI_WAIT_US) && ready;
    RCC_CR &= ~(RCC_CR_HSEON | RCC_CR_HSEBYP | RCC_CR_CSSON | RCC_CR_PLLON);
    RCC_CIR = 0;
    (void)ready; /* without HSI this code would not run */
    RCC_AHB1RSTR = RCC_AHB1_GPIOA | RCC_AHB1_GPIOB | RCC_AHB1_GPIOC;
    RCC_AHB2RSTR = RCC_AHB2_RNG;
    RCC_APB1RSTR = RCC_APB1_USART3;
    RCC_APB2RSTR = RCC_APB2_USART6 | RCC_APB2_SPI1;
    RCC_AHB1RSTR = RCC_AHB2RSTR = RCC_APB1RSTR = RCC_APB2RSTR = 0;
}

static bool start_pll(uint32_t source_mhz, uint32_t source_bit)
{
    RCC_CFGR = RCC_CFGR_SW_HSI; /* a PLL that is in use cannot be stopped */
    RCC_CR &= ~RCC_CR_PLLON;
    if (!wait_for(&RCC_CR, RCC_CR_PLLRDY, 0, PLL_WAIT_US))
        return false;
    RCC_PLLCFGR = RCC_PLLCFGR_M(source_mhz / PLL_IN_MHZ) | RCC_PLLCFGR_N(PLL_N) | RCC_PLLCFGR_P_2 |
                  RCC_PLLCFGR_Q(PLL_Q) | source_bit;
    RCC_CR |= RCC_CR_PLLON;
    return wait_for(&RCC_CR, RCC_CR_PLLRDY, RCC_CR_PLLRDY, PLL_WAIT_US);
}

/* Switches to the PLL. The wait states of the flash and the dividers of the buses are set before the
 * processor runs faster (3.5.1). */
static bool switch_to_pll(void)
{
    FLASH_ACR = FLASH_ACR_LATENCY_5WS | FLASH_ACR_PRFTEN | FLASH_ACR_ICEN | FLASH_ACR_DCEN;
    if (!wait_for(&FLASH_ACR, FLASH_ACR_LATENCY_MASK, FLASH_ACR_LATENCY_5WS, HSI_WAIT_US))
        return false;
    RCC_CFGR = RCC_CFGR_PPRE1_DIV4 | RCC_CFGR_PPRE2_DIV2 | RCC_CFGR_SW_HSI;
    RCC_CFGR = RCC_CFGR_PPRE1_DIV4 | RCC_CFGR_PPRE2_DIV2 | RCC_CFGR_SW_PLL;
    return wait_for(&RCC_CFGR, RCC_CFGR_SW_MASK << 2, RCC_CFGR_SW_PLL << 2, PLL_WAIT_US);
}

static enum clock_source find_source(void)
{
    RCC_CR |= RCC_CR_HSEON;
    if (wait_for(&RCC_CR, RCC_CR_HSERDY, RCC_CR_HSERDY, HSE_WAIT_US) &&
        start_pll(HSE_MHZ, RCC_PLLCFGR_SRC_HSE) && switch_to_pll())
        return CLOCK_CRYSTAL;
    if (start_pll(HSI_MHZ, 0) && switch_to_pll())
        return CLOCK_INTERNAL;
    if (RCC_CR == 0)
        return CLOCK_NONE;
    RCC_CFGR = RCC_CFGR_SW_HSI;
    RCC_CR &= ~(RCC_CR_HSEON | RCC_CR_PLLON);
    return CLOCK_SLOW;
}

struct clocks clocks_start(void)
{
    cortex_m_start_clock(HSI_HZ);
    go_back_to_hsi();
    RCC_APB1ENR |= RCC_APB1_PWR;
    PWR_CR |= PWR_CR_VOS;
    struct clocks clocks = {.source = find_source()};
    if (clocks.source == CLOCK_SLOW) {
        clocks.hclk_hz = clocks.pclk1_hz = clocks.pclk2_hz = HSI_HZ;
    } else {
        clocks.hclk_hz = CORE_HZ;
        clocks.pclk1_hz = CORE_HZ / 4;
        clocks.pclk2_hz = CORE_HZ / 2;
    }
    cortex_m_start_clock(clocks.hclk_hz);
    return clocks;
}
