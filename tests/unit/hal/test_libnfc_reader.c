/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The adapter against scripted processes: this program starts itself in place of portillon-reader, with
 * "fake:SCRIPT:FILE" as connection string. FILE grows by one byte a start, so a script knows which run it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hal/libnfc/libnfc_reader.h"

static const struct reader_target card = {
    .uid = {0x04, 0xED, 0x0B, 0x11}, .uid_len = 4, .atqa = {0, 4}, .sak = 8};

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

/* ---- the scripts: what the child does ---- */

static void say(struct libnfc_link_message message)
{
    uint8_t wire[LIBNFC_LINK_SIZE];
    if (message.time_us == 0)
        message.time_us = now_us();
    if (libnfc_link_encode(&message, wire) != ERR_OK ||
        send(LIBNFC_LINK_FD, wire, sizeof wire, MSG_NOSIGNAL) < 0)
        exit(9);
}

static void say_ready(void)
{
    say((struct libnfc_link_message){.kind = LIBNFC_LINK_READY, .text = "a fake reader"});
}

static void say_card(void)
{
    say((struct libnfc_link_message){.kind = LIBNFC_LINK_CARD, .card = 1, .target = card});
}

static void say_beside(enum libnfc_link_kind kind, uint32_t number)
{
    struct reader_target target = card;
    target.uid[0] = (uint8_t)number;
    say((struct libnfc_link_message){.kind = kind, .card = number, .target = target});
}

static void say_empty(void)
{
    say((struct libnfc_link_message){.kind = LIBNFC_LINK_EMPTY});
}

static void say_raw(size_t len, uint8_t first)
{
    uint8_t bytes[LIBNFC_LINK_SIZE * 2];
    memset(bytes, first, sizeof bytes);
    if (send(LIBNFC_LINK_FD, bytes, len, MSG_NOSIGNAL) < 0)
        exit(9);
}

static uint32_t hear_request(struct libnfc_link_message *request)
{
    uint8_t wire[LIBNFC_LINK_SIZE];
    ssize_t len = recv(LIBNFC_LINK_FD, wire, sizeof wire, 0);
    if (len <= 0 || libnfc_link_decode(wire, (size_t)len, request) != ERR_OK)
        exit(9);
    return request->exchange;
}

static void answer_backwards(const struct libnfc_link_message *request)
{
    struct libnfc_link_message answer = {
        .kind = LIBNFC_LINK_ANSWER, .exchange = request->exchange, .data_len = request->data_len};
    for (size_t i = 0; i < request->data_len; i++)
        answer.data[i] = request->data[request->data_len - 1 - i];
    say(answer);
}

static _Noreturn void beat_forever(void)
{
    for (;;) {
        say((struct libnfc_link_message){.kind = LIBNFC_LINK_BEAT});
        usleep(LIBNFC_LINK_BEAT_MS * 1000);
    }
}

static _Noreturn void hang(void)
{
    for (;;)
        pause();
}

static _Noreturn void die_by_abort(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    signal(SIGABRT, SIG_DFL);
    abort();
}

