/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thingplus_f405's drivers on the host, with memory where the chip's registers are and a sketch of the chip
 * that moves on whenever the time is asked. Expected values are worked out from the register layouts of
 * RM0090. Built and run by tests/e2e/thingplus_registers.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

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
#include "hal/cortex_m/uart_ring.h"

static struct {
    bool all_zero; /* nothing is there: what is written is lost */
    bool crystal_dead, pll_dead, rtc_stuck;
    bool random_dead, random_stuck;
    unsigned seed_errors; /* so many steps show one */
    bool has_flash, flash_keys_refused, flash_hangs;
    uint32_t flash_error;        /* flags that the next operation of flash ends with */
    uint32_t flash_sr, flash_cr; /* what FLASH_SR and FLASH_CR showed last */
    unsigned flash_busy;         /* so many steps until the operation ends */
    unsigned sectors_erased[12]; /* how often */
    uint64_t now_us;
    uint32_t tick_hz, crash_cause;
    unsigned pended;
    bool is_woken;
} chip;

static void put_bits(volatile uint32_t *reg, uint32_t bits, bool on)
{
    *reg = on ? *reg | bits : *reg & ~bits;
}

static void step_clocks(void)
{
    uint32_t wanted = RCC_CFGR & RCC_CFGR_SW_MASK, running = RCC_CFGR_SWS(RCC_CFGR);
    put_bits(&RCC_CR, RCC_CR_HSIRDY, RCC_CR & RCC_CR_HSION);
    put_bits(&RCC_CR, RCC_CR_HSERDY, (RCC_CR & RCC_CR_HSEON) && !chip.crystal_dead);
    bool fed = RCC_PLLCFGR & RCC_PLLCFGR_SRC_HSE ? RCC_CR & RCC_CR_HSERDY : RCC_CR & RCC_CR_HSIRDY;
    put_bits(&RCC_CR, RCC_CR_PLLRDY, (RCC_CR & RCC_CR_PLLON) && fed && !chip.pll_dead);
    if (wanted == RCC_CFGR_SW_PLL && running != RCC_CFGR_SW_PLL && (RCC_CR & RCC_CR_PLLRDY)) {
        /* 168 MHz: 5 wait states, APB1 at most 42 MHz, APB2 at most 84, scale 1; or the chip fails. */
        assert_int_equal(FLASH_ACR & 7, 5);
        assert_int_equal(RCC_CFGR & 0xFCF0, 5 << 10 | 4 << 13);
        assert_true(PWR_CR & 1 << 14);
        running = wanted;
    } else if (wanted == RCC_CFGR_SW_HSI) {
        running = wanted;
    }
    RCC_CFGR = (RCC_CFGR & ~UINT32_C(12)) | running << 2;
}

#define ANCHOR_AT   UINT32_C(0x080A0000)
#define ANCHOR_SIZE UINT32_C(0x40000)

static uint8_t *const anchor = (uint8_t *)(uintptr_t)ANCHOR_AT;
static uint8_t cells[ANCHOR_SIZE]; /* what the two sectors hold really */

/* A word written to flash: clears bits, if FLASH_CR is open, PG and PSIZE x32 (3.6.4). */
static void take_written_word(uint32_t at)
{
    uint32_t held, written;
    memcpy(&held, cells + at, 4);
    memcpy(&written, anchor + at, 4);
    if (held == written)
        return;
    if (FLASH_CR == (1 | 2 << 8))
        held &= written;
    else
        FLASH_SR |= 1 << 7;
    chip.flash_busy = 2;
    memcpy(cells + at, &held, 4);
    memcpy(anchor + at, &held, 4);
}

static void start_erase(void)
{
    uint32_t sector = FLASH_CR >> 3 & 15;
    assert_int_equal(FLASH_CR & ~(UINT32_C(15) << 3), 1 << 1 | 2 << 8 | 1 << 16); /* SER, x32, STRT */
    assert_true(sector == 9 || sector == 10); /* others hold the program */
    chip.sectors_erased[sector]++;
    if (chip.flash_error == 0 && !chip.flash_hangs) {
        memset(cells + (sector - 9) * 0x20000, 0xFF, 0x20000);
        memcpy(anchor, cells, ANCHOR_SIZE);
    }
    FLASH_CR &= ~(UINT32_C(1) << 16);
    chip.flash_busy = 100000; /* of 10 us: 1 s */
}

static void step_flash(void)
{
    if (FLASH_SR != chip.flash_sr) /* written: flags are cleared by 1 */
        FLASH_SR = chip.flash_sr & ~FLASH_SR;
    /* Writing FLASH_CR while busy stops the processor; a key while it is open locks it until a reset. */
    assert_true(chip.flash_busy == 0 || FLASH_CR == chip.flash_cr);
    assert_true(FLASH_KEYR == 0 || FLASH_CR & UINT32_C(1) << 31);
    if (FLASH_KEYR == 0xCDEF89AB && !chip.flash_keys_refused)
        FLASH_CR &= ~(UINT32_C(1) << 31);
    FLASH_KEYR = 0;
    bool was_busy = chip.flash_busy > 0;
    for (uint32_t at = 0; at < ANCHOR_SIZE && !was_busy && memcmp(anchor, cells, ANCHOR_SIZE) != 0; at += 4)
        take_written_word(at);
    if (FLASH_CR & 1 << 16)
        start_erase();
    if (chip.flash_busy > 0 && !chip.flash_hangs && --chip.flash_busy == 0)
        FLASH_SR |= chip.flash_error;
    put_bits(&FLASH_SR, 1 << 16, chip.flash_busy > 0);
    chip.flash_sr = FLASH_SR;
    chip.flash_cr = FLASH_CR;
}

