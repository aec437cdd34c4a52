/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, heads and blocks that the whitelist refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/whitelist/whitelist.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/whitelist_bench.h"

/* Installs list two with this rule of local time (in the manifest from byte 80 on). Returns the minute of the
 * day at 2023-11-14 22:13:20 UTC (date -u -d @1700000000). */
static int minute_in_zone(const char *rule)
{
    char zone[48] = "";
    struct list_made made = copy_of(&two);
    strcpy(zone, rule);
    memcpy(made.image + 80, zone, sizeof zone);
    list_maker_sign(&maker, &made);
    set_up(4096);
    assert_int_equal(list_gate_upload(&gate, &made), WHITELIST_COMMITTED);
    struct local_time local = time_zone_local(&whitelist_active_tables(&gate.list)->zone, 1700000000);
    list_gate_free(&gate);
    list_maker_free(&made);
    return local.minute;
}

static void the_rule_of_local_time_is_that_of_the_list_or_the_french_one(void **state)
{
    (void)state;
    assert_int_equal(minute_in_zone("EST5EDT,M3.2.0,M11.1.0"), 17 * 60 + 13);
    assert_int_equal(minute_in_zone(""), 23 * 60 + 13);
}

static void a_wrong_signature_is_refused(void **state)
{
    (void)state;
    static const uint32_t at[] = {32, 150, 200}; /* the time of making, a profile, further on */
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        struct list_made bad = copy_of(&two);
        bad.image[at[i]] ^= 0x10;
        set_up(4096);
        assert_int_equal(list_gate_upload(&gate, &bad), WHITELIST_UPLOAD_REFUSED);
        assert_int_equal(gate.list.upload.error, ERR_SIGNATURE);
        assert_false(gate.list.slots[!gate.list.running].present); /* the list in it counts for nothing */
        check_untouched();
        list_maker_free(&bad);
    }
}

static void a_signature_with_bytes_left_behind_it_is_refused(void **state)
{
    (void)state;
    struct list_made bad = copy_of(&two);
    bad.image[bad.header.head_len + WHITELIST_SIGNATURE_LEN - 1] = 0xFF; /* as a torn program leaves it */
    set_up(4096);
    assert_int_equal(list_gate_upload(&gate, &bad), ERR_SIGNATURE);
    check_untouched();
    list_maker_free(&bad);
}

static void a_signature_of_nonsense_is_refused(void **state)
{
    (void)state;
    static const uint8_t lengths[] = {0, 1, 71, 73, 255};
    for (size_t i = 0; i < sizeof lengths; i++) {
        struct list_made bad = copy_of(&two);
        uint8_t *signature = bad.image + bad.header.head_len;
        signature[0] = lengths[i];
        signature[1] = lengths[i] == 255 ? 255 : 0;
        signature[10] ^= 1;
        set_up(4096);
        int result = list_gate_upload(&gate, &bad);
        assert_true(result == ERR_SIGNATURE || result == WHITELIST_UPLOAD_REFUSED);
        assert_int_equal(gate.list.upload.state, WHITELIST_REFUSED);
        assert_int_equal(gate.list.upload.error, ERR_SIGNATURE);
        check_untouched();
        list_maker_free(&bad);
    }
}

static void refuse_header(int (*change)(struct list_made *bad))
{
    struct list_made bad = copy_of(&two);
    int expected = change(&bad); /* the signature is wrong as well, but is not checked any more */
    set_up(4096);
    assert_int_equal(whitelist_upload_head(&gate.list, 0, bad.image, 256, false), expected);
    assert_int_equal(gate.list.upload.state, WHITELIST_REFUSED);
    assert_int_equal(gate.list.upload.error, expected);
    assert_true(gate.list.slots[!gate.list.running].present); /* the replica is still whole */
    check_untouched();
    list_maker_free(&bad);
}

static int change_site(struct list_made *bad)
{
    bad->image[8] ^= 1;
    return ERR_SITE;
}

static int keep_version(struct list_made *bad)
{
    bytes_put_u32(bad->image + 16, 1);
    return ERR_VERSION;
}

static int lower_version(struct list_made *bad)
{
    bytes_put_u32(bad->image + 16, 0);
    return ERR_VERSION;
}

