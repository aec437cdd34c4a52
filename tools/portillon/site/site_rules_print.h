/* SPDX-License-Identifier: Apache-2.0 */
/* Prints rules for the user. Blocks only on the file that it prints to. */
#ifndef TOOLS_PORTILLON_SITE_SITE_RULES_PRINT_H
#define TOOLS_PORTILLON_SITE_SITE_RULES_PRINT_H

#include <stdio.h>

#include "tools/portillon/site/site_rules.h"

/* Prints rules as they were read from site.conf. */
void site_rules_print(const struct site_rules *rules, FILE *out);

/* Prints the same as JSON. Hours are texts, as above. */
void site_rules_print_json(const struct site_rules *rules, FILE *out);

/* Prints the tables of a list, which contain no words for the profiles. */
void site_rules_print_tables(const struct whitelist_tables *tables, FILE *out);

#endif