static void step(void)
{
    static uint32_t random_state = 1;
    chip.now_us += 10;
    if (chip.all_zero) {
        RCC_CR = RCC_CFGR = RCC_PLLCFGR = FLASH_ACR = PWR_CR = 0;
        RNG_SR = RNG_DR = 0;
        return;
    }
    step_clocks();
    if (chip.has_flash)
        step_flash();
    put_bits(&RTC_ISR, RTC_ISR_INITF, (RTC_ISR & RTC_ISR_INIT) && !chip.rtc_stuck);
    put_bits(&RTC_ISR, RTC_ISR_INITS, RTC_DR >> 16 != 0);
    random_state = random_state * 1664525 + 1013904223;
    if (!chip.random_stuck)
        RNG_DR = random_state;
    put_bits(&RNG_SR, RNG_SR_DRDY, !chip.random_dead);
    if (chip.seed_errors > 0) {
        chip.seed_errors--;
        RNG_SR |= RNG_SR_SEIS;
    }
}

/* ---- what the drivers call of hal/cortex_m ---- */

uint64_t cortex_m_now_us(void)
{
    step();
    return chip.now_us;
}

void cortex_m_start_clock(uint32_t clock_hz)
{
    chip.tick_hz = clock_hz;
}

void cortex_m_enable_interrupt(unsigned number)
{
    (void)number;
}

void cortex_m_pend_interrupt(unsigned number)
{
    chip.pended = number;
}

void cortex_m_wake(void)
{
    chip.is_woken = true;
}

struct reset_report cortex_m_take_crash(void)
{
    return (struct reset_report){.cause = (enum reset_cause)chip.crash_cause};
}

/* ---- the bench ---- */

static const struct {
    uintptr_t base;
    size_t size;
} regions[] = {{0x40000000, 0x30000}, {0x50060000, 0x1000}, {0xE0042000, 0x1000}, {ANCHOR_AT, ANCHOR_SIZE}};

static int reset_chip(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++)
        if (mmap((void *)regions[i].base, regions[i].size, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
            return -1;
    memset(&chip, 0, sizeof chip);
    RCC_CR = RCC_CR_HSION | RCC_CR_HSIRDY;
    return 0;
}

static void assert_clocks(enum clock_source source, uint32_t hclk_hz, uint32_t pclk1_hz, uint32_t pclk2_hz)
{
    struct clocks clocks = clocks_start();
    assert_int_equal(clocks.source, source);
    assert_int_equal(clocks.hclk_hz, hclk_hz);
    assert_int_equal(clocks.pclk1_hz, pclk1_hz);
    assert_int_equal(clocks.pclk2_hz, pclk2_hz);
    assert_int_equal(chip.tick_hz, hclk_hz);
    assert_true(chip.now_us < 300000);
}

/* ---- clocks ---- */

static void a_live_crystal_gives_168_mhz(void **state)
{
    (void)state;
    assert_clocks(CLOCK_CRYSTAL, 168000000, 42000000, 84000000);
    assert_int_equal(RCC_PLLCFGR, 6 | 168 << 6 | 1 << 22 | 7 << 24); /* 12 MHz / 6 * 168 / 2, by 7: 48 MHz */
    assert_int_equal(RCC_CFGR_SWS(RCC_CFGR), 2);
}

static void a_dead_crystal_gives_168_mhz_from_the_chips_own(void **state)
{
    (void)state;
    chip.crystal_dead = true;
    assert_clocks(CLOCK_INTERNAL, 168000000, 42000000, 84000000);
    assert_int_equal(RCC_PLLCFGR, 8 | 168 << 6 | 7 << 24);
    assert_int_equal(RCC_CFGR_SWS(RCC_CFGR), 2);
}

static void a_dead_pll_gives_16_mhz(void **state)
{
    (void)state;
    chip.pll_dead = true;
    assert_clocks(CLOCK_SLOW, 16000000, 16000000, 16000000);
    assert_int_equal(RCC_CFGR, 0);
}

static void registers_that_read_zero_are_an_emulator(void **state)
{
    (void)state;
    chip.all_zero = true;
    assert_clocks(CLOCK_NONE, 168000000, 42000000, 84000000);
}

static void what_a_boot_loader_left_running_is_taken_over(void **state)
{
    (void)state;
    RCC_CR |= RCC_CR_HSEON | RCC_CR_HSERDY | RCC_CR_PLLON | RCC_CR_PLLRDY | RCC_CR_CSSON;
    RCC_CFGR = RCC_CFGR_SW_PLL | RCC_CFGR_SW_PLL << 2;
    RCC_CIR = 0xFF00;
    assert_clocks(CLOCK_CRYSTAL, 168000000, 42000000, 84000000);
    assert_int_equal(RCC_CIR, 0);
    assert_false(RCC_CR & RCC_CR_CSSON);
    assert_int_equal(RCC_AHB1RSTR | RCC_AHB2RSTR | RCC_APB1RSTR | RCC_APB2RSTR, 0);
}

/* ---- the calendar ---- */

static const struct clocks on_crystal = {.source = CLOCK_CRYSTAL}, on_internal = {.source = CLOCK_INTERNAL};

static void start_crystal(void)
{
    rtc_start(&on_crystal, true);
    RCC_BDCR |= RCC_BDCR_LSERDY;
}

static void the_time_set_is_the_time_read(void **state)
{
    uint32_t utc_s = 0;
    (void)state;
    start_crystal();
    assert_true(PWR_CR & 1 << 8);
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_NOT_FOUND);
    assert_int_equal(rtc_write(NULL, 1757314800), ERR_OK); /* Monday 2025-09-08 07:00:00 */
    assert_int_equal(RTC_TR, 0x070000);
    assert_int_equal(RTC_DR, 0x25 << 16 | 1 << 13 | 0x09 << 8 | 0x08);
    assert_int_equal(RTC_PRER, 127 << 16 | 255);
    assert_int_equal(RTC_ISR & RTC_ISR_INIT, 0);
    assert_int_equal(RTC_WPR, 0xFF);
    assert_int_equal(RCC_BDCR & 0x8301, 0x8101); /* on, from LSE, LSE on */
    step();
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_OK);
    assert_int_equal(utc_s, 1757314800);
    RTC_TR = 0x235958; /* the chip goes on */
    RTC_DR = 0x99 << 16 | 4 << 13 | 0x12 << 8 | 0x31;
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_OK);
    assert_int_equal(utc_s, 4102444798);
}

