/* The maintenance port: a pty in the pace of a line. */
#ifndef TOOLS_QEMU_GATE_PORT_H
#define TOOLS_QEMU_GATE_PORT_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

/* Makes a pty with a symbolic link to it; joins it to line at so many baud each way (0: unpaced). */
void port_open(const char *link, int line, unsigned baud);
/* Paces the line by the guest's clock: eight bytes of nanoseconds that a plugin keeps in a file, made here.
 */
void port_keep_guest_time(const char *clock);
/* Fills in what to wait for; ready has room for two. @retval microseconds to wait at most, -1: for ever. */
int64_t port_prepare(struct pollfd *ready);
/* Passes on what has come and what the pace allows. @retval false when the guest's end was closed. */
bool port_serve(const struct pollfd *ready);

#endif
