/*
 * The gate on an Emcraft SmartFusion2 SOM: starts the peripherals and runs the gate of boards/common.
 */
#include "boards/common/cortex_m_gate.h"
#include "boards/emcraft_sf2/gate_pins.h"
#include "boards/emcraft_sf2/m2s010.h"
#include "boards/emcraft_sf2/spi.h"
#include "boards/emcraft_sf2/uart.h"
#include "hal/cortex_m/cortex_m.h"

#define WATCHDOG_REFRESH_US 10000

__attribute__((section(".vectors"), used)) static const cortex_m_handler vectors[16 + MMUART1_IRQ + 1] = {
    CORTEX_M_VECTORS,
    [16 + MMUART0_IRQ] = uart0_interrupt,
    [16 + MMUART1_IRQ] = uart1_interrupt,
};

static struct serial maintenance_port, reader_port;
static struct spi spi;
static struct gate_io gate_io;

/* Not used yet. The SOM has a real-time clock, powered by the battery of the baseboard. */
static int rtc_read(void *ctx, uint32_t *utc_s)
{
    (void)ctx;
    (void)utc_s;
    return ERR_NOT_FOUND;
}

static int rtc_write(void *ctx, uint32_t utc_s)
{
    (void)ctx;
    (void)utc_s;
    return ERR_NOT_FOUND;
}

/* No register that firmware can read tells how the design's debug access is locked. */
static void report_chip(struct chip_report *report)
{
    report->readout = CHIP_READOUT_UNKNOWN;
}

static struct reset_report read_reset_cause(void)
{
    struct reset_report report = cortex_m_take_crash();
    if (report.cause == RESET_POWER && (RESET_SOURCE_CR & RESET_SOURCE_WATCHDOG))
        report.cause = RESET_WATCHDOG;
    RESET_SOURCE_CR = 0;
    return report;
}

/* Releases the blocks that this board uses. After power-on each block is held in reset. */
static void release_blocks(void)
{
    SOFT_RST_CR &= ~(SOFT_RST_MMUART0 | SOFT_RST_MMUART1 | SOFT_RST_SPI0 | SOFT_RST_GPIO | SOFT_RST_GPIO_7_0 |
                     SOFT_RST_GPIO_15_8);
}

static void refresh_watchdog(void)
{
    static uint64_t refreshed_us;
    uint64_t now = cortex_m_now_us();
    if (now - refreshed_us < WATCHDOG_REFRESH_US)
        return;
    refreshed_us = now;
    if (WDOG_STATUS & WDOG_STATUS_ALLOWED)
        WDOG_REFRESH = WDOG_REFRESH_KEY;
}

int main(void)
{
    struct reset_report reset = read_reset_cause();
    cortex_m_start_clock(PORTILLON_CLOCK_HZ);
    release_blocks();
    WDOG_CR |= WDOG_CR_ENABLE;
    gate_pins_start(&gate_io);
    uart_start(&maintenance_port, &reader_port);
    spi_start(&spi);
    cortex_m_gate_run(&(struct cortex_m_gate_parts){
        .maintenance = &maintenance_port,
        .reader = &reader_port,
        .memory = &spi,
        .gate_io = &gate_io,
        .reset = reset,
        .rtc_read = rtc_read,
        .rtc_write = rtc_write,
        .feed_watchdog = refresh_watchdog,
        .report_chip = report_chip,
    });
}
