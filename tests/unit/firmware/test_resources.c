/* SPDX-License-Identifier: Apache-2.0 */
/* The resources of PROTOCOL.md, called in plain CoAP: what /status and /board tell, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/version.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_gate.h"
#include "tests/fakes/link_bench.h"
#include "tests/fakes/resources_bench.h"

static int start_without_flash(void **state)
{
    (void)state;
    bench = link_bench_start(true);
    portillon = &bench->portillon;
    coap_server_reset(&server, 0);
    role = ROLE_MAINTENANCE;
    return 0;
}

static void every_resource_is_linked_from_the_core(void **state)
{
    (void)state;
    assert_int_equal(get(".well-known/core", NULL), COAP_CONTENT);
    static const char *const paths[] = {"status",
                                        "time",
                                        "whitelist",
                                        "whitelist/head",
                                        "whitelist/wanted",
                                        "passages",
                                        "passages/ack",
                                        "settings",
                                        "selftest",
                                        "whitelist/block",
                                        "profiles",
                                        "board",
                                        "meals",
                                        "whitelist/patch/head",
                                        "whitelist/patch/blocks"};
    char links[1100] = {0};
    memcpy(links, answer.payload, answer.payload_len);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        char link[64] = "</";
        strcat(strcat(link, paths[i]), ">;ct=");
        assert_non_null(strstr(links, link));
    }
}

static void status_tells_the_gates_health(void **state)
{
    (void)state;
    link_bench_pass_ms(61500);
    portillon->tap_last_us = 1234;
    portillon->tap_worst_us = 5678;
    assert_int_equal(get("board", NULL), COAP_CONTENT);
    assert_text("libs", portillon_libraries);
    assert_text("anchor", "none");
    assert_int_equal(get("status", NULL), COAP_CONTENT);
    assert_int_equal(number("tap_us/last"), 1234);
    assert_int_equal(number("tap_us/worst"), 5678);
    assert_false(flag("list_rolled_back"));
    assert_false(flag("store_rolled_back"));
    assert_text("version", portillon_version);
    assert_text("device", "BENCH-1");
    assert_text("name", "Portail d'essai");
    assert_text("zone", "building");
    assert_text("clock", "unset");
    assert_int_equal(number("uptime_s"), 61);
    assert_int_equal(number("boots"), 1);
    assert_true(flag("storage_ok"));
    assert_false(flag("reader_up"));
    assert_int_equal(number("journal/head"), portillon->journal.head_seq);
    assert_int_equal(number("pool/size"), PORTILLON_POOL_LEN);
    assert_int_equal(number("link/bad_frames"), 0);
    CborValue list = value_of("list");
    assert_true(cbor_value_is_null(&list));
}

static void use_whole_stack(uint32_t *used, uint32_t *size)
{
    *used = *size = UINT32_MAX;
}

static const char *long_text(void)
{
    static char text[64]; /* SPI_NOR_PROBLEM_SIZE */
    memset(text, 'f', sizeof text - 1);
    return text;
}

/* None in spi_nor_part.c is longer. */
static const char *longest_chip_name(void)
{
    return "S25FL256S, 256 KiB";
}

static const char *no_text(void)
{
    return "";
}

static void board_is_silent_about_what_it_does_not_know(void **state)
{
    (void)state;
    struct portillon_hardware hardware = *portillon->hardware;
    assert_int_equal(get("board", NULL), COAP_CONTENT);
    assert_says_null("reset");
    assert_says_null("stack");
    assert_says_null("flash/name");
    assert_says_null("flash/problem");
    assert_says_null("flash/worn");
    assert_says_null("readout_protection");
    portillon->hardware = &hardware;
    hardware.flash_name = hardware.flash_problem = no_text;
    assert_int_equal(get("board", NULL), COAP_CONTENT);
    assert_says_null("flash/name");
    assert_says_null("flash/problem");
}

