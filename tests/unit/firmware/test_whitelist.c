/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/bytes.h"
#include "firmware/whitelist/whitelist.h"
#include "firmware/whitelist/whitelist_replica.h"
#include "firmware/whitelist/whitelist_upload.h"
#include "tests/fakes/list_gate.h"
#include "tests/fakes/list_maker.h"
#include "tests/fakes/nor_model.h"

enum {
    SLOT_LEN = 3 * 65536, /* a head and 32 blocks */
    CARDS = 900,          /* some five blocks */
    COMMIT_AT = WHITELIST_BLOCKS_OFFSET - 32,
};

#define NONE UINT32_MAX

static struct list_maker maker;
static struct list_made one, two; /* versions 1 and 2; card 17 is blocked in two */
static struct list_gate gate;

static int make_lists(void **state)
{
    (void)state;
    list_maker_init(&maker);
    list_maker_make(&maker, &one, 1, CARDS, NONE);
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

static void check(const struct list_made *made)
{
    assert_int_equal(list_gate_version(&gate), made->version);
    assert_int_equal(list_gate_wrong_card(&gate, made, 1), -1);
}

static void restart(void)
{
    assert_int_equal(list_gate_restart(&gate), ERR_OK);
}

/* A gate that has list one, twice. */
static void set_up(uint32_t sector_size)
{
    list_gate_init(&gate, &maker, SLOT_LEN, sector_size);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_true(list_gate_is_twinned(&gate, &one));
    gate.blocks_sent = 0;
}

/* After every refusal: the list is still active, and its replica is restored. */
static void check_untouched(void)
{
    check(&one);
    list_gate_poll(&gate);
    check(&one);
    assert_true(list_gate_is_twinned(&gate, &one));
    restart();
    check(&one);
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    check(&two);
    list_gate_free(&gate);
}

static void a_new_chip_has_no_list(void **state)
{
    (void)state;
    struct whitelist_answer answer;
    struct tag tag = list_maker_tag(1);
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(whitelist_lookup(&gate.list, &tag, &answer), ERR_NO_LIST);
    assert_int_equal(whitelist_poll(&gate.list), ERR_OK);
    list_gate_free(&gate);
}

static void a_region_without_room_for_a_block_is_refused(void **state)
{
    (void)state;
    struct whitelist list;
    list_gate_init(&gate, &maker, SLOT_LEN, 65536);
    assert_int_equal(whitelist_mount(&list, &gate.nor.flash, 0, 2 * 65536, &maker.identity,
                                     &(struct whitelist_known){.version = 0}),
                     ERR_ARGUMENT);
    list_gate_free(&gate);
}

static void an_uploaded_list_rules_and_gets_a_twin(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        list_gate_init(&gate, &maker, SLOT_LEN, sizes[g]);
        assert_int_equal(list_gate_upload(&gate, &one), 1);
        check(&one);
        restart(); /* before there is a twin */
        check(&one);
        assert_int_equal(list_gate_poll(&gate), ERR_OK);
        assert_true(list_gate_is_twinned(&gate, &one));
        restart();
        check(&one);
        assert_int_equal(whitelist_poll(&gate.list), ERR_OK);
        assert_int_equal(list_gate_upload(&gate, &two), 1);
        check(&two);
        list_gate_poll(&gate);
        assert_true(list_gate_is_twinned(&gate, &two));
        restart();
        check(&two);
        assert_int_equal(gate.nor.counts.unit_violations, 0);
        assert_int_equal(gate.nor.counts.lost_ones, 0);
        list_gate_free(&gate);
    }
}

/* Magic, version, length of the manifest, zeros; then AES-CMAC(storage key, these 16 bytes, digest). */
static void a_commit_record_is_stored_as_the_header_says(void **state)
{
    (void)state;
    uint8_t message[16 + CRYPTO_HASH_LEN] = "PTWC", expected[CRYPTO_MAC_LEN];
    set_up(4096);
    bytes_put_u32(message + 4, one.header.version);
    bytes_put_u32(message + 8, one.header.head_len);
    crypto_sha256(one.image, one.header.head_len + WHITELIST_SIGNATURE_LEN, message + 16);
    crypto_mac mac;
    assert_int_equal(crypto_mac_init(&mac, maker.identity.storage_key), ERR_OK);
    assert_int_equal(crypto_mac_compute(&mac, message, sizeof message, expected), ERR_OK);
    crypto_mac_free(&mac);
    for (uint32_t slot = 0; slot < 2; slot++) {
        const uint8_t *stored = nor_model_bytes(&gate.nor, slot * SLOT_LEN + COMMIT_AT);
        assert_memory_equal(stored, message, 16);
        assert_memory_equal(stored + 16, expected, 16);
    }
    list_gate_free(&gate);
}

