/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads of a list as its differences from the active one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist.h"
#include "firmware/whitelist/whitelist_patch.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/whitelist_bench.h"

static struct list_made grown; /* version 3: 20 cards more than one, in as many blocks, and card 40 blocked */

static int make_three(void **state)
{
    make_lists(state);
    list_maker_make(&maker, &grown, 3, CARDS + 20, 40);
    return 0;
}

static int free_three(void **state)
{
    list_maker_free(&grown);
    return free_lists(state);
}

/* A gate that has list one, twice; lists are sent to it as patches of that. */
static void set_up_patched(uint32_t sector_size)
{
    set_up(sector_size);
    gate.base = &one;
    gate.patch_bytes = 0;
}

/* The gate holds the manifest of list two, and wants the block of card 17. */
static void begin_two(uint32_t *index)
{
    set_up_patched(4096);
    assert_int_equal(list_gate_patch_head(&gate, &two), ERR_OK);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    *index = 0;
    assert_int_equal(whitelist_wanted(&gate.list, index), 1);
}

/* Finishes the upload of list two with whole blocks: what was refused before did no harm. */
static void finish_whole(void)
{
    gate.base = NULL;
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    check(&two);
    list_gate_poll(&gate);
    assert_true(list_gate_is_twinned(&gate, &two));
    list_gate_free(&gate);
}

static int patch_once(const uint8_t *data, size_t len)
{
    int result = WHITELIST_BLOCK_LATER;
    while (result == WHITELIST_BLOCK_LATER)
        result = whitelist_patch_blocks(&gate.list, data, (uint32_t)len);
    return result;
}

/* The patch of the block of card 17, by PROTOCOL.md: its rule changes. Nothing of it comes from the tool. */
static size_t write_patch(uint8_t out[32], uint32_t block)
{
    const uint8_t *before = one.blocks + (size_t)block * 4096, *after = two.blocks + (size_t)block * 4096;
    uint8_t digest[CRYPTO_HASH_LEN];
    size_t at = 0;
    crypto_sha256(one.image, one.header.head_len + 76, digest);
    while (at % 64 < 4 || before[at] == after[at]) /* the first byte that differs, not in a check */
        at++;
    size_t entry = (at % 64 - 4) / 10, rule = at / 64 * 64 + 4 + 10 * entry + 8;
    memcpy(out, digest, 8);
    out[8] = (uint8_t)block;
    out[9] = 0;
    out[10] = 1;                                /* bucket */
    out[11] = (uint8_t)(at / 64);               /* its number; it is not spilled */
    out[12] = (uint8_t)(0x80 | 2 << 3 | entry); /* the last change, a rule */
    out[13] = after[rule];
    out[14] = after[rule + 1] & 0x7F;
    return 15;
}

/* ---- what arrives ---- */

static void one_card_takes_some_bytes(void **state)
{
    (void)state;
    static const uint32_t sectors[] = {4096, 65536};
    for (int i = 0; i < 2; i++) {
        set_up_patched(sectors[i]);
        assert_int_equal(list_gate_upload(&gate, &two), WHITELIST_COMMITTED);
        check(&two);
        assert_int_equal(gate.blocks_sent, 0);
        assert_in_range(gate.patch_bytes, 1, 400); /* the signature has 76, the hash 16, one card 15 */
        list_gate_poll(&gate);
        assert_true(list_gate_is_twinned(&gate, &two));
        restart();
        check(&two);
        list_gate_free(&gate);
    }
}

static void cards_that_come_are_sent_alone(void **state)
{
    (void)state;
    assert_int_equal(grown.header.block_count, one.header.block_count);
    set_up_patched(4096);
    assert_int_equal(list_gate_upload(&gate, &grown), WHITELIST_COMMITTED);
    check(&grown);
    assert_int_equal(gate.blocks_sent, 0);
    assert_in_range(gate.patch_bytes, 1, 20 * 20 + 600);
    list_gate_free(&gate);
}

static void cards_that_go_are_sent_alone(void **state)
{
    (void)state;
    struct list_made fewer;
    list_maker_make(&maker, &fewer, 5, CARDS - 50, NONE);
    assert_int_equal(fewer.header.block_count, one.header.block_count);
    set_up_patched(4096);
    assert_int_equal(list_gate_upload(&gate, &fewer), WHITELIST_COMMITTED);
    check(&fewer);
    assert_int_equal(gate.blocks_sent, 0);
    assert_in_range(gate.patch_bytes, 1, 50 * 6 + 600);
    list_gate_free(&gate);
    list_maker_free(&fewer);
}

