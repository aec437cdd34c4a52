/* SPDX-License-Identifier: Apache-2.0 */
/* What a technician does over the resources: settings, profiles, openings by hand, self-tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/maintenance/cbor_map.h"
#include "firmware/portillon_control.h"
#include "tests/fakes/resources_bench.h"

static void settings_out_of_bounds_change_nothing(void **state)
{
    (void)state;
    const struct settings before = portillon->settings;
    role = ROLE_TECHNICIAN;
    /* 499; 65536 + 500, which would be 500 in 16 bits; 93 days: the CNIL allows three months */
    assert_int_equal(SEND(COAP_PUT, "settings", "\xa1\x67open_ms\x19\x01\xf3"), COAP_BAD_REQUEST);
    assert_int_equal(SEND(COAP_PUT, "settings", "\xa1\x67open_ms\x1a\x00\x01\x01\xf4"), COAP_BAD_REQUEST);
    assert_int_equal(SEND(COAP_PUT, "settings",
                          "\xa2\x69"
                          "buzzer_on\xf4\x6eretention_days\x18\x5d"),
                     COAP_BAD_REQUEST);
    assert_memory_equal(&portillon->settings, &before, sizeof before);
}

/* Encodes {name: value}. */
static size_t encode_setting(const struct setting *setting, uint16_t value, uint8_t *to, size_t size)
{
    CborEncoder top, map;
    cbor_encoder_init(&top, to, size, 0);
    assert_int_equal(cbor_encoder_create_map(&top, &map, 1), CborNoError);
    if (setting->unit == NULL)
        cbor_map_put_bool(&map, setting->name, value != 0);
    else
        cbor_map_put_uint(&map, setting->name, value);
    cbor_map_close(&top, &map);
    return cbor_map_written(&top, to);
}

/* A setting that is forgotten somewhere, or not counted, does not come back. */
static void each_setting_is_told_changed_kept_and_logged(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    for (int id = 0; id < SETTINGS_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        uint8_t payload[64], stored[STORE_VALUE_LEN];
        char event[48];
        struct settings kept;
        uint16_t changed = setting->initial == setting->most ? setting->least : setting->most;
        size_t len = encode_setting(setting, changed, payload, sizeof payload);
        assert_int_equal(send(COAP_PUT, "settings", (const char *)payload, len), COAP_CHANGED);
        assert_int_equal(get("settings", NULL), COAP_CONTENT);
        assert_int_equal(setting->unit == NULL ? flag(setting->name) : number(setting->name), changed);
        assert_int_equal(store_get(&portillon->store, STORE_SETTINGS, stored), ERR_OK);
        assert_int_equal(settings_decode(&kept, stored), ERR_OK);
        assert_int_equal(settings_get(&kept, (enum setting_id)id), changed);
        snprintf(event, sizeof event, "%s_set", setting->name);
        assert_string_equal(journal_event_name(newest(0).code), event);
    }
}

static void run_two_profiles(void)
{
    static const struct whitelist_tables tables = {
        .profile_count = 2,
        .profiles = {{.zones = 1, .name = "externe"}, {.zones = 3, .name = "demi-pension"}}};
    portillon->whitelist.tables = tables;
    portillon->whitelist.running = 0;
}

/* RFC 7959, 2.4: one part of a block-wise transfer is not the payload, even if it parses as one. These
 * payloads all fit one message. */
