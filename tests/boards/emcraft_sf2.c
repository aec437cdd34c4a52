/* SPDX-License-Identifier: Apache-2.0 */
/*
 * emcraft_sf2's drivers on the host, with memory where the chip's registers are. Expected values are worked
 * out from the register layouts of UG0331. Built and run by tests/e2e/emcraft_registers.sh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "boards/emcraft_sf2/gate_pins.h"
#include "boards/emcraft_sf2/m2s010.h"
#include "boards/emcraft_sf2/spi.h"
#include "boards/emcraft_sf2/system.h"
#include "boards/emcraft_sf2/uart.h"

static uint64_t now_us;
static enum reset_cause crash_cause;

/* ---- what the drivers call of hal/cortex_m ---- */

uint64_t cortex_m_now_us(void)
{
    return now_us;
}

void cortex_m_enable_interrupt(unsigned number)
{
    (void)number;
}

void cortex_m_wake(void)
{
}

struct reset_report cortex_m_take_crash(void)
{
    return (struct reset_report){.cause = crash_cause};
}

static int reset_chip(void **state)
{
    (void)state;
    now_us += 1000000;
    crash_cause = RESET_POWER;
    void *registers = mmap((void *)0x40000000, 0x40000, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return registers == MAP_FAILED ? -1 : 0;
}

static void the_reset_register_says_why(void **state)
{
    static const struct {
        uint32_t source;
        enum reset_cause crash, cause;
    } known[] = {
        {0xFF, RESET_POWER, RESET_POWER},                                      /* power: every bit reads 1 */
        {0x01, RESET_POWER, RESET_POWER},                                      /* power-on alone */
        {0x20, RESET_POWER, RESET_WATCHDOG},                                   /* the chip's watchdog */
        {0x08, RESET_POWER, RESET_REQUEST},                                    /* software */
        {0x40, RESET_POWER, RESET_REQUEST},                                    /* the design's reset */
        {0x08, RESET_FAULT, RESET_FAULT},                                      /* a fault handler's */
        {0x08, RESET_WATCHDOG, RESET_WATCHDOG}, {0, RESET_POWER, RESET_POWER}, /* QEMU */
    };
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        RESET_SOURCE_CR = known[i].source;
        crash_cause = known[i].crash;
        assert_int_equal(system_reset_report().cause, known[i].cause);
        assert_int_equal(RESET_SOURCE_CR, 0);
    }
}

/* Makes a page of registers fail on a write. */
static void forbid_writes(uintptr_t base)
{
    assert_int_equal(mprotect((void *)base, 0x1000, PROT_READ), 0);
}

static void registers_of_the_design_are_not_written_if_it_set_them(void **state)
{
    (void)state;
    SOFT_RST_CR = ~UINT32_C(0x700380);
    forbid_writes(SYSREG_BASE);
    system_release_blocks();
    system_refresh_watchdog();
    assert_int_equal(SOFT_RST_CR, ~UINT32_C(0x700380));
}

static void a_block_that_the_design_left_in_reset_is_released(void **state)
{
    (void)state;
    SOFT_RST_CR = 0xFFFFFFFF;
    system_release_blocks();
    assert_int_equal(SOFT_RST_CR, ~UINT32_C(0x700380)); /* bits 7, 8, 9, 20, 21, 22 */
    assert_int_equal(WDOG_CR, 0);
}

static void the_watchdog_is_refreshed_only_when_that_is_allowed(void **state)
{
    (void)state;
    system_refresh_watchdog();
    assert_int_equal(WDOG_REFRESH, 0);
    WDOG_STATUS = 1;
    now_us += 10000;
    system_refresh_watchdog();
    assert_int_equal(WDOG_REFRESH, 0xAC15DE42);
}

static void an_exchange_that_fails_leaves_nothing_for_the_next(void **state)
{
    static const uint8_t read_id = 0x9F;
    struct spi spi;
    uint8_t id[3] = {1, 2, 3};
    (void)state;
    spi_start(&spi);
    SPI_STATUS(SPI0_BASE) = 0x40; /* nothing is ever received */
    assert_int_equal(spi.exchange(spi.ctx, &read_id, 1, NULL, id, sizeof id), ERR_IO);
    assert_int_equal(SPI_COMMAND(SPI0_BASE), 0x0C); /* both FIFOs emptied */
    assert_int_equal(SPI_CONTROL(SPI0_BASE) & 1, 0);
    SPI_COMMAND(SPI0_BASE) = SPI_STATUS(SPI0_BASE) = 0; /* as if MISO were tied to MOSI */
    assert_int_equal(spi.exchange(spi.ctx, &read_id, 1, NULL, id, sizeof id), ERR_OK);
    assert_int_equal(SPI_COMMAND(SPI0_BASE), 0);
    assert_int_equal(SPI_CONTROL(SPI0_BASE) >> 8 & 0xFFFF, 4);
}

static void the_reset_line_of_the_reader_is_pulled_low_and_released(void **state)
{
    struct gate_io gate_io;
    (void)state;
    gate_pins_start(&gate_io);
    assert_int_equal(GPIO_CONFIG(5), 0); /* no output: the resistor holds the line high */
    gate_io.set_outputs(gate_io.ctx, 0x1F);
    gate_pins_hold_reader_reset(NULL, true);
    assert_int_equal(GPIO_CONFIG(5), 0x05);
    assert_int_equal(GPIO_OUT & 1 << 5, 0);
    gate_pins_hold_reader_reset(NULL, false);
    assert_int_equal(GPIO_CONFIG(5), 0);
}

static void the_serial_lines_are_within_two_percent(void **state)
{
    struct serial maintenance, reader;
    (void)state;
    uart_start(&maintenance, &reader);
    /* The divisor is the value written last at each address: low byte, then IER over the high byte. */
    double baud = 71e6 / (16 * UART_DLR(MMUART0_BASE));
    assert_true(baud > 115200 * 0.98 && baud < 115200 * 1.02);
    assert_int_equal(UART_DLR(MMUART0_BASE), 39);
    assert_int_equal(UART_DLR(MMUART1_BASE), 39);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_reset_register_says_why, reset_chip),
        cmocka_unit_test_setup(registers_of_the_design_are_not_written_if_it_set_them, reset_chip),
        cmocka_unit_test_setup(a_block_that_the_design_left_in_reset_is_released, reset_chip),
        cmocka_unit_test_setup(the_watchdog_is_refreshed_only_when_that_is_allowed, reset_chip),
        cmocka_unit_test_setup(an_exchange_that_fails_leaves_nothing_for_the_next, reset_chip),
        cmocka_unit_test_setup(the_reset_line_of_the_reader_is_pulled_low_and_released, reset_chip),
        cmocka_unit_test_setup(the_serial_lines_are_within_two_percent, reset_chip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
