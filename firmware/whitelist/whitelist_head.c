/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_head.h"

#include <string.h>

#include "firmware/whitelist/whitelist_group.h"

#define PIECE_LEN (WHITELIST_HASHES_PER_PIECE * WHITELIST_HASH_LEN)

enum { READ_TRIES = 2 }; /* a second try, because an error may be transient */

uint32_t whitelist_head_stored_len(const struct whitelist_header *header)
{
    return header->head_len + WHITELIST_SIGNATURE_LEN;
}

/* Reads a manifest and its signature once from start to end. The bytes that are used are thus the same bytes
 * as those that the digests cover. */
struct head_reader {
    const struct whitelist *list;
    int slot;
    uint32_t addr;
    uint32_t hashes, hashes_end; /* addresses of the block hashes and of the signature */
    crypto_hash hash;
    int result; /* the first error sticks */
};

static void open_head(struct head_reader *reader, const struct whitelist *list, int slot)
{
    const struct whitelist_slot *s = &list->slots[slot];
    *reader = (struct head_reader){
        .list = list,
        .slot = slot,
        .addr = s->base,
        .hashes = s->base + whitelist_hashes_offset(&s->header),
        .hashes_end = s->base + s->header.head_len,
    };
    crypto_hash_start(&reader->hash);
}

static void read_on(struct head_reader *reader, void *buf, uint32_t len)
{
    if (reader->result == ERR_OK)
        reader->result = whitelist_group_read(reader->list, reader->slot, reader->addr, buf, len);
    crypto_hash_add(&reader->hash, buf, len);
    reader->addr += len;
}

static void digest_piece(const uint8_t *piece, uint32_t len, uint8_t out[WHITELIST_HASH_PIECE_LEN])
{
    uint8_t digest[CRYPTO_HASH_LEN];
    crypto_sha256(piece, len, digest);
    memcpy(out, digest, WHITELIST_HASH_PIECE_LEN);
}

/* Reads up to an address. */
static void read_until(struct head_reader *reader, uint32_t end)
{
    uint8_t piece[PIECE_LEN];
    while (reader->result == ERR_OK && reader->addr < end)
        read_on(reader, piece, end - reader->addr < sizeof piece ? end - reader->addr : sizeof piece);
}

/* Reads the block hashes, and keeps the digests of their pieces. */
static void read_hashes(struct head_reader *reader, uint8_t (*pieces)[WHITELIST_HASH_PIECE_LEN])
{
    uint8_t piece[PIECE_LEN];
    while (reader->result == ERR_OK && reader->addr < reader->hashes_end) {
        uint32_t at = reader->addr, left = reader->hashes_end - at;
        uint32_t count = left < sizeof piece ? left : sizeof piece;
        read_on(reader, piece, count);
        if (reader->result == ERR_OK)
            digest_piece(piece, count, pieces[(at - reader->hashes) / PIECE_LEN]);
    }
}

/* Gives the first bytes of the digest of what was read so far. */
static void digest_so_far(const struct head_reader *reader, uint8_t out[WHITELIST_HASH_LEN])
{
    uint8_t digest[CRYPTO_HASH_LEN];
    crypto_hash so_far = reader->hash;
    crypto_hash_finish(&so_far, digest);
    memcpy(out, digest, WHITELIST_HASH_LEN);
}

static void read_signature(struct head_reader *reader, uint8_t signature[WHITELIST_SIGNATURE_LEN],
                           uint8_t digest[CRYPTO_HASH_LEN])
{
    read_on(reader, signature, WHITELIST_SIGNATURE_LEN);
    crypto_hash_finish(&reader->hash, digest);
}

int whitelist_head_digest(const struct whitelist *list, int slot, uint8_t digest[CRYPTO_HASH_LEN])
{
    uint8_t signature[WHITELIST_SIGNATURE_LEN] = {0};
    struct head_reader reader;
    open_head(&reader, list, slot);
    read_until(&reader, reader.hashes_end);
    read_signature(&reader, signature, digest);
    return reader.result;
}

