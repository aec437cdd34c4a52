/* QEMU and its command line. */
#ifndef TOOLS_QEMU_GATE_QEMU_H
#define TOOLS_QEMU_GATE_QEMU_H

#include <sys/types.h>

#include "tools/qemu_gate/board.h"

/* Starts QEMU; it dies with this process. maintenance: the other end of the maintenance line; log: where its
 * log goes. @retval its process. */
pid_t qemu_start(const struct options *options, const struct board *board, int maintenance, int log);

#endif