static void a_piece_of_a_payload_is_never_taken_for_all_of_it(void **state)
{
    (void)state;
    const struct {
        uint8_t method;
        const char *path, *cbor;
        size_t len;
    } changes[] = {
        {COAP_PUT, "time", "\xa1\x64time\x1a\x6b\x49\xd2\x00", 11},
        {COAP_PUT, "settings", "\xa1\x67open_ms\x19\x07\xd0", 12},
        {COAP_PUT, "profiles", "\xa0", 1},
        {COAP_POST, "passages/ack", ack_payload(1, 0), 19},
        {COAP_POST, "meals", "\xa2\x67service\x01\x65meals\x40", 17},
        {COAP_POST, "selftest", "\xa1\x65green\xf5", 8},
    };
    role = ROLE_TECHNICIAN;
    run_two_profiles();
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        uint32_t head_seq = portillon->journal.head_seq, acked_seq = portillon->journal.acked_seq;
        const struct settings before = portillon->settings;
        for (int last = 0; last < 2; last++) {
            assert_int_equal(send_piece(changes[i].method, changes[i].path, NULL, (uint32_t)last, !last, 0,
                                        changes[i].cbor, changes[i].len),
                             COAP_TOO_LARGE);
            assert_word("no_space");
        }
        assert_int_equal(portillon->journal.head_seq, head_seq);
        assert_int_equal(portillon->journal.acked_seq, acked_seq);
        assert_memory_equal(&portillon->settings, &before, sizeof before);
        assert_int_equal(portillon->selftest.output, 0);
        /* the same in one piece is taken */
        assert_int_equal(send_piece(changes[i].method, changes[i].path, NULL, 0, false, 0, changes[i].cbor,
                                    changes[i].len),
                         COAP_CHANGED);
    }
}

/* ---- profiles and openings by hand ---- */

static void a_technician_turns_profiles_off_and_on(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    run_two_profiles();
    assert_int_equal(get("profiles", NULL), COAP_CONTENT);
    assert_true(flag("externe"));
    assert_true(flag("demi-pension"));
    assert_int_equal(SEND(COAP_PUT, "profiles",
                          "\xa1\x67"
                          "externe\xf4"),
                     COAP_CHANGED);
    assert_int_equal(portillon->rights.profiles_off, 1);
    assert_int_equal(SEND(COAP_PUT, "profiles", "\xa0"), COAP_CHANGED); /* who is not named stays as it was */
    assert_int_equal(portillon->rights.profiles_off, 1);
    assert_int_equal(get("profiles", NULL), COAP_CONTENT);
    assert_false(flag("externe"));
    assert_true(flag("demi-pension"));
    assert_int_equal(SEND(COAP_PUT, "profiles",
                          "\xa2\x67"
                          "externe\xf5\x6c"
                          "demi-pension\xf4"),
                     COAP_CHANGED);
    assert_int_equal(portillon->rights.profiles_off, 2);
}

static void a_profile_nobody_knows_turns_nothing(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    assert_int_equal(get("profiles", NULL), COAP_NOT_FOUND);
    assert_word("no_list");
    assert_int_equal(SEND(COAP_PUT, "profiles", "\xa0"), COAP_NOT_FOUND);
    run_two_profiles();
    assert_int_equal(SEND(COAP_PUT, "profiles",
                          "\xa2\x67"
                          "externe\xf4\x66"
                          "intern\xf4"),
                     COAP_BAD_REQUEST);
    assert_int_equal(SEND(COAP_PUT, "profiles",
                          "\xa1\x67"
                          "externe\x00"),
                     COAP_BAD_REQUEST);
    assert_int_equal(portillon->rights.profiles_off, 0);
    role = ROLE_MAINTENANCE;
    assert_int_equal(get("profiles", NULL), COAP_FORBIDDEN);
    assert_int_equal(SEND(COAP_PUT, "profiles",
                          "\xa1\x67"
                          "externe\xf4"),
                     COAP_FORBIDDEN);
    assert_int_equal(portillon->rights.profiles_off, 0);
}

static void more_groups_off_than_there_is_room_for_are_told(void **state)
{
    (void)state;
    char cbor[1 + 3 * (PROFILES_OFF_MAX + 1)] = {(char)(0xA0 + PROFILES_OFF_MAX + 1)};
    role = ROLE_TECHNICIAN;
    portillon->whitelist.running = 0;
    portillon->whitelist.tables.profile_count = PROFILES_OFF_MAX + 1;
    for (int i = 0; i <= PROFILES_OFF_MAX; i++) {
        portillon->whitelist.tables.profiles[i] = (struct whitelist_profile){.name = {(char)('a' + i)}};
        memcpy(cbor + 1 + 3 * i, (const char[]){0x61, (char)('a' + i), (char)0xF4}, 3);
    }
    assert_int_equal(send(COAP_PUT, "profiles", cbor, sizeof cbor), COAP_TOO_LARGE);
    assert_word("no_space");
    assert_int_equal(portillon->rights.profiles_off, 0);
    cbor[0]--; /* one less */
    assert_int_equal(send(COAP_PUT, "profiles", cbor, sizeof cbor - 3), COAP_CHANGED);
    assert_int_equal(portillon->rights.profiles_off, (1 << PROFILES_OFF_MAX) - 1);
}

