/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fakes/list_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/portillon/list/list_builder.h"
#include "tools/portillon/site/site_keys.h"

enum { PROFILES = 3 };

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "list_maker: %s\n", what);
    abort();
}

static int fill_fixed(void *ctx, uint8_t *buf, size_t len)
{
    (void)ctx;
    for (size_t i = 0; i < len; i++)
        buf[i] = (uint8_t)(i * 37 + 11);
    return ERR_OK;
}

void list_maker_init(struct list_maker *maker)
{
    static const struct entropy entropy = {.fill = fill_fixed};
    char public_pem[SITE_KEYS_PEM_MAX];
    *maker = (struct list_maker){.identity = {.zone = ZONE_BUILDING}};
    must(crypto_init(&entropy, NULL, 0) == ERR_OK, "crypto_init");
    must(site_keys_generate(maker->private_pem, public_pem) == ERR_OK, "key pair");
    must(site_keys_parse_public((const uint8_t *)public_pem, strlen(public_pem) + 1,
                                maker->identity.site_key) == ERR_OK,
         "public key");
    identity_site_id(maker->identity.site_key, maker->identity.site_id);
    memcpy(maker->identity.tag_key, "a tag key for the tests' own use", IDENTITY_TAG_KEY_LEN);
    memcpy(maker->identity.storage_key, "storage test key", CRYPTO_KEY_LEN);
    must(whitelist_list_key(maker->identity.tag_key, maker->list_key) == ERR_OK, "list key");
}

struct tag list_maker_tag(uint32_t n)
{
    uint8_t digest[CRYPTO_HASH_LEN];
    struct tag tag;
    crypto_sha256(&n, sizeof n, digest);
    memcpy(tag.bytes, digest, TAG_LEN);
    return tag;
}

static struct whitelist_rule rule_of(uint32_t n, bool blocked)
{
    return (struct whitelist_rule){
        .profile = (uint8_t)(n % PROFILES),
        .weekdays = (uint8_t)(n % 11 == 0 ? 0x0F : WHITELIST_EVERY_DAY),
        .last_day = (uint16_t)(9000 + n % 7),
        .passages = 1,
        .flags = blocked ? WHITELIST_RULE_BLOCKED : 0,
    };
}

static uint8_t zones_of(uint32_t n)
{
    return (uint8_t)(n % PROFILES + 1);
}

void list_maker_sign(const struct list_maker *maker, struct list_made *list)
{
    uint8_t hash[CRYPTO_HASH_LEN], der[CRYPTO_SIGNATURE_MAX], public_key[CRYPTO_PUBLIC_KEY_LEN];
    size_t der_len;
    list_builder_hash(list->image, hash);
    must(site_keys_sign((const uint8_t *)maker->private_pem, strlen(maker->private_pem) + 1, hash, der,
                        &der_len, public_key) == ERR_OK,
         "signature");
    list_builder_put_signature(list->image, der, der_len);
}

void list_maker_make(const struct list_maker *maker, struct list_made *list, uint32_t version, uint32_t count,
                     uint32_t changed)
{
    struct list_builder_card *cards = calloc(count, sizeof *cards);
    struct whitelist_profile profiles[PROFILES];
    const char *why = "";
    must(cards != NULL, "memory");
    for (uint32_t i = 0; i < PROFILES; i++) {
        profiles[i] = (struct whitelist_profile){.zones = zones_of(i), .services = WHITELIST_EVERY_SERVICE};
        snprintf(profiles[i].name, sizeof profiles[i].name, "profile %u", (unsigned)i);
    }
    for (uint32_t n = 0; n < count; n++)
        cards[n] = (struct list_builder_card){list_maker_tag(n), rule_of(n, n == changed)};
    struct list_builder_input input = {
        .cards = cards,
        .card_count = count,
        .profiles = profiles,
        .profile_count = PROFILES,
        .version = version,
        .created_utc_s = 1700000000,
    };
    memcpy(input.site_id, maker->identity.site_id, sizeof input.site_id);
    memcpy(input.list_key, maker->list_key, sizeof input.list_key);
    *list = (struct list_made){.version = version, .count = count, .changed = changed};
    must(list_builder_build(&input, &list->image, &list->len, &why) == ERR_OK, why);
    free(cards);
    must(whitelist_header_decode(&list->header, list->image) == ERR_OK, "header");
    list->blocks = list->image + list->header.head_len + WHITELIST_SIGNATURE_LEN;
    list_maker_sign(maker, list);
}

void list_maker_free(struct list_made *list)
{
    free(list->image);
    list->image = NULL;
}

bool list_maker_is_right(const struct list_made *list, uint32_t n, int result,
                         const struct whitelist_answer *answer)
{
    if (n >= list->count)
        return result == ERR_NOT_FOUND;
    struct whitelist_rule rule = rule_of(n, n == list->changed);
    return result == ERR_OK && answer->rule.profile == rule.profile &&
           answer->rule.weekdays == rule.weekdays && answer->rule.first_day == rule.first_day &&
           answer->rule.last_day == rule.last_day && answer->rule.passages == rule.passages &&
           answer->rule.flags == rule.flags && answer->zones == zones_of(n);
}
