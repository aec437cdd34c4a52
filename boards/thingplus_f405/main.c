/*
 * The gate on a SparkFun Thing Plus STM32F405: starts what the chip has, builds the tables of hal/, reads the
 * identity block, turns the loop. Without a valid identity nothing can be decided or managed: the amber light
 * and the board's own blue one blink fast, and that is all.
 */
#include "boards/thingplus_f405/clocks.h"
#include "boards/thingplus_f405/gate_pins.h"
#include "boards/thingplus_f405/random.h"
#include "boards/thingplus_f405/rtc.h"
#include "boards/thingplus_f405/spi.h"
#include "boards/thingplus_f405/stm32f405.h"
#include "boards/thingplus_f405/uart.h"
#include "boards/thingplus_f405/watchdog.h"
#include "firmware/portillon.h"
#include "hal/pn532/pn532.h"
#include "hal/spi_nor/spi_nor.h"

#define NO_IDENTITY_BLINK_US 100000
#define READER_BAUD          460800

extern const uint8_t __identity[IDENTITY_LEN];

__attribute__((section(".vectors"), used)) static const cortex_m_handler vectors[16 + USART6_IRQ + 1] = {
    CORTEX_M_VECTORS,
    [16 + USART3_IRQ] = uart_maintenance_interrupt,
    [16 + USART6_IRQ] = uart_reader_interrupt,
};

static struct portillon portillon;
static struct identity identity;
static struct pn532 pn532;
static struct spi_nor nor;
static struct serial maintenance_port, reader_port;
static struct spi spi;
static struct gate_io gate_io;
static struct entropy entropy;

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    return cortex_m_now_us();
}

static const struct timer timer = {
    .monotonic_us = monotonic_us, .rtc_read = rtc_read, .rtc_write = rtc_write};

static void wait_for_interrupt(void *ctx)
{
    (void)ctx;
    cortex_m_sleep();
}

static const struct pn532_config reader_config = {
    .serial = &reader_port,
    .timer = &timer,
    .set_baud = uart_set_reader_baud,
    .baud = READER_BAUD,
    .idle = wait_for_interrupt,
};

static __attribute__((noreturn)) void blink_for_ever(void)
{
    for (;;) {
        bool lit = cortex_m_now_us() / NO_IDENTITY_BLINK_US % 2 == 0;
        gate_io.set_outputs(gate_io.ctx, lit ? GATE_LIGHT_AMBER : 0);
        watchdog_feed();
        wait_for_interrupt(NULL);
    }
}

static const char *flash_name(void)
{
    return spi_nor_name(&nor);
}

static const char *flash_problem(void)
{
    return spi_nor_problem(&nor);
}

int main(void)
{
    struct reset_report reset = watchdog_reset_report();
    struct clocks clocks = clocks_start();
    watchdog_start();
    gate_pins_start(&gate_io);
    uart_start(&clocks, &maintenance_port, &reader_port);
    rtc_start();
    bool is_random = random_start(&entropy) == ERR_OK;
    spi_start(&spi);
    int found = spi_nor_init(&nor, &spi, &timer);
    (void)found; /* without a chip nor.flash has size 0, and /status says so */
    pn532_init(&pn532, &reader_config);
    if (identity_decode(&identity, __identity, IDENTITY_LEN) != ERR_OK)
        blink_for_ever();
    const struct portillon_hardware hardware = {
        .reader = &pn532.reader,
        .flash = &nor.flash,
        .gate_io = &gate_io,
        .timer = &timer,
        .entropy = is_random ? &entropy : NULL,
        .maintenance = &maintenance_port,
        .reset = &reset,
        .stack_usage = cortex_m_stack_usage,
        .flash_name = flash_name,
        .flash_problem = flash_problem,
    };
    if (portillon_init(&portillon, &hardware, &identity) != ERR_OK)
        blink_for_ever();
    for (;;) {
        cortex_m_alive();
        watchdog_feed();
        if (portillon_poll(&portillon) == ERR_OK)
            wait_for_interrupt(NULL);
    }
}
