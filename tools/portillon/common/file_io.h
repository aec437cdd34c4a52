/* SPDX-License-Identifier: Apache-2.0 */
/* Reads whole files up to a size limit, and writes whole files atomically: a reader sees the old content or
 * the new content, never a part of it. The functions block on the file system. */
#ifndef TOOLS_PORTILLON_COMMON_FILE_IO_H
#define TOOLS_PORTILLON_COMMON_FILE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hal/error.h"

/* Writes a temporary file beside path, syncs it, and renames it to path with exactly this mode. After a
 * failure path is unchanged and errno holds the cause. Returns ERR_OK or ERR_IO. */
int file_write_atomic(const char *path, const void *data, size_t len, mode_t mode) MUST_USE;

/* Reads a file into memory that the caller frees. One zero byte follows the len bytes. After a failure errno
 * holds the cause. Returns ERR_OK, ERR_IO, or ERR_NO_SPACE (the file is longer than max bytes). */
int file_read(const char *path, size_t max, uint8_t **data, size_t *len) MUST_USE;

#endif