/* Gives every card of the buckets of a card another rule, in both slots. */
static void change_rule(const struct tag *tag, uint16_t rule)
{
    struct whitelist_bucket bucket;
    for (int side = 0; side < 2; side++) {
        uint32_t index = side == 0 ? whitelist_home_bucket(tag, one.header.bucket_count)
                                   : whitelist_other_bucket(tag, one.header.bucket_count);
        for (int running = 0; running < 2; running++) {
            uint8_t *stored = nor_model_bytes(&gate.nor, list_gate_block_address(&gate, running, 0) +
                                                             index * WHITELIST_BUCKET_LEN);
            assert_int_equal(whitelist_bucket_decode(&bucket, index, &gate.list.list_mac, stored), ERR_OK);
            for (int i = 0; i < bucket.count; i++)
                bucket.entries[i].rule = rule;
            assert_int_equal(whitelist_bucket_encode(&bucket, index, &gate.list.list_mac, stored), ERR_OK);
        }
    }
}

/* Signed by the site, and yet nobody knows what it allows. */
static void a_card_with_a_rule_outside_the_list_is_not_let_in(void **state)
{
    (void)state;
    struct tag tag = list_maker_tag(5);
    struct whitelist_answer answer;
    set_up(4096);
    assert_int_equal(whitelist_lookup(&gate.list, &tag, &answer), ERR_OK);
    change_rule(&tag, one.header.rule_slots - 1);
    assert_int_equal(whitelist_lookup(&gate.list, &tag, &answer), ERR_OK);
    const uint16_t outside[] = {one.header.rule_slots, WHITELIST_RULES_MAX - 1, WHITELIST_RULES_MAX};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        change_rule(&tag, outside[i]);
        assert_int_equal(whitelist_lookup(&gate.list, &tag, &answer), ERR_CORRUPT);
    }
    list_gate_free(&gate);
}

static void a_lookup_reads_64_bytes_once_or_twice(void **state)
{
    (void)state;
    struct list_made big;
    list_maker_make(&maker, &big, 1, 20000, NONE);
    list_gate_init(&gate, &maker, 65536 * 12, 4096);
    assert_int_equal(list_gate_upload(&gate, &big), 1);
    uint64_t all = 0, twice = 0;
    for (uint32_t n = 0; n < 40000; n++) {
        struct whitelist_answer answer;
        struct tag tag = list_maker_tag(n);
        struct nor_model_counts before = gate.nor.counts;
        int result = whitelist_lookup(&gate.list, &tag, &answer);
        assert_true(list_maker_is_right(&big, n, result, &answer));
        uint64_t reads = gate.nor.counts.reads - before.reads;
        assert_true(reads == 1 || reads == 2);
        assert_int_equal(gate.nor.counts.read_bytes - before.read_bytes, 64 * reads);
        all += reads;
        twice += reads == 2;
    }
    assert_true(twice > 0 && all <= 44000);
    list_gate_free(&gate);
    list_maker_free(&big);
}

/* Its manifest is copied in several polls, each of which says that there is more to do. */
static void a_list_with_a_long_manifest_gets_a_replica_too(void **state)
{
    (void)state;
    struct list_made big;
    list_maker_make(&maker, &big, 1, 60000, NONE);
    assert_true(big.header.head_len > sizeof gate.list.work.head);
    list_gate_init(&gate, &maker, 65536 * 20, 65536);
    assert_int_equal(list_gate_upload(&gate, &big), 1);
    assert_int_equal(list_gate_poll(&gate), ERR_OK);
    assert_true(list_gate_is_twinned(&gate, &big));
    list_gate_free(&gate);
    list_maker_free(&big);
}