static void a_calendar_that_lost_power_or_its_crystal_tells_no_time(void **state)
{
    uint32_t utc_s = 7;
    (void)state;
    start_crystal();
    assert_int_equal(rtc_write(NULL, 1757314800), ERR_OK);
    step();
    RCC_BDCR &= ~RCC_BDCR_LSERDY;
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_NOT_FOUND);
    RCC_BDCR |= RCC_BDCR_LSERDY;
    RTC_BKP0R = 0;
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_NOT_FOUND);
    assert_int_equal(utc_s, 7);
}

static void a_dead_watch_crystal_leaves_a_clock_that_survives_resets_only(void **state)
{
    uint32_t utc_s = 0;
    (void)state;
    rtc_start(&on_crystal, true); /* LSERDY never comes */
    assert_null(rtc_source());
    assert_int_equal(rtc_write(NULL, 1757314800), ERR_OK);
    step();
    assert_int_equal(RCC_BDCR & 0x8300, 0x8300);  /* on, from HSE */
    assert_int_equal(RCC_CFGR >> 16 & 31, 12);    /* 12 MHz divided to 1 MHz */
    assert_int_equal(RTC_PRER, 124 << 16 | 7999); /* 1 MHz / 125 / 8000: 1 Hz */
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_OK);
    assert_int_equal(utc_s, 1757314800);
    assert_string_equal(rtc_source(), "main crystal, lost without power");
    assert_false(rtc_outlives_power());
    RCC_CFGR = 0; /* a reset stops the divider, and start-up sets it again */
    rtc_start(&on_crystal, false);
    assert_int_equal(RCC_CFGR >> 16 & 31, 12);
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_OK);
    rtc_start(&on_crystal, true); /* VBAT kept the calendar, but it stood still */
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_NOT_FOUND);
    assert_int_equal(RCC_BDCR & 0x8301, 1); /* the watch crystal is tried again */
}

static void a_calendar_whose_main_crystal_died_tells_no_time(void **state)
{
    uint32_t utc_s = 0;
    (void)state;
    rtc_start(&on_crystal, true);
    assert_int_equal(rtc_write(NULL, 1757314800), ERR_OK);
    step();
    rtc_start(&on_internal, false);
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_NOT_FOUND);
    rtc_start(&on_crystal, false); /* it is back, but the calendar missed the time between */
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_NOT_FOUND);
    rtc_start(&on_internal, false);
    assert_int_equal(rtc_write(NULL, 1757314800), ERR_NOT_FOUND); /* no crystal at all */
}

static void a_watch_crystal_that_died_later_is_given_up_when_the_time_is_set(void **state)
{
    uint32_t utc_s = 0;
    (void)state;
    start_crystal();
    assert_int_equal(rtc_write(NULL, 1757314800), ERR_OK);
    assert_string_equal(rtc_source(), "32 kHz crystal");
    assert_true(rtc_outlives_power());
    RCC_BDCR &= ~RCC_BDCR_LSERDY;
    assert_int_equal(rtc_write(NULL, 1757314900), ERR_OK);
    step();
    assert_int_equal(RCC_BDCR & 0x8301, 0x8301); /* from HSE; LSE on, in case it starts */
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_OK);
    assert_int_equal(utc_s, 1757314900);
}

