/* Rules in full sentences. */
#ifndef TOOLS_PORTILLON_SITE_SITE_RULES_PRINT_H
#define TOOLS_PORTILLON_SITE_SITE_RULES_PRINT_H

#include <stdio.h>

#include "tools/portillon/site/site_rules.h"

/* The rules in full sentences, as read. */
void site_rules_print(const struct site_rules *rules, FILE *out);

/* The same of a list's tables, which know no words. */
void site_rules_print_tables(const struct whitelist_tables *tables, FILE *out);

#endif
