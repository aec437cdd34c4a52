/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/site/rule_table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/base/crc32.h"

#define SLOTS_MIN 16

void rule_table_init(struct rule_table *table)
{
    memset(table, 0, sizeof *table);
}

int rule_table_add(struct rule_table *table, const struct whitelist_rule *rule)
{
    uint8_t encoded[WHITELIST_RULE_LEN];
    whitelist_rule_encode(rule, encoded);
    uint32_t at = crc32_compute(encoded, sizeof encoded) % RULE_TABLE_INDEX_LEN;
    while (table->index[at] != 0) {
        int number = table->index[at] - 1;
        if (memcmp(table->rules[number], encoded, sizeof encoded) == 0) {
            table->card_counts[number]++;
            return number;
        }
        at = (at + 1) % RULE_TABLE_INDEX_LEN;
    }
    if (table->count == RULE_TABLE_MAX)
        return ERR_NO_SPACE;
    memcpy(table->rules[table->count], encoded, sizeof encoded);
    table->card_counts[table->count] = 1;
    table->index[at] = ++table->count;
    return table->count - 1;
}

struct ranked {
    int magnitude; /* bit length of the card count, which one card more seldom changes */
    uint16_t number;
    const uint8_t *rule;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    if (left->magnitude != right->magnitude)
        return left->magnitude > right->magnitude ? -1 : 1;
    return memcmp(left->rule, right->rule, WHITELIST_RULE_LEN);
}

void rule_table_place(struct rule_table *table)
{
    struct ranked ranked[RULE_TABLE_MAX];
    bool taken[WHITELIST_RULES_MAX] = {false};

    table->slot_count = SLOTS_MIN;
    while (table->slot_count < 2 * table->count && table->slot_count < WHITELIST_RULES_MAX)
        table->slot_count *= 2;
    for (uint16_t i = 0; i < table->count; i++) {
        ranked[i] = (struct ranked){0, i, table->rules[i]};
        for (uint32_t cards = table->card_counts[i]; cards != 0; cards /= 2)
            ranked[i].magnitude++;
    }
    qsort(ranked, table->count, sizeof ranked[0], by_rank);
    for (uint16_t i = 0; i < table->count; i++) {
        uint32_t slot = crc32_compute(ranked[i].rule, WHITELIST_RULE_LEN) % table->slot_count;
        while (taken[slot])
            slot = (slot + 1) % table->slot_count;
        taken[slot] = true;
        table->slots[ranked[i].number] = (uint16_t)slot;
    }
}

void rule_table_encode(const struct rule_table *table, uint8_t *out)
{
    assert(table->slot_count >= table->count);
    memset(out, 0xFF, (size_t)table->slot_count * WHITELIST_RULE_LEN);
    for (uint16_t i = 0; i < table->count; i++)
        memcpy(out + (size_t)table->slots[i] * WHITELIST_RULE_LEN, table->rules[i], WHITELIST_RULE_LEN);
}
