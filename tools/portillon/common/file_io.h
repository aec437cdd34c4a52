/* Whole files, read with a limit and written so that a reader sees the old content or the new, never half. */
#ifndef TOOLS_PORTILLON_COMMON_FILE_IO_H
#define TOOLS_PORTILLON_COMMON_FILE_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hal/error.h"

/* Writes a temporary file beside path, syncs it, and renames it to path with exactly this mode. A failure
 * leaves path as it was and errno says why. @retval ERR_OK, ERR_IO. */
int file_write_atomic(const char *path, const void *data, size_t len, mode_t mode) MUST_USE;

/* Reads a file into memory that the caller frees; one byte beyond len is 0. errno says why it failed.
 * @retval ERR_OK, ERR_IO, ERR_NO_SPACE (longer than max). */
int file_read(const char *path, size_t max, uint8_t **data, size_t *len) MUST_USE;

#endif
