/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate on an Emcraft SmartFusion2 SOM: starts the peripherals and runs the gate of boards/common.
 */
#include "boards/common/cortex_m_gate.h"
#include "boards/emcraft_sf2/gate_pins.h"
#include "boards/emcraft_sf2/m2s010.h"
#include "boards/emcraft_sf2/spi.h"
#include "boards/emcraft_sf2/system.h"
#include "boards/emcraft_sf2/uart.h"
#include "hal/cortex_m/cortex_m.h"

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

int main(void)
{
    struct reset_report reset = system_reset_report();
    cortex_m_start_clock(PORTILLON_CLOCK_HZ);
    system_release_blocks();
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
        .hold_reader_reset = gate_pins_hold_reader_reset,
        .feed_watchdog = system_refresh_watchdog,
        .report_chip = report_chip,
    });
}
