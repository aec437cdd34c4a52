/* SPDX-License-Identifier: Apache-2.0 */
/* Provides the rules of a school that has not written its own. The caller owns all memory. Nothing blocks. */
#ifndef TOOLS_PORTILLON_SITE_SITE_RULES_DEFAULT_H
#define TOOLS_PORTILLON_SITE_SITE_RULES_DEFAULT_H

#include "tools/portillon/site/site_rules.h"

#define SITE_CONF_SIZE 8192 /* size of the file that site init writes, at most */

/* Writes the commented site.conf of a lycée for a school with this name. */
void site_rules_write_default(const char *name, char out[SITE_CONF_SIZE]);

/* Fills rules with the content of that file. */
void site_rules_default(struct site_rules *rules);

/* Gives rules without profiles those of a lycée, and changes no other rules. It is called after a parse
 * without errors. */
void site_rules_take_default_profiles(struct site_rules *rules);

#endif
