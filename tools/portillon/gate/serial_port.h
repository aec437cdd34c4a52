/*
 * The tool's end of a serial cable: a tty or pty, opened raw, 8 data bits, no parity, and for one process
 * only.
 *
 * serial_port_open does not block, whatever the modem lines say; reads and writes on the descriptor do not
 * block either. The caller closes it with serial_port_close, or lets the process end. Other copies of this
 * program are kept out by a lock; on a real line, other programs by TIOCEXCL.
 */
#ifndef TOOLS_PORTILLON_GATE_SERIAL_PORT_H
#define TOOLS_PORTILLON_GATE_SERIAL_PORT_H

#include <stddef.h>

#include "hal/error.h"

#define SERIAL_PORT_DEFAULT_BAUD 115200
#define SERIAL_PORT_MESSAGE_LEN  256

/* Opens path at baud bits a second. On an error, message (SERIAL_PORT_MESSAGE_LEN bytes) says in one line
 * what is wrong and what to try; it may be NULL.
 * @retval ERR_OK (*fd is open), ERR_NOT_FOUND (no such device), ERR_FORBIDDEN (permission), ERR_BUSY (another
 * program has it), ERR_ARGUMENT (not a serial line, or a rate the system does not know), ERR_IO. */
int serial_port_open(const char *path, unsigned baud, int *fd, char *message) MUST_USE;

void serial_port_close(int fd);

#endif
