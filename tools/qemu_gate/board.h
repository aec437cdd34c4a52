/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the description of a board, and prepares its flash file. The caller owns the struct. The functions
 * block on the file system, and end the program on an error (report.h). */
#ifndef TOOLS_QEMU_GATE_BOARD_H
#define TOOLS_QEMU_GATE_BOARD_H

#include "tools/qemu_gate/options.h"

struct board {
    char machine[64], image[64], identity_address[32], serial[2][32], flash[16], outputs[128];
};

/* Reads FOLDER/qemu.conf. */
void board_read(struct board *board, const char *folder);
/* Checks the length of the flash file. If the file does not exist and --create-flash was given, makes it,
 * erased. */
void board_open_flash(const struct options *options);

#endif
