/*
 * A school's CSV in, cards for the list builder out. Whatever is wrong is reported with file, line and
 * column, as much of it as there is, and then the cards are not to be used. Nothing of a person is kept (who
 * a row is about goes to on_person alone), and nothing of secret codes or accounts is looked at.
 *
 * The caller owns the struct, the options and the bytes; csv_import_free ends it. crypto_init comes first.
 */
#ifndef TOOLS_PORTILLON_CSV_CSV_IMPORT_H
#define TOOLS_PORTILLON_CSV_CSV_IMPORT_H

#include "tools/portillon/csv/csv_import_state.h"

void csv_import_init(struct csv_import *import, const struct csv_import_options *options,
                     const uint8_t tag_key[IDENTITY_TAG_KEY_LEN]);

/* Reads one file, all of it in memory; name is for messages and must outlive the import.
 * @retval ERR_OK (errors of the content are in the report), ERR_NO_SPACE (no memory, or too many files),
 * ERR_CRYPTO, ERR_UNSUPPORTED (iconv does not know Windows-1252). */
int csv_import_file(struct csv_import *import, const char *name, const char *data, size_t len) MUST_USE;

/* Looks at what only all files together show. After it, the cards are good when report.error_count is 0. */
void csv_import_finish(struct csv_import *import);

void csv_import_free(struct csv_import *import);

#endif
