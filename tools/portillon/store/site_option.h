/* SPDX-License-Identifier: Apache-2.0 */
/* Finds which site of a store a command means, from the site folder that was given. Blocks on the file
 * system. */
#ifndef TOOLS_PORTILLON_STORE_SITE_OPTION_H
#define TOOLS_PORTILLON_STORE_SITE_OPTION_H

#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "hal/error.h"

/* Reads the id of the site in a folder from its public key. *given is then site_id, or NULL (the only site of
 * the store) if folder is NULL. Prints each error. Returns ERR_OK, ERR_IO, ERR_NO_SPACE, ERR_FORMAT or
 * ERR_CRYPTO. */
int site_option_read(const char *command, const char *folder, uint8_t site_id[IDENTITY_SITE_ID_LEN],
                     const uint8_t **given) MUST_USE;

#endif