static void status_names_the_groups_turned_off(void **state)
{
    (void)state;
    static const char externe[] = "\x6cprofiles_off\x81\x67"
                                  "externe";
    static const char none[] = "\x6cprofiles_off\x80";
    assert_int_equal(get("status", NULL), COAP_CONTENT);
    assert_non_null(memmem(answer.payload, answer.payload_len, none, sizeof none - 1));
    run_two_profiles();
    assert_int_equal(portillon_turn_profiles(portillon, 2, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(get("status", NULL), COAP_CONTENT); /* as maintenance, which may not turn them off */
    assert_non_null(memmem(answer.payload, answer.payload_len, externe, sizeof externe - 1));
    assert_int_equal(portillon_turn_profiles(portillon, 3, ROLE_TECHNICIAN), ERR_OK);
    assert_int_equal(get("status", NULL), COAP_CONTENT);
    assert_non_null(memmem(answer.payload, answer.payload_len, none, sizeof none - 1));
}

static void turning_what_is_off_already_is_not_logged_again(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    run_two_profiles();
    const uint32_t head = portillon->journal.head_seq;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(SEND(COAP_PUT, "profiles",
                              "\xa1\x67"
                              "externe\xf4"),
                         COAP_CHANGED);
        assert_int_equal(portillon->journal.head_seq, head + 1);
    }
}

static void a_technician_opens_for_one_person(void **state)
{
    (void)state;
    assert_int_equal(send(COAP_POST, "open", NULL, 0), COAP_FORBIDDEN);
    assert_int_equal(portillon->gate.queue_count, 0);
    role = ROLE_TECHNICIAN;
    const uint32_t head = portillon->journal.head_seq;
    assert_int_equal(send(COAP_POST, "open", NULL, 0), COAP_CHANGED);
    assert_int_equal(portillon->gate.state, GATE_OPEN);
    assert_text("state", "open");
    assert_int_equal(number("seq"), head);
    assert_int_equal(number("ahead"), 0);
    for (int i = 1; i < GATE_QUEUE_MAX; i++) {
        assert_int_equal(send(COAP_POST, "open", NULL, 0), COAP_CHANGED);
        assert_int_equal(number("seq"), head + i);
        assert_int_equal(number("ahead"), i);
    }
    assert_int_equal(send(COAP_POST, "open", NULL, 0), COAP_UNAVAILABLE);
    assert_word("busy");
}

static void opening_a_released_gate_says_that_it_is_open(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    portillon->gate.state = GATE_RELEASED;
    const uint32_t head = portillon->journal.head_seq;
    assert_int_equal(send(COAP_POST, "open", NULL, 0), COAP_CHANGED);
    assert_text("state", "released");
    assert_int_equal(number("seq"), 0);
    assert_int_equal(number("ahead"), 0);
    assert_int_equal(portillon->journal.head_seq, head);
}

#define SELFTEST(member) SEND(COAP_POST, "selftest", "\xa1" member "\xf5")

static void a_technician_has_the_flash_tested(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    assert_int_equal(get("selftest", NULL), COAP_CONTENT);
    assert_text("flash/step", "none");
    assert_int_equal(SELFTEST("\x65"
                              "flash"),
                     COAP_CHANGED);
    assert_int_equal(SELFTEST("\x65"
                              "flash"),
                     COAP_UNAVAILABLE);
    assert_word("busy");
    while (portillon_poll(portillon) == ERR_BUSY)
        continue;
    assert_int_equal(get("selftest", NULL), COAP_CONTENT);
    assert_text("flash/step", "passed");
    assert_says_null("flash/failed");
    assert_says_null("flash/error");
}

static void a_chip_without_room_for_a_test_has_none(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    portillon->layout.scratch_len = 0;
    assert_int_equal(SELFTEST("\x65"
                              "flash"),
                     COAP_BAD_REQUEST);
    assert_word("unsupported");
}

static void a_flash_test_that_failed_says_where_and_why(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    assert_int_equal(SELFTEST("\x65"
                              "flash"),
                     COAP_CHANGED);
    bench->flash_fails = true;
    while (selftest_poll(&portillon->selftest, 0) == ERR_BUSY)
        continue;
    assert_int_equal(get("selftest", NULL), COAP_CONTENT);
    assert_text("flash/step", "failed");
    assert_text("flash/failed", "looking");
    assert_text("flash/error", "io");
}

static void a_technician_drives_one_output_at_a_time(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    assert_int_equal(SELFTEST("\x65"
                              "green"),
                     COAP_CHANGED);
    assert_int_equal(portillon->outputs, GATE_LIGHT_GREEN);
    assert_int_equal(get("selftest", NULL), COAP_CONTENT);
    assert_text("output", "green");
    assert_int_equal(SELFTEST("\x66"
                              "buzzer"),
                     COAP_CHANGED);
    assert_int_equal(portillon->outputs, GATE_BUZZER);
    assert_int_equal(SEND(COAP_POST, "selftest",
                          "\xa2\x65"
                          "green\xf5\x63red\xf5"),
                     COAP_BAD_REQUEST);
    assert_int_equal(SEND(COAP_POST, "selftest",
                          "\xa1\x65"
                          "green\xf4"),
                     COAP_BAD_REQUEST);
    assert_int_equal(SEND(COAP_POST, "selftest", "\xa0"), COAP_BAD_REQUEST);
    assert_int_equal(SELFTEST("\x64"
                              "door"),
                     COAP_BAD_REQUEST);
    assert_int_equal(send(COAP_POST, "selftest", NULL, 0), COAP_BAD_REQUEST);
}

static void a_selftest_tells_of_clock_reader_and_inputs(void **state)
{
    (void)state;
    role = ROLE_TECHNICIAN;
    bench->now_us = (UINT64_C(1) << 32) * 1000 + 5000;
    portillon->inputs = GATE_FIRE | GATE_BUTTON;
    portillon->selftest.input_rises[0] = 7;
    assert_int_equal(get("selftest", NULL), COAP_CONTENT);
    assert_int_equal(number("timer_ms"), 5);
    assert_says_null("rtc");
    assert_says_null("output");
    assert_text("reader", "");
    assert_false(flag("reader_up"));
    assert_int_equal(number("inputs/rotation/rises"), 7);
    assert_false(flag("inputs/rotation/active"));
    assert_true(flag("inputs/fire/active"));
    assert_false(flag("inputs/tamper/active"));
    assert_true(flag("inputs/button/active"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(settings_out_of_bounds_change_nothing, start),
        cmocka_unit_test_setup(each_setting_is_told_changed_kept_and_logged, start),
        cmocka_unit_test_setup(a_piece_of_a_payload_is_never_taken_for_all_of_it, start),
        cmocka_unit_test_setup(a_technician_turns_profiles_off_and_on, start),
        cmocka_unit_test_setup(a_profile_nobody_knows_turns_nothing, start),
        cmocka_unit_test_setup(more_groups_off_than_there_is_room_for_are_told, start),
        cmocka_unit_test_setup(status_names_the_groups_turned_off, start),
        cmocka_unit_test_setup(turning_what_is_off_already_is_not_logged_again, start),
        cmocka_unit_test_setup(a_technician_opens_for_one_person, start),
        cmocka_unit_test_setup(opening_a_released_gate_says_that_it_is_open, start),
        cmocka_unit_test_setup(a_technician_has_the_flash_tested, start),
        cmocka_unit_test_setup(a_chip_without_room_for_a_test_has_none, start),
        cmocka_unit_test_setup(a_flash_test_that_failed_says_where_and_why, start),
        cmocka_unit_test_setup(a_technician_drives_one_output_at_a_time, start),
        cmocka_unit_test_setup(a_selftest_tells_of_clock_reader_and_inputs, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
