/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/site_rules_file.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules_default.h"

int site_rules_read(struct site_rules *rules, const char *command, const char *path)
{
    char in_folder[PATH_MAX];
    struct stat info;
    uint8_t *text;
    size_t len;
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        snprintf(in_folder, sizeof in_folder, "%s/" SITE_CONF_FILE, path);
        path = in_folder;
    }
    int error = file_read(path, SITE_RULES_FILE_MAX, &text, &len);
    if (error != ERR_OK) {
        command_fail("%s: %s: %s", command, path,
                     error == ERR_IO ? translate_errno(errno) : _("is too long"));
        return ERR_IO;
    }
    struct import_report *report = calloc(1, sizeof *report);
    error = report != NULL ? site_rules_parse(rules, path, (char *)text, len, report) : ERR_IO;
    free(text);
    if (error == ERR_OK)
        site_rules_take_default_profiles(rules);
    uint64_t error_count = report != NULL ? report->error_count : 0;
    if (report != NULL)
        import_report_print(report);
    if (error != ERR_OK)
        command_fail(translate_count(error_count, "%s: %s: %" PRIu64 " error in the rules",
                                     "%s: %s: %" PRIu64 " errors in the rules"),
                     command, path, error_count);
    free(report);
    return error;
}
