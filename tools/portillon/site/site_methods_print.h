/* SPDX-License-Identifier: Apache-2.0 */
/* Prints how cards must be known: the demands of assurance, the card types and the applications. Blocks
 * only on the file that it prints to. */
#ifndef TOOLS_PORTILLON_SITE_SITE_METHODS_PRINT_H
#define TOOLS_PORTILLON_SITE_SITE_METHODS_PRINT_H

#include <stdio.h>

#include "tools/portillon/common/json_out.h"
#include "tools/portillon/site/site_rules.h"

/* Prints them as lines. rules names card types and applications; NULL: numbers stand for the names. Prints
 * nothing if there are none. */
void site_methods_print(const struct whitelist_tables *tables, const struct site_rules *rules, FILE *out);
/* Writes them as the members assurance, card_types and applications of the current object. */
void site_methods_write_json(const struct site_rules *rules, struct json_out *json);

#endif
