/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds out which other program has a device open, from /proc. A user sees only own programs there; root sees
 * all. Blocks for some milliseconds, while it reads /proc.
 */
#ifndef TOOLS_PORTILLON_GATE_PORT_HOLDER_H
#define TOOLS_PORTILLON_GATE_PORT_HOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* Tells in words who has the device at path open, and what to do: for the end of a message that says that it
 * is in use. Always NUL-terminated. */
void port_holder_explain(const char *path, char *text, size_t size);

#endif