static void board_tells_why_the_gate_started_and_how_it_is(void **state)
{
    (void)state;
    static const struct {
        enum reset_cause cause;
        const char *word;
    } causes[] = {{RESET_POWER, "power"},
                  {RESET_WATCHDOG, "watchdog"},
                  {RESET_FAULT, "fault"},
                  {RESET_PANIC, "panic"},
                  {RESET_REQUEST, "request"}};
    struct portillon_hardware hardware = *portillon->hardware;
    struct reset_report reset = {.program_counter = 0x08001234, .fault_status = 0x8200};
    portillon->hardware = &hardware;
    hardware.reset = &reset;
    hardware.stack_usage = use_whole_stack;
    hardware.flash_problem = long_text;
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        reset.cause = causes[i].cause;
        assert_int_equal(get("board", NULL), COAP_CONTENT);
        assert_text("reset/cause", causes[i].word);
    }
    assert_int_equal(number("reset/pc"), 0x08001234);
    assert_int_equal(number("reset/fault"), 0x8200);
    assert_int_equal(number("stack/used"), UINT32_MAX);
    assert_int_equal(number("stack/size"), UINT32_MAX);
    assert_int_equal(number("flash/size"), 1 << 20);
    assert_int_equal(number("flash/sector"), 4096);
    assert_text("flash/problem", long_text());
}

static struct chip_report chip;

static void report_chip(struct chip_report *report)
{
    *report = chip;
}

static void say_nothing_of_chip(struct chip_report *report)
{
    (void)report;
}

static void board_and_selftest_tell_whether_the_chip_can_be_read_out(void **state)
{
    (void)state;
    struct portillon_hardware hardware = *portillon->hardware;
    portillon->hardware = &hardware;
    hardware.chip = say_nothing_of_chip;
    assert_int_equal(get("board", NULL), COAP_CONTENT);
    assert_text("readout_protection", "unknown");
    hardware.chip = report_chip;
    chip = (struct chip_report){.readout = CHIP_READOUT_OFF};
    assert_int_equal(get("board", NULL), COAP_CONTENT);
    assert_text("readout_protection", "off");
    chip = (struct chip_report){CHIP_READOUT_ON, 2830, 2700, "32 kHz crystal", true};
    assert_int_equal(get("board", NULL), COAP_CONTENT);
    assert_text("readout_protection", "on");
    role = ROLE_TECHNICIAN;
    assert_int_equal(get("selftest", NULL), COAP_CONTENT);
    assert_text("chip/readout_protection", "on");
    assert_int_equal(number("chip/brown_out_mv"), 2830);
    assert_int_equal(number("chip/brown_out_needed_mv"), 2700);
    assert_text("chip/rtc_source", "32 kHz crystal");
    assert_true(flag("chip/rtc_outlives_power"));
    chip.rtc_source = NULL;
    assert_int_equal(get("selftest", NULL), COAP_CONTENT);
    assert_says_null("chip/rtc_source");
    hardware.chip = NULL;
    assert_int_equal(get("selftest", NULL), COAP_CONTENT);
    assert_says_null("chip");
}

static void leave_card(uint64_t stay_s)
{
    uint64_t now_us = portillon->hardware->timer->monotonic_us(portillon->hardware->timer->ctx);
    portillon->taps.count = 1;
    portillon->taps.cards[0] =
        (struct tap_card){.is_confirmed = true, .is_resident = true, .since_us = now_us - stay_s * 1000000};
}

static void status_tells_of_a_card_left_on_the_reader(void **state)
{
    (void)state;
    assert_int_equal(get("status", NULL), COAP_CONTENT);
    assert_int_equal(number("resident_s"), 0);
    leave_card(75);
    assert_int_equal(get("status", NULL), COAP_CONTENT);
    assert_int_equal(number("resident_s"), 75);
}

/* Returns how much longer a text of CBOR is at most: from 24 bytes on its length takes a byte of its own. */
static size_t growth(const char *text, size_t most)
{
    size_t len = strlen(text);
    return most - len + (len < 24 && most >= 24);
}