static void nonsense_in_the_calendar_tells_no_time(void **state)
{
    uint32_t utc_s = 7;
    (void)state;
    start_crystal();
    assert_int_equal(rtc_write(NULL, 1757314800), ERR_OK);
    step();
    RTC_DR = 0x25 << 16 | 0x13 << 8 | 0x08;
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_NOT_FOUND);
    assert_int_equal(utc_s, 7);
}

static void a_calendar_that_cannot_be_set_is_not_marked_as_set(void **state)
{
    uint32_t utc_s;
    (void)state;
    start_crystal();
    assert_int_equal(rtc_write(NULL, 1757314800), ERR_OK);
    chip.rtc_stuck = true;
    assert_int_equal(rtc_write(NULL, 1757314800), ERR_IO);
    assert_int_equal(rtc_read(NULL, &utc_s), ERR_NOT_FOUND);
    assert_int_equal(RTC_WPR, 0xFF);
    assert_int_equal(rtc_write(NULL, 946684799), ERR_ARGUMENT);  /* 1999 */
    assert_int_equal(rtc_write(NULL, 4102444800), ERR_ARGUMENT); /* 2100 */
}

/* ---- random numbers ---- */

static void random_numbers_come_and_differ(void **state)
{
    struct entropy entropy;
    uint8_t first[10] = {0}, second[10] = {0};
    (void)state;
    assert_int_equal(random_start(&entropy), ERR_OK);
    assert_true(RCC_AHB2ENR & 1 << 6);
    assert_int_equal(RNG_CR, 4);
    assert_int_equal(entropy.fill(entropy.ctx, first, sizeof first), ERR_OK);
    assert_int_equal(entropy.fill(entropy.ctx, second, sizeof second), ERR_OK);
    assert_memory_not_equal(first, second, sizeof first);
    assert_true(first[8] != 0 || first[9] != 0);
}

static void a_passing_seed_error_is_mended(void **state)
{
    struct entropy entropy;
    uint8_t bytes[4];
    (void)state;
    assert_int_equal(random_start(&entropy), ERR_OK);
    chip.seed_errors = 1;
    assert_int_equal(entropy.fill(entropy.ctx, bytes, sizeof bytes), ERR_OK);
    assert_int_equal(RNG_SR & RNG_SR_SEIS, 0);
}

static void a_seed_error_at_the_start_is_mended(void **state)
{
    struct entropy entropy;
    (void)state;
    chip.seed_errors = 3;
    assert_int_equal(random_start(&entropy), ERR_OK);
}

static void a_generator_that_fails_is_not_believed(void **state)
{
    struct entropy entropy;
    uint8_t bytes[8];
    (void)state;
    assert_int_equal(random_start(&entropy), ERR_OK);
    chip.seed_errors = 1000;
    assert_int_equal(entropy.fill(entropy.ctx, bytes, sizeof bytes), ERR_IO);
    assert_int_equal(random_start(&entropy), ERR_IO);
}

static void a_generator_that_repeats_itself_is_not_believed(void **state)
{
    struct entropy entropy;
    (void)state;
    chip.random_stuck = true;
    RNG_DR = 0x12345678;
    assert_int_equal(random_start(&entropy), ERR_IO);
}

static void a_silent_generator_is_given_up_soon(void **state)
{
    struct entropy entropy;
    (void)state;
    chip.random_dead = true;
    assert_int_equal(random_start(&entropy), ERR_IO);
    assert_true(chip.now_us < 25000);
}

/* ---- option bytes ---- */

static void option_bytes_tell_the_readout_protection_and_the_brown_out_level(void **state)
{
    static const struct {
        uint32_t optcr;
        enum chip_readout readout;
        uint32_t brown_out_mv, needed_mv;
    } known[] = {
        {0x0FFFAAED, CHIP_READOUT_OFF, 1600, 2700}, /* as the chip is delivered */
        {0x0FFFAAE1, CHIP_READOUT_OFF, 2750, 2700}, /* BOR level 3 */
        {0x0FFFBBE1, CHIP_READOUT_ON, 2750, 2700},  /* and read protection level 1 */
        {0x0FFF00E5, CHIP_READOUT_ON, 2440, 2700},  /* any value but AA and CC is level 1 */
        {0x0FFFCCE9, CHIP_READOUT_ON, 2130, 2700},  /* level 2 */
        {0, CHIP_READOUT_UNKNOWN, 0, 0},            /* QEMU */
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct chip_report report = {.readout = CHIP_READOUT_UNKNOWN};
        FLASH_OPTCR = known[i].optcr;
        option_bytes_report(&report);
        assert_int_equal(report.readout, known[i].readout);
        assert_int_equal(report.brown_out_mv, known[i].brown_out_mv);
        assert_int_equal(report.brown_out_needed_mv, known[i].needed_mv);
    }
}

/* ---- internal flash ---- */

static const struct flash *start_flash(void)
{
    chip.has_flash = true;
    FLASH_CR = UINT32_C(1) << 31;
    FLASH_ACR = 0x705;
    memset(cells, 0x5A, sizeof cells);
    memcpy(anchor, cells, sizeof cells);
    return internal_flash_start(&on_crystal);
}

