/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any content of the chip: the input edits the image of a gate in use (or replaces it), then store, journal
 * and whitelist are mounted on it and put to work. Nothing may crash, hang, or answer what its header does
 * not name. Some edits carry valid MACs, so that what lies behind the checks is reached as well.
 *
 * input: one byte of options (bit 0: large sectors, bit 1: start from a blank chip, bit 2: go on with the
 * upload that stands half done, bits 3-7: operation to cut the power at), then edits of eight bytes: kind,
 * length, address (3, modulo the chip), value (3).
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/base/bytes.h"
#include "firmware/journal/journal.h"
#include "firmware/storage/store.h"
#include "firmware/whitelist/whitelist.h"
#include "firmware/whitelist/whitelist_replica.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"

enum {
    STORE_BASE = 0,
    JOURNAL_BASE = 2 * 65536,
    JOURNAL_SECTORS = 4,
    WHITELIST_BASE = JOURNAL_BASE + JOURNAL_SECTORS * 65536,
    SLOT_LEN = 2 * 65536,
    CHIP_LEN = WHITELIST_BASE + 2 * SLOT_LEN,
    EDIT_LEN = 8,
    POLLS_MAX = 20000,
};

static const uint8_t journal_key[CRYPTO_KEY_LEN] = "journal test key";

static struct list_maker maker;
static struct list_made one, two;
static struct nor_model origins[2], nor;
static struct store store;
static struct journal journal;
static struct whitelist list;
static uint32_t last_given; /* journal number, since the last mount */

static void require(bool good)
{
    if (!good)
        abort();
}

static void mount_all(void)
{
    uint8_t value[STORE_VALUE_LEN] = {0};
    last_given = 0;
    require(store_mount(&store, &nor.flash, STORE_BASE, maker.identity.storage_key) == ERR_OK);
    require(journal_mount(&journal, &nor.flash, JOURNAL_BASE, JOURNAL_SECTORS * nor.geometry.sector_size,
                          journal_key, store_get_u32(&store, STORE_ACKED)) == ERR_OK);
    (void)!store_get(&store, STORE_JOURNAL_FLOOR, value);
    const struct journal_floor floor = journal_floor_decode(value);
    require(journal_set_floor(&journal, &floor) == ERR_OK);
    struct whitelist_known known = {.version = store_get_u32(&store, STORE_VERSION_FLOOR)};
    (void)!store_get(&store, STORE_UPLOAD, known.resumable);
    require(whitelist_mount(&list, &nor.flash, WHITELIST_BASE, 2 * SLOT_LEN, &maker.identity, &known) ==
            ERR_OK);
}

static void unmount_all(void)
{
    store_unmount(&store);
    journal_unmount(&journal);
    whitelist_unmount(&list);
}

/* All three, as the gate's loop has them, until they are idle. */
static void poll_all(void)
{
    int busy = 0;
    do {
        int of_store = store_poll(&store), of_journal = journal_poll(&journal),
            of_list = whitelist_poll(&list);
        if (of_store != ERR_BUSY && of_journal != ERR_BUSY && of_list == ERR_OK)
            return;
    } while (++busy < POLLS_MAX && !nor.dead);
    require(nor.dead);
}

static void append(uint32_t count)
{
    struct journal_record record = {.utc_s = 1, .kind = JOURNAL_GRANTED, .zone = 1};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t seq = 0;
        if (journal_append(&journal, &record, &seq) != ERR_OK)
            return;
        require(seq > last_given && journal.head_seq > seq);
        last_given = seq;
        require(journal_read(&journal, seq, &record) == ERR_OK);
    }
}

static void send_head(const struct list_made *made)
{
    uint32_t len = made->header.head_len + WHITELIST_SIGNATURE_LEN;
    int result = ERR_BUSY;
    for (int i = 0; i < 1000 && result == ERR_BUSY; i++) {
        result = whitelist_upload_head(&list, 0, made->image, len, true);
        (void)whitelist_poll(&list);
    }
}