static void a_patch_written_by_the_book_is_taken(void **state)
{
    (void)state;
    uint8_t patch[32];
    uint32_t block;
    begin_two(&block);
    assert_int_equal(patch_once(patch, write_patch(patch, block)), WHITELIST_BLOCK_STORED);
    assert_int_equal(list_gate_poll(&gate), WHITELIST_COMMITTED);
    check(&two);
    list_gate_free(&gate);
}

static void a_patch_of_a_block_that_is_there_changes_nothing(void **state)
{
    (void)state;
    uint8_t patch[32];
    uint32_t block;
    set_up_patched(4096);
    assert_int_equal(list_gate_patch_head(&gate, &grown), ERR_OK);
    list_gate_poll(&gate);
    block = 0;
    assert_true(whitelist_wanted(&gate.list, &block) > 1);
    assert_int_equal(list_gate_send_block(&gate, &grown, block), WHITELIST_BLOCK_STORED);
    size_t len = write_patch(patch, 0);
    patch[8] = (uint8_t)block;
    uint64_t operations = gate.nor.counts.operations;
    assert_int_equal(patch_once(patch, len), WHITELIST_BLOCK_STORED);
    assert_int_equal(gate.nor.counts.operations, operations);
    list_gate_free(&gate);
}

/* ---- steps ---- */

static void no_call_does_more_than_a_step(void **state)
{
    (void)state;
    set_up_patched(4096);
    assert_int_equal(list_gate_patch_head(&gate, &grown), ERR_OK);
    list_gate_poll(&gate);
    uint8_t patch[21];
    uint8_t digest[CRYPTO_HASH_LEN];
    uint32_t block = 0, calls = 0;
    assert_true(whitelist_wanted(&gate.list, &block) > 0);
    crypto_sha256(one.image, one.header.head_len + 76, digest);
    memcpy(patch, digest, 8);
    patch[8] = (uint8_t)block;
    patch[9] = 0;
    patch[10] = 10;
    for (uint8_t i = 0; i < 10; i++) /* ten buckets, of which nothing changes but the flag that is clear */
        patch[11 + i] = i | 0x40;
    int result = WHITELIST_BLOCK_LATER;
    for (; result == WHITELIST_BLOCK_LATER; calls++) {
        struct nor_model_counts before = gate.nor.counts;
        result = whitelist_patch_blocks(&gate.list, patch, sizeof patch);
        assert_in_range(gate.nor.counts.programs - before.programs, 0, 1);
        assert_in_range(gate.nor.counts.read_bytes - before.read_bytes, 0, 1024 + 512);
    }
    assert_in_range(calls, 4 + 3 + 4, 40); /* reads, buckets, hashes */
    list_gate_free(&gate);
}

static void a_list_that_is_committed_meanwhile_is_told_as_stored(void **state)
{
    (void)state;
    uint8_t patch[32];
    uint32_t block;
    int result = WHITELIST_BLOCK_LATER, polled = ERR_OK;
    begin_two(&block);
    size_t len = write_patch(patch, block);
    while (result == WHITELIST_BLOCK_LATER) {
        assert_int_not_equal(polled, WHITELIST_COMMITTED);
        result = whitelist_patch_blocks(&gate.list, patch, (uint32_t)len);
        polled = whitelist_poll(&gate.list);
    }
    assert_int_equal(result, WHITELIST_BLOCK_STORED);
    assert_int_equal(polled, WHITELIST_COMMITTED);
    list_gate_free(&gate);
}

/* ---- both ways in one upload ---- */