static int change_magic(struct list_made *bad)
{
    bad->image[0] ^= 1;
    return ERR_FORMAT;
}

static int set_reserved(struct list_made *bad)
{
    bad->image[50] = 1;
    return ERR_FORMAT;
}

static int change_format(struct list_made *bad)
{
    bad->image[4] = 3;
    return ERR_UNSUPPORTED;
}

static int lie_about_blocks(struct list_made *bad)
{
    bytes_put_u32(bad->image + 28, bad->header.block_count + 1);
    return ERR_COUNT;
}

static int claim_too_many_cards(struct list_made *bad)
{
    bytes_put_u32(bad->image + 20, bad->header.bucket_count * 6 + 1);
    return ERR_COUNT;
}

/* Makes the header that of a list with so many blocks. */
static void claim_blocks(struct list_made *bad, uint32_t blocks)
{
    uint32_t grown = blocks - bad->header.block_count;
    bytes_put_u32(bad->image + 24, blocks * 64);
    bytes_put_u32(bad->image + 28, blocks);
    bytes_put_u32(bad->image + 40, bad->header.head_len + 16 * grown);
}

static void a_header_that_will_not_do_is_refused_at_once(void **state)
{
    (void)state;
    refuse_header(change_site);
    refuse_header(keep_version);
    refuse_header(lower_version);
    refuse_header(change_magic);
    refuse_header(set_reserved);
    refuse_header(change_format);
    refuse_header(lie_about_blocks);
    refuse_header(claim_too_many_cards);
}

/* A slot has room for 32 blocks. */
static void a_list_too_large_for_the_slot_is_refused(void **state)
{
    (void)state;
    struct list_made bad = copy_of(&two);
    set_up(4096);
    claim_blocks(&bad, 32);
    assert_int_equal(whitelist_upload_head(&gate.list, 0, bad.image, 256, false), ERR_BUSY); /* accepted */
    whitelist_upload_abandon(&gate.list);
    check_untouched();
    set_up(4096);
    claim_blocks(&bad, 33);
    assert_int_equal(whitelist_upload_head(&gate.list, 0, bad.image, 256, false), ERR_NO_SPACE);
    check_untouched();
    list_maker_free(&bad);
}

static void a_short_or_overlong_head_is_refused(void **state)
{
    (void)state;
    uint32_t whole = two.header.head_len + WHITELIST_SIGNATURE_LEN;
    set_up(4096);
    assert_int_equal(whitelist_upload_head(&gate.list, 0, two.image, 127, false), ERR_FORMAT);
    check_untouched();
    const uint32_t lengths[] = {128, 1000, whole - 1};
    for (int i = 0; i < 3; i++) {
        set_up(4096);
        int result;
        while ((result = whitelist_upload_head(&gate.list, 0, two.image, lengths[i], true)) == ERR_BUSY)
            whitelist_poll(&gate.list);
        assert_int_equal(result, ERR_COUNT);
        check_untouched();
    }
    set_up(4096);
    int result;
    while ((result = whitelist_upload_head(&gate.list, 0, two.image, whole, false)) == ERR_BUSY)
        whitelist_poll(&gate.list);
    assert_int_equal(result, ERR_COUNT); /* all of it, and more to come */
    check_untouched();
}

static void a_card_count_that_lies_is_refused(void **state)
{
    (void)state;
    static const int lies[] = {-1, 1, 100};
    for (int i = 0; i < 3; i++) {
        struct list_made bad = copy_of(&two);
        bytes_put_u32(bad.image + 20, (uint32_t)(CARDS + lies[i]));
        list_maker_sign(&maker, &bad);
        set_up(4096);
        assert_int_equal(list_gate_upload(&gate, &bad), WHITELIST_UPLOAD_REFUSED);
        assert_int_equal(gate.list.upload.error, ERR_COUNT);
        check_untouched();
        list_maker_free(&bad);
    }
}

