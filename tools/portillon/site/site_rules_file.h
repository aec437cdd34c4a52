/* A site.conf read from disk, what is wrong with it said on stderr. */
#ifndef TOOLS_PORTILLON_SITE_SITE_RULES_FILE_H
#define TOOLS_PORTILLON_SITE_SITE_RULES_FILE_H

#include "tools/portillon/site/site_rules.h"

/* Reads a file, or the site.conf of a folder, and says on stderr what is wrong with it.
 * @retval ERR_OK, ERR_IO, ERR_UNSUPPORTED, ERR_FORMAT. */
int site_rules_read(struct site_rules *rules, const char *command, const char *path) MUST_USE;

#endif