static void pieces_and_patches_of_a_block_do_not_mix(void **state)
{
    (void)state;
    uint8_t patch[32];
    uint32_t block;
    for (int steps = 1; steps < 26; steps++) {
        begin_two(&block);
        size_t len = write_patch(patch, block);
        const uint8_t *bytes = two.blocks + (size_t)block * WHITELIST_BLOCK_LEN;
        int result = WHITELIST_BLOCK_LATER;
        for (int i = 0; i < steps && result == WHITELIST_BLOCK_LATER; i++)
            result = whitelist_patch_blocks(&gate.list, patch, (uint32_t)len);
        for (uint32_t at = 0; at < WHITELIST_BLOCK_LEN && result >= 0; at += 1024)
            result = list_gate_send_piece(&gate.list, block, at, bytes + at);
        assert_int_equal(result, WHITELIST_BLOCK_STORED);
        assert_int_equal(gate.nor.counts.unit_violations, 0);
        finish_whole();
        begin_two(&block);
        for (uint32_t at = 0; at < WHITELIST_BLOCK_LEN - 1024; at += 1024)
            assert_int_equal(list_gate_send_piece(&gate.list, block, at, bytes + at), ERR_OK);
        result = whitelist_upload_block(&gate.list, block, 3072, bytes + 3072, 1024);
        for (int i = 1; i < steps && result == WHITELIST_BLOCK_LATER; i++)
            result = whitelist_upload_block(&gate.list, block, 3072, bytes + 3072, 1024);
        assert_int_equal(patch_once(patch, len), WHITELIST_BLOCK_STORED);
        assert_int_equal(gate.nor.counts.unit_violations, 0);
        finish_whole();
    }
}

static void a_patch_begins_again_after_a_piece_of_its_block(void **state)
{
    (void)state;
    static const uint8_t zeros[1024];
    uint8_t patch[32];
    uint32_t block;
    for (int steps = 0; steps < 5; steps++) { /* until it is hashed */
        begin_two(&block);
        size_t len = write_patch(patch, block);
        for (int i = 0; i < steps; i++)
            assert_int_equal(whitelist_patch_blocks(&gate.list, patch, (uint32_t)len), WHITELIST_BLOCK_LATER);
        assert_int_equal(list_gate_send_piece(&gate.list, block, 0, zeros), ERR_OK);
        assert_int_equal(patch_once(patch, len), WHITELIST_BLOCK_STORED);
        list_gate_free(&gate);
    }
}

static void patches_go_on_after_a_restart(void **state)
{
    (void)state;
    uint8_t patch[32];
    uint32_t block;
    for (int steps = 0; steps < 26; steps++) {
        begin_two(&block);
        for (int i = 0; i < steps; i++)
            (void)!whitelist_patch_blocks(&gate.list, patch, (uint32_t)write_patch(patch, block));
        memcpy(gate.known.resumable, whitelist_upload_digest(&gate.list), sizeof gate.known.resumable);
        restart();
        check(&one);
        list_gate_poll(&gate);
        if (list_gate_version(&gate) != 2)
            assert_int_equal(patch_once(patch, write_patch(patch, block)), WHITELIST_BLOCK_STORED);
        list_gate_poll(&gate);
        check(&two);
        list_gate_free(&gate);
    }
}

/* ---- what is refused ---- */

static void a_patch_of_another_list_is_refused(void **state)
{
    (void)state;
    uint8_t patch[32];
    uint32_t block;
    begin_two(&block);
    size_t len = write_patch(patch, block);
    patch[7] ^= 1;
    assert_int_equal(patch_once(patch, len), ERR_CONFLICT);
    finish_whole();

    set_up_patched(4096);
    gate.base = &two;
    gate.list.slots[gate.list.running].header.version = 2; /* the fake client asks for it */
    assert_int_equal(list_gate_patch_head(&gate, &grown), ERR_CONFLICT);
    assert_int_equal(gate.list.upload.state, WHITELIST_DONE);
    list_gate_free(&gate);
}

static void a_gate_without_a_list_takes_no_patch(void **state)
{
    (void)state;
    uint8_t patch[32];
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    gate.base = &one;
    assert_int_equal(list_gate_patch_head(&gate, &two), ERR_CONFLICT);
    assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
    list_gate_poll(&gate);
    assert_int_equal(patch_once(patch, write_patch(patch, 0)), ERR_CONFLICT);
    list_gate_free(&gate);
}

static void a_patch_that_makes_another_block_is_refused(void **state)
{
    (void)state;
    uint8_t patch[32];
    uint32_t block;
    begin_two(&block);
    size_t len = write_patch(patch, block);
    patch[13] ^= 1; /* another rule */
    assert_int_equal(patch_once(patch, len), ERR_NOT_LISTED);
    patch[13] ^= 1;
    patch[8] = 200;
    assert_int_equal(patch_once(patch, len), ERR_ARGUMENT);
    finish_whole();
}

