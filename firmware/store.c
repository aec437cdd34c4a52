#include "firmware/store.h"

#include <string.h>

#include "firmware/bytes.h"

enum {
    KEY_HEADER = 0,
    AT_KEY = 2,
    AT_VALUE = 4,
    AT_MAC = 24,
    MAC_LEN = 8,
    HEADERS = 2,     /* the same header twice: a lost bit must not lose a sector */
    WRITE_TRIES = 4, /* places tried before a value is given up */
    MOVE_TRIES = 8,  /* erases tried before the other sector is given up */
};

_Static_assert(AT_VALUE + STORE_VALUE_LEN <= AT_MAC && AT_MAC + MAC_LEN == STORE_RECORD_LEN, "record layout");

static uint32_t place_count(const struct store *store)
{
    return store->flash->geometry->sector_size / STORE_RECORD_LEN;
}

static uint32_t place_address(const struct store *store, int sector, uint32_t place)
{
    return store->base + (uint32_t)sector * store->flash->geometry->sector_size + place * STORE_RECORD_LEN;
}

static int encode(struct store *store, uint8_t key, const uint8_t value[STORE_VALUE_LEN],
                  uint8_t out[STORE_RECORD_LEN])
{
    uint8_t mac[CRYPTO_MAC_LEN];
    memset(out, 0, STORE_RECORD_LEN);
    out[0] = 'P';
    out[1] = 'S';
    out[AT_KEY] = key;
    memcpy(out + AT_VALUE, value, STORE_VALUE_LEN);
    int result = crypto_mac_compute(&store->mac, out, AT_MAC, mac);
    memcpy(out + AT_MAC, mac, MAC_LEN);
    return result;
}

static bool is_blank(const uint8_t record[STORE_RECORD_LEN])
{
    for (int i = 0; i < STORE_RECORD_LEN; i++)
        if (record[i] != 0xFF)
            return false;
    return true;
}

/* @retval ERR_OK, ERR_NOT_FOUND (blank), ERR_CORRUPT, ERR_IO, ERR_CRYPTO. */
static int read_place(struct store *store, int sector, uint32_t place, uint8_t record[STORE_RECORD_LEN])
{
    uint8_t expected[STORE_RECORD_LEN];
    int result =
        store->flash->read(store->flash->ctx, place_address(store, sector, place), record, STORE_RECORD_LEN);
    if (result != ERR_OK)
        return result;
    if (is_blank(record))
        return ERR_NOT_FOUND;
    if (record[AT_KEY] >= STORE_KEYS)
        return ERR_CORRUPT;
    result = encode(store, record[AT_KEY], record + AT_VALUE, expected);
    if (result != ERR_OK)
        return result;
    return crypto_equal(expected, record, STORE_RECORD_LEN) ? ERR_OK : ERR_CORRUPT;
}

static int read_generation(struct store *store, int sector, bool *valid, uint32_t *generation)
{
    uint8_t record[STORE_RECORD_LEN];
    *valid = false;
    for (uint32_t place = 0; place < HEADERS && !*valid; place++) {
        int result = read_place(store, sector, place, record);
        if (result == ERR_IO || result == ERR_CRYPTO)
            return result;
        *valid = result == ERR_OK && record[AT_KEY] == KEY_HEADER;
    }
    *generation = *valid ? bytes_get_u32(record + AT_VALUE) : 0;
    return ERR_OK;
}

/* Takes in the records of a sector; used ends after the last place that is not blank. */
static int load_values(struct store *store, int sector)
{
    store->used = HEADERS;
    for (uint32_t place = HEADERS; place < place_count(store); place++) {
        uint8_t record[STORE_RECORD_LEN];
        int result = read_place(store, sector, place, record);
        if (result == ERR_IO || result == ERR_CRYPTO)
            return result;
        if (result == ERR_NOT_FOUND)
            continue;
        store->used = place + 1;
        if (result == ERR_OK && record[AT_KEY] != KEY_HEADER) {
            store->present[record[AT_KEY]] = true;
            memcpy(store->values[record[AT_KEY]], record + AT_VALUE, STORE_VALUE_LEN);
        }
    }
    return ERR_OK;
}

int store_mount(struct store *store, const struct flash *flash, uint32_t base,
                const uint8_t key[CRYPTO_KEY_LEN])
{
    bool valid[2];
    uint32_t generation[2];
    memset(store, 0, sizeof *store);
    store->flash = flash;
    store->base = base;
    store->active = -1;
    int result = crypto_mac_init(&store->mac, key);
    if (result != ERR_OK)
        return result;
    for (int sector = 0; sector < 2 && result == ERR_OK; sector++)
        result = read_generation(store, sector, &valid[sector], &generation[sector]);
    if (result == ERR_OK && (valid[0] || valid[1])) {
        store->active = valid[1] && (!valid[0] || generation[1] > generation[0]);
        store->generation = generation[store->active];
        /* The sector before first, for values whose record here lost a bit. */
        if (valid[!store->active])
            result = load_values(store, !store->active);
        if (result == ERR_OK)
            result = load_values(store, store->active);
    }
    if (result != ERR_OK)
        store_unmount(store);
    return result;
}