static void a_block_not_listed_is_refused_and_wanted_still(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_send_head(&gate, &one), ERR_OK);
    list_gate_poll(&gate);
    uint32_t first = 0;
    assert_int_equal(whitelist_wanted(&gate.list, &first), one.header.block_count);
    one.image[one.header.head_len + WHITELIST_SIGNATURE_LEN + 4096 + 77] ^= 4;
    assert_int_equal(list_gate_send_block(&gate, &one, 1), ERR_NOT_LISTED);
    one.image[one.header.head_len + WHITELIST_SIGNATURE_LEN + 4096 + 77] ^= 4;
    assert_int_equal(list_gate_send_block(&gate, &one, 0), 1);
    first = 0;
    assert_int_equal(whitelist_wanted(&gate.list, &first), one.header.block_count - 1);
    assert_int_equal(first, 1);
    assert_int_equal(list_gate_send_block(&gate, &one, 0), 1); /* again: was already */
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    check(&one);
    list_gate_free(&gate);
}

static void pieces_come_in_any_order_but_of_one_block_at_a_time(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    const uint8_t *b = one.blocks;
    struct whitelist *list = &gate.list;
    assert_int_equal(whitelist_upload_block(list, 0, 0, b, 1024), ERR_BUSY);
    assert_int_equal(list_gate_send_head(&gate, &one), ERR_OK);
    assert_int_equal(whitelist_upload_block(list, 0, 0, b, 1024), ERR_BUSY);
    list_gate_poll(&gate);
    assert_int_equal(whitelist_upload_block(list, one.header.block_count, 0, b, 1024), ERR_ARGUMENT);
    assert_int_equal(whitelist_upload_block(list, 0, 512, b, 1024), ERR_ARGUMENT);
    assert_int_equal(whitelist_upload_block(list, 0, 4096, b, 1024), ERR_ARGUMENT);
    assert_int_equal(whitelist_upload_block(list, 0, 0, b, 1023), ERR_ARGUMENT);
    assert_int_equal(whitelist_upload_block(list, 0, 2048, b + 2048, 1024), ERR_OK);
    assert_int_equal(whitelist_upload_block(list, 0, 0, b, 1024), ERR_OK);
    assert_int_equal(whitelist_upload_block(list, 0, 0, b, 1024), ERR_OK);
    assert_int_equal(whitelist_upload_block(list, 0, 3072, b + 3072, 1024), ERR_OK);
    assert_int_equal(whitelist_upload_block(list, 1, 0, b + 4096, 1024), ERR_OK); /* drops block 0 */
    assert_int_equal(whitelist_upload_block(list, 0, 1024, b + 1024, 1024), ERR_OK);
    assert_int_equal(whitelist_upload_block(list, 0, 2048, b + 2048, 1024), ERR_OK);
    assert_int_equal(whitelist_upload_block(list, 0, 0, b, 1024), ERR_OK);
    assert_int_equal(list_gate_send_piece(list, 0, 3072, b + 3072), WHITELIST_BLOCK_STORED);
    list_gate_free(&gate);
}

/* A card is served between two steps: none may be long. */
static void a_complete_block_is_stored_in_steps_of_at_most_one_page(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    struct whitelist *list = &gate.list;
    uint64_t programs = 0;
    int result = WHITELIST_BLOCK_LATER, steps = 0;
    assert_int_equal(list_gate_send_head(&gate, &one), ERR_OK);
    list_gate_poll(&gate);
    for (uint32_t offset = 0; offset < 3072; offset += 1024)
        assert_int_equal(whitelist_upload_block(list, 0, offset, one.blocks + offset, 1024), ERR_OK);
    uint64_t programs_before = gate.nor.counts.programs;
    while (result == WHITELIST_BLOCK_LATER) {
        uint64_t step_programs = gate.nor.counts.programs, step_bytes = gate.nor.counts.read_bytes;
        result = whitelist_upload_block(list, 0, 3072, one.blocks + 3072, 1024);
        assert_true(gate.nor.counts.programs - step_programs <= 1);
        assert_true(gate.nor.counts.read_bytes - step_bytes <= 1024); /* a piece of the hashes of the list */
        programs = gate.nor.counts.programs - programs_before;
        steps++;
    }
    assert_int_equal(result, WHITELIST_BLOCK_STORED);
    assert_int_equal(programs, 16);
    assert_int_equal(steps, 16 + 1 + 1 + 16); /* hashed, compared, the key checked, programmed */
    list_gate_free(&gate);
}