static int count_inherited_descriptors(void)
{
    int count = 0;
    for (int fd = LIBNFC_LINK_FD + 1; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static _Noreturn void play(const char *script, long run)
{
    struct libnfc_link_message request, other = {.kind = LIBNFC_LINK_ANSWER};
    bool first = run == 1;
#define SCRIPT(name) if (strcmp(script, name) == 0)
    SCRIPT("card")
    {
        say_ready(), say_card();
    }
    SCRIPT("a card comes and goes beside another")
    {
        say_ready(), say_card();
        say_beside(LIBNFC_LINK_CARD, 2), say_beside(LIBNFC_LINK_GONE, 2);
    }
    SCRIPT("the older of two cards leaves")
    {
        say_ready(), say_card();
        say_beside(LIBNFC_LINK_CARD, 2), say_beside(LIBNFC_LINK_GONE, 1);
        hear_request(&request);
        if (request.card == 2)
            answer_backwards(&request);
    }
    SCRIPT("a card leaves before ready once")
    {
        if (first)
            say_beside(LIBNFC_LINK_GONE, 1);
        say_ready();
    }
    SCRIPT("card from the future")
    {
        say_ready();
        say((struct libnfc_link_message){
            .kind = LIBNFC_LINK_CARD, .card = 1, .target = card, .time_us = now_us() + 60000000});
    }
    SCRIPT("abort once")
    {
        say_ready();
        if (first)
            die_by_abort();
    }
    SCRIPT("abort with a card, which stays")
    {
        say_ready(), say_card();
        if (first)
            die_by_abort();
    }
    SCRIPT("hang once")
    {
        say_ready();
        if (first)
            hang();
    }
    SCRIPT("slow open")
    {
        usleep(2500000);
        say_ready();
    }
    SCRIPT("never opens")
    {
        hang();
    }
    SCRIPT("no reader")
    {
        say((struct libnfc_link_message){.kind = LIBNFC_LINK_FAULT, .text = "no reader found"});
        exit(1);
    }
    SCRIPT("fault, then well again")
    {
        say_ready();
        say((struct libnfc_link_message){.kind = LIBNFC_LINK_FAULT, .text = "reader error: bad answer"});
        say_ready(), say_card();
    }
    SCRIPT("short packet once")
    {
        say_ready();
        if (first)
            say_raw(7, 1);
    }
    SCRIPT("long packet once")
    {
        say_ready();
        if (first)
            say_raw(LIBNFC_LINK_SIZE + 1, 1);
    }
    SCRIPT("noise once")
    {
        say_ready();
        if (first)
            say_raw(LIBNFC_LINK_SIZE, 0xFF);
    }
    SCRIPT("request from below once")
    {
        say_ready();
        if (first)
            say((struct libnfc_link_message){.kind = LIBNFC_LINK_EXCHANGE, .data_len = 1});
    }
    SCRIPT("card before ready once")
    {
        if (first)
            say_card();
        say_ready();
    }
    SCRIPT("closes its end once")
    {
        say_ready();
        if (first) {
            close(LIBNFC_LINK_FD);
            hang();
        }
    }
    SCRIPT("flood")
    {
        say_ready();
        for (;;)
            say((struct libnfc_link_message){.kind = LIBNFC_LINK_BEAT});
    }
    SCRIPT("echo")
    {
        say_ready(), say_card();
        for (;;) {
            hear_request(&request);
            answer_backwards(&request);
        }
    }
    SCRIPT("refuse")
    {
        say_ready(), say_card();
        other.exchange = hear_request(&request);
        other.result = ERR_NOT_FOUND;
        say(other);
    }
    SCRIPT("answer late, then in time")
    {
        say_ready(), say_card();
        hear_request(&request);
        usleep(120000);
        answer_backwards(&request);
        hear_request(&request);
        answer_backwards(&request);
    }
    SCRIPT("card leaves in an exchange")
    {
        say_ready(), say_card();
        other.exchange = hear_request(&request);
        say_empty();
        other.result = ERR_NOT_FOUND;
        say(other);
    }
    SCRIPT("abort in an exchange")
    {
        say_ready(), say_card();
        hear_request(&request);
        if (first)
            die_by_abort();
    }
    SCRIPT("chatter in an exchange")
    {
        say_ready(), say_card();
        hear_request(&request);
        for (int i = 0; i < 20 && first; i++)
            say_card();
    }
    SCRIPT("count descriptors")
    {
        struct libnfc_link_message ready = {.kind = LIBNFC_LINK_READY};
        snprintf(ready.text, sizeof ready.text, "%d inherited", count_inherited_descriptors());
        say(ready);
    }
    beat_forever();
}

static int run_script(const char *connstring)
{
    char script[64], file[256];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (sscanf(connstring, "fake:%63[^:]:%255s", script, file) != 2)
        return 8;
    int fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
    struct stat size;
    if (fd < 0 || write(fd, ".", 1) != 1 || fstat(fd, &size) < 0)
        return 8;
    close(fd);
    play(script, (long)size.st_size);
}

/* ---- the tests: what the gate sees ---- */

struct fixture {
    struct libnfc_reader reader;
    char counter[32];
    char connstring[128];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof fixture);
    snprintf(fixture.counter, sizeof fixture.counter, "/tmp/test_libnfc.XXXXXX");
    int fd = mkostemp(fixture.counter, O_CLOEXEC);
    close(fd);
    *state = &fixture;
    return fd < 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    libnfc_reader_close(&fixture->reader);
    unlink(fixture->counter);
    return 0;
}

static void start(struct fixture *fixture, const char *script)
{
    snprintf(fixture->connstring, sizeof fixture->connstring, "fake:%s:%s", script, fixture->counter);
    assert_int_equal(libnfc_reader_open(&fixture->reader, "/proc/self/exe", fixture->connstring), ERR_OK);
}

static long count_starts(const struct fixture *fixture)
{
    struct stat size;
    assert_int_equal(stat(fixture->counter, &size), 0);
    return (long)size.st_size;
}

/* Waits as the loop of the gate does: it sleeps until the reader has a report or must be called. */
static int next_report(struct fixture *fixture, struct reader_report *report, int limit_ms)
{
    struct reader *reader = &fixture->reader.reader;
    for (uint64_t end_us = now_us() + (uint64_t)limit_ms * 1000; now_us() < end_us;) {
        uint64_t before_us = now_us();
        int told = reader->poll(reader->ctx, report);
        assert_true(now_us() - before_us < 500000); /* prompt, on a machine busy with other tests */
        if (told)
            return told;
        struct pollfd readable = {.fd = libnfc_reader_fd(&fixture->reader), .events = POLLIN};
        int wait_ms = libnfc_reader_wait_ms(&fixture->reader);
        poll(&readable, 1, wait_ms < limit_ms ? wait_ms : limit_ms);
    }
    return 0;
}

static void expect(struct fixture *fixture, enum reader_event event, const char *text)
{
    struct reader_report report;
    if (!next_report(fixture, &report, 3000))
        fail_msg("no report within 3 s; expected event %d", event);
    if (report.event != event)
        fail_msg("event %d \"%s\" instead of %d", report.event, report.text, event);
    if (text)
        assert_string_equal(report.text, text);
}

static void expect_silence(struct fixture *fixture, int limit_ms)
{
    struct reader_report report;
    if (next_report(fixture, &report, limit_ms))
        fail_msg("event %d \"%s\" instead of silence", report.event, report.text);
}

static int exchange(struct fixture *fixture, const char *text, uint8_t *rx, size_t rx_size)
{
    struct reader *reader = &fixture->reader.reader;
    return reader->exchange(reader->ctx, (const uint8_t *)text, strlen(text), rx, rx_size);
}

static void a_reader_that_answers_is_reported_up_by_name(void **state)
{
    start(*state, "card");
    expect(*state, READER_UP, "a fake reader");
}

static void a_card_is_reported_with_what_was_read_and_when(void **state)
{
    struct reader_report report;
    uint64_t before_us = now_us();
    start(*state, "card");
    expect(*state, READER_UP, NULL);
    assert_int_equal(next_report(*state, &report, 1000), 1);
    assert_int_equal(report.event, READER_CARD);
    assert_memory_equal(&report.target, &card, sizeof card);
    assert_true(report.seen_us >= before_us && report.seen_us <= now_us());
}

static void each_card_is_reported_when_it_comes_and_when_it_leaves(void **state)
{
    struct reader_report report;
    start(*state, "a card comes and goes beside another");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_CARD, NULL);
    assert_int_equal(next_report(*state, &report, 1000), 1);
    assert_int_equal(report.event, READER_CARD);
    assert_int_equal(report.target.uid[0], 2);
    assert_int_equal(next_report(*state, &report, 1000), 1);
    assert_int_equal(report.event, READER_GONE);
    assert_int_equal(report.target.uid[0], 2);
    uint8_t rx[8];
    assert_int_equal(exchange(*state, "abcd", rx, sizeof rx), ERR_NOT_FOUND);
}

