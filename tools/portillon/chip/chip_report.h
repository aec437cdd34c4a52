/* Says in words, or as JSON, what chip_check found. */
#ifndef TOOLS_PORTILLON_CHIP_CHIP_REPORT_H
#define TOOLS_PORTILLON_CHIP_CHIP_REPORT_H

#include "tools/portillon/chip/chip_check.h"

/* Something is not as a gate left it: damage, forgery, a sector passed over, records in doubt. */
bool chip_report_is_odd(const struct chip_check *check);
/* with_sectors: each sector of the journal as well. Both print on stdout. */
void chip_report_text(const struct chip_check *check, const char *path, bool with_sectors);
void chip_report_json(const struct chip_check *check, const char *path, bool with_sectors);

#endif
