/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/zone_name.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/civil_date.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/site/zone_file.h"

#define FOLDER          "/usr/share/zoneinfo"
#define FILE_MAX        ((size_t)1 << 16)
#define EPOCH_2000_DAYS 10957 /* days from 1970 to 2000, when the days of civil_date begin */

/* Reads the rule of a time zone file. With ERR_VERSION it is not the one in force from *differs_utc_s on. */
static int read_zone(const char *path, char *rule, size_t size, uint32_t *differs_utc_s)
{
    uint8_t *data;
    size_t len;
    int error = file_read(path, FILE_MAX, &data, &len);
    if (error != ERR_OK)
        return error;
    error = zone_file_rule(data, len, rule, size);
    if (error == ERR_OK &&
        zone_file_compare(data, len, rule, (uint32_t)time(NULL), differs_utc_s) == ERR_VERSION)
        error = ERR_VERSION;
    free(data);
    return error;
}

static void explain_difference(const char *name, const char *rule, uint32_t utc_s,
                               char why[ZONE_NAME_WHY_MAX])
{
    char date[CIVIL_DATE_TEXT_SIZE];
    civil_date_text((int32_t)(utc_s / 86400) - EPOCH_2000_DAYS, date);
    snprintf(
        why, ZONE_NAME_WHY_MAX,
        _("the clock of '%.40s' follows no yearly rule: a gate can only compute with one, and %.40s is wrong "
          "from %s on: write the rule that fits best, like %.40s, and correct it when it changes"),
        name, rule, date, rule);
}

int zone_name_rule(const char *name, char *rule, size_t size, char why[ZONE_NAME_WHY_MAX])
{
    char path[PATH_MAX];
    uint32_t differs_utc_s = 0;
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
        error = read_zone(path, rule, size, &differs_utc_s);
    }
    if (error == ERR_OK)
        return ERR_OK;
    if (error == ERR_VERSION) {
        explain_difference(name, rule, differs_utc_s, why);
        return ERR_FORMAT;
    }
    snprintf(why, ZONE_NAME_WHY_MAX,
             _("'%.40s' is no time zone known here: write Europe/Paris, another of %s, or a rule like "
               "CET-1CEST,M3.5.0,M10.5.0/3"),
             name, FOLDER);
    return ERR_FORMAT;
}
