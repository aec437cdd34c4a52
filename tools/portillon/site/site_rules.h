/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the rules of a school from the text of site.conf: time zone, services, profiles, calendar.
 * tools/portillon/README.md describes the syntax. The functions are pure, except that they read the time zone
 * files of the system. The caller owns the struct and the report.
 *
 * A rule that the file does not contain is no restriction. When a school only names its profiles, its gates
 * check only zone, dates and blocks. A file without any profile leaves profile_count 0: see
 * site_rules_default.h.
 */
#ifndef TOOLS_PORTILLON_SITE_SITE_RULES_H
#define TOOLS_PORTILLON_SITE_SITE_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/portillon/common/import_report.h"
#include "tools/portillon/site/site_rules_struct.h"

/* Parses the text of a site.conf. path is used only in messages. Each error goes into the report with its
 * line. The rules can be used only when the result is ERR_OK. Returns ERR_OK, ERR_UNSUPPORTED (the text does
 * not say "format = 1"; the report has that too) or ERR_FORMAT. */
int site_rules_parse(struct site_rules *rules, const char *path, const char *text, size_t len,
                     struct import_report *report) MUST_USE;

/* Finds what a cell of a school's file means: the profile, and either the days of meals that belong to the
 * word (*weekdays) or only their number, as in "DP 4 jours" or "DP4" (*day_count is 4). Both are 0 when
 * the word names no days. A number behind a long label counts no days. Returns the index of the profile or
 * ERR_NOT_FOUND. */
int site_rules_find(const struct site_rules *rules, const char *folded, uint8_t *weekdays,
                    int *day_count) MUST_USE;

/* Returns true if the word without the digits at its end is known: "demipensionnairedansletablissement5". */
bool site_rules_is_numbered(const struct site_rules *rules, const char *folded);

/* Finds the profile with this name in site.conf; case and accents do not matter. Returns its index or
 * ERR_NOT_FOUND. */
int site_rules_profile(const struct site_rules *rules, const char *name) MUST_USE;

/* Writes the names of the profiles: "externe, demi-pension, …". */
void site_rules_list_profiles(const struct site_rules *rules, char *out, size_t size);

#endif
