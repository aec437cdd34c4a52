/* SPDX-License-Identifier: Apache-2.0 */
/* Records against MACs that openssl computed:
 *   printf <first 24 bytes> | xxd -r -p |
 *       openssl mac -cipher AES-128-CBC -macopt hexkey:2b7e151628aed2a6abf7158809cf4f3c -binary CMAC | xxd -p
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/journal/journal_record.h"
#include "tests/fakes/hex.h"

static const char granted_hex[] = "04030201 3412f96a 0f 00 02 05 1122334455667788 00000000 7fe3ef020200379b";
static const char closed_hex[] = "05030201 3512f96a 33 02 02 01 0000000000000000 04030201 1e33d35e3191ecf0";

static crypto_mac mac;

static int set_key(void **state)
{
    (void)state;
    uint8_t key[CRYPTO_KEY_LEN];
    hex_bytes("2b7e151628aed2a6abf7158809cf4f3c", key, sizeof key);
    return crypto_mac_init(&mac, key);
}

static int forget_key(void **state)
{
    (void)state;
    crypto_mac_free(&mac);
    return 0;
}

static struct journal_record make_granted(void)
{
    return (struct journal_record){
        .seq = 0x01020304,
        .utc_s = 0x6AF91234,
        .kind = JOURNAL_GRANTED,
        .zone = 2,
        .flags = JOURNAL_FLAG_REPLICA | 1,
        .tag = {{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88}},
    };
}

static void a_record_is_written_as_the_header_says(void **state)
{
    (void)state;
    uint8_t expected[JOURNAL_RECORD_LEN], out[JOURNAL_RECORD_LEN];
    const struct journal_record granted = make_granted();
    hex_bytes(granted_hex, expected, sizeof expected);
    assert_int_equal(journal_record_encode(&granted, &mac, out), ERR_OK);
    assert_memory_equal(out, expected, sizeof out);

    const struct journal_record closed = {.seq = 0x01020305,
                                          .utc_s = 0x6AF91235,
                                          .kind = JOURNAL_CLOSED,
                                          .code = JOURNAL_ABANDONED,
                                          .zone = 2,
                                          .flags = 1,
                                          .ref = 0x01020304};
    hex_bytes(closed_hex, expected, sizeof expected);
    assert_int_equal(journal_record_encode(&closed, &mac, out), ERR_OK);
    assert_memory_equal(out, expected, sizeof out);
}

static void a_record_is_read_as_it_was_written(void **state)
{
    (void)state;
    uint8_t in[JOURNAL_RECORD_LEN];
    struct journal_record record;
    const struct journal_record granted = make_granted();
    hex_bytes(granted_hex, in, sizeof in);
    assert_int_equal(journal_record_decode(&record, &mac, in), ERR_OK);
    assert_int_equal(record.seq, granted.seq);
    assert_int_equal(record.utc_s, granted.utc_s);
    assert_int_equal(record.kind, JOURNAL_GRANTED);
    assert_int_equal(record.code, 0);
    assert_int_equal(record.zone, 2);
    assert_int_equal(record.flags, 5);
    assert_memory_equal(record.tag.bytes, granted.tag.bytes, TAG_LEN);
    assert_int_equal(record.ref, 0);

    hex_bytes(closed_hex, in, sizeof in);
    assert_int_equal(journal_record_decode(&record, &mac, in), ERR_OK);
    assert_int_equal(record.seq, 0x01020305);
    assert_int_equal(record.kind, JOURNAL_CLOSED);
    assert_int_equal(record.code, JOURNAL_ABANDONED);
    assert_int_equal(record.ref, 0x01020304);
}

static void a_flip_of_any_bit_is_refused(void **state)
{
    (void)state;
    uint8_t in[JOURNAL_RECORD_LEN];
    struct journal_record record, untouched;
    memset(&record, 0x5A, sizeof record);
    untouched = record;
    hex_bytes(granted_hex, in, sizeof in);
    for (size_t bit = 0; bit < 8 * sizeof in; bit++) {
        in[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(journal_record_decode(&record, &mac, in), ERR_CORRUPT);
        in[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_memory_equal(&record, &untouched, sizeof record);
}

/* A torn program leaves ones where zeros were wanted. */
static void a_record_cut_short_is_refused(void **state)
{
    (void)state;
    uint8_t in[JOURNAL_RECORD_LEN];
    struct journal_record record;
    hex_bytes(granted_hex, in, sizeof in);
    for (size_t len = sizeof in; len-- > 1;) {
        in[len] = 0xFF;
        assert_int_equal(journal_record_decode(&record, &mac, in), ERR_CORRUPT);
    }
    in[0] = 0xFF;
    assert_int_equal(journal_record_decode(&record, &mac, in), ERR_NOT_FOUND); /* erased */
}

