/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/flash_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "boards/linux/host_timer.h"
#include "firmware/storage/layout.h"
#include "hal/linux/translate.h"

#define LOCK_TRIES    20
#define LOCK_PAUSE_MS 50

#define SMALL_SECTOR 4096u
#define LARGE_SECTOR 65536u

/* W25Q128JV rev. I, 9.6 (typical): tSE 45 ms, tBE2 150 ms. Bytes are transferred at 50 MHz, one bit a
 * clock. */
#define SMALL_ERASE_US   45000
#define LARGE_ERASE_US   150000
#define WIRE_NS_PER_BYTE 160

static void wait_until_us(uint64_t end_us)
{
    struct timespec end = {.tv_sec = (time_t)(end_us / 1000000), .tv_nsec = (long)(end_us % 1000000) * 1000};

    /* The kernel wakes about 60 µs late, which is longer than a small program takes. Short waits
     * therefore spin. */
    if (end_us > host_monotonic_us() + 100)
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
    while (host_monotonic_us() < end_us)
        ;
}

static uint32_t random_u32(struct flash_file *file)
{
    /* xorshift64* (Vigna 2016). The numbers only have to look arbitrary. */
    file->random ^= file->random >> 12;
    file->random ^= file->random << 25;
    file->random ^= file->random >> 27;
    return (uint32_t)((file->random * UINT64_C(2685821657736338717)) >> 32);
}

static int read_at(int fd, uint32_t addr, uint8_t *buf, size_t len)
{
    while (len > 0) {
        ssize_t count = pread(fd, buf, len, addr);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0) /* an error, or the file was truncated */
            return ERR_IO;
        buf += count;
        addr += (uint32_t)count;
        len -= (size_t)count;
    }
    return ERR_OK;
}

static int write_at(const struct flash_file *file, uint32_t addr, const uint8_t *buf, size_t len)
{
    while (len > 0) {
        ssize_t count = pwrite(file->fd, buf, len, addr);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return ERR_IO;
        buf += count;
        addr += (uint32_t)count;
        len -= (size_t)count;
    }
    return file->sync && fdatasync(file->fd) != 0 ? ERR_IO : ERR_OK;
}

static bool inside(const struct flash_file *file, uint32_t addr, size_t len)
{
    return addr <= file->geometry.size && len <= file->geometry.size - addr;
}

/* Counts an operation. Returns true if the process must die in this one. */
static bool last_operation(struct flash_file *file)
{
    return ++file->operations == file->die_after;
}

static void die(void)
{
    raise(SIGKILL);
    abort();
}

/* Changes `after` to what a program leaves that power interrupted: nothing, all, a first part, or some
 * bits in all bytes. */
static void tear_program(struct flash_file *file, const uint8_t *before, uint8_t *after, size_t len)
{
    assert(len > 0);
    uint32_t way = random_u32(file) % 4;
    size_t whole = way == 0 ? 0 : way == 1 ? len : random_u32(file) % len;

    for (size_t i = way == 3 ? 0 : whole; i < len; i++) {
        uint8_t kept = i == whole || way == 3 ? (uint8_t)random_u32(file) : 0xFF;
        after[i] |= before[i] & kept;
    }
}

static int program_page(struct flash_file *file, uint32_t addr, const uint8_t *buf, size_t len)
{
    uint8_t before[FLASH_FILE_PAGE_SIZE], after[FLASH_FILE_PAGE_SIZE];
    uint64_t start_us = host_monotonic_us();
    bool wasted = false;

    if (read_at(file->fd, addr, before, len) != ERR_OK)
        return ERR_IO;
    for (size_t i = 0; i < len; i++) {
        after[i] = before[i] & buf[i];
        wasted = wasted || after[i] != buf[i];
    }
    file->wasted_programs += wasted;
    file->programmed_bytes += len;
    bool dies = last_operation(file);
    if (dies)
        tear_program(file, before, after, len);
    int error = write_at(file, addr, after, len);
    if (dies)
        die();
    if (file->real_timing) { /* page program: 30 µs for the first byte, 2.5 µs for each other, at most 400 */
        uint64_t cell_us = 30 + (5 * (len - 1)) / 2;
        wait_until_us(start_us + (4 + len) * WIRE_NS_PER_BYTE / 1000 + (cell_us < 400 ? cell_us : 400));
    }
    return error;
}

