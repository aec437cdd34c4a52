/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/thingplus_f405/watchdog.h"

#include <stdbool.h>

#include "boards/thingplus_f405/stm32f405.h"

/* LSI is 32 kHz, 17 to 47 kHz (DS8626, table 34). */
#define START_RELOAD 0xFFF /* divided by 256: 33 s; 22 to 62 s */
#define LOOP_RELOAD  4000  /* divided by 64: 8 s; 5.5 to 15 s */
#define FASTEST_KHZ  47

_Static_assert(LOOP_RELOAD * 64 / FASTEST_KHZ > WATCHDOG_SHORTEST_MS &&
                   START_RELOAD * 256 / FASTEST_KHZ > WATCHDOG_SHORTEST_MS,
               "what blocks for up to WATCHDOG_SHORTEST_MS must not be reset");

static bool is_loop_period;

/* A software reset without a stored crash, or a reset by the reset pin, was requested. */
struct reset_report watchdog_reset_report(void)
{
    struct reset_report report = cortex_m_take_crash();
    uint32_t flags = RCC_CSR;
    RCC_CSR = flags | RCC_CSR_RMVF;
    if (report.cause != RESET_POWER)
        return report;
    if (flags & (RCC_CSR_IWDGRSTF | RCC_CSR_WWDGRSTF))
        report.cause = RESET_WATCHDOG;
    else if (flags != 0 && !(flags & (RCC_CSR_PORRSTF | RCC_CSR_BORRSTF)))
        report.cause = RESET_REQUEST;
    return report;
}

static void set_period(uint32_t divider, uint32_t reload)
{
    IWDG_KR = IWDG_KR_ACCESS;
    IWDG_PR = divider;
    IWDG_RLR = reload;
    IWDG_KR = IWDG_KR_RELOAD;
}

/* The watchdog is started first, because it then has a clock (21.3): the writes take effect in its own
 * clock domain. */
void watchdog_start(void)
{
    DBGMCU_APB1_FZ |= DBGMCU_APB1_FZ_DBG_IWDG_STOP;
    IWDG_KR = IWDG_KR_START;
    set_period(IWDG_PR_DIV256, START_RELOAD);
    is_loop_period = false;
}

/* A new period must wait until the one before is in force (21.4.4). */
void watchdog_feed(void)
{
    IWDG_KR = IWDG_KR_RELOAD;
    if (is_loop_period || IWDG_SR != 0)
        return;
    set_period(IWDG_PR_DIV64, LOOP_RELOAD);
    is_loop_period = true;
}
