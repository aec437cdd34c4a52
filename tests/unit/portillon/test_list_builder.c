/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists are built, then read by a second, simple model that shares no code with the builder: it follows
 * the table in firmware/whitelist/whitelist_format.h byte by byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/list/list_builder.h"
#include "tools/portillon/list/list_file.h"
#include "tools/portillon/site/site.h"
#include "tools/portillon/site/site_rules.h"
#include "tools/portillon/site/site_rules_default.h"

enum { PROFILES = 6 }; /* of the default rules */

static struct site_rules school;
static const uint8_t list_key[CRYPTO_KEY_LEN] = {7, 7, 7};

static uint64_t random_state = 1;

static uint32_t random_u32(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 32);
}

static struct list_builder_card *random_cards(uint32_t count, uint32_t rules)
{
    struct list_builder_card *cards = calloc(count + 1, sizeof *cards);
    for (uint32_t i = 0; i < count; i++) {
        for (int b = 0; b < TAG_LEN; b++)
            cards[i].tag.bytes[b] = (uint8_t)random_u32();
        uint32_t rule = random_u32() % rules;
        cards[i].rule = (struct whitelist_rule){.profile = (uint8_t)(rule % PROFILES),
                                                .weekdays = WHITELIST_EVERY_DAY,
                                                .first_day = (uint16_t)rule,
                                                .last_day = WHITELIST_NO_LAST_DAY,
                                                .passages = 1};
    }
    return cards;
}

static uint32_t blocks_before; /* of the list that is replaced; 0: there is none */

static int build(const struct list_builder_card *cards, uint32_t count, uint8_t **image, size_t *len,
                 const char **why)
{
    struct list_builder_input input = {.cards = cards,
                                       .card_count = count,
                                       .profiles = school.tables.profiles,
                                       .profile_count = PROFILES,
                                       .site_id = "SITESITE",
                                       .version = 42,
                                       .created_utc_s = 1764000000,
                                       .blocks_before = blocks_before};
    memcpy(input.list_key, list_key, sizeof list_key);
    return list_builder_build(&input, image, len, why);
}

static uint8_t *build_good(const struct list_builder_card *cards, uint32_t count, size_t *len)
{
    uint8_t *image;
    const char *why;
    assert_int_equal(build(cards, count, &image, len, &why), ERR_OK);
    return image;
}

/* --- the simple reader --- */

static uint32_t le(const uint8_t *p, int bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value += (uint32_t)p[i] << (8 * i);
    return value;
}

struct model {
    const uint8_t *rules, *blocks;
    uint64_t buckets;
};

static struct model model_of(const uint8_t *image)
{
    struct model model;
    assert_memory_equal(image, "PTWL", 4);
    model.buckets = le(image + 24, 4);
    model.rules = image + 128 + 16 * le(image + 6, 2);
    model.blocks = image + le(image + 40, 4) + 76;
    return model;
}

static const uint8_t *model_entry(const struct model *model, uint64_t bucket, const uint8_t *tag)
{
    const uint8_t *entries = model->blocks + 64 * bucket + 4;
    for (int i = 0; i < 6; i++)
        if (memcmp(entries + 10 * i, tag, 8) == 0)
            return entries + 10 * i;
    return NULL;
}

/* The rule bytes that a gate finds for a tag; NULL: none. */
static const uint8_t *model_find(const struct model *model, const uint8_t *tag)
{
    uint64_t a = 0, b = 0;
    for (int i = 0; i < 4; i++) {
        a = a * 256 + tag[i];
        b = b * 256 + tag[4 + i];
    }
    uint64_t home = a * model->buckets / 4294967296u;
    const uint8_t *entry = model_entry(model, home, tag);
    bool spilled = (le(model->blocks + 64 * home + 4 + 58, 2) & 0x8000) != 0 &&
                   le(model->blocks + 64 * home + 4 + 58, 2) != 0xFFFF;
    if (entry == NULL && spilled)
        entry = model_entry(model, (home + 1 + b % (model->buckets - 1)) % model->buckets, tag);
    return entry != NULL ? model->rules + 8 * (le(entry + 8, 2) & 0x7FFF) : NULL;
}