static void an_exchange_reaches_the_newest_card_when_another_leaves(void **state)
{
    uint8_t rx[8];
    start(*state, "the older of two cards leaves");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_CARD, NULL);
    expect(*state, READER_CARD, NULL);
    expect(*state, READER_GONE, NULL);
    assert_int_equal(exchange(*state, "abcd", rx, sizeof rx), 4);
}

static void a_time_that_cannot_be_is_replaced(void **state)
{
    struct reader_report report;
    start(*state, "card from the future");
    expect(*state, READER_UP, NULL);
    assert_int_equal(next_report(*state, &report, 1000), 1);
    assert_true(report.seen_us <= now_us());
}

static void an_abort_is_reported_and_the_reader_restarted_at_once(void **state)
{
    start(*state, "abort once");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_DOWN, "reader process ended by signal 6 (SIGABRT)");
    struct fixture *fixture = *state;
    assert_int_equal(libnfc_reader_wait_ms(&fixture->reader), 0);
    expect(fixture, READER_UP, "a fake reader");
    expect_silence(*state, 300);
}

static void a_hang_is_noticed_within_one_second(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, "hang once");
    expect(fixture, READER_UP, NULL);
    uint64_t hung_us = now_us();
    pid_t hung = fixture->reader.pid;
    expect(fixture, READER_DOWN, "no answer for 1 s");
    assert_true(now_us() - hung_us < 1000000);
    expect(fixture, READER_UP, NULL);
    assert_int_equal(kill(hung, 0), -1);
}

