/* SPDX-License-Identifier: Apache-2.0 */
/* Provides the maintenance port: a pty that has the speed of a serial line. The state is static. Nothing
 * blocks. */
#ifndef TOOLS_QEMU_GATE_PORT_H
#define TOOLS_QEMU_GATE_PORT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* Makes a pty with a symbolic link to it, and connects it with the descriptor line, at baud bits a second
 * each way (0: without limit). Ends the program on an error. */
void port_open(const char *link, int line, unsigned baud);
/* Makes the line keep the guest's time: eight bytes of nanoseconds that a plugin writes into a file. This
 * call makes the file. Ends the program on an error. */
void port_keep_guest_time(const char *clock);
/* Fills ready for poll(); it has room for two. Returns the longest time to wait in microseconds; -1: no
 * limit. */
int64_t port_prepare(struct pollfd *ready);
/* Transfers the bytes that the speed of the line allows. Returns false when the guest's end was closed. */
bool port_serve(const struct pollfd *ready);

#endif
