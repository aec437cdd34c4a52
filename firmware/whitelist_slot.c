#include "firmware/whitelist_slot.h"

#include <string.h>

#include "firmware/bytes.h"

#define COMMIT_OFFSET (WHITELIST_BLOCKS_OFFSET - WHITELIST_COMMIT_LEN)
#define PIECE_LEN     256

static const uint8_t commit_magic[4] = {'P', 'T', 'W', 'C'};

static int flash_read(const struct whitelist *list, uint32_t addr, void *buf, size_t len)
{
    return list->flash->read(list->flash->ctx, addr, buf, len);
}

uint32_t whitelist_slot_head_len(const struct whitelist_header *header)
{
    return header->head_len + WHITELIST_SIGNATURE_LEN;
}

uint32_t whitelist_slot_block_address(const struct whitelist *list, int slot, uint32_t index)
{
    return list->slots[slot].base + WHITELIST_BLOCKS_OFFSET + index * WHITELIST_BLOCK_LEN;
}

int whitelist_slot_digest(const struct whitelist *list, int slot, const struct whitelist_header *header,
                          uint8_t digest[CRYPTO_HASH_LEN])
{
    uint8_t piece[PIECE_LEN];
    uint32_t len = whitelist_slot_head_len(header);
    crypto_hash hash;
    int result = ERR_OK;
    crypto_hash_start(&hash);
    for (uint32_t done = 0; done < len && result == ERR_OK;) {
        uint32_t count = len - done < sizeof piece ? len - done : sizeof piece;
        result = flash_read(list, list->slots[slot].base + done, piece, count);
        crypto_hash_add(&hash, piece, count);
        done += count;
    }
    crypto_hash_finish(&hash, digest);
    return result;
}

static int encode_commit(struct whitelist *list, int slot, uint8_t out[WHITELIST_COMMIT_LEN])
{
    const struct whitelist_slot *s = &list->slots[slot];
    uint8_t message[16 + CRYPTO_HASH_LEN];
    memset(out, 0, WHITELIST_COMMIT_LEN);
    memcpy(out, commit_magic, sizeof commit_magic);
    bytes_put_u32(out + 4, s->header.version);
    bytes_put_u32(out + 8, s->header.head_len);
    memcpy(message, out, 16);
    memcpy(message + 16, s->digest, CRYPTO_HASH_LEN);
    return crypto_mac_compute(&list->storage_mac, message, sizeof message, out + 16);
}

int whitelist_slot_check_commit(struct whitelist *list, int slot)
{
    uint8_t seen[WHITELIST_COMMIT_LEN], expected[WHITELIST_COMMIT_LEN];
    int result = flash_read(list, list->slots[slot].base + COMMIT_OFFSET, seen, sizeof seen);
    if (result == ERR_OK)
        result = encode_commit(list, slot, expected);
    if (result == ERR_OK && !crypto_equal(seen, expected, sizeof seen))
        result = ERR_CORRUPT;
    return result;
}

int whitelist_slot_commit(struct whitelist *list, int slot)
{
    uint8_t record[WHITELIST_COMMIT_LEN];
    int result = encode_commit(list, slot, record);
    if (result == ERR_OK)
        result = list->flash->program(list->flash->ctx, list->slots[slot].base + COMMIT_OFFSET, record,
                                      sizeof record);
    if (result == ERR_OK)
        result = whitelist_slot_check_commit(list, slot);
    list->slots[slot].committed = result == ERR_OK;
    return result == ERR_CORRUPT ? ERR_IO : result;
}

int whitelist_slot_load(struct whitelist *list, int slot)
{
    struct whitelist_slot *s = &list->slots[slot];
    uint8_t bytes[WHITELIST_HEADER_LEN];
    s->present = s->committed = false;
    int result = flash_read(list, s->base, bytes, sizeof bytes);
    if (result != ERR_OK)
        return result;
    if (whitelist_header_decode(&s->header, bytes) != ERR_OK ||
        memcmp(s->header.site_id, list->identity->site_id, IDENTITY_SITE_ID_LEN) != 0 ||
        WHITELIST_BLOCKS_OFFSET + s->header.block_count * WHITELIST_BLOCK_LEN > list->slot_len)
        return ERR_OK;
    result = whitelist_slot_digest(list, slot, &s->header, s->digest);
    if (result != ERR_OK)
        return result;
    s->present = true;
    result = whitelist_slot_check_commit(list, slot);
    s->committed = result == ERR_OK;
    return result == ERR_CORRUPT ? ERR_OK : result;
}

int whitelist_slot_listed_hash(const struct whitelist *list, int slot, uint32_t index,
                               uint8_t hash[WHITELIST_HASH_LEN])
{
    const struct whitelist_slot *s = &list->slots[slot];
    uint32_t at = whitelist_hashes_offset(&s->header) + index * WHITELIST_HASH_LEN;
    return flash_read(list, s->base + at, hash, WHITELIST_HASH_LEN);
}

int whitelist_slot_read_block(const struct whitelist *list, int slot, uint32_t index,
                              uint8_t buf[WHITELIST_BLOCK_LEN], uint8_t hash[WHITELIST_HASH_LEN])
{
    uint8_t digest[CRYPTO_HASH_LEN];
    int result = flash_read(list, whitelist_slot_block_address(list, slot, index), buf, WHITELIST_BLOCK_LEN);
    if (result != ERR_OK)
        return result;
    crypto_sha256(buf, WHITELIST_BLOCK_LEN, digest);
    memcpy(hash, digest, WHITELIST_HASH_LEN);
    return ERR_OK;
}

