/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/storage/store.h"

#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/storage/flash_io.h"
#include "firmware/storage/sealed.h"

enum {
    KEY_HEADER = 0,
    AT_KEY = 2,
    AT_KEY_AGAIN = 3,
    AT_VALUE = 4,
    HEADERS = 2,     /* two copies of the header, so that one flipped bit does not lose the sector */
    WRITE_TRIES = 4, /* places tried before storing a value fails */
    MOVE_TRIES = 8,  /* moves tried before the other sector counts as worn */
    MOVE_VALUES = 4, /* copied in one poll */
    READ_TRIES = 2,
    LOAD_TRIES = 3,   /* loads that fail or differ before the mount fails with ERR_IO */
    LOOKS = 16,       /* loads that find no values before a sector is erased to become the first */
    CORRECTIONS = 16, /* damaged records that a load tries to correct, at most */
    PIECE_PLACES = 8, /* read at once */
    /* So many blank places in a row are the end of a sector. A set leaves three blank at most: store_set. */
    END_PLACES = 64,
    LIMITED_SECTOR_LEN = 65536,
};

_Static_assert(AT_VALUE + STORE_VALUE_LEN <= SEALED_CONTENT_LEN && STORE_RECORD_LEN == SEALED_LEN,
               "record layout");

/* What is the same in each record. */
static const struct sealed_known record_form = {.bytes = 0xF00003, .content = {'P', 'S'}};

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
    memset(out, 0, STORE_RECORD_LEN);
    out[0] = 'P';
    out[1] = 'S';
    out[AT_KEY] = key;
    out[AT_KEY_AGAIN] = (uint8_t)~key;
    memcpy(out + AT_VALUE, value, STORE_VALUE_LEN);
    return sealed_close(&store->mac, out);
}

/* Returns true if a record names its key twice. A record of a firmware before 0.2 has 0 in place of the
 * second name, and does not. */
static bool names_key_twice(const uint8_t record[STORE_RECORD_LEN])
{
    return record[0] == 'P' && record[1] == 'S' && record[AT_KEY] < STORE_KEYS &&
           (record[AT_KEY] ^ record[AT_KEY_AGAIN]) == 0xFF;
}

static int read_place_once(struct store *store, int sector, uint32_t place, uint8_t record[STORE_RECORD_LEN])
{
    int result =
        store->flash->read(store->flash->ctx, place_address(store, sector, place), record, STORE_RECORD_LEN);
    if (result == ERR_OK)
        result = sealed_check(&store->mac, record);
    return result == ERR_OK && record[AT_KEY] >= STORE_KEYS ? ERR_CORRUPT : result;
}

int store_peek(const struct flash *flash, uint32_t addr, uint8_t value[STORE_VALUE_LEN])
{
    uint8_t record[STORE_RECORD_LEN];
    int result = flash_io_read(flash, addr, record, sizeof record);
    if (result != ERR_OK)
        return ERR_IO;
    if (record[0] != 'P' || record[1] != 'S' || record[AT_KEY] >= STORE_KEYS)
        return ERR_NOT_FOUND;
    memcpy(value, record + AT_VALUE, STORE_VALUE_LEN);
    return record[AT_KEY];
}

/* Reads and checks one record; retries a failure once, because it may be transient. Returns ERR_OK,
 * ERR_NOT_FOUND (blank), ERR_CORRUPT, ERR_IO, ERR_CRYPTO. */
static int read_place(struct store *store, int sector, uint32_t place, uint8_t record[STORE_RECORD_LEN])
{
    int result = ERR_IO;
    for (int tries = 0; tries < READ_TRIES && (result == ERR_IO || result == ERR_CORRUPT); tries++)
        result = read_place_once(store, sector, place, record);
    return result;
}

