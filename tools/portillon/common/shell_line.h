/* SPDX-License-Identifier: Apache-2.0 */
/* Prints calls of portillon that the user can paste into a shell. */
#ifndef TOOLS_PORTILLON_COMMON_SHELL_LINE_H
#define TOOLS_PORTILLON_COMMON_SHELL_LINE_H

/* The port in a line for which no port is known: the first serial adapter on Linux. */
#define SHELL_LINE_PORT "/dev/ttyUSB0"

/* Prints on stdout the text before, "portillon", the words (NULL-ended) and a line end. Words are quoted as a
 * POSIX shell needs it. */
void shell_line_print(const char *before, const char *const *words);

#endif
