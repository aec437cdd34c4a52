/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/list_open.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/command.h"
#include "tools/portillon/common/file_io.h"

int list_open_bytes(struct list_open *open, size_t len, const uint8_t *key, const char **why)
{
    static struct list_file_figures figures;
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    uint32_t where;
    int error = list_file_open(&open->list, open->data, len, why);
    if (error == ERR_OK && key != NULL) {
        identity_site_id(key, site_id);
        *why = _("it is the list of another site");
        if (memcmp(site_id, open->list.header.site_id, sizeof site_id) != 0)
            return ERR_SITE;
        *why = _("its signature is not the site's");
        error = list_file_check_signature(&open->list, key);
    }
    if (error == ERR_OK) {
        *why = _("a block is not the one that was signed");
        error = list_file_check_blocks(&open->list, &where);
    }
    if (error == ERR_OK)
        error = list_file_check_content(&open->list, &figures, &where, why);
    if (error == ERR_OK) {
        *why = _("its tables cannot be read");
        error = list_file_tables(&open->list, &open->tables);
    }
    return error;
}

int list_open(struct list_open *open, const char *command, const char *path, const uint8_t *key)
{
    const char *why = "";
    size_t len;
    memset(open, 0, sizeof *open);
    int error = file_read(path, LIST_FILE_MAX, &open->data, &len);
    if (error != ERR_OK) {
        command_fail(error == ERR_IO && errno == ENOENT
                         ? N_("%s: %s: %s (portillon whitelist build makes a list)")
                         : "%s: %s: %s",
                     command, path, error == ERR_IO ? translate_errno(errno) : _("is larger than any list"));
        return error;
    }
    error = list_open_bytes(open, len, key, &why);
    if (error != ERR_OK) {
        command_fail("%s: %s: refused (%s): %s", command, path, error_name(error), why);
        list_open_free(open);
    }
    return error;
}

void list_open_free(struct list_open *open)
{
    free(open->data);
    open->data = NULL;
}
