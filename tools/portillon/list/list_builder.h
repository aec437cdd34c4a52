/*
 * Cards and their rules in, the image of a list out (firmware/whitelist/whitelist_format.h): head, room for the
 * signature, blocks. Pure: the same cards give the same bytes, in whatever order they come, and a list that
 * differs in one card differs in few blocks:
 *
 * - buckets: 3.6 cards each on average, and the block count in steps of about a sixteenth, so that one card
 *   more seldom changes the geometry. A card whose two buckets are full moves others, a few steps far; only
 *   when that fails the list grows by a step.
 * - rules: a rule's slot is a hash of its content, in a table at least twice as large as needed. Of two rules
 *   that want one slot, the one with (by a power of two) more cards gets it, so a new exception moves no
 *   common rule.
 */
#ifndef TOOLS_PORTILLON_LIST_LIST_BUILDER_H
#define TOOLS_PORTILLON_LIST_LIST_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

#define LIST_BUILDER_RULES_MAX 480 /* different rules in a list */

struct list_builder_card {
    struct tag tag;
    struct whitelist_rule rule;
};

struct list_builder_input {
    const struct list_builder_card *cards; /* in any order, no tag twice */
    uint32_t card_count;
    const struct whitelist_profile *profiles;
    uint16_t profile_count;
    const struct whitelist_service *services; /* none: meals at all hours, not counted */
    uint8_t service_count;
    const struct whitelist_window *windows; /* in the order that is to be stored */
    uint8_t window_count;
    const struct whitelist_calendar_entry *calendar;
    uint8_t calendar_count;
    const char *time_zone; /* a rule of POSIX (firmware/base/time_zone.h); NULL: that of Europe/Paris */
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    uint8_t list_key[CRYPTO_KEY_LEN]; /* whitelist_list_key of the site */
    uint32_t version;
    uint32_t created_utc_s;
};

/* Takes profiles, services, windows and calendar from tables, which must outlive the input. */
void list_builder_take_tables(struct list_builder_input *input, const struct whitelist_tables *tables);

/* Builds into memory that the caller frees; the signature is zeros.
 * @retval ERR_OK, ERR_ARGUMENT (no profiles, or more of anything than a list's tables hold; a time zone that
 * cannot be read; a tag twice; a rule of no profile, or of 0 passages), ERR_NO_SPACE (more cards, or more
 * different rules, than a list holds), ERR_CRYPTO (also when the C library has no
 * memory). *why (static text) says more. */
int list_builder_build(const struct list_builder_input *input, uint8_t **image, size_t *image_len,
                       const char **why) MUST_USE;

/* Blocks a list of so many cards starts with. */
uint32_t list_builder_block_count(uint32_t card_count);

/* SHA-256 of an image's head: what is signed. */
void list_builder_hash(const uint8_t *image, uint8_t hash[CRYPTO_HASH_LEN]);

/* Puts a DER signature, at most CRYPTO_SIGNATURE_MAX bytes, in its place. */
void list_builder_put_signature(uint8_t *image, const uint8_t *der, size_t der_len);

#endif