/* Reads the generations of both sectors; 0: no valid header. Returns ERR_OK, ERR_IO, ERR_CRYPTO. */
static int read_generations(struct store *store, uint32_t generations[2])
{
    for (int sector = 0; sector < 2; sector++) {
        generations[sector] = 0;
        for (uint32_t place = 0; place < HEADERS && generations[sector] == 0; place++) {
            uint8_t record[STORE_RECORD_LEN];
            int result = read_place(store, sector, place, record);
            if (result == ERR_IO || result == ERR_CRYPTO)
                return result;
            if (result == ERR_OK && record[AT_KEY] == KEY_HEADER)
                generations[sector] = bytes_get_u32(record + AT_VALUE);
        }
    }
    return ERR_OK;
}

/* Keeps a value that flash has. A move that has copied an older one copies it too. */
static void keep_value(struct store *store, int key, const uint8_t value[STORE_VALUE_LEN])
{
    store->present[key] = true;
    memcpy(store->values[key], value, STORE_VALUE_LEN);
    store->corrected &= ~(UINT32_C(1) << key);
    store->copied &= ~(UINT32_C(1) << key);
}

static void take(struct store *store, const uint8_t record[STORE_RECORD_LEN], bool is_corrected)
{
    uint8_t key = record[AT_KEY];
    if (key == KEY_HEADER)
        return;
    keep_value(store, key, record + AT_VALUE);
    store->corrected |= (uint32_t)is_corrected << key;
}

/* ---- loading all records, also damaged ones ---- */

/* Inverts the bit of a damaged record that is wrong, if it is one. Returns ERR_OK, ERR_CORRUPT, ERR_CRYPTO.
 * */
static int correct(struct store *store, uint8_t record[STORE_RECORD_LEN], uint32_t *corrections)
{
    if (!sealed_is_near(record, &record_form) || *corrections == CORRECTIONS)
        return ERR_CORRUPT;
    ++*corrections;
    int result = sealed_correct(&store->mac, record, &record_form);
    return result == ERR_OK && record[AT_KEY] >= STORE_KEYS ? ERR_CORRUPT : result;
}

/* Loads the records of a sector and sets `used` to the end of the last place that is not blank. *gap is set
 * if a blank place lies between others. Places are used in order, so such a place may be a read error. */
static int load_values(struct store *store, int sector, bool *gap)
{
    uint32_t corrections = 0;
    store->used = HEADERS;
    *gap = false;
    for (uint32_t place = HEADERS; place < place_count(store) && place < store->used + END_PLACES; place++) {
        uint8_t record[STORE_RECORD_LEN];
        int result = read_place(store, sector, place, record);
        bool is_damaged = result == ERR_CORRUPT;
        if (is_damaged)
            result = correct(store, record, &corrections);
        if (result == ERR_IO || result == ERR_CRYPTO)
            return result;
        if (result == ERR_NOT_FOUND)
            continue;
        *gap = *gap || place > store->used;
        store->used = place + 1;
        if (result == ERR_OK)
            take(store, record, is_damaged);
    }
    return ERR_OK;
}

/* Notes the position at the end of the last place that is used. A sector of 64 KiB has 2048 places, one of
 * 128 KiB has 4096. */
static void note_position(struct store *store)
{
    store->position = store->generation << 12 | (store->used - 1);
}

static int load_sector(struct store *store, int sector)
{
    bool gap;
    int result = load_values(store, sector, &gap);
    return result == ERR_OK && gap ? load_values(store, sector, &gap) : result;
}

static void forget_values(struct store *store)
{
    store->corrected = 0;
    memset(store->present, 0, sizeof store->present);
}

/* The older sector is loaded first. Its value remains if the record in the active sector is damaged. */
static int load_all(struct store *store, int active, const uint32_t generations[2])
{
    int result = ERR_OK;
    forget_values(store);
    if (generations[!active] != 0)
        result = load_sector(store, !active);
    return result == ERR_OK ? load_sector(store, active) : result;
}

/* ---- loading the newest records of a whole sector ---- */

/* What the records of a sector say without their MACs. */
struct scan {
    uint32_t end;                /* of the last place that is not blank */
    uint32_t newest[STORE_KEYS]; /* the last place of a record of each key; 0: none */
    bool is_whole;               /* each place up to the end names its key twice */
};