static int flash_read(void *ctx, uint32_t addr, void *buf, size_t len)
{
    struct flash_file *file = ctx;
    uint64_t start_us = file->real_timing ? host_monotonic_us() : 0;

    if (!inside(file, addr, len))
        return ERR_ARGUMENT;
    int error = read_at(file->fd, addr, buf, len);
    if (file->real_timing)
        wait_until_us(start_us + (5 + len) * WIRE_NS_PER_BYTE / 1000);
    return error;
}

static int flash_program(void *ctx, uint32_t addr, const void *buf, size_t len)
{
    struct flash_file *file = ctx;
    const uint8_t *bytes = buf;

    if (!inside(file, addr, len))
        return ERR_ARGUMENT;
    /* While an erase is suspended, other sectors can be programmed, but not its own. */
    if (file->erasing && addr < file->erase_addr + file->geometry.sector_size &&
        addr + len > file->erase_addr)
        return ERR_IO;
    while (len > 0) {
        size_t room = FLASH_FILE_PAGE_SIZE - addr % FLASH_FILE_PAGE_SIZE;
        size_t part = len < room ? len : room;
        int error = program_page(file, addr, bytes, part);
        if (error != ERR_OK)
            return error;
        addr += (uint32_t)part;
        bytes += part;
        len -= part;
    }
    return ERR_OK;
}

static int flash_erase_start(void *ctx, uint32_t addr)
{
    static uint8_t sector[LARGE_SECTOR];
    struct flash_file *file = ctx;
    uint32_t sector_size = file->geometry.sector_size;

    if (!inside(file, addr, 1))
        return ERR_ARGUMENT;
    if (file->erasing)
        return ERR_BUSY;
    file->erase_addr = addr - addr % sector_size;
    bool dies = last_operation(file);
    /* From now until the erase ends, the sector holds neither the old bytes nor blank ones, also after a
     * kill. */
    if (read_at(file->fd, file->erase_addr, sector, sector_size) != ERR_OK)
        return ERR_IO;
    for (uint32_t i = 0; i < sector_size; i++)
        sector[i] |= (uint8_t)random_u32(file);
    int error = write_at(file, file->erase_addr, sector, sector_size);
    if (dies)
        die();
    if (error != ERR_OK)
        return error;
    file->erasing = true;
    file->erase_end_us = 0;
    if (file->real_timing)
        file->erase_end_us =
            host_monotonic_us() + (sector_size == SMALL_SECTOR ? SMALL_ERASE_US : LARGE_ERASE_US);
    return ERR_OK;
}

static int flash_erase_poll(void *ctx)
{
    static uint8_t blank[LARGE_SECTOR];
    struct flash_file *file = ctx;

    if (!file->erasing)
        return ERR_OK;
    if (file->erase_end_us != 0 && host_monotonic_us() < file->erase_end_us)
        return ERR_BUSY;
    memset(blank, 0xFF, sizeof(blank));
    bool dies = last_operation(file);
    uint32_t len = dies ? random_u32(file) % (file->geometry.sector_size + 1) : file->geometry.sector_size;
    int error = write_at(file, file->erase_addr, blank, len);
    if (dies)
        die();
    file->erasing = false;
    file->erased_sectors++;
    return error;
}

