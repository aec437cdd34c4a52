/*
 * The gate on an Emcraft SmartFusion2 SOM: builds the tables of hal/, reads the identity block, turns the
 * loop. Without a valid identity nothing can be decided or managed: the amber light blinks fast and that is
 * all.
 */
#include "boards/emcraft_sf2/gate_pins.h"
#include "boards/emcraft_sf2/m2s010.h"
#include "boards/emcraft_sf2/spi.h"
#include "boards/emcraft_sf2/uart.h"
#include "firmware/portillon.h"
#include "hal/cortex_m/cortex_m.h"
#include "hal/pn532/pn532.h"
#include "hal/spi_nor/spi_nor.h"

#define NO_IDENTITY_BLINK_US 100000
#define WATCHDOG_REFRESH_US  10000

extern const uint8_t __identity[IDENTITY_LEN];

__attribute__((section(".vectors"), used)) static const cortex_m_handler vectors[16 + MMUART1_IRQ + 1] = {
    CORTEX_M_VECTORS,
    [16 + MMUART0_IRQ] = uart0_interrupt,
    [16 + MMUART1_IRQ] = uart1_interrupt,
};

static struct portillon portillon;
static struct identity identity;
static struct pn532 pn532;
static struct spi_nor nor;
static struct serial maintenance_port, reader_port;
static struct spi spi;
static struct gate_io gate_io;

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    return cortex_m_now_us();
}

/* The SOM's real-time clock runs from the battery of the baseboard; it is not used yet. */
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

static const struct timer timer = {
    .monotonic_us = monotonic_us, .rtc_read = rtc_read, .rtc_write = rtc_write};

static void wait_for_interrupt(void *ctx)
{
    (void)ctx;
    cortex_m_sleep();
}

static const struct pn532_config pn532_config = {
    .serial = &reader_port, .timer = &timer, .idle = wait_for_interrupt};

static struct reset_report ask_reset_cause(void)
{
    struct reset_report report = cortex_m_take_crash();
    if (report.cause == RESET_POWER && (RESET_SOURCE_CR & RESET_SOURCE_WATCHDOG))
        report.cause = RESET_WATCHDOG;
    RESET_SOURCE_CR = 0;
    return report;
}

/* Blocks come out of power-on held in reset. What this design does not use stays so. */
static void release_blocks(void)
{
    SOFT_RST_CR &= ~(SOFT_RST_MMUART0 | SOFT_RST_MMUART1 | SOFT_RST_SPI0 | SOFT_RST_GPIO | SOFT_RST_GPIO_7_0 |
                     SOFT_RST_GPIO_15_8);
}

static void refresh_watchdog(void)
{
    static uint64_t refreshed_us;
    uint64_t now = cortex_m_now_us();
    cortex_m_alive();
    if (now - refreshed_us < WATCHDOG_REFRESH_US)
        return;
    refreshed_us = now;
    if (WDOG_STATUS & WDOG_STATUS_ALLOWED)
        WDOG_REFRESH = WDOG_REFRESH_KEY;
}

static void blink_for_ever(void)
{
    for (;;) {
        bool lit = cortex_m_now_us() / NO_IDENTITY_BLINK_US % 2 == 0;
        gate_io.set_outputs(gate_io.ctx, lit ? GATE_LIGHT_AMBER : 0);
        refresh_watchdog();
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
    struct reset_report reset = ask_reset_cause();
    cortex_m_start_clock(PORTILLON_CLOCK_HZ);
    release_blocks();
    WDOG_CR |= WDOG_CR_ENABLE;
    gate_pins_start(&gate_io);
    uart_start(&maintenance_port, &reader_port);
    spi_start(&spi);
    int found = spi_nor_init(&nor, &spi, &timer);
    (void)found; /* without a chip the geometry has size 0, and the gate says so */
    pn532_init(&pn532, &pn532_config);
    if (identity_decode(&identity, __identity, IDENTITY_LEN) != ERR_OK)
        blink_for_ever();
    const struct portillon_hardware hardware = {
        .reader = &pn532.reader,
        .flash = &nor.flash,
        .gate_io = &gate_io,
        .timer = &timer,
        .entropy = NULL,
        .maintenance = &maintenance_port,
        .reset = &reset,
        .stack_usage = cortex_m_stack_usage,
        .flash_name = flash_name,
        .flash_problem = flash_problem,
    };
    if (portillon_init(&portillon, &hardware, &identity) != ERR_OK)
        blink_for_ever();
    for (;;) {
        refresh_watchdog();
        if (portillon_poll(&portillon) == ERR_OK)
            wait_for_interrupt(NULL);
    }
}
