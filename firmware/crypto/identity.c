/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/crypto/identity.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/base/crc32.h"

enum {
    AT_FORMAT = 4,
    AT_ZONE = 5,
    AT_RESERVED_1 = 6,
    AT_SITE_ID = 8,
    AT_DEVICE_ID = 16,
    AT_NAME = 32,
    AT_SITE_KEY = 64,
    AT_RESERVED_2 = AT_SITE_KEY + CRYPTO_PUBLIC_KEY_LEN,
    AT_TAG_KEY = 132,
    AT_JOURNAL_KEY = 164,
    AT_STORAGE_KEY = 180,
    AT_ROLE_KEYS = 196,
    AT_SEED = 228,
    AT_CRC = 260,
    AT_CARD_KEY_COUNT = AT_CRC,
    AT_RESERVED_3 = 261,
    AT_CARD_KEYS = 264,
    CARD_KEY_LEN = 2 + CRYPTO_KEY_LEN,
    AT_CRC_2 = AT_CARD_KEYS + IDENTITY_CARD_KEYS_MAX * CARD_KEY_LEN,
    FORMAT = 1,
    FORMAT_CARD_KEYS = 2,
};

static const uint8_t magic[4] = {'P', 'T', 'I', 'D'};

_Static_assert(AT_DEVICE_ID + IDENTITY_DEVICE_ID_MAX + 1 == AT_NAME, "device id ends where the name starts");
_Static_assert(AT_NAME + IDENTITY_NAME_MAX + 1 == AT_SITE_KEY, "name ends where the site key starts");
_Static_assert(AT_TAG_KEY + IDENTITY_TAG_KEY_LEN == AT_JOURNAL_KEY, "tag key");
_Static_assert(AT_ROLE_KEYS + 2 * CRYPTO_KEY_LEN == AT_SEED, "role keys");
_Static_assert(AT_SEED + IDENTITY_SEED_LEN == AT_CRC && AT_CRC + 4 == IDENTITY_LEN, "length");
_Static_assert(AT_CRC_2 + 4 == IDENTITY_LEN_MAX, "length of format 2");

static bool all_zero(const uint8_t *bytes, size_t len)
{
    uint8_t seen = 0;
    for (size_t i = 0; i < len; i++)
        seen |= bytes[i];
    return seen == 0;
}

/* Returns true if the text is terminated inside its field and only zeros follow. */
static bool is_padded_text(const uint8_t *field, size_t size)
{
    const uint8_t *end = memchr(field, 0, size);
    return end != NULL && all_zero(end, (size_t)(field + size - end));
}

size_t identity_length(const uint8_t block[IDENTITY_LEN])
{
    return block[AT_FORMAT] == FORMAT_CARD_KEYS ? IDENTITY_LEN_MAX : IDENTITY_LEN;
}

static size_t crc_offset(const uint8_t *block)
{
    return identity_length(block) - 4;
}

/* Returns true if the key has a set, and no other key has the same set and version. */
static bool card_key_is_good(const uint8_t *keys, int number)
{
    const uint8_t *key = keys + number * CARD_KEY_LEN;
    for (int i = 0; i < number; i++)
        if (memcmp(keys + i * CARD_KEY_LEN, key, 2) == 0)
            return false;
    return key[0] != 0;
}

static bool card_keys_are_good(const uint8_t *block)
{
    int count = block[AT_CARD_KEY_COUNT];
    const uint8_t *keys = block + AT_CARD_KEYS, *end = block + AT_CRC_2;
    if (count == 0 || count > IDENTITY_CARD_KEYS_MAX ||
        !all_zero(block + AT_RESERVED_3, AT_CARD_KEYS - AT_RESERVED_3))
        return false;
    for (int i = 0; i < count; i++)
        if (!card_key_is_good(keys, i))
            return false;
    keys += count * CARD_KEY_LEN;
    return all_zero(keys, (size_t)(end - keys));
}

static void decode_card_keys(struct identity *identity, const uint8_t *block)
{
    identity->card_key_count = 0;
    memset(identity->card_keys, 0, sizeof identity->card_keys);
    if (block[AT_FORMAT] != FORMAT_CARD_KEYS)
        return;
    identity->card_key_count = block[AT_CARD_KEY_COUNT];
    for (int i = 0; i < identity->card_key_count; i++) {
        const uint8_t *in = block + AT_CARD_KEYS + i * CARD_KEY_LEN;
        struct identity_card_key *out = &identity->card_keys[i];
        out->set = in[0];
        out->version = in[1];
        memcpy(out->key, in + 2, sizeof out->key);
    }
}