int whitelist_head_take_signed(struct whitelist *list, int slot, uint8_t signed_digest[CRYPTO_HASH_LEN],
                               uint8_t signature[WHITELIST_SIGNATURE_LEN])
{
    struct whitelist_slot *s = &list->slots[slot];
    struct head_reader reader;
    s->has_checks = false;
    open_head(&reader, list, slot);
    read_until(&reader, reader.hashes);
    digest_so_far(&reader, s->tables_digest);
    read_hashes(&reader, s->hash_pieces);
    crypto_hash without_signature = reader.hash;
    crypto_hash_finish(&without_signature, signed_digest);
    memset(signature, 0, WHITELIST_SIGNATURE_LEN);
    read_signature(&reader, signature, s->digest);
    return reader.result;
}

/* Takes the manifest of a slot that is, byte for byte, that of the other one: its pieces need no hashes of
 * their own. Returns ERR_OK, ERR_NOT_FOUND (it is another one), ERR_IO. */
static int take_same(struct whitelist *list, int slot)
{
    struct whitelist_slot *s = &list->slots[slot];
    const struct whitelist_slot *other = &list->slots[!slot];
    if (!other->present || other->header.version != s->header.version)
        return ERR_NOT_FOUND;
    int result = whitelist_head_digest(list, slot, s->digest);
    if (result != ERR_OK)
        return result;
    if (memcmp(s->digest, other->digest, sizeof s->digest) != 0)
        return ERR_NOT_FOUND;
    memcpy(s->tables_digest, other->tables_digest, sizeof s->tables_digest);
    memcpy(s->hash_pieces, other->hash_pieces, sizeof s->hash_pieces);
    return ERR_OK;
}

int whitelist_head_take(struct whitelist *list, int slot)
{
    uint8_t signed_digest[CRYPTO_HASH_LEN], signature[WHITELIST_SIGNATURE_LEN];
    int result = take_same(list, slot);
    if (result != ERR_NOT_FOUND)
        return result;
    return whitelist_head_take_signed(list, slot, signed_digest, signature);
}

static int read_listed(const struct whitelist *list, int slot, uint32_t index,
                       uint8_t hash[WHITELIST_HASH_LEN])
{
    const struct whitelist_slot *s = &list->slots[slot];
    uint8_t piece[PIECE_LEN], digest[WHITELIST_HASH_PIECE_LEN];
    uint32_t number = index / WHITELIST_HASHES_PER_PIECE, at = number * PIECE_LEN;
    uint32_t left = s->header.block_count * WHITELIST_HASH_LEN - at;
    uint32_t count = left < sizeof piece ? left : sizeof piece;
    uint32_t addr = s->base + whitelist_hashes_offset(&s->header) + at;
    int result = whitelist_group_read(list, slot, addr, piece, count);
    if (result != ERR_OK)
        return result;
    digest_piece(piece, count, digest);
    if (memcmp(digest, s->hash_pieces[number], sizeof digest) != 0)
        return ERR_CORRUPT;
    memcpy(hash, piece + index % WHITELIST_HASHES_PER_PIECE * WHITELIST_HASH_LEN, WHITELIST_HASH_LEN);
    return ERR_OK;
}

int whitelist_head_listed_hash(const struct whitelist *list, int slot, uint32_t index,
                               uint8_t hash[WHITELIST_HASH_LEN])
{
    int result = ERR_CORRUPT;
    if (index >= list->slots[slot].header.block_count)
        return ERR_ARGUMENT;
    for (int tries = 0; tries < READ_TRIES && result == ERR_CORRUPT; tries++)
        result = read_listed(list, slot, index, hash);
    return result;
}

