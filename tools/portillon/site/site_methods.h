/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the lines of site.conf that say how a card must be known: `assurance` and `card_type` of a profile,
 * the sections [card-type NAME] and [application NAME]. Private to site_rules.c. tools/portillon/README.md
 * describes the syntax; the tables are those of firmware/whitelist/whitelist_tables.h. Each error goes into
 * the report with its line.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_METHODS_H
#define TOOLS_PORTILLON_SITE_SITE_METHODS_H

#include "tools/portillon/site/site_parser.h"

/* Finds the card type with this name; case and accents do not matter. Returns its number, from 1, or
 * ERR_NOT_FOUND. */
int site_methods_find_card_type(const struct site_rules *rules, const char *name) MUST_USE;

/* Reads the value of a line `assurance`. profile: its number, or WHITELIST_EVERY_PROFILE. value is
 * changed. */
void site_methods_take_assurance(struct site_parser *parser, uint8_t profile, char *value);
/* Notes the value of a line `card_type` of a profile, whose section may still follow. */
void site_methods_take_card_type(struct site_parser *parser, uint8_t profile, const char *value);
/* Begin a section. parser->section is SECTION_UNKNOWN after an error. */
void site_methods_start_card_type(struct site_parser *parser, const char *name);
void site_methods_start_application(struct site_parser *parser, const char *name);
/* Read one line of the current section. value is changed. */
void site_methods_take_card_type_line(struct site_parser *parser, const char *key, char *value);
void site_methods_take_application_line(struct site_parser *parser, const char *key, char *value);
/* Checks that the section which ends here is complete. Call it at each start of a section and at the end. */
void site_methods_end_section(struct site_parser *parser);
/* Finds what the profiles name, and puts the demands of a profile before those of every profile. Call it
 * at the end of the file. */
void site_methods_settle(struct site_parser *parser);

#endif
