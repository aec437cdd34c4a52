/*
 * The whitelist as it is signed, carried, and stored: a head, its signature, and blocks of buckets.
 *
 * A list file is head, signature, blocks, one after the other. In flash, head and signature stand where the
 * slot's list begins (whitelist.h), the blocks from WHITELIST_BLOCKS_OFFSET after that on.
 *
 * head
 * offset  size  field
 *      0     4  magic "PTWL"
 *      4     2  format, 1
 *      6     2  profile count p, 1 to 32
 *      8     8  site id
 *     16     4  version: a list is taken only over a lower one
 *     20     4  card count
 *     24     4  bucket count, a multiple of 64, at least 64
 *     28     4  block count = bucket count / 64, at most WHITELIST_BLOCKS_MAX
 *     32     4  time of making, seconds since 1970-01-01 UTC
 *     36     2  rule slots r, at most 512
 *     38     1  service count s, at most 15
 *     39     1  window count w, at most 96
 *     40     4  head length = 128 + 16p + 8r + 40s + 8w + 8c + 16 · block count
 *     44     1  calendar entries c, at most 64
 *     45    35  reserved, 0
 *     80    48  rule of local time (time_zone.h), NUL-padded; empty: that of Europe/Paris
 *    128   16p  profiles                        )
 *        +  8r  rules                           )
 *        + 40s  services                        ) whitelist_tables.h, but for the rules
 *        +  8w  windows                         )
 *        +  8c  calendar entries                )
 *        + 16b  block hashes: first 16 bytes of SHA-256 of each block
 *
 * rule, 8 bytes: what many cards share, stored once. An unused slot is all FF.
 *      0     1  profile index
 *      1     1  weekdays of meals: bit 0 Monday .. bit 6 Sunday (7F: every day)
 *      2     2  first day valid, days since 2000-01-01; 0: no such bound
 *      4     2  last day valid; FFFF: no such bound
 *      6     1  passages per service; 1 unless said otherwise
 *      7     1  flags: bit 0 blocked, bit 1 temporary card
 *
 * signature, 76 bytes: length n (2), DER ECDSA signature over SHA-256 of the head (n, at most 72), zeros
 *
 * block, 4096 bytes: 64 buckets. bucket, 64 bytes:
 *      0     4  check: first 4 bytes of AES-128-CMAC(list key, bucket index as u32, bytes 4 to 63)
 *      4    60  six entries of 10 bytes, used ones first: tag (8), rule and spill (2)
 *               rule: bits 0-14, index of a rule slot; bit 15, in the last entry alone: a card of this home
 *               bucket stands in its other bucket. An unused entry is all FF.
 *
 * With n buckets, and a tag's bytes read as two big-endian words a and b, the home bucket of a tag is
 * (a · n) >> 32, its other bucket (home + 1 + b mod (n-1)) mod n. A card stands in its home bucket, or, when
 * that is full, in the other; so one read answers, and two at worst.
 *
 * list key: first 16 bytes of HMAC-SHA256(site tag key, "portillon list check").
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_FORMAT_H
#define FIRMWARE_WHITELIST_WHITELIST_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/crypto/crypto.h"
#include "firmware/crypto/identity.h"
#include "firmware/crypto/tag.h"
#include "firmware/whitelist/whitelist_tables.h"
#include "hal/error.h"

#define WHITELIST_HEADER_LEN        128
#define WHITELIST_RULE_LEN          8
#define WHITELIST_RULES_MAX         512
#define WHITELIST_HASH_LEN          16
#define WHITELIST_SIGNATURE_LEN     76
#define WHITELIST_BUCKET_LEN        64
#define WHITELIST_BUCKET_ENTRIES    6
#define WHITELIST_BUCKETS_PER_BLOCK 64
#define WHITELIST_BLOCK_LEN         4096
#define WHITELIST_BLOCKS_MAX        3072
#define WHITELIST_BLOCKS_OFFSET     65536
#define WHITELIST_COMMIT_LEN        32 /* whitelist.h; the last bytes before the blocks */
#define WHITELIST_COMMIT_PLACES     8
#define WHITELIST_NO_FIRST_DAY      0
#define WHITELIST_NO_LAST_DAY       0xFFFF