static uint32_t model_used_entries(const struct model *model)
{
    static const uint8_t unused[10] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    uint32_t used = 0;
    for (uint64_t bucket = 0; bucket < model->buckets; bucket++)
        for (int i = 0; i < 6; i++)
            used += memcmp(model->blocks + 64 * bucket + 4 + 10 * i, unused, 10) != 0;
    return used;
}

static void assert_buckets_are_sorted(const struct model *model)
{
    for (uint64_t bucket = 0; bucket < model->buckets; bucket++)
        for (int i = 1; i < 6; i++)
            assert_true(memcmp(model->blocks + 64 * bucket + 4 + 10 * (i - 1),
                               model->blocks + 64 * bucket + 4 + 10 * i, 8) <= 0);
}

static void assert_every_card_is_found(const uint8_t *image, const struct list_builder_card *cards,
                                       uint32_t count)
{
    struct model model = model_of(image);
    assert_int_equal(le(image + 20, 4), count);
    assert_int_equal(model_used_entries(&model), count);
    assert_buckets_are_sorted(&model);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *rule = model_find(&model, cards[i].tag.bytes);
        assert_non_null(rule);
        assert_int_equal(rule[0], cards[i].rule.profile);
        assert_int_equal(rule[1], 0x7F);
        assert_int_equal(le(rule + 2, 2), cards[i].rule.first_day);
        assert_int_equal(le(rule + 4, 2), 0xFFFF);
        assert_int_equal(rule[6], 1);
        assert_int_equal(rule[7], cards[i].rule.flags);
    }
}

/* --- tests --- */

static void every_card_is_found_with_its_rule_and_no_other(void **state)
{
    static const uint32_t counts[] = {0, 1, 6, 230, 231, 1000, 4321, 30000};
    (void)state;
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        size_t len;
        struct list_builder_card *cards = random_cards(counts[c], 40);
        struct list_builder_card *strangers = random_cards(2000, 1);
        uint8_t *image = build_good(cards, counts[c], &len);
        struct model model = model_of(image);
        assert_every_card_is_found(image, cards, counts[c]);
        for (int i = 0; i < 2000; i++)
            assert_null(model_find(&model, strangers[i].tag.bytes));
        free(image);
        free(strangers);
        free(cards);
    }
}

static void cards_of_one_home_spill_over_and_move_others(void **state)
{
    (void)state;
    size_t len;
    struct list_builder_card *cards = random_cards(180, 3);
    for (int i = 0; i < 30; i++) /* thirty in bucket 10, thirty in bucket 11, of 64 */
        cards[i].tag.bytes[0] = 10 << 2, cards[30 + i].tag.bytes[0] = 11 << 2;
    uint8_t *image = build_good(cards, 180, &len);
    assert_int_equal(le(image + 28, 4), 1); /* without another block */
    assert_every_card_is_found(image, cards, 180);
    free(image);
    free(cards);
}

static void cards_that_cannot_be_placed_make_the_list_grow(void **state)
{
    (void)state;
    size_t len;
    struct list_builder_card *cards = random_cards(14, 3);
    for (int i = 0; i < 14; i++) { /* the same home and the same other bucket while there are 64 */
        memset(cards[i].tag.bytes, 0, 8);
        uint32_t b = 63 * (uint32_t)(i + 1);
        cards[i].tag.bytes[6] = (uint8_t)(b >> 8);
        cards[i].tag.bytes[7] = (uint8_t)b;
    }
    uint8_t *image = build_good(cards, 14, &len);
    assert_true(le(image + 28, 4) > 1);
    assert_every_card_is_found(image, cards, 14);
    free(image);
    free(cards);
}

