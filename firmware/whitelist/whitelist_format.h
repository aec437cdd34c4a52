/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodes and decodes the whitelist in the form in which it is signed, carried and stored: a manifest (called
 * "head" in names), its signature, and blocks of buckets. The caller owns all memory. Nothing blocks.
 *
 * A list file is manifest, signature and blocks, one after the other. In flash, manifest and signature stand
 * where the list begins in its slot (whitelist.h), and the blocks begin WHITELIST_BLOCKS_OFFSET after that.
 *
 * manifest
 * offset  size  field
 *      0     4  magic "PTWL"
 *      4     2  format: 1, or 2 if bytes 45 to 47 are not all 0. A gate that knows only format 1 refuses a
 *               list of format 2, because it would accept a card by less than the list demands.
 *      6     2  profile count p, 1 to 32
 *      8     8  site id
 *     16     4  version: a list only replaces one of a lower version
 *     20     4  card count
 *     24     4  bucket count, a multiple of 64, at least 64
 *     28     4  block count = bucket count / 64, at most WHITELIST_BLOCKS_MAX
 *     32     4  time of creation, seconds since 1970-01-01 UTC
 *     36     2  rule slots r, at most 512
 *     38     1  service count s, at most 15
 *     39     1  window count w, at most 96
 *     40     4  manifest length = 128 + 16p + 8r + 40s + 8w + 8c + 12a + 8f + 32d
 *               + 16 · block count
 *     44     1  calendar entries c, at most 64
 *     45     1  assurance entries a, at most 16
 *     46     1  fingerprints f, at most 7
 *     47     1  DESFire applications d, at most 3
 *     48    32  reserved, 0
 *     80    48  rule of local time (time_zone.h), NUL-padded; empty: that of Europe/Paris
 *    128   16p  profiles                        )
 *        +  8r  rules                           )
 *        + 40s  services                        ) rules: below; all others: whitelist_tables.h
 *        +  8w  windows                         )
 *        +  8c  calendar entries                )
 *        + 12a  assurance entries               )
 *        +  8f  fingerprints                    )
 *        + 32d  DESFire applications            )
 *        + 16b  block hashes (b is the block count): first 16 bytes of SHA-256 of each block
 *
 * rule, 8 bytes: the fields that many cards share, stored once. An unused slot is all FF.
 *      0     1  profile index
 *      1     1  weekdays of meals: bit 0 Monday .. bit 6 Sunday (7F: every day)
 *      2     2  first day valid, days since 2000-01-01; 0: no such bound
 *      4     2  last day valid; FFFF: no such bound
 *      6     1  passages per service, usually 1; 255: no limit
 *      7     1  flags: bit 0 blocked, bit 1 temporary card
 *               bits 2-4: the fingerprint that the card must show, counted from 1; 0: any
 *               bit 5: the entry of a DESFire identifier whose card is listed by its UID too; the passage
 *               counts for the UID
 *
 * signature, 76 bytes: length n (2), DER ECDSA signature over SHA-256 of the manifest (n, at most 72), zeros
 *
 * block, 4096 bytes: 64 buckets. bucket, 64 bytes:
 *      0     4  check: first 4 bytes of AES-128-CMAC(list key, bucket index as u32, bytes 4 to 63)
 *      4    60  six entries of 10 bytes, used ones first: tag (8; the pseudonym), rule and spill (2)
 *               Bits 0-14 of the last field are the index of a rule slot. Bit 15 is used only in the last
 *               entry: a card of this home bucket stands in its other bucket. An unused entry is all FF.
 *
 * A pseudonym is read as two big-endian words a and b. With n buckets, its home bucket is (a · n) >> 32, and
 * its other bucket is (home + 1 + b mod (n-1)) mod n. A card stands in its home bucket or, if that is full,
 * in its other bucket. A look-up therefore takes one read, at worst two.
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
#define WHITELIST_HEAD_MAX          56188 /* bytes of the longest manifest with its signature */
#define WHITELIST_COMMIT_LEN        32    /* whitelist.h; the last bytes before the blocks */
#define WHITELIST_COMMIT_PLACES     8
#define WHITELIST_NO_FIRST_DAY      0
#define WHITELIST_NO_LAST_DAY       0xFFFF

