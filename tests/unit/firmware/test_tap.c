/* SPDX-License-Identifier: Apache-2.0 */
/* From a card to its verdict when no list is needed or there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/access/tap.h"
#include "tests/fakes/fake_timer.h"
#include "tests/fakes/hex.h"
#include "tests/fakes/nor_model.h"
#include "tests/fakes/sample_list.h"

static struct whitelist whitelist;
static struct nor_model nor;
static struct identity identity;
static crypto_hmac_key tag_key;
static struct fake_timer timer;
static struct rights rights;
static struct journal journal;  /* nothing was ever written */
static struct clock gate_clock; /* not clock: the C library has one */

static int mount_without_a_list(void **state)
{
    (void)state;
    identity = sample_identity(ZONE_BUILDING);
    crypto_hmac_key_init(&tag_key, identity.tag_key, sizeof identity.tag_key);
    fake_timer_init(&timer, 1);
    clock_init(&gate_clock, &timer.timer);
    nor_model_init(&nor, 1 << 20, 4096);
    int result = whitelist_mount(&whitelist, &nor.flash, 0, 1 << 19, &identity,
                                 &(struct whitelist_known){.version = 0});
    rights_init(&rights, ZONE_BUILDING, &whitelist, &journal, &gate_clock);
    return result;
}

static int unmount(void **state)
{
    (void)state;
    whitelist_unmount(&whitelist);
    nor_model_free(&nor);
    return 0;
}

static struct tap_result decide(const char *uid_hex)
{
    struct tap_card_seen card = {.failure = REASON_NONE};
    struct tap_result result;
    memset(&result, 0xEE, sizeof result);
    card.report.target.uid_len = (uint8_t)hex_bytes(uid_hex, card.report.target.uid, READER_UID_MAX);
    tap_decide(&result, &card, &tag_key, &rights);
    assert_false(verdict_is_grant(result.verdict));
    assert_false(result.from_replica);
    return result;
}

static void a_card_without_an_identity_is_unreadable(void **state)
{
    (void)state;
    struct tap_card_seen unfinished = {
        .report = {.target = {.uid = {4, 1, 2, 3}, .uid_len = 4, .sak = 0x20, .is_unfinished = true}}};
    struct tap_result result;
    tap_decide(&result, &unfinished, &tag_key, &rights);
    assert_int_equal(result.verdict.reason, REASON_UNREADABLE);
    assert_int_equal(decide("").verdict.reason, REASON_UNREADABLE); /* type B, FeliCa */
    assert_int_equal(decide("04010203").verdict.reason, REASON_NO_LIST);
}

static void without_a_list_every_card_is_refused_and_its_tag_told(void **state)
{
    (void)state;
    static const char *const uids[] = {"4ed0b123", "04a1b2c3d4e580", "00112233445566778899"};
    for (size_t i = 0; i < sizeof uids / sizeof uids[0]; i++) {
        struct tap_result result = decide(uids[i]);
        struct tag tag = sample_tag(uids[i]);
        assert_int_equal(result.verdict.reason, REASON_NO_LIST);
        assert_memory_equal(result.tag.bytes, tag.bytes, TAG_LEN);
    }
}

static void a_random_uid_and_an_impossible_one_leave_no_tag(void **state)
{
    (void)state;
    static const uint8_t zeros[TAG_LEN];
    struct tap_result result = decide("08112233");
    assert_int_equal(result.verdict.reason, REASON_RANDOM_UID);
    assert_memory_equal(result.tag.bytes, zeros, TAG_LEN);
    static const char *const impossible[] = {"",           "04",           "04a1b2",
                                             "04a1b2c3d4", "04a1b2c3d4e5", "0011223344556677"};
    for (size_t i = 0; i < sizeof impossible / sizeof impossible[0]; i++) {
        result = decide(impossible[i]);
        assert_int_equal(result.verdict.reason, REASON_UNREADABLE);
        assert_memory_equal(result.tag.bytes, zeros, TAG_LEN);
    }
}

static void a_uid_that_many_devices_show_is_refused_without_a_tag(void **state)
{
    (void)state;
    static const uint8_t zeros[TAG_LEN];
    static const char *const shared[] = {"01020304", "04030201", "00010203040506"};
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
        struct tap_result result = decide(shared[i]);
        assert_int_equal(result.verdict.reason, REASON_SHARED_UID);
        assert_memory_equal(result.tag.bytes, zeros, TAG_LEN);
    }
}

static void a_length_beyond_the_array_is_unreadable(void **state)
{
    (void)state;
    struct tap_card_seen target = {.report = {.target = {.uid_len = 255}}};
    struct tap_result result;
    tap_decide(&result, &target, &tag_key, &rights);
    assert_int_equal(result.verdict.reason, REASON_UNREADABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_card_without_an_identity_is_unreadable, mount_without_a_list,
                                        unmount),
        cmocka_unit_test_setup_teardown(without_a_list_every_card_is_refused_and_its_tag_told,
                                        mount_without_a_list, unmount),
        cmocka_unit_test_setup_teardown(a_random_uid_and_an_impossible_one_leave_no_tag, mount_without_a_list,
                                        unmount),
        cmocka_unit_test_setup_teardown(a_uid_that_many_devices_show_is_refused_without_a_tag,
                                        mount_without_a_list, unmount),
        cmocka_unit_test_setup_teardown(a_length_beyond_the_array_is_unreadable, mount_without_a_list,
                                        unmount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
