/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the findings of chip_check as text or JSON. Blocks only on stdout. */
#ifndef TOOLS_PORTILLON_CHIP_CHIP_REPORT_H
#define TOOLS_PORTILLON_CHIP_CHIP_REPORT_H

#include "tools/portillon/chip/chip_check.h"

/* Returns true when something is not as a gate leaves it: damage, forgery, a skipped sector, doubtful
 * records. */
bool chip_report_is_odd(const struct chip_check *check);
/* Prints the findings as text on stdout. with_sectors also lists each sector of the journal. path is the name
 * of the image. */
void chip_report_text(const struct chip_check *check, const char *path, bool with_sectors);
/* Prints the same as JSON on stdout. */
void chip_report_json(const struct chip_check *check, const char *path, bool with_sectors);

#endif
