/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/list/list_file.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "hal/linux/translate.h"
#include "tools/portillon/common/printable.h"

#define CHECK_LEN 4
#define ENTRY_LEN (TAG_LEN + 2)
#define SPILL_BIT 0x8000u

static bool is_filled_with(const uint8_t *bytes, size_t len, uint8_t value)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

int list_file_open(struct list_file *list, const uint8_t *data, size_t len, const char **why)
{
    *why = _("it is not a list");
    if (len < WHITELIST_HEADER_LEN)
        return ERR_FORMAT;
    int error = whitelist_header_decode(&list->header, data);
    if (error == ERR_UNSUPPORTED)
        *why = _("it is a list of a later format");
    else if (error == ERR_COUNT)
        *why = _("its header contradicts itself");
    if (error != ERR_OK)
        return error;
    size_t blocks_len = (size_t)list->header.block_count * WHITELIST_BLOCK_LEN;
    if (len != list->header.head_len + WHITELIST_SIGNATURE_LEN + blocks_len) {
        *why = len < list->header.head_len + WHITELIST_SIGNATURE_LEN + blocks_len
                   ? _("it is cut off")
                   : _("something follows its end");
        return ERR_FORMAT;
    }
    list->head = data;
    list->signature = data + list->header.head_len;
    list->blocks = list->signature + WHITELIST_SIGNATURE_LEN;
    list->der = list->signature + 2;
    list->der_len = bytes_get_u16(list->signature);
    if (list->der_len == 0 || list->der_len > CRYPTO_SIGNATURE_MAX ||
        !is_filled_with(list->der + list->der_len, WHITELIST_SIGNATURE_LEN - 2 - list->der_len, 0)) {
        *why = _("it bears no signature");
        return ERR_FORMAT;
    }
    return ERR_OK;
}

int list_file_check_signature(const struct list_file *list, const uint8_t key[CRYPTO_PUBLIC_KEY_LEN])
{
    struct crypto_verify verify;
    uint8_t hash[CRYPTO_HASH_LEN];
    crypto_sha256(list->head, list->header.head_len, hash);
    int error = crypto_verify_start(&verify, key, hash, list->der, list->der_len);
    if (error != ERR_OK)
        return error;
    do
        error = crypto_verify_poll(&verify);
    while (error == ERR_BUSY);
    return error;
}

void list_file_digest(const struct list_file *list, uint8_t digest[CRYPTO_HASH_LEN])
{
    crypto_sha256(list->head, list->header.head_len + WHITELIST_SIGNATURE_LEN, digest);
}

int list_file_check_blocks(const struct list_file *list, uint32_t *block)
{
    const uint8_t *hashes = list->head + whitelist_hashes_offset(&list->header);
    for (*block = 0; *block < list->header.block_count; ++*block) {
        uint8_t digest[CRYPTO_HASH_LEN];
        crypto_sha256(list->blocks + (size_t)*block * WHITELIST_BLOCK_LEN, WHITELIST_BLOCK_LEN, digest);
        if (memcmp(digest, hashes + (size_t)*block * WHITELIST_HASH_LEN, WHITELIST_HASH_LEN) != 0)
            return ERR_NOT_LISTED;
    }
    return ERR_OK;
}

static const uint8_t *rule_bytes(const struct list_file *list, uint32_t index)
{
    return list->head + whitelist_rules_offset(&list->header) + (size_t)index * WHITELIST_RULE_LEN;
}

bool list_file_rule(const struct list_file *list, uint32_t index, struct whitelist_rule *rule)
{
    if (index >= list->header.rule_slots || is_filled_with(rule_bytes(list, index), WHITELIST_RULE_LEN, 0xFF))
        return false;
    whitelist_rule_decode(rule, rule_bytes(list, index));
    return true;
}

void list_file_profile(const struct list_file *list, uint32_t index, struct whitelist_profile *profile)
{
    whitelist_profile_decode(profile, list->head + whitelist_profiles_offset() +
                                          (size_t)index * WHITELIST_PROFILE_LEN);
    printable_text(profile->name);
}

