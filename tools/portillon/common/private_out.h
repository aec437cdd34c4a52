/* SPDX-License-Identifier: Apache-2.0 */
/* Where a command writes data of people: stdout, or a file of mode 0600 that is there whole or not at all.
 * The caller owns the struct. Blocks on the file system. */
#ifndef TOOLS_PORTILLON_COMMON_PRIVATE_OUT_H
#define TOOLS_PORTILLON_COMMON_PRIVATE_OUT_H

#include <stddef.h>
#include <stdio.h>

struct private_out {
    const char *command, *path;
    FILE *file; /* to write to */
    char *text;
    size_t len;
};

/* Begins. path NULL: stdout; if others can read what it is, a message says so. what names the content.
 * Returns COMMAND_OK, or COMMAND_FAILED after printing the error. */
int private_out_open(struct private_out *out, const char *command, const char *path, const char *what);
/* Ends, and puts the file in its place. Returns COMMAND_OK, or COMMAND_FAILED after printing the error. */
int private_out_close(struct private_out *out);

#endif
