/* The description of a board, and its flash file. */
#ifndef TOOLS_QEMU_GATE_BOARD_H
#define TOOLS_QEMU_GATE_BOARD_H

#include "tools/qemu_gate/options.h"

struct board {
    char machine[64], image[64], identity_address[32], serial[2][32], flash[16], outputs[128];
};

/* Reads DIR/qemu.conf. */
void board_read(struct board *board, const char *folder);
/* Checks the flash file, or makes it, erased. */
void board_open_flash(const struct options *options);

#endif
