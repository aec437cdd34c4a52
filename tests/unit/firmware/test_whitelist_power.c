/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whitelist with power cuts: a first upload, an upload over a list, its replica, repairs. Each is
 * cut at operation after operation, torn in several ways, and cut again during the recovery. After each
 * start the active list is the old or the new one, complete, and at the end both slots hold the new one.
 * CUTS=all in the environment: more tears at each operation, and all operations; otherwise a sample.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/whitelist/whitelist_replica.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"

enum {
    SLOT_LEN = 4 * 65536, /* three places for a small list */
    CARDS = 350,
    SAMPLE = 60, /* cut points of a stretch, where not all of them are tried */
};

#define NONE UINT32_MAX

static struct list_maker maker;
static struct list_made one, two, big;
static struct list_gate gate;
static struct nor_model origin;
static uint32_t origin_floor;
static uint64_t cuts_made;

struct scene {
    uint32_t sector_size;
    const struct list_made *before; /* the active list; NULL: none */
    const struct list_made *after;  /* the list to be uploaded; NULL: no upload, only polls */
    bool twinned;                   /* before has its twin already */
    void (*damage)(void);           /* done to the chip, gate off; NULL: nothing */
    bool every;                     /* cut at each operation in any case */
    bool by_patch;                  /* the list is sent as its differences from `before` */
    bool wears; /* the damage wears out a sector, which may then be overwritten with zeros */
};

static int make_lists(void **state)
{
    (void)state;
    list_maker_init(&maker);
    list_maker_make(&maker, &one, 1, CARDS, NONE);
    list_maker_make(&maker, &two, 2, CARDS, 17);
    list_maker_make(&maker, &big, 3, 4300, 99); /* more blocks than share a large sector */
    return 0;
}

static int free_lists(void **state)
{
    (void)state;
    print_message("# %lu cuts\n", (unsigned long)cuts_made);
    list_maker_free(&one);
    list_maker_free(&two);
    list_maker_free(&big);
    return 0;
}

static bool exhaustive(void)
{
    const char *cuts = getenv("CUTS");
    return cuts != NULL && strcmp(cuts, "all") == 0;
}

/* Runs gate and client: they finish the upload, if there is one; then the gate is idle and scrubs. */
static void live(const struct scene *scene)
{
    if (scene->after != NULL && list_gate_version(&gate) != scene->after->version)
        (void)!list_gate_upload(&gate, scene->after);
    uint32_t looks = scene->damage ? 2 * (scene->before->header.block_count + 1) : 1;
    for (uint32_t i = 0; i < looks && !gate.nor.dead; i++) {
        (void)!list_gate_poll(&gate);
        if (!gate.nor.dead)
            whitelist_scrub(&gate.list);
    }
    (void)!list_gate_poll(&gate);
}

static void set_up(const struct scene *scene)
{
    list_gate_init(&gate, &maker, SLOT_LEN, scene->sector_size);
    gate.nor.erase_polls = 1;
    gate.base = scene->by_patch ? scene->before : NULL;
    if (scene->before != NULL)
        assert_int_equal(list_gate_upload(&gate, scene->before), 1);
    if (scene->twinned)
        assert_int_equal(list_gate_poll(&gate), ERR_OK);
    if (scene->damage != NULL)
        scene->damage();
    nor_model_init(&origin, gate.nor.geometry.size, scene->sector_size);
    nor_model_copy(&origin, &gate.nor);
    origin_floor = gate.known.version;
}

static void start_over(void)
{
    nor_model_copy(&gate.nor, &origin);
    gate.known.version = origin_floor;
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
}