static int program(const struct flash *flash, uint32_t addr, const void *bytes, size_t len)
{
    return flash->program(flash->ctx, addr, bytes, len);
}

static void assert_locked(void)
{
    step();
    assert_int_equal(FLASH_CR, UINT32_C(1) << 31);
    assert_int_equal(FLASH_ACR, 0x705);
}

static void the_anchor_is_two_sectors_and_an_emulator_has_none(void **state)
{
    static const struct clocks in_qemu = {.source = CLOCK_NONE};
    (void)state;
    const struct flash *flash = start_flash();
    assert_int_equal(flash->geometry->size, 262144);
    assert_int_equal(flash->geometry->sector_size, 131072);
    FLASH_CR = 0; /* as the boot loader of the ROM leaves it */
    assert_non_null(internal_flash_start(&on_crystal));
    assert_locked();
    FLASH_CR = 0;
    assert_null(internal_flash_start(&in_qemu));
    assert_int_equal(FLASH_CR, 0);
}

static void an_erase_blanks_its_sector_of_internal_flash_and_no_other(void **state)
{
    static uint8_t blank[0x20000];
    uint8_t bytes[2];
    (void)state;
    const struct flash *flash = start_flash();
    memset(blank, 0xFF, sizeof blank);
    watchdog_start();
    IWDG_KR = 0;
    assert_int_equal(flash->erase_start(flash->ctx, 0x20007), ERR_OK);
    assert_int_equal(flash->erase_poll(flash->ctx), ERR_OK);
    assert_int_equal(IWDG_KR, 0xAAAA); /* fed */
    assert_int_equal(chip.sectors_erased[10], 1);
    assert_memory_equal(cells + 0x20000, blank, sizeof blank);
    assert_int_equal(flash->read(flash->ctx, 0x1FFFF, bytes, 2), ERR_OK);
    assert_memory_equal(bytes, "\x5A\xFF", 2);
    assert_locked();
    assert_int_equal(flash->erase_start(flash->ctx, 0x1FFFF), ERR_OK);
    assert_int_equal(chip.sectors_erased[9], 1);
    assert_memory_equal(cells, blank, sizeof blank);
}

static void what_is_programmed_in_internal_flash_is_there_and_the_rest_as_before(void **state)
{
    static const uint8_t record[33] = "x0123456789abcdef0123456789ABCDEF";
    uint8_t back[40];
    (void)state;
    const struct flash *flash = start_flash();
    assert_int_equal(flash->erase_start(flash->ctx, 0), ERR_OK);
    uint64_t started_us = chip.now_us;
    assert_int_equal(program(flash, 0x1FFE0, record + 1, 32), ERR_OK); /* from an odd address in memory */
    assert_true(chip.now_us - started_us < 1000);
    assert_memory_equal(cells + 0x1FFE0, record + 1, 32);
    assert_int_equal(flash->read(flash->ctx, 0x1FFDC, back, 40), ERR_OK);
    assert_memory_equal(back,
                        "\xFF\xFF\xFF\xFF"
                        "0123456789abcdef0123456789ABCDEF"
                        "\x5A\x5A\x5A\x5A",
                        40);
    assert_locked();
}

static void internal_flash_is_not_touched_outside_the_anchor_or_in_part_of_a_word(void **state)
{
    uint8_t bytes[8] = {0};
    (void)state;
    const struct flash *flash = start_flash();
    assert_int_equal(program(flash, 0x40000 - 4, bytes, 8), ERR_ARGUMENT);
    assert_int_equal(program(flash, UINT32_MAX - 3, bytes, 8), ERR_ARGUMENT);
    assert_int_equal(program(flash, 2, bytes, 4), ERR_ARGUMENT);
    assert_int_equal(program(flash, 0, bytes, 6), ERR_ARGUMENT);
    assert_int_equal(flash->read(flash->ctx, 0x40000, bytes, 1), ERR_ARGUMENT);
    assert_int_equal(flash->erase_start(flash->ctx, 0x40000), ERR_ARGUMENT);
    step();
    for (size_t at = 0; at < sizeof cells; at++)
        assert_int_equal(cells[at], 0x5A);
    assert_int_equal(FLASH_SR, 0);
    assert_locked();
}

static void an_error_of_internal_flash_is_told_once(void **state)
{
    static const uint32_t errors[] = {1 << 1, 1 << 4, 1 << 5, 1 << 6, 1 << 7};
    static const uint8_t bytes[4] = {0x5A, 0, 0, 0};
    (void)state;
    const struct flash *flash = start_flash();
    for (uint32_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        chip.flash_error = errors[i];
        assert_int_equal(program(flash, 8 * i, bytes, 4), ERR_IO);
        assert_int_equal(flash->erase_start(flash->ctx, 0), ERR_IO);
        assert_locked();
        chip.flash_error = 0;
        assert_int_equal(program(flash, 8 * i + 4, bytes, 4), ERR_OK);
        assert_locked();
    }
}

static void internal_flash_that_stays_locked_is_left_alone(void **state)
{
    (void)state;
    const struct flash *flash = start_flash();
    chip.flash_keys_refused = true;
    assert_int_equal(program(flash, 0, "\0\0\0", 4), ERR_IO);
    assert_int_equal(flash->erase_start(flash->ctx, 0), ERR_IO);
    assert_locked();
    assert_int_equal(FLASH_SR, 0);
    assert_int_equal(cells[0], 0x5A);
}

