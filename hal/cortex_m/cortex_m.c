/* SPDX-License-Identifier: Apache-2.0 */
#include "hal/cortex_m/cortex_m.h"

#include <stdbool.h>

#define SYST_CSR     CORTEX_M_REGISTER(0xE000E010)
#define SYST_RVR     CORTEX_M_REGISTER(0xE000E014)
#define SYST_CVR     CORTEX_M_REGISTER(0xE000E018)
#define NVIC_ISER(n) CORTEX_M_REGISTER(0xE000E100 + 4 * (n))
#define NVIC_ICER(n) CORTEX_M_REGISTER(0xE000E180 + 4 * (n))
#define NVIC_ISPR(n) CORTEX_M_REGISTER(0xE000E200 + 4 * (n))
#define NVIC_ICPR(n) CORTEX_M_REGISTER(0xE000E280 + 4 * (n))
#define VTOR         CORTEX_M_REGISTER(0xE000ED08)
#define ICSR         CORTEX_M_REGISTER(0xE000ED04)
#define AIRCR        CORTEX_M_REGISTER(0xE000ED0C)
#define SHCSR        CORTEX_M_REGISTER(0xE000ED24)
#define CFSR         CORTEX_M_REGISTER(0xE000ED28)
#define MPU_TYPE     CORTEX_M_REGISTER(0xE000ED90)
#define MPU_CTRL     CORTEX_M_REGISTER(0xE000ED94)
#define MPU_RBAR     CORTEX_M_REGISTER(0xE000ED9C)
#define MPU_RASR     CORTEX_M_REGISTER(0xE000EDA0)

enum {
    ICSR_SYSTICK_CLEAR = 1 << 25,
    ICSR_SYSTICK_PENDING = 1 << 26,
    SYST_ENABLE = 1 << 0,
    SYST_INTERRUPT = 1 << 1,
    SYST_PROCESSOR_CLOCK = 1 << 2,
    MPU_TYPE_REGIONS = 0xFF << 8,
    MPU_CTRL_ENABLE = 1 << 0,
    MPU_CTRL_DEFAULT_MAP = 1 << 2, /* what no region covers stays as it is */
    MPU_RBAR_REGION = 1 << 4,      /* bits 0 to 3 select the region */
    MPU_RASR_ENABLE = 1 << 0,
    MPU_RASR_NO_EXECUTE = 1 << 28,
    MPU_RASR_FULL_ACCESS = 3 << 24, /* without it: no access */
    MPU_RASR_SRAM = 6 << 16,        /* S and C: normal, shareable, write-through (B3.5.9) */
    SHCSR_FAULTS = 7 << 16, /* memory, bus and usage faults get their own handler instead of escalating */
};

#define AIRCR_RESET UINT32_C(0x05FA0004) /* VECTKEY, SYSRESETREQ */
#define CRASH_MAGIC UINT32_C(0x50544352)
#define STACK_PAINT UINT32_C(0x57AC57AC)
/* The regions of the memory protection unit, as the logarithm of their length in bytes. The guard is longer
 * than the largest frame, so that no function reaches over it. */
#define GUARD_LOG2 12
#define RAM_LOG2   17
#define RAM_BASE   UINT32_C(0x20000000)
#define HANG_MS    5000

extern uint32_t __vectors[], __data_start[], __data_end[], __data_load[], __bss_start[], __bss_end[];

int main(void);

/* Survives a reset, but not a loss of power. The magic number and the check tell whether it is valid. */
static struct {
    uint32_t magic;
    struct reset_report report;
    uint32_t check;
} crash __attribute__((section(".noinit")));

static volatile uint32_t tick_ms;
static volatile uint32_t alive_ms; /* tick_ms at the last turn of the main loop */
static volatile bool is_watched;
static uint32_t clocks_per_us;

/* ---- start-up ---- */

/* A boot loader that jumps to the firmware may leave its interrupts enabled and its own vector table in use.
 * Disable them and set the table of the firmware. */
static void take_over(void)
{
    __asm volatile("cpsid i" ::: "memory");
    SYST_CSR = 0;
    ICSR = ICSR_SYSTICK_CLEAR;
    for (unsigned i = 0; i < 8; i++) {
        NVIC_ICER(i) = UINT32_MAX;
        NVIC_ICPR(i) = UINT32_MAX;
    }
    VTOR = (uint32_t)(uintptr_t)__vectors;
    __asm volatile("dsb \n isb \n cpsie i" ::: "memory");
}