static void one_changed_card_costs_one_or_two_blocks(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        set_up(sizes[g]);
        assert_int_equal(list_gate_upload(&gate, &two), 1);
        check(&two);
        assert_in_range(gate.blocks_sent, 1, 2);
        list_gate_free(&gate);
    }
}

static void one_changed_card_costs_little_before_there_is_a_twin_too(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    gate.blocks_sent = 0;
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    check(&two);
    assert_in_range(gate.blocks_sent, 1, 2);
    list_gate_free(&gate);
}

/* ---- refusals ---- */

static struct list_made copy_of(const struct list_made *made)
{
    struct list_made copy;
    list_maker_make(&maker, &copy, made->version, made->count, made->changed);
    return copy;
}

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
    bad->image[4] = 2;
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
    assert_int_equal(whitelist_upload_block(list, 0, 3072, b + 3072, 1024), WHITELIST_BLOCK_STORED);
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

/* ---- what happens at the same time ---- */

static void a_refused_head_does_not_make_half_a_twin_count(void **state)
{
    (void)state;
    struct list_made bad = copy_of(&two);
    bad.image[8] ^= 1;
    for (int polls = 0; polls < 60; polls++) {
        set_up(4096);
        assert_int_equal(list_gate_upload(&gate, &two), 1);
        for (int i = 0; i < polls; i++)
            whitelist_poll(&gate.list);
        assert_int_equal(whitelist_upload_head(&gate.list, 0, bad.image, 128, false), ERR_SITE);
        list_gate_poll(&gate);
        assert_true(list_gate_is_twinned(&gate, &two));
        check(&two);
        list_gate_free(&gate);
    }
    list_maker_free(&bad);
}

static void an_upload_during_a_repair_costs_no_card(void **state)
{
    (void)state;
    for (int polls = 0; polls < 12; polls++) {
        set_up(65536);
        gate.nor.erase_polls = 2;
        nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 2) + 100, 3);
        assert_int_equal(list_gate_wrong_card(&gate, &one, 1), -1); /* detected; it will be repaired */
        for (int i = 0; i < polls; i++)
            whitelist_poll(&gate.list);
        uint32_t whole = two.header.head_len + WHITELIST_SIGNATURE_LEN;
        for (int i = 0; i < 200; i++) {
            if (gate.list.upload.state == WHITELIST_IDLE || gate.list.upload.state == WHITELIST_DONE ||
                gate.list.upload.state == WHITELIST_HEAD)
                (void)!whitelist_upload_head(&gate.list, 0, two.image, whole, true);
            assert_int_equal(list_gate_wrong_card(&gate, &one, 9), -1);
            whitelist_poll(&gate.list);
        }
        assert_int_equal(gate.list.upload.state, WHITELIST_RECEIVING);
        assert_int_equal(list_gate_wrong_card(&gate, &one, 1), -1);
        assert_int_equal(list_gate_upload(&gate, &two), 1);
        check(&two);
        list_gate_free(&gate);
    }
}

static void a_newer_upload_takes_the_place_of_one_under_way(void **state)
{
    (void)state;
    struct list_made three;
    list_maker_make(&maker, &three, 3, CARDS + 300, 5);
    for (int polls = 0; polls < 300; polls += 7) {
        set_up(65536);
        assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
        for (int i = 0; i < polls; i++)
            whitelist_poll(&gate.list);
        check(&one);
        assert_int_equal(list_gate_send_head(&gate, &three), ERR_OK);
        check(&one);
        assert_int_equal(list_gate_upload(&gate, &three), 1);
        check(&three);
        list_gate_poll(&gate);
        assert_true(list_gate_is_twinned(&gate, &three));
        list_gate_free(&gate);
    }
    list_maker_free(&three);
}

static void an_abandoned_upload_gives_the_twin_back(void **state)
{
    (void)state;
    for (int sent = 0; sent < 2; sent++) {
        set_up(4096);
        if (sent == 0) {
            (void)!whitelist_upload_head(&gate.list, 0, two.image, 512, false);
            whitelist_poll(&gate.list);
        } else {
            assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
            list_gate_poll(&gate);
        }
        whitelist_upload_abandon(&gate.list);
        assert_int_equal(gate.list.upload.state, WHITELIST_IDLE);
        check_untouched();
    }
}