static void internal_flash_that_does_not_end_is_given_up_before_the_watchdog_resets(void **state)
{
    (void)state;
    const struct flash *flash = start_flash();
    chip.flash_hangs = true;
    assert_int_equal(program(flash, 0, "\0\0\0", 4), ERR_IO);
    assert_true(chip.now_us < 1000);
    chip.flash_hangs = false;
    while (FLASH_SR & 1 << 16)
        step();
    chip.flash_hangs = true;
    uint64_t started_us = chip.now_us;
    assert_int_equal(flash->erase_start(flash->ctx, 0), ERR_IO);
    assert_in_range(chip.now_us - started_us, 2000000, 5400000); /* 2 s is good (DS8626, table 40) */
    started_us = chip.now_us;
    assert_int_equal(flash->erase_start(flash->ctx, 0), ERR_IO);
    assert_int_equal(program(flash, 0, "\0\0\0", 4), ERR_IO);
    assert_true(chip.now_us - started_us < 1000);
}

/* ---- pins, watchdog, SPI, serial lines ---- */

static void cut_wires_are_fire_and_tamper_and_nothing_else(void **state)
{
    struct gate_io gate_io;
    (void)state;
    gate_pins_start(&gate_io);
    GPIO_IDR(GPIOA_BASE) = GPIO_IDR(GPIOC_BASE) = 0xFFFF; /* pulled up */
    assert_int_equal(gate_io.get_inputs(gate_io.ctx), GATE_FIRE | GATE_TAMPER);
    GPIO_IDR(GPIOA_BASE) = GPIO_IDR(GPIOC_BASE) = 0;
    assert_int_equal(gate_io.get_inputs(gate_io.ctx), GATE_ROTATION | GATE_BUTTON);
    GPIO_IDR(GPIOA_BASE) = 1 << 6; /* at rest: A2 and A5 open, A3 and A4 closed */
    GPIO_IDR(GPIOC_BASE) = 1 << 5;
    assert_int_equal(gate_io.get_inputs(gate_io.ctx), 0);
    assert_int_equal(GPIO_PUPDR(GPIOA_BASE), 1 << 12 | 1 << 14);
    assert_int_equal(GPIO_PUPDR(GPIOC_BASE), 1 << 8 | 1 << 10);
    assert_int_equal(GPIO_MODER(GPIOB_BASE), 1 << 16 | 1 << 18);
    assert_int_equal(GPIO_MODER(GPIOC_BASE), 1 << 2 | 1 << 4 | 1 << 6);
    assert_int_equal(GPIO_MODER(GPIOA_BASE), 1 << 8);
}

static void the_reset_line_of_the_reader_is_pulled_low_and_released(void **state)
{
    struct gate_io gate_io;
    (void)state;
    gate_pins_start(&gate_io);
    gate_pins_hold_reader_reset(NULL, true);
    assert_int_equal(GPIO_BSRR(GPIOA_BASE), 1 << (16 + 5));
    assert_int_equal(GPIO_MODER(GPIOA_BASE), 1 << 8 | 1 << 10);
    gate_pins_hold_reader_reset(NULL, false);
    assert_int_equal(GPIO_MODER(GPIOA_BASE), 1 << 8);
}

/* Returns the seconds until the watchdog resets, with its oscillator at this rate. */
static double watchdog_s(double lsi_hz)
{
    return (double)(4 << IWDG_PR) * (IWDG_RLR + 1) / lsi_hz;
}

static void the_watchdog_waits_long_for_the_start_and_about_8_s_in_the_loop(void **state)
{
    (void)state;
    watchdog_start();
    assert_int_equal(IWDG_KR, 0xAAAA);
    assert_int_equal(DBGMCU_APB1_FZ, 1 << 12);
    assert_true(watchdog_s(47000) > 20); /* a start that rescues a worn chip full of garbage took 6.2 s */
    watchdog_feed();
    assert_int_equal(IWDG_PR, 4); /* by 64 */
    assert_int_equal(IWDG_RLR, 4000);
    assert_int_equal(IWDG_KR, 0xAAAA);
    assert_true(watchdog_s(47000) > 5.4 && watchdog_s(17000) < 15.1);
    assert_int_equal(WATCHDOG_SHORTEST_MS, 5400);
}

static void the_period_waits_for_the_watchdog_to_take_the_one_before(void **state)
{
    (void)state;
    watchdog_start();
    IWDG_SR = 3; /* PVU and RVU: the values written last are not in force yet */
    watchdog_feed();
    assert_true(watchdog_s(47000) > 20);
    assert_int_equal(IWDG_KR, 0xAAAA);
    IWDG_SR = 0;
    watchdog_feed();
    assert_int_equal(IWDG_RLR, 4000);
}