static void scan_place(struct scan *scan, uint32_t place, const uint8_t record[STORE_RECORD_LEN])
{
    if (place < HEADERS || flash_is_blank(record, STORE_RECORD_LEN))
        return;
    scan->is_whole = scan->is_whole && place == scan->end && names_key_twice(record);
    scan->end = place + 1;
    if (scan->is_whole)
        scan->newest[record[AT_KEY]] = place;
}

static int scan_sector(const struct store *store, int sector, struct scan *scan)
{
    uint8_t piece[PIECE_PLACES * STORE_RECORD_LEN];
    *scan = (struct scan){.end = HEADERS, .is_whole = true};
    for (uint32_t place = 0; place < place_count(store) && place < scan->end + END_PLACES && scan->is_whole;
         place += PIECE_PLACES) {
        int result = flash_io_read(store->flash, place_address(store, sector, place), piece, sizeof piece);
        if (result != ERR_OK)
            return result;
        for (uint32_t i = 0; i < PIECE_PLACES; i++)
            scan_place(scan, place + i, piece + i * STORE_RECORD_LEN);
    }
    return ERR_OK;
}

/* Reads the newest record of each key, and the place behind the last one once more. Returns ERR_OK,
 * ERR_CORRUPT (one of them is not what the scan saw), ERR_IO, ERR_CRYPTO. */
static int load_newest(struct store *store, int sector, const struct scan *scan)
{
    uint8_t record[STORE_RECORD_LEN];
    int result = ERR_OK;
    for (int key = 1; key < STORE_KEYS && result == ERR_OK; key++) {
        if (scan->newest[key] == 0)
            continue;
        result = read_place(store, sector, scan->newest[key], record);
        if (result == ERR_OK && record[AT_KEY] == key)
            take(store, record, false);
        else if (result == ERR_OK || result == ERR_NOT_FOUND)
            result = ERR_CORRUPT;
    }
    if (result != ERR_OK || scan->end == place_count(store))
        return result;
    result = read_place(store, sector, scan->end, record);
    return result == ERR_NOT_FOUND ? ERR_OK : result == ERR_OK ? ERR_CORRUPT : result;
}

/* Loads the active sector alone: it began with a copy of all values. Each record names its key twice, so a
 * wrong bit does not make it look like one of another key, and a record that a newer one of its key follows
 * needs no check. Returns ERR_OK, ERR_CORRUPT (there is damage: all records count), ERR_IO, ERR_CRYPTO. */
static int load_whole(struct store *store, int active)
{
    struct scan scan;
    forget_values(store);
    int result = scan_sector(store, active, &scan);
    if (result != ERR_OK || !scan.is_whole)
        return result == ERR_OK ? ERR_CORRUPT : result;
    store->used = scan.end;
    return load_newest(store, active, &scan);
}

/* Loads the values. Returns ERR_OK, ERR_CORRUPT (repeated reads differ, so the data is not reliable), ERR_IO,
 * ERR_CRYPTO. */
static int load(struct store *store)
{
    uint32_t generations[2], again[2];
    store->active = -1;
    forget_values(store);
    int result = read_generations(store, generations);
    if (result != ERR_OK || (generations[0] == 0 && generations[1] == 0))
        return result;
    int active = generations[1] > generations[0];
    result = load_whole(store, active);
    if (result == ERR_CORRUPT)
        result = load_all(store, active, generations);
    if (result == ERR_OK)
        result = read_generations(store, again);
    if (result == ERR_OK && memcmp(generations, again, sizeof again) != 0)
        result = ERR_CORRUPT; /* the values read in between may be wrong too */
    if (result != ERR_OK)
        return result;
    store->active = active;
    store->generation = generations[active];
    note_position(store);
    return ERR_OK;
}

