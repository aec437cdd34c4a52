/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns the CSV files of a school into cards for the list builder. All errors are reported with file, line
 * and column. If there is any error, the cards must not be used. Nothing about a person is kept (only
 * on_person receives the person of a row), and secret codes and accounts are not read.
 *
 * The caller owns the struct, the options and the bytes, and calls crypto_init first. csv_import_free frees
 * the memory of the import. Nothing blocks except the callbacks.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_IMPORT_H
#define TOOLS_PORTILLON_CSV_CSV_IMPORT_H

#include "tools/portillon/csv/csv_import_state.h"

/* Prepares an import. options must outlive it. tag_key is the site's key for pseudonyms. */
void csv_import_init(struct csv_import *import, const struct csv_import_options *options,
                     const uint8_t tag_key[IDENTITY_TAG_KEY_LEN]);

/* Returns true for a register of pupils without cards (SIECLE). Registers are read before other files. */
bool csv_import_is_register(const char *data, size_t len);

/* Reads one file, which is wholly in memory. name is used in messages and must outlive the import. Returns
 * ERR_OK (errors of the content are in the report), ERR_NO_SPACE (no memory, or too many files), ERR_CRYPTO,
 * ERR_UNSUPPORTED (iconv does not support Windows-1252), or the value with which on_person ended the
 * import. */
int csv_import_file(struct csv_import *import, const char *name, const char *data, size_t len) MUST_USE;

/* Adds a card that is in no file, by its pseudonym; the caller checks that no file has it. uid_tag: the
 * pseudonym of its UID, if tag is that of its DESFire identifier and both are listed; otherwise NULL. Returns
 * ERR_OK, ERR_ARGUMENT (it was added before) or ERR_NO_SPACE. */
int csv_import_add_known(struct csv_import *import, const struct tag *tag, const struct tag *uid_tag,
                         const struct whitelist_rule *rule) MUST_USE;

/* Makes the checks that need all files. After it, the cards can be used if report.error_count is 0. */
void csv_import_finish(struct csv_import *import);

/* Frees the memory of the import and wipes the key. */
void csv_import_free(struct csv_import *import);

#endif
