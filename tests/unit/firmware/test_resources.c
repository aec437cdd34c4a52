/* SPDX-License-Identifier: Apache-2.0 */
/* The resources of PROTOCOL.md, called in plain CoAP: what each answers, which roles are allowed, and
 * what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/base/version.h"
#include "firmware/maintenance/cbor_map.h"
#include "firmware/portillon_control.h"
#include "firmware/portillon_gate.h"
#include "firmware/portillon_log.h"
#include "firmware/resources/resources.h"
#include "tests/fakes/link_bench.h"
#include "tests/fakes/sample_list.h"

static struct link_bench *bench;
static struct portillon *portillon;
static struct coap_server server;
static enum role role;
static uint8_t request[1280], out[1280];
static struct coap_writer writer;
static struct coap_message answer;
static uint16_t message_id;

static void handle(void *ctx, const struct coap_request *coap_request, struct coap_response *response)
{
    resources_handle(ctx, role, coap_request, response);
}

static int start(void **state)
{
    (void)state;
    bench = link_bench_start(false);
    portillon = &bench->portillon;
    coap_server_reset(&server, 0);
    role = ROLE_MAINTENANCE;
    return 0;
}

static int start_without_flash(void **state)
{
    (void)state;
    bench = link_bench_start(true);
    portillon = &bench->portillon;
    coap_server_reset(&server, 0);
    role = ROLE_MAINTENANCE;
    return 0;
}

static void begin(uint8_t method, const char *path, const char *query)
{
    coap_write_start(&writer, request, sizeof request, COAP_CON, method, message_id++, NULL, 0);
    for (const char *segment = path; *segment != '\0';) {
        size_t len = strcspn(segment, "/");
        coap_write_option(&writer, COAP_URI_PATH, segment, len);
        segment += len + (segment[len] == '/');
    }
    if (query != NULL)
        coap_write_option(&writer, COAP_URI_QUERY, query, strlen(query));
}

static uint8_t finish(const void *payload, size_t len)
{
    const struct coap_handler handler = {.handle = handle, .ctx = portillon};
    int request_len = coap_write_finish(&writer, payload, len);
    assert_true(request_len > 0);
    size_t answer_len = coap_server_handle(&server, &handler, request, (size_t)request_len, out, sizeof out);
    assert_true(answer_len > 0);
    assert_int_equal(coap_parse(&answer, out, answer_len), ERR_OK);
    return answer.code;
}

static uint8_t get(const char *path, const char *query)
{
    begin(COAP_GET, path, query);
    return finish(NULL, 0);
}

static uint8_t send(uint8_t method, const char *path, const char *cbor, size_t len)
{
    begin(method, path, NULL);
    return finish(cbor, len);
}

#define SEND(method, path, cbor) send(method, path, cbor, sizeof cbor - 1)

/* {"seq": seq, "mac": the MAC of that record, with the bits of flip inverted} */
static const char *ack_payload(uint8_t seq, uint8_t flip)
{
    static char cbor[] = "\xa2\x63seq\x17\x63mac\x48........";
    uint8_t raw[JOURNAL_RECORD_LEN] = {0};
    int read = journal_read_raw(&portillon->journal, seq, raw);
    (void)read;
    raw[JOURNAL_RECORD_MAC_AT] ^= flip;
    cbor[5] = (char)seq;
    memcpy(cbor + 11, raw + JOURNAL_RECORD_MAC_AT, JOURNAL_RECORD_MAC_LEN);
    return cbor;
}

static uint8_t send_ack(uint8_t seq, uint8_t flip)
{
    return send(COAP_POST, "passages/ack", ack_payload(seq, flip), 19);
}

static uint8_t put_time(uint32_t utc_s)
{
    char cbor[] = "\xa1\x64time\x1a....";
    for (int i = 0; i < 4; i++)
        cbor[7 + i] = (char)(utc_s >> (24 - 8 * i));
    return send(COAP_PUT, "time", cbor, 11);
}

static uint8_t send_piece(uint8_t method, const char *path, const char *query, uint32_t num, bool more,
                          uint8_t szx, const void *data, size_t len)
{
    begin(method, path, query);
    coap_write_block(&writer, COAP_BLOCK1, &(struct coap_block){.num = num, .more = more, .szx = szx});
    return finish(data, len);
}