/* Creates an erased file under a temporary name first, so that an incomplete one is never used. */
static int create_blank(const char *path, uint32_t size)
{
    static uint8_t blank[LARGE_SECTOR];
    char temporary[4096];

    if (snprintf(temporary, sizeof(temporary), "%s.new.%ld", path, (long)getpid()) >=
        (int)sizeof(temporary)) {
        errno = ENAMETOOLONG;
        return ERR_IO;
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return ERR_IO;
    memset(blank, 0xFF, sizeof(blank));
    for (uint32_t done = 0; done < size;) {
        uint32_t left = size - done;
        ssize_t count = write(fd, blank, left < sizeof(blank) ? left : sizeof(blank));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            goto failed;
        done += (uint32_t)count;
    }
    if (fsync(fd) != 0 || (link(temporary, path) != 0 && errno != EEXIST))
        goto failed;
    close(fd);
    unlink(temporary);
    return ERR_OK;
failed:;
    int saved = errno;
    close(fd);
    unlink(temporary);
    errno = saved;
    return ERR_IO;
}

static int fail(struct flash_file *file, int error)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    file->geometry.size = 0;
    return error;
}

/* Locks the file, with retries. A gate that was killed while it started its reader process leaves the
 * lock to that process until it has become the reader. */
static bool lock_soon(int fd)
{
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK)
            return false;
        poll(NULL, 0, LOCK_PAUSE_MS);
    }
    errno = EWOULDBLOCK;
    return false;
}

/* Returns true if the place has the header of a sector of the journal (firmware/journal/journal.h). */
static bool has_journal_header(const struct flash_file *file, uint32_t addr)
{
    uint8_t magic[4];
    return read_at(file->fd, addr, magic, sizeof(magic)) == ERR_OK &&
           memcmp(magic, "PTJS", sizeof(magic)) == 0;
}

/* Finds out for which sectors a gate used the file: each sector of the journal begins with a header, and
 * behind it come records. Returns 0 if nothing tells. */
static uint32_t used_sector_size(const struct flash_file *file)
{
    struct layout layout;
    uint8_t record[32];

    if (layout_plan(&layout, &file->geometry) != ERR_OK)
        return 0;
    uint32_t end = layout.journal_base + layout.journal_len;
    for (uint32_t addr = layout.journal_base; addr < end; addr += SMALL_SECTOR)
        if (addr % LARGE_SECTOR != 0 && has_journal_header(file, addr))
            return SMALL_SECTOR;
    for (uint32_t addr = layout.journal_base; addr < end; addr += LARGE_SECTOR)
        if (has_journal_header(file, addr) &&
            read_at(file->fd, addr + SMALL_SECTOR, record, sizeof(record)) == ERR_OK &&
            (!flash_is_blank(record, sizeof(record)) || has_journal_header(file, addr + LARGE_SECTOR)))
            return LARGE_SECTOR;
    return 0;
}

/* Says that the file has another size than the chip. */
static void tell_size(const struct flash_file *file, const struct flash_file_options *options, uint64_t size,
                      char note[FLASH_FILE_NOTE_LEN])
{
    const uint32_t sectors = file->geometry.size / options->sector_size;
    char found[128], used[64];

    if (sectors == 0) {
        snprintf(note, FLASH_FILE_NOTE_LEN,
                 translate_count(size, "%s: %llu byte is less than one sector: storage is missing",
                                 "%s: %llu bytes are less than one sector: storage is missing"),
                 options->path, (unsigned long long)size);
        return;
    }
    snprintf(found, sizeof(found),
             translate_count(size, "%llu byte, not the %u of this board's chip",
                             "%llu bytes, not the %u of this board's chip"),
             (unsigned long long)size, options->nominal_size);
    snprintf(used, sizeof(used), translate_count(sectors, "using %u sector of %u", "using %u sectors of %u"),
             sectors, options->sector_size);
    snprintf(note, FLASH_FILE_NOTE_LEN, _("%s: %s: %s"), options->path, found, used);
}

