/* SPDX-License-Identifier: Apache-2.0 */
/* Builds QEMU's command line and starts it. */
#ifndef TOOLS_QEMU_GATE_QEMU_H
#define TOOLS_QEMU_GATE_QEMU_H

#include <sys/types.h>

#include "tools/qemu_gate/board.h"

/* Starts QEMU, which is killed when this process ends. maintenance is the guest's end of the maintenance
 * line, log the descriptor for QEMU's log. Returns QEMU's process id. */
pid_t qemu_start(const struct options *options, const struct board *board, int maintenance, int log);

#endif
