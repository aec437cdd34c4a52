/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handles the modes of files that hold secrets or data of people. They are made with mode 0600, so that there
 * is no moment at which others can read them. The functions block on the file system.
 */
#ifndef TOOLS_PORTILLON_COMMON_SECRET_FILE_H
#define TOOLS_PORTILLON_COMMON_SECRET_FILE_H

#include <stddef.h>

#include "hal/error.h"

/* Prints a note if others on this computer can read or write the file. what names its content in the
 * language of the user: _("this secret"). A path that is not there, or is no regular file, is passed over. */
void secret_file_check(const char *command, const char *path, const char *what);

/* Prints a note if stdout is a file that others can read. what names its content: _("the key"). */
void secret_file_check_stdout(const char *command, const char *what);

/* Writes a new file with mode 0600. A file that exists already is left alone. Returns ERR_OK, or ERR_IO with
 * errno set. */
int secret_file_write_new(const char *path, const void *data, size_t len) MUST_USE;

#endif
