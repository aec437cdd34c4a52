/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks which gate is on a line. When Enter is pressed, a gate answers with one line of plain text that
 * contains its name (firmware/maintenance/PROTOCOL.md). No key is needed. The name is good enough to choose
 * a key or to report the cable, but it is not authenticated: the session that follows proves which gate it
 * is.
 */
#ifndef TOOLS_PORTILLON_GATE_GATE_BANNER_H
#define TOOLS_PORTILLON_GATE_GATE_BANNER_H

#include <stddef.h>

#include "firmware/crypto/identity.h"

#define GATE_BANNER_NAME_SIZE (IDENTITY_NAME_MAX + 1)

/* Finds the name in the bytes of the line, between noise and frames. What is not printable becomes '?'.
 * Returns ERR_OK or ERR_NOT_FOUND (no banner, or not a whole one yet). */
int gate_banner_parse(const char *bytes, size_t len, char name[GATE_BANNER_NAME_SIZE]) MUST_USE;

/* Opens the port, sends Enter, and waits up to 2 s for the answer. message is set as by serial_port_open.
 * Returns ERR_OK, ERR_TIMEOUT (no gate answers; message is then not set) or an error of serial_port_open. */
int gate_banner_ask(const char *port, unsigned baud, char name[GATE_BANNER_NAME_SIZE],
                    char *message) MUST_USE;

#endif
