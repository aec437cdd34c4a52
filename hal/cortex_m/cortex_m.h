/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The code that all Cortex-M boards share: start-up, time from SysTick, sleep, interrupts, a record of
 * faults and hangs that survives the reset, the stack usage, and its protection. Register names and
 * addresses are those of the ARMv7-M Architecture Reference Manual (DDI 0403E), chapter B3.
 *
 * The linker script of a board defines __vectors, __stack_limit, __stack_top, __data_start, __data_end,
 * __data_load, __bss_start and __bss_end, all multiples of 4, and a section .noinit that start-up does not
 * clear. RAM begins at 20000000 and with the stack: the memory protection unit, where the part has one,
 * makes the 4 KiB below it inaccessible, and 128 KiB from there on not executable.
 *
 * All state is static. Only cortex_m_sleep blocks, for a millisecond at most.
 */
#ifndef HAL_CORTEX_M_H
#define HAL_CORTEX_M_H

#include <stddef.h>
#include <stdint.h>

#include "hal/reset.h"
#include "hal/timer.h"

/* One 32-bit register at an address. */
#define CORTEX_M_REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))

typedef void (*cortex_m_handler)(void);

/* The first 16 entries of a vector table, in section .vectors. A board appends its own interrupts. */
#define CORTEX_M_VECTORS                                                                                     \
    (cortex_m_handler)(uintptr_t) __stack_top, cortex_m_reset, cortex_m_fault, cortex_m_fault,               \
        cortex_m_fault, cortex_m_fault, cortex_m_fault, NULL, NULL, NULL, NULL, cortex_m_fault,              \
        cortex_m_fault, NULL, cortex_m_fault, cortex_m_tick

extern uint32_t __stack_top[], __stack_limit[];

/* The handlers of the vector table: start-up, every fault, and the tick of SysTick. */
void cortex_m_reset(void);
void cortex_m_fault(void);
void cortex_m_tick(void);

/* Starts the tick of one millisecond. clock_hz: frequency of the processor clock in Hz. */
void cortex_m_start_clock(uint32_t clock_hz);
/* Returns the microseconds since cortex_m_start_clock. The value never decreases. Call it from the main loop
 * only. */
uint64_t cortex_m_now_us(void);

/* Enables an interrupt. number: 0 is the first one after the system exceptions. */
void cortex_m_enable_interrupt(unsigned number);

/* Tells the main loop that it has work. Call it from an interrupt. */
void cortex_m_wake(void);
/* Sleeps until the next interrupt, which is at most a millisecond away. Does not sleep if cortex_m_wake was
 * called since the last cortex_m_sleep; no call is missed. */
void cortex_m_sleep(void);

/* Makes an interrupt pending, as if its device had requested it. */
void cortex_m_pend_interrupt(unsigned number);

/* Resets the chip at once. Does not return. */
void cortex_m_system_reset(void) __attribute__((noreturn));

/* Notes that the main loop completed a turn. From the first call on, the chip is reset if 5 s pass without
 * another call. The cause is then RESET_WATCHDOG, with the program counter at which the loop hung. A hardware
 * watchdog with a slightly longer period covers a processor that does not even execute its tick. */
void cortex_m_alive(void);

/* Returns why the last run ended, as far as it was stored, and deletes this record. The cause is RESET_POWER
 * if nothing was stored. */
struct reset_report cortex_m_take_crash(void);

/* Sets the guard value with which functions notice that an array overran its end (RESET_PANIC, with the
 * program counter). guard should be secret. Call it once, from a function that never returns. */
void cortex_m_set_stack_guard(uint32_t guard);

/* Fills in *used, the most bytes of stack used since start-up, and *size, the bytes of the stack. */
void cortex_m_stack_usage(uint32_t *used, uint32_t *size);

#endif
