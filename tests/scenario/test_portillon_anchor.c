/* SPDX-License-Identifier: Apache-2.0 */
/* The whole gate and a memory chip that holds less than the gate had: an older copy, a blank chip, a list
 * from before. With an anchor, and without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/portillon_anchor.h"
#include "firmware/portillon_control.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/gate_bench.h"

#define NOVEMBER_2026 UINT32_C(1794787200)
#define ANCHOR_LEN    8192
#define SECTOR_LEN    4096

#define PUPIL   "04a1b2c3d4e580"
#define LEAVER  "04a1b2c3d4e780" /* in the older list only */
#define EXTERNS (1U << SAMPLE_EXTERNE)

static struct gate_bench bench;
static struct nor_model anchor, copy, anchor_copy;
static struct sample_list older, newer;

static int make_lists(void **state)
{
    (void)state;
    static const struct sample_card cards[] = {
        {.uid_hex = PUPIL, .profile = SAMPLE_DEMI_PENSION},
        {.uid_hex = LEAVER, .profile = SAMPLE_DEMI_PENSION},
    };
    static struct fake_entropy entropy;
    fake_entropy_init(&entropy);
    if (crypto_init(&entropy.entropy, NULL, 0) != ERR_OK)
        return -1;
    older = sample_list_make(7, cards, 2);
    newer = sample_list_make(8, cards, 1);
    return 0;
}

static int free_lists(void **state)
{
    (void)state;
    sample_list_free(&older);
    sample_list_free(&newer);
    return 0;
}

static void make_and_start(const struct flash *anchor_flash)
{
    gate_bench_make(&bench, ZONE_BUILDING);
    nor_model_init(&anchor, ANCHOR_LEN, SECTOR_LEN);
    nor_model_init(&anchor_copy, ANCHOR_LEN, SECTOR_LEN);
    nor_model_init(&copy, bench.nor.geometry.size, bench.nor.geometry.sector_size);
    bench.hardware.anchor = anchor_flash;
    gate_bench_start_with_reader(&bench);
    gate_bench_install(&bench, &older);
    gate_bench_set_clock(&bench, NOVEMBER_2026);
    gate_bench_run_ms(&bench, 100);
}

static int bring_up_without(void **state)
{
    (void)state;
    make_and_start(NULL);
    return bench.portillon.anchor.state != ANCHOR_NONE;
}

static int bring_up(void **state)
{
    (void)state;
    make_and_start(&anchor.flash);
    return bench.portillon.anchor.state != ANCHOR_IN_USE;
}

static int take_down(void **state)
{
    (void)state;
    nor_model_free(&anchor);
    nor_model_free(&anchor_copy);
    nor_model_free(&copy);
    gate_bench_free(&bench);
    return bench.unrecorded_openings;
}

static int events(uint8_t code)
{
    return gate_bench_count(&bench, JOURNAL_EVENT, code);
}

static void restart(void)
{
    nor_model_power_on(&bench.nor);
    nor_model_power_on(&anchor);
    gate_bench_start_with_reader(&bench);
    gate_bench_run_ms(&bench, 50);
}

static void restart_with(const struct nor_model *chip)
{
    nor_model_copy(&bench.nor, chip);
    restart();
}

/* Puts one region of a copy back, and leaves the others as they are. */
static void put_back(uint32_t base, uint32_t len)
{
    memcpy(nor_model_bytes(&bench.nor, base), nor_model_bytes(&copy, base), len);
    restart();
}

static void assert_nothing_noticed(void)
{
    assert_false(bench.portillon.store_rolled_back);
    assert_false(whitelist_is_rolled_back(&bench.portillon.whitelist));
    assert_int_equal(events(JOURNAL_EVENT_LIST_ROLLED_BACK) + events(JOURNAL_EVENT_STORE_ROLLED_BACK) +
                         events(JOURNAL_EVENT_JOURNAL_CUT),
                     0);
}

/* ---- with an anchor ---- */

