/* SPDX-License-Identifier: Apache-2.0 */
/* Reads from QEMU's log the changes of the outputs and, if traced, the operations of the flash chip. The
 * state is static. Nothing blocks. */
#ifndef TOOLS_QEMU_GATE_QEMU_LOG_H
#define TOOLS_QEMU_GATE_QEMU_LOG_H

#include <stdbool.h>

/* Sets what to look for. outputs is the start of a log line that reports a write to the outputs ("": none).
 * copy is the path of a file that receives these events, one a line, or NULL. Ends the program on an
 * error. */
void qemu_log_open(const char *outputs, const char *copy);
/* Reads what QEMU logged and sends it to the watching clients. Returns false at the end of the log. */
bool qemu_log_serve(int log);

#endif