static void no_new_work_begins_while_an_erase_runs_and_a_poll_says_so(void **state)
{
    (void)state;
    int polls = 0;
    set_up(4096);
    gate.nor.erase_polls = 5;
    assert_int_equal(whitelist_upload_head(&gate.list, 0, two.image, 512, false), ERR_BUSY);
    assert_int_equal(whitelist_poll(&gate.list), ERR_BUSY);
    assert_true(gate.nor.erasing);
    whitelist_upload_abandon(&gate.list);
    for (; gate.nor.polls_left > 0; polls++) {
        assert_int_equal(whitelist_poll(&gate.list), ERR_BUSY);
        assert_int_equal(gate.list.replica.stage, REPLICA_RESTING);
    }
    assert_int_equal(polls, 5);
    assert_int_equal(whitelist_poll(&gate.list), ERR_BUSY); /* the erase ends, and the work begins */
    assert_false(gate.nor.erasing);
    assert_int_equal(gate.list.replica.stage, REPLICA_CHECK_OURS);
    check_untouched();
}

/* An active list is in memory: to look for it again takes a second on a large chip. */
static void a_new_upload_over_an_active_list_does_not_search_the_chip(void **state)
{
    (void)state;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    uint64_t reads = gate.nor.counts.reads;
    assert_int_equal(whitelist_upload_head(&gate.list, 0, two.image, 512, false), ERR_BUSY);
    assert_int_equal(gate.nor.counts.reads, reads);
    list_gate_free(&gate);
}

static void lookups_are_right_at_every_step_of_an_upload(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        set_up(sizes[g]);
        gate.nor.erase_polls = 3;
        uint32_t whole = two.header.head_len + WHITELIST_SIGNATURE_LEN;
        for (int i = 0; list_gate_version(&gate) == 1; i++) {
            assert_true(i < 10000);
            if (gate.list.upload.state != WHITELIST_VERIFYING &&
                gate.list.upload.state != WHITELIST_PREPARING &&
                gate.list.upload.state != WHITELIST_RECEIVING)
                (void)!whitelist_upload_head(&gate.list, 0, two.image, whole, true);
            list_gate_send_wanted(&gate, &two, 1);
            assert_int_equal(list_gate_wrong_card(&gate, &one, 50), -1);
            whitelist_poll(&gate.list);
        }
        for (int i = 0; whitelist_poll(&gate.list) != ERR_OK; i++) {
            assert_true(i < 10000);
            assert_int_equal(list_gate_wrong_card(&gate, &two, 50), -1);
        }
        list_gate_free(&gate);
    }
}

static void a_head_that_does_not_read_at_commit_leaves_the_old_rules(void **state)
{
    (void)state;
    set_up(4096);
    assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
    list_gate_poll(&gate);
    list_gate_send_wanted(&gate, &two, 1);
    /* The reads are the commit record, then the profiles. A failure among them must not activate half a
     * list. */
    for (uint32_t after = 0; after < 6 && list_gate_version(&gate) == 1; after++) {
        gate.nor.fail_read = after + 1;
        int result = whitelist_poll(&gate.list);
        gate.nor.fail_read = 0;
        if (result == WHITELIST_COMMITTED)
            break;
        assert_int_equal(result, WHITELIST_UPLOAD_REFUSED);
        check(&one);
        list_gate_poll(&gate);
        check(&one);
        assert_true(list_gate_is_twinned(&gate, &one));
        assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
        list_gate_poll(&gate);
        list_gate_send_wanted(&gate, &two, 1);
    }
    list_gate_free(&gate);
}

/* ---- power ---- */

static void an_upload_goes_on_after_a_restart_with_what_is_missing(void **state)
{
    (void)state;
    struct list_made big;
    list_maker_make(&maker, &big, 5, 4000, NONE);
    uint32_t blocks = big.header.block_count;
    set_up(4096);
    assert_int_equal(list_gate_send_head(&gate, &big), ERR_OK);
    list_gate_poll(&gate);
    list_gate_send_wanted(&gate, &big, blocks / 2);
    restart();
    check(&one);
    list_gate_poll(&gate);
    assert_int_equal(gate.list.upload.state, WHITELIST_RECEIVING);
    gate.blocks_sent = 0;
    assert_int_equal(list_gate_upload(&gate, &big), 1);
    assert_int_equal(gate.blocks_sent, blocks - blocks / 2);
    check(&big);
    list_gate_free(&gate);
    list_maker_free(&big);
}