static void a_record_of_another_gate_is_refused(void **state)
{
    (void)state;
    uint8_t in[JOURNAL_RECORD_LEN];
    static const uint8_t other_key[CRYPTO_KEY_LEN];
    crypto_mac other;
    struct journal_record record;
    assert_int_equal(crypto_mac_init(&other, other_key), ERR_OK);
    hex_bytes(granted_hex, in, sizeof in);
    assert_int_equal(journal_record_decode(&record, &other, in), ERR_CORRUPT);
    crypto_mac_free(&other);
}

static void a_kind_nobody_knows_is_refused_even_under_a_good_mac(void **state)
{
    (void)state;
    struct journal_record record = make_granted();
    uint8_t bytes[JOURNAL_RECORD_LEN];
    for (unsigned kind = 0; kind < 256; kind++) {
        bool known = kind == 0x0F || kind == 0x33 || kind == 0x55 || kind == 0x66 || kind == 0x99;
        record.kind = (enum journal_kind)kind;
        assert_int_equal(journal_record_encode(&record, &mac, bytes), ERR_OK);
        assert_int_equal(journal_record_decode(&record, &mac, bytes), known ? ERR_OK : ERR_CORRUPT);
        record = make_granted();
    }
}

static void kinds_are_at_least_four_bits_apart(void **state)
{
    (void)state;
    static const enum journal_kind kinds[] = {JOURNAL_GRANTED, JOURNAL_CLOSED, JOURNAL_REFUSED, JOURNAL_EVENT,
                                              JOURNAL_GAP};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        for (size_t j = 0; j < i; j++) {
            int bits = 0;
            for (unsigned word = (unsigned)kinds[i] ^ (unsigned)kinds[j]; word != 0; word &= word - 1)
                bits++;
            assert_in_range(bits, 4, 8);
        }
    }
}

static void kinds_outcomes_and_events_have_names(void **state)
{
    (void)state;
    assert_string_equal(journal_kind_name(JOURNAL_GRANTED), "granted");
    assert_string_equal(journal_kind_name(JOURNAL_GAP), "gap");
    assert_null(journal_kind_name((enum journal_kind)0));
    assert_string_equal(journal_outcome_name(JOURNAL_ASSUMED), "assumed");
    assert_string_equal(journal_outcome_name(0), "unknown_outcome");
    assert_string_equal(journal_event_name(JOURNAL_EVENT_START), "start");
    assert_string_equal(journal_event_name(0), "unknown_event");
    int last = 0;
    for (int a = 1; a < 256; a++) {
        if (strcmp(journal_event_name((uint8_t)a), "unknown_event") == 0)
            continue;
        assert_int_equal(a, ++last); /* numbers without a hole */
        for (int b = 1; b < a; b++)
            assert_string_not_equal(journal_event_name((uint8_t)a), journal_event_name((uint8_t)b));
    }
    assert_in_range(last, JOURNAL_EVENT_READER_RESTARTED, 255);
}

static void one_wrong_bit_is_corrected_under_the_right_number_only(void **state)
{
    (void)state;
    uint8_t bytes[JOURNAL_RECORD_LEN], tried[JOURNAL_RECORD_LEN];
    struct journal_record record = {.seq = 0x01020304, .kind = JOURNAL_GRANTED, .utc_s = 1700000000};
    assert_int_equal(journal_record_encode(&record, &mac, bytes), ERR_OK);
    for (uint32_t bit = 0; bit < 8 * JOURNAL_RECORD_LEN; bit++) {
        memcpy(tried, bytes, sizeof tried);
        tried[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_true(journal_record_is_near(tried, record.seq));
        assert_int_equal(journal_record_correct(tried, &mac, record.seq + 3), ERR_CORRUPT);
        assert_int_equal(journal_record_correct(tried, &mac, record.seq), ERR_OK);
        assert_memory_equal(tried, bytes, sizeof tried);
    }
    assert_false(journal_record_is_near(bytes, record.seq + 3));
    memset(bytes + 8, 0xFF, 1);
    assert_false(journal_record_is_near(bytes, record.seq));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_record_is_written_as_the_header_says, set_key, forget_key),
        cmocka_unit_test_setup_teardown(a_record_is_read_as_it_was_written, set_key, forget_key),
        cmocka_unit_test_setup_teardown(a_flip_of_any_bit_is_refused, set_key, forget_key),
        cmocka_unit_test_setup_teardown(one_wrong_bit_is_corrected_under_the_right_number_only, set_key,
                                        forget_key),
        cmocka_unit_test_setup_teardown(a_record_cut_short_is_refused, set_key, forget_key),
        cmocka_unit_test_setup_teardown(a_record_of_another_gate_is_refused, set_key, forget_key),
        cmocka_unit_test_setup_teardown(a_kind_nobody_knows_is_refused_even_under_a_good_mac, set_key,
                                        forget_key),
        cmocka_unit_test(kinds_are_at_least_four_bits_apart),
        cmocka_unit_test(kinds_outcomes_and_events_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
