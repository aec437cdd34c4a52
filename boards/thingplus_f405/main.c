/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate on a SparkFun Thing Plus STM32F405: starts the peripherals and runs the gate of boards/common. The
 * blue light on the board follows the amber light.
 */
#include <stdbool.h>

#include "boards/common/cortex_m_gate.h"
#include "boards/thingplus_f405/clocks.h"
#include "boards/thingplus_f405/gate_pins.h"
#include "boards/thingplus_f405/internal_flash.h"
#include "boards/thingplus_f405/option_bytes.h"
#include "boards/thingplus_f405/random.h"
#include "boards/thingplus_f405/rtc.h"
#include "boards/thingplus_f405/spi.h"
#include "boards/thingplus_f405/stm32f405.h"
#include "boards/thingplus_f405/uart.h"
#include "boards/thingplus_f405/watchdog.h"

#define READER_BAUD 460800

__attribute__((section(".vectors"), used)) static const cortex_m_handler vectors[16 + USART6_IRQ + 1] = {
    CORTEX_M_VECTORS,
    [16 + USART3_IRQ] = uart_maintenance_interrupt,
    [16 + USART6_IRQ] = uart_reader_interrupt,
};

static struct serial maintenance_port, reader_port;
static struct spi spi;
static struct gate_io gate_io;
static struct entropy entropy;

static void report_chip(struct chip_report *report)
{
    option_bytes_report(report);
    report->rtc_source = rtc_source();
    report->rtc_outlives_power = rtc_outlives_power();
}

int main(void)
{
    struct reset_report reset = watchdog_reset_report();
    struct clocks clocks = clocks_start();
    watchdog_start();
    gate_pins_start(&gate_io);
    uart_start(&clocks, &maintenance_port, &reader_port);
    rtc_start(&clocks, reset.cause == RESET_POWER);
    bool is_random = random_start(&entropy) == ERR_OK;
    spi_start(&spi);
    cortex_m_gate_run(&(struct cortex_m_gate_parts){
        .maintenance = &maintenance_port,
        .reader = &reader_port,
        .memory = &spi,
        .anchor = internal_flash_start(&clocks),
        .gate_io = &gate_io,
        .entropy = is_random ? &entropy : NULL,
        .reset = reset,
        .rtc_read = rtc_read,
        .rtc_write = rtc_write,
        .set_reader_baud = uart_set_reader_baud,
        .reader_baud = READER_BAUD,
        .hold_reader_reset = gate_pins_hold_reader_reset,
        .feed_watchdog = watchdog_feed,
        .report_chip = report_chip,
    });
}
