/* The control socket. */
#ifndef TOOLS_QEMU_GATE_CONTROL_H
#define TOOLS_QEMU_GATE_CONTROL_H

#include <poll.h>
#include <stdbool.h>

void control_open(const char *path);
/* The outputs changed: bits as in enum gate_output. */
void control_set_outputs(unsigned outputs);
/* Sends a line to everybody who watches. */
void control_tell(const char *line);
/* Fills in what to wait for. @retval how many. */
int control_prepare(struct pollfd *ready);
/* Serves who asked. @retval true when someone asked for a power cut. */
bool control_serve(const struct pollfd *ready);

enum { CONTROL_CLIENTS_MAX = 8 };

#endif