/* Reads one table of the manifest and calls take for each of its count records of len bytes. */
static void load_table(struct head_reader *reader, uint32_t count, uint32_t len,
                       struct whitelist_tables *tables,
                       void (*take)(struct whitelist_tables *tables, uint32_t i, const uint8_t *record))
{
    uint8_t record[WHITELIST_SERVICE_LEN] = {0};
    for (uint32_t i = 0; i < count && reader->result == ERR_OK; i++) {
        read_on(reader, record, len);
        if (reader->result == ERR_OK)
            take(tables, i, record);
    }
}

static void take_profile(struct whitelist_tables *tables, uint32_t i, const uint8_t *record)
{
    whitelist_profile_decode(&tables->profiles[i], record);
}

static void take_service(struct whitelist_tables *tables, uint32_t i, const uint8_t *record)
{
    whitelist_service_decode(&tables->services[i], record);
}

static void take_window(struct whitelist_tables *tables, uint32_t i, const uint8_t *record)
{
    whitelist_window_decode(&tables->windows[i], record);
}

static void take_calendar(struct whitelist_tables *tables, uint32_t i, const uint8_t *record)
{
    whitelist_calendar_decode(&tables->calendar[i], record);
}

static void take_assurance(struct whitelist_tables *tables, uint32_t i, const uint8_t *record)
{
    whitelist_assurance_decode(&tables->assurance[i], record);
}

static void take_fingerprint(struct whitelist_tables *tables, uint32_t i, const uint8_t *record)
{
    whitelist_fingerprint_decode(&tables->fingerprints[i], record);
}

static void take_application(struct whitelist_tables *tables, uint32_t i, const uint8_t *record)
{
    whitelist_application_decode(&tables->applications[i], record);
}

int whitelist_head_load_tables(struct whitelist *list, int slot, struct whitelist_tables *tables)
{
    const struct whitelist_header *header = &list->slots[slot].header;
    uint8_t seen[WHITELIST_HEADER_LEN] = {0}, expected[WHITELIST_HEADER_LEN], digest[WHITELIST_HASH_LEN];
    struct head_reader reader;
    *tables = (struct whitelist_tables){
        .zone = time_zone_default(),
        .profile_count = (uint8_t)header->profile_count,
        .service_count = header->service_count,
        .window_count = header->window_count,
        .calendar_count = header->calendar_count,
        .assurance_count = header->assurance_count,
        .fingerprint_count = header->fingerprint_count,
        .application_count = header->application_count,
    };
    memset(list->work.rules, 0xFF, sizeof list->rules);
    if (header->time_zone[0] != 0 && time_zone_parse(&tables->zone, header->time_zone) != ERR_OK)
        return ERR_CORRUPT; /* cannot happen: the rule was checked when the header was decoded */
    whitelist_header_encode(header, expected);
    open_head(&reader, list, slot);
    read_on(&reader, seen, sizeof seen);
    load_table(&reader, header->profile_count, WHITELIST_PROFILE_LEN, tables, take_profile);
    read_on(&reader, list->work.rules, (uint32_t)header->rule_slots * WHITELIST_RULE_LEN);
    load_table(&reader, header->service_count, WHITELIST_SERVICE_LEN, tables, take_service);
    load_table(&reader, header->window_count, WHITELIST_WINDOW_LEN, tables, take_window);
    load_table(&reader, header->calendar_count, WHITELIST_CALENDAR_LEN, tables, take_calendar);
    load_table(&reader, header->assurance_count, WHITELIST_ASSURANCE_LEN, tables, take_assurance);
    load_table(&reader, header->fingerprint_count, WHITELIST_FINGERPRINT_LEN, tables, take_fingerprint);
    load_table(&reader, header->application_count, WHITELIST_APPLICATION_LEN, tables, take_application);
    read_until(&reader, reader.hashes);
    digest_so_far(&reader, digest);
    int result = reader.result;
    if (result == ERR_OK && (memcmp(seen, expected, sizeof seen) != 0 ||
                             memcmp(digest, list->slots[slot].tables_digest, sizeof digest) != 0))
        result = ERR_CORRUPT;
    return result;
}