int store_mount(struct store *store, const struct flash *flash, uint32_t base,
                const uint8_t key[CRYPTO_KEY_LEN])
{
    memset(store, 0, sizeof *store);
    store->flash = flash;
    store->base = base;
    store->active = -1;
    int result = crypto_mac_init(&store->mac, key);
    if (result != ERR_OK)
        return result;
    result = load(store);
    for (int tries = 1; tries < LOAD_TRIES && (result == ERR_CORRUPT || result == ERR_IO); tries++)
        result = load(store);
    if (result != ERR_OK)
        store_unmount(store);
    return result == ERR_CORRUPT ? ERR_IO : result;
}

void store_unmount(struct store *store)
{
    crypto_mac_free(&store->mac);
}

bool store_is_ready(const struct store *store)
{
    return store->active >= 0;
}

uint32_t store_position(const struct store *store)
{
    return store->position;
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
    uint8_t record[STORE_RECORD_LEN];
    int result = encode(store, key, value, record);
    if (result != ERR_OK)
        return result;
    return flash_io_program(store->flash, place_address(store, sector, place), record, sizeof record);
}

/* Finds the next blank place from `used` on, without the *refused places there that did not take a record or
 * cannot be read. A record found there was not seen at the mount: it is loaded now and never overwritten.
 * Returns ERR_OK, ERR_BUSY (no room), ERR_IO (the place cannot be read, or is neither blank nor a valid
 * record; it is skipped), ERR_CRYPTO. */
static int find_place(struct store *store, uint32_t *refused)
{
    uint8_t record[STORE_RECORD_LEN];
    while (store->active >= 0 && store->used + *refused < place_count(store)) {
        int result = read_place(store, store->active, store->used + *refused, record);
        if (result == ERR_NOT_FOUND)
            return ERR_OK;
        if (result == ERR_CRYPTO)
            return result;
        if (result == ERR_IO) {
            ++*refused;
            return ERR_IO;
        }
        store->used += *refused + 1;
        *refused = 0;
        if (result != ERR_OK)
            return ERR_IO;
        take(store, record, false);
    }
    return ERR_BUSY;
}

static bool is_corrected(const struct store *store, int key)
{
    return store->corrected >> key & 1;
}

/* Writes a value in the next place. One that stays blank still counts as unused: blank places in a row would
 * look like the end of the sector. Returns the results of find_place. */
static int write_next(struct store *store, enum store_key key, const uint8_t value[STORE_VALUE_LEN],
                      uint32_t *refused)
{
    int result = find_place(store, refused);
    if (result != ERR_OK)
        return result;
    result = write_place(store, store->active, store->used + *refused, (uint8_t)key, value);
    if (result == ERR_CRYPTO)
        return result;
    store->doubtful[key] = result != ERR_OK;
    if (result == ERR_NO_SPACE) {
        ++*refused;
        return ERR_IO;
    }
    store->used += *refused + 1;
    *refused = 0;
    return result == ERR_OK ? ERR_OK : ERR_IO;
}

int store_set(struct store *store, enum store_key key, const uint8_t value[STORE_VALUE_LEN])
{
    uint32_t refused = 0;
    int result = ERR_IO;
    if (store->present[key] && !store->doubtful[key] && !is_corrected(store, (int)key) &&
        memcmp(store->values[key], value, STORE_VALUE_LEN) == 0)
        return ERR_OK;
    for (int tries = 0; tries < WRITE_TRIES && result == ERR_IO; tries++)
        result = write_next(store, key, value, &refused);
    if (result == ERR_OK) {
        note_position(store);
        keep_value(store, (int)key, value);
    }
    return result;
}

/* Writes a value again whose record has a wrong bit, so that a second one does not lose it. A value that
 * cannot be written is not tried again before the next mount. */
