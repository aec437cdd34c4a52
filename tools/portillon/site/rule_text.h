/* SPDX-License-Identifier: Apache-2.0 */
/* Describes in words what a list says about a card. The functions are pure, but for the language of the
 * user. */
#ifndef TOOLS_PORTILLON_SITE_RULE_TEXT_H
#define TOOLS_PORTILLON_SITE_RULE_TEXT_H

#include <stddef.h>

#include "firmware/whitelist/whitelist_format.h"

#define RULE_TEXT_SIZE 320

/* Writes the dates of a rule: "from 2026-09-01 until 2027-07-02", "any day". */
void rule_text_dates(const struct whitelist_rule *rule, char *out, size_t size);

/* Writes how the card must be known, after what else is said of it: ", card type 1", and of a DESFire
 * identifier beside a UID ", DESFire identifier beside a UID"; otherwise "". */
void rule_text_method(const struct whitelist_rule *rule, char *out, size_t size);

/* Writes the whole rule: "demi-pension, meals mon tue thu fri, 2 passages, until 2027-07-02, temporary,
 * BLOCKED". */
void rule_text(const struct whitelist_rule *rule, const struct whitelist_profile *profile,
               char out[RULE_TEXT_SIZE]);

#endif
