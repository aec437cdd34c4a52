/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/list_builder.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/base/bytes.h"
#include "hal/linux/translate.h"
#include "tools/portillon/list/card_placement.h"
#include "tools/portillon/site/rule_table.h"

/* Cards in ten blocks of 64 buckets: 3.6 a bucket in a new layout, and 1.8 to 4.5 in one that is kept. */
#define CARDS_PER_TEN_BLOCKS       (36 * WHITELIST_BUCKETS_PER_BLOCK)
#define LEAST_CARDS_PER_TEN_BLOCKS (18 * WHITELIST_BUCKETS_PER_BLOCK)
#define MOST_CARDS_PER_TEN_BLOCKS  (45 * WHITELIST_BUCKETS_PER_BLOCK)

_Static_assert(RULE_TABLE_MAX == LIST_BUILDER_RULES_MAX, "one limit");

/* Rounds up to a block count in use: every count up to 32, then steps of a sixteenth of the power of two
 * below. */
static uint32_t round_up_to_step(uint32_t blocks)
{
    uint32_t step = 1;
    while (step * 32 <= blocks)
        step *= 2;
    blocks = (blocks + step - 1) / step * step;
    return blocks < WHITELIST_BLOCKS_MAX ? blocks : WHITELIST_BLOCKS_MAX;
}

uint32_t list_builder_block_count(uint32_t card_count)
{
    uint64_t blocks = ((uint64_t)card_count * 10 + CARDS_PER_TEN_BLOCKS - 1) / CARDS_PER_TEN_BLOCKS;
    if (blocks >= WHITELIST_BLOCKS_MAX)
        return WHITELIST_BLOCKS_MAX;
    return round_up_to_step(blocks != 0 ? (uint32_t)blocks : 1);
}

uint32_t list_builder_room(uint32_t block_count)
{
    return (uint32_t)((uint64_t)block_count * MOST_CARDS_PER_TEN_BLOCKS / 10);
}

/* Returns the block count to begin with: that of the list before, if the cards fit it well. */
static uint32_t choose_block_count(const struct list_builder_input *input)
{
    uint32_t before = input->blocks_before;
    uint64_t least = (uint64_t)before * LEAST_CARDS_PER_TEN_BLOCKS / 10;
    bool keeps = before > 0 && before <= WHITELIST_BLOCKS_MAX && input->card_count >= least &&
                 input->card_count <= list_builder_room(before);
    return keeps ? before : list_builder_block_count(input->card_count);
}

static int by_tag(const void *a, const void *b)
{
    return memcmp(((const struct whitelist_entry *)a)->tag.bytes,
                  ((const struct whitelist_entry *)b)->tag.bytes, TAG_LEN);
}

static int check_tables(const struct list_builder_input *input, const char **why)
{
    struct time_zone zone;
    *why = NULL;
    if (input->profile_count == 0 || input->profile_count > WHITELIST_PROFILES_MAX)
        *why = _("there are no profiles, or more than 32");
    else if (input->service_count > WHITELIST_SERVICES_MAX)
        *why = _("there are more than 15 services");
    else if (input->window_count > WHITELIST_WINDOWS_MAX)
        *why = _("there are more than 96 windows");
    else if (input->calendar_count > WHITELIST_CALENDAR_MAX)
        *why = _("there are more than 64 entries in the calendar");
    else if (input->assurance_count > WHITELIST_ASSURANCE_MAX ||
             input->fingerprint_count > WHITELIST_FINGERPRINTS_MAX ||
             input->application_count > WHITELIST_APPLICATIONS_MAX)
        *why = _("there are more demands of assurance, card types or applications than a list holds");
    else if (input->time_zone != NULL && time_zone_parse(&zone, input->time_zone) != ERR_OK)
        *why = _("the time zone is no POSIX rule such as CET-1CEST,M3.5.0,M10.5.0/3");
    return *why == NULL ? ERR_OK : ERR_ARGUMENT;
}

static int check_input(const struct list_builder_input *input, const char **why)
{
    if (check_tables(input, why) != ERR_OK)
        return ERR_ARGUMENT;
    if (input->card_count > WHITELIST_BLOCKS_MAX * WHITELIST_BUCKETS_PER_BLOCK * WHITELIST_BUCKET_ENTRIES) {
        *why = _("there are more cards than a list holds (about 1,000,000)");
        return ERR_NO_SPACE;
    }
    for (uint32_t i = 0; i < input->card_count; i++) {
        if (input->cards[i].rule.profile >= input->profile_count) {
            *why = _("a card has a profile that does not exist");
            return ERR_ARGUMENT;
        }
        if (input->cards[i].rule.passages == 0) {
            *why = _("a card has no passage in a service: block it, or take its meals away");
            return ERR_ARGUMENT;
        }
    }
    return ERR_OK;
}