static int renew_corrected(struct store *store)
{
    uint8_t value[STORE_VALUE_LEN];
    int key = 1;
    while (!is_corrected(store, key))
        key++;
    memcpy(value, store->values[key], sizeof value);
    int result = store_set(store, (enum store_key)key, value);
    if (result != ERR_BUSY)
        store->corrected &= ~(UINT32_C(1) << key);
    return ERR_BUSY;
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

static void start_move(struct store *store)
{
    store->other = STORE_BLANK;
    store->copied = 0;
    store->copied_to = HEADERS;
}

/* Copies some of the values that the new sector does not have yet. Returns ERR_OK (it has all of them),
 * ERR_BUSY (call again), ERR_IO, ERR_NO_SPACE, ERR_CORRUPT, ERR_CRYPTO (one cannot be written). */
static int copy_values(struct store *store, int sector)
{
    int copied = 0;
    for (int key = 1; key < STORE_KEYS && copied < MOVE_VALUES; key++) {
        if (!store->present[key] || store->copied >> key & 1)
            continue;
        if (store->copied_to == place_count(store))
            return ERR_NO_SPACE;
        int result = write_place(store, sector, store->copied_to++, (uint8_t)key, store->values[key]);
        if (result != ERR_OK)
            return result;
        store->copied |= UINT32_C(1) << key;
        copied++;
    }
    return copied == 0 ? ERR_OK : ERR_BUSY;
}

/* Copies the current values to the new sector, and then writes its header, which makes it the active one. If
 * a value cannot be written, the move fails and the sector is erased again. Returns the results of
 * copy_values. */
static int move_to(struct store *store, int sector)
{
    uint8_t header[STORE_VALUE_LEN] = {0};
    int result = copy_values(store, sector);
    if (result != ERR_OK)
        return result;
    bytes_put_u32(header, store->generation + 1);
    result = write_place(store, sector, 0, KEY_HEADER, header);
    int spare = write_place(store, sector, 1, KEY_HEADER, header);
    if (result != ERR_OK && spare != ERR_OK)
        return result;
    store->generation++;
    store->active = sector;
    store->used = store->copied_to;
    note_position(store);
    store->corrected = 0;
    memset(store->doubtful, 0, sizeof store->doubtful);
    store->other = STORE_RESTING;
    store->failed_moves = 0;
    return ERR_OK;
}

/* Returns the sector to move to. While there is no active sector both are tried in turn, so that one worn
 * sector does not prevent the first start of the store. */
static int sector_to_prepare(const struct store *store)
{
    return store->active < 0 ? store->failed_moves % 2 : !store->active;
}

static int fail_move(struct store *store)
{
    store->other = STORE_RESTING;
    return ++store->failed_moves < MOVE_TRIES ? ERR_BUSY : ERR_IO;
}

/* Returns how many places of the active sector are used before the other sector is erased. Until then that
 * one keeps the old values. */
static uint32_t used_most(const struct store *store)
{
    uint32_t most = place_count(store) / 4 * 3;
    bool is_limited = store->flash->geometry->sector_size <= LIMITED_SECTOR_LEN && most > STORE_USED_MOST;
    return is_limited ? STORE_USED_MOST : most;
}

int store_poll(struct store *store)
{
    int sector = sector_to_prepare(store);
    if (store->active >= 0 && store->used < used_most(store))
        return store->corrected != 0 ? renew_corrected(store) : ERR_OK;
    if (store->failed_moves >= MOVE_TRIES)
        return ERR_IO;
    int result;
    switch (store->other) {
    case STORE_RESTING:
        if (store->active < 0 && store->looks < LOOKS) { /* a chip may read as blank for some time */
            store->looks++;
            result = load(store);
            (void)result; /* after an error there is still no active sector, and the store loads again */
            return ERR_BUSY;
        }
        result = store->flash->erase_start(store->flash->ctx, place_address(store, sector, 0));
        if (result == ERR_OK)
            store->other = STORE_ERASING;
        return result == ERR_OK || result == ERR_BUSY ? ERR_BUSY : fail_move(store);
    case STORE_ERASING:
        result = store->flash->erase_poll(store->flash->ctx);
        if (result == ERR_OK)
            start_move(store);
        return result == ERR_OK || result == ERR_BUSY ? ERR_BUSY : fail_move(store);
    case STORE_BLANK:
        result = move_to(store, sector);
        return result == ERR_OK || result == ERR_BUSY ? ERR_BUSY : fail_move(store);
    }
    return ERR_OK;
}
