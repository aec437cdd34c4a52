/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/peer_sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { FILES = 4, NAME_MAX_LEN = 64 };

struct stored {
    char name[NAME_MAX_LEN];
    uint8_t *bytes;
    size_t len, room;
    int exists;
};

struct opened {
    sqlite3_file base;
    struct stored *file;
};

static struct stored files[FILES];
static struct nor_model *chip;
static uint32_t next_page;

static struct stored *find(const char *name)
{
    struct stored *spare = NULL;
    for (int i = 0; i < FILES; i++) {
        if (strcmp(files[i].name, name) == 0)
            return &files[i];
        if (files[i].name[0] == 0 && spare == NULL)
            spare = &files[i];
    }
    if (spare == NULL)
        abort();
    snprintf(spare->name, sizeof spare->name, "%s", name);
    return spare;
}

static void charge_read(sqlite3_int64 offset, int len)
{
    static uint8_t sink[65536];
    uint32_t addr = (uint32_t)offset % (chip->geometry.size - (uint32_t)sizeof sink);
    (void)!chip->flash.read(chip->flash.ctx, addr, sink, (size_t)len);
}

static void charge_program(sqlite3_int64 offset, const void *buf, int len)
{
    (void)buf;
    static uint8_t ones[65536];
    memset(ones, 0xFF, (size_t)len); /* counted and timed, and the page stays erased for the next */
    next_page = (next_page + 65536) % (chip->geometry.size - 131072);
    (void)!chip->flash.program(chip->flash.ctx, next_page / 65536 * 65536 + (uint32_t)(offset % 256), ones,
                               (size_t)len);
}

static int file_close(sqlite3_file *f)
{
    (void)f;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *f, void *buf, int len, sqlite3_int64 offset)
{
    struct stored *file = ((struct opened *)f)->file;
    size_t there = (size_t)offset < file->len ? file->len - (size_t)offset : 0;
    size_t count = there < (size_t)len ? there : (size_t)len;
    memset(buf, 0, (size_t)len);
    if (count > 0) {
        memcpy(buf, file->bytes + offset, count);
        charge_read(offset, len);
    }
    return count == (size_t)len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *f, const void *buf, int len, sqlite3_int64 offset)
{
    struct stored *file = ((struct opened *)f)->file;
    size_t end = (size_t)offset + (size_t)len;
    if (end > file->room) {
        file->room = end * 2;
        file->bytes = realloc(file->bytes, file->room);
        if (file->bytes == NULL)
            abort();
    }
    if ((size_t)offset > file->len)
        memset(file->bytes + file->len, 0, (size_t)offset - file->len);
    memcpy(file->bytes + offset, buf, (size_t)len);
    file->len = end > file->len ? end : file->len;
    charge_program(offset, buf, len);
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 len)
{
    ((struct opened *)f)->file->len = (size_t)len;
    return SQLITE_OK;
}

static int file_sync(sqlite3_file *f, int flags)
{
    (void)f;
    (void)flags;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *len)
{
    *len = (sqlite3_int64)((struct opened *)f)->file->len;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *f, int level)
{
    (void)f;
    (void)level;
    return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *f, int *reserved)
{
    (void)f;
    *reserved = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
    (void)f;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *f)
{
    (void)f;
    return 512;
}

static int file_characteristics(sqlite3_file *f)
{
    (void)f;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)vfs;
    struct opened *opened = (struct opened *)f;
    opened->file = find(name != NULL ? name : "temporary");
    opened->file->exists = 1;
    opened->base.pMethods = &methods;
    if (out != NULL)
        *out = flags;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    (void)sync;
    struct stored *file = find(name);
    file->exists = 0;
    file->len = 0;
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    (void)vfs;
    (void)flags;
    *result = find(name)->exists;
    return SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
    (void)vfs;
    snprintf(out, (size_t)len, "%s", name);
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    memset(out, 7, (size_t)len);
    return len;
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int vfs_time(sqlite3_vfs *vfs, double *days)
{
    (void)vfs;
    *days = 2440587.5 + (double)time(NULL) / 86400.0;
    return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int len, char *text)
{
    (void)vfs;
    (void)len;
    (void)text;
    return 0;
}

void peer_sqlite_register(struct nor_model *nor)
{
    static sqlite3_vfs vfs = {
        .iVersion = 1,
        .szOsFile = sizeof(struct opened),
        .mxPathname = NAME_MAX_LEN - 1,
        .zName = "counted",
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_name,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_time,
        .xGetLastError = vfs_last_error,
    };
    chip = nor;
    for (int i = 0; i < FILES; i++)
        free(files[i].bytes);
    memset(files, 0, sizeof files);
    peer_sqlite_must(NULL, sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

void peer_sqlite_must(sqlite3 *db, int good)
{
    if (good)
        return;
    fprintf(stderr, "bench: SQLite: %s\n", db != NULL ? sqlite3_errmsg(db) : "cannot start");
    exit(1);
}

void peer_sqlite_run(sqlite3 *db, const char *sql)
{
    peer_sqlite_must(db, sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

sqlite3 *peer_sqlite_open(const char *setup)
{
    sqlite3 *db;
    int result = sqlite3_open_v2("bench.db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "counted");
    peer_sqlite_must(db, result == SQLITE_OK);
    peer_sqlite_run(db, setup);
    return db;
}
