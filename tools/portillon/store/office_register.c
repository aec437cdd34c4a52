/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/office_register.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/store/site_option.h"

int office_register_read(const char *folder, const char *command, char path[PATH_MAX])
{
    char name[PATH_MAX];
    uint8_t *text;
    size_t len;
    snprintf(name, sizeof name, "%s/" OFFICE_REGISTER_FILE, folder);
    int error = file_read(name, PATH_MAX, &text, &len);
    if (error == ERR_IO && errno == ENOENT)
        return ERR_NOT_FOUND;
    if (error != ERR_OK) {
        command_fail("%s: %s: %s", command, name,
                     error == ERR_IO ? translate_errno(errno) : _("is too long"));
        return error;
    }
    size_t line = strcspn((char *)text, "\n");
    bool is_line = line > 0 && line < PATH_MAX && line + 1 == len;
    snprintf(path, PATH_MAX, "%.*s", (int)line, (char *)text);
    is_line = is_line && (path[0] == '/' || db_is_url(path));
    free(text);
    if (is_line)
        return ERR_OK;
    command_fail("%s: %s: is not one line with the path or URL of a store", command, name);
    return ERR_FORMAT;
}

static int count_in(const char *path, const uint8_t *site_id, const char *command, uint16_t today,
                    int64_t since_utc_s, struct people_counts *counts)
{
    struct people_store people;
    int error = people_store_open_existing(&people, path, site_id);
    if (error == ERR_OK)
        error = people_store_count(&people, today, since_utc_s, counts);
    if (error != ERR_OK)
        command_fail("%s: the register %s: %s", command, path, people_store_error(&people));
    people_store_close(&people);
    return error;
}

int office_register_count(const char *folder, const char *command, uint16_t today, int64_t since_utc_s,
                          struct people_counts *counts)
{
    char path[PATH_MAX];
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    const uint8_t *given;
    int error = office_register_read(folder, command, path);
    if (error == ERR_OK)
        error = site_option_read(command, folder, site_id, &given);
    return error == ERR_OK ? count_in(path, given, command, today, since_utc_s, counts) : error;
}

static bool is_same_store(const char *a, const char *b)
{
    struct stat first, second;
    if (db_is_url(a) || db_is_url(b))
        return strcmp(a, b) == 0;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* Tells what a list that is not built from the register would do. */
static int refuse(const struct site *site, const char *command, const char *path, const char *store,
                  const struct people_counts *counts)
{
    command_fail(translate_count(
                     (uint64_t)counts->blocked,
                     "%s: lists of this site are built from the register %s, which blocks %" PRId64
                     " card and lends %" PRId64 ". Without it they would open again and the loans would end: "
                     "nothing was written",
                     "%s: lists of this site are built from the register %s, which blocks %" PRId64
                     " cards and lends %" PRId64
                     ". Without it they would open again and the loans would end: "
                     "nothing was written"),
                 command, path, counts->blocked, counts->lent);
    if (store == NULL)
        command_note("%s: add --store %s. (If the school has no register any more, delete %s/%s)", command,
                     path, site->folder, OFFICE_REGISTER_FILE);
    else
        command_note("%s: %s is another store. (To begin another register, delete %s/%s)", command, store,
                     site->folder, OFFICE_REGISTER_FILE);
    return ERR_ARGUMENT;
}

int office_register_check(const struct site *site, const char *command, const char *store, uint16_t today)
{
    char path[PATH_MAX];
    struct people_counts counts = {0};
    struct stat info;
    int error = office_register_read(site->folder, command, path);
    if (error == ERR_NOT_FOUND || (error == ERR_OK && store != NULL && is_same_store(path, store)))
        return ERR_OK;
    if (error == ERR_OK && store != NULL && !db_is_url(path) && stat(path, &info) != 0 && errno == ENOENT) {
        command_note("%s: the register %s is not there any more: from now on it is %s", command, path, store);
        return ERR_OK;
    }
    if (error == ERR_OK)
        error = count_in(path, site->site_id, command, today, 0, &counts);
    if (error != ERR_OK)
        return error;
    if (counts.blocked + counts.lent > 0)
        return refuse(site, command, path, store, &counts);
    if (store == NULL)
        command_note("%s: not built from the register %s, which blocks and lends no card", command, path);
    else
        command_note("%s: the register was %s, which blocks and lends no card: from now on it is %s", command,
                     path, store);
    return ERR_OK;
}

int office_register_note(const struct site *site, const char *command, const char *store)
{
    char name[PATH_MAX], line[PATH_MAX + 1], known[PATH_MAX];
    site_path(site, OFFICE_REGISTER_FILE, name);
    char *full = db_is_url(store) ? strdup(store) : realpath(store, NULL);
    if (full == NULL) {
        command_fail("%s: %s: %s", command, store, translate_errno(errno));
        return ERR_IO;
    }
    int len = snprintf(line, sizeof line, "%s\n", full);
    int error = ERR_OK;
    if (office_register_read(site->folder, command, known) != ERR_OK || strcmp(known, full) != 0)
        error = file_write_atomic(name, line, (size_t)len, 0644);
    if (error != ERR_OK)
        command_fail("%s: %s: cannot be written: %s", command, name, translate_errno(errno));
    free(full);
    return error;
}