int whitelist_slot_write_block(const struct whitelist *list, int slot, uint32_t index,
                               const uint8_t block[WHITELIST_BLOCK_LEN])
{
    uint8_t seen[PIECE_LEN];
    uint32_t addr = whitelist_slot_block_address(list, slot, index);
    int result = list->flash->program(list->flash->ctx, addr, block, WHITELIST_BLOCK_LEN);
    for (uint32_t done = 0; done < WHITELIST_BLOCK_LEN && result == ERR_OK; done += sizeof seen) {
        result = flash_read(list, addr + done, seen, sizeof seen);
        if (result == ERR_OK && memcmp(seen, block + done, sizeof seen) != 0)
            result = ERR_IO;
    }
    return result;
}

void whitelist_slot_erase_begin(struct whitelist *list)
{
    list->erase_step = list->erasing ? UINT32_MAX : 0; /* the end of the running erase makes it 0 */
}

int whitelist_slot_erase_head(struct whitelist *list, int slot, uint32_t head_len)
{
    uint32_t sector_size = list->flash->geometry->sector_size;
    uint32_t area_sectors = WHITELIST_BLOCKS_OFFSET / sector_size;
    uint32_t head_sectors = (head_len + sector_size - 1) / sector_size;
    uint32_t steps = head_sectors < area_sectors ? head_sectors + 1 : area_sectors;
    if (list->erasing) {
        int result = list->flash->erase_poll(list->flash->ctx);
        if (result == ERR_BUSY)
            return ERR_BUSY;
        list->erasing = false;
        if (result != ERR_OK)
            return result;
        list->erase_step++;
    }
    if (list->erase_step == steps)
        return ERR_OK;
    /* The sector of the commit record goes first: from then on no half-erased head can pass for a list. */
    uint32_t sector = list->erase_step == 0 ? area_sectors - 1 : list->erase_step - 1;
    int result = list->flash->erase_start(list->flash->ctx, list->slots[slot].base + sector * sector_size);
    list->erasing = result == ERR_OK;
    return result == ERR_OK ? ERR_BUSY : result;
}

/* One table of the head: each of count records of len bytes is handed to take. */
static int load_table(const struct whitelist *list, uint32_t addr, uint32_t count, uint32_t len,
                      struct whitelist_tables *tables,
                      void (*take)(struct whitelist_tables *tables, uint32_t i, const uint8_t *record))
{
    uint8_t record[WHITELIST_SERVICE_LEN];
    int result = ERR_OK;
    for (uint32_t i = 0; i < count && result == ERR_OK; i++) {
        result = flash_read(list, addr + i * len, record, len);
        if (result == ERR_OK)
            take(tables, i, record);
    }
    return result;
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

static int load_tables(const struct whitelist *list, int slot, struct whitelist_tables *tables)
{
    const struct whitelist_header *header = &list->slots[slot].header;
    uint32_t base = list->slots[slot].base;
    *tables = (struct whitelist_tables){
        .zone = time_zone_default(),
        .profile_count = (uint8_t)header->profile_count,
        .service_count = header->service_count,
        .window_count = header->window_count,
        .calendar_count = header->calendar_count,
    };
    if (header->time_zone[0] != 0 && time_zone_parse(&tables->zone, header->time_zone) != ERR_OK)
        return ERR_CORRUPT; /* the header was found good */
    int result = load_table(list, base + whitelist_profiles_offset(), header->profile_count,
                            WHITELIST_PROFILE_LEN, tables, take_profile);
    if (result == ERR_OK)
        result = load_table(list, base + whitelist_services_offset(header), header->service_count,
                            WHITELIST_SERVICE_LEN, tables, take_service);
    if (result == ERR_OK)
        result = load_table(list, base + whitelist_windows_offset(header), header->window_count,
                            WHITELIST_WINDOW_LEN, tables, take_window);
    if (result == ERR_OK)
        result = load_table(list, base + whitelist_calendar_offset(header), header->calendar_count,
                            WHITELIST_CALENDAR_LEN, tables, take_calendar);
    return result;
}

int whitelist_slot_run(struct whitelist *list, int slot)
{
    const struct whitelist_slot *s = &list->slots[slot];
    /* 2.5 KiB of stack, at start-up and at a commit only: a read that fails half-way must leave the tables
     * that rule now, and the block buffer already holds the rules. */
    struct whitelist_tables tables;
    _Static_assert(sizeof list->rules <= sizeof list->block, "the rules fit a block");
    int result = load_tables(list, slot, &tables);
    memset(list->block, 0xFF, sizeof list->rules);
    if (result == ERR_OK)
        result = flash_read(list, s->base + whitelist_rules_offset(&s->header), list->block,
                            (size_t)s->header.rule_slots * WHITELIST_RULE_LEN);
    if (result != ERR_OK)
        return result;
    /* Only now that all is read: a failure leaves the list that ruled before as it was. */
    list->tables = tables;
    memcpy(list->rules, list->block, sizeof list->rules);
    list->running = slot;
    return ERR_OK;
}
