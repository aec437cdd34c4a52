/* What QEMU logs of the outputs and of trouble. */
#ifndef TOOLS_QEMU_GATE_QEMU_LOG_H
#define TOOLS_QEMU_GATE_QEMU_LOG_H

#include <stdbool.h>

/* outputs: how a line starts that tells what was written to the outputs ("": none). copy: a file that gets
 * what matters, line by line, or NULL. */
void qemu_log_open(const char *outputs, const char *copy);
/* Reads what QEMU wrote and tells the watchers. @retval false at its end. */
bool qemu_log_serve(int log);

#endif
