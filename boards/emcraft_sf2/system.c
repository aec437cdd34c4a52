/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/emcraft_sf2/system.h"

#include "boards/emcraft_sf2/m2s010.h"

#define WATCHDOG_REFRESH_US 10000

/* After power-on all bits of the register read 1, so power-on is looked at first. */
struct reset_report system_reset_report(void)
{
    struct reset_report report = cortex_m_take_crash();
    uint32_t source = RESET_SOURCE_CR;
    RESET_SOURCE_CR = 0;
    if (report.cause != RESET_POWER || (source & RESET_SOURCE_POWER))
        return report;
    if (source & RESET_SOURCE_WATCHDOG)
        report.cause = RESET_WATCHDOG;
    else if (source != 0)
        report.cause = RESET_REQUEST;
    return report;
}

void system_release_blocks(void)
{
    const uint32_t used = SOFT_RST_MMUART0 | SOFT_RST_MMUART1 | SOFT_RST_SPI0 | SOFT_RST_GPIO |
                          SOFT_RST_GPIO_7_0 | SOFT_RST_GPIO_15_8;
    if (SOFT_RST_CR & used)
        SOFT_RST_CR &= ~used;
}

void system_refresh_watchdog(void)
{
    static uint64_t refreshed_us;
    uint64_t now = cortex_m_now_us();
    if (now - refreshed_us < WATCHDOG_REFRESH_US)
        return;
    refreshed_us = now;
    if (WDOG_STATUS & WDOG_STATUS_ALLOWED)
        WDOG_REFRESH = WDOG_REFRESH_KEY;
}
