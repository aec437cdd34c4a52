/* SPDX-License-Identifier: Apache-2.0 */
/* Stored layouts of any content: list headers, rules, profiles, buckets, journal records, settings. Checks
 * that need a key are put right too, as a tool with that key could. What is accepted must be in bounds and be
 * written back byte for byte. First byte: which layout. */
#include <stdlib.h>
#include <string.h>

#include "firmware/journal/journal_record.h"
#include "firmware/storage/settings.h"
#include "firmware/whitelist/whitelist_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static crypto_mac mac;

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_header(const uint8_t *in)
{
    struct whitelist_header header;
    uint8_t again[WHITELIST_HEADER_LEN];
    if (whitelist_header_decode(&header, in) != ERR_OK)
        return;
    whitelist_header_encode(&header, again);
    must(memcmp(again, in, sizeof again) == 0);
    must(header.block_count >= 1 && header.block_count <= WHITELIST_BLOCKS_MAX);
    must(header.profile_count >= 1 && header.profile_count <= WHITELIST_PROFILES_MAX);
    must(header.rule_slots <= WHITELIST_RULES_MAX);
    must(header.head_len + WHITELIST_SIGNATURE_LEN + 32 <= WHITELIST_BLOCKS_OFFSET);
    must(whitelist_hashes_offset(&header) < header.head_len);
}

static void check_rule(const uint8_t *in)
{
    struct whitelist_rule rule;
    uint8_t again[WHITELIST_RULE_LEN];
    whitelist_rule_decode(&rule, in);
    whitelist_rule_encode(&rule, again);
    must(memcmp(again, in, sizeof again) == 0);
}

static void check_profile(const uint8_t *in)
{
    struct whitelist_profile profile;
    whitelist_profile_decode(&profile, in);
    must(strnlen(profile.name, sizeof profile.name) <= WHITELIST_PROFILE_NAME_LEN);
}

static void check_bucket(const uint8_t *in)
{
    struct whitelist_bucket bucket, again;
    struct tag tag;
    uint8_t bytes[WHITELIST_BUCKET_LEN];
    must(whitelist_bucket_decode(&bucket, 0, &mac, in) != ERR_CRYPTO);
    /* The entries as they are, under a good check. */
    memset(&bucket, 0, sizeof bucket);
    while (bucket.count < WHITELIST_BUCKET_ENTRIES) {
        const uint8_t *entry = in + 4 + 10 * bucket.count;
        memcpy(bucket.entries[bucket.count].tag.bytes, entry, TAG_LEN);
        bucket.entries[bucket.count].rule = (uint16_t)((entry[8] | entry[9] << 8) & 0x7FFF);
        bucket.count++;
    }
    bucket.spilled = in[0] & 1;
    must(whitelist_bucket_encode(&bucket, 1, &mac, bytes) == ERR_OK);
    must(whitelist_bucket_decode(&again, 1, &mac, bytes) == ERR_OK);
    must(again.count <= bucket.count);
    must(!again.spilled || again.count == WHITELIST_BUCKET_ENTRIES);
    for (int i = 0; i < again.count; i++)
        must(again.entries[i].rule == bucket.entries[i].rule);
    memcpy(tag.bytes, in + 4, TAG_LEN);
    for (uint32_t buckets = 64; buckets <= 64 * 48; buckets += 64) {
        must(whitelist_home_bucket(&tag, buckets) < buckets);
        must(whitelist_other_bucket(&tag, buckets) < buckets);
        must(whitelist_other_bucket(&tag, buckets) != whitelist_home_bucket(&tag, buckets));
    }
}

static void check_journal_record(const uint8_t *in)
{
    struct journal_record record;
    uint8_t signed_bytes[JOURNAL_RECORD_LEN], again[JOURNAL_RECORD_LEN], full[CRYPTO_MAC_LEN];
    must(journal_record_decode(&record, &mac, in) != ERR_CRYPTO);
    memcpy(signed_bytes, in, sizeof signed_bytes);
    must(crypto_mac_compute(&mac, in, 24, full) == ERR_OK);
    memcpy(signed_bytes + 24, full, 8);
    if (journal_record_decode(&record, &mac, signed_bytes) != ERR_OK)
        return;
    must(journal_kind_name(record.kind) != NULL);
    must(journal_outcome_name(record.code) != NULL && journal_event_name(record.code) != NULL);
    must(journal_record_encode(&record, &mac, again) == ERR_OK);
    must(memcmp(again, signed_bytes, sizeof again) == 0);
}

static void check_settings(const uint8_t *in)
{
    struct settings settings;
    if (settings_decode(&settings, in) == ERR_OK)
        must(settings_check(&settings) == ERR_OK && settings.retention_days <= 92);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct {
        size_t len;
        void (*check)(const uint8_t *in);
    } layouts[] = {
        {WHITELIST_HEADER_LEN, check_header},       {WHITELIST_RULE_LEN, check_rule},
        {WHITELIST_PROFILE_LEN, check_profile},     {WHITELIST_BUCKET_LEN, check_bucket},
        {JOURNAL_RECORD_LEN, check_journal_record}, {SETTINGS_LEN, check_settings},
    };
    static const uint8_t key[CRYPTO_KEY_LEN] = {1};
    static bool ready;
    if (!ready && crypto_mac_init(&mac, key) != ERR_OK)
        abort();
    ready = true;
    if (size < 1)
        return 0;
    size_t which = data[0] % (sizeof layouts / sizeof layouts[0]);
    if (size - 1 != layouts[which].len)
        return 0;
    layouts[which].check(data + 1);
    return 0;
}
