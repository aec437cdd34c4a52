/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the command line of qemu_gate. */
#ifndef TOOLS_QEMU_GATE_OPTIONS_H
#define TOOLS_QEMU_GATE_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *board, *build, *identity, *flash, *cardsim, *pty, *control, *log, *plugin, *clock, *gdb;
    bool create_flash, icount, trace_flash;
    unsigned baud; /* of the maintenance line; 0: without limit */
};

#endif
