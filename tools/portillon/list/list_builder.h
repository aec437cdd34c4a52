/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the image of a list (firmware/whitelist/whitelist_format.h) from cards and their rules: manifest,
 * room for the signature, blocks. The result depends on the set of cards, not on their order, and on the block
 * count of the list that is replaced. A list that differs in one card differs in few blocks, for these reasons:
 *
 * - buckets: in a new layout a bucket holds 3.6 cards on average. A list keeps the block count of the one that
 *   it replaces while a bucket holds 1.8 to 4.5, because another block count changes every bucket. The block
 *   count of a new layout grows in steps of about a sixteenth, so that it seldom changes for a list that
 *   replaces none. When both buckets of a card are full, other cards are moved, at most a few steps far. If
 *   that fails, the list grows by one step.
 * - rules: the slot of a rule is a hash of its content, in a table with at least twice the slots needed. When
 *   two rules want the same slot, the one with more cards (by a power of two) gets it. A new exception
 *   therefore moves no common rule.
 *
 * The module allocates memory and has no other side effect. Nothing blocks.
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
    const struct list_builder_card *cards; /* in any order, no pseudonym twice */
    uint32_t card_count;
    const struct whitelist_profile *profiles;
    uint16_t profile_count;
    const struct whitelist_service *services; /* none: meals at all hours, not counted */
    uint8_t service_count;
    const struct whitelist_window *windows; /* in the order in which they are stored */
    uint8_t window_count;
    const struct whitelist_calendar_entry *calendar;
    uint8_t calendar_count;
    const struct whitelist_assurance *assurance;
    uint8_t assurance_count;
    const struct whitelist_fingerprint *fingerprints;
    uint8_t fingerprint_count;
    const struct whitelist_application *applications;
    uint8_t application_count;
    /* for each profile the fingerprint that its cards must have, from 1; 0: any. NULL: any for all */
    const uint8_t *card_types;
    const char *time_zone; /* a POSIX rule (firmware/base/time_zone.h); NULL: the rule of Europe/Paris */
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    uint8_t list_key[CRYPTO_KEY_LEN]; /* whitelist_list_key of the site */
    uint32_t version;
    uint32_t created_utc_s;
    uint32_t
        blocks_before; /* block count of the list that is replaced, kept if it can be; 0: there is none */
};

/* Takes profiles, services, windows, calendar and the tables of methods from tables, which must outlive the input. */
void list_builder_take_tables(struct list_builder_input *input, const struct whitelist_tables *tables);

/* Builds the image in memory that the caller frees. The signature in it is all zeros. On an error, *why
 * points to static text with details. Returns ERR_OK, ERR_ARGUMENT (no profiles; more profiles, services,
 * windows or calendar entries than a list holds; an unreadable time zone; a pseudonym twice; a rule with an
 * unknown profile or with 0 passages), ERR_NO_SPACE (more cards, or more different rules, than a list holds)
 * or ERR_CRYPTO (also when the C library has no memory). */
int list_builder_build(const struct list_builder_input *input, uint8_t **image, size_t *image_len,
                       const char **why) MUST_USE;

/* Returns the number of blocks that the builder tries first for this number of cards. */
uint32_t list_builder_block_count(uint32_t card_count);
/* Returns the largest card count for which a later list keeps this block count. */
uint32_t list_builder_room(uint32_t block_count);

/* Computes the SHA-256 of an image's manifest, which is what the signature signs. */
void list_builder_hash(const uint8_t *image, uint8_t hash[CRYPTO_HASH_LEN]);

/* Writes a DER signature of at most CRYPTO_SIGNATURE_MAX bytes into the image. */
void list_builder_put_signature(uint8_t *image, const uint8_t *der, size_t der_len);

#endif
