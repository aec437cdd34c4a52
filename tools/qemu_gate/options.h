/* What qemu_gate was called with. */
#ifndef TOOLS_QEMU_GATE_OPTIONS_H
#define TOOLS_QEMU_GATE_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *board, *build, *identity, *flash, *cardsim, *pty, *control, *log, *plugin, *clock, *gdb;
    bool create_flash, icount, trace_flash;
    unsigned baud; /* of the maintenance line; 0: as fast as it goes */
};

#endif