static void changes_that_do_not_fit_the_bucket_are_refused(void **state)
{
    (void)state;
    /* the change of an entry that is not there; a sixth and seventh card; spilled and not full */
    static const uint8_t rule[] = {1, 0, 0x90 | 5, 0, 0};
    static const uint8_t spilled[] = {1, 0xC0};
    uint8_t patch[200], base[32];
    uint32_t block;
    begin_two(&block);
    (void)write_patch(base, block);
    memcpy(patch, base, 10);
    memcpy(patch + 10, rule, sizeof rule);
    uint32_t bucket = 0;
    while (two.blocks[block * 4096u + bucket * 64 + 63] != 0xFF)
        bucket++;
    patch[11] = (uint8_t)bucket;
    assert_int_equal(patch_once(patch, 10 + sizeof rule), ERR_CONFLICT);
    memcpy(patch + 10, spilled, sizeof spilled);
    patch[11] = (uint8_t)(bucket | 0xC0);
    assert_int_equal(patch_once(patch, 10 + sizeof spilled), ERR_CONFLICT);
    size_t len = 12;
    patch[11] = (uint8_t)bucket;
    for (int i = 0; i < 7; i++, len += 11) {
        memset(patch + len, 0x11, 11);
        patch[len] = (uint8_t)((i == 6 ? 0x80 : 0) | 1 << 3);
    }
    assert_int_equal(patch_once(patch, len), ERR_CONFLICT);
    finish_whole();
}

static void a_malformed_patch_is_refused_as_a_whole(void **state)
{
    (void)state;
    uint8_t patch[64];
    uint32_t block;
    begin_two(&block);
    size_t len = write_patch(patch, block);
    uint64_t operations = gate.nor.counts.operations;
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(patch_once(patch, cut), ERR_FORMAT);
    memcpy(patch + len, patch + 8, len - 8); /* the same block once more */
    assert_int_equal(patch_once(patch, 2 * len - 8), ERR_FORMAT);
    patch[10] = 0;
    assert_int_equal(patch_once(patch, 11), ERR_FORMAT);
    patch[10] = 1;
    patch[12] |= 0x20; /* a bit without a meaning */
    assert_int_equal(patch_once(patch, len), ERR_FORMAT);
    patch[12] = 0x80 | 3 << 3; /* a kind that there is not */
    assert_int_equal(patch_once(patch, len), ERR_FORMAT);
    assert_int_equal(gate.nor.counts.operations, operations);
    finish_whole();
}

static void a_damaged_block_of_the_active_list_is_sent_whole(void **state)
{
    (void)state;
    uint8_t patch[32];
    uint32_t block;
    begin_two(&block);
    size_t len = write_patch(patch, block);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, block) + patch[11] * 64u + 9, 3);
    assert_int_equal(patch_once(patch, len), ERR_CORRUPT);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, block) + patch[11] * 64u + 9, 3);
    uint32_t other = patch[11] == 0 ? 1 : 0; /* not patched, so its check is not made: the hash finds it */
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, block) + other * 64u + 9, 3);
    assert_int_equal(patch_once(patch, len), ERR_NOT_LISTED);
    finish_whole();
}

static void patches_before_the_manifest_are_put_off(void **state)
{
    (void)state;
    uint8_t patch[32];
    set_up_patched(4096);
    assert_int_equal(patch_once(patch, write_patch(patch, 0)), ERR_BUSY);
    list_gate_free(&gate);
}

/* ---- manifests ---- */

/* Sends a piece of a manifest, patiently. */
static int send_head_piece(const uint8_t *data, size_t len)
{
    int result = ERR_BUSY;
    for (int i = 0; i < 100000 && (result == ERR_BUSY || result == WHITELIST_BLOCK_LATER); i++) {
        result = whitelist_patch_head(&gate.list, data, (uint32_t)len);
        if (result == ERR_BUSY)
            (void)!whitelist_poll(&gate.list);
    }
    return result;
}

/* A piece that replaces everything: [offset, offset + len) of the manifest of list two. */
static size_t write_piece(uint8_t *out, uint32_t offset, uint32_t len)
{
    uint8_t digest[CRYPTO_HASH_LEN];
    crypto_sha256(one.image, one.header.head_len + 76, digest);
    memcpy(out, digest, 8);
    bytes_put_u32(out + 8, offset);
    out[12] = 1 << 6;
    bytes_put_u16(out + 13, (uint16_t)len);
    memcpy(out + 15, two.image + offset, len);
    return 15 + len;
}

