/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the members of a zip archive that is wholly in memory, with libzip. A member is limited in size,
 * whatever the archive says of it, so that a small archive cannot fill the memory. The caller owns the bytes,
 * which must outlive the archive. Nothing blocks.
 */
#ifndef TOOLS_PORTILLON_TABLE_ZIP_MEMBER_H
#define TOOLS_PORTILLON_TABLE_ZIP_MEMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "hal/error.h"
#include "tools/portillon/table/table.h"

#define ZIP_MEMBER_MAX ((size_t)256 << 20)

struct zip;

/* Returns true for bytes that begin as a zip archive. */
bool zip_is_archive(const char *data, size_t len);

/* Opens an archive. Returns ERR_OK (call zip_member_close afterwards), ERR_FORMAT or ERR_NO_SPACE. */
int zip_member_open(struct zip **archive, const char *data, size_t len, struct table_fault *fault) MUST_USE;

/* Returns true if the archive has a member with this name. */
bool zip_member_exists(struct zip *archive, const char *name);

/* Returns the name of the only member that is a file, or NULL when there are none or several. */
const char *zip_member_only(struct zip *archive);

/* Reads a member into memory that the caller frees; one zero byte follows. Case does not matter in names.
 * Returns ERR_OK, ERR_NOT_FOUND, ERR_FORMAT (fault: damaged, too large, or with a password) or
 * ERR_NO_SPACE. */
int zip_member_read(struct zip *archive, const char *name, char **data, size_t *len,
                    struct table_fault *fault) MUST_USE;

void zip_member_close(struct zip *archive);

#endif
