/*
 * hal/flash.h on a file that behaves as a NOR chip: programming only clears bits, a page at a time; erasing
 * sets a whole sector, takes its time, and leaves a sector neither old nor blank when it is cut short.
 *
 * What read, program and erase_poll report as done survives the death of the process, kill -9 included: it is
 * in the kernel's page cache. With sync it also survives a power cut of the host, at some milliseconds each.
 * A lock keeps a second gate from the same file.
 *
 * The caller owns struct flash_file and keeps it where it is while its flash is used. Reads and programs
 * block for their system calls (some microseconds; with real timing, for as long as the chip would).
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
    uint32_t sector_size;  /* 4096 or 65536 */
    uint32_t nominal_size; /* bytes the chip should have; a file of another size is used, with a note */
    bool create;           /* make it, erased, if it is not there */
    bool real_timing;      /* last as long as a W25Q128JV at 50 MHz */
    bool sync;             /* fdatasync after each change */
    uint64_t die_after;    /* for tests: tear this operation half-way and die of SIGKILL; 0: never */
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
    uint64_t random; /* state of a small generator, for what tearing leaves behind */
    /* Counters, for --verbose. */
    uint64_t programmed_bytes, erased_sectors;
    uint64_t wasted_programs; /* asked for a 1 where the flash holds a 0: the caller will find it unchanged */
};

/* Opens the file and locks it. A size that is not whole sectors is rounded down; a file without one whole
 * sector gives geometry size 0. note: empty, or one line without newline that names the file: what failed,
 * or, with ERR_OK, what is odd about it.
 * @retval ERR_OK, ERR_NOT_FOUND (no such file), ERR_BUSY (another gate holds it), ERR_IO (anything else),
 * ERR_ARGUMENT (sector or nominal size). */
int flash_file_open(struct flash_file *file, const struct flash_file_options *options,
                    char note[FLASH_FILE_NOTE_LEN]) MUST_USE;

/* Waits for a running erase, unlocks and closes. */
void flash_file_close(struct flash_file *file);

/* Milliseconds until the running erase will have ended; 0 when none runs or it has. */
int flash_file_wait_ms(const struct flash_file *file);

#endif