int identity_decode(struct identity *identity, const uint8_t *block, size_t len)
{
    if (len < IDENTITY_LEN || memcmp(block, magic, sizeof magic) != 0)
        return ERR_FORMAT;
    if (block[AT_FORMAT] != FORMAT && block[AT_FORMAT] != FORMAT_CARD_KEYS)
        return ERR_UNSUPPORTED;
    if (len != identity_length(block))
        return ERR_FORMAT;
    size_t at_crc = crc_offset(block);
    if (bytes_get_u32(block + at_crc) != crc32_compute(block, at_crc))
        return ERR_CORRUPT;
    if (block[AT_FORMAT] == FORMAT_CARD_KEYS && !card_keys_are_good(block))
        return ERR_FORMAT;
    if (block[AT_ZONE] != ZONE_BUILDING && block[AT_ZONE] != ZONE_CANTEEN)
        return ERR_FORMAT;
    if (!all_zero(block + AT_RESERVED_1, AT_SITE_ID - AT_RESERVED_1) ||
        !all_zero(block + AT_RESERVED_2, AT_TAG_KEY - AT_RESERVED_2))
        return ERR_FORMAT;
    if (block[AT_DEVICE_ID] == 0 || !is_padded_text(block + AT_DEVICE_ID, AT_NAME - AT_DEVICE_ID) ||
        !is_padded_text(block + AT_NAME, AT_SITE_KEY - AT_NAME))
        return ERR_FORMAT;
    uint8_t site_id[IDENTITY_SITE_ID_LEN];
    identity_site_id(block + AT_SITE_KEY, site_id);
    if (memcmp(site_id, block + AT_SITE_ID, sizeof site_id) != 0)
        return ERR_SITE;

    identity->zone = (enum zone)block[AT_ZONE];
    memcpy(identity->site_id, block + AT_SITE_ID, sizeof identity->site_id);
    memcpy(identity->device_id, block + AT_DEVICE_ID, sizeof identity->device_id);
    memcpy(identity->name, block + AT_NAME, sizeof identity->name);
    memcpy(identity->site_key, block + AT_SITE_KEY, sizeof identity->site_key);
    memcpy(identity->tag_key, block + AT_TAG_KEY, sizeof identity->tag_key);
    memcpy(identity->journal_key, block + AT_JOURNAL_KEY, sizeof identity->journal_key);
    memcpy(identity->storage_key, block + AT_STORAGE_KEY, sizeof identity->storage_key);
    memcpy(identity->role_key, block + AT_ROLE_KEYS, sizeof identity->role_key);
    memcpy(identity->seed, block + AT_SEED, sizeof identity->seed);
    decode_card_keys(identity, block);
    return ERR_OK;
}

static void encode_card_keys(const struct identity *identity, uint8_t block[IDENTITY_LEN_MAX])
{
    block[AT_CARD_KEY_COUNT] = identity->card_key_count;
    for (int i = 0; i < identity->card_key_count; i++) {
        uint8_t *out = block + AT_CARD_KEYS + i * CARD_KEY_LEN;
        out[0] = identity->card_keys[i].set;
        out[1] = identity->card_keys[i].version;
        memcpy(out + 2, identity->card_keys[i].key, CRYPTO_KEY_LEN);
    }
}

size_t identity_encode(const struct identity *identity, uint8_t block[IDENTITY_LEN_MAX])
{
    memset(block, 0, IDENTITY_LEN_MAX);
    memcpy(block, magic, sizeof magic);
    block[AT_FORMAT] = identity->card_key_count == 0 ? FORMAT : FORMAT_CARD_KEYS;
    block[AT_ZONE] = (uint8_t)identity->zone;
    memcpy(block + AT_SITE_ID, identity->site_id, sizeof identity->site_id);
    memcpy(block + AT_DEVICE_ID, identity->device_id, sizeof identity->device_id);
    memcpy(block + AT_NAME, identity->name, sizeof identity->name);
    memcpy(block + AT_SITE_KEY, identity->site_key, sizeof identity->site_key);
    memcpy(block + AT_TAG_KEY, identity->tag_key, sizeof identity->tag_key);
    memcpy(block + AT_JOURNAL_KEY, identity->journal_key, sizeof identity->journal_key);
    memcpy(block + AT_STORAGE_KEY, identity->storage_key, sizeof identity->storage_key);
    memcpy(block + AT_ROLE_KEYS, identity->role_key, sizeof identity->role_key);
    memcpy(block + AT_SEED, identity->seed, sizeof identity->seed);
    if (identity->card_key_count != 0)
        encode_card_keys(identity, block);
    size_t at_crc = crc_offset(block);
    bytes_put_u32(block + at_crc, crc32_compute(block, at_crc));
    return at_crc + 4;
}

void identity_site_id(const uint8_t key[CRYPTO_PUBLIC_KEY_LEN], uint8_t site_id[IDENTITY_SITE_ID_LEN])
{
    uint8_t digest[CRYPTO_HASH_LEN];
    crypto_sha256(key, CRYPTO_PUBLIC_KEY_LEN, digest);
    memcpy(site_id, digest, IDENTITY_SITE_ID_LEN);
}

int identity_psk(const struct identity *identity, enum role role, char psk[IDENTITY_PSK_LEN + 1])
{
    static const char digits[] = "0123456789abcdef";
    if (role != ROLE_MAINTENANCE && role != ROLE_TECHNICIAN)
        return ERR_ARGUMENT;
    const uint8_t *key = identity->role_key[role - ROLE_MAINTENANCE];
    for (int i = 0; i < CRYPTO_KEY_LEN; i++) {
        psk[2 * i] = digits[key[i] >> 4];
        psk[2 * i + 1] = digits[key[i] & 0xF];
    }
    psk[IDENTITY_PSK_LEN] = 0;
    return ERR_OK;
}

const char *role_name(enum role role)
{
    switch (role) {
    case ROLE_NONE:
        break;
    case ROLE_MAINTENANCE:
        return "maintenance";
    case ROLE_TECHNICIAN:
        return "technician";
    }
    return NULL;
}

enum role role_from_name(const uint8_t *name, size_t len)
{
    for (enum role role = ROLE_MAINTENANCE; role <= ROLE_TECHNICIAN; role++)
        if (len == strlen(role_name(role)) && memcmp(name, role_name(role), len) == 0)
            return role;
    return ROLE_NONE;
}

const char *zone_name(enum zone zone)
{
    return zone == ZONE_CANTEEN ? "canteen" : "building";
}
