/* SPDX-License-Identifier: Apache-2.0 */
/* Collects the different rules of a list and gives each one a slot. The slot of a rule stays the same when
 * other rules come and go: see list_builder.h. The caller owns the struct. The functions are pure. */
#ifndef TOOLS_PORTILLON_SITE_RULE_TABLE_H
#define TOOLS_PORTILLON_SITE_RULE_TABLE_H

#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

#define RULE_TABLE_MAX       480
#define RULE_TABLE_INDEX_LEN 1024

struct rule_table {
    uint8_t rules[RULE_TABLE_MAX][WHITELIST_RULE_LEN]; /* encoded, in order of first appearance */
    uint32_t card_counts[RULE_TABLE_MAX];
    uint16_t slots[RULE_TABLE_MAX]; /* slot of each rule, after rule_table_place */
    uint16_t count;
    uint16_t slot_count;
    uint16_t index[RULE_TABLE_INDEX_LEN]; /* hash index: number of a rule plus 1; 0 if none */
};

/* Empties the table. */
void rule_table_init(struct rule_table *table);
/* Counts one card with this rule and adds the rule if it is new. Returns the number of the rule (0 and up) or
 * ERR_NO_SPACE. */
int rule_table_add(struct rule_table *table, const struct whitelist_rule *rule) MUST_USE;
/* Gives every rule its slot. It is called when all rules are added. */
void rule_table_place(struct rule_table *table);
/* Writes slot_count rules of WHITELIST_RULE_LEN bytes each. Unused slots are all 0xFF. */
void rule_table_encode(const struct rule_table *table, uint8_t *out);

#endif
