/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens the tool's end of a serial cable: a tty or pty, in raw mode, 8 data bits, no parity, for one process
 * only.
 *
 * serial_port_open does not block, whatever the modem lines show. Reads and writes on the descriptor do not
 * block either. The caller closes it with serial_port_close, or ends the process. A lock excludes other
 * copies of this program; on a real line TIOCEXCL excludes other programs.
 */
#ifndef TOOLS_PORTILLON_GATE_SERIAL_PORT_H
#define TOOLS_PORTILLON_GATE_SERIAL_PORT_H

#include <stddef.h>

#include "hal/error.h"

#define SERIAL_PORT_DEFAULT_BAUD 115200
#define SERIAL_PORT_MESSAGE_LEN  384

/* Opens path, a device or "udp:HOST:PORT" (udp_line.h; the serial server then has the rate), at baud bits
 * a second. On an error, message (SERIAL_PORT_MESSAGE_LEN bytes) says in one line what is wrong and what
 * to try; it may be NULL. Returns ERR_OK (*fd is open), ERR_NOT_FOUND (no such device), ERR_FORBIDDEN
 * (permission), ERR_BUSY (another program uses it), ERR_ARGUMENT (not a serial line, or a rate that the
 * system does not support) or ERR_IO. */
int serial_port_open(const char *path, unsigned baud, int *fd, char *message) MUST_USE;

/* Closes the line and drops what was not sent yet. */
void serial_port_close(int fd);

#endif
