/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads that are repeated and programs that are checked, for every module that keeps data on the chip. No
 * state. A call blocks for the reads and programs that it makes (hal/flash.h).
 */
#ifndef FIRMWARE_STORAGE_FLASH_IO_H
#define FIRMWARE_STORAGE_FLASH_IO_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/flash.h"

/* Reads len bytes at addr. A read that fails is tried once more. Returns ERR_OK, ERR_IO or ERR_ARGUMENT. */
int flash_io_read(const struct flash *flash, uint32_t addr, void *buf, size_t len) MUST_USE;

/* Programs len bytes at addr, which must be blank, once, and reads them back. Returns ERR_OK (the bytes are
 * there), ERR_NO_SPACE (the place is still blank), ERR_CORRUPT (the place holds something else), ERR_IO (the
 * place cannot be read; it may hold the bytes) or ERR_ARGUMENT. */
int flash_io_program(const struct flash *flash, uint32_t addr, const void *data, size_t len) MUST_USE;

#endif
