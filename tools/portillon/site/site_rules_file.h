/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a site.conf from disk. The caller owns the struct. Blocks on the file system. */
#ifndef TOOLS_PORTILLON_SITE_SITE_RULES_FILE_H
#define TOOLS_PORTILLON_SITE_SITE_RULES_FILE_H

#include "tools/portillon/site/site_rules.h"

#define SITE_RULES_FILE_MAX 65536

/* Reads a file, or the site.conf of a folder, and prints its errors on stderr. command is the name used in
 * messages. Returns ERR_OK, ERR_IO, ERR_UNSUPPORTED or ERR_FORMAT. */
int site_rules_read(struct site_rules *rules, const char *command, const char *path) MUST_USE;

#endif