static void restart_and_check(const struct scene *scene, uint64_t first, uint32_t tear, uint64_t second)
{
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
    uint32_t version = list_gate_version(&gate);
    const struct list_made *list =
        scene->after != NULL && version == scene->after->version ? scene->after : scene->before;
    if (version != (list != NULL ? list->version : 0))
        fail_msg("cut %u.%u, then %u: version %u rules", (unsigned)first, (unsigned)tear, (unsigned)second,
                 (unsigned)version);
    int64_t wrong = list != NULL ? list_gate_wrong_card(&gate, list, 11) : -1;
    if (wrong >= 0)
        fail_msg("cut %u.%u, then %u: card %d", (unsigned)first, (unsigned)tear, (unsigned)second,
                 (int)wrong);
}

static void cut_and_check(const struct scene *scene, uint64_t first, uint32_t tear, uint64_t second)
{
    const struct list_made *last = scene->after != NULL ? scene->after : scene->before;
    start_over();
    nor_model_cut(&gate.nor, first, tear);
    live(scene);
    restart_and_check(scene, first, tear, second);
    nor_model_cut(&gate.nor, second, tear + 1);
    live(scene);
    restart_and_check(scene, first, tear, second);
    cuts_made += 2;
    if (gate.nor.counts.unit_violations != 0 && !scene->wears)
        fail_msg("cut %u.%u, then %u: a unit was programmed twice", (unsigned)first, (unsigned)tear,
                 (unsigned)second);
    live(scene);
    if (list_gate_wrong_card(&gate, last, 1) >= 0 || !list_gate_is_twinned(&gate, last))
        fail_msg("cut %u.%u, then %u: the list is not whole in the end", (unsigned)first, (unsigned)tear,
                 (unsigned)second);
}

static void cut_everywhere(const struct scene *scene)
{
    set_up(scene);
    start_over();
    uint64_t operations = gate.nor.counts.operations;
    live(scene);
    operations = gate.nor.counts.operations - operations;
    assert_true(operations > 0);
    assert_int_equal(gate.nor.counts.lost_ones, 0);
    uint64_t stride = exhaustive() || scene->every || operations < SAMPLE ? 1 : operations / SAMPLE;
    uint32_t tears = exhaustive() ? 30 : 4;
    for (uint64_t first = 1; first <= operations; first += stride)
        for (uint32_t tear = 0; tear < tears; tear++) {
            uint32_t kind = exhaustive() ? tear : (uint32_t)(first + tear * 3) % 9;
            cut_and_check(scene, first, kind, 1 + (first * 31 + tear * 17) % operations);
        }
    list_gate_free(&gate);
    nor_model_free(&origin);
}

static void cut_in_a_first_upload(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){.sector_size = 4096, .after = &one});
    cut_everywhere(&(struct scene){.sector_size = 65536, .after = &one});
}

static void cut_in_an_upload_over_a_list(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){.sector_size = 4096, .before = &one, .after = &two, .twinned = true});
    cut_everywhere(&(struct scene){.sector_size = 65536, .before = &one, .after = &two, .twinned = true});
}

static void cut_in_an_upload_of_patches(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){
        .sector_size = 4096, .before = &one, .after = &two, .twinned = true, .by_patch = true});
    cut_everywhere(&(struct scene){
        .sector_size = 65536, .before = &one, .after = &two, .twinned = true, .by_patch = true});
    assert_true(gate.patch_bytes > 0);
}

static void cut_in_an_upload_before_there_is_a_twin(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){.sector_size = 4096, .before = &one, .after = &two});
}

static void cut_in_an_upload_of_a_larger_list(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){.sector_size = 65536, .before = &one, .after = &big, .twinned = true});
}

static void cut_while_a_twin_is_made(void **state)
{
    (void)state;
    cut_everywhere(&(struct scene){.sector_size = 4096, .before = &one});
    cut_everywhere(&(struct scene){.sector_size = 65536, .before = &one});
}

static void damage_running(void)
{
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 1) + 77, 4);
}

static void damage_twin(void)
{
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, false, 0) + 77, 4);
}

static void damage_running_head(void)
{
    nor_model_flip_bit(&gate.nor, (uint32_t)gate.list.running * SLOT_LEN + 33, 4);
}

