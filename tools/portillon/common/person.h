/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads lines that the user types on stdin, with a limit on the waiting time, so that the caller can do other
 * work between two calls. It reads stdin without stdio, so nothing else may read stdin. The buffer is static:
 * only one thread may call it.
 */
#ifndef TOOLS_PORTILLON_COMMON_PERSON_H
#define TOOLS_PORTILLON_COMMON_PERSON_H

#include <stddef.h>

enum person_wait {
    PERSON_LINE,    /* a line was read */
    PERSON_NOTHING, /* no whole line came within the time */
    PERSON_GONE,    /* stdin ended; no more lines will come */
};

/* Blocks up to wait_ms milliseconds for a line. The line is stored without its line end and cut to size bytes
 * with its NUL. Ctrl-C ends the wait early and gives PERSON_NOTHING. Returns a value of enum person_wait. */
enum person_wait person_wait_line(char *line, size_t size, unsigned wait_ms);

#endif
