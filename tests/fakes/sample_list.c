/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/sample_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/ecdsa.h>

#include "tests/fakes/hex.h"
#include "tools/portillon/list/list_builder.h"

static void must(int result, const char *what)
{
    if (result == 0)
        return;
    fprintf(stderr, "sample list: %s: %d\n", what, result);
    abort();
}

struct identity sample_identity(enum zone zone)
{
    struct identity identity = {.zone = zone, .device_id = "gate-1", .name = "Sample gate"};
    hex_bytes("04 60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
              "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
              identity.site_key, sizeof identity.site_key);
    identity_site_id(identity.site_key, identity.site_id);
    for (uint8_t i = 0; i < IDENTITY_TAG_KEY_LEN; i++)
        identity.tag_key[i] = i;
    memset(identity.journal_key, 0x4A, sizeof identity.journal_key);
    memset(identity.storage_key, 0x53, sizeof identity.storage_key);
    memset(identity.role_key[0], 0x11, sizeof identity.role_key[0]);
    memset(identity.role_key[1], 0x22, sizeof identity.role_key[1]);
    return identity;
}

struct tag sample_tag(const char *uid_hex)
{
    const struct identity identity = sample_identity(ZONE_BUILDING);
    uint8_t uid[READER_UID_MAX];
    struct credential credential;
    struct tag tag;
    must(credential_from_uid(&credential, uid, hex_bytes(uid_hex, uid, sizeof uid)), "credential");
    must(tag_from_credential(&tag, identity.tag_key, &credential), "tag");
    return tag;
}

static void sign(uint8_t *image)
{
    uint8_t private_key[32], hash[CRYPTO_HASH_LEN], signature[CRYPTO_SIGNATURE_MAX];
    size_t signature_len;
    mbedtls_ecdsa_context pair;
    hex_bytes("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", private_key,
              sizeof private_key);
    list_builder_hash(image, hash);
    mbedtls_ecdsa_init(&pair);
    must(mbedtls_ecp_read_key(MBEDTLS_ECP_DP_SECP256R1, &pair, private_key, sizeof private_key), "key");
    must(mbedtls_ecdsa_write_signature(&pair, MBEDTLS_MD_SHA256, hash, sizeof hash, signature,
                                       sizeof signature, &signature_len, crypto_random_callback, NULL),
         "signature");
    mbedtls_ecdsa_free(&pair);
    list_builder_put_signature(image, signature, signature_len);
}

struct sample_list sample_list_make(uint32_t version, const struct sample_card *cards, uint32_t card_count)
{
    static const struct whitelist_tables none;
    return sample_list_make_ruled(version, cards, card_count, &none);
}

struct sample_list sample_list_make_ruled(uint32_t version, const struct sample_card *cards,
                                          uint32_t card_count, const struct whitelist_tables *tables)
{
    static const struct whitelist_profile profiles[] = {
        {.zones = WHITELIST_ZONE_BUILDING, .name = "externe"},
        {.zones = WHITELIST_ZONE_BUILDING | WHITELIST_ZONE_CANTEEN,
         .services = WHITELIST_EVERY_SERVICE,
         .name = "demi-pension"},
        {.zones = WHITELIST_ZONE_CANTEEN, .services = WHITELIST_EVERY_SERVICE, .name = "guest"},
    };
    const struct identity identity = sample_identity(ZONE_BUILDING);
    struct list_builder_card *entries = calloc(card_count + 1, sizeof *entries);
    struct list_builder_input input = {.cards = entries,
                                       .card_count = card_count,
                                       .profiles = profiles,
                                       .profile_count = sizeof profiles / sizeof profiles[0],
                                       .services = tables->services,
                                       .service_count = tables->service_count,
                                       .windows = tables->windows,
                                       .window_count = tables->window_count,
                                       .calendar = tables->calendar,
                                       .calendar_count = tables->calendar_count,
                                       .version = version,
                                       .created_utc_s = 1794787200};
    uint8_t *image;
    size_t len;
    const char *why;
    must(entries == NULL, "memory");
    for (uint32_t i = 0; i < card_count; i++) {
        entries[i].tag = sample_tag(cards[i].uid_hex);
        entries[i].rule = (struct whitelist_rule){
            .profile = (uint8_t)cards[i].profile,
            .weekdays = cards[i].weekdays == 0 ? WHITELIST_EVERY_DAY : cards[i].weekdays,
            .first_day = cards[i].first_day,
            .last_day = cards[i].last_day == 0 ? WHITELIST_NO_LAST_DAY : cards[i].last_day,
            .passages = cards[i].passages == 0 ? 1 : cards[i].passages,
            .flags = cards[i].flags};
    }
    memcpy(input.site_id, identity.site_id, sizeof input.site_id);
    must(whitelist_list_key(identity.tag_key, input.list_key), "list key");
    must(list_builder_build(&input, &image, &len, &why), "build");
    free(entries);
    return sample_list_sign(image, len);
}

struct sample_list sample_list_sign(uint8_t *image, size_t len)
{
    struct sample_list list = {.image = image, .len = len};
    sign(image);
    must(whitelist_header_decode(&list.header, image), "header");
    return list;
}

void sample_list_free(struct sample_list *list)
{
    free(list->image);
    list->image = NULL;
}
