/* SPDX-License-Identifier: Apache-2.0 */
/* Reads which profiles are turned off at a gate, and turns them off and on. Blocks as link_request does. */
#ifndef TOOLS_PORTILLON_GATE_GATE_PROFILES_H
#define TOOLS_PORTILLON_GATE_GATE_PROFILES_H

#include "tools/portillon/gate/answers_technician.h"
#include "tools/portillon/gate/gate_options.h"

/* Reads the profiles of the list that the gate runs. Returns COMMAND_OK, or COMMAND_FAILED or
 * INTERRUPT_STATUS after printing why. */
int gate_profiles_get(const struct gate_options *gate, struct link *link, struct answer_profiles *profiles);

/* Turns profiles off and on, all or none. The same results. */
int gate_profiles_change(const struct gate_options *gate, struct link *link,
                         const struct answer_profiles *profiles);

#endif
