/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/whitelist/whitelist_head.h"

#include <string.h>

#include "firmware/storage/flash_io.h"

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
        .addr = s->base,
        .hashes = s->base + whitelist_hashes_offset(&s->header),
        .hashes_end = s->base + s->header.head_len,
    };
    crypto_hash_start(&reader->hash);
}

static void read_on(struct head_reader *reader, void *buf, uint32_t len)
{
    if (reader->result == ERR_OK)
        reader->result = flash_io_read(reader->list->flash, reader->addr, buf, len);
    crypto_hash_add(&reader->hash, buf, len);
    reader->addr += len;
}

static void digest_piece(const uint8_t *piece, uint32_t len, uint8_t out[WHITELIST_HASH_PIECE_LEN])
{
    uint8_t digest[CRYPTO_HASH_LEN];
    crypto_sha256(piece, len, digest);
    memcpy(out, digest, WHITELIST_HASH_PIECE_LEN);
}

/* Reads the rest of the manifest without its signature, and keeps the digests of the pieces of the block
 * hashes unless pieces is NULL. */
static void read_hashes(struct head_reader *reader, uint8_t (*pieces)[WHITELIST_HASH_PIECE_LEN])
{
    uint8_t piece[PIECE_LEN];
    while (reader->result == ERR_OK && reader->addr < reader->hashes_end) {
        uint32_t at = reader->addr, limit = at < reader->hashes ? reader->hashes : reader->hashes_end;
        uint32_t count = limit - at < sizeof piece ? limit - at : sizeof piece;
        read_on(reader, piece, count);
        if (reader->result == ERR_OK && at >= reader->hashes && pieces != NULL)
            digest_piece(piece, count, pieces[(at - reader->hashes) / PIECE_LEN]);
    }
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
    read_hashes(&reader, NULL);
    read_signature(&reader, signature, digest);
    return reader.result;
}

int whitelist_head_take_signed(struct whitelist *list, int slot, uint8_t signed_digest[CRYPTO_HASH_LEN],
                               uint8_t signature[WHITELIST_SIGNATURE_LEN])
{
    struct whitelist_slot *s = &list->slots[slot];
    struct head_reader reader;
    open_head(&reader, list, slot);
    read_hashes(&reader, s->hash_pieces);
    crypto_hash without_signature = reader.hash;
    crypto_hash_finish(&without_signature, signed_digest);
    memset(signature, 0, WHITELIST_SIGNATURE_LEN);
    read_signature(&reader, signature, s->digest);
    return reader.result;
}

int whitelist_head_take(struct whitelist *list, int slot)
{
    uint8_t signed_digest[CRYPTO_HASH_LEN], signature[WHITELIST_SIGNATURE_LEN];
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
    int result = flash_io_read(list->flash, addr, piece, count);
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
    uint8_t seen[WHITELIST_HEADER_LEN] = {0}, expected[WHITELIST_HEADER_LEN], digest[CRYPTO_HASH_LEN];
    uint8_t signature[WHITELIST_SIGNATURE_LEN] = {0};
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
    read_hashes(&reader, NULL);
    read_signature(&reader, signature, digest);
    int result = reader.result;
    if (result == ERR_OK && (memcmp(seen, expected, sizeof seen) != 0 ||
                             memcmp(digest, list->slots[slot].digest, sizeof digest) != 0))
        result = ERR_CORRUPT;
    return result;
}