static void a_manifest_may_be_replaced_piece_by_piece(void **state)
{
    (void)state;
    uint8_t piece[1024];
    uint32_t whole = two.header.head_len + WHITELIST_SIGNATURE_LEN;
    set_up_patched(4096);
    for (uint32_t at = 0; at < whole;) {
        uint32_t len = at == 0 ? 256 : 800;
        len = len < whole - at ? len : whole - at;
        assert_int_equal(send_head_piece(piece, write_piece(piece, at, len)), ERR_OK);
        at += len;
    }
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_int_equal(gate.list.upload.state, WHITELIST_RECEIVING);
    finish_whole();
}

/* With more rules, all that stands behind them in the manifest moves. */
static void a_manifest_of_other_tables_is_patched(void **state)
{
    (void)state;
    struct list_made few, many, fewer;
    list_maker_make(&maker, &few, 1, 3, NONE);
    list_maker_make(&maker, &many, 2, 200, 5);
    assert_true(many.header.rule_slots > few.header.rule_slots);
    list_maker_make(&maker, &fewer, 3, 3, NONE);
    const struct list_made *ways[][2] = {{&few, &many}, {&many, &fewer}};
    for (int i = 0; i < 2; i++) {
        const struct list_made *before = ways[i][0], *after = ways[i][1];
        list_gate_init(&gate, &maker, SLOT_LEN, 4096);
        assert_int_equal(list_gate_upload(&gate, before), WHITELIST_COMMITTED);
        gate.base = before;
        assert_int_equal(list_gate_patch_head(&gate, after), ERR_OK);
        assert_int_equal(list_gate_poll(&gate), ERR_OK);
        assert_int_equal(gate.list.upload.state, WHITELIST_RECEIVING);
        assert_int_equal(list_gate_upload(&gate, after), WHITELIST_COMMITTED);
        check(after);
        list_gate_free(&gate);
    }
    list_maker_free(&few);
    list_maker_free(&many);
    list_maker_free(&fewer);
}

static void a_piece_out_of_place_is_refused_and_a_repeated_one_is_not(void **state)
{
    (void)state;
    uint8_t piece[1024];
    set_up_patched(4096);
    assert_int_equal(send_head_piece(piece, write_piece(piece, 256, 256)), ERR_ARGUMENT);
    assert_int_equal(send_head_piece(piece, write_piece(piece, 0, 256)), ERR_OK);
    assert_int_equal(send_head_piece(piece, write_piece(piece, 512, 64)), ERR_ARGUMENT);
    assert_int_equal(send_head_piece(piece, write_piece(piece, 256, 256)), ERR_OK);
    uint64_t operations = gate.nor.counts.operations;
    assert_int_equal(send_head_piece(piece, write_piece(piece, 256, 256)), ERR_OK);
    assert_int_equal(gate.nor.counts.operations, operations);
    finish_whole();
}

static void a_piece_that_is_stored_in_part_is_continued(void **state)
{
    (void)state;
    uint8_t piece[1024];
    set_up_patched(4096);
    assert_int_equal(send_head_piece(piece, write_piece(piece, 0, 256)), ERR_OK);
    assert_int_equal(whitelist_patch_head(&gate.list, piece, (uint32_t)write_piece(piece, 256, 800)),
                     WHITELIST_BLOCK_LATER);
    assert_int_equal(send_head_piece(piece, write_piece(piece, 256, 800)), ERR_OK);
    finish_whole();
}

static void malformed_pieces_are_refused(void **state)
{
    (void)state;
    uint8_t piece[1024];
    set_up_patched(4096);
    size_t len = write_piece(piece, 0, 256);
    uint64_t operations = gate.nor.counts.operations;
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(send_head_piece(piece, cut), ERR_FORMAT);
    assert_int_equal(send_head_piece(piece, write_piece(piece, 0, 512)), ERR_FORMAT); /* too long a start */
    static const uint8_t runs[][6] = {
        {3 << 6 | 1},             /* a kind that there is not */
        {2 << 6 | 1},             /* go to, in one byte */
        {2 << 6},                 /* go to, cut */
        {0, 0, 0},                /* keeps nothing */
        {2 << 6, 0xFF, 0xFF, 16}, /* keeps what the base does not have */
    };
    static const size_t lengths[] = {1, 1, 1, 3, 4};
    for (size_t i = 0; i < 5; i++) {
        memcpy(piece + 12, runs[i], lengths[i]);
        assert_int_equal(send_head_piece(piece, 12 + lengths[i]), ERR_FORMAT);
    }
    assert_int_equal(send_head_piece(piece, write_piece(piece, 0, 256)), ERR_OK);
    operations = gate.nor.counts.operations;
    (void)write_piece(piece, 256, 16);
    memcpy(piece + 12, runs[4], lengths[4]);
    assert_int_equal(send_head_piece(piece, 12 + lengths[4]), ERR_FORMAT);
    uint32_t last = one.header.head_len + WHITELIST_SIGNATURE_LEN - 8; /* 16 bytes, of which the base has 8 */
    bytes_put_u16(piece + 13, (uint16_t)last);
    assert_int_equal(send_head_piece(piece, 12 + lengths[4]), ERR_FORMAT);
    len = write_piece(piece, 256, 64);
    bytes_put_u32(piece + 8, 65536 - 16); /* past the room of a manifest */
    assert_int_equal(send_head_piece(piece, len), ERR_FORMAT);
    assert_int_equal(gate.nor.counts.operations, operations);
    finish_whole();
}

