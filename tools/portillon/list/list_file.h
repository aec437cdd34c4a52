/*
 * A list file in memory: head, signature and blocks as firmware/whitelist/whitelist_format.h lays them out, checked
 * step by step. The image points into the caller's bytes, which must outlive it. Nothing here blocks or
 * trusts a number of the file before it was checked.
 */
#ifndef TOOLS_PORTILLON_LIST_LIST_FILE_H
#define TOOLS_PORTILLON_LIST_LIST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/whitelist/whitelist_format.h"

/* The largest possible list, about 8.4 MiB. */
#define LIST_FILE_MAX                                                                                        \
    (WHITELIST_BLOCKS_OFFSET + WHITELIST_SIGNATURE_LEN + (size_t)WHITELIST_BLOCKS_MAX * WHITELIST_BLOCK_LEN)

struct list_file {
    struct whitelist_header header;
    const uint8_t *head;      /* header.head_len bytes: what is signed */
    const uint8_t *signature; /* WHITELIST_SIGNATURE_LEN bytes, after the head without a gap */
    const uint8_t *der;       /* the signature itself */
    size_t der_len;
    const uint8_t *blocks; /* header.block_count times WHITELIST_BLOCK_LEN */
};

/* What list_file_check_content counts on its way. */
struct list_file_figures {
    uint32_t cards;
    uint32_t blocked;
    uint32_t spilled_buckets; /* homes of which a card stands elsewhere: their misses cost a second read */
    uint32_t full_buckets;
    uint32_t profile_cards[WHITELIST_PROFILES_MAX];
    uint32_t rule_cards[WHITELIST_RULES_MAX];
};

/* Finds the parts. @retval ERR_OK, ERR_FORMAT (not a list, or not of the length its header says),
 * ERR_UNSUPPORTED, ERR_COUNT. *why (static text) says more. */
int list_file_open(struct list_file *list, const uint8_t *data, size_t len, const char **why) MUST_USE;

/* @retval ERR_OK, ERR_SIGNATURE, ERR_CRYPTO. */
int list_file_check_signature(const struct list_file *list,
                              const uint8_t key[CRYPTO_PUBLIC_KEY_LEN]) MUST_USE;

/* Compares every block with its hash in the head. @retval ERR_OK, ERR_NOT_LISTED (*block is the first). */
int list_file_check_blocks(const struct list_file *list, uint32_t *block) MUST_USE;

/* Looks at every entry: tables that make sense, rules and profiles that exist, used entries first, the card
 * count, and each card in one of its two buckets. @retval ERR_OK, ERR_COUNT, ERR_FORMAT; *why and *bucket say
 * where. */
int list_file_check_content(const struct list_file *list, struct list_file_figures *figures, uint32_t *bucket,
                            const char **why) MUST_USE;

/* Checks the keyed check of every bucket. @retval ERR_OK, ERR_CORRUPT (*bucket is the first), ERR_CRYPTO. */
int list_file_check_buckets(const struct list_file *list, const uint8_t tag_key[IDENTITY_TAG_KEY_LEN],
                            uint32_t *bucket) MUST_USE;

/* Looks a card up as a gate would, but for the keyed checks. @retval ERR_OK, ERR_NOT_FOUND. */
int list_file_find(const struct list_file *list, const struct tag *tag, struct whitelist_rule *rule,
                   struct whitelist_profile *profile) MUST_USE;

/* The tables as a gate loads them. @retval ERR_OK, ERR_FORMAT (the time zone). */
int list_file_tables(const struct list_file *list, struct whitelist_tables *tables) MUST_USE;

/* Rule slot i (false: unused) and profile i. */
bool list_file_rule(const struct list_file *list, uint32_t index, struct whitelist_rule *rule);
void list_file_profile(const struct list_file *list, uint32_t index, struct whitelist_profile *profile);

#endif
