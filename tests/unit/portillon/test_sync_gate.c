/* SPDX-License-Identifier: Apache-2.0 */
/* How a gate of `portillon sync` is told, and the lines of the file `ports`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tools/portillon/common/command.h"
#include "tools/portillon/common/interrupt.h"
#include "tools/portillon/sync/sync_gate.h"
#include "tools/portillon/sync/sync_plan.h"

static struct sync_place place = {.device = "nord", .port = "/dev/ttyUSB0"};
static struct sync_gate gate;
static struct sync_plan plan;
static char line[SYNC_LINE_SIZE], said[SYNC_LINE_SIZE];

static void hear(void *ctx, enum command_message kind, const char *message)
{
    (void)ctx;
    (void)kind;
    snprintf(said, sizeof said, "%s", message);
}

static int start(void **state)
{
    (void)state;
    gate = (struct sync_gate){.place = &place, .fd = -1};
    plan = (struct sync_plan){.count = 2,
                              .places = {{.device = "nord", .port = "/dev/portillon-nord", .is_guess = true},
                                         {.device = "sud", .port = "/dev/portillon-sud", .is_guess = true}}};
    said[0] = '\0';
    command_listen(hear, NULL);
    return 0;
}

static void tell(int kind, const char *text, uint64_t done, uint64_t total)
{
    struct sync_message message = {.kind = kind, .done = done, .total = total};
    snprintf(message.text, sizeof message.text, "%s", text);
    assert_false(sync_gate_take(&gate, &message));
}

static void tell_result(struct sync_result result)
{
    assert_true(sync_gate_take(&gate, &(struct sync_message){.kind = SYNC_RESULT, .result = result}));
}

static void a_step_is_told_with_its_bar(void **state)
{
    (void)state;
    sync_gate_describe_step(&gate, line);
    assert_string_equal(line, "starting");
    tell(SYNC_STEP, "passages", 0, 0);
    sync_gate_describe_step(&gate, line);
    assert_string_equal(line, "passages");
    tell(SYNC_PROGRESS, "", 500, 1000);
    sync_gate_describe_step(&gate, line);
    assert_string_equal(line, "passages [############............] 50%");
    tell(SYNC_STEP, "list", 0, 0);
    sync_gate_describe_step(&gate, line);
    assert_string_equal(line, "list");
}

static void a_visit_is_told_in_a_line(void **state)
{
    (void)state;
    tell_result((struct sync_result){.was_reached = true,
                                     .list_version = 3,
                                     .list_cards = 1,
                                     .list_was_sent = true,
                                     .stored = 5,
                                     .granted = 2,
                                     .refused = 1,
                                     .wishes_brought = 1,
                                     .wishes_open = 2,
                                     .has_clock = true,
                                     .clock_was_set = true,
                                     .clock_off_s = -12});
    sync_gate_describe(&gate, line);
    assert_string_equal(
        line, "up to date: list 3 sent, 1 card; 5 new records (2 granted, 1 refused); 1 group turned as "
              "wished; 2 groups not yet as wished; its clock was 12 s behind this computer's, and was set");
    assert_true(sync_gate_is_well(&gate));
}

static void changes_that_were_sent_are_told_as_such(void **state)
{
    (void)state;
    tell_result((struct sync_result){.was_reached = true,
                                     .list_version = 3,
                                     .list_cards = 250,
                                     .list_was_sent = true,
                                     .list_as_changes = true});
    sync_gate_describe(&gate, line);
    assert_string_equal(line, "up to date: changes sent for list 3, 250 cards; 0 new records");
}

static void a_failure_says_what_to_do(void **state)
{
    (void)state;
    tell(SYNC_FAILURE, "no answer: is the gate powered?", 0, 0);
    tell_result((struct sync_result){.status = COMMAND_FAILED});
    sync_gate_describe(&gate, line);
    assert_string_equal(line, "FAILED: no answer: is the gate powered?");
    tell_result((struct sync_result){.was_reached = true});
    sync_gate_describe(&gate, line);
    assert_string_equal(line, "up to date: NO LIST; 0 new records");
}

static void a_process_that_dies_is_a_failure(void **state)
{
    (void)state;
    sync_gate_end(&gate, 9); /* as waitpid tells SIGKILL */
    sync_gate_describe(&gate, line);
    assert_string_equal(line, "FAILED: its process was ended by signal 9: sync again");
    assert_false(sync_gate_is_well(&gate));
}

static void passages_alone_are_news_once_a_minute(void **state)
{
    const struct sync_result some = {.was_reached = true, .list_version = 1, .list_cards = 2, .stored = 3};
    (void)state;
    tell_result(some);
    assert_true(sync_gate_news(&gate, 1000000, line));
    tell_result(some);
    assert_false(sync_gate_news(&gate, 2000000, line));
    tell_result(some);
    assert_true(sync_gate_news(&gate, 61000000, line));
    assert_string_equal(line, "up to date: list 1, 2 cards; 6 new records");
    assert_int_equal(gate.passages, 9);
}

static int take(const char *text)
{
    return sync_plan_take_text(&plan, "sync", "ports", text, strlen(text));
}

static void the_file_names_the_lines(void **state)
{
    (void)state;
    assert_int_equal(take("# remark\n\n nord  /dev/ttyUSB0 \r\nsud -"), COMMAND_OK);
    assert_string_equal(plan.places[0].port, "/dev/ttyUSB0");
    assert_false(plan.places[0].is_guess);
    assert_true(plan.places[1].is_left_out);
    assert_int_equal(sync_plan_take_option(&plan, "sync", "sud=udp:server:7000"), COMMAND_OK);
    assert_string_equal(plan.places[1].port, "udp:server:7000");
    assert_false(plan.places[1].is_left_out);
    assert_int_equal(sync_plan_check(&plan, "sync"), COMMAND_OK);
}

static void a_wrong_line_is_told(void **state)
{
    static const char *const wrong[] = {"nord", "nord a b", "nrod /dev/ttyUSB0", "nord a\nnord b"};
    static const char *const told[] = {
        "sync: ports:1: the device is missing or too long; a line is \"GATE DEV\"",
        "sync: ports:1: there is more than a gate and its device",
        "sync: ports:1: nrod: no such gate is registered; did you mean nord?",
        "sync: ports:2: this gate has a line already"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        start(NULL);
        assert_int_equal(take(wrong[i]), COMMAND_FAILED);
        assert_string_equal(said, told[i]);
    }
    start(NULL);
    assert_int_equal(sync_plan_take_text(&plan, "sync", "ports", "nord a\0b", 8), COMMAND_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_step_is_told_with_its_bar, start),
        cmocka_unit_test_setup(a_visit_is_told_in_a_line, start),
        cmocka_unit_test_setup(changes_that_were_sent_are_told_as_such, start),
        cmocka_unit_test_setup(a_failure_says_what_to_do, start),
        cmocka_unit_test_setup(a_process_that_dies_is_a_failure, start),
        cmocka_unit_test_setup(passages_alone_are_news_once_a_minute, start),
        cmocka_unit_test_setup(the_file_names_the_lines, start),
        cmocka_unit_test_setup(a_wrong_line_is_told, start),
    };
    return cmocka_run_group_tests_name("sync_gate", tests, NULL, NULL);
}
