/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal with power cuts. Every operation of a part of a gate's life is cut, torn in several ways,
 * and cut again during the recovery. The result is compared with a plain array (journal_twin). CUTS=all
 * in the environment: more tears, more second cuts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/journal/journal.h"
#include "tests/fakes/journal_twin.h"
#include "tests/fakes/nor_model.h"

struct scene {
    uint32_t sectors, sector_size;
    uint32_t already;         /* appended before the stretch */
    uint32_t stretch;         /* appends in it */
    uint32_t polls_an_append; /* polls after each append; during the recovery, 3 */
    bool acknowledges;
    bool headless; /* the head's sector loses its header before, and no sector is prepared */
    enum journal_full_policy policy;
};

static const uint8_t key[CRYPTO_KEY_LEN] = "journal test key";
static struct nor_model origin, nor;
static struct journal journal;
static struct journal_twin before, twin;
static uint32_t made;

static bool exhaustive(void)
{
    const char *cuts = getenv("CUTS");
    return cuts != NULL && strcmp(cuts, "all") == 0;
}

static uint32_t region_len(const struct scene *scene)
{
    return scene->sectors * scene->sector_size;
}

static int mount_on(struct nor_model *chip, const struct scene *scene)
{
    int result = journal_mount(&journal, &chip->flash, 0, region_len(scene), key, twin.acked);
    journal.full_policy = scene->policy;
    return result;
}

static int append_one(void)
{
    struct journal_record record = journal_twin_make(++made);
    uint32_t seq = 0;
    int result = journal_append(&journal, &record, &seq);
    journal_twin_appended(&twin, result, &record, seq);
    return result;
}

/* Runs a part of a gate's life, until its end or until power fails. */
static void live(const struct nor_model *chip, const struct scene *scene, uint32_t polls_an_append)
{
    for (uint32_t i = 0; i < scene->stretch && !chip->dead; i++) {
        for (uint32_t poll = 0; poll < polls_an_append; poll++)
            (void)!journal_poll(&journal);
        (void)!append_one();
        if (scene->acknowledges && i % 5 == 4 && twin.last_given > twin.acked + 20) {
            twin.acked = twin.last_given - 20;
            (void)!journal_acknowledge(&journal, twin.acked);
        }
    }
}

static void set_up(const struct scene *scene)
{
    nor_model_init(&origin, region_len(scene), scene->sector_size);
    nor_model_init(&nor, region_len(scene), scene->sector_size);
    origin.erase_polls = nor.erase_polls = 1;
    journal_twin_clear(&twin);
    made = 0;
    assert_int_equal(mount_on(&origin, scene), ERR_OK);
    while (twin.last_given < scene->already) {
        for (int i = 0; i < 40 && journal_poll(&journal) == ERR_BUSY; i++)
            ;
        if (append_one() == ERR_NO_SPACE)
            break;
        if (scene->acknowledges && made % 10 == 0)
            (void)!journal_acknowledge(&journal, twin.acked = twin.last_given);
    }
    assert_true(journal_twin_check(&twin, &journal));
    if (scene->headless) {
        while (append_one() == ERR_OK)
            ;
        uint32_t sector = (journal.head_seq - 2) / journal.per_sector % scene->sectors;
        nor_model_flip_bit(&origin, sector * scene->sector_size + 9, 1);
    }
    journal_unmount(&journal);
    before = twin;
}

static void tear_down(void)
{
    nor_model_free(&origin);
    nor_model_free(&nor);
}

static void start_over(const struct scene *scene)
{
    nor_model_copy(&nor, &origin);
    twin = before;
    made = 100000;
    assert_int_equal(mount_on(&nor, scene), ERR_OK);
    assert_true(!scene->headless || !journal.head_ready);
}

/* Restarts, checks, and cuts again at operation second of the recovery (0: not). */
static void check_after(const struct scene *scene, uint64_t first, uint32_t tear, uint64_t second)
{
    journal_unmount(&journal);
    nor_model_power_on(&nor);
    assert_int_equal(mount_on(&nor, scene), ERR_OK);
    /* A gap that waits is logged when there is a head again: counting and checking a sector take four polls
     * each. */
    for (int i = 0; scene->headless && i < 16; i++)
        (void)!journal_poll(&journal);
    assert_int_equal(nor.counts.unit_violations, 0);
    if (!journal_twin_check(&twin, &journal))
        fail_msg("cut %u.%u, then %u: %s: number %u", (unsigned)first, (unsigned)tear, (unsigned)second,
                 twin.complaint, (unsigned)twin.complaint_seq);
}