static void the_order_of_the_cards_changes_no_byte(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    size_t len, other_len;
    struct list_builder_card *cards = random_cards(COUNT, 60);
    uint8_t *image = build_good(cards, COUNT, &len);
    for (uint32_t i = COUNT - 1; i > 0; i--) {
        uint32_t j = random_u32() % (i + 1);
        struct list_builder_card swapped = cards[i];
        cards[i] = cards[j];
        cards[j] = swapped;
    }
    uint8_t *other = build_good(cards, COUNT, &other_len);
    assert_int_equal(len, other_len);
    assert_memory_equal(image, other, len);
    free(image);
    free(other);
    free(cards);
}

static uint32_t blocks_that_differ(const uint8_t *a, const uint8_t *b)
{
    struct model left = model_of(a), right = model_of(b);
    uint32_t count = 0;
    if (left.buckets != right.buckets)
        return UINT32_MAX;
    for (uint64_t i = 0; i < left.buckets / 64; i++)
        count += memcmp(left.blocks + 4096 * i, right.blocks + 4096 * i, 4096) != 0;
    return count;
}

static void one_card_more_changes_one_block_as_a_rule(void **state)
{
    (void)state;
    enum { COUNT = 20000, TRIALS = 40 };
    size_t len;
    uint32_t total = 0, most = 0;
    struct list_builder_card *cards = random_cards(COUNT + TRIALS, 30);
    uint8_t *before = build_good(cards, COUNT, &len);
    for (uint32_t i = 1; i <= TRIALS; i++) {
        uint8_t *after = build_good(cards, COUNT + i, &len);
        uint32_t changed = blocks_that_differ(before, after);
        assert_true(changed >= 1 && changed != UINT32_MAX);
        total += changed;
        most = changed > most ? changed : most;
        free(before);
        before = after;
    }
    assert_true(total <= TRIALS + TRIALS / 4);
    assert_true(most <= 4);
    free(before);
    free(cards);
}

static uint32_t block_count_of(const struct list_builder_card *cards, uint32_t count, uint32_t before)
{
    size_t len;
    blocks_before = before;
    uint8_t *image = build_good(cards, count, &len);
    blocks_before = 0;
    uint32_t blocks = le(image + 28, 4);
    free(image);
    return blocks;
}

/* 100 blocks are 6,400 buckets: 11,520 cards are 1.8 in each, 28,800 are 4.5. */
static void a_list_keeps_the_layout_of_the_one_before_while_the_fill_allows(void **state)
{
    (void)state;
    struct list_builder_card *cards = random_cards(28801, 30);
    assert_int_equal(list_builder_room(100), 28800);
    assert_int_equal(block_count_of(cards, 11520, 100), 100);
    assert_int_equal(block_count_of(cards, 23040, 100), 100);
    assert_int_equal(block_count_of(cards, 28800, 100), 100);
    assert_int_equal(block_count_of(cards, 28801, 100), block_count_of(cards, 28801, 0));
    assert_int_equal(block_count_of(cards, 11519, 100), block_count_of(cards, 11519, 0));
    assert_int_equal(block_count_of(cards, 2000, UINT32_MAX), block_count_of(cards, 2000, 0));
    free(cards);
}

static uint32_t buckets_that_differ(const uint8_t *a, const uint8_t *b)
{
    struct model before = model_of(a), after = model_of(b);
    uint32_t count = 0;
    assert_int_equal(before.buckets, after.buckets);
    for (uint64_t i = 0; i < before.buckets; i++)
        count += memcmp(before.blocks + 64 * i, after.blocks + 64 * i, 64) != 0;
    return count;
}