static uint32_t region_size(unsigned log2)
{
    return (log2 - 1) << 1;
}

/* Makes the memory below the stack inaccessible, and RAM not executable. A stack that overflows then causes
 * a fault whatever the part has below its RAM. */
static void protect_memory(void)
{
    uint32_t guard = (uint32_t)(uintptr_t)__stack_limit - (UINT32_C(1) << GUARD_LOG2);
    if (!(MPU_TYPE & MPU_TYPE_REGIONS))
        return; /* a part without the unit */
    MPU_RBAR = guard | MPU_RBAR_REGION | 0;
    MPU_RASR = MPU_RASR_NO_EXECUTE | region_size(GUARD_LOG2) | MPU_RASR_ENABLE;
    MPU_RBAR = RAM_BASE | MPU_RBAR_REGION | 1;
    MPU_RASR =
        MPU_RASR_NO_EXECUTE | MPU_RASR_FULL_ACCESS | MPU_RASR_SRAM | region_size(RAM_LOG2) | MPU_RASR_ENABLE;
    MPU_CTRL = MPU_CTRL_ENABLE | MPU_CTRL_DEFAULT_MAP;
    __asm volatile("dsb \n isb" ::: "memory");
}

__attribute__((no_stack_protector)) void cortex_m_reset(void)
{
    take_over();
    /* Everything below the frame of this function is still unused. The pattern shows later how much was
     * used. */
    for (uint32_t *word = __stack_limit; word < (uint32_t *)__builtin_frame_address(0) - 16; word++)
        *(volatile uint32_t *)word = STACK_PAINT;
    for (uint32_t *to = __data_start, *from = __data_load; to != __data_end;)
        *to++ = *from++;
    for (uint32_t *word = __bss_start; word != __bss_end; word++)
        *word = 0;
    SHCSR |= SHCSR_FAULTS;
    protect_memory();
    main();
    cortex_m_system_reset();
}

void cortex_m_system_reset(void)
{
    __asm volatile("dsb" ::: "memory");
    AIRCR = AIRCR_RESET;
    for (;;)
        __asm volatile("" ::: "memory");
}

void cortex_m_stack_usage(uint32_t *used, uint32_t *size)
{
    const volatile uint32_t *word = __stack_limit;
    while (word != __stack_top && *word == STACK_PAINT)
        word++;
    *used = (uint32_t)((uintptr_t)__stack_top - (uintptr_t)word);
    *size = (uint32_t)((uintptr_t)__stack_top - (uintptr_t)__stack_limit);
}

/* ---- faults ---- */

static uint32_t crash_check(void)
{
    return ~(crash.magic ^ (uint32_t)crash.report.cause ^ crash.report.program_counter ^
             crash.report.fault_status);
}

static void remember_crash(enum reset_cause cause, uint32_t program_counter, uint32_t fault_status)
{
    crash.magic = CRASH_MAGIC;
    crash.report = (struct reset_report){cause, program_counter, fault_status};
    crash.check = crash_check();
}

struct reset_report cortex_m_take_crash(void)
{
    struct reset_report report = {.cause = RESET_POWER};
    if (crash.magic == CRASH_MAGIC && crash.check == crash_check())
        report = crash.report;
    crash.magic = 0;
    return report;
}

/* Returns the program counter in a frame that an exception stacked: r0-r3, r12, lr, pc, xpsr (B1.5.6).
 * Returns 0 if the frame is not inside the stack, which happens after an overflow or with a damaged stack
 * pointer. */
static uint32_t stacked_program_counter(const uint32_t *frame)
{
    enum { FRAME_WORDS = 8, PROGRAM_COUNTER = 6 };
    bool is_whole = frame >= __stack_limit && frame + FRAME_WORDS <= __stack_top;
    return is_whole ? frame[PROGRAM_COUNTER] : 0;
}

__attribute__((used)) static void handle_fault(const uint32_t *frame)
{
    remember_crash(RESET_FAULT, stacked_program_counter(frame), CFSR);
    cortex_m_system_reset();
}

/* There is only the main stack. After an overflow it cannot be used for the call, so the handler sets the
 * stack pointer back to the top. */
