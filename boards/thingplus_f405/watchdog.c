#include "boards/thingplus_f405/watchdog.h"

#include "boards/thingplus_f405/stm32f405.h"

#define RELOAD 4000 /* at 32 kHz divided by 64: 8 s; LSI is 17 to 47 kHz (DS8626, table 34) */

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

/* The watchdog is started first, because it then has a clock (21.3): the writes take effect in its own
 * clock domain. */
void watchdog_start(void)
{
    DBGMCU_APB1_FZ |= DBGMCU_APB1_FZ_DBG_IWDG_STOP;
    IWDG_KR = IWDG_KR_START;
    IWDG_KR = IWDG_KR_ACCESS;
    IWDG_PR = IWDG_PR_DIV64;
    IWDG_RLR = RELOAD;
    watchdog_feed();
}

void watchdog_feed(void)
{
    IWDG_KR = IWDG_KR_RELOAD;
}