static void take_methods(const struct list_file *list, struct whitelist_tables *tables)
{
    const struct whitelist_header *header = &list->header;
    for (uint32_t i = 0; i < header->assurance_count; i++)
        whitelist_assurance_decode(&tables->assurance[i], list->head + whitelist_assurance_offset(header) +
                                                              (size_t)i * WHITELIST_ASSURANCE_LEN);
    for (uint32_t i = 0; i < header->fingerprint_count; i++)
        whitelist_fingerprint_decode(&tables->fingerprints[i], list->head +
                                                                   whitelist_fingerprints_offset(header) +
                                                                   (size_t)i * WHITELIST_FINGERPRINT_LEN);
    for (uint32_t i = 0; i < header->application_count; i++)
        whitelist_application_decode(&tables->applications[i], list->head +
                                                                   whitelist_applications_offset(header) +
                                                                   (size_t)i * WHITELIST_APPLICATION_LEN);
}

int list_file_tables(const struct list_file *list, struct whitelist_tables *tables)
{
    const struct whitelist_header *header = &list->header;
    *tables = (struct whitelist_tables){.zone = time_zone_default(),
                                        .profile_count = (uint8_t)header->profile_count,
                                        .service_count = header->service_count,
                                        .window_count = header->window_count,
                                        .calendar_count = header->calendar_count,
                                        .assurance_count = header->assurance_count,
                                        .fingerprint_count = header->fingerprint_count,
                                        .application_count = header->application_count};
    if (header->time_zone[0] != 0 && time_zone_parse(&tables->zone, header->time_zone) != ERR_OK)
        return ERR_FORMAT;
    for (uint32_t i = 0; i < header->profile_count; i++)
        list_file_profile(list, i, &tables->profiles[i]);
    for (uint32_t i = 0; i < header->service_count; i++) {
        whitelist_service_decode(&tables->services[i], list->head + whitelist_services_offset(header) +
                                                           (size_t)i * WHITELIST_SERVICE_LEN);
        printable_text(tables->services[i].name);
    }
    for (uint32_t i = 0; i < header->window_count; i++)
        whitelist_window_decode(&tables->windows[i], list->head + whitelist_windows_offset(header) +
                                                         (size_t)i * WHITELIST_WINDOW_LEN);
    for (uint32_t i = 0; i < header->calendar_count; i++)
        whitelist_calendar_decode(&tables->calendar[i], list->head + whitelist_calendar_offset(header) +
                                                            (size_t)i * WHITELIST_CALENDAR_LEN);
    take_methods(list, tables);
    return ERR_OK;
}

static bool is_span(struct whitelist_span span)
{
    return span.from_min <= WHITELIST_MINUTES_MAX && span.to_min <= WHITELIST_MINUTES_MAX;
}

static const char *why_bad_windows(const struct whitelist_tables *tables)
{
    for (int i = 0; i < tables->window_count; i++) {
        const struct whitelist_window *window = &tables->windows[i];
        if (window->profile >= tables->profile_count)
            return _("a window is of a profile that does not exist");
        if (!is_span(window->span) || window->span.from_min == window->span.to_min)
            return _("a window begins or ends at no time of the day");
    }
    return NULL;
}

static const char *why_bad_services(const struct whitelist_tables *tables)
{
    for (int i = 0; i < tables->service_count; i++)
        for (int day = 0; day < WHITELIST_WEEKDAYS; day++)
            if (!is_span(tables->services[i].spans[day]))
                return _("a service begins or ends at no time of the day");
    return NULL;
}

static const char *why_bad_calendar(const struct whitelist_tables *tables)
{
    for (int i = 0; i < tables->calendar_count; i++) {
        const struct whitelist_calendar_entry *entry = &tables->calendar[i];
        if (entry->last_day < entry->first_day)
            return _("an entry of the calendar ends before it begins");
        if (entry->kind != WHITELIST_DAYS_CLOSED && entry->kind != WHITELIST_DAYS_OPEN)
            return _("an entry of the calendar is neither closed nor open");
        if (entry->as_weekday > WHITELIST_WEEKDAYS)
            return _("a day of the calendar counts as no day of the week");
    }
    return NULL;
}

