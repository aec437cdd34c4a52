/* SPDX-License-Identifier: Apache-2.0 */
/* The clock over the resources: who may set it how far, and what is logged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fakes/resources_bench.h"

static uint8_t put_time(uint32_t utc_s)
{
    char cbor[] = "\xa1\x64time\x1a....";
    for (int i = 0; i < 4; i++)
        cbor[7 + i] = (char)(utc_s >> (24 - 8 * i));
    return send(COAP_PUT, "time", cbor, 11);
}

static void the_clock_is_set_and_read(void **state)
{
    (void)state;
    assert_int_equal(SEND(COAP_PUT, "time", "\xa1\x64time\x1a\x69\x55\xb9\x00"), COAP_CHANGED);
    assert_int_equal(get("time", NULL), COAP_CONTENT);
    assert_int_equal(number("time"), 1767225600);
    assert_text("clock", "set");
    assert_int_equal(number("confirmed"), 1767225600);
    bench->now_us += 100 * 1000000;
    assert_int_equal(get("time", NULL), COAP_CONTENT);
    assert_int_equal(number("time"), 1767225700);
    assert_int_equal(number("confirmed"), 1767225600);
}

/* ---- who may set the clock ---- */

#define MAY_2026 UINT32_C(1777593600)

static void maintenance_corrects_the_clock_by_minutes(void **state)
{
    (void)state;
    assert_int_equal(put_time(MAY_2026), COAP_CHANGED); /* it was unset */
    assert_int_equal(put_time(MAY_2026 + 86400), COAP_FORBIDDEN);
    assert_word("clock_too_far");
    assert_int_equal(put_time(MAY_2026 - 86400), COAP_FORBIDDEN);
    assert_int_equal(put_time(MAY_2026 + 601), COAP_FORBIDDEN);
    uint32_t head_seq = portillon->journal.head_seq;
    assert_int_equal(put_time(MAY_2026 - 300), COAP_CHANGED);
    assert_int_equal(put_time(MAY_2026), COAP_CHANGED);
    assert_int_equal(put_time(MAY_2026 + 2), COAP_FORBIDDEN); /* 600 seconds in sum */
    assert_int_equal(put_time(MAY_2026), COAP_CHANGED);       /* confirms it */
    assert_int_equal(portillon->journal.head_seq, head_seq + 3);
    bench->now_us += UINT64_C(86400) * 1000000;
    assert_int_equal(put_time(MAY_2026 + 86400 - 600), COAP_CHANGED);
    assert_int_equal(put_time(MAY_2026 + 86400 - 602), COAP_FORBIDDEN);
}

static void a_day_gone_back_to_is_no_new_day_for_corrections(void **state)
{
    (void)state;
    assert_int_equal(put_time(MAY_2026 + 60), COAP_CHANGED);  /* just after midnight, UTC */
    assert_int_equal(put_time(MAY_2026 - 540), COAP_CHANGED); /* the day before */
    assert_int_equal(put_time(MAY_2026 - 600), COAP_FORBIDDEN);
    bench->now_us += UINT64_C(700) * 1000000; /* the same midnight again */
    assert_int_equal(put_time(MAY_2026 - 300), COAP_FORBIDDEN);
}

static void a_technician_sets_any_time(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    assert_int_equal(put_time(MAY_2026 + 1000 * 86400), COAP_CHANGED);
    assert_int_equal(put_time(MAY_2026), COAP_CHANGED);
    role = ROLE_MAINTENANCE; /* corrects from there */
    assert_int_equal(put_time(MAY_2026 + 300), COAP_CHANGED);
    assert_int_equal(put_time(MAY_2026 + 86400), COAP_FORBIDDEN);
}

static void a_clock_that_stood_still_without_power_is_only_set_forwards(void **state)
{
    (void)state;
    portillon->clock.quality = CLOCK_UNSET;
    clock_resume(&portillon->clock, MAY_2026);
    assert_int_equal(put_time(MAY_2026 - 86400), COAP_FORBIDDEN);
    assert_int_equal(put_time(MAY_2026 + 60 * 86400), COAP_CHANGED);
    assert_int_equal(put_time(MAY_2026 + 61 * 86400), COAP_FORBIDDEN);
}

static void what_was_set_is_logged_with_role_and_values(void **state)
{
    (void)state;
    assert_int_equal(put_time(MAY_2026), COAP_CHANGED);
    struct journal_record record = newest(0);
    assert_int_equal(record.code, JOURNAL_EVENT_CLOCK_SET);
    assert_int_equal(record.ref, MAY_2026);
    assert_int_equal(record.detail.bytes[0], ROLE_MAINTENANCE);
    role = ROLE_TECHNICIAN;
    assert_int_equal(SEND(COAP_PUT, "settings", "\xa2\x67open_ms\x19\x07\xd0\x70refuse_when_full\xf5"),
                     COAP_CHANGED);
    record = newest(1);
    assert_int_equal(record.code, JOURNAL_EVENT_SET_REFUSE_WHEN_FULL);
    assert_int_equal(record.ref, 1);
    record = newest(0);
    assert_int_equal(record.kind, JOURNAL_EVENT);
    assert_int_equal(record.code, JOURNAL_EVENT_SET_OPEN_MS);
    assert_int_equal(record.ref, 2000);
    assert_memory_equal(record.detail.bytes, "\x02\0\0\0\x88\x13\0\0", 8); /* technician; 5000 */
    uint32_t head_seq = portillon->journal.head_seq;
    assert_int_equal(SEND(COAP_PUT, "settings", "\xa1\x67open_ms\x19\x07\xd0"), COAP_CHANGED);
    assert_int_equal(portillon->journal.head_seq, head_seq); /* nothing changed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_clock_is_set_and_read, start),
        cmocka_unit_test_setup(maintenance_corrects_the_clock_by_minutes, start),
        cmocka_unit_test_setup(a_day_gone_back_to_is_no_new_day_for_corrections, start),
        cmocka_unit_test_setup(a_technician_sets_any_time, start),
        cmocka_unit_test_setup(a_clock_that_stood_still_without_power_is_only_set_forwards, start),
        cmocka_unit_test_setup(what_was_set_is_logged_with_role_and_values, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
