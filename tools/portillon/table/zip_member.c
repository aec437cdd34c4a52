/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/table/zip_member.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define MEMBERS_MAX 10000
#define FIRST_ROOM  ((size_t)1 << 16)

bool zip_is_archive(const char *data, size_t len)
{
    return len >= 4 && (memcmp(data, "PK\x03\x04", 4) == 0 || memcmp(data, "PK\x05\x06", 4) == 0);
}

int zip_member_open(struct zip **archive, const char *data, size_t len, struct table_fault *fault)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(data, len, 0, &error);
    *archive = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    int code = zip_error_code_zip(&error);
    zip_error_fini(&error);
    if (*archive == NULL && source != NULL)
        zip_source_free(source);
    if (*archive == NULL && code == ZIP_ER_MEMORY)
        return ERR_NO_SPACE;
    if (*archive == NULL)
        return table_fail(fault, 0, -1,
                          "is damaged or cut off (a zip archive without its end): fetch it again");
    if (zip_get_num_entries(*archive, 0) > MEMBERS_MAX) {
        zip_discard(*archive);
        return table_fail(fault, 0, -1, "is a zip archive with more than %d files in it", MEMBERS_MAX);
    }
    return ERR_OK;
}

bool zip_member_exists(struct zip *archive, const char *name)
{
    return zip_name_locate(archive, name, ZIP_FL_NOCASE) >= 0;
}

const char *zip_member_only(struct zip *archive)
{
    const char *only = NULL;
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); i++) {
        const char *name = zip_get_name(archive, (zip_uint64_t)i, 0);
        size_t len = name != NULL ? strlen(name) : 0;
        /* folders, and what Macs add */
        if (len == 0 || name[len - 1] == '/' || strncmp(name, "__MACOSX/", 9) == 0)
            continue;
        if (only != NULL)
            return NULL;
        only = name;
    }
    return only;
}

static int fail_to_read(struct zip_file *file, const char *name, struct table_fault *fault)
{
    int code = zip_error_code_zip(zip_file_get_error(file));
    return code == ZIP_ER_MEMORY ? ERR_NO_SPACE
                                 : table_fail(fault, 0, -1,
                                              "is damaged (%.60s in it cannot be unpacked): fetch "
                                              "or save it again",
                                              name);
}

/* Reads all of a member. Its size is what comes out, not what the archive says. */
static int read_all(struct zip_file *file, const char *name, char **data, size_t *len,
                    struct table_fault *fault)
{
    size_t room = 0, used = 0;
    zip_int64_t got;
    do {
        if (room - used < FIRST_ROOM) {
            size_t wanted = room != 0 ? 2 * room : 2 * FIRST_ROOM;
            char *moved = realloc(*data, wanted + 1);
            if (moved == NULL)
                return ERR_NO_SPACE;
            *data = moved;
            room = wanted;
        }
        got = zip_fread(file, *data + used, room - used);
        used += got > 0 ? (size_t)got : 0;
        if (used > ZIP_MEMBER_MAX)
            return table_fail(fault, 0, -1, "is larger than 256 MiB when unpacked (%.60s in it)", name);
    } while (got > 0);
    (*data)[used] = '\0';
    *len = used;
    return got == 0 ? ERR_OK : fail_to_read(file, name, fault);
}

int zip_member_read(struct zip *archive, const char *name, char **data, size_t *len,
                    struct table_fault *fault)
{
    zip_stat_t stat;
    *data = NULL;
    *len = 0;
    if (zip_stat(archive, name, ZIP_FL_NOCASE, &stat) != 0)
        return ERR_NOT_FOUND;
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) && stat.encryption_method != ZIP_EM_NONE)
        return table_fail(fault, 0, -1, "is protected with a password: save it without one");
    struct zip_file *file = zip_fopen_index(archive, stat.index, 0);
    if (file == NULL)
        return table_fail(fault, 0, -1, "is damaged (%.60s in it cannot be unpacked): fetch or save it again",
                          name);
    int error = read_all(file, name, data, len, fault);
    zip_fclose(file);
    if (error != ERR_OK) {
        free(*data);
        *data = NULL;
    }
    return error;
}

void zip_member_close(struct zip *archive)
{
    zip_discard(archive);
}