static void status_at_its_fullest_fits_one_block(void **state)
{
    (void)state;
    static struct identity identity;
    struct portillon_hardware hardware = *portillon->hardware;
    identity = *portillon->identity;
    memset(identity.name, 'n', IDENTITY_NAME_MAX);
    memset(identity.device_id, 'd', IDENTITY_DEVICE_ID_MAX);
    memset(portillon->reader_text, 'r', sizeof portillon->reader_text - 1);
    portillon->identity = &identity;
    portillon->hardware = &hardware;
    hardware.reset =
        &(struct reset_report){.cause = RESET_WATCHDOG, .program_counter = ~0U, .fault_status = ~0U};
    hardware.stack_usage = use_whole_stack;
    hardware.flash_name = longest_chip_name;
    hardware.flash_problem = long_text;
    hardware.chip = say_nothing_of_chip;
    portillon->boot_count = portillon->tap_count = portillon->granted_count = UINT32_MAX;
    portillon->tap_last_us = portillon->tap_worst_us = UINT32_MAX;
    leave_card(UINT32_MAX);
    portillon->journal.tail_seq = portillon->journal.head_seq = portillon->journal.acked_seq =
        portillon->journal.unreadable_count = portillon->lost_record_count = UINT32_MAX;
    portillon->maintenance.decoder.good_count = portillon->maintenance.decoder.bad_count =
        portillon->maintenance.dtls.opened_count = portillon->maintenance.dtls.refused_count = UINT32_MAX;
    portillon->whitelist.running = 0;
    portillon->whitelist.slots[0].header.version = portillon->whitelist.slots[0].header.card_count =
        UINT32_MAX;
    portillon->whitelist.replica.repaired_count = portillon->whitelist.replica.damaged_count =
        portillon->whitelist.replica.failed_count = UINT32_MAX;
    portillon->whitelist.worn_addr = UINT32_MAX - 1;
    portillon->whitelist.tables.profile_count = PROFILES_OFF_MAX;
    for (int i = 0; i < PROFILES_OFF_MAX; i++)
        memset(portillon->whitelist.tables.profiles[i].name, 'p', WHITELIST_NAME_LEN);
    portillon->rights.profiles_off = (1 << PROFILES_OFF_MAX) - 1;
    portillon->unseen_count = PORTILLON_UNSEEN_MAX;
    assert_int_equal(get("status", NULL), COAP_CONTENT);
    size_t growth_len = growth(portillon_version, VERSION_MAX);
    assert_true(answer.payload_len + growth_len <= COAP_SERVER_BODY_MAX);
    assert_true(flag("rotation_silent"));
    assert_int_equal(number("list/damaged"), UINT32_MAX);
    assert_int_equal(number("list/failed"), UINT32_MAX);
    assert_int_equal(number("tap_us/worst"), UINT32_MAX);
    assert_int_equal(number("resident_s"), UINT32_MAX);
    assert_int_equal(get("board", NULL), COAP_CONTENT);
    assert_true(answer.payload_len + growth(portillon_libraries, LIBRARIES_MAX) <= COAP_SERVER_BODY_MAX);
    assert_int_equal(number("flash/worn"), UINT32_MAX - 1);
}

static void without_flash_the_gate_stays_manageable(void **state)
{
    (void)state;
    assert_int_equal(get("status", NULL), COAP_CONTENT);
    assert_false(flag("storage_ok"));
    assert_int_equal(number("journal/pending"), 0);
    assert_int_equal(get("passages", "after=0"), COAP_UNAVAILABLE);
    assert_word("no_storage");
    assert_int_equal(get("whitelist", NULL), COAP_UNAVAILABLE);
    assert_int_equal(SEND(COAP_POST, "meals", "\xa2\x67service\x01\x65meals\x40"), COAP_UNAVAILABLE);
    assert_int_equal(portillon_turn_profiles(portillon, 0, ROLE_TECHNICIAN), ERR_IO);
    assert_int_equal(SEND(COAP_PUT, "time", "\xa1\x64time\x1a\x69\x55\xb9\x00"), COAP_CHANGED);
    role = ROLE_TECHNICIAN;
    assert_int_equal(get("settings", NULL), COAP_CONTENT);
    assert_int_equal(SEND(COAP_PUT, "settings",
                          "\xa1\x69"
                          "buzzer_on\xf4"),
                     COAP_UNAVAILABLE);
    assert_int_equal(get("selftest", NULL), COAP_CONTENT);
    assert_int_equal(SEND(COAP_POST, "selftest",
                          "\xa1\x65"
                          "flash\xf5"),
                     COAP_UNAVAILABLE);
    assert_word("no_storage");
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    assert_int_equal(SEND(COAP_PUT, "time", "\xa1\x64time\x01"), COAP_BAD_REQUEST);
    assert_word("bad_argument");
    assert_int_equal(SEND(COAP_PUT, "time", "\xa0"), COAP_BAD_REQUEST);
    assert_word("malformed");
    assert_int_equal(send(COAP_PUT, "time", NULL, 0), COAP_BAD_REQUEST);
    assert_int_equal(SEND(COAP_PUT, "time", "\xa1\x64tome\x1a\x69\x55\xb9\x00"), COAP_BAD_REQUEST);
    assert_int_equal(get("time", NULL), COAP_CONTENT);
    assert_text("clock", "unset");
}

