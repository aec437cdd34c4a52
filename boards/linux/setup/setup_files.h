/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that portillon-gate-setup writes. A file is there whole or as it was before: it is written
 * beside its place, to the disk, and then renamed. All functions block on the file system.
 */
#ifndef BOARDS_LINUX_SETUP_SETUP_FILES_H
#define BOARDS_LINUX_SETUP_SETUP_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "hal/error.h"

#define SETUP_FILES_NOTE_LEN 512
#define SETUP_FILES_PATH_LEN 4096

struct setup_file {
    const char *path;
    const void *bytes;
    size_t len;
    mode_t mode;
    uid_t uid; /* (uid_t)-1: of the user who runs this */
    gid_t gid;
    bool keeps_old; /* a file that was there stays as PATH.bak */
};

/* Writes a file in place of the one that may be there. On error, note is one line that names the file, and
 * the file is as it was. Returns ERR_OK, ERR_IO. */
int setup_files_replace(const struct setup_file *file, char note[SETUP_FILES_NOTE_LEN]) MUST_USE;

/* Reads a regular file of at most size bytes. Returns the number of bytes, size if the file has more; ERR_IO
 * (note names it). */
int setup_files_read(const char *path, void *bytes, size_t size, char note[SETUP_FILES_NOTE_LEN]) MUST_USE;

/* Makes the folder of a file, with the mode 0755. Returns ERR_OK, ERR_IO (note names it). */
int setup_files_make_folder(const char *path, char note[SETUP_FILES_NOTE_LEN]) MUST_USE;

/* Finds the user of that name in ROOT/etc/passwd. Returns ERR_OK, ERR_NOT_FOUND. */
int setup_files_find_user(const char *root, const char *name, uid_t *uid, gid_t *gid) MUST_USE;

#endif