static const char *why_bad_methods(const struct whitelist_tables *tables)
{
    for (int i = 0; i < tables->assurance_count; i++) {
        const struct whitelist_assurance *entry = &tables->assurance[i];
        if (entry->profile != WHITELIST_EVERY_PROFILE && entry->profile >= tables->profile_count)
            return _("a demand of assurance is of a profile that does not exist");
        if (!is_span(entry->span) || entry->least > CREDENTIAL_ASSURED_DESFIRE)
            return _("a demand of assurance is of a later format");
    }
    for (int i = 0; i < tables->application_count; i++) {
        const struct whitelist_application *application = &tables->applications[i];
        if (application->authentication != WHITELIST_AUTHENTICATE_EV1 &&
            application->authentication != WHITELIST_AUTHENTICATE_EV2)
            return _("an application of cards is of a later format");
    }
    return NULL;
}

static int check_tables(const struct list_file *list, const char **why)
{
    struct whitelist_tables tables;
    const char *wrong = _("its time zone cannot be read");
    if (list_file_tables(list, &tables) == ERR_OK)
        wrong = why_bad_windows(&tables);
    if (wrong == NULL)
        wrong = why_bad_services(&tables);
    if (wrong == NULL)
        wrong = why_bad_calendar(&tables);
    if (wrong == NULL)
        wrong = why_bad_methods(&tables);
    if (wrong != NULL)
        *why = wrong;
    return wrong == NULL ? ERR_OK : ERR_FORMAT;
}

static int check_rules(const struct list_file *list, const char **why)
{
    struct whitelist_rule rule;
    for (uint32_t i = 0; i < list->header.rule_slots; i++)
        if (list_file_rule(list, i, &rule) && rule.profile >= list->header.profile_count) {
            *why = _("a rule points at a profile that does not exist");
            return ERR_FORMAT;
        }
    return ERR_OK;
}

/* A view of one bucket without its check. It needs no list key, so list_file works without one. */
struct bucket_view {
    const uint8_t *entries;
    int count;
    bool spilled;
};

static struct bucket_view view_bucket(const struct list_file *list, uint32_t index)
{
    struct bucket_view view = {.entries = list->blocks + (size_t)index * WHITELIST_BUCKET_LEN + CHECK_LEN};
    const uint8_t *last = view.entries + (size_t)(WHITELIST_BUCKET_ENTRIES - 1) * ENTRY_LEN;
    while (view.count < WHITELIST_BUCKET_ENTRIES &&
           !is_filled_with(view.entries + (size_t)view.count * ENTRY_LEN, ENTRY_LEN, 0xFF))
        view.count++;
    view.spilled = view.count == WHITELIST_BUCKET_ENTRIES && (bytes_get_u16(last + TAG_LEN) & SPILL_BIT) != 0;
    return view;
}

void list_file_bucket(const struct list_file *list, uint32_t index, struct whitelist_bucket *bucket)
{
    struct bucket_view view = view_bucket(list, index);
    *bucket = (struct whitelist_bucket){.count = (uint8_t)view.count, .spilled = view.spilled};
    for (int i = 0; i < view.count; i++) {
        const uint8_t *entry = view.entries + (size_t)i * ENTRY_LEN;
        memcpy(bucket->entries[i].tag.bytes, entry, TAG_LEN);
        bucket->entries[i].rule = bytes_get_u16(entry + TAG_LEN) & ~SPILL_BIT;
    }
}

static int check_entry(const struct list_file *list, struct list_file_figures *figures, uint32_t bucket,
                       const uint8_t *bytes, bool last, const char **why)
{
    struct tag tag;
    struct whitelist_rule rule;
    uint32_t index = bytes_get_u16(bytes + TAG_LEN);
    memcpy(tag.bytes, bytes, TAG_LEN);
    if (last)
        index &= ~SPILL_BIT;
    if (!list_file_rule(list, index, &rule)) {
        *why = _("a card points at a rule that does not exist");
        return ERR_FORMAT;
    }
    uint32_t home = whitelist_home_bucket(&tag, list->header.bucket_count);
    if (home != bucket) {
        if (whitelist_other_bucket(&tag, list->header.bucket_count) != bucket) {
            *why = _("a card stands where no gate would look for it");
            return ERR_FORMAT;
        }
        if (!view_bucket(list, home).spilled) {
            *why = _("a card stands in its other bucket, and its home does not say so");
            return ERR_FORMAT;
        }
    }
    figures->cards++;
    figures->rule_cards[index]++;
    figures->profile_cards[rule.profile]++;
    if (rule.flags & WHITELIST_RULE_BLOCKED)
        figures->blocked++;
    return ERR_OK;
}

