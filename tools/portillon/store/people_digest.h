/* SPDX-License-Identifier: Apache-2.0 */
/* Makes short numbers of a person's row in the store, by which an import recognises a person and sees whether
 * anything about them is new. Nothing blocks. */
#ifndef TOOLS_PORTILLON_STORE_PEOPLE_DIGEST_H
#define TOOLS_PORTILLON_STORE_PEOPLE_DIGEST_H

#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

/* What the store has of a person, but for the times. */
struct people_row {
    const char *key, *fold, *surname, *first_name, *class_name, *profile;
    struct whitelist_rule rule; /* weekdays, passages and days */
};

struct people_digest {
    uint64_t key;     /* of the key alone */
    uint64_t content; /* of all */
};

/* Two rows with the same key have the same digest.key; two rows that are alike have the same digests. */
struct people_digest people_digest_of(const struct people_row *row);

#endif