/* ---- damage ---- */

static void scrub_all(const struct list_made *made)
{
    for (uint32_t i = 0; i < 2 * (made->header.block_count + 1); i++) {
        whitelist_scrub(&gate.list);
        list_gate_poll(&gate);
    }
}

static void a_damaged_block_is_answered_from_its_twin_and_repaired(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        for (uint32_t block = 0; block < one.header.block_count; block++) {
            set_up(sizes[g]);
            nor_model_scramble(&gate.nor, list_gate_block_address(&gate, true, block), 4096, block + 1);
            restart();
            check(&one);
            assert_true(gate.list.replica.damaged_count > 0);
            list_gate_poll(&gate);
            assert_int_equal(gate.list.replica.repaired_count, 1);
            assert_int_equal(gate.repaired, 1);
            assert_true(list_gate_is_twinned(&gate, &one));
            uint32_t damaged = gate.list.replica.damaged_count;
            check(&one);
            assert_int_equal(gate.list.replica.damaged_count, damaged);
            gate.repaired = 0;
            list_gate_free(&gate);
        }
    }
}

static void scrubbing_finds_one_lost_bit_in_either_slot(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {4096, 65536};
    for (int g = 0; g < 2; g++) {
        for (uint32_t at = 0; at < one.header.block_count * 4096; at += 1409) {
            for (int running = 0; running < 2; running++) {
                set_up(sizes[g]);
                nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, running, 0) + at, at % 8);
                scrub_all(&one);
                assert_true(list_gate_is_twinned(&gate, &one));
                assert_int_equal(gate.list.replica.repaired_count, 1);
                check(&one);
                list_gate_free(&gate);
            }
        }
    }
}

static void a_damaged_head_costs_nothing_at_start_or_in_service(void **state)
{
    (void)state;
    uint32_t head_len = one.header.head_len + WHITELIST_SIGNATURE_LEN;
    for (uint32_t step = 0; step < head_len + 32; step += 13) {
        uint32_t at = step < head_len ? step : COMMIT_AT + (step - head_len);
        for (int slot = 0; slot < 2; slot++) {
            set_up(step % 2 ? 4096 : 65536);
            nor_model_flip_bit(&gate.nor, (uint32_t)slot * SLOT_LEN + at, step % 8);
            if (step % 4 < 2)
                restart();
            check(&one);
            scrub_all(&one);
            check(&one);
            assert_true(list_gate_is_twinned(&gate, &one));
            assert_int_equal(list_gate_upload(&gate, &two), 1);
            check(&two);
            list_gate_free(&gate);
        }
    }
}

static void with_both_copies_gone_a_card_is_told_damaged_and_no_other(void **state)
{
    (void)state;
    set_up(4096);
    memset(nor_model_bytes(&gate.nor, list_gate_block_address(&gate, true, 1)), 0, 4096);
    memset(nor_model_bytes(&gate.nor, list_gate_block_address(&gate, false, 1)), 0, 4096);
    for (int round = 0; round < 3; round++) {
        uint32_t denied = 0;
        for (uint32_t n = 0; n < CARDS; n++) {
            struct whitelist_answer answer;
            struct tag tag = list_maker_tag(n);
            int result = whitelist_lookup(&gate.list, &tag, &answer);
            if (result == ERR_CORRUPT)
                denied++;
            else
                assert_true(list_maker_is_right(&one, n, result, &answer));
        }
        assert_in_range(denied, CARDS / one.header.block_count / 2, CARDS / one.header.block_count * 2);
        scrub_all(&one);
        if (round == 1)
            restart();
    }
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    check(&two);
    list_gate_free(&gate);
}

/* Two blocks share a sector. One is damaged in this slot, the other in the other slot: an erase of
 * either sector would lose one. */