static void a_payload_of_another_format_is_refused(void **state)
{
    (void)state;
    begin(COAP_PUT, "time", NULL);
    coap_write_option_u32(&writer, COAP_CONTENT_FORMAT, COAP_FORMAT_TEXT);
    assert_int_equal(finish("1767225600", 10), COAP_UNSUPPORTED_FORMAT);
}

static void unknown_paths_and_methods_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(get("statu", NULL), COAP_NOT_FOUND);
    assert_int_equal(get("status/x", NULL), COAP_NOT_FOUND);
    assert_int_equal(get("", NULL), COAP_NOT_FOUND);
    begin(COAP_DELETE, "status", NULL);
    assert_int_equal(finish(NULL, 0), COAP_METHOD_NOT_ALLOWED);
    begin(COAP_CODE(0, 5), "status", NULL); /* FETCH: RFC 8132 */
    assert_int_equal(finish(NULL, 0), COAP_METHOD_NOT_ALLOWED);
    assert_int_equal(get("whitelist/head", NULL), COAP_METHOD_NOT_ALLOWED);
}

static void the_technicians_resources_are_not_maintenances(void **state)
{
    (void)state;
    const struct settings before = portillon->settings;
    assert_int_equal(get("settings", NULL), COAP_FORBIDDEN);
    assert_word("forbidden");
    assert_int_equal(SEND(COAP_PUT, "settings", "\xa1\x67open_ms\x19\x07\xd0"), COAP_FORBIDDEN);
    assert_int_equal(SEND(COAP_POST, "selftest", "\xa1\x65relay\xf5"), COAP_FORBIDDEN);
    assert_int_equal(get("selftest", NULL), COAP_FORBIDDEN);
    assert_int_equal(portillon->settings.open_ms, before.open_ms);
    role = ROLE_NONE;
    assert_int_equal(get("status", NULL), COAP_FORBIDDEN);
}

static void a_technician_changes_some_settings_and_the_rest_stays(void **state)
{
    (void)state;
    const struct settings before = portillon->settings;
    role = ROLE_TECHNICIAN;
    assert_int_equal(SEND(COAP_PUT, "settings", "\xa2\x67open_ms\x19\x07\xd0\x70refuse_when_full\xf5"),
                     COAP_CHANGED);
    assert_int_equal(get("settings", NULL), COAP_CONTENT);
    assert_int_equal(number("open_ms"), 2000);
    assert_true(flag("refuse_when_full"));
    assert_int_equal(flag("rotation_fitted"), before.rotation_fitted);
    assert_int_equal(number("retention_days"), before.retention_days);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_resource_is_linked_from_the_core, start),
        cmocka_unit_test_setup(status_tells_the_gates_health, start),
        cmocka_unit_test_setup(board_is_silent_about_what_it_does_not_know, start),
        cmocka_unit_test_setup(board_tells_why_the_gate_started_and_how_it_is, start),
        cmocka_unit_test_setup(board_and_selftest_tell_whether_the_chip_can_be_read_out, start),
        cmocka_unit_test_setup(status_tells_of_a_card_left_on_the_reader, start),
        cmocka_unit_test_setup(status_at_its_fullest_fits_one_block, start),
        cmocka_unit_test_setup(without_flash_the_gate_stays_manageable, start_without_flash),
        cmocka_unit_test_setup(what_is_no_time_is_refused, start),
        cmocka_unit_test_setup(a_payload_of_another_format_is_refused, start),
        cmocka_unit_test_setup(unknown_paths_and_methods_are_told_apart, start),
        cmocka_unit_test_setup(the_technicians_resources_are_not_maintenances, start),
        cmocka_unit_test_setup(a_technician_changes_some_settings_and_the_rest_stays, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