static void a_slow_open_is_not_a_hang(void **state)
{
    start(*state, "slow open");
    expect(*state, READER_UP, "a fake reader");
}

static void an_open_that_never_ends_is_given_up(void **state)
{
    struct reader_report report;
    start(*state, "never opens");
    assert_int_equal(next_report(*state, &report, 5000), 1);
    assert_int_equal(report.event, READER_DOWN);
    assert_string_equal(report.text, "reader did not open within 4 s");
}

static void a_missing_reader_is_reported_once_and_tried_again_ever_more_slowly(void **state)
{
    start(*state, "no reader");
    expect(*state, READER_DOWN, "no reader found");
    expect_silence(*state, 1000);
    /* at 0, 0, 100, 300, 700 ms; the machine may be slow, never fast */
    long starts = count_starts(*state);
    assert_true(starts >= 3 && starts <= 5);
}

static void a_fault_that_heals_is_one_down_and_one_up(void **state)
{
    start(*state, "fault, then well again");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_DOWN, "reader error: bad answer");
    expect(*state, READER_UP, "a fake reader");
    expect(*state, READER_CARD, NULL);
    assert_int_equal(count_starts(*state), 1);
}

static void nonsense_gets_the_process_replaced(void **state)
{
    static const char *const scripts[] = {"short packet once", "long packet once", "noise once",
                                          "request from below once"};
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        start(*state, scripts[i]);
        expect(*state, READER_UP, NULL);
        expect(*state, READER_DOWN, "reader process sent nonsense");
        expect(*state, READER_UP, NULL);
        tear_down(state);
        set_up(state);
    }
    start(*state, "card before ready once");
    expect(*state, READER_DOWN, "reader process sent nonsense");
    expect(*state, READER_UP, NULL);
}

static void a_card_that_leaves_before_the_reader_is_up_is_nonsense(void **state)
{
    start(*state, "a card leaves before ready once");
    expect(*state, READER_DOWN, "reader process sent nonsense");
    expect(*state, READER_UP, NULL);
}