static void a_repair_never_erases_the_only_good_copy(void **state)
{
    (void)state;
    set_up(65536);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 1) + 70, 0);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, false, 2) + 70, 0);
    for (int round = 0; round < 3; round++) {
        check(&one);
        scrub_all(&one);
        check(&one);
        restart();
    }
    list_gate_free(&gate);
}

/* Returns how many cards of a list get a wrong answer, without those reported as damaged. */
static uint32_t wrong_or_damaged(const struct list_made *made, uint32_t *damaged)
{
    uint32_t wrong = 0;
    *damaged = 0;
    for (uint32_t n = 0; n < made->count; n++) {
        struct whitelist_answer answer;
        struct tag tag = list_maker_tag(n);
        int result = whitelist_lookup(&gate.list, &tag, &answer);
        *damaged += result == ERR_CORRUPT;
        wrong += result != ERR_CORRUPT && !list_maker_is_right(made, n, result, &answer);
    }
    return wrong;
}

static void a_damaged_block_is_never_answered_from_an_older_list(void **state)
{
    (void)state;
    uint32_t all_damaged = 0;
    for (uint32_t block = 0; block < two.header.block_count; block++) {
        uint32_t damaged;
        set_up(4096);
        assert_int_equal(list_gate_upload(&gate, &two), 1); /* the other slot still holds list one */
        nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, block) + 4, 0);
        for (uint32_t bucket = 0; bucket < 64; bucket++)
            nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, block) + 64 * bucket, 0);
        assert_int_equal(wrong_or_damaged(&two, &damaged), 0);
        all_damaged += damaged;
        list_gate_free(&gate);
    }
    /* The block of card 17 has no replica yet. The others, which are the same in both lists, have one. */
    assert_in_range(all_damaged, CARDS / two.header.block_count / 2, 3 * CARDS / two.header.block_count);
}

static void a_twin_with_a_block_missing_is_not_whole(void **state)
{
    (void)state;
    uint32_t damaged;
    list_gate_init(&gate, &maker, SLOT_LEN, 4096);
    assert_int_equal(list_gate_upload(&gate, &one), 1);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 1) + 70, 0);
    list_gate_poll(&gate);
    assert_false(gate.list.replica.is_whole);
    assert_int_equal(wrong_or_damaged(&one, &damaged), 0);
    /* The whole block: what does not match the signed manifest answers for no card. */
    assert_in_range(damaged, CARDS / one.header.block_count / 2, 3 * CARDS / one.header.block_count / 2);
    restart();
    list_gate_poll(&gate);
    assert_false(gate.list.replica.is_whole);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 3) + 70, 0);
    assert_int_equal(wrong_or_damaged(&one, &damaged), 0);
    assert_in_range(damaged, CARDS / one.header.block_count / 2,
                    3 * CARDS / one.header.block_count / 2); /* block 3 was copied in time */
    assert_int_equal(list_gate_upload(&gate, &two), 1);
    check(&two);
    list_gate_free(&gate);
}

static void damage_just_before_an_upload_is_repaired_first(void **state)
{
    (void)state;
    set_up(65536);
    nor_model_flip_bit(&gate.nor, list_gate_block_address(&gate, true, 3) + 65, 0);
    check(&one); /* seen */
    assert_int_equal(list_gate_send_head(&gate, &two), ERR_OK);
    check(&one);
    list_gate_poll(&gate);
    check(&one);
    list_gate_free(&gate);
}

static void a_worn_sector_refuses_the_upload_and_keeps_the_list(void **state)
{
    (void)state;
    for (int refuses = 1; refuses < 4; refuses++) {
        for (uint32_t at = 0; at < 65536 + 5 * 4096; at += at == 0 ? 61440 : 4096) {
            set_up(4096);
            uint32_t worn = (uint32_t)!gate.list.running * SLOT_LEN + at;
            nor_model_wear_out(&gate.nor, worn, refuses & 1, refuses & 2);
            int result = ERR_IO;
            for (int tries = 0; tries < 2 && result != 1; tries++) {
                gate.blocks_sent = 0;
                if (list_gate_send_head(&gate, &two) != ERR_OK) {
                    assert_int_equal(gate.list.upload.state, WHITELIST_REFUSED);
                    break;
                }
                for (int i = 0; i < 4000; i++) {
                    result = whitelist_poll(&gate.list);
                    if (result == WHITELIST_COMMITTED || result == WHITELIST_UPLOAD_REFUSED)
                        break;
                    list_gate_send_wanted(&gate, &two, 1);
                }
                if (result == WHITELIST_UPLOAD_REFUSED)
                    break;
            }
            if (result != 1) {
                assert_int_equal(gate.list.upload.error, ERR_WORN);
                assert_int_equal(gate.list.worn_addr / 4096, worn / 4096);
                assert_true(nor_model_wear(&gate.nor, worn) < 20);
            }
            check(result == WHITELIST_COMMITTED ? &two : &one);
            restart();
            check(result == WHITELIST_COMMITTED ? &two : &one);
            list_gate_free(&gate);
        }
    }
}

