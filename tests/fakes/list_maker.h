/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes invented sites and signed lists for tests, with the right answers. A card is a number, a list has the
 * cards 0 to count-1, and a simple rule defines the rights of card n. The tool's builder lays the lists out,
 * but the answers do not come from it. The caller frees the lists. A failure ends the test program.
 */
#ifndef TESTS_FAKES_LIST_MAKER_H
#define TESTS_FAKES_LIST_MAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "firmware/whitelist/whitelist.h"

struct list_maker {
    struct identity identity;
    uint8_t list_key[CRYPTO_KEY_LEN];
    char private_pem[1024];
};

struct list_made {
    uint32_t version, count;
    uint32_t changed; /* number of the card that is blocked in this list; UINT32_MAX: none */
    uint8_t *image;
    size_t len;
    struct whitelist_header header;
    const uint8_t *blocks; /* in image */
};

/* Calls crypto_init with a fixed seed, and makes the key pair of a site. */
void list_maker_init(struct list_maker *maker);
/* Builds and signs a list. */
void list_maker_make(const struct list_maker *maker, struct list_made *list, uint32_t version, uint32_t count,
                     uint32_t changed);
/* Signs the manifest again, after a test changed it. */
void list_maker_sign(const struct list_maker *maker, struct list_made *list);
/* Frees a list. */
void list_maker_free(struct list_made *list);

/* Returns the pseudonym of card n. */
struct tag list_maker_tag(uint32_t n);
/* Returns true if a lookup of card n gave what the list says: the result and, for a listed card, the
 * answer. */
bool list_maker_is_right(const struct list_made *list, uint32_t n, int result,
                         const struct whitelist_answer *answer);

#endif