static void an_older_chip_grants_nothing_until_the_newest_list_is_there(void **state)
{
    (void)state;
    nor_model_copy(&copy, &bench.nor);
    gate_bench_install(&bench, &newer);
    assert_int_equal(gate_bench_tap(&bench, LEAVER), REASON_UNKNOWN_CARD);
    gate_bench_run_ms(&bench, 100);
    restart_with(&copy);
    assert_int_equal(gate_bench_tap(&bench, LEAVER), REASON_LIST_ROLLED_BACK);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_LIST_ROLLED_BACK);
    assert_int_equal(events(JOURNAL_EVENT_LIST_ROLLED_BACK), 1);
    assert_int_equal(events(JOURNAL_EVENT_STORE_ROLLED_BACK), 1);
    gate_bench_install(&bench, &newer); /* the newest list, at once */
    assert_int_equal(gate_bench_tap(&bench, LEAVER), REASON_UNKNOWN_CARD);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
}

static void a_blank_chip_takes_no_older_list(void **state)
{
    (void)state;
    struct nor_model blank;
    struct whitelist *list = &bench.portillon.whitelist;
    gate_bench_install(&bench, &newer);
    gate_bench_run_ms(&bench, 100);
    uint32_t head = journal_head_seq(&bench.portillon.journal);
    nor_model_init(&blank, bench.nor.geometry.size, bench.nor.geometry.sector_size);
    restart_with(&blank);
    nor_model_free(&blank);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NO_LIST);
    assert_int_equal(whitelist_upload_head(list, 0, older.image, 1024, false), ERR_VERSION);
    gate_bench_install(&bench, &newer);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    assert_true(journal_tail_seq(&bench.portillon.journal) + 64 > head);
    assert_true(bench.last_tap.seq + 64 > head);
    assert_int_equal(events(JOURNAL_EVENT_STORE_ROLLED_BACK), 1);
}

static void numbers_are_not_given_a_second_time_on_an_older_chip(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++)
        gate_bench_tap(&bench, PUPIL), gate_bench_turn_arm(&bench);
    nor_model_copy(&copy, &bench.nor);
    for (int i = 0; i < 40; i++)
        gate_bench_tap(&bench, PUPIL), gate_bench_turn_arm(&bench);
    gate_bench_run_ms(&bench, 100);
    uint32_t kept = bench.portillon.anchor.values.journal_head;
    assert_true(kept + 40 > journal_head_seq(&bench.portillon.journal));
    restart_with(&copy);
    gate_bench_tap(&bench, PUPIL);
    assert_true(bench.last_tap.seq >= kept);
    assert_int_equal(events(JOURNAL_EVENT_JOURNAL_CUT), 1);
}

static void groups_that_are_on_again_are_told_until_a_technician_confirms(void **state)
{
    (void)state;
    nor_model_copy(&copy, &bench.nor);
    assert_int_equal(portillon_turn_profiles(&bench.portillon, ~EXTERNS, ROLE_TECHNICIAN), ERR_OK);
    gate_bench_run_ms(&bench, 100);
    restart();
    assert_nothing_noticed();
    put_back(0, 2 * SECTOR_LEN);
    assert_int_equal(bench.portillon.rights.profiles_off, 0);
    assert_true(bench.portillon.store_rolled_back);
    for (int starts = 1; starts < 4; starts++) {
        assert_int_equal(events(JOURNAL_EVENT_STORE_ROLLED_BACK), starts);
        restart();
    }
    portillon_confirm_store(&bench.portillon);
    gate_bench_run_ms(&bench, 10);
    int told = events(JOURNAL_EVENT_STORE_ROLLED_BACK);
    restart();
    assert_false(bench.portillon.store_rolled_back);
    assert_int_equal(events(JOURNAL_EVENT_STORE_ROLLED_BACK), told);
}

static void a_new_anchor_takes_up_what_the_chip_has(void **state)
{
    (void)state;
    memset(nor_model_bytes(&anchor, 0), 0xFF, ANCHOR_LEN);
    restart();
    gate_bench_run_ms(&bench, 2000);
    assert_nothing_noticed();
    assert_int_equal(bench.portillon.anchor.values.list_version, 7);
    assert_int_equal(bench.portillon.anchor.values.store_position, store_position(&bench.portillon.store));
}

static void an_anchor_that_cannot_be_read_changes_no_verdict(void **state)
{
    (void)state;
    anchor.dead = true;
    gate_bench_start_with_reader(&bench);
    assert_int_equal(bench.portillon.anchor.state, ANCHOR_FAILED);
    assert_int_equal(gate_bench_tap(&bench, PUPIL), REASON_NONE);
    gate_bench_run_ms(&bench, 100);
    assert_nothing_noticed();
}