__attribute__((naked)) void cortex_m_fault(void)
{
    __asm volatile("mrs r0, msp \n"
                   "ldr r1, =__stack_top \n"
                   "msr msp, r1 \n"
                   "b %c0 \n" ::"i"(handle_fault));
}

static void __attribute__((noreturn)) panic(void *program_counter)
{
    remember_crash(RESET_PANIC, (uint32_t)(uintptr_t)program_counter, 0);
    cortex_m_system_reset();
}

/* picolibc calls this when an assertion fails. The texts are not stored, because the program counter
 * identifies the assertion. */
void __assert_func(const char *file, int line, const char *function, const char *text)
    __attribute__((noreturn));
void __assert_func(const char *file, int line, const char *function, const char *text)
{
    (void)file;
    (void)line;
    (void)function;
    (void)text;
    panic(__builtin_return_address(0));
}

/* exit ends here. The memory pool of mbedtls calls exit when it finds itself corrupt. */
void _exit(int status) __attribute__((noreturn));
void _exit(int status)
{
    (void)status;
    panic(__builtin_return_address(0));
}

/* ---- stack protector ---- */

/* Names that the compiler demands (-fstack-protector). A function with an array keeps the guard between it
 * and the return address, and calls __stack_chk_fail if it has changed. */
extern uint32_t __stack_chk_guard;
uint32_t __stack_chk_guard = CRASH_MAGIC;

void __stack_chk_fail(void) __attribute__((noreturn));
void __stack_chk_fail(void)
{
    panic(__builtin_return_address(0));
}

__attribute__((no_stack_protector)) void cortex_m_set_stack_guard(uint32_t guard)
{
    __stack_chk_guard = guard;
}

/* ---- time ---- */

__attribute__((used)) static void handle_tick(const uint32_t *frame)
{
    tick_ms++;
    if (!is_watched || tick_ms - alive_ms < HANG_MS)
        return;
    remember_crash(RESET_WATCHDOG, stacked_program_counter(frame), 0);
    cortex_m_system_reset();
}

__attribute__((naked)) void cortex_m_tick(void)
{
    __asm volatile("mrs r0, msp \n"
                   "b %c0 \n" ::"i"(handle_tick));
}

void cortex_m_alive(void)
{
    alive_ms = tick_ms;
    is_watched = true;
}

void cortex_m_start_clock(uint32_t clock_hz)
{
    clocks_per_us = clock_hz / 1000000;
    SYST_RVR = clock_hz / 1000 - 1;
    SYST_CVR = 0;
    SYST_CSR = SYST_ENABLE | SYST_INTERRUPT | SYST_PROCESSOR_CLOCK;
}

uint64_t cortex_m_now_us(void)
{
    /* These extend the milliseconds to 64 bits. Only the main loop calls this function. */
    static uint32_t last_ms, high;
    static uint64_t last_us;
    uint32_t ms, left;
    bool pending;
    do {
        ms = tick_ms;
        left = SYST_CVR;
        pending = ICSR & ICSR_SYSTICK_PENDING;
    } while (ms != tick_ms);
    if (pending) { /* the counter has wrapped, but its interrupt was not executed yet */
        left = SYST_CVR;
        ms++;
    }
    if (ms < last_ms)
        high++;
    last_ms = ms;
    uint64_t now_us = ((uint64_t)high << 32 | ms) * 1000 + (SYST_RVR - left) / clocks_per_us;
    if (now_us > last_us)
        last_us = now_us;
    return last_us;
}

/* ---- sleep ---- */

static volatile bool woken;

void cortex_m_wake(void)
{
    woken = true;
}

void cortex_m_sleep(void)
{
    /* While interrupts are masked, wfi still ends when one is pending (B1.5.19). So an interrupt between the
     * test and wfi is not missed. */
    __asm volatile("cpsid i" ::: "memory");
    if (!woken)
        __asm volatile("dsb \n wfi" ::: "memory");
    woken = false;
    __asm volatile("cpsie i \n isb" ::: "memory");
}

/* ---- interrupts ---- */

void cortex_m_enable_interrupt(unsigned number)
{
    NVIC_ISER(number / 32) = UINT32_C(1) << (number % 32);
}

void cortex_m_pend_interrupt(unsigned number)
{
    NVIC_ISPR(number / 32) = UINT32_C(1) << (number % 32);
}
