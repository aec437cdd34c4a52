/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/common/cortex_m_gate.h"

#include <string.h>

#include "firmware/base/crc32.h"
#include "firmware/portillon.h"
#include "hal/cortex_m/cortex_m.h"
#include "hal/pn532/pn532.h"
#include "hal/spi_nor/spi_nor.h"

#define NO_IDENTITY_BLINK_US 100000

extern const uint8_t __identity[IDENTITY_LEN_MAX];

static struct portillon portillon;
static struct identity identity;
static struct pn532 pn532;
static struct spi_nor nor;
static struct timer timer;
static struct pn532_config reader_config;

static uint64_t monotonic_us(void *ctx)
{
    (void)ctx;
    return cortex_m_now_us();
}

static void wait_for_interrupt(void *ctx)
{
    (void)ctx;
    cortex_m_sleep();
}

static const char *flash_name(void)
{
    return spi_nor_name(&nor);
}

static const char *flash_problem(void)
{
    return spi_nor_problem(&nor);
}

static void feed_watchdogs(const struct cortex_m_gate_parts *parts)
{
    cortex_m_alive();
    parts->feed_watchdog();
}

static __attribute__((noreturn)) void blink_for_ever(const struct cortex_m_gate_parts *parts)
{
    for (;;) {
        bool lit = cortex_m_now_us() / NO_IDENTITY_BLINK_US % 2 == 0;
        parts->gate_io->set_outputs(parts->gate_io->ctx, lit ? GATE_LIGHT_AMBER : 0);
        feed_watchdogs(parts);
        wait_for_interrupt(NULL);
    }
}

static void start_drivers(const struct cortex_m_gate_parts *parts)
{
    timer = (struct timer){
        .monotonic_us = monotonic_us, .rtc_read = parts->rtc_read, .rtc_write = parts->rtc_write};
    reader_config = (struct pn532_config){
        .serial = parts->reader,
        .timer = &timer,
        .set_baud = parts->set_reader_baud,
        .baud = parts->reader_baud,
        .hold_reset = parts->hold_reader_reset,
        .idle = wait_for_interrupt,
    };
    int found = spi_nor_init(&nor, parts->memory, &timer);
    (void)found; /* without a chip nor.flash has size 0, and /status reports it */
    pn532_init(&pn532, &reader_config);
}

/* The guard is random, or made of the secrets of the identity and of the time that start-up took. The CRC is
 * taken without that of the block itself, with which it would be the same for all. */
static uint32_t make_stack_guard(const struct entropy *entropy)
{
    uint8_t bytes[sizeof(uint32_t)];
    uint32_t guard = crc32_compute(__identity, IDENTITY_LEN - sizeof(uint32_t)) ^ (uint32_t)cortex_m_now_us();
    if (entropy != NULL && entropy->fill(entropy->ctx, bytes, sizeof bytes) == ERR_OK)
        memcpy(&guard, bytes, sizeof guard);
    return guard;
}

void cortex_m_gate_run(const struct cortex_m_gate_parts *parts)
{
    cortex_m_set_stack_guard(make_stack_guard(parts->entropy));
    start_drivers(parts);
    const struct portillon_hardware hardware = {
        .reader = &pn532.reader,
        .flash = &nor.flash,
        .anchor = parts->anchor,
        .gate_io = parts->gate_io,
        .timer = &timer,
        .entropy = parts->entropy,
        .maintenance = parts->maintenance,
        .reset = &parts->reset,
        .stack_usage = cortex_m_stack_usage,
        .flash_name = flash_name,
        .flash_problem = flash_problem,
        .chip = parts->report_chip,
        .feed_watchdog = parts->feed_watchdog,
    };
    if (identity_decode(&identity, __identity, identity_length(__identity)) != ERR_OK ||
        portillon_init(&portillon, &hardware, &identity) != ERR_OK)
        blink_for_ever(parts);
    for (;;) {
        feed_watchdogs(parts);
        if (portillon_poll(&portillon) == ERR_OK)
            wait_for_interrupt(NULL);
    }
}