static void any_content_mounts_without_a_list(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 10; seed++) {
        list_gate_init(&gate, &maker, SLOT_LEN, 4096);
        nor_model_scramble(&gate.nor, 0, 2 * SLOT_LEN, seed);
        restart();
        assert_int_equal(list_gate_version(&gate), 0);
        assert_int_equal(list_gate_upload(&gate, &one), 1);
        check(&one);
        list_gate_free(&gate);
    }
}

static void a_list_of_another_gate_s_flash_does_not_rule(void **state)
{
    (void)state;
    struct list_maker other = maker;
    set_up(4096);
    other.identity.storage_key[0] ^= 1;
    gate.maker = &other;
    restart();
    assert_int_equal(list_gate_version(&gate), 0);
    list_gate_free(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_chip_has_no_list),
        cmocka_unit_test(a_region_without_room_for_a_block_is_refused),
        cmocka_unit_test(an_uploaded_list_rules_and_gets_a_twin),
        cmocka_unit_test(a_commit_record_is_stored_as_the_header_says),
        cmocka_unit_test(a_card_with_a_rule_outside_the_list_is_not_let_in),
        cmocka_unit_test(a_lookup_reads_64_bytes_once_or_twice),
        cmocka_unit_test(a_list_with_a_long_manifest_gets_a_replica_too),
        cmocka_unit_test(one_changed_card_costs_one_or_two_blocks),
        cmocka_unit_test(one_changed_card_costs_little_before_there_is_a_twin_too),
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
        cmocka_unit_test(head_pieces_out_of_order_change_nothing),
        cmocka_unit_test(a_refused_head_does_not_make_half_a_twin_count),
        cmocka_unit_test(an_upload_during_a_repair_costs_no_card),
        cmocka_unit_test(a_newer_upload_takes_the_place_of_one_under_way),
        cmocka_unit_test(an_abandoned_upload_gives_the_twin_back),
        cmocka_unit_test(no_new_work_begins_while_an_erase_runs_and_a_poll_says_so),
        cmocka_unit_test(a_new_upload_over_an_active_list_does_not_search_the_chip),
        cmocka_unit_test(lookups_are_right_at_every_step_of_an_upload),
        cmocka_unit_test(a_head_that_does_not_read_at_commit_leaves_the_old_rules),
        cmocka_unit_test(an_upload_goes_on_after_a_restart_with_what_is_missing),
        cmocka_unit_test(a_damaged_block_is_answered_from_its_twin_and_repaired),
        cmocka_unit_test(scrubbing_finds_one_lost_bit_in_either_slot),
        cmocka_unit_test(a_damaged_head_costs_nothing_at_start_or_in_service),
        cmocka_unit_test(with_both_copies_gone_a_card_is_told_damaged_and_no_other),
        cmocka_unit_test(a_repair_never_erases_the_only_good_copy),
        cmocka_unit_test(a_damaged_block_is_never_answered_from_an_older_list),
        cmocka_unit_test(a_twin_with_a_block_missing_is_not_whole),
        cmocka_unit_test(damage_just_before_an_upload_is_repaired_first),
        cmocka_unit_test(a_worn_sector_refuses_the_upload_and_keeps_the_list),
        cmocka_unit_test(any_content_mounts_without_a_list),
        cmocka_unit_test(a_list_of_another_gate_s_flash_does_not_rule),
    };
    return cmocka_run_group_tests(tests, make_lists, free_lists);
}