enum whitelist_rule_flag {
    WHITELIST_RULE_BLOCKED = 1 << 0,
    WHITELIST_RULE_TEMPORARY = 1 << 1,
};

struct whitelist_header {
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    uint32_t version;
    uint32_t card_count;
    uint32_t bucket_count;
    uint32_t block_count;
    uint32_t created_utc_s;
    uint16_t profile_count;
    uint16_t rule_slots;
    uint8_t service_count;
    uint8_t window_count;
    uint8_t calendar_count;
    char time_zone[TIME_ZONE_TEXT_LEN + 1]; /* "": TIME_ZONE_DEFAULT */
    uint32_t head_len; /* bytes signed: header, tables, hashes; see whitelist_head_length */
};

struct whitelist_rule {
    uint8_t profile;
    uint8_t weekdays;
    uint16_t first_day;
    uint16_t last_day;
    uint8_t passages;
    uint8_t flags; /* enum whitelist_rule_flag */
};

struct whitelist_entry {
    struct tag tag;
    uint16_t rule;
};

struct whitelist_bucket {
    struct whitelist_entry entries[WHITELIST_BUCKET_ENTRIES];
    uint8_t count;
    bool spilled;
};

/* Offsets in the head. */
uint32_t whitelist_profiles_offset(void);
uint32_t whitelist_rules_offset(const struct whitelist_header *header);
uint32_t whitelist_services_offset(const struct whitelist_header *header);
uint32_t whitelist_windows_offset(const struct whitelist_header *header);
uint32_t whitelist_calendar_offset(const struct whitelist_header *header);
uint32_t whitelist_hashes_offset(const struct whitelist_header *header);
/* What head_len has to be. */
uint32_t whitelist_head_length(const struct whitelist_header *header);

/* Whether a head may begin with these four bytes. */
bool whitelist_header_has_magic(const uint8_t in[4]);
/* Reads the first WHITELIST_HEADER_LEN bytes and checks that the numbers agree with each other.
 * @retval ERR_OK, ERR_FORMAT (magic, reserved not zero, rule of local time), ERR_UNSUPPORTED (format),
 * ERR_COUNT (counts that disagree or are out of bounds). */
int whitelist_header_decode(struct whitelist_header *header, const uint8_t in[WHITELIST_HEADER_LEN]) MUST_USE;
void whitelist_header_encode(const struct whitelist_header *header, uint8_t out[WHITELIST_HEADER_LEN]);

void whitelist_rule_decode(struct whitelist_rule *rule, const uint8_t in[WHITELIST_RULE_LEN]);
void whitelist_rule_encode(const struct whitelist_rule *rule, uint8_t out[WHITELIST_RULE_LEN]);

uint32_t whitelist_home_bucket(const struct tag *tag, uint32_t bucket_count);
uint32_t whitelist_other_bucket(const struct tag *tag, uint32_t bucket_count);

/* The list key of a site. @retval ERR_OK, ERR_CRYPTO. */
int whitelist_list_key(const uint8_t tag_key[IDENTITY_TAG_KEY_LEN], uint8_t key[CRYPTO_KEY_LEN]) MUST_USE;

/* @retval ERR_OK, ERR_CORRUPT (check), ERR_CRYPTO. */
int whitelist_bucket_decode(struct whitelist_bucket *bucket, uint32_t index, crypto_mac *list_mac,
                            const uint8_t in[WHITELIST_BUCKET_LEN]) MUST_USE;
/* @retval ERR_OK, ERR_ARGUMENT (spilled but not full, a rule above 32767), ERR_CRYPTO. */
int whitelist_bucket_encode(const struct whitelist_bucket *bucket, uint32_t index, crypto_mac *list_mac,
                            uint8_t out[WHITELIST_BUCKET_LEN]) MUST_USE;

/* Used entries of a whole block, without looking at its checks. */
uint32_t whitelist_block_count_entries(const uint8_t block[WHITELIST_BLOCK_LEN]);

#endif
