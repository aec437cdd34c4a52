/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A NOR flash chip (hal/flash.h) in a file. Like a chip, it clears bits when it programs, one page at a
 * time, and sets a whole sector when it erases. A sector whose erase was interrupted holds neither the
 * old bytes nor blank ones.
 *
 * What read, program and erase_poll report as done survives the end of the process, kill -9 included,
 * because it is in the kernel's page cache. With sync it also survives a power cut of the computer; each
 * change then takes some milliseconds. A lock prevents a second gate from using the same file.
 *
 * The caller owns struct flash_file and does not move it while its flash is used. read and program block
 * for their system calls: some microseconds, or with real timing as long as the chip would.
 */
#ifndef BOARDS_LINUX_FLASH_FILE_H
#define BOARDS_LINUX_FLASH_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/flash.h"

#define FLASH_FILE_PAGE_SIZE    256
#define FLASH_FILE_DEFAULT_SIZE (16u * 1024 * 1024) /* a W25Q128 */
#define FLASH_FILE_MAX_SIZE     (128u * 1024 * 1024)
#define FLASH_FILE_NOTE_LEN     320

struct flash_file_options {
    const char *path;
    const char *name;      /* what the notes call it: "flash file", "anchor" */
    uint32_t sector_size;  /* 4096 or 65536 */
    uint32_t nominal_size; /* size of the chip in bytes; a file of another size is used, with a note */
    bool exact_size;       /* refuse a file of another size instead */
    bool create;           /* create the file, erased, if it does not exist */
    bool real_timing;      /* take as long as a W25Q128JV at 50 MHz */
    bool sync;             /* fdatasync after each change */
    uint64_t die_after;    /* for tests: tear this operation, then die of SIGKILL; 0: never */
};

struct flash_file {
    struct flash flash; /* hand this to the firmware */
    struct flash_geometry geometry;
    int fd;
    bool real_timing, sync;
    bool erasing;
    uint32_t erase_addr;
    uint64_t erase_end_us; /* monotonic */
    uint64_t operations;   /* page programs, erase starts, erase ends */
    uint64_t die_after;
    uint64_t random; /* state of the generator that decides what a torn operation leaves */
    /* Counters, for --verbose. */
    uint64_t programmed_bytes, erased_sectors;
    uint64_t wasted_programs; /* programs of a 1 where the flash holds a 0, which stays 0 */
};

/* Opens the file and locks it. A size that is not a multiple of the sector size is rounded down. If the
 * file is smaller than one sector, geometry.size is 0. note is empty or one line without newline that
 * names the file: the error or, with ERR_OK, what is unusual about the file. Blocks for up to 1 s while
 * another process holds the lock. Returns ERR_OK, ERR_NOT_FOUND (no such file), ERR_BUSY (another gate
 * uses it), ERR_FORMAT (a gate used it with another sector size), ERR_IO (any other error, or not the exact
 * size), ERR_ARGUMENT (sector size or nominal size). */
int flash_file_open(struct flash_file *file, const struct flash_file_options *options,
                    char note[FLASH_FILE_NOTE_LEN]) MUST_USE;

/* Waits for a running erase, then unlocks and closes the file. */
void flash_file_close(struct flash_file *file);

/* Returns the milliseconds until the running erase ends; 0 if it has ended or none runs. */
int flash_file_wait_ms(const struct flash_file *file);

#endif
