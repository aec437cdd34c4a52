/* SPDX-License-Identifier: Apache-2.0 */
/* What of a list is sent as differences from another one, and what whole. That the differences make the list,
 * tests/unit/firmware/test_whitelist_patch.c shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "tests/fakes/list_maker.h"
#include "tools/portillon/gate/push_patch.h"

enum { CARDS = 20000 };

static struct list_maker maker;
static struct list_made made[3]; /* a list, the same with card 77 blocked, and one of other cards mostly */
static struct list_file lists[3];
static struct push_patch patch;
static struct push_block blocks[WHITELIST_BLOCKS_MAX];

static int make_lists(void **state)
{
    (void)state;
    const char *why;
    list_maker_init(&maker);
    list_maker_make(&maker, &made[0], 1, CARDS, UINT32_MAX);
    list_maker_make(&maker, &made[1], 2, CARDS, 77);
    list_maker_make(&maker, &made[2], 3, CARDS / 3, UINT32_MAX);
    for (int i = 0; i < 3; i++)
        assert_int_equal(list_file_open(&lists[i], made[i].image, made[i].len, &why), ERR_OK);
    return 0;
}

static int free_lists(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        list_maker_free(&made[i]);
    return 0;
}

/* All blocks of a list that are not those of the base. */
static uint32_t want(const struct list_file *base, const struct list_file *list)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < list->header.block_count; i++)
        if (i >= base->header.block_count ||
            memcmp(base->blocks + i * 4096, list->blocks + i * 4096, 4096) != 0)
            blocks[count++].index = i;
    return count;
}

static void without_a_base_everything_is_whole(void **state)
{
    (void)state;
    uint32_t next = 0;
    push_patch_start(&patch, NULL, &lists[1]);
    assert_false(patch.is_on);
    assert_false(push_patch_fill(&patch, blocks, want(&lists[0], &lists[1]), &next));
}

static void one_card_is_one_small_message(void **state)
{
    (void)state;
    uint32_t next = 0, count = want(&lists[0], &lists[1]);
    push_patch_start(&patch, &lists[0], &lists[1]);
    assert_int_equal(count, 1);
    assert_true(push_patch_fill(&patch, blocks, count, &next));
    /* base 8, block 2, count 1, bucket 1, change 1, rule 2 */
    assert_int_equal(patch.message.len, 15);
    assert_int_equal(bytes_get_u16(patch.message.bytes + 8), blocks[0].index);
    assert_int_equal(patch.message.bytes[10], 1);
    assert_false(push_patch_fill(&patch, blocks, count, &next));
}

static void the_manifest_of_one_card_is_two_small_pieces(void **state)
{
    (void)state;
    uint8_t piece[LIST_PATCH_MAX];
    uint32_t at = 0;
    push_patch_start(&patch, &lists[0], &lists[1]);
    size_t len = list_patch_head(&patch.patch, &at, piece);
    assert_int_equal(at, 256);
    assert_in_range(len, 13, 40);
    assert_int_equal(bytes_get_u32(piece + 8), 0);
    len = list_patch_head(&patch.patch, &at, piece);
    assert_int_equal(at, lists[1].header.head_len + WHITELIST_SIGNATURE_LEN);
    /* a rule of 8 bytes, a hash of 16, a signature of 72, and where they go */
    assert_in_range(len, 12 + 80, 12 + 8 + 16 + 76 + 30);
    assert_int_equal(bytes_get_u32(piece + 8), 256);
}

static void pieces_of_a_manifest_end_where_a_gate_can_program(void **state)
{
    (void)state;
    uint8_t piece[LIST_PATCH_MAX];
    uint32_t at = 0, pieces = 0, whole = lists[0].header.head_len + WHITELIST_SIGNATURE_LEN;
    push_patch_start(&patch, &lists[2], &lists[0]); /* no hash stays */
    for (; at < whole; pieces++) {
        uint32_t from = at;
        size_t len = list_patch_head(&patch.patch, &at, piece);
        assert_in_range(len, 13, LIST_PATCH_MAX);
        assert_int_equal(bytes_get_u32(piece + 8), from);
        assert_true(at > from && (at == whole || at % 16 == 0));
    }
    assert_int_equal(at, whole);
    assert_in_range(pieces, 2, 2 + whole / 900);
}