int flash_file_open(struct flash_file *file, const struct flash_file_options *options,
                    char note[FLASH_FILE_NOTE_LEN])
{
    const char *path = options->path;
    struct stat status;

    note[0] = '\0';
    *file = (struct flash_file){
        .flash = {.read = flash_read,
                  .program = flash_program,
                  .erase_start = flash_erase_start,
                  .erase_poll = flash_erase_poll,
                  .ctx = file,
                  .geometry = &file->geometry},
        .geometry = {.sector_size = options->sector_size, .page_size = FLASH_FILE_PAGE_SIZE},
        .fd = -1,
        .real_timing = options->real_timing,
        .sync = options->sync,
        .die_after = options->die_after,
        /* The same die_after leaves the same bytes, so that a failure can be reproduced. */
        .random = UINT64_C(0x9E3779B97F4A7C15) * (options->die_after + 1),
    };
    if ((options->sector_size != SMALL_SECTOR && options->sector_size != LARGE_SECTOR) ||
        options->nominal_size > FLASH_FILE_MAX_SIZE || options->nominal_size % options->sector_size != 0) {
        snprintf(note, FLASH_FILE_NOTE_LEN,
                 _("%s: a flash has sectors of 4096 or 65536 bytes, and at most %u MiB"), path,
                 FLASH_FILE_MAX_SIZE >> 20);
        return ERR_ARGUMENT;
    }

    file->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (file->fd < 0 && errno == ENOENT && options->create) {
        if (create_blank(path, options->nominal_size) != ERR_OK) {
            snprintf(note, FLASH_FILE_NOTE_LEN, _("%s: cannot create the %s: %s"), path,
                     translate(options->name), translate_errno(errno));
            return ERR_IO;
        }
        file->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    }
    if (file->fd < 0) {
        bool missing = errno == ENOENT;
        snprintf(note, FLASH_FILE_NOTE_LEN, _("%s: cannot open the %s: %s%s"), path, translate(options->name),
                 translate_errno(errno), missing ? _(" (--create-flash makes one)") : "");
        return missing ? ERR_NOT_FOUND : ERR_IO;
    }
    if (fstat(file->fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        snprintf(note, FLASH_FILE_NOTE_LEN, _("%s: the %s is not a regular file"), path,
                 translate(options->name));
        return fail(file, ERR_IO);
    }
    uint64_t size = (uint64_t)status.st_size;
    if (options->exact_size && size != options->nominal_size) {
        snprintf(note, FLASH_FILE_NOTE_LEN, _("%s: the %s has %llu bytes, not %u"), path,
                 translate(options->name), (unsigned long long)size, options->nominal_size);
        return fail(file, ERR_IO);
    }
    if (!lock_soon(file->fd)) {
        bool held = errno == EWOULDBLOCK;
        snprintf(note, FLASH_FILE_NOTE_LEN, held ? _("%s: another gate is using this %s") : "%s: %s", path,
                 held ? translate(options->name) : translate_errno(errno));
        return fail(file, held ? ERR_BUSY : ERR_IO);
    }

    uint64_t usable = size < FLASH_FILE_MAX_SIZE ? size : FLASH_FILE_MAX_SIZE;
    file->geometry.size = (uint32_t)(usable - usable % options->sector_size);
    uint32_t used = used_sector_size(file);
    if (used != 0 && used != options->sector_size) {
        snprintf(note, FLASH_FILE_NOTE_LEN,
                 _("%s: a gate used this %s with sectors of %u bytes, not %u: its records would be lost "
                   "(--sector %u)"),
                 path, translate(options->name), used, options->sector_size, used);
        return fail(file, ERR_FORMAT);
    }
    if (size != options->nominal_size || file->geometry.size == 0)
        tell_size(file, options, size, note);
    return ERR_OK;
}

void flash_file_close(struct flash_file *file)
{
    if (file->fd < 0)
        return;
    if (file->erasing && file->erase_end_us != 0)
        wait_until_us(file->erase_end_us);
    (void)!flash_erase_poll(file);
    (void)fail(file, ERR_OK);
}

int flash_file_wait_ms(const struct flash_file *file)
{
    uint64_t now_us = host_monotonic_us();

    if (!file->erasing || file->erase_end_us <= now_us)
        return 0;
    return (int)((file->erase_end_us - now_us) / 1000) + 1;
}