enum whitelist_rule_flag {
    WHITELIST_RULE_BLOCKED = 1 << 0,
    WHITELIST_RULE_TEMPORARY = 1 << 1,
    WHITELIST_RULE_FINGERPRINT = 7 << 2, /* whitelist_rule_fingerprint */
    WHITELIST_RULE_COUNTS_AS_UID = 1 << 5,
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
    uint8_t assurance_count;
    uint8_t fingerprint_count;
    uint8_t application_count;
    char time_zone[TIME_ZONE_TEXT_LEN + 1]; /* "": TIME_ZONE_DEFAULT */
    uint32_t head_len; /* bytes of the manifest, which are signed: header, tables, hashes */
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

/* Each returns the offset in the manifest of one of its parts. */
uint32_t whitelist_profiles_offset(void);
uint32_t whitelist_rules_offset(const struct whitelist_header *header);
uint32_t whitelist_services_offset(const struct whitelist_header *header);
uint32_t whitelist_windows_offset(const struct whitelist_header *header);
uint32_t whitelist_calendar_offset(const struct whitelist_header *header);
uint32_t whitelist_assurance_offset(const struct whitelist_header *header);
uint32_t whitelist_fingerprints_offset(const struct whitelist_header *header);
uint32_t whitelist_applications_offset(const struct whitelist_header *header);
uint32_t whitelist_hashes_offset(const struct whitelist_header *header);
/* Returns the length of the manifest that the counts give; head_len must be equal to it. */
uint32_t whitelist_head_length(const struct whitelist_header *header);

/* Returns the count of bits in which two buffers differ. */
uint32_t whitelist_wrong_bits(const uint8_t *a, const uint8_t *b, size_t len);
/* Returns true if a manifest may begin with these four bytes. */
bool whitelist_header_has_magic(const uint8_t in[4]);
/* The same, if at most four bits of them are wrong. */
bool whitelist_header_may_have_magic(const uint8_t in[4]);
/* Decodes the first WHITELIST_HEADER_LEN bytes of a manifest and checks that the counts agree. Returns
 * ERR_OK, ERR_FORMAT (magic, reserved bytes not zero, rule of local time), ERR_UNSUPPORTED (format),
 * ERR_COUNT (counts that disagree or are out of bounds). */
int whitelist_header_decode(struct whitelist_header *header, const uint8_t in[WHITELIST_HEADER_LEN]) MUST_USE;
/* Encodes the first WHITELIST_HEADER_LEN bytes of a manifest. */
void whitelist_header_encode(const struct whitelist_header *header, uint8_t out[WHITELIST_HEADER_LEN]);

/* Decodes a rule. Its values are not checked. */
void whitelist_rule_decode(struct whitelist_rule *rule, const uint8_t in[WHITELIST_RULE_LEN]);
/* Encodes a rule. */
void whitelist_rule_encode(const struct whitelist_rule *rule, uint8_t out[WHITELIST_RULE_LEN]);

/* Returns the fingerprint that a card must show, counted from 1; 0: any. */
uint8_t whitelist_rule_fingerprint(const struct whitelist_rule *rule);
/* Sets it. number is at most WHITELIST_FINGERPRINTS_MAX. */
void whitelist_rule_set_fingerprint(struct whitelist_rule *rule, uint8_t number);

/* Returns the index of the home bucket of a pseudonym. */
uint32_t whitelist_home_bucket(const struct tag *tag, uint32_t bucket_count);
/* Returns the index of the other bucket of a pseudonym. bucket_count must be at least 2. */
uint32_t whitelist_other_bucket(const struct tag *tag, uint32_t bucket_count);

/* Computes the list key of a site. Returns ERR_OK, ERR_CRYPTO. */
int whitelist_list_key(const uint8_t tag_key[IDENTITY_TAG_KEY_LEN], uint8_t key[CRYPTO_KEY_LEN]) MUST_USE;

/* Checks and decodes the bucket with this index in the list. Returns ERR_OK, ERR_CORRUPT (the check does not
 * match), ERR_CRYPTO. */
int whitelist_bucket_decode(struct whitelist_bucket *bucket, uint32_t index, crypto_mac *list_mac,
                            const uint8_t in[WHITELIST_BUCKET_LEN]) MUST_USE;
/* Makes a bucket from two copies that both fail their check, if they differ in at most six bits: tries each
 * choice of these bits, up to 64 AES-CMACs. Returns ERR_OK (in is the bucket now), ERR_CORRUPT (in is
 * unchanged), ERR_CRYPTO. */
int whitelist_bucket_merge(uint8_t in[WHITELIST_BUCKET_LEN], const uint8_t copy[WHITELIST_BUCKET_LEN],
                           uint32_t index, crypto_mac *list_mac) MUST_USE;
/* Encodes the bucket with this index in the list. Returns ERR_OK, ERR_ARGUMENT (too many entries, spilled but
 * not full, or a rule above 32767), ERR_CRYPTO. */
int whitelist_bucket_encode(const struct whitelist_bucket *bucket, uint32_t index, crypto_mac *list_mac,
                            uint8_t out[WHITELIST_BUCKET_LEN]) MUST_USE;

/* Returns the count of used entries in a block. The checks of its buckets are not verified. */
uint32_t whitelist_block_count_entries(const uint8_t block[WHITELIST_BLOCK_LEN]);

#endif