static void send_block(const struct list_made *made, uint32_t index)
{
    for (uint32_t offset = 0; offset < WHITELIST_BLOCK_LEN; offset += 1024)
        (void)!list_gate_send_piece(&list, index, offset,
                                    made->blocks + index * WHITELIST_BLOCK_LEN + offset);
}

/* A chip with values, a wrapped journal, a list, and another half uploaded. */
static void make_origin(struct nor_model *origin, uint32_t sector_size)
{
    nor_model_init(&nor, CHIP_LEN, sector_size);
    mount_all();
    poll_all();
    for (uint32_t i = 1; i < 60; i++)
        require(store_set_u32(&store, STORE_BOOT_COUNT, i) == ERR_OK);
    for (int i = 0; i < 8; i++) {
        append(sector_size / 64);
        poll_all();
    }
    send_head(&one);
    poll_all();
    for (uint32_t i = 0; i < one.header.block_count; i++)
        send_block(&one, i);
    poll_all();
    send_head(&two);
    poll_all();
    unmount_all();
    nor_model_init(origin, CHIP_LEN, sector_size);
    nor_model_copy(origin, &nor);
    nor_model_free(&nor);
}

static void prepare(void)
{
    static bool ready;
    if (ready)
        return;
    ready = true;
    list_maker_init(&maker);
    list_maker_make(&maker, &one, 1, 300, UINT32_MAX);
    list_maker_make(&maker, &two, 2, 300, 17);
    make_origin(&origins[0], 4096);
    make_origin(&origins[1], 65536);
}

/* Puts a valid MAC of 8 bytes behind 24, at the record that holds addr. */
static void authenticate(uint32_t addr, const uint8_t key[CRYPTO_KEY_LEN])
{
    uint8_t *record = nor_model_bytes(&nor, addr / 32 * 32), full[CRYPTO_MAC_LEN];
    crypto_mac mac;
    require(crypto_mac_init(&mac, key) == ERR_OK);
    require(crypto_mac_compute(&mac, record, 24, full) == ERR_OK);
    memcpy(record + 24, full, 8);
    crypto_mac_free(&mac);
}

/* Commits whatever head stands in a slot. */
static void commit(uint32_t slot)
{
    uint8_t *base = nor_model_bytes(&nor, WHITELIST_BASE + slot * SLOT_LEN), message[48] = "PTWC";
    uint8_t *record = base + WHITELIST_BLOCKS_OFFSET - 32;
    struct whitelist_header header;
    crypto_mac mac;
    if (whitelist_header_decode(&header, base) != ERR_OK)
        return;
    memcpy(message + 4, base + 16, 4);
    bytes_put_u32(message + 8, header.head_len);
    crypto_sha256(base, header.head_len + WHITELIST_SIGNATURE_LEN, message + 16);
    memcpy(record, message, 16);
    require(crypto_mac_init(&mac, maker.identity.storage_key) == ERR_OK);
    require(crypto_mac_compute(&mac, message, sizeof message, record + 16) == ERR_OK);
    crypto_mac_free(&mac);
}