int list_file_check_content(const struct list_file *list, struct list_file_figures *figures, uint32_t *bucket,
                            const char **why)
{
    memset(figures, 0, sizeof *figures);
    *bucket = 0;
    int error = check_tables(list, why);
    if (error == ERR_OK)
        error = check_rules(list, why);
    for (uint32_t i = 0; error == ERR_OK && i < list->header.bucket_count; i++) {
        struct bucket_view view = view_bucket(list, i);
        *bucket = i;
        for (int e = 0; error == ERR_OK && e < WHITELIST_BUCKET_ENTRIES; e++) {
            const uint8_t *entry = view.entries + (size_t)e * ENTRY_LEN;
            if (e < view.count) {
                error = check_entry(list, figures, i, entry, e == WHITELIST_BUCKET_ENTRIES - 1, why);
            } else if (!is_filled_with(entry, ENTRY_LEN, 0xFF)) {
                *why = _("a card stands behind an unused entry");
                error = ERR_FORMAT;
            }
        }
        figures->full_buckets += view.count == WHITELIST_BUCKET_ENTRIES;
        figures->spilled_buckets += view.spilled;
    }
    if (error == ERR_OK && figures->cards != list->header.card_count) {
        *why = _("its card count is not the number of its cards");
        error = ERR_COUNT;
    }
    return error;
}

int list_file_check_buckets(const struct list_file *list, const uint8_t tag_key[IDENTITY_TAG_KEY_LEN],
                            uint32_t *bucket)
{
    uint8_t key[CRYPTO_KEY_LEN];
    crypto_mac mac;
    int error = whitelist_list_key(tag_key, key);
    if (error == ERR_OK)
        error = crypto_mac_init(&mac, key);
    crypto_wipe(key, sizeof key);
    if (error != ERR_OK)
        return error;
    for (*bucket = 0; *bucket < list->header.bucket_count; ++*bucket) {
        struct whitelist_bucket decoded;
        error = whitelist_bucket_decode(&decoded, *bucket, &mac,
                                        list->blocks + (size_t)*bucket * WHITELIST_BUCKET_LEN);
        if (error != ERR_OK)
            break;
    }
    crypto_mac_free(&mac);
    return error;
}

static bool find_in_bucket(const struct list_file *list, uint32_t bucket, const struct tag *tag,
                           uint32_t *rule_index)
{
    struct bucket_view view = view_bucket(list, bucket);
    for (int e = 0; e < view.count; e++) {
        const uint8_t *entry = view.entries + (size_t)e * ENTRY_LEN;
        if (memcmp(entry, tag->bytes, TAG_LEN) == 0) {
            *rule_index = bytes_get_u16(entry + TAG_LEN) & ~SPILL_BIT;
            return true;
        }
    }
    return false;
}

int list_file_find(const struct list_file *list, const struct tag *tag, struct whitelist_rule *rule,
                   struct whitelist_profile *profile)
{
    uint32_t home = whitelist_home_bucket(tag, list->header.bucket_count), index;
    if (!find_in_bucket(list, home, tag, &index) &&
        (!view_bucket(list, home).spilled ||
         !find_in_bucket(list, whitelist_other_bucket(tag, list->header.bucket_count), tag, &index)))
        return ERR_NOT_FOUND;
    if (!list_file_rule(list, index, rule) || rule->profile >= list->header.profile_count)
        return ERR_NOT_FOUND;
    list_file_profile(list, rule->profile, profile);
    return ERR_OK;
}
