/* A list file of a site, read and checked whole, for the commands that ask it something. */
#ifndef TOOLS_PORTILLON_LIST_LIST_OPEN_H
#define TOOLS_PORTILLON_LIST_LIST_OPEN_H

#include "tools/portillon/list/list_file.h"

struct list_open {
    uint8_t *data;
    struct list_file list;
    struct whitelist_tables tables;
};

/* Reads path and checks everything but bucket checks; key may be NULL: the signature is not checked. Says on
 * stderr what is wrong. @retval ERR_OK, ERR_IO, ERR_FORMAT and what list_file_* return. */
int list_open(struct list_open *open, const char *command, const char *path, const uint8_t *key) MUST_USE;
void list_open_free(struct list_open *open);

#endif