static uint8_t put_piece(const char *path, const char *query, uint32_t num, bool more, uint8_t szx,
                         const void *data, size_t len)
{
    return send_piece(COAP_PUT, path, query, num, more, szx, data, len);
}

static void assert_word(const char *word)
{
    assert_int_equal(answer.payload_len, strlen(word));
    assert_memory_equal(answer.payload, word, strlen(word));
}

/* Returns the value of a key in the map of the answer, or in a map inside it: "list/version". */
static CborValue value_of(const char *path)
{
    static CborParser parser;
    CborValue at, value;
    char key[32];
    assert_int_equal(cbor_parser_init(answer.payload, answer.payload_len, 0, &parser, &at), CborNoError);
    for (;;) {
        size_t len = strcspn(path, "/");
        memcpy(key, path, len);
        key[len] = '\0';
        assert_true(cbor_value_is_map(&at));
        assert_int_equal(cbor_value_map_find_value(&at, key, &value), CborNoError);
        assert_true(cbor_value_is_valid(&value));
        if (path[len] == '\0')
            return value;
        at = value;
        path += len + 1;
    }
}

static uint64_t number(const char *path)
{
    CborValue value = value_of(path);
    uint64_t result;
    assert_true(cbor_value_is_unsigned_integer(&value));
    assert_int_equal(cbor_value_get_uint64(&value, &result), CborNoError);
    return result;
}

static bool flag(const char *path)
{
    CborValue value = value_of(path);
    bool result;
    assert_true(cbor_value_is_boolean(&value));
    assert_int_equal(cbor_value_get_boolean(&value, &result), CborNoError);
    return result;
}

static void assert_text(const char *path, const char *text)
{
    CborValue value = value_of(path);
    bool equal;
    assert_true(cbor_value_is_text_string(&value));
    assert_int_equal(cbor_value_text_string_equals(&value, text, &equal), CborNoError);
    assert_true(equal);
}