static void the_reset_flags_say_why(void **state)
{
    static const struct {
        uint32_t csr, crash, cause;
    } known[] = {
        {0x0E000000, RESET_POWER, RESET_POWER},    /* power: POR, BOR and pin flags */
        {0x04000000, RESET_POWER, RESET_REQUEST},  /* the reset button */
        {0x14000000, RESET_POWER, RESET_REQUEST},  /* software */
        {0x14000000, RESET_FAULT, RESET_FAULT},    /* a fault handler's */
        {0x14000000, RESET_PANIC, RESET_PANIC},    /* an assertion's */
        {0x24000000, RESET_POWER, RESET_WATCHDOG}, /* independent watchdog */
        {0, RESET_POWER, RESET_POWER},             /* QEMU */
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        RCC_CSR = known[i].csr;
        chip.crash_cause = known[i].crash;
        assert_int_equal(watchdog_reset_report().cause, known[i].cause);
        assert_true(RCC_CSR & 1 << 24);
    }
}

static void a_dead_spi_is_given_up_and_the_chip_deselected(void **state)
{
    static const uint8_t read_id = 0x9F;
    struct spi spi;
    uint8_t id[3] = {1, 2, 3};
    (void)state;
    spi_start(&spi);
    assert_int_equal(SPI_CR1(SPI1_BASE), 1 << 2 | 1 << 3 | 1 << 6 | 1 << 8 | 1 << 9); /* master, by 4, on */
    assert_int_equal(GPIO_AFR(GPIOB_BASE, 3), 5 << 12 | 5 << 16 | 5 << 20);
    assert_int_equal(spi.exchange(spi.ctx, &read_id, 1, NULL, id, sizeof id), ERR_IO);
    assert_int_equal(GPIO_BSRR(GPIOA_BASE), 1 << 15);
    SPI_CR2(SPI1_BASE) = 0xFF; /* a controller that fails is reset and set up again: a late byte is dropped */
    assert_int_equal(spi.exchange(spi.ctx, &read_id, 1, NULL, id, sizeof id), ERR_IO);
    assert_int_equal(SPI_CR2(SPI1_BASE), 0);
    assert_int_equal(SPI_CR1(SPI1_BASE), 1 << 2 | 1 << 3 | 1 << 6 | 1 << 8 | 1 << 9);
    assert_int_equal(RCC_APB2RSTR, 0);
    SPI_SR(SPI1_BASE) = SPI_SR_RXNE; /* as if MISO were tied to MOSI: what is read is the filler */
    assert_int_equal(spi.exchange(spi.ctx, &read_id, 1, NULL, id, sizeof id), ERR_OK);
    assert_memory_equal(id, "\0\0\0", 3);
    assert_int_equal(GPIO_BSRR(GPIOA_BASE), 1 << 15);
}

static void serial_lines_keep_their_speed_at_any_clock(void **state)
{
    struct clocks fast = {.pclk1_hz = 42000000, .pclk2_hz = 84000000},
                  slow = {.pclk1_hz = 16000000, .pclk2_hz = 16000000};
    struct serial maintenance, reader;
    (void)state;
    uart_start(&fast, &maintenance, &reader);
    assert_int_equal(USART_BRR(USART3_BASE), 365); /* 42 MHz / 115200 = 364.6 */
    assert_int_equal(USART_BRR(USART6_BASE), 729); /* 84 MHz / 115200 = 729.2 */
    USART_SR(USART6_BASE) = USART_SR_TC;
    assert_int_equal(uart_set_reader_baud(NULL, 460800), ERR_OK);
    assert_int_equal(USART_BRR(USART6_BASE), 182);
    assert_int_equal(uart_set_reader_baud(NULL, 6000000), ERR_UNSUPPORTED);
    assert_int_equal(GPIO_AFR(GPIOB_BASE, 10), 7 << 8 | 7 << 12);
    assert_int_equal(GPIO_AFR(GPIOC_BASE, 6), UINT32_C(8) << 24 | UINT32_C(8) << 28);
    uart_start(&slow, &maintenance, &reader);
    assert_int_equal(USART_BRR(USART3_BASE), 139);
    assert_int_equal(uart_set_reader_baud(NULL, 460800), ERR_OK);          /* 16 MHz / 35: 0.8 percent off */
    assert_int_equal(uart_set_reader_baud(NULL, 921600), ERR_UNSUPPORTED); /* / 17: 2.1 */
    USART_SR(USART6_BASE) = 0;
    assert_int_equal(uart_set_reader_baud(NULL, 115200), ERR_IO); /* the transmitter never ends */
}

static void bytes_written_go_out_by_interrupt(void **state)
{
    struct clocks clocks = {.pclk1_hz = 42000000, .pclk2_hz = 84000000};
    struct serial maintenance, reader;
    uint8_t byte;
    (void)state;
    uart_start(&clocks, &maintenance, &reader);
    assert_int_equal(maintenance.write(maintenance.ctx, (const uint8_t *)"ab", 2), 2);
    assert_int_equal(chip.pended, 39);
    assert_true(USART_CR1(USART3_BASE) & USART_CR1_TXEIE);
    uart_maintenance_interrupt(); /* TXE is clear: nothing may be written yet */
    assert_int_equal(USART_DR(USART3_BASE), 0);
    USART_SR(USART3_BASE) = USART_SR_TXE;
    uart_maintenance_interrupt(); /* TXE stays set here, so all of it goes */
    assert_int_equal(USART_DR(USART3_BASE), 'b');
    assert_false(USART_CR1(USART3_BASE) & USART_CR1_TXEIE);
    assert_int_equal(reader.read(reader.ctx, &byte, 1), 0);
}

