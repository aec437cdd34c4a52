/*
 * A site that is none, and signed lists of it. Its key pair is the published one of RFC 6979, A.2.5, so
 * everybody has it. crypto_init comes first, without a pool: building needs more than a gate's.
 */
#ifndef TESTS_FAKES_SAMPLE_LIST_H
#define TESTS_FAKES_SAMPLE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "firmware/whitelist/whitelist_format.h"

/* Profiles of every sample list. */
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
    uint8_t *image; /* the list file: head, signature, blocks */
    size_t len;
    struct whitelist_header header;
};

/* The identity of a gate of the site. */
struct identity sample_identity(enum zone zone);

/* Builds and signs; what goes wrong ends the test program. sample_list_free gives the memory back. */
struct sample_list sample_list_make(uint32_t version, const struct sample_card *cards, uint32_t card_count);
/* The same with the services, windows and calendar of tables; the sample profiles may use every service. */
struct sample_list sample_list_make_ruled(uint32_t version, const struct sample_card *cards,
                                          uint32_t card_count, const struct whitelist_tables *tables);
/* Signs an image that list_builder made for the site, and owns it from then on. */
struct sample_list sample_list_sign(uint8_t *image, size_t len);
void sample_list_free(struct sample_list *list);

/* The tag of a card at the site. */
struct tag sample_tag(const char *uid_hex);

#endif
