/* SPDX-License-Identifier: Apache-2.0 */
/* A chip that holds less than this gate had: restored from a copy, exchanged, or written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"

enum { SLOT_LEN = 1 << 17, CARDS = 900 };

static struct list_maker maker;
static struct list_made one, two; /* versions 1 and 2 */
static struct list_gate gate;

static int make_lists(void **state)
{
    (void)state;
    list_maker_init(&maker);
    list_maker_make(&maker, &one, 1, CARDS, UINT32_MAX);
    list_maker_make(&maker, &two, 2, CARDS, 17);
    return 0;
}

static int free_lists(void **state)
{
    (void)state;
    list_maker_free(&one);
    list_maker_free(&two);
    return 0;
}

static void restart(void)
{
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
}

/* A gate that has list one, twice. */
static void set_up(void)
{
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), WHITELIST_COMMITTED);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
}

static void without_a_list_only_an_older_version_is_refused(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    gate.known.version = 2;
    restart();
    assert_int_equal(list_gate_upload(&gate, &one), ERR_VERSION);
    assert_int_equal(list_gate_version(&gate), 0);
    assert_false(whitelist_is_rolled_back(&gate.list));
    assert_int_equal(list_gate_upload(&gate, &two), WHITELIST_COMMITTED);
    assert_int_equal(list_gate_version(&gate), 2);
    assert_int_equal(list_gate_upload(&gate, &two), ERR_VERSION);
    list_gate_free(&gate);
}

static void a_chip_that_was_put_back_does_not_answer_until_the_newest_list_is_there(void **state)
{
    (void)state;
    struct whitelist_answer answer;
    const struct tag card = list_maker_tag(1);
    set_up();
    assert_int_equal(whitelist_lookup(&gate.list, &card, &answer), ERR_OK);
    gate.known.version = 2; /* this gate had list 2, and the chip has list 1, from before */
    restart();
    assert_true(whitelist_is_rolled_back(&gate.list));
    assert_int_equal(whitelist_lookup(&gate.list, &card, &answer), ERR_VERSION);
    assert_null(whitelist_active(&gate.list));
    list_gate_poll(&gate);
    assert_true(whitelist_is_rolled_back(&gate.list));
    assert_int_equal(list_gate_upload(&gate, &one), ERR_VERSION);
    assert_int_equal(list_gate_upload(&gate, &two), WHITELIST_COMMITTED);
    assert_false(whitelist_is_rolled_back(&gate.list));
    assert_int_equal(list_gate_wrong_card(&gate, &two, 1), -1);
    list_gate_free(&gate);
}

/* Somebody wrote a list into the chip by hand: everything but the commit record, which needs a key. */
static void an_upload_that_this_gate_did_not_begin_is_not_continued(void **state)
{
    (void)state;
    set_up();
    assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
    list_gate_poll(&gate);
    restart();
    assert_int_equal(gate.list.upload.state, WHITELIST_VERIFYING);
    memset(gate.known.resumable, 0, sizeof gate.known.resumable);
    whitelist_unmount(&gate.list);
    assert_int_equal(
        whitelist_mount(&gate.list, &gate.nor.flash, 0, 2 * SLOT_LEN, &maker.identity, &gate.known), ERR_OK);
    list_gate_poll(&gate);
    assert_int_equal(gate.list.upload.state, WHITELIST_IDLE);
    assert_int_equal(list_gate_version(&gate), 1);
    list_gate_free(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_list_only_an_older_version_is_refused),
        cmocka_unit_test(a_chip_that_was_put_back_does_not_answer_until_the_newest_list_is_there),
        cmocka_unit_test(an_upload_that_this_gate_did_not_begin_is_not_continued),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
