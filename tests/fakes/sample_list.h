/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provides an invented site and signed lists for it. Its key pair is the published one of RFC 6979, A.2.5, so
 * it is not secret. The caller first calls crypto_init without a pool, because building a list needs more
 * memory than a gate has. A failure ends the test program.
 */
#ifndef TESTS_FAKES_SAMPLE_LIST_H
#define TESTS_FAKES_SAMPLE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "firmware/whitelist/whitelist_format.h"

/* The profiles of every sample list. */
enum sample_profile {
    SAMPLE_EXTERNE = 0,      /* building */
    SAMPLE_DEMI_PENSION = 1, /* building and canteen */
    SAMPLE_GUEST = 2,        /* canteen */
};

struct sample_card {
    const char *uid_hex;
    enum sample_profile profile;
    uint16_t first_day, last_day; /* last_day 0: no such bound */
    uint8_t flags;                /* enum whitelist_rule_flag */
    uint8_t weekdays;             /* of meals; 0: every day */
    uint8_t passages;             /* 0: one */
};

struct sample_list {
    uint8_t *image; /* the list file: manifest, signature, blocks */
    size_t len;
    struct whitelist_header header;
};

/* Returns the identity of a gate of the site. */
struct identity sample_identity(enum zone zone);

/* Builds and signs a list. sample_list_free frees its memory. */
struct sample_list sample_list_make(uint32_t version, const struct sample_card *cards, uint32_t card_count);
/* Does the same with the services, windows and calendar of tables. The sample profiles may use every
 * service. */
struct sample_list sample_list_make_ruled(uint32_t version, const struct sample_card *cards,
                                          uint32_t card_count, const struct whitelist_tables *tables);
/* Signs an image that list_builder made for the site, and takes ownership of it. */
struct sample_list sample_list_sign(uint8_t *image, size_t len);
/* Frees a list. */
void sample_list_free(struct sample_list *list);

/* Returns the pseudonym of a card at the site. */
struct tag sample_tag(const char *uid_hex);

#endif