static void blocks_of_which_too_much_changes_are_sent_whole(void **state)
{
    (void)state;
    uint32_t next = 0, count = want(&lists[0], &lists[2]);
    push_patch_start(&patch, &lists[0], &lists[2]);
    assert_int_equal(count, lists[2].header.block_count);
    assert_false(push_patch_fill(&patch, blocks, count, &next)); /* another layout: no card stays */
    assert_int_equal(next, count);
    push_patch_start(&patch, &lists[2], &lists[0]);
    blocks[0].index = lists[2].header.block_count; /* the base has no such block */
    next = 0;
    assert_false(push_patch_fill(&patch, blocks, 1, &next));
}

static void a_message_holds_few_blocks_and_every_block_comes_once(void **state)
{
    (void)state;
    struct list_made grown;
    struct list_file list;
    const char *why;
    list_maker_make(&maker, &grown, 4, CARDS + 250, UINT32_MAX);
    assert_int_equal(list_file_open(&list, grown.image, grown.len, &why), ERR_OK);
    assert_int_equal(list.header.block_count, lists[0].header.block_count);
    uint32_t next = 0, sent = 0, count = want(&lists[0], &list);
    assert_in_range(count, 2 * LIST_PATCH_BLOCKS_MAX, 88);
    push_patch_start(&patch, &lists[0], &list);
    while (push_patch_fill(&patch, blocks, count, &next)) {
        assert_in_range(patch.message.count, 1, LIST_PATCH_BLOCKS_MAX);
        assert_in_range(patch.message.len, 1, LIST_PATCH_MAX);
        for (uint32_t i = 0; i < patch.message.count; i++)
            assert_int_equal(patch.message_blocks[i], blocks[sent++].index);
    }
    assert_int_equal(sent, count);
    list_maker_free(&grown);
}

static void what_was_given_up_is_not_tried_again(void **state)
{
    (void)state;
    uint32_t next = 0, count = want(&lists[0], &lists[1]);
    push_patch_start(&patch, &lists[0], &lists[1]);
    assert_true(push_patch_fill(&patch, blocks, count, &next));
    push_patch_give_up_message(&patch);
    next = 0;
    assert_false(push_patch_fill(&patch, blocks, count, &next));
    assert_int_equal(next, count);
    push_patch_start(&patch, &lists[0], &lists[1]);
    push_patch_give_up(&patch);
    next = 0;
    assert_false(push_patch_fill(&patch, blocks, count, &next));
}

static bool is_refused(enum coap_code code, const char *word)
{
    struct link_answer answer;
    link_fill_answer(&answer, code, (const uint8_t *)word, strlen(word));
    return push_patch_is_refused(&answer);
}

static void the_answers_that_ask_for_whole_blocks(void **state)
{
    (void)state;
    assert_true(is_refused(COAP_NOT_FOUND, "not_found"));
    assert_true(is_refused(COAP_CONFLICT, "conflict"));
    assert_true(is_refused(COAP_BAD_REQUEST, "block_not_listed"));
    assert_true(is_refused(COAP_BAD_REQUEST, "malformed"));
    assert_true(is_refused(COAP_SERVER_ERROR, "corrupt"));
    assert_false(is_refused(COAP_CHANGED, ""));
    assert_false(is_refused(COAP_UNAVAILABLE, "busy"));
    assert_false(is_refused(COAP_BAD_REQUEST, "wrong_tag_key"));
    assert_false(is_refused(COAP_BAD_REQUEST, "version_not_above"));
    assert_false(is_refused(COAP_SERVER_ERROR, "worn"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_base_everything_is_whole),
        cmocka_unit_test(one_card_is_one_small_message),
        cmocka_unit_test(the_manifest_of_one_card_is_two_small_pieces),
        cmocka_unit_test(pieces_of_a_manifest_end_where_a_gate_can_program),
        cmocka_unit_test(blocks_of_which_too_much_changes_are_sent_whole),
        cmocka_unit_test(a_message_holds_few_blocks_and_every_block_comes_once),
        cmocka_unit_test(what_was_given_up_is_not_tried_again),
        cmocka_unit_test(the_answers_that_ask_for_whole_blocks),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
