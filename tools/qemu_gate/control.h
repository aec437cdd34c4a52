/* SPDX-License-Identifier: Apache-2.0 */
/* Serves the control socket. The state is static. Nothing blocks. */
#ifndef TOOLS_QEMU_GATE_CONTROL_H
#define TOOLS_QEMU_GATE_CONTROL_H

#include <poll.h>
#include <stdbool.h>

/* Listens on the unix socket at path. Ends the program on an error. */
void control_open(const char *path);
/* Stores the state of the outputs, with bits as in enum gate_output, and sends it to all watching clients. */
void control_set_outputs(unsigned outputs);
/* Sends a line to all watching clients. */
void control_tell(const char *line);
/* Fills ready for poll(); it has room for 1 + CONTROL_CLIENTS_MAX. Returns the number of entries. */
int control_prepare(struct pollfd *ready);
/* Serves the clients that poll() found ready. Returns true when a client requested a power cut. */
bool control_serve(const struct pollfd *ready);

enum { CONTROL_CLIENTS_MAX = 8 };

#endif