static void every_resource_is_linked_from_the_core(void **state)
{
    (void)state;
    assert_int_equal(get(".well-known/core", NULL), COAP_CONTENT);
    static const char *const paths[] = {
        "status",   "time",         "whitelist", "whitelist/head", "whitelist/wanted",
        "passages", "passages/ack", "settings",  "selftest",       "whitelist/block",
        "profiles", "board",        "meals"};
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

static void assert_says_null(const char *path)
{
    CborValue value = value_of(path);
    assert_true(cbor_value_is_null(&value));
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

static struct journal_record newest(uint32_t back)
{
    struct journal_record record;
    assert_int_equal(journal_read(&portillon->journal, portillon->journal.head_seq - 1 - back, &record),
                     ERR_OK);
    return record;
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

static void log_events(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        portillon_log_event(portillon, JOURNAL_EVENT_SETTINGS, 0);
        while (journal_poll(&portillon->journal) == ERR_BUSY)
            continue;
    }
}

static void passages_come_in_pages_until_the_head(void **state)
{
    (void)state;
    log_events(100);
    uint32_t head = portillon->journal.head_seq, next = 0, fetched = 0, pages = 0;
    while (next + 1 < head) {
        char query[32] = "after=";
        const char digits[] = {(char)('0' + next / 100), (char)('0' + next / 10 % 10),
                               (char)('0' + next % 10), 0};
        assert_int_equal(get("passages", strcat(query, digits)), COAP_CONTENT);
        assert_int_equal(number("after"), next);
        assert_int_equal(number("head"), head);
        CborValue records = value_of("records");
        size_t len = 0;

        assert_int_equal(cbor_value_get_string_length(&records, &len), CborNoError);
        assert_int_equal(len % JOURNAL_RECORD_LEN, 0);
        assert_true(len > 0);
        const uint8_t *bytes = answer.payload + answer.payload_len - len; /* the last member */
        for (size_t at = 0; at < len; at += JOURNAL_RECORD_LEN) {
            uint8_t stored[JOURNAL_RECORD_LEN];
            fetched++;
            assert_int_equal(journal_read_raw(&portillon->journal, fetched, stored), ERR_OK);
            assert_memory_equal(bytes + at, stored, JOURNAL_RECORD_LEN);
        }
        next = (uint32_t)number("next");
        assert_int_equal(next, fetched);
        pages++;
    }
    assert_int_equal(fetched, head - 1);
    assert_int_equal(pages, (head - 1 + 27) / 28);
}

static void nothing_new_is_an_empty_page_that_says_so(void **state)
{
    (void)state;
    log_events(3);
    uint32_t head = portillon->journal.head_seq;
    const char *const queries[] = {"after=4", "after=5", "after=4000000000"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(get("passages", queries[i]), COAP_CONTENT);
        assert_int_equal(number("next"), head - 1);
        CborValue records = value_of("records");
        size_t len = 0;
        assert_int_equal(cbor_value_get_string_length(&records, &len), CborNoError);
        assert_int_equal(len, 0);
    }
    assert_int_equal(get("passages", "after=4294967295"), COAP_BAD_REQUEST);
    assert_int_equal(get("passages", "after=x"), COAP_BAD_REQUEST);
}

static void unreadable_places_are_named_and_do_not_end_the_reading(void **state)
{
    (void)state;
    log_events(60);
    /* Number 1 lies behind the 32 bytes of the sector header. Numbers 10 and 11, and every other one from 20
     * on, damaged where they lie in flash. */
    const struct journal *journal = &portillon->journal;
    const uint8_t zeros[JOURNAL_RECORD_LEN] = {0};
    const struct flash *flash = portillon->hardware->flash;
    const uint32_t damaged[] = {10, 11, 20, 22, 24, 26};
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
        assert_int_equal(
            flash->program(flash->ctx, journal->base + JOURNAL_RECORD_LEN * damaged[i], zeros, sizeof zeros),
            ERR_OK);
    assert_int_equal(get("passages", "after=0"), COAP_CONTENT);
    const uint8_t runs[] = {0x84, 0x82, 10, 2, 0x82, 20, 1, 0x82, 22, 1, 0x82, 0x18, 24, 1};
    CborValue unreadable = value_of("unreadable");
    assert_memory_equal(cbor_value_get_next_byte(&unreadable), runs, sizeof runs);
    assert_int_equal(number("next"), 25); /* no room for a fifth run: 26 is the next page's */
    assert_int_equal(get("passages", "after=25"), COAP_CONTENT);
    unreadable = value_of("unreadable");
    assert_memory_equal(cbor_value_get_next_byte(&unreadable), "\x81\x82\x18\x1a\x01", 5);
}

static void a_failing_chip_is_an_error_not_an_empty_page(void **state)
{
    (void)state;
    log_events(3);
    bench->flash_fails = true;
    assert_int_equal(get("passages", "after=0"), COAP_SERVER_ERROR);
    assert_word("io");
}

static void an_acknowledgement_moves_the_mark_and_not_beyond_the_head(void **state)
{
    (void)state;
    log_events(5);
    assert_int_equal(send_ack(3, 0), COAP_CHANGED);
    assert_int_equal(portillon->journal.acked_seq, 3);
    assert_int_equal(send_ack(3, 0), COAP_CHANGED);
    assert_int_equal(send_ack(20, 0), COAP_BAD_REQUEST);
    assert_word("bad_argument");
    assert_int_equal(SEND(COAP_POST, "passages/ack", "\xa1\x63seq\x18\xff"), COAP_BAD_REQUEST);
    assert_int_equal(portillon->journal.acked_seq, 3);
    assert_int_equal(SEND(COAP_POST, "passages/ack", "\xa1\x63seq\x61x"), COAP_BAD_REQUEST);
}

static void an_acknowledgement_quotes_the_record_it_is_for(void **state)
{
    (void)state;
    log_events(5);
    assert_int_equal(send_ack(3, 1), COAP_CONFLICT);
    assert_word("conflict");
    assert_int_equal(SEND(COAP_POST, "passages/ack", "\xa1\x63seq\x03"), COAP_BAD_REQUEST);
    assert_word("malformed");
    assert_int_equal(SEND(COAP_POST, "passages/ack", "\xa2\x63seq\x03\x63mac\x41x"), COAP_BAD_REQUEST);
    assert_int_equal(portillon->journal.acked_seq, 0);
    assert_int_equal(send_ack(3, 0), COAP_CHANGED);
    assert_int_equal(send_ack(2, 1), COAP_CONFLICT); /* also what was acknowledged before */
    assert_int_equal(portillon->journal.acked_seq, 3);
}

static void a_place_that_cannot_be_read_is_not_acknowledged(void **state)
{
    (void)state;
    static const uint8_t zeros[JOURNAL_RECORD_LEN];
    log_events(5);
    const struct flash *flash = portillon->hardware->flash;
    assert_int_equal(
        flash->program(flash->ctx, portillon->journal.base + JOURNAL_RECORD_LEN * 4, zeros, sizeof zeros),
        ERR_OK);
    assert_int_equal(send_ack(4, 0), COAP_CONFLICT);
    assert_int_equal(send_ack(5, 0), COAP_CHANGED);
}

/* ---- meals at other gates ---- */

/* What counts as a meal is tested with a whole canteen: test_portillon_meals.c. This gate counts none. */
static void meals_told_are_answered_by_number(void **state)
{
    (void)state;
    uint32_t head_seq = portillon->journal.head_seq;
    assert_int_equal(SEND(COAP_POST, "meals",
                          "\xa2\x67service\x01\x65meals\x58\x18"
                          "12345678----abcdefgh----"),
                     COAP_CHANGED);
    assert_int_equal(number("not_now"), 2);
    static const char *const others[] = {"taken", "known", "later", "unlisted", "no_room"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(number(others[i]), 0);
    assert_int_equal(SEND(COAP_POST, "meals", "\xa2\x67service\x01\x65meals\x40"), COAP_CHANGED);
    assert_int_equal(number("not_now"), 0);
    assert_int_equal(portillon->journal.head_seq, head_seq);
}

static void meals_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    static const char too_many[2 + 8 + 1 + 6 + 2 + 17 * 12] = "\xa2\x67service\x01\x65meals\x58\xcc";
    assert_int_equal(SEND(COAP_POST, "meals",
                          "\xa2\x67service\x01\x65meals\x4b"
                          "12345678---"),
                     COAP_BAD_REQUEST);
    assert_word("malformed");
    assert_int_equal(SEND(COAP_POST, "meals", "\xa1\x67service\x01"), COAP_BAD_REQUEST);
    assert_int_equal(SEND(COAP_POST, "meals", "\xa1\x65meals\x40"), COAP_BAD_REQUEST);
    assert_int_equal(SEND(COAP_POST, "meals", "\xa2\x67service\x20\x65meals\x40"), COAP_BAD_REQUEST);
    assert_int_equal(send(COAP_POST, "meals", too_many, 1 + 9 + 6 + 2 + 17 * 12), COAP_BAD_REQUEST);
    assert_int_equal(send(COAP_POST, "meals", NULL, 0), COAP_BAD_REQUEST);
    assert_int_equal(get("meals", NULL), COAP_METHOD_NOT_ALLOWED);
}

static void an_idle_whitelist_says_so(void **state)
{
    (void)state;
    assert_int_equal(get("whitelist", NULL), COAP_CONTENT);
    assert_text("upload/state", "idle");
    CborValue value = value_of("running");
    assert_true(cbor_value_is_null(&value));
    value = value_of("upload/error");
    assert_true(cbor_value_is_null(&value));
    value = value_of("upload/digest");
    size_t len = 1;
    assert_int_equal(cbor_value_get_string_length(&value, &len), CborNoError);
    assert_int_equal(len, 0);
    assert_int_equal(get("whitelist/wanted", "from=0"), COAP_CONTENT);
    assert_int_equal(answer.payload_len, 1);
    assert_int_equal(answer.payload[0], 0x80);
}

static void what_is_wanted_is_told_in_runs(void **state)
{
    (void)state;
    static const uint8_t runs[] = {0x83, 0x82, 0, 1, 0x82, 2, 1, 0x82, 4, 2}; /* [[0, 1], [2, 1], [4, 2]] */
    struct whitelist *list = &portillon->whitelist;
    list->upload.state = WHITELIST_RECEIVING;
    list->slots[0].header.block_count = 6; /* without a list, the first slot is filled */
    list->blocks.have[0] = 1 << 1 | 1 << 3;
    assert_int_equal(get("whitelist/wanted", "from=0"), COAP_CONTENT);
    assert_int_equal(answer.payload_len, sizeof runs);
    assert_memory_equal(answer.payload, runs, sizeof runs);
    list->upload.state = WHITELIST_IDLE;
}

static void what_is_wanted_is_told_only_when_it_is_known(void **state)
{
    (void)state;
    static const enum whitelist_upload_state before[] = {WHITELIST_HEAD, WHITELIST_VERIFYING,
                                                         WHITELIST_PREPARING};
    assert_int_equal(get("whitelist/wanted", "from=x"), COAP_BAD_REQUEST);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        portillon->whitelist.upload.state = before[i];
        assert_int_equal(get("whitelist/wanted", "from=0"), COAP_UNAVAILABLE);
        assert_word("busy");
    }
    portillon->whitelist.upload.state = WHITELIST_IDLE;
}

static void a_head_out_of_place_is_incomplete_and_a_bad_one_refused(void **state)
{
    (void)state;
    uint8_t piece[64] = "not a list";
    assert_int_equal(put_piece("whitelist/head", NULL, 1, true, 2, piece, sizeof piece), COAP_INCOMPLETE);
    assert_int_equal(put_piece("whitelist/head", NULL, 0, true, 2, piece, 63), COAP_BAD_REQUEST);
    uint8_t code;
    for (int tries = 0;
         (code = put_piece("whitelist/head", NULL, 0, true, 2, piece, sizeof piece)) == COAP_UNAVAILABLE;
         tries++) {
        assert_true(tries < 1000);
        (void)whitelist_poll(&portillon->whitelist);
    }
    assert_int_equal(code, COAP_BAD_REQUEST);
    assert_word("malformed");
    assert_int_equal(get("whitelist", NULL), COAP_CONTENT);
    assert_text("upload/state", "refused");
    assert_text("upload/error", "malformed");
}

static struct whitelist_header header_of_this_site(void)
{
    struct whitelist_header header = {.version = 7,
                                      .bucket_count = 16 * WHITELIST_BUCKETS_PER_BLOCK,
                                      .block_count = 16,
                                      .profile_count = 1,
                                      .rule_slots = 1};
    memcpy(header.site_id, portillon->identity->site_id, sizeof header.site_id);
    header.head_len = whitelist_head_length(&header);
    return header;
}

enum { PIECE = 128 };

static uint8_t put_head_piece(uint32_t num, bool more, const uint8_t *piece, size_t len)
{
    uint8_t code = 0;
    for (int tries = 0; tries < 1000; tries++) {
        code = put_piece("whitelist/head", NULL, num, more, 3, piece, len);
        if (code != COAP_UNAVAILABLE)
            break;
        (void)whitelist_poll(&portillon->whitelist);
    }
    return code;
}

static void a_head_is_taken_in_pieces_and_checked_at_its_end(void **state)
{
    (void)state;
    const struct whitelist_header header = header_of_this_site();
    uint32_t whole = header.head_len + WHITELIST_SIGNATURE_LEN;
    uint8_t head[1024] = {0};
    assert_in_range(whole, 2 * PIECE + 1, sizeof head);
    whitelist_header_encode(&header, head);
    for (uint32_t at = 0; at + PIECE < whole; at += PIECE) {
        assert_int_equal(put_head_piece(at / PIECE, true, head + at, PIECE), COAP_CONTINUE);
        assert_int_equal(get("whitelist", NULL), COAP_CONTENT);
        assert_text("upload/state", "head");
    }
    uint32_t last = (whole - 1) / PIECE;
    assert_int_equal(put_head_piece(last, false, head + last * PIECE, whole - last * PIECE),
                     COAP_BAD_REQUEST);
    assert_word("bad_signature"); /* it is all zeros */
}

/* A signature that is well formed and wrong (r = s = 1, DER), so that its verification begins. */
static void a_head_given_up_while_it_is_verified_leaves_no_memory_taken(void **state)
{
    (void)state;
    static const uint8_t signature[] = {8, 0, 0x30, 6, 2, 1, 1, 2, 1, 1};
    const struct whitelist_header header = header_of_this_site();
    uint32_t whole = header.head_len + WHITELIST_SIGNATURE_LEN;
    uint8_t head[1024] = {0}, no_head[128] = {0};
    size_t before, now, most;
    struct identity identity = *portillon->identity;
    const struct identity sample = sample_identity(ZONE_BUILDING);
    memcpy(identity.site_key, sample.site_key, sizeof identity.site_key); /* a point of the curve */
    portillon->whitelist.identity = &identity;
    assert_in_range(whole, PIECE + 1, sizeof head);
    whitelist_header_encode(&header, head);
    memcpy(head + header.head_len, signature, sizeof signature);
    crypto_pool_usage(&before, &most);
    for (int round = 0; round < 3; round++) {
        for (uint32_t at = 0; at < whole; at += PIECE) {
            uint32_t left = whole - at;
            assert_int_equal(put_head_piece(at / PIECE, left > PIECE, head + at, left > PIECE ? PIECE : left),
                             left > PIECE ? COAP_CONTINUE : COAP_CHANGED);
        }
        assert_int_equal(get("whitelist", NULL), COAP_CONTENT);
        assert_text("upload/state", "verifying");
        crypto_pool_usage(&now, &most);
        assert_true(now > before);
        assert_int_equal(put_head_piece(0, true, no_head, sizeof no_head), COAP_BAD_REQUEST);
        crypto_pool_usage(&now, &most);
        assert_int_equal(now, before);
    }
}

static void a_head_that_ends_too_early_is_refused(void **state)
{
    (void)state;
    const struct whitelist_header header = header_of_this_site();
    uint8_t head[1024] = {0};
    whitelist_header_encode(&header, head);
    assert_int_equal(put_head_piece(0, false, head, PIECE), COAP_BAD_REQUEST);
    assert_word("wrong_count");
}

static void a_block_nobody_waits_for_is_put_off_and_a_misshapen_one_refused(void **state)
{
    (void)state;
    static const uint8_t piece[1024];
    assert_int_equal(put_piece("whitelist/block", "n=0", 0, true, 6, piece, 1024), COAP_UNAVAILABLE);
    assert_word("busy");
    assert_int_equal(put_piece("whitelist/block", "n=0", 0, true, 5, piece, 512), COAP_BAD_REQUEST);
    assert_int_equal(put_piece("whitelist/block", "n=0", 0, true, 6, piece, 1023), COAP_BAD_REQUEST);
    assert_int_equal(put_piece("whitelist/block", NULL, 0, true, 6, piece, 1024), COAP_BAD_REQUEST);
    begin(COAP_PUT, "whitelist/block", "n=0");
    assert_int_equal(finish(piece, 1024), COAP_BAD_REQUEST);
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
        cmocka_unit_test_setup(the_clock_is_set_and_read, start),
        cmocka_unit_test_setup(maintenance_corrects_the_clock_by_minutes, start),
        cmocka_unit_test_setup(a_day_gone_back_to_is_no_new_day_for_corrections, start),
        cmocka_unit_test_setup(a_technician_sets_any_time, start),
        cmocka_unit_test_setup(a_clock_that_stood_still_without_power_is_only_set_forwards, start),
        cmocka_unit_test_setup(what_was_set_is_logged_with_role_and_values, start),
        cmocka_unit_test_setup(what_is_no_time_is_refused, start),
        cmocka_unit_test_setup(a_payload_of_another_format_is_refused, start),
        cmocka_unit_test_setup(unknown_paths_and_methods_are_told_apart, start),
        cmocka_unit_test_setup(the_technicians_resources_are_not_maintenances, start),
        cmocka_unit_test_setup(a_technician_changes_some_settings_and_the_rest_stays, start),
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
        cmocka_unit_test_setup(passages_come_in_pages_until_the_head, start),
        cmocka_unit_test_setup(nothing_new_is_an_empty_page_that_says_so, start),
        cmocka_unit_test_setup(unreadable_places_are_named_and_do_not_end_the_reading, start),
        cmocka_unit_test_setup(a_failing_chip_is_an_error_not_an_empty_page, start),
        cmocka_unit_test_setup(an_acknowledgement_moves_the_mark_and_not_beyond_the_head, start),
        cmocka_unit_test_setup(an_acknowledgement_quotes_the_record_it_is_for, start),
        cmocka_unit_test_setup(a_place_that_cannot_be_read_is_not_acknowledged, start),
        cmocka_unit_test_setup(meals_told_are_answered_by_number, start),
        cmocka_unit_test_setup(meals_that_make_no_sense_are_refused, start),
        cmocka_unit_test_setup(an_idle_whitelist_says_so, start),
        cmocka_unit_test_setup(what_is_wanted_is_told_in_runs, start),
        cmocka_unit_test_setup(what_is_wanted_is_told_only_when_it_is_known, start),
        cmocka_unit_test_setup(a_head_out_of_place_is_incomplete_and_a_bad_one_refused, start),
        cmocka_unit_test_setup(a_head_is_taken_in_pieces_and_checked_at_its_end, start),
        cmocka_unit_test_setup(a_head_given_up_while_it_is_verified_leaves_no_memory_taken, start),
        cmocka_unit_test_setup(a_head_that_ends_too_early_is_refused, start),
        cmocka_unit_test_setup(a_block_nobody_waits_for_is_put_off_and_a_misshapen_one_refused, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
