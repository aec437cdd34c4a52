/*
 * Invented sites and signed lists for tests, and what each list should answer: a card is a number, a list is
 * the cards 0 to count-1, and a plain rule says what card n may do. Lists are laid out by the tool's builder;
 * the answers are not. Lists made are the caller's to free.
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
    uint32_t changed; /* the number of the card that is blocked in this list; UINT32_MAX: none */
    uint8_t *image;
    size_t len;
    struct whitelist_header header;
    const uint8_t *blocks; /* in image */
};

/* Calls crypto_init with a fixed seed, and makes the key pair of a site. Aborts on failure, as all here do.
 */
void list_maker_init(struct list_maker *maker);
/* Lays out and signs. */
void list_maker_make(const struct list_maker *maker, struct list_made *list, uint32_t version, uint32_t count,
                     uint32_t changed);
/* Signs the head again, after a test changed it. */
void list_maker_sign(const struct list_maker *maker, struct list_made *list);
void list_maker_free(struct list_made *list);

/* The tag of card n. */
struct tag list_maker_tag(uint32_t n);
/* Whether a lookup of card n answered as the list says: result and, for a card listed, its answer. */
bool list_maker_is_right(const struct list_made *list, uint32_t n, int result,
                         const struct whitelist_answer *answer);

#endif