/* The fullest layout that is kept: a card that comes may push others on, but not many. */
static void a_card_more_in_a_full_layout_changes_few_buckets(void **state)
{
    (void)state;
    enum { COUNT = 28600, TRIALS = 100 };
    size_t len;
    uint32_t total = 0;
    struct list_builder_card *cards = random_cards(COUNT + TRIALS, 30);
    blocks_before = 100;
    uint8_t *before = build_good(cards, COUNT, &len);
    for (uint32_t i = 1; i <= TRIALS; i++) {
        uint8_t *after = build_good(cards, COUNT + i, &len);
        total += buckets_that_differ(before, after);
        free(before);
        before = after;
    }
    blocks_before = 0;
    print_message("# %u buckets for %d cards\n", (unsigned)total, TRIALS);
    assert_in_range(total, TRIALS, 3 * TRIALS);
    free(before);
    free(cards);
}

static void a_new_rule_moves_no_common_one(void **state)
{
    (void)state;
    enum { COUNT = 2000 };
    struct list_builder_card *cards = random_cards(COUNT, 6);
    for (uint16_t day = 100; day < 140; day++) {
        size_t len;
        uint8_t *before = build_good(cards, COUNT, &len);
        cards[0].rule.first_day = day;
        uint8_t *after = build_good(cards, COUNT, &len);
        assert_int_equal(blocks_that_differ(before, after), 1);
        free(before);
        free(after);
        cards[0].rule.first_day = 0;
    }
    free(cards);
}

static void a_block_count_comes_in_steps_of_a_sixteenth(void **state)
{
    (void)state;
    uint32_t before = 1;
    assert_int_equal(list_builder_block_count(0), 1);
    assert_int_equal(list_builder_block_count(230), 1); /* 3.6 · 64 = 230.4 */
    assert_int_equal(list_builder_block_count(231), 2);
    assert_int_equal(list_builder_block_count(250000), 1088); /* 1085.07, in steps of 64 */
    assert_int_equal(list_builder_block_count(2000000), 3072);
    for (uint32_t cards = 0; cards < 471000; cards += 100) {
        uint32_t blocks = list_builder_block_count(cards);
        assert_true(blocks >= before && blocks * 2304 >= cards * 10);
        assert_true(blocks == before || blocks - before == 1 || (blocks - before) * 16 >= blocks / 2);
        before = blocks;
    }
}

static void too_many_rules_or_a_card_twice_is_refused(void **state)
{
    (void)state;
    uint8_t *image;
    size_t len;
    const char *why;
    struct list_builder_card *cards = random_cards(481, 1);
    for (uint16_t i = 0; i < 481; i++)
        cards[i].rule.first_day = i;
    assert_int_equal(build(cards, 481, &image, &len, &why), ERR_NO_SPACE);
    assert_non_null(strstr(why, "480 different rules"));
    image = build_good(cards, 256, &len);
    assert_int_equal(le(image + 36, 2), 512); /* twice as many slots, while a list has them */
    free(image);
    image = build_good(cards, 480, &len);
    assert_every_card_is_found(image, cards, 480);
    free(image);
    cards[1].tag = cards[0].tag;
    assert_int_equal(build(cards, 2, &image, &len, &why), ERR_ARGUMENT);
    cards[1].tag.bytes[0] ^= 1;
    cards[1].rule.profile = PROFILES;
    assert_int_equal(build(cards, 2, &image, &len, &why), ERR_ARGUMENT);
    free(cards);
}

