/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/zone_name.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/common/file_io.h"

#define FOLDER   "/usr/share/zoneinfo"
#define FILE_MAX ((size_t)1 << 16)

/* Reads the last line of a time zone file, which is its rule for future years (RFC 8536, 3.3). */
static int read_footer(const char *path, char *rule, size_t size)
{
    uint8_t *data;
    size_t len;
    int error = file_read(path, FILE_MAX, &data, &len);
    if (error != ERR_OK)
        return error;
    error = ERR_FORMAT;
    if (len > 6 && memcmp(data, "TZif", 4) == 0 && data[4] >= '2' && data[len - 1] == '\n') {
        size_t start = len - 1;
        while (start > 0 && data[start - 1] != '\n')
            start--;
        if (len - 1 - start > 0 && len - 1 - start < size) {
            memcpy(rule, data + start, len - 1 - start);
            rule[len - 1 - start] = '\0';
            error = ERR_OK;
        }
    }
    free(data);
    return error;
}

int zone_name_rule(const char *name, char *rule, size_t size, char why[ZONE_NAME_WHY_MAX])
{
    char path[PATH_MAX];
    int error = ERR_FORMAT;
    if (strcmp(name, "Europe/Paris") == 0) {
        snprintf(rule, size, "%s", "CET-1CEST,M3.5.0,M10.5.0/3");
        return ERR_OK;
    }
    bool is_rule = strchr(name, ',') != NULL ||
                   /* Etc/GMT+3 is not a rule */
                   (strpbrk(name, "0123456789") != NULL && strchr(name, '/') == NULL);
    if (is_rule && strlen(name) < size) {
        snprintf(rule, size, "%s", name);
        return ERR_OK;
    }
    if (name[0] != '/' && name[0] != '.' && strstr(name, "..") == NULL && strlen(name) < size) {
        snprintf(path, sizeof path, FOLDER "/%s", name);
        error = read_footer(path, rule, size);
    }
    if (error == ERR_OK)
        return ERR_OK;
    snprintf(why, ZONE_NAME_WHY_MAX,
             "'%.40s' is no time zone known here: write Europe/Paris, another of " FOLDER
             ", or a rule like CET-1CEST,M3.5.0,M10.5.0/3",
             name);
    return ERR_FORMAT;
}