/* Returns the rule of a card, with the card type that its profile demands. */
static struct whitelist_rule rule_of(const struct list_builder_input *input, const struct list_builder_card *card)
{
    struct whitelist_rule rule = card->rule;
    if (input->card_types != NULL && whitelist_rule_fingerprint(&rule) == 0)
        whitelist_rule_set_fingerprint(&rule, input->card_types[rule.profile]);
    return rule;
}

/* Makes the entries: the cards sorted by pseudonym, each with the slot of its rule. */
static int make_entries(const struct list_builder_input *input, struct rule_table *rules,
                        struct whitelist_entry *entries, const char **why)
{
    rule_table_init(rules);
    for (uint32_t i = 0; i < input->card_count; i++) {
        const struct whitelist_rule rule = rule_of(input, &input->cards[i]);
        int number = rule_table_add(rules, &rule);
        if (number < 0) {
            *why = _("there are more than 480 different rules (profile, dates, blocked): use fewer different "
                     "dates");
            return ERR_NO_SPACE;
        }
        entries[i] = (struct whitelist_entry){input->cards[i].tag, (uint16_t)number};
    }
    rule_table_place(rules);
    for (uint32_t i = 0; i < input->card_count; i++)
        entries[i].rule = rules->slots[entries[i].rule];
    qsort(entries, input->card_count, sizeof *entries, by_tag);
    for (uint32_t i = 1; i < input->card_count; i++)
        if (by_tag(&entries[i - 1], &entries[i]) == 0) {
            *why = _("a card is there twice");
            return ERR_ARGUMENT;
        }
    return ERR_OK;
}

static int place_cards(struct card_placement *placement, const struct list_builder_input *input,
                       const struct whitelist_entry *entries, const char **why)
{
    uint32_t blocks = choose_block_count(input);
    for (;;) {
        int error =
            card_placement_make(placement, entries, input->card_count, blocks * WHITELIST_BUCKETS_PER_BLOCK);
        if (error != ERR_NO_SPACE)
            return error;
        if (blocks == WHITELIST_BLOCKS_MAX) {
            *why = _("there are more cards than a list holds (about 1,000,000)");
            return ERR_NO_SPACE;
        }
        blocks = round_up_to_step(blocks + 1);
    }
}

static int write_blocks(const struct list_builder_input *input, const struct card_placement *placement,
                        uint8_t *hashes, uint8_t *blocks)
{
    crypto_mac mac;
    int error = crypto_mac_init(&mac, input->list_key);
    if (error != ERR_OK)
        return error;
    for (uint32_t i = 0; error == ERR_OK && i < placement->bucket_count; i++) {
        struct whitelist_bucket bucket;
        card_placement_bucket(placement, i, &bucket);
        error = whitelist_bucket_encode(&bucket, i, &mac, blocks + (size_t)i * WHITELIST_BUCKET_LEN);
    }
    crypto_mac_free(&mac);
    for (uint32_t i = 0; i < placement->bucket_count / WHITELIST_BUCKETS_PER_BLOCK; i++) {
        uint8_t digest[CRYPTO_HASH_LEN];
        crypto_sha256(blocks + (size_t)i * WHITELIST_BLOCK_LEN, WHITELIST_BLOCK_LEN, digest);
        memcpy(hashes + (size_t)i * WHITELIST_HASH_LEN, digest, WHITELIST_HASH_LEN);
    }
    return error;
}

static void write_tables(const struct list_builder_input *input, const struct whitelist_header *header,
                         uint8_t *out)
{
    for (uint32_t i = 0; i < header->profile_count; i++)
        whitelist_profile_encode(&input->profiles[i],
                                 out + whitelist_profiles_offset() + i * WHITELIST_PROFILE_LEN);
    for (uint32_t i = 0; i < header->service_count; i++)
        whitelist_service_encode(&input->services[i],
                                 out + whitelist_services_offset(header) + i * WHITELIST_SERVICE_LEN);
    for (uint32_t i = 0; i < header->window_count; i++)
        whitelist_window_encode(&input->windows[i],
                                out + whitelist_windows_offset(header) + i * WHITELIST_WINDOW_LEN);
    for (uint32_t i = 0; i < header->calendar_count; i++)
        whitelist_calendar_encode(&input->calendar[i],
                                  out + whitelist_calendar_offset(header) + i * WHITELIST_CALENDAR_LEN);
    for (uint32_t i = 0; i < header->assurance_count; i++)
        whitelist_assurance_encode(&input->assurance[i],
                                   out + whitelist_assurance_offset(header) + i * WHITELIST_ASSURANCE_LEN);
    for (uint32_t i = 0; i < header->fingerprint_count; i++)
        whitelist_fingerprint_encode(&input->fingerprints[i], out + whitelist_fingerprints_offset(header) +
                                                                  i * WHITELIST_FINGERPRINT_LEN);
    for (uint32_t i = 0; i < header->application_count; i++)
        whitelist_application_encode(&input->applications[i], out + whitelist_applications_offset(header) +
                                                                  i * WHITELIST_APPLICATION_LEN);
}

