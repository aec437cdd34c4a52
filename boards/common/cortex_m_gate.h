/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The gate on a Cortex-M board. The board's main starts clock, pins, ports and watchdog, describes them here
 * and calls cortex_m_gate_run. That function starts the memory chip and the reader, reads the identity block
 * and runs the main loop. Without a valid identity nothing can be decided or managed: the amber light blinks
 * fast, and nothing else happens.
 *
 * All state is static: one gate a program. The linker script places the identity block at __identity.
 */
#ifndef BOARDS_COMMON_CORTEX_M_GATE_H
#define BOARDS_COMMON_CORTEX_M_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/chip.h"
#include "hal/entropy.h"
#include "hal/flash.h"
#include "hal/gate_io.h"
#include "hal/reset.h"
#include "hal/serial.h"
#include "hal/spi.h"

/* What a board provides. Everything that a pointer names must stay valid. */
struct cortex_m_gate_parts {
    const struct serial *maintenance;
    const struct serial *reader; /* the PN532's line */
    const struct spi *memory;    /* the memory chip's bus */
    const struct flash *anchor;  /* two sectors outside the memory chip; NULL: the board has none */
    const struct gate_io *gate_io;
    const struct entropy *entropy; /* NULL: the board has none */
    struct reset_report reset;     /* why the last run ended */
    /* The battery-backed clock: see rtc_read and rtc_write of hal/timer.h. */
    int (*rtc_read)(void *ctx, uint32_t *utc_s);
    int (*rtc_write)(void *ctx, uint32_t utc_s);
    /* Sets the baud rate of the line of the reader (see pn532_config); NULL: the rate is fixed. */
    int (*set_reader_baud)(void *ctx, uint32_t baud);
    uint32_t reader_baud; /* the rate to use, if it can be set */
    /* Drives the reset line of the reader (see pn532_config); NULL: there is none. */
    void (*hold_reader_reset)(void *ctx, bool hold);
    void (*feed_watchdog)(void); /* called in each turn of the loop, and while a start waits */
    /* Fills in what the chip tells of its protection: see struct portillon_hardware. */
    void (*report_chip)(struct chip_report *report);
};

/* Runs the gate. Call it once, after cortex_m_start_clock. Never returns. */
void cortex_m_gate_run(const struct cortex_m_gate_parts *parts) __attribute__((noreturn));

#endif
