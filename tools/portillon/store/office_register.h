/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The register of a site: the store that its lists are built from. The file `register` of the site folder
 * names it, from the first build with --store or the first card that the office lent or blocked. Lost cards
 * are blocked and lent cards listed only in a list that was built from it. The functions block on the disk.
 * They print each error.
 */
#ifndef TOOLS_PORTILLON_STORE_OFFICE_REGISTER_H
#define TOOLS_PORTILLON_STORE_OFFICE_REGISTER_H

#include "tools/portillon/site/site.h"
#include "tools/portillon/store/people_store.h"

#define OFFICE_REGISTER_FILE "register"

/* Reads the path of the register into path. Returns ERR_OK, ERR_NOT_FOUND (the site has none), or ERR_IO or
 * ERR_FORMAT after printing the error. */
int office_register_read(const char *folder, const char *command, char path[PATH_MAX]) MUST_USE;

/* Checks that a list is built from the site's register. store is its path as given; NULL: none. Otherwise
 * it prints what would change. Returns ERR_OK (also if the site has no register yet, or one that blocks
 * and lends no card), ERR_IO, ERR_FORMAT or ERR_ARGUMENT (another store, or none). */
int office_register_check(const struct site *site, const char *command, const char *store,
                          uint16_t today) MUST_USE;

/* Notes the store, which must be there, as the register of the site. Returns ERR_OK or ERR_IO. */
int office_register_note(const struct site *site, const char *command, const char *store) MUST_USE;

/* Counts what the register in a site folder has since a time. Returns ERR_OK, ERR_NOT_FOUND (the site has no
 * register), or another error after printing it. */
int office_register_count(const char *folder, const char *command, uint16_t today, int64_t since_utc_s,
                          struct people_counts *counts) MUST_USE;

#endif