static void a_list_built_reads_back_whole(void **state)
{
    (void)state;
    static struct list_file_figures figures;
    struct list_file list;
    struct whitelist_rule rule;
    struct whitelist_profile profile;
    const char *why;
    uint32_t where;
    size_t len;
    struct list_builder_card *cards = random_cards(5000, 25);
    uint8_t *image = build_good(cards, 5000, &len);
    list_builder_put_signature(image, (const uint8_t *)"\x30\x06\x02\x01\x01\x02\x01\x01", 8);
    assert_int_equal(list_file_open(&list, image, len, &why), ERR_OK);
    assert_int_equal(list_file_check_blocks(&list, &where), ERR_OK);
    assert_int_equal(list_file_check_content(&list, &figures, &where, &why), ERR_OK);
    assert_int_equal(figures.cards, 5000);
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(list_file_find(&list, &cards[i].tag, &rule, &profile), ERR_OK);
        assert_memory_equal(&rule, &cards[i].rule, sizeof rule);
    }
    cards[0].tag.bytes[5] ^= 1;
    assert_int_equal(list_file_find(&list, &cards[0].tag, &rule, &profile), ERR_NOT_FOUND);
    /* Each kind of damage is reported as such. */
    assert_int_equal(list_file_open(&list, image, len - 1, &why), ERR_FORMAT);
    assert_string_equal(why, "it is cut off");
    assert_int_equal(list_file_open(&list, image, 10, &why), ERR_FORMAT);
    image[20]++; /* a wrong card count */
    assert_int_equal(list_file_open(&list, image, len, &why), ERR_OK);
    assert_int_equal(list_file_check_content(&list, &figures, &where, &why), ERR_COUNT);
    image[20]--;
    image[len - 1] ^= 1;
    assert_int_equal(list_file_check_blocks(&list, &where), ERR_NOT_LISTED);
    assert_int_equal(where, list.header.block_count - 1);
    image[len - 1] ^= 1;
    uint8_t *entry = image + list.header.head_len + WHITELIST_SIGNATURE_LEN + 4;
    entry[0] ^= 0x80; /* a card in a place where no gate searches it */
    assert_int_equal(list_file_check_content(&list, &figures, &where, &why), ERR_FORMAT);
    assert_int_equal(where, 0);
    free(image);
    free(cards);
}

/* --- the rules of a school --- */

static struct list_builder_input ruled_input(const struct list_builder_card *cards)
{
    static const struct whitelist_profile profiles[] = {{.zones = 1, .name = "externe"},
                                                        {.zones = 3, .services = 1, .name = "interne"}};
    static const struct whitelist_service services[] = {{.name = "lunch", .spans = {{690, 810}, {700, 800}}},
                                                        {.name = "night", .spans = {[4] = {1380, 60}}}};
    static const struct whitelist_window windows[] = {{1, 1, 0x1F, {450, 1110}}, {0, 1, 0x20, {0, 1440}}};
    static const struct whitelist_calendar_entry calendar[] = {
        {9848, 9863, WHITELIST_DAYS_CLOSED, WHITELIST_ZONES_ALL, 0},
        {9850, 9850, WHITELIST_DAYS_OPEN, WHITELIST_ZONE_BUILDING, 3}};
    return (struct list_builder_input){.cards = cards,
                                       .card_count = 1,
                                       .profiles = profiles,
                                       .profile_count = 2,
                                       .services = services,
                                       .service_count = 2,
                                       .windows = windows,
                                       .window_count = 2,
                                       .calendar = calendar,
                                       .calendar_count = 2,
                                       .time_zone = "WET0WEST,M3.5.0/1,M10.5.0",
                                       .version = 1};
}

static const struct list_builder_card one_card = {.rule = {.profile = 1, .weekdays = 0x7F, .passages = 1}};