static void cut_and_check(const struct scene *scene, uint64_t first, uint32_t tear, uint64_t second)
{
    start_over(scene);
    nor_model_cut(&nor, first, tear);
    live(&nor, scene, scene->polls_an_append);
    check_after(scene, first, tear, second);
    if (second != 0) {
        nor_model_cut(&nor, second, tear + 1);
        live(&nor, scene, 3);
        check_after(scene, first, tear, second);
    }
    live(&nor, scene, 3);
    check_after(scene, first, tear, second);
    journal_unmount(&journal);
}

static void cut_everywhere(const struct scene *scene)
{
    set_up(scene);
    start_over(scene);
    uint64_t operations = nor.counts.operations;
    live(&nor, scene, scene->polls_an_append);
    operations = nor.counts.operations - operations;
    check_after(scene, 0, 0, 0);
    journal_unmount(&journal);
    assert_true(operations > scene->stretch / 2);
    uint32_t tears = exhaustive() ? 200 : 5;
    for (uint64_t first = 1; first <= operations; first++) {
        for (uint32_t tear = 0; tear < tears; tear++) {
            if (exhaustive() && tear < 8)
                for (uint64_t second = 1; second <= operations; second++)
                    cut_and_check(scene, first, tear, second);
            else
                cut_and_check(scene, first, tear, (first * 7 + tear) % operations);
        }
    }
    tear_down();
}

enum { PLACES = 127 };

static void cut_on_a_new_chip(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){.sectors = 4, .sector_size = 4096, .stretch = 12, .polls_an_append = 4});
}

static void cut_where_the_sector_ahead_is_prepared(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){
        .sectors = 4, .sector_size = 4096, .already = PLACES - 6, .stretch = 16, .polls_an_append = 2});
}

static void cut_where_a_gap_is_told(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){
        .sectors = 3, .sector_size = 4096, .already = 5 * PLACES - 7, .stretch = 16, .polls_an_append = 2});
}

static void cut_where_a_gap_is_told_in_the_last_places(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){.sectors = 3,
                                   .sector_size = 4096,
                                   .already = 5 * PLACES - 7,
                                   .stretch = PLACES + 20,
                                   .polls_an_append = 0});
}

/* Nothing can be written before a sector is erased, so the loss is logged only afterwards. */
static void cut_where_a_gap_can_be_told_only_afterwards(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){.sectors = 3,
                                   .sector_size = 4096,
                                   .already = 5 * PLACES - 7,
                                   .stretch = 12,
                                   .polls_an_append = 3,
                                   .headless = true});
}

static void cut_where_acknowledged_records_go(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){.sectors = 3,
                                   .sector_size = 4096,
                                   .already = 4 * PLACES - 5,
                                   .stretch = 25,
                                   .polls_an_append = 2,
                                   .acknowledges = true});
}

static void cut_where_a_full_ring_refuses(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){.sectors = 3,
                                   .sector_size = 4096,
                                   .already = 3 * PLACES - 8,
                                   .stretch = 14,
                                   .polls_an_append = 2,
                                   .policy = JOURNAL_REFUSE});
}

static void cut_with_large_sectors(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){
        .sectors = 3, .sector_size = 65536, .already = 2 * 2047 - 4, .stretch = 10, .polls_an_append = 9});
}

/* One cut after the other, on the same chip, at random: hundreds of starts in a row. */
static void a_hundred_cuts_in_a_row(void **state)
{
    (void)state;
    struct scene scene = {.sectors = 4, .sector_size = 4096, .stretch = 70, .polls_an_append = 1};
    for (uint32_t seed = 1; seed <= (exhaustive() ? 500 : 10); seed++) {
        uint32_t random = seed * 2654435761u;
        scene.acknowledges = seed % 2;
        set_up(&scene);
        start_over(&scene);
        for (int i = 0; i < 100; i++) {
            random = random * 1664525 + 1013904223;
            scene.polls_an_append = random >> 20 & 3;
            nor_model_cut(&nor, 1 + (random >> 24) % 80, random >> 16 & 0xF);
            live(&nor, &scene, scene.polls_an_append);
            check_after(&scene, seed, (uint32_t)i, 0);
        }
        journal_unmount(&journal);
        tear_down();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_on_a_new_chip),
        cmocka_unit_test(cut_where_the_sector_ahead_is_prepared),
        cmocka_unit_test(cut_where_a_gap_is_told),
        cmocka_unit_test(cut_where_a_gap_is_told_in_the_last_places),
        cmocka_unit_test(cut_where_a_gap_can_be_told_only_afterwards),
        cmocka_unit_test(cut_where_acknowledged_records_go),
        cmocka_unit_test(cut_where_a_full_ring_refuses),
        cmocka_unit_test(cut_with_large_sectors),
        cmocka_unit_test(a_hundred_cuts_in_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