static void a_process_that_hangs_up_but_lives_is_killed(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, "closes its end once");
    expect(fixture, READER_UP, NULL);
    pid_t first = fixture->reader.pid;
    expect(fixture, READER_DOWN, NULL);
    expect(fixture, READER_UP, NULL);
    assert_int_equal(kill(first, 0), -1);
}

static void a_flood_does_not_hold_the_gate_up(void **state)
{
    start(*state, "flood");
    expect(*state, READER_UP, NULL);
    expect_silence(*state, 300); /* next_report checks that each poll returns promptly */
}

static void a_card_held_across_a_restart_is_not_an_empty_field(void **state)
{
    start(*state, "abort with a card, which stays");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_CARD, NULL);
    expect(*state, READER_DOWN, NULL);
    expect(*state, READER_UP, NULL);
    expect(*state, READER_CARD, NULL);
    expect_silence(*state, 300);
}

static void an_exchange_returns_what_the_card_said(void **state)
{
    uint8_t rx[8];
    start(*state, "echo");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_CARD, NULL);
    assert_int_equal(exchange(*state, "abcd", rx, sizeof rx), 4);
    assert_memory_equal(rx, "dcba", 4);
    assert_int_equal(exchange(*state, "too long", rx, 3), ERR_NO_SPACE);
    assert_int_equal(exchange(*state, "ab", rx, sizeof rx), 2);
}

static void an_exchange_without_a_card_finds_none(void **state)
{
    uint8_t rx[8];
    start(*state, "abort once");
    assert_int_equal(exchange(*state, "abcd", rx, sizeof rx), ERR_IO); /* not open yet */
    expect(*state, READER_UP, NULL);
    assert_int_equal(exchange(*state, "abcd", rx, sizeof rx), ERR_NOT_FOUND);
    assert_int_equal(exchange(*state, "", rx, sizeof rx), ERR_ARGUMENT);
}

static void an_exchange_with_a_card_that_left_finds_none(void **state)
{
    uint8_t rx[8];
    start(*state, "refuse");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_CARD, NULL);
    assert_int_equal(exchange(*state, "abcd", rx, sizeof rx), ERR_NOT_FOUND);
}

static void an_exchange_ends_after_50_ms_and_its_late_answer_is_not_taken_for_the_next(void **state)
{
    uint8_t rx[8];
    start(*state, "answer late, then in time");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_CARD, NULL);
    uint64_t before_us = now_us();
    assert_int_equal(exchange(*state, "1111", rx, sizeof rx), ERR_TIMEOUT);
    assert_in_range(now_us() - before_us, 50000, 110000);
    usleep(100000);
    assert_int_equal(exchange(*state, "2345", rx, sizeof rx), 4);
    assert_memory_equal(rx, "5432", 4);
}

static void what_is_seen_during_an_exchange_is_reported_after_it(void **state)
{
    uint8_t rx[8];
    start(*state, "card leaves in an exchange");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_CARD, NULL);
    assert_int_equal(exchange(*state, "abcd", rx, sizeof rx), ERR_NOT_FOUND);
    expect(*state, READER_EMPTY, NULL);
    assert_int_equal(exchange(*state, "abcd", rx, sizeof rx), ERR_NOT_FOUND);
}

static void an_abort_during_an_exchange_is_reported_after_it(void **state)
{
    uint8_t rx[8];
    start(*state, "abort in an exchange");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_CARD, NULL);
    assert_int_equal(exchange(*state, "abcd", rx, sizeof rx), ERR_IO);
    expect(*state, READER_DOWN, "reader process ended by signal 6 (SIGABRT)");
    expect(*state, READER_UP, NULL);
}