static void edit(const uint8_t e[EDIT_LEN])
{
    uint32_t addr = (bytes_get_u32(e + 2) & 0xFFFFFF) % CHIP_LEN, len = 1u << e[1] % 17;
    uint8_t *at = nor_model_bytes(&nor, addr);
    if (len > CHIP_LEN - addr)
        len = CHIP_LEN - addr;
    switch (e[0] % 13) {
    case 0:
        at[0] = e[5];
        break;
    case 1:
        at[0] ^= (uint8_t)(1 << e[5] % 8);
        break;
    case 2:
        memset(at, e[5], len);
        break;
    case 3:
        nor_model_scramble(&nor, addr, len, e[5]);
        break;
    case 4: { /* a range, copied from elsewhere */
        uint32_t from = ((uint32_t)e[5] | (uint32_t)e[6] << 8 | (uint32_t)e[7] << 16) % CHIP_LEN;
        memmove(at, nor_model_bytes(&nor, from), len < CHIP_LEN - from ? len : CHIP_LEN - from);
        break;
    }
    case 5:
        authenticate(addr, journal_key);
        break;
    case 6:
        authenticate(addr, maker.identity.storage_key);
        break;
    case 7:
        commit(e[5] % 2);
        break;
    case 8:
        nor_model_weaken(&nor, addr, e[5]);
        break;
    case 9:
        nor_model_wear_out(&nor, addr, e[5] & 1, e[5] & 2);
        break;
    case 10: /* a header of the journal, of any ordinal that fits its place */
        addr = JOURNAL_BASE + addr % JOURNAL_SECTORS * nor.geometry.sector_size;
        memset(nor_model_bytes(&nor, addr), 0, 32);
        memcpy(nor_model_bytes(&nor, addr), "PTJS", 4);
        bytes_put_u32(nor_model_bytes(&nor, addr + 4),
                      bytes_get_u32(e + 4) / JOURNAL_SECTORS * JOURNAL_SECTORS +
                          (addr - JOURNAL_BASE) / nor.geometry.sector_size);
        authenticate(addr, journal_key);
        break;
    case 11: /* any record, at any place */
        bytes_put_u32(nor_model_bytes(&nor, addr / 32 * 32), bytes_get_u32(e + 4));
        *nor_model_bytes(&nor, addr / 32 * 32 + 8) = e[1];
        authenticate(addr, journal_key);
        break;
    case 12: /* any value of the store */
        addr = STORE_BASE + addr % (2 * nor.geometry.sector_size) / 32 * 32;
        memset(nor_model_bytes(&nor, addr), 0, 32);
        memcpy(nor_model_bytes(&nor, addr), "PS", 2);
        *nor_model_bytes(&nor, addr + 2) = e[1] % STORE_KEYS;
        bytes_put_u32(nor_model_bytes(&nor, addr + 4), bytes_get_u32(e + 4));
        bytes_put_u32(nor_model_bytes(&nor, addr + 8),
                      (uint32_t)e[2] << e[3] % 25); /* of a floor: its hole */
        authenticate(addr, maker.identity.storage_key);
        break;
    }
}

static void look_up_some(void)
{
    for (uint32_t n = 0; n < 40; n++) {
        struct tag tag = list_maker_tag(n * 13);
        struct whitelist_answer answer;
        int result = whitelist_lookup(&list, &tag, &answer);
        require(result == ERR_OK || result == ERR_NOT_FOUND || result == ERR_CORRUPT ||
                result == ERR_NO_LIST);
        require((result == ERR_NO_LIST) == (list.running < 0));
    }
}

static void read_some(void)
{
    struct journal_record record;
    for (uint32_t i = 0; i < 300; i++) {
        (void)!journal_read(&journal, journal.tail_seq + i, &record);
        (void)!journal_read(&journal, journal.head_seq - i, &record);
    }
    require(journal_pending_count(&journal) <= journal.head_seq);
}

static void work(bool goes_on)
{
    look_up_some();
    read_some();
    append(5);
    (void)!store_set_u32(&store, STORE_SETTINGS, 1);
    if (goes_on)
        for (uint32_t i = 0; i < two.header.block_count; i++)
            send_block(&two, i);
    poll_all();
    append(200);
    for (int i = 0; i < 6 && !nor.dead; i++) {
        whitelist_scrub(&list);
        poll_all();
    }
    (void)!store_set_u32(&store, STORE_SETTINGS, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    prepare();
    uint8_t options = size > 0 ? data[0] : 0;
    uint32_t sector_size = options & 1 ? 65536 : 4096;
    nor_model_init(&nor, CHIP_LEN, sector_size);
    if (!(options & 2))
        nor_model_copy(&nor, &origins[options & 1]);
    for (size_t at = 1; at + EDIT_LEN <= size && at < 40 * EDIT_LEN; at += EDIT_LEN)
        edit(data + at);
    nor_model_cut(&nor, options >> 3, NOR_TEAR_PARTS + options);
    mount_all();
    work(options & 4);
    unmount_all();
    nor_model_power_on(&nor);
    mount_all();
    poll_all();
    look_up_some();
    unmount_all();
    nor_model_free(&nor);
    return 0;
}
