/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a microcontroller tells of its own protection: whether its flash, where the identity is, can be read
 * from outside, and at which supply voltage it stops. Plain data: nothing blocks.
 */
#ifndef HAL_CHIP_H
#define HAL_CHIP_H

#include <stdbool.h>
#include <stdint.h>

enum chip_readout {
    CHIP_READOUT_UNKNOWN = 0, /* the board cannot tell */
    CHIP_READOUT_OFF = 1,     /* whoever reaches a programming port reads the flash */
    CHIP_READOUT_ON = 2,
};

struct chip_report {
    enum chip_readout readout;
    uint32_t brown_out_mv;        /* the chip resets itself below this supply; 0: never, or unknown */
    uint32_t brown_out_needed_mv; /* its settings work down to this supply only; 0: unknown */
    const char *rtc_source;  /* what the battery-backed clock runs on, for people; NULL: it does not run */
    bool rtc_outlives_power; /* it goes on without power, if it has its battery */
};

/* Returns "unknown", "off" or "on". */
static inline const char *chip_readout_name(enum chip_readout readout)
{
    switch (readout) {
    case CHIP_READOUT_UNKNOWN:
        break;
    case CHIP_READOUT_OFF:
        return "off";
    case CHIP_READOUT_ON:
        return "on";
    }
    return "unknown";
}

#endif
