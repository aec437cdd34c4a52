/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a time zone file (TZif, RFC 8536): the rule in its last line, and whether that rule is the one in
 * force in the coming years. A zone like Africa/Casablanca lists each change of its clock up to 2087, and its
 * last line holds only after that. The functions are pure.
 */
#ifndef TOOLS_PORTILLON_SITE_ZONE_FILE_H
#define TOOLS_PORTILLON_SITE_ZONE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define ZONE_FILE_YEARS 10 /* the coming years, in which the rule must hold */

/* Copies the last line of the file. Returns ERR_OK or ERR_FORMAT (not such a file, no rule in it, or a rule
 * longer than size - 1 bytes). */
int zone_file_rule(const uint8_t *data, size_t len, char *rule, size_t size) MUST_USE;

/* Compares the rule with the changes that the file lists, day by day from now_utc_s on. Returns ERR_OK,
 * ERR_FORMAT (damaged, or a rule that a gate cannot compute with), or ERR_VERSION with the first moment at
 * which the two differ in *differs_utc_s. */
int zone_file_compare(const uint8_t *data, size_t len, const char *rule, uint32_t now_utc_s,
                      uint32_t *differs_utc_s) MUST_USE;

#endif
