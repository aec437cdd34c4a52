/*
 * Which gate a line leads to, as it tells whoever presses Enter (firmware/maintenance/PROTOCOL.md): one line of plain
 * text with its name, without any key. Enough to choose a key or to say which cable was taken, and never to
 * be believed: the session that follows proves it.
 */
#ifndef TOOLS_PORTILLON_GATE_GATE_BANNER_H
#define TOOLS_PORTILLON_GATE_GATE_BANNER_H

#include <stddef.h>

#include "firmware/crypto/identity.h"

#define GATE_BANNER_NAME_SIZE (IDENTITY_NAME_MAX + 1)

/* Finds the name in what came off the line, noise and frames around it; control characters come out as '?'.
 * @retval ERR_OK, ERR_NOT_FOUND (no banner, or not the whole of it yet). */
int gate_banner_parse(const char *bytes, size_t len, char name[GATE_BANNER_NAME_SIZE]) MUST_USE;

/* Opens the port, presses Enter, and waits for the answer for up to 2 s. message as for serial_port_open.
 * @retval ERR_OK, ERR_TIMEOUT (no gate says anything; then without a message), and those of
 * serial_port_open. */
int gate_banner_ask(const char *port, unsigned baud, char name[GATE_BANNER_NAME_SIZE],
                    char *message) MUST_USE;

#endif