static void cut_in_a_repair(void **state)
{
    (void)state;
    static void (*const damages[])(void) = {damage_running, damage_twin, damage_running_head};
    for (int i = 0; i < 3; i++) {
        cut_everywhere(
            &(struct scene){.sector_size = 4096, .before = &one, .twinned = true, .damage = damages[i]});
        cut_everywhere(
            &(struct scene){.sector_size = 65536, .before = &one, .twinned = true, .damage = damages[i]});
    }
}

/* Block 1 is damaged in both slots, one of its buckets in both, and block 0 in one of them. */
static void damage_both(void)
{
    for (int running = 0; running < 2; running++) {
        uint32_t addr = list_gate_block_address(&gate, running, 1);
        nor_model_flip_bit(&gate.nor, addr + 64 * (5 + 9 * (uint32_t)running) + 7, 2);
        nor_model_flip_bit(&gate.nor, addr + 64 * 40 + 20 + (uint32_t)running, 6);
    }
    damage_twin();
}

static void damage_both_and_running_head(void)
{
    damage_both();
    damage_running_head();
}

static void damage_both_heads(void)
{
    damage_running_head();
    nor_model_flip_bit(&gate.nor, (uint32_t)!gate.list.running * SLOT_LEN + 33, 4);
    nor_model_flip_bit(&gate.nor, (uint32_t)!gate.list.running * SLOT_LEN + 150, 1);
}

static void damage_all(void)
{
    damage_both();
    damage_both_heads();
}

static void cut_while_what_is_damaged_in_both_slots_is_mended(void **state)
{
    (void)state;
    static void (*const damages[])(void) = {damage_both, damage_both_and_running_head, damage_both_heads,
                                            damage_all};
    for (int i = 0; i < 8; i++)
        cut_everywhere(&(struct scene){.sector_size = i < 4 ? 4096 : 65536,
                                       .before = &one,
                                       .twinned = true,
                                       .damage = damages[i % 4],
                                       .every = true});
}

static uint32_t worn_at;
static int worn_how;

static void wear_out_staged(void)
{
    nor_model_wear_out(&gate.nor, gate.list.slots[!gate.list.running].base + worn_at, worn_how & 1,
                       worn_how & 2);
}

static void wear_out_running(void)
{
    uint32_t addr = gate.list.slots[gate.list.running].base + worn_at;
    nor_model_flip_bit(&gate.nor, addr + (worn_at + 4096 == WHITELIST_BLOCKS_OFFSET ? 4090 : 77), 4);
    nor_model_wear_out(&gate.nor, addr, worn_how & 1, worn_how & 2);
}

static void cut_while_a_list_gets_out_of_the_way_of_a_worn_sector(void **state)
{
    (void)state;
    static const uint32_t places[] = {0, WHITELIST_BLOCKS_OFFSET - 4096, WHITELIST_BLOCKS_OFFSET};
    for (int place = 0; place < 3; place++) {
        for (worn_how = 1; worn_how < 3; worn_how++) {
            worn_at = places[place];
            cut_everywhere(&(struct scene){.sector_size = 4096,
                                           .before = &one,
                                           .after = &two,
                                           .twinned = true,
                                           .damage = wear_out_staged,
                                           .wears = true});
            cut_everywhere(&(struct scene){.sector_size = 4096,
                                           .before = &one,
                                           .twinned = true,
                                           .damage = wear_out_running,
                                           .wears = true});
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_in_a_first_upload),
        cmocka_unit_test(cut_in_an_upload_over_a_list),
        cmocka_unit_test(cut_in_an_upload_of_patches),
        cmocka_unit_test(cut_in_an_upload_before_there_is_a_twin),
        cmocka_unit_test(cut_in_an_upload_of_a_larger_list),
        cmocka_unit_test(cut_while_a_twin_is_made),
        cmocka_unit_test(cut_in_a_repair),
        cmocka_unit_test(cut_while_what_is_damaged_in_both_slots_is_mended),
        cmocka_unit_test(cut_while_a_list_gets_out_of_the_way_of_a_worn_sector),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