void store_unmount(struct store *store)
{
    crypto_mac_free(&store->mac);
}

int store_get(const struct store *store, enum store_key key, uint8_t value[STORE_VALUE_LEN])
{
    if (!store->present[key])
        return ERR_NOT_FOUND;
    memcpy(value, store->values[key], STORE_VALUE_LEN);
    return ERR_OK;
}

static int write_place(struct store *store, int sector, uint32_t place, uint8_t key,
                       const uint8_t value[STORE_VALUE_LEN])
{
    uint8_t record[STORE_RECORD_LEN], seen[STORE_RECORD_LEN];
    uint32_t addr = place_address(store, sector, place);
    int result = encode(store, key, value, record);
    if (result == ERR_OK)
        result = store->flash->program(store->flash->ctx, addr, record, sizeof record);
    if (result == ERR_OK)
        result = store->flash->read(store->flash->ctx, addr, seen, sizeof seen);
    if (result == ERR_OK && memcmp(record, seen, sizeof seen) != 0)
        result = ERR_IO;
    return result;
}

int store_set(struct store *store, enum store_key key, const uint8_t value[STORE_VALUE_LEN])
{
    if (store->present[key] && !store->doubtful[key] &&
        memcmp(store->values[key], value, STORE_VALUE_LEN) == 0)
        return ERR_OK;
    for (int tries = 0; tries < WRITE_TRIES; tries++) {
        if (store->active < 0 || store->used >= place_count(store))
            return ERR_BUSY;
        int result = write_place(store, store->active, store->used++, (uint8_t)key, value);
        store->doubtful[key] = result != ERR_OK;
        if (result == ERR_OK) {
            store->present[key] = true;
            memcpy(store->values[key], value, STORE_VALUE_LEN);
            return ERR_OK;
        }
    }
    return ERR_IO;
}

uint32_t store_get_u32(const struct store *store, enum store_key key)
{
    return store->present[key] ? bytes_get_u32(store->values[key]) : 0;
}

int store_set_u32(struct store *store, enum store_key key, uint32_t value)
{
    uint8_t bytes[STORE_VALUE_LEN] = {0};
    bytes_put_u32(bytes, value);
    return store_set(store, key, bytes);
}

/* Writes every living value, then the header that makes the sector the active one. A place that does not
 * take its value spoils the sector: it is erased again. */
static int move_to(struct store *store, int sector)
{
    uint8_t header[STORE_VALUE_LEN] = {0};
    uint32_t place = HEADERS;
    for (int key = 1; key < STORE_KEYS; key++) {
        if (!store->present[key])
            continue;
        int result = write_place(store, sector, place++, (uint8_t)key, store->values[key]);
        if (result != ERR_OK)
            return result;
    }
    bytes_put_u32(header, store->generation + 1);
    int result = write_place(store, sector, 0, KEY_HEADER, header);
    int spare = write_place(store, sector, 1, KEY_HEADER, header);
    if (result != ERR_OK && spare != ERR_OK)
        return result;
    store->generation++;
    store->active = sector;
    store->used = place;
    memset(store->doubtful, 0, sizeof store->doubtful);
    return ERR_OK;
}

/* The sector to move to. The first one of all may be either: a worn one must not keep the store closed. */
static int sector_to_prepare(const struct store *store)
{
    return store->active < 0 ? store->failed_moves % 2 : !store->active;
}

static int fail_move(struct store *store)
{
    store->other = STORE_RESTING;
    return ++store->failed_moves < MOVE_TRIES ? ERR_BUSY : ERR_IO;
}

int store_poll(struct store *store)
{
    int sector = sector_to_prepare(store);
    /* The other sector is needed when this one is three quarters full: until then it keeps the old values. */
    if (store->active >= 0 && store->used < place_count(store) / 4 * 3)
        return ERR_OK;
    if (store->failed_moves >= MOVE_TRIES)
        return ERR_IO;
    int result;
    switch (store->other) {
    case STORE_RESTING:
        result = store->flash->erase_start(store->flash->ctx, place_address(store, sector, 0));
        if (result == ERR_OK)
            store->other = STORE_ERASING;
        return result == ERR_OK || result == ERR_BUSY ? ERR_BUSY : fail_move(store);
    case STORE_ERASING:
        result = store->flash->erase_poll(store->flash->ctx);
        if (result == ERR_OK)
            store->other = STORE_BLANK;
        return result == ERR_OK || result == ERR_BUSY ? ERR_BUSY : fail_move(store);
    case STORE_BLANK:
        result = move_to(store, sector);
        if (result != ERR_OK)
            return fail_move(store);
        store->other = STORE_RESTING;
        store->failed_moves = 0;
        return ERR_BUSY;
    }
    return ERR_OK;
}