static void a_manifest_that_comes_out_wrong_is_refused_and_may_be_sent_whole(void **state)
{
    (void)state;
    uint8_t piece[1024];
    uint32_t whole = two.header.head_len + WHITELIST_SIGNATURE_LEN;
    set_up_patched(4096);
    assert_int_equal(send_head_piece(piece, write_piece(piece, 0, 256)), ERR_OK);
    for (uint32_t at = 256; at < whole; at += 512) {
        uint32_t len = whole - at < 512 ? whole - at : 512;
        size_t piece_len = write_piece(piece, at, len);
        piece[15] ^= at == 256;
        assert_int_equal(send_head_piece(piece, piece_len), ERR_OK);
    }
    list_gate_poll(&gate);
    assert_int_equal(gate.list.upload.state, WHITELIST_REFUSED);
    assert_int_equal(gate.list.upload.error, ERR_SIGNATURE);
    check(&one);
    finish_whole();
}

static void a_refused_piece_does_no_harm_to_a_replica_that_is_made(void **state)
{
    (void)state;
    for (int polls = 0; polls < 60; polls++) {
        uint8_t piece[1024];
        list_gate_init(&gate, &maker, SLOT_LEN, 4096);
        assert_int_equal(list_gate_upload(&gate, &one), 1);
        for (int i = 0; i < polls; i++)
            whitelist_poll(&gate.list);
        size_t len = write_piece(piece, 0, 256);
        piece[15 + 8] ^= 1; /* another site */
        assert_int_equal(send_head_piece(piece, len), ERR_SITE);
        list_gate_poll(&gate);
        assert_true(list_gate_is_twinned(&gate, &one));
        list_gate_free(&gate);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_card_takes_some_bytes),
        cmocka_unit_test(cards_that_come_are_sent_alone),
        cmocka_unit_test(cards_that_go_are_sent_alone),
        cmocka_unit_test(a_patch_written_by_the_book_is_taken),
        cmocka_unit_test(a_patch_of_a_block_that_is_there_changes_nothing),
        cmocka_unit_test(no_call_does_more_than_a_step),
        cmocka_unit_test(a_list_that_is_committed_meanwhile_is_told_as_stored),
        cmocka_unit_test(pieces_and_patches_of_a_block_do_not_mix),
        cmocka_unit_test(a_patch_begins_again_after_a_piece_of_its_block),
        cmocka_unit_test(patches_go_on_after_a_restart),
        cmocka_unit_test(a_patch_of_another_list_is_refused),
        cmocka_unit_test(a_gate_without_a_list_takes_no_patch),
        cmocka_unit_test(a_patch_that_makes_another_block_is_refused),
        cmocka_unit_test(changes_that_do_not_fit_the_bucket_are_refused),
        cmocka_unit_test(a_malformed_patch_is_refused_as_a_whole),
        cmocka_unit_test(a_damaged_block_of_the_active_list_is_sent_whole),
        cmocka_unit_test(patches_before_the_manifest_are_put_off),
        cmocka_unit_test(a_manifest_may_be_replaced_piece_by_piece),
        cmocka_unit_test(a_manifest_of_other_tables_is_patched),
        cmocka_unit_test(a_piece_out_of_place_is_refused_and_a_repeated_one_is_not),
        cmocka_unit_test(a_piece_that_is_stored_in_part_is_continued),
        cmocka_unit_test(malformed_pieces_are_refused),
        cmocka_unit_test(a_manifest_that_comes_out_wrong_is_refused_and_may_be_sent_whole),
        cmocka_unit_test(a_refused_piece_does_no_harm_to_a_replica_that_is_made),
    };
    return cmocka_run_group_tests(tests, make_three, free_three);
}