static void a_byte_received_ends_the_loops_sleep(void **state)
{
    static struct uart_ring ring;
    uint8_t byte;
    (void)state;
    uart_ring_put_received(&ring, 'x');
    assert_true(chip.is_woken);
    assert_int_equal(uart_ring_read(&ring, &byte, 1), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(uart_ring_read(&ring, &byte, 1), 0);
}

static void a_full_ring_keeps_what_it_has(void **state)
{
    static struct uart_ring ring;
    uint8_t bytes[UART_RING_RECEIVE_LEN + 1];
    (void)state;
    for (unsigned i = 0; i < UART_RING_RECEIVE_LEN + 9; i++)
        uart_ring_put_received(&ring, (uint8_t)(i / 256));
    assert_int_equal(uart_ring_read(&ring, bytes, sizeof bytes), UART_RING_RECEIVE_LEN);
    for (unsigned i = 0; i < UART_RING_RECEIVE_LEN; i++)
        assert_int_equal(bytes[i], i / 256);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_live_crystal_gives_168_mhz, reset_chip),
        cmocka_unit_test_setup(a_dead_crystal_gives_168_mhz_from_the_chips_own, reset_chip),
        cmocka_unit_test_setup(a_dead_pll_gives_16_mhz, reset_chip),
        cmocka_unit_test_setup(registers_that_read_zero_are_an_emulator, reset_chip),
        cmocka_unit_test_setup(what_a_boot_loader_left_running_is_taken_over, reset_chip),
        cmocka_unit_test_setup(the_time_set_is_the_time_read, reset_chip),
        cmocka_unit_test_setup(a_calendar_that_lost_power_or_its_crystal_tells_no_time, reset_chip),
        cmocka_unit_test_setup(a_dead_watch_crystal_leaves_a_clock_that_survives_resets_only, reset_chip),
        cmocka_unit_test_setup(a_calendar_whose_main_crystal_died_tells_no_time, reset_chip),
        cmocka_unit_test_setup(a_watch_crystal_that_died_later_is_given_up_when_the_time_is_set, reset_chip),
        cmocka_unit_test_setup(nonsense_in_the_calendar_tells_no_time, reset_chip),
        cmocka_unit_test_setup(a_calendar_that_cannot_be_set_is_not_marked_as_set, reset_chip),
        cmocka_unit_test_setup(random_numbers_come_and_differ, reset_chip),
        cmocka_unit_test_setup(a_passing_seed_error_is_mended, reset_chip),
        cmocka_unit_test_setup(a_seed_error_at_the_start_is_mended, reset_chip),
        cmocka_unit_test_setup(a_generator_that_fails_is_not_believed, reset_chip),
        cmocka_unit_test_setup(a_generator_that_repeats_itself_is_not_believed, reset_chip),
        cmocka_unit_test_setup(a_silent_generator_is_given_up_soon, reset_chip),
        cmocka_unit_test_setup(option_bytes_tell_the_readout_protection_and_the_brown_out_level, reset_chip),
        cmocka_unit_test_setup(the_anchor_is_two_sectors_and_an_emulator_has_none, reset_chip),
        cmocka_unit_test_setup(an_erase_blanks_its_sector_of_internal_flash_and_no_other, reset_chip),
        cmocka_unit_test_setup(what_is_programmed_in_internal_flash_is_there_and_the_rest_as_before,
                               reset_chip),
        cmocka_unit_test_setup(internal_flash_is_not_touched_outside_the_anchor_or_in_part_of_a_word,
                               reset_chip),
        cmocka_unit_test_setup(an_error_of_internal_flash_is_told_once, reset_chip),
        cmocka_unit_test_setup(internal_flash_that_stays_locked_is_left_alone, reset_chip),
        cmocka_unit_test_setup(internal_flash_that_does_not_end_is_given_up_before_the_watchdog_resets,
                               reset_chip),
        cmocka_unit_test_setup(the_reset_line_of_the_reader_is_pulled_low_and_released, reset_chip),
        cmocka_unit_test_setup(cut_wires_are_fire_and_tamper_and_nothing_else, reset_chip),
        cmocka_unit_test_setup(the_watchdog_waits_long_for_the_start_and_about_8_s_in_the_loop, reset_chip),
        cmocka_unit_test_setup(the_period_waits_for_the_watchdog_to_take_the_one_before, reset_chip),
        cmocka_unit_test_setup(the_reset_flags_say_why, reset_chip),
        cmocka_unit_test_setup(a_dead_spi_is_given_up_and_the_chip_deselected, reset_chip),
        cmocka_unit_test_setup(serial_lines_keep_their_speed_at_any_clock, reset_chip),
        cmocka_unit_test_setup(bytes_written_go_out_by_interrupt, reset_chip),
        cmocka_unit_test_setup(a_byte_received_ends_the_loops_sleep, reset_chip),
        cmocka_unit_test_setup(a_full_ring_keeps_what_it_has, reset_chip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
