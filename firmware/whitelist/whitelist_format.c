/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_format.h"

#include <string.h>

#include "firmware/base/bytes.h"

enum {
    AT_FORMAT = 4,
    AT_PROFILE_COUNT = 6,
    AT_SITE_ID = 8,
    AT_VERSION = 16,
    AT_CARD_COUNT = 20,
    AT_BUCKET_COUNT = 24,
    AT_BLOCK_COUNT = 28,
    AT_CREATED = 32,
    AT_RULE_SLOTS = 36,
    AT_SERVICE_COUNT = 38,
    AT_WINDOW_COUNT = 39,
    AT_HEAD_LEN = 40,
    AT_CALENDAR_COUNT = 44,
    AT_ASSURANCE_COUNT = 45,
    AT_FINGERPRINT_COUNT = 46,
    AT_APPLICATION_COUNT = 47,
    AT_RESERVED = 48,
    AT_TIME_ZONE = 80,
    FORMAT_UID = 1,     /* cards are known by their UID alone */
    FORMAT_METHODS = 2, /* there are entries on how cards are known */
    FINGERPRINT_SHIFT = 2,
    ENTRY_LEN = TAG_LEN + 2,
    CHECK_LEN = 4,
    WRONG_MAGIC_BITS = 4, /* with them, one place in 100,000 looks like a manifest */
    MERGED_BITS = 6,      /* in which two copies of a bucket may differ: 64 choices */
    SPILL_BIT = 0x8000,
};

static const uint8_t magic[4] = {'P', 'T', 'W', 'L'};

_Static_assert(AT_TIME_ZONE + TIME_ZONE_TEXT_LEN + 1 == WHITELIST_HEADER_LEN, "header");
_Static_assert(CHECK_LEN + WHITELIST_BUCKET_ENTRIES * ENTRY_LEN == WHITELIST_BUCKET_LEN, "bucket");
_Static_assert(WHITELIST_BUCKETS_PER_BLOCK *WHITELIST_BUCKET_LEN == WHITELIST_BLOCK_LEN, "block");
_Static_assert(WHITELIST_HEADER_LEN + WHITELIST_PROFILES_MAX * WHITELIST_PROFILE_LEN +
                       WHITELIST_RULES_MAX * WHITELIST_RULE_LEN +
                       WHITELIST_SERVICES_MAX * WHITELIST_SERVICE_LEN +
                       WHITELIST_WINDOWS_MAX * WHITELIST_WINDOW_LEN +
                       WHITELIST_CALENDAR_MAX * WHITELIST_CALENDAR_LEN +
                       WHITELIST_ASSURANCE_MAX * WHITELIST_ASSURANCE_LEN +
                       WHITELIST_FINGERPRINTS_MAX * WHITELIST_FINGERPRINT_LEN +
                       WHITELIST_APPLICATIONS_MAX * WHITELIST_APPLICATION_LEN +
                       WHITELIST_BLOCKS_MAX * WHITELIST_HASH_LEN + WHITELIST_SIGNATURE_LEN ==
                   WHITELIST_HEAD_MAX,
               "the largest manifest with its signature");
_Static_assert(WHITELIST_HEAD_MAX + WHITELIST_COMMIT_PLACES * WHITELIST_COMMIT_LEN <= WHITELIST_BLOCKS_OFFSET,
               "the largest manifest, its signature and the commit records fit before the blocks");

uint32_t whitelist_profiles_offset(void)
{
    return WHITELIST_HEADER_LEN;
}

uint32_t whitelist_rules_offset(const struct whitelist_header *header)
{
    return whitelist_profiles_offset() + WHITELIST_PROFILE_LEN * (uint32_t)header->profile_count;
}

uint32_t whitelist_services_offset(const struct whitelist_header *header)
{
    return whitelist_rules_offset(header) + WHITELIST_RULE_LEN * (uint32_t)header->rule_slots;
}

