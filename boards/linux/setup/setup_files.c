/* SPDX-License-Identifier: Apache-2.0 */
#include "boards/linux/setup/setup_files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hal/linux/translate.h"

static int fail(char note[SETUP_FILES_NOTE_LEN], const char *path, const char *what)
{
    snprintf(note, SETUP_FILES_NOTE_LEN, _("%.200s: %s: %s"), path, what, translate_errno(errno));
    return ERR_IO;
}

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t count = write(fd, bytes, len);
        if (count < 0 && errno != EINTR)
            return ERR_IO;
        if (count > 0) {
            bytes += count;
            len -= (size_t)count;
        }
    }
    return ERR_OK;
}

/* Writes the file at another path, to the disk. */
static int write_new(const struct setup_file *file, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), error = ERR_IO;

    if (fd < 0)
        return ERR_IO;
    if (fchown(fd, file->uid, file->gid) == 0 && fchmod(fd, file->mode) == 0 &&
        write_all(fd, file->bytes, file->len) == ERR_OK && fsync(fd) == 0)
        error = ERR_OK;
    if (close(fd) != 0)
        error = ERR_IO;
    return error;
}

/* The name of a file must be on the disk too. */
static void sync_folder(const char *path)
{
    char copy[SETUP_FILES_PATH_LEN];

    snprintf(copy, sizeof(copy), "%s", path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

static int keep_old(const char *path, char note[SETUP_FILES_NOTE_LEN])
{
    char backup[SETUP_FILES_PATH_LEN + 8];

    snprintf(backup, sizeof(backup), "%s.bak", path);
    if (access(path, F_OK) != 0)
        return ERR_OK;
    if ((unlink(backup) != 0 && errno != ENOENT) || link(path, backup) != 0)
        return fail(note, backup, _("cannot keep the old file there"));
    return ERR_OK;
}

int setup_files_replace(const struct setup_file *file, char note[SETUP_FILES_NOTE_LEN])
{
    char beside[SETUP_FILES_PATH_LEN + 8];
    int error = ERR_OK;

    snprintf(beside, sizeof(beside), "%s.new", file->path);
    if (write_new(file, beside) != ERR_OK)
        error = fail(note, beside, _("cannot write this file"));
    if (error == ERR_OK && file->keeps_old)
        error = keep_old(file->path, note);
    if (error == ERR_OK && rename(beside, file->path) != 0)
        error = fail(note, file->path, _("cannot replace this file"));
    if (error != ERR_OK)
        (void)unlink(beside);
    else
        sync_folder(file->path);
    return error;
}

int setup_files_read(const char *path, void *bytes, size_t size, char note[SETUP_FILES_NOTE_LEN])
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), result = ERR_IO;

    if (fd < 0)
        return fail(note, path, _("cannot open this file"));
    if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
        snprintf(note, SETUP_FILES_NOTE_LEN, _("%.200s: this is not a regular file"), path);
    } else {
        ssize_t len = read(fd, bytes, size);
        result = len >= 0 ? (int)len : fail(note, path, _("cannot read this file"));
    }
    close(fd);
    return result;
}

int setup_files_make_folder(const char *path, char note[SETUP_FILES_NOTE_LEN])
{
    char copy[SETUP_FILES_PATH_LEN];

    snprintf(copy, sizeof(copy), "%s", path);
    const char *folder = dirname(copy);
    if (mkdir(folder, 0755) != 0 && errno != EEXIST)
        return fail(note, folder, _("cannot make this folder"));
    return ERR_OK;
}

int setup_files_find_user(const char *root, const char *name, uid_t *uid, gid_t *gid)
{
    char path[SETUP_FILES_PATH_LEN];
    const struct passwd *user = NULL;

    snprintf(path, sizeof(path), "%s/etc/passwd", root);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return ERR_NOT_FOUND;
    while ((user = fgetpwent(file)) != NULL && strcmp(user->pw_name, name) != 0)
        continue;
    if (user != NULL) {
        *uid = user->pw_uid;
        *gid = user->pw_gid;
    }
    fclose(file);
    return user != NULL ? ERR_OK : ERR_NOT_FOUND;
}
