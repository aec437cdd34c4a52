/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portillon journal check on any image: the input edits the chip of a gate in use, or fills one of its own;
 * whatever it holds, the check ends, reads only inside the chip, and counts what is there.
 *
 * input: one byte of options (bit 0: large sectors, bit 1: the rest of the input is the image, again and
 * again), then edits of eight bytes: kind, length, address (3, modulo the chip), value (3).
 */
#include <stdlib.h>
#include <string.h>

#include "firmware/base/bytes.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"
#include "tools/portillon/chip/chip_check.h"

enum {
    CHIP_LEN = 1 << 20,
    EDIT_LEN = 8,
    EDITS_MAX = 40,
};

static struct list_maker maker;
static struct nor_model origins[2], nor;
static struct layout layout;

static void require(bool good)
{
    if (!good)
        abort();
}

static void make_origin(struct nor_model *origin, uint32_t sector_size)
{
    static struct journal journal;
    struct store store;
    struct journal_record record = {.utc_s = 1800000000, .kind = JOURNAL_GRANTED, .zone = 1, .flags = 1};
    uint32_t seq;
    nor_model_init(origin, CHIP_LEN, sector_size);
    require(layout_plan(&layout, &origin->geometry) == ERR_OK);
    require(store_mount(&store, &origin->flash, layout.store_base, maker.identity.storage_key) == ERR_OK);
    while (store_poll(&store) == ERR_BUSY)
        ;
    require(store_set_u32(&store, STORE_ACKED, 9) == ERR_OK);
    store_unmount(&store);
    require(journal_mount(&journal, &origin->flash, layout.journal_base, layout.journal_len,
                          maker.identity.journal_key, 9) == ERR_OK);
    for (uint32_t i = 0; i < layout.journal_len / JOURNAL_RECORD_LEN + 200; i++) {
        while (journal_poll(&journal) == ERR_BUSY)
            ;
        require(journal_append(&journal, &record, &seq) == ERR_OK);
    }
    journal_unmount(&journal);
    struct list_made made;
    list_maker_make(&maker, &made, 3, 300, UINT32_MAX);
    uint8_t *slot = nor_model_bytes(origin, layout.whitelist_base);
    memcpy(slot, made.image, made.header.head_len + WHITELIST_SIGNATURE_LEN);
    memcpy(slot + WHITELIST_BLOCKS_OFFSET, made.blocks, made.header.block_count * WHITELIST_BLOCK_LEN);
    list_maker_free(&made);
}

static void prepare(void)
{
    static bool ready;
    if (ready)
        return;
    ready = true;
    list_maker_init(&maker);
    make_origin(&origins[0], 4096);
    make_origin(&origins[1], 65536);
    nor_model_init(&nor, CHIP_LEN, 4096);
}

/* Puts a valid check behind the 24 bytes before it. */
static void authenticate(uint32_t addr, const uint8_t key[CRYPTO_KEY_LEN])
{
    uint8_t *record = nor_model_bytes(&nor, addr / 32 * 32), full[CRYPTO_MAC_LEN];
    crypto_mac mac;
    require(crypto_mac_init(&mac, key) == ERR_OK);
    require(crypto_mac_compute(&mac, record, 24, full) == ERR_OK);
    memcpy(record + 24, full, 8);
    crypto_mac_free(&mac);
}

static void edit(const uint8_t e[EDIT_LEN])
{
    uint32_t addr = (bytes_get_u32(e + 2) & 0xFFFFFF) % CHIP_LEN, len = 1u << e[1] % 17;
    uint8_t *at = nor_model_bytes(&nor, addr);
    len = len < CHIP_LEN - addr ? len : CHIP_LEN - addr;
    switch (e[0] % 6) {
    case 0:
        at[0] = e[5];
        break;
    case 1:
        memset(at, e[5], len);
        break;
    case 2:
        nor_model_scramble(&nor, addr, len, e[5]);
        break;
    case 3: {
        uint32_t from = ((uint32_t)e[5] | (uint32_t)e[6] << 8 | (uint32_t)e[7] << 16) % CHIP_LEN;
        memmove(at, nor_model_bytes(&nor, from), len < CHIP_LEN - from ? len : CHIP_LEN - from);
        break;
    }
    case 4:
        authenticate(addr, maker.identity.journal_key);
        break;
    case 5:
        authenticate(addr, maker.identity.storage_key);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct chip_check check;
    prepare();
    uint8_t options = size > 0 ? data[0] : 0;
    nor.geometry.sector_size = options & 1 ? 65536 : 4096;
    nor_model_copy(&nor, &origins[options & 1]);
    if (options & 2 && size > 1) {
        for (uint32_t at = 0; at < CHIP_LEN; at++)
            *nor_model_bytes(&nor, at) = data[1 + at % (size - 1)];
    } else {
        for (size_t at = 1; at + EDIT_LEN <= size && at < EDITS_MAX * EDIT_LEN; at += EDIT_LEN)
            edit(data + at);
    }
    uint64_t programs = nor.counts.programs, erases = nor.counts.erases;
    uint32_t count;
    require(chip_check_count_headers(&nor.flash, &maker.identity, &count) == ERR_OK);
    require(chip_check_run(&check, &nor.flash, &maker.identity) == ERR_OK);
    require(nor.counts.programs == programs && nor.counts.erases == erases);
    uint32_t sectors = 0, faults = 0;
    for (int i = 0; i < CHIP_SECTOR_STATES; i++)
        sectors += check.sector_count[i];
    for (int i = 0; i < CHIP_FAULTS; i++)
        faults += check.fault_count[i];
    require(sectors == check.journal.sector_count && faults == check.bad_count);
    require(check.good_count + check.bad_count + check.unwritten_count + check.lost_count ==
            check.journal.head_seq - check.journal.tail_seq);
    chip_check_free(&check);
    return 0;
}
