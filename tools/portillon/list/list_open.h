/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and checks a whole list file of a site, for the commands that need its content. The struct owns the
 * bytes of the file until list_open_free. Blocks on the file system. */
#ifndef TOOLS_PORTILLON_LIST_LIST_OPEN_H
#define TOOLS_PORTILLON_LIST_LIST_OPEN_H

#include "tools/portillon/list/list_file.h"

struct list_open {
    uint8_t *data;
    struct list_file list;
    struct whitelist_tables tables;
};

/* Reads path and checks everything except the keyed checks of the buckets. key is the site's public key, or
 * NULL to skip the check of the signature. Prints each error on stderr; command is the name used in messages.
 * Returns ERR_OK, ERR_IO, ERR_NO_SPACE (the file is larger than any list), ERR_SITE (the list of another
 * site) or an error of the list_file_* functions. */
int list_open(struct list_open *open, const char *command, const char *path, const uint8_t *key) MUST_USE;
/* Does the same with the len bytes at open->data, and prints nothing. After an error *why tells it in words,
 * and the bytes are still the caller's to free. */
int list_open_bytes(struct list_open *open, size_t len, const uint8_t *key, const char **why) MUST_USE;
/* Frees the bytes of the file. */
void list_open_free(struct list_open *open);

#endif
