/*
 * What every Cortex-M board shares: start-up, time from SysTick, faults and hangs remembered across the reset,
 * the stack's high-water mark. Register names and addresses as in the ARMv7-M Architecture Reference Manual
 * (DDI 0403E), chapter B3.
 *
 * The linker script of a board gives: __vectors, __stack_limit and __stack_top, __data_start, __data_end,
 * __data_load, __bss_start, __bss_end, all multiples of 4, and a section .noinit that start-up leaves alone.
 */
#ifndef HAL_CORTEX_M_H
#define HAL_CORTEX_M_H

#include <stddef.h>
#include <stdint.h>

#include "hal/reset.h"
#include "hal/timer.h"

/* One 32-bit register. */
#define CORTEX_M_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

typedef void (*cortex_m_handler)(void);

/* The first 16 entries of a vector table; a board puts its own interrupts behind them, in section .vectors.
 */
#define CORTEX_M_VECTORS                                                                                     \
    (cortex_m_handler)(uintptr_t) __stack_top, cortex_m_reset, cortex_m_fault, cortex_m_fault,               \
        cortex_m_fault, cortex_m_fault, cortex_m_fault, NULL, NULL, NULL, NULL, cortex_m_fault,              \
        cortex_m_fault, NULL, cortex_m_fault, cortex_m_tick

extern uint32_t __stack_top[], __stack_limit[];

void cortex_m_reset(void);
void cortex_m_fault(void);
void cortex_m_tick(void);

/* Starts the millisecond tick from the processor clock, in Hz. */
void cortex_m_start_clock(uint32_t clock_hz);
/* Microseconds since then. */
uint64_t cortex_m_now_us(void);

/* Enables the interrupt of that number (0: first after the system ones). */
void cortex_m_enable_interrupt(unsigned number);

/* From an interrupt: there is something for the loop to do. */
void cortex_m_wake(void);
/* Sleeps until an interrupt comes, a millisecond at most; not at all if cortex_m_wake was called since the
 * last time, even between the loop's last look and this. */
void cortex_m_sleep(void);

/* Makes that interrupt happen, as if its device had asked. */
void cortex_m_pend_interrupt(unsigned number);

/* Resets the chip, now. */
void cortex_m_system_reset(void) __attribute__((noreturn));

/* The loop comes round. From its first call on, 5 s without another reset the chip and leave as the cause
 * RESET_WATCHDOG with the place where it hung. A watchdog of the chip's own, set a little slower, is for a
 * processor that does not even take its tick. */
void cortex_m_alive(void);

/* Why the last run ended, as far as it could be written down; forgets it. cause RESET_POWER: nothing was. */
struct reset_report cortex_m_take_crash(void);

/* Bytes of stack ever used since start-up, of how many. */
void cortex_m_stack_usage(uint32_t *used, uint32_t *size);

#endif
