/* SPDX-License-Identifier: Apache-2.0 */
/* What the option bytes of the STM32F405 say of its protection. `make flash` sets them. Nothing blocks. */
#ifndef BOARDS_THINGPLUS_F405_OPTION_BYTES_H
#define BOARDS_THINGPLUS_F405_OPTION_BYTES_H

#include "hal/chip.h"

/* Fills in readout, brown_out_mv and brown_out_needed_mv. In QEMU, which does not model the option bytes, all
 * are unknown. */
void option_bytes_report(struct chip_report *report);

#endif