static void the_rules_of_a_school_read_back_as_a_gate_loads_them(void **state)
{
    (void)state;
    struct list_builder_input input = ruled_input(&one_card);
    struct whitelist_tables tables;
    struct list_file_figures figures;
    struct list_file list;
    const char *why;
    uint8_t *image;
    uint32_t where;
    size_t len;
    assert_int_equal(list_builder_build(&input, &image, &len, &why), ERR_OK);
    list_builder_put_signature(image, (const uint8_t *)"\x30\x06\x02\x01\x01\x02\x01\x01", 8);
    assert_int_equal(list_file_open(&list, image, len, &why), ERR_OK);
    assert_int_equal(list_file_check_content(&list, &figures, &where, &why), ERR_OK);
    assert_int_equal(list_file_tables(&list, &tables), ERR_OK);
    assert_int_equal(tables.zone.summer_s, 3600);
    assert_int_equal(tables.profile_count, 2);
    assert_int_equal(tables.service_count, 2);
    assert_int_equal(tables.window_count, 2);
    assert_int_equal(tables.calendar_count, 2);
    assert_string_equal(tables.profiles[1].name, "interne");
    assert_int_equal(tables.profiles[1].services, 1);
    assert_string_equal(tables.services[1].name, "night");
    assert_int_equal(tables.services[0].spans[1].from_min, 700);
    assert_int_equal(tables.services[1].spans[4].to_min, 60);
    assert_int_equal(tables.windows[1].weekdays, 0x20);
    assert_int_equal(tables.windows[1].span.to_min, 1440);
    assert_int_equal(tables.calendar[1].first_day, 9850);
    assert_int_equal(tables.calendar[1].as_weekday, 3);
    assert_memory_equal(image + 80, "WET0WEST,M3.5.0/1,M10.5.0\0", 26);
    /* Invalid rules are reported even if they are signed: the byte and its new value. */
    uint32_t windows = whitelist_windows_offset(&list.header);
    uint32_t calendar = whitelist_calendar_offset(&list.header);
    uint32_t services = whitelist_services_offset(&list.header);
    const struct {
        uint32_t at;
        uint8_t value;
    } bad[] = {
        {windows, 2},         /* of no profile */
        {windows + 5, 6},     /* from 1730 */
        {windows + 7, 6},     /* to 1622 */
        {services + 13, 6},   /* from 1714 */
        {calendar + 3, 0x25}, /* ends before it begins */
        {calendar + 4, 3},    /* neither closed nor open */
        {calendar + 14, 8},   /* an eighth weekday */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint8_t good = image[bad[i].at];
        image[bad[i].at] = bad[i].value;
        assert_int_equal(list_file_check_content(&list, &figures, &where, &why), ERR_FORMAT);
        image[bad[i].at] = good;
        assert_int_equal(list_file_check_content(&list, &figures, &where, &why), ERR_OK);
    }
    free(image);
}

static void more_rules_than_a_list_holds_are_refused(void **state)
{
    (void)state;
    struct list_builder_card card = one_card;
    uint8_t *image;
    const char *why;
    size_t len;
    for (int i = 0; i < 5; i++) {
        struct list_builder_input input = ruled_input(&card);
        card.rule.passages = 1;
        if (i == 0)
            input.service_count = WHITELIST_SERVICES_MAX + 1;
        else if (i == 1)
            input.window_count = WHITELIST_WINDOWS_MAX + 1;
        else if (i == 2)
            input.calendar_count = WHITELIST_CALENDAR_MAX + 1;
        else if (i == 3)
            input.time_zone = "Europe/Paris";
        else
            card.rule.passages = 0;
        assert_int_equal(list_builder_build(&input, &image, &len, &why), ERR_ARGUMENT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_card_is_found_with_its_rule_and_no_other),
        cmocka_unit_test(cards_of_one_home_spill_over_and_move_others),
        cmocka_unit_test(cards_that_cannot_be_placed_make_the_list_grow),
        cmocka_unit_test(the_order_of_the_cards_changes_no_byte),
        cmocka_unit_test(one_card_more_changes_one_block_as_a_rule),
        cmocka_unit_test(a_new_rule_moves_no_common_one),
        cmocka_unit_test(a_block_count_comes_in_steps_of_a_sixteenth),
        cmocka_unit_test(too_many_rules_or_a_card_twice_is_refused),
        cmocka_unit_test(a_list_built_reads_back_whole),
        cmocka_unit_test(the_rules_of_a_school_read_back_as_a_gate_loads_them),
        cmocka_unit_test(more_rules_than_a_list_holds_are_refused),
        cmocka_unit_test(a_list_keeps_the_layout_of_the_one_before_while_the_fill_allows),
        cmocka_unit_test(a_card_more_in_a_full_layout_changes_few_buckets),
    };
    if (site_crypto_init() != ERR_OK)
        return 1;
    site_rules_default(&school);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
