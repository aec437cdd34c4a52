/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/store/people_digest.h"

#define FNV_OFFSET UINT64_C(0xCBF29CE484222325)
#define FNV_PRIME  UINT64_C(0x100000001B3)
#define OTHER      UINT64_C(0x5DEECE66D1CE4E5B) /* so that the two digests differ */

/* FNV-1a over a text and its NUL. */
static uint64_t add_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * FNV_PRIME;
    return hash * FNV_PRIME;
}

static uint64_t add_rule(uint64_t hash, const struct whitelist_rule *rule)
{
    hash = (hash ^ ((uint64_t)rule->weekdays << 8 | rule->passages)) * FNV_PRIME;
    return (hash ^ ((uint64_t)rule->first_day << 16 | rule->last_day)) * FNV_PRIME;
}

struct people_digest people_digest_of(const struct people_row *row)
{
    const char *const texts[] = {row->key,        row->fold,       row->surname,
                                 row->first_name, row->class_name, row->profile};
    struct people_digest digest = {add_text(FNV_OFFSET, row->key), OTHER};
    for (unsigned i = 0; i < sizeof texts / sizeof texts[0]; i++)
        digest.content = add_text(digest.content, texts[i]);
    digest.content = add_rule(digest.content, &row->rule);
    return digest;
}
