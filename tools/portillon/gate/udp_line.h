/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gate's serial line behind a serial server: a device with a network plug and serial ports, set to UDP,
 * raw. What the gate writes comes as datagrams, and datagrams go out on the line byte for byte: the same
 * frames as on a cable (firmware/maintenance/frame.h). A datagram that is lost is a damaged frame, which DTLS
 * and CoAP repeat. The line needs no secrecy of its own, because DTLS runs from end to end.
 *
 * The functions keep no state. Opening blocks while the name of the host is looked up.
 */
#ifndef TOOLS_PORTILLON_GATE_UDP_LINE_H
#define TOOLS_PORTILLON_GATE_UDP_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "hal/error.h"

/* Returns true for a text that begins with "udp:". */
bool udp_line_is(const char *path);

/* Opens a socket that sends to "udp:HOST:PORT" ("udp:[ADDRESS]:PORT" for IPv6) and receives from there
 * only; read and write on it are those of a serial line that does not wait. On an error, message says in
 * one line what is wrong; it may be NULL. Returns ERR_OK (*fd is open), ERR_ARGUMENT (no such form),
 * ERR_NOT_FOUND (the host is not known) or ERR_IO. */
int udp_line_open(const char *path, int *fd, char *message, size_t size) MUST_USE;

#endif
