/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/site_option.h"

#include <limits.h>
#include <stdio.h>

#include "tools/portillon/common/command.h"
#include "tools/portillon/site/site.h"

int site_option_read(const char *command, const char *folder, uint8_t site_id[IDENTITY_SITE_ID_LEN],
                     const uint8_t **given)
{
    char path[PATH_MAX];
    uint8_t key[CRYPTO_PUBLIC_KEY_LEN];
    *given = NULL;
    if (folder == NULL)
        return ERR_OK;
    snprintf(path, sizeof path, "%s/" SITE_PUBLIC_KEY_FILE, folder);
    int error = site_crypto_init();
    if (error == ERR_OK)
        error = site_read_public_key(path, key);
    if (error != ERR_OK) {
        command_fail("%s: %s: no public key of a site can be read there", command, path);
        return error;
    }
    identity_site_id(key, site_id);
    *given = site_id;
    return ERR_OK;
}