/* Between the check of a block and its last page, its client may send something else. */
static void what_is_stored_is_what_was_hashed(void **state)
{
    (void)state;
    static const uint8_t other[1024] = {0};
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    struct whitelist *list = &gate.list;
    uint8_t stored[WHITELIST_BLOCK_LEN];
    int result = WHITELIST_BLOCK_LATER;
    assert_int_equal(list_gate_send_head(&gate, &one), ERR_OK);
    list_gate_poll(&gate);
    for (uint32_t offset = 0; offset < 3072; offset += 1024)
        assert_int_equal(whitelist_upload_block(list, 0, offset, one.blocks + offset, 1024), ERR_OK);
    assert_int_equal(whitelist_upload_block(list, 0, 3072, one.blocks + 3072, 1024), WHITELIST_BLOCK_LATER);
    for (uint32_t offset = 0; result == WHITELIST_BLOCK_LATER; offset = (offset + 1024) % WHITELIST_BLOCK_LEN)
        result = whitelist_upload_block(list, 0, offset, other, sizeof other);
    assert_int_equal(result, WHITELIST_BLOCK_STORED);
    uint32_t addr = whitelist_staged(list)->base + WHITELIST_BLOCKS_OFFSET;
    assert_int_equal(gate.nor.flash.read(gate.nor.flash.ctx, addr, stored, sizeof stored), ERR_OK);
    assert_memory_equal(stored, one.blocks, sizeof stored);
    list_gate_free(&gate);
}

/* A client that gives up in the middle of the steps may come back with another block. */
static void another_block_ends_the_steps_of_one(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    struct whitelist *list = &gate.list;
    assert_int_equal(list_gate_send_head(&gate, &one), ERR_OK);
    list_gate_poll(&gate);
    for (uint32_t offset = 0; offset < 3072; offset += 1024)
        assert_int_equal(whitelist_upload_block(list, 0, offset, one.blocks + offset, 1024), ERR_OK);
    assert_int_equal(whitelist_upload_block(list, 0, 3072, one.blocks + 3072, 1024), WHITELIST_BLOCK_LATER);
    assert_int_equal(list_gate_send_block(&gate, &one, 1), WHITELIST_BLOCK_STORED);
    assert_int_equal(list_gate_send_block(&gate, &one, 0), WHITELIST_BLOCK_STORED);
    list_gate_free(&gate);
}

static void head_pieces_out_of_order_change_nothing(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(whitelist_upload_head(&gate.list, 128, one.image + 128, 128, false), ERR_ARGUMENT);
    while (whitelist_upload_head(&gate.list, 0, one.image, 128, false) == ERR_BUSY)
        whitelist_poll(&gate.list);
    assert_int_equal(whitelist_upload_head(&gate.list, 256, one.image + 256, 128, false), ERR_ARGUMENT);
    assert_int_equal(whitelist_upload_head(&gate.list, 128, one.image + 128, 128, false), ERR_OK);
    assert_int_equal(list_gate_upload(&gate, &one), 1); /* from the start again */
    check(&one);
    list_gate_free(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rule_of_local_time_is_that_of_the_list_or_the_french_one),
        cmocka_unit_test(a_wrong_signature_is_refused),
        cmocka_unit_test(a_signature_with_bytes_left_behind_it_is_refused),
        cmocka_unit_test(a_signature_of_nonsense_is_refused),
        cmocka_unit_test(a_header_that_will_not_do_is_refused_at_once),
        cmocka_unit_test(a_list_too_large_for_the_slot_is_refused),
        cmocka_unit_test(a_short_or_overlong_head_is_refused),
        cmocka_unit_test(a_card_count_that_lies_is_refused),
        cmocka_unit_test(a_block_not_listed_is_refused_and_wanted_still),
        cmocka_unit_test(pieces_come_in_any_order_but_of_one_block_at_a_time),
        cmocka_unit_test(a_complete_block_is_stored_in_steps_of_at_most_one_page),
        cmocka_unit_test(what_is_stored_is_what_was_hashed),
        cmocka_unit_test(another_block_ends_the_steps_of_one),
        cmocka_unit_test(head_pieces_out_of_order_change_nothing),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