uint32_t whitelist_windows_offset(const struct whitelist_header *header)
{
    return whitelist_services_offset(header) + WHITELIST_SERVICE_LEN * (uint32_t)header->service_count;
}

uint32_t whitelist_calendar_offset(const struct whitelist_header *header)
{
    return whitelist_windows_offset(header) + WHITELIST_WINDOW_LEN * (uint32_t)header->window_count;
}

uint32_t whitelist_assurance_offset(const struct whitelist_header *header)
{
    return whitelist_calendar_offset(header) + WHITELIST_CALENDAR_LEN * (uint32_t)header->calendar_count;
}

uint32_t whitelist_fingerprints_offset(const struct whitelist_header *header)
{
    return whitelist_assurance_offset(header) + WHITELIST_ASSURANCE_LEN * (uint32_t)header->assurance_count;
}

uint32_t whitelist_applications_offset(const struct whitelist_header *header)
{
    return whitelist_fingerprints_offset(header) +
           WHITELIST_FINGERPRINT_LEN * (uint32_t)header->fingerprint_count;
}

uint32_t whitelist_hashes_offset(const struct whitelist_header *header)
{
    return whitelist_applications_offset(header) +
           WHITELIST_APPLICATION_LEN * (uint32_t)header->application_count;
}

uint32_t whitelist_head_length(const struct whitelist_header *header)
{
    return whitelist_hashes_offset(header) + WHITELIST_HASH_LEN * header->block_count;
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
    uint8_t seen = 0;
    for (size_t i = 0; i < len; i++)
        seen |= bytes[i];
    return seen == 0;
}

static bool counts_agree(const struct whitelist_header *h)
{
    return h->block_count != 0 && h->block_count <= WHITELIST_BLOCKS_MAX &&
           h->bucket_count == h->block_count * WHITELIST_BUCKETS_PER_BLOCK &&
           h->card_count <= h->bucket_count * WHITELIST_BUCKET_ENTRIES && h->profile_count != 0 &&
           h->profile_count <= WHITELIST_PROFILES_MAX && h->rule_slots <= WHITELIST_RULES_MAX &&
           h->service_count <= WHITELIST_SERVICES_MAX && h->window_count <= WHITELIST_WINDOWS_MAX &&
           h->calendar_count <= WHITELIST_CALENDAR_MAX && h->assurance_count <= WHITELIST_ASSURANCE_MAX &&
           h->fingerprint_count <= WHITELIST_FINGERPRINTS_MAX &&
           h->application_count <= WHITELIST_APPLICATIONS_MAX && h->head_len == whitelist_head_length(h);
}

/* Returns true if the rule of local time is valid. It is checked here, so that a list with a bad rule is
 * refused before it becomes active. */
static bool time_zone_is_good(const uint8_t in[TIME_ZONE_TEXT_LEN + 1])
{
    struct time_zone zone;
    const char *text = (const char *)in;
    const uint8_t *end = memchr(in, 0, TIME_ZONE_TEXT_LEN + 1);
    return end != NULL && all_zero(end, (size_t)(in + TIME_ZONE_TEXT_LEN + 1 - end)) &&
           (*text == 0 || time_zone_parse(&zone, text) == ERR_OK);
}

static uint16_t format_of(const struct whitelist_header *header)
{
    bool has_methods =
        (header->assurance_count | header->fingerprint_count | header->application_count) != 0;
    return has_methods ? FORMAT_METHODS : FORMAT_UID;
}

uint32_t whitelist_wrong_bits(const uint8_t *a, const uint8_t *b, size_t len)
{
    uint32_t count = 0;
    for (size_t i = 0; i < 8 * len; i++)
        count += (a[i / 8] ^ b[i / 8]) >> i % 8 & 1;
    return count;
}

bool whitelist_header_has_magic(const uint8_t in[4])
{
    return memcmp(in, magic, sizeof magic) == 0;
}