/* Some of everything that writes: settings, groups, records, the start of an upload. */
static void live(void)
{
    struct settings settings = bench.portillon.settings;
    settings.open_ms = settings.open_ms == 1500 ? 1600 : 1500;
    int ignored = portillon_set_settings(&bench.portillon, &settings, ROLE_TECHNICIAN);
    gate_bench_run_ms(&bench, 3);
    ignored = portillon_turn_profiles(&bench.portillon, ~EXTERNS, ROLE_TECHNICIAN);
    (void)ignored;
    gate_bench_run_ms(&bench, 3);
    for (int i = 0; i < 34 && !bench.nor.dead && !anchor.dead; i++)
        gate_bench_tap(&bench, LEAVER), gate_bench_turn_arm(&bench);
}

/* Power goes at each operation of the memory chip, then of the anchor: no honest chip is called an old
 * one. */
static void a_power_cut_is_no_rollback(void **state)
{
    (void)state;
    nor_model_copy(&copy, &bench.nor);
    nor_model_copy(&anchor_copy, &anchor);
    for (int which = 0; which < 2; which++) {
        uint64_t n = 0;
        bool cut = true;
        while (cut) {
            n++;
            nor_model_copy(&bench.nor, &copy);
            nor_model_copy(&anchor, &anchor_copy);
            restart();
            nor_model_cut(which == 0 ? &bench.nor : &anchor, n, (uint32_t)n);
            live();
            cut = bench.nor.dead || anchor.dead;
            bench.opened_seq = 0;          /* the numbers of another life */
            bench.unrecorded_openings = 0; /* a dead chip shows no record */
            restart();
            assert_nothing_noticed();
            restart();
            assert_nothing_noticed();
        }
        assert_true(n > (which == 0 ? 50 : 4));
    }
}

/* ---- without one ---- */

static void without_an_anchor_the_store_tells_of_an_older_list(void **state)
{
    (void)state;
    const struct layout *layout = &bench.portillon.layout;
    nor_model_copy(&copy, &bench.nor);
    gate_bench_install(&bench, &newer);
    gate_bench_run_ms(&bench, 100);
    put_back(layout->whitelist_base, layout->whitelist_len);
    assert_int_equal(bench.portillon.anchor.state, ANCHOR_NONE);
    assert_int_equal(gate_bench_tap(&bench, LEAVER), REASON_LIST_ROLLED_BACK);
    assert_int_equal(events(JOURNAL_EVENT_LIST_ROLLED_BACK), 1);
    assert_int_equal(events(JOURNAL_EVENT_STORE_ROLLED_BACK), 0);
}

static void without_an_anchor_the_journal_tells_of_an_empty_store(void **state)
{
    (void)state;
    memset(nor_model_bytes(&bench.nor, 0), 0xFF, 2 * SECTOR_LEN);
    restart();
    assert_true(bench.portillon.store_rolled_back);
    assert_int_equal(events(JOURNAL_EVENT_STORE_ROLLED_BACK), 1);
}

static void a_new_gate_has_nothing_to_tell(void **state)
{
    (void)state;
    assert_nothing_noticed();
    restart();
    assert_nothing_noticed();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_older_chip_grants_nothing_until_the_newest_list_is_there, bring_up,
                                        take_down),
        cmocka_unit_test_setup_teardown(a_blank_chip_takes_no_older_list, bring_up, take_down),
        cmocka_unit_test_setup_teardown(numbers_are_not_given_a_second_time_on_an_older_chip, bring_up,
                                        take_down),
        cmocka_unit_test_setup_teardown(groups_that_are_on_again_are_told_until_a_technician_confirms,
                                        bring_up, take_down),
        cmocka_unit_test_setup_teardown(a_new_anchor_takes_up_what_the_chip_has, bring_up, take_down),
        cmocka_unit_test_setup_teardown(an_anchor_that_cannot_be_read_changes_no_verdict, bring_up,
                                        take_down),
        cmocka_unit_test_setup_teardown(a_power_cut_is_no_rollback, bring_up, take_down),
        cmocka_unit_test_setup_teardown(a_new_gate_has_nothing_to_tell, bring_up, take_down),
        cmocka_unit_test_setup_teardown(without_an_anchor_the_store_tells_of_an_older_list, bring_up_without,
                                        take_down),
        cmocka_unit_test_setup_teardown(without_an_anchor_the_journal_tells_of_an_empty_store,
                                        bring_up_without, take_down),
        cmocka_unit_test_setup_teardown(a_new_gate_has_nothing_to_tell, bring_up_without, take_down),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
