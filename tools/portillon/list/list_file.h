/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a list file in memory: manifest, signature and blocks, laid out as in
 * firmware/whitelist/whitelist_format.h. The functions check it step by step and use no number of the file
 * before it is checked. struct list_file points into the caller's bytes, which must outlive it. Nothing
 * blocks.
 */
#ifndef TOOLS_PORTILLON_LIST_LIST_FILE_H
#define TOOLS_PORTILLON_LIST_LIST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

/* The size of the largest possible list, about 8.4 MiB. */
#define LIST_FILE_MAX                                                                                        \
    (WHITELIST_BLOCKS_OFFSET + WHITELIST_SIGNATURE_LEN + (size_t)WHITELIST_BLOCKS_MAX * WHITELIST_BLOCK_LEN)

struct list_file {
    struct whitelist_header header;
    const uint8_t *head;      /* the manifest: header.head_len bytes, which the signature covers */
    const uint8_t *signature; /* WHITELIST_SIGNATURE_LEN bytes, directly after the manifest */
    const uint8_t *der;       /* the DER signature itself */
    size_t der_len;
    const uint8_t *blocks; /* header.block_count times WHITELIST_BLOCK_LEN bytes */
};

/* What list_file_check_content counts. */
struct list_file_figures {
    uint32_t cards;
    uint32_t blocked;
    uint32_t spilled_buckets; /* homes with a card in its other bucket: a miss there costs a second read */
    uint32_t full_buckets;
    uint32_t profile_cards[WHITELIST_PROFILES_MAX];
    uint32_t rule_cards[WHITELIST_RULES_MAX];
};

/* Finds the parts of the file. On an error, *why points to static text with details. Returns ERR_OK,
 * ERR_FORMAT (not a list, or its length is not the one in its header), ERR_UNSUPPORTED or ERR_COUNT. */
int list_file_open(struct list_file *list, const uint8_t *data, size_t len, const char **why) MUST_USE;

/* Checks the signature with the site's public key. Returns ERR_OK, ERR_SIGNATURE or ERR_CRYPTO. */
int list_file_check_signature(const struct list_file *list,
                              const uint8_t key[CRYPTO_PUBLIC_KEY_LEN]) MUST_USE;

/* Compares every block with its hash in the manifest. Returns ERR_OK or ERR_NOT_LISTED (*block is the first
 * that differs). */
int list_file_check_blocks(const struct list_file *list, uint32_t *block) MUST_USE;

/* Checks every entry: the tables are valid, the rules and profiles exist, used entries come first, the card
 * count is right, and each card is in one of its two buckets. Returns ERR_OK, ERR_COUNT or ERR_FORMAT; on an
 * error *why and *bucket say what is wrong and where. */
int list_file_check_content(const struct list_file *list, struct list_file_figures *figures, uint32_t *bucket,
                            const char **why) MUST_USE;

/* Verifies the keyed check of every bucket. Returns ERR_OK, ERR_CORRUPT (*bucket is the first that fails) or
 * ERR_CRYPTO. */
int list_file_check_buckets(const struct list_file *list, const uint8_t tag_key[IDENTITY_TAG_KEY_LEN],
                            uint32_t *bucket) MUST_USE;

/* Looks a card up as a gate does, but without the keyed checks. Returns ERR_OK or ERR_NOT_FOUND. */
int list_file_find(const struct list_file *list, const struct tag *tag, struct whitelist_rule *rule,
                   struct whitelist_profile *profile) MUST_USE;

/* Reads the tables as a gate loads them. Returns ERR_OK or ERR_FORMAT (the time zone). */
int list_file_tables(const struct list_file *list, struct whitelist_tables *tables) MUST_USE;

/* Computes SHA-256 of manifest and signature, by which gates name a list. */
void list_file_digest(const struct list_file *list, uint8_t digest[CRYPTO_HASH_LEN]);
/* Reads the bucket with this index, which must be below header.bucket_count, without its keyed check. */
void list_file_bucket(const struct list_file *list, uint32_t index, struct whitelist_bucket *bucket);
/* Reads the rule in slot index. Returns false when the slot is unused. */
bool list_file_rule(const struct list_file *list, uint32_t index, struct whitelist_rule *rule);
/* Reads the profile with this index, which must be below header.profile_count. */
void list_file_profile(const struct list_file *list, uint32_t index, struct whitelist_profile *profile);

#endif
