/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/thingplus_f405/option_bytes.h"

#include "boards/thingplus_f405/stm32f405.h"

#define NEEDED_MV 2700 /* five wait states of the flash suffice for 168 MHz down to this supply (3.5.1) */

/* The lowest supply at which each level resets the chip: BOR_LEV 0 is the highest level, 3 is off and leaves
 * the power-down reset (DS8626, embedded reset and power control block). */
static const uint16_t reset_mv[] = {2750, 2440, 2130, 1600};

void option_bytes_report(struct chip_report *report)
{
    uint32_t options = FLASH_OPTCR;
    if (options == 0)
        return;
    report->readout = FLASH_OPTCR_RDP(options) == FLASH_RDP_LEVEL_0 ? CHIP_READOUT_OFF : CHIP_READOUT_ON;
    report->brown_out_mv = reset_mv[FLASH_OPTCR_BOR_LEV(options)];
    report->brown_out_needed_mv = NEEDED_MV;
}