static void chatter_during_an_exchange_gets_the_process_replaced(void **state)
{
    uint8_t rx[8];
    struct reader_report report;
    int cards = 0;
    start(*state, "chatter in an exchange");
    expect(*state, READER_UP, NULL);
    expect(*state, READER_CARD, NULL);
    assert_int_equal(exchange(*state, "abcd", rx, sizeof rx), ERR_IO);
    for (;;) {
        assert_int_equal(next_report(*state, &report, 1000), 1);
        if (report.event != READER_CARD)
            break;
        cards++;
    }
    assert_true(cards < LIBNFC_READER_HELD_MAX);
    assert_int_equal(report.event, READER_DOWN);
    assert_string_equal(report.text, "reader process sent nonsense");
    expect(*state, READER_UP, NULL);
}

static void the_process_inherits_no_descriptor_of_the_gate(void **state)
{
    int flash = open("/dev/null", O_RDONLY); /* without close-on-exec, as a careless board might */
    int high = fcntl(flash, F_DUPFD, 200);
    start(*state, "count descriptors");
    expect(*state, READER_UP, "0 inherited");
    close(flash);
    close(high);
}

static void close_leaves_no_process_behind(void **state)
{
    struct fixture *fixture = *state;
    start(fixture, "hang once");
    expect(fixture, READER_UP, NULL);
    libnfc_reader_close(&fixture->reader);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(libnfc_reader_fd(&fixture->reader), -1);
    libnfc_reader_close(&fixture->reader); /* has no effect */
}

static void a_missing_program_is_said_at_once(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(libnfc_reader_open(&fixture->reader, "/nonexistent/portillon-reader", "auto"),
                     ERR_NOT_FOUND);
}

static void a_program_that_cannot_run_is_reported(void **state)
{
    struct fixture *fixture = *state;
    chmod(fixture->counter, 0700);
    /* execve refuses an empty file, and no shell runs it instead. */
    assert_int_equal(libnfc_reader_open(&fixture->reader, fixture->counter, "auto"), ERR_OK);
    expect(fixture, READER_DOWN, "reader process could not be started");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
    if (argc == 2 && strncmp(argv[1], "fake:", 5) == 0)
        return run_script(argv[1]);
    const struct CMUnitTest tests[] = {
        TEST(a_reader_that_answers_is_reported_up_by_name),
        TEST(a_card_is_reported_with_what_was_read_and_when),
        TEST(each_card_is_reported_when_it_comes_and_when_it_leaves),
        TEST(an_exchange_reaches_the_newest_card_when_another_leaves),
        TEST(a_time_that_cannot_be_is_replaced),
        TEST(an_abort_is_reported_and_the_reader_restarted_at_once),
        TEST(a_hang_is_noticed_within_one_second),
        TEST(a_slow_open_is_not_a_hang),
        TEST(an_open_that_never_ends_is_given_up),
        TEST(a_missing_reader_is_reported_once_and_tried_again_ever_more_slowly),
        TEST(a_fault_that_heals_is_one_down_and_one_up),
        TEST(nonsense_gets_the_process_replaced),
        TEST(a_card_that_leaves_before_the_reader_is_up_is_nonsense),
        TEST(a_process_that_hangs_up_but_lives_is_killed),
        TEST(a_flood_does_not_hold_the_gate_up),
        TEST(a_card_held_across_a_restart_is_not_an_empty_field),
        TEST(an_exchange_returns_what_the_card_said),
        TEST(an_exchange_without_a_card_finds_none),
        TEST(an_exchange_with_a_card_that_left_finds_none),
        TEST(an_exchange_ends_after_50_ms_and_its_late_answer_is_not_taken_for_the_next),
        TEST(what_is_seen_during_an_exchange_is_reported_after_it),
        TEST(an_abort_during_an_exchange_is_reported_after_it),
        TEST(chatter_during_an_exchange_gets_the_process_replaced),
        TEST(the_process_inherits_no_descriptor_of_the_gate),
        TEST(close_leaves_no_process_behind),
        TEST(a_missing_program_is_said_at_once),
        TEST(a_program_that_cannot_run_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
