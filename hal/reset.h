/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reason why the chip started. The board finds it in the reset registers of the chip and in what a fault
 * handler stored, and hands it to the firmware. Plain data: nothing blocks.
 */
#ifndef HAL_RESET_H
#define HAL_RESET_H

#include <stdint.h>

enum reset_cause {
    RESET_POWER = 0,    /* the power was switched on, or no other cause is known */
    RESET_WATCHDOG = 1, /* the main loop did not complete a turn in time */
    RESET_FAULT = 2,    /* the processor took a fault exception: bad access, bad instruction */
    RESET_PANIC = 3,    /* the firmware stopped itself: an assertion failed */
    RESET_REQUEST = 4,  /* the reset was requested: by pin, debugger or maintenance */
};

struct reset_report {
    enum reset_cause cause;
    uint32_t program_counter; /* the instruction that ran at that moment; 0: unknown */
    uint32_t fault_status;    /* CFSR (ARMv7-M manual, B3.2.15); 0 unless cause is RESET_FAULT */
};

#endif
