/* Why the chip started: handed to the firmware by the board, which asks its reset registers and what a fault
 * handler wrote down. */
#ifndef HAL_RESET_H
#define HAL_RESET_H

#include <stdint.h>

enum reset_cause {
    RESET_POWER = 0,    /* power came, or nothing else is known */
    RESET_WATCHDOG = 1, /* the loop did not come round in time */
    RESET_FAULT = 2,    /* the processor trapped: bad access, bad instruction */
    RESET_PANIC = 3,    /* the firmware stopped itself: an assertion */
    RESET_REQUEST = 4,  /* asked for: pin, debugger, maintenance */
};

struct reset_report {
    enum reset_cause cause;
    uint32_t program_counter; /* where it was; 0: not known */
    uint32_t fault_status;    /* CFSR of the ARMv7-M manual, B3.2.15; 0 unless RESET_FAULT */
};

#endif