bool whitelist_header_may_have_magic(const uint8_t in[4])
{
    return whitelist_wrong_bits(in, magic, sizeof magic) <= WRONG_MAGIC_BITS;
}

int whitelist_header_decode(struct whitelist_header *header, const uint8_t in[WHITELIST_HEADER_LEN])
{
    if (memcmp(in, magic, sizeof magic) != 0)
        return ERR_FORMAT;
    uint16_t format = bytes_get_u16(in + AT_FORMAT);
    if (format != FORMAT_UID && format != FORMAT_METHODS)
        return ERR_UNSUPPORTED;
    if (!all_zero(in + AT_RESERVED, AT_TIME_ZONE - AT_RESERVED) || !time_zone_is_good(in + AT_TIME_ZONE))
        return ERR_FORMAT;
    struct whitelist_header h = {
        .version = bytes_get_u32(in + AT_VERSION),
        .card_count = bytes_get_u32(in + AT_CARD_COUNT),
        .bucket_count = bytes_get_u32(in + AT_BUCKET_COUNT),
        .block_count = bytes_get_u32(in + AT_BLOCK_COUNT),
        .created_utc_s = bytes_get_u32(in + AT_CREATED),
        .profile_count = bytes_get_u16(in + AT_PROFILE_COUNT),
        .rule_slots = bytes_get_u16(in + AT_RULE_SLOTS),
        .service_count = in[AT_SERVICE_COUNT],
        .window_count = in[AT_WINDOW_COUNT],
        .calendar_count = in[AT_CALENDAR_COUNT],
        .assurance_count = in[AT_ASSURANCE_COUNT],
        .fingerprint_count = in[AT_FINGERPRINT_COUNT],
        .application_count = in[AT_APPLICATION_COUNT],
        .head_len = bytes_get_u32(in + AT_HEAD_LEN),
    };
    memcpy(h.site_id, in + AT_SITE_ID, sizeof h.site_id);
    memcpy(h.time_zone, in + AT_TIME_ZONE, sizeof h.time_zone);
    if (format != format_of(&h))
        return ERR_FORMAT;
    if (!counts_agree(&h))
        return ERR_COUNT;
    *header = h;
    return ERR_OK;
}

void whitelist_header_encode(const struct whitelist_header *header, uint8_t out[WHITELIST_HEADER_LEN])
{
    memset(out, 0, WHITELIST_HEADER_LEN);
    memcpy(out, magic, sizeof magic);
    bytes_put_u16(out + AT_FORMAT, format_of(header));
    bytes_put_u16(out + AT_PROFILE_COUNT, header->profile_count);
    memcpy(out + AT_SITE_ID, header->site_id, sizeof header->site_id);
    bytes_put_u32(out + AT_VERSION, header->version);
    bytes_put_u32(out + AT_CARD_COUNT, header->card_count);
    bytes_put_u32(out + AT_BUCKET_COUNT, header->bucket_count);
    bytes_put_u32(out + AT_BLOCK_COUNT, header->block_count);
    bytes_put_u32(out + AT_CREATED, header->created_utc_s);
    bytes_put_u16(out + AT_RULE_SLOTS, header->rule_slots);
    out[AT_SERVICE_COUNT] = header->service_count;
    out[AT_WINDOW_COUNT] = header->window_count;
    bytes_put_u32(out + AT_HEAD_LEN, header->head_len);
    out[AT_CALENDAR_COUNT] = header->calendar_count;
    out[AT_ASSURANCE_COUNT] = header->assurance_count;
    out[AT_FINGERPRINT_COUNT] = header->fingerprint_count;
    out[AT_APPLICATION_COUNT] = header->application_count;
    for (int i = 0; i < TIME_ZONE_TEXT_LEN && header->time_zone[i] != 0; i++)
        out[AT_TIME_ZONE + i] = (uint8_t)header->time_zone[i];
}

