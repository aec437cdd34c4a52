/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/setup/gate_conf.h"

/* The file is taken as it is, from the folder in which make runs; board.mk has the dependency. */
__asm__(".section .rodata\n"
        ".global gate_conf_text\n"
        "gate_conf_text:\n"
        ".incbin \"boards/linux/gate.conf\"\n"
        ".byte 0\n"
        ".previous\n");
