/* The rules of a school that has not written its own. */
#ifndef TOOLS_PORTILLON_SITE_SITE_RULES_DEFAULT_H
#define TOOLS_PORTILLON_SITE_SITE_RULES_DEFAULT_H

#include "tools/portillon/site/site_rules.h"

#define SITE_CONF_SIZE 8192 /* of the file that site init writes */

/* Writes the commented site.conf of a lycée, for a school of this name. */
void site_rules_write_default(const char *name, char out[SITE_CONF_SIZE]);

/* The rules of that file. */
void site_rules_default(struct site_rules *rules);

/* Gives rules that name no profile those of a lycée; others stay as they are. After a parse without errors. */
void site_rules_take_default_profiles(struct site_rules *rules);

#endif