void whitelist_rule_decode(struct whitelist_rule *rule, const uint8_t in[WHITELIST_RULE_LEN])
{
    *rule = (struct whitelist_rule){
        .profile = in[0],
        .weekdays = in[1],
        .first_day = bytes_get_u16(in + 2),
        .last_day = bytes_get_u16(in + 4),
        .passages = in[6],
        .flags = in[7],
    };
}

void whitelist_rule_encode(const struct whitelist_rule *rule, uint8_t out[WHITELIST_RULE_LEN])
{
    out[0] = rule->profile;
    out[1] = rule->weekdays;
    bytes_put_u16(out + 2, rule->first_day);
    bytes_put_u16(out + 4, rule->last_day);
    out[6] = rule->passages;
    out[7] = rule->flags;
}

uint8_t whitelist_rule_fingerprint(const struct whitelist_rule *rule)
{
    return (rule->flags & WHITELIST_RULE_FINGERPRINT) >> FINGERPRINT_SHIFT;
}

void whitelist_rule_set_fingerprint(struct whitelist_rule *rule, uint8_t number)
{
    rule->flags = (uint8_t)((rule->flags & ~WHITELIST_RULE_FINGERPRINT) | number << FINGERPRINT_SHIFT);
}

static uint32_t big_endian_word(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

uint32_t whitelist_home_bucket(const struct tag *tag, uint32_t bucket_count)
{
    return (uint32_t)((uint64_t)big_endian_word(tag->bytes) * bucket_count >> 32);
}

uint32_t whitelist_other_bucket(const struct tag *tag, uint32_t bucket_count)
{
    uint32_t step = 1 + big_endian_word(tag->bytes + 4) % (bucket_count - 1);
    return (whitelist_home_bucket(tag, bucket_count) + step) % bucket_count;
}

int whitelist_list_key(const uint8_t tag_key[IDENTITY_TAG_KEY_LEN], uint8_t key[CRYPTO_KEY_LEN])
{
    static const char purpose[] = "portillon list check";
    uint8_t mac[CRYPTO_HASH_LEN];
    int result = crypto_hmac(tag_key, IDENTITY_TAG_KEY_LEN, purpose, sizeof purpose - 1, mac);
    if (result == ERR_OK)
        memcpy(key, mac, CRYPTO_KEY_LEN);
    crypto_wipe(mac, sizeof mac);
    return result;
}

static int bucket_check(crypto_mac *list_mac, uint32_t index, const uint8_t *bucket,
                        uint8_t check[CRYPTO_MAC_LEN])
{
    uint8_t message[4 + WHITELIST_BUCKET_LEN - CHECK_LEN];
    bytes_put_u32(message, index);
    memcpy(message + 4, bucket + CHECK_LEN, WHITELIST_BUCKET_LEN - CHECK_LEN);
    return crypto_mac_compute(list_mac, message, sizeof message, check);
}

static int check_bucket(crypto_mac *list_mac, uint32_t index, const uint8_t *bucket)
{
    uint8_t check[CRYPTO_MAC_LEN];
    int result = bucket_check(list_mac, index, bucket, check);
    return result == ERR_OK && !crypto_equal(check, bucket, CHECK_LEN) ? ERR_CORRUPT : result;
}

static bool entry_is_unused(const uint8_t *entry)
{
    for (int i = 0; i < ENTRY_LEN; i++)
        if (entry[i] != 0xFF)
            return false;
    return true;
}

int whitelist_bucket_decode(struct whitelist_bucket *bucket, uint32_t index, crypto_mac *list_mac,
                            const uint8_t in[WHITELIST_BUCKET_LEN])
{
    int result = check_bucket(list_mac, index, in);
    if (result != ERR_OK)
        return result;
    bucket->count = 0;
    bucket->spilled = false;
    for (const uint8_t *entry = in + CHECK_LEN; bucket->count < WHITELIST_BUCKET_ENTRIES;
         entry += ENTRY_LEN) {
        if (entry_is_unused(entry))
            break;
        uint16_t rule = bytes_get_u16(entry + TAG_LEN);
        struct whitelist_entry *out = &bucket->entries[bucket->count++];
        memcpy(out->tag.bytes, entry, TAG_LEN);
        out->rule = rule & (uint16_t)~SPILL_BIT;
        bucket->spilled = bucket->count == WHITELIST_BUCKET_ENTRIES && (rule & SPILL_BIT);
    }
    return ERR_OK;
}

/* Finds the bits in which two buckets differ. Returns how many there are, or most + 1. */
static uint32_t differing_bits(const uint8_t *a, const uint8_t *b, uint16_t *bits, uint32_t most)
{
    uint32_t count = 0;
    for (uint16_t bit = 0; bit < 8 * WHITELIST_BUCKET_LEN; bit++) {
        if (((a[bit / 8] ^ b[bit / 8]) >> bit % 8 & 1) == 0)
            continue;
        if (count == most)
            return most + 1;
        bits[count++] = bit;
    }
    return count;
}

int whitelist_bucket_merge(uint8_t in[WHITELIST_BUCKET_LEN], const uint8_t copy[WHITELIST_BUCKET_LEN],
                           uint32_t index, crypto_mac *list_mac)
{
    uint16_t bits[MERGED_BITS];
    uint8_t tried[WHITELIST_BUCKET_LEN];
    uint32_t count = differing_bits(in, copy, bits, MERGED_BITS);
    int result = ERR_CORRUPT;
    if (count > MERGED_BITS)
        return ERR_CORRUPT;
    for (uint32_t choice = 1; choice < UINT32_C(1) << count && result == ERR_CORRUPT; choice++) {
        memcpy(tried, in, sizeof tried);
        for (uint32_t i = 0; i < count; i++)
            tried[bits[i] / 8] ^= (uint8_t)((choice >> i & 1) << bits[i] % 8);
        result = check_bucket(list_mac, index, tried);
    }
    if (result == ERR_OK)
        memcpy(in, tried, sizeof tried);
    return result;
}

int whitelist_bucket_encode(const struct whitelist_bucket *bucket, uint32_t index, crypto_mac *list_mac,
                            uint8_t out[WHITELIST_BUCKET_LEN])
{
    if (bucket->count > WHITELIST_BUCKET_ENTRIES ||
        (bucket->spilled && bucket->count != WHITELIST_BUCKET_ENTRIES))
        return ERR_ARGUMENT;
    memset(out, 0xFF, WHITELIST_BUCKET_LEN);
    uint8_t *entry = out + CHECK_LEN;
    for (int i = 0; i < bucket->count; i++, entry += ENTRY_LEN) {
        bool last = i == WHITELIST_BUCKET_ENTRIES - 1;
        if (bucket->entries[i].rule & SPILL_BIT)
            return ERR_ARGUMENT;
        memcpy(entry, bucket->entries[i].tag.bytes, TAG_LEN);
        bytes_put_u16(entry + TAG_LEN,
                      (uint16_t)(bucket->entries[i].rule | (last && bucket->spilled ? SPILL_BIT : 0)));
    }
    uint8_t check[CRYPTO_MAC_LEN];
    int result = bucket_check(list_mac, index, out, check);
    if (result == ERR_OK)
        memcpy(out, check, CHECK_LEN);
    return result;
}

uint32_t whitelist_block_count_entries(const uint8_t block[WHITELIST_BLOCK_LEN])
{
    uint32_t count = 0;
    for (int bucket = 0; bucket < WHITELIST_BUCKETS_PER_BLOCK; bucket++) {
        const uint8_t *entry = block + bucket * WHITELIST_BUCKET_LEN + CHECK_LEN;
        for (int i = 0; i < WHITELIST_BUCKET_ENTRIES && !entry_is_unused(entry); i++, entry += ENTRY_LEN)
            count++;
    }
    return count;
}
