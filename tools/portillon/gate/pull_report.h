/* SPDX-License-Identifier: Apache-2.0 */
/* Tells what did not fit in a pull (pull_session.h). */
#ifndef TOOLS_PORTILLON_GATE_PULL_REPORT_H
#define TOOLS_PORTILLON_GATE_PULL_REPORT_H

#include <stdbool.h>

#include "tools/portillon/gate/pull_session.h"

/* Returns true if records were forged, unreadable, missing or in conflict, or the journal is another one. */
bool pull_report_is_odd(const struct pull_session *pull);
/* Prints each of these, and what the gate dropped. */
void pull_report_note(const struct pull_session *pull);

#endif
