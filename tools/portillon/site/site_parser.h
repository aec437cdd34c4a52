/* SPDX-License-Identifier: Apache-2.0 */
/* What the parsers of site.conf share: where they are in the file, and how they complain. Private to
 * site_rules.c and site_methods.c. */
#ifndef TOOLS_PORTILLON_SITE_SITE_PARSER_H
#define TOOLS_PORTILLON_SITE_SITE_PARSER_H

#include "tools/portillon/common/import_report.h"
#include "tools/portillon/site/site_rules_struct.h"

#define SITE_PARSER_SHOWN_MAX 60

enum section {
    SECTION_TOP,
    SECTION_SERVICES,
    SECTION_PROFILE,
    SECTION_CALENDAR,
    SECTION_CARD_TYPE,
    SECTION_APPLICATION,
    SECTION_UNKNOWN
};

struct site_parser {
    struct site_rules *rules;
    struct import_report *report;
    const char *path;
    uint32_t line;
    enum section section;
    bool format_seen, section_seen[SECTION_UNKNOWN];
    /* kept for each profile until the end of the file, when all services are known */
    char service_names[WHITELIST_PROFILES_MAX][256];
    uint32_t service_lines[WHITELIST_PROFILES_MAX];
    uint32_t profile_lines[WHITELIST_PROFILES_MAX];
    uint8_t zones_said[WHITELIST_PROFILES_MAX];
    char card_type_names[WHITELIST_PROFILES_MAX][SITE_RULES_WORD_SIZE];
    uint32_t card_type_lines[WHITELIST_PROFILES_MAX];
    uint32_t assurance_lines[WHITELIST_ASSURANCE_MAX];
    uint8_t said; /* lines of the current [card-type] or [application], one bit each */
    uint32_t section_line;
};

#define SITE_COMPLAIN(parser, ...)                                                                           \
    import_report_error((parser)->report, (parser)->path, (parser)->line, __VA_ARGS__)

/* Reports an unknown word, with the nearest known word or the whole choice. what says that it is none:
 * "'%s' is no zone". */
void site_parser_complain_unknown(struct site_parser *parser, const char *what, const char *word,
                                  const char *const *known, const char *all);
/* Cuts spaces off both ends of a text, in place. */
char *site_parser_trim(char *text);
/* Returns true if two words are the same but for case and accents. */
bool site_parser_same_word(const char *a, const char *b);
/* Reads a date from the start of text. Returns the text after it, or NULL (the error is reported). */
char *site_parser_take_date(struct site_parser *parser, char *text, int32_t *day);

#endif