static int write_image(const struct list_builder_input *input, const struct rule_table *rules,
                       const struct card_placement *placement, uint8_t **image, size_t *image_len)
{
    struct whitelist_header header = {
        .version = input->version,
        .card_count = input->card_count,
        .bucket_count = placement->bucket_count,
        .block_count = placement->bucket_count / WHITELIST_BUCKETS_PER_BLOCK,
        .created_utc_s = input->created_utc_s,
        .profile_count = input->profile_count,
        .rule_slots = rules->slot_count,
        .service_count = input->service_count,
        .window_count = input->window_count,
        .calendar_count = input->calendar_count,
        .assurance_count = input->assurance_count,
        .fingerprint_count = input->fingerprint_count,
        .application_count = input->application_count,
    };
    const char *time_zone = input->time_zone != NULL ? input->time_zone : TIME_ZONE_DEFAULT;
    memcpy(header.site_id, input->site_id, sizeof header.site_id);
    memcpy(header.time_zone, time_zone, strlen(time_zone));
    header.head_len = whitelist_head_length(&header);
    size_t len = header.head_len + WHITELIST_SIGNATURE_LEN + (size_t)header.block_count * WHITELIST_BLOCK_LEN;
    uint8_t *out = calloc(1, len);
    if (out == NULL)
        return ERR_CRYPTO;
    whitelist_header_encode(&header, out);
    write_tables(input, &header, out);
    rule_table_encode(rules, out + whitelist_rules_offset(&header));
    int error = write_blocks(input, placement, out + whitelist_hashes_offset(&header),
                             out + header.head_len + WHITELIST_SIGNATURE_LEN);
    if (error != ERR_OK) {
        free(out);
        return error;
    }
    *image = out;
    *image_len = len;
    return ERR_OK;
}

void list_builder_take_tables(struct list_builder_input *input, const struct whitelist_tables *tables)
{
    input->profiles = tables->profiles;
    input->profile_count = tables->profile_count;
    input->services = tables->services;
    input->service_count = tables->service_count;
    input->windows = tables->windows;
    input->window_count = tables->window_count;
    input->calendar = tables->calendar;
    input->calendar_count = tables->calendar_count;
    input->assurance = tables->assurance;
    input->assurance_count = tables->assurance_count;
    input->fingerprints = tables->fingerprints;
    input->fingerprint_count = tables->fingerprint_count;
    input->applications = tables->applications;
    input->application_count = tables->application_count;
}

int list_builder_build(const struct list_builder_input *input, uint8_t **image, size_t *image_len,
                       const char **why)
{
    struct card_placement placement = {0};
    *why = _("out of memory");
    struct rule_table *rules = malloc(sizeof *rules);
    struct whitelist_entry *entries = malloc(sizeof *entries * ((size_t)input->card_count + 1));
    int error = rules != NULL && entries != NULL ? check_input(input, why) : ERR_CRYPTO;
    if (error == ERR_OK)
        error = make_entries(input, rules, entries, why);
    if (error == ERR_OK)
        error = place_cards(&placement, input, entries, why);
    if (error == ERR_OK)
        error = write_image(input, rules, &placement, image, image_len);
    card_placement_free(&placement);
    free(entries);
    free(rules);
    return error;
}

static uint32_t head_len(const uint8_t *image)
{
    struct whitelist_header header;
    return whitelist_header_decode(&header, image) == ERR_OK ? header.head_len : 0;
}

void list_builder_hash(const uint8_t *image, uint8_t hash[CRYPTO_HASH_LEN])
{
    crypto_sha256(image, head_len(image), hash);
}

void list_builder_put_signature(uint8_t *image, const uint8_t *der, size_t der_len)
{
    uint8_t *signature = image + head_len(image);
    bytes_put_u16(signature, (uint16_t)der_len);
    memcpy(signature + 2, der, der_len);
}
