/* SPDX-License-Identifier: Apache-2.0 */
/* The PN532 driver on a scripted line: lost and damaged frames, the reset line, the speed of the line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hal/pn532/pn532.h"
#include "tests/fakes/fake_timer.h"
#include "tests/fakes/pn532_bench.h"

#define NACK "0000FFFF0000"

static uint64_t line_baud_us;

static int set_baud(void *ctx, uint32_t baud)
{
    (void)ctx;
    line_baud = baud;
    line_baud_us = timer.now_us;
    return ERR_OK;
}

/* ---- trouble on the line ---- */

static void a_lost_ack_costs_a_resend(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    wait_ms(79);
    host_wrote("");
    wait_ms(3);
    host_wrote(LIST);
    chip_sends(ACK CLASSIC);
    assert_poll(READER_CARD);
}

/* A late poll is not counted as a fault of the chip. */
static void a_late_poll_gives_the_chip_another_moment(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    wait_ms(300);
    host_wrote("");
    wait_ms(19);
    host_wrote("");
    chip_sends(ACK CLASSIC);
    assert_poll(READER_CARD);
}

/* If every poll is late, the chip is at fault. */
static void grace_has_an_end(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    wait_ms(300);
    wait_ms(300);
    host_wrote("");
    wait_ms(300);
    host_wrote(LIST);
}

static void an_answer_without_its_ack_is_taken(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    chip_sends(CLASSIC);
    assert_poll(READER_CARD);
}

static void noise_before_the_ack_is_skipped(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    chip_sends("A5005AFF13" ACK CLASSIC);
    assert_poll(READER_CARD);
}

static void a_damaged_answer_is_asked_for_again(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    chip_sends(ACK "0000FF0CF4D54B010100040804 04ED0B12 C100");
    quiet_poll();
    host_wrote(NACK);
    chip_sends(CLASSIC);
    assert_poll(READER_CARD);
    assert_hex(report.target.uid, report.target.uid_len, "04ED0B11");
}

static void a_cut_answer_is_asked_for_again(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    chip_sends(ACK "0000FF0CF4D54B0101");
    quiet_poll();
    wait_ms(29);
    host_wrote("");
    wait_ms(2);
    host_wrote(NACK);
    chip_sends(CLASSIC);
    assert_poll(READER_CARD);
}

static void an_answer_to_another_command_is_none(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    chip_sends(ACK FIELD_DONE);
    quiet_poll();
    host_wrote(NACK);
    chip_sends(CLASSIC);
    assert_poll(READER_CARD);
}

static void an_answer_that_has_begun_is_waited_for(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    chip_sends(ACK "00FF03FC 0000FF0CF4D54B0101000408");
    quiet_poll();
    host_wrote("");
    chip_sends("04 04ED0B11 C100");
    assert_poll(READER_CARD);
}

/* An answer that was requested again may arrive twice. The second must not be taken for the answer to
 * the next command. */
static void an_answer_that_comes_twice_counts_once(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    chip_sends(ACK "00FF03FC"); /* noise that looks like a damaged answer */
    quiet_poll();
    host_wrote(NACK);
    chip_sends(CLASSIC);
    assert_poll(READER_CARD);
    wait_ms(10);
    host_wrote(ACK HALT);
    chip_sends(CLASSIC);
    quiet_poll();
    chip_sends(ACK HALTED);
    quiet_poll();
    answer(LIST, CLASSIC);
}

static void ack_then_silence_wakes_the_chip_anew(void **state)
{
    (void)state;
    reach_card(DESFIRE);
    look(NO_CARD);
    host_wrote(FIELD_OFF);
    chip_sends(ACK);
    quiet_poll();
    wait_ms(99);
    host_wrote("");
    wait_ms(2);
    wake();
    answer(ACK "0000FF03FDD4140117 00", "0000FF02FED51516 00");
    answer("0000FF02FED4022A00", "0000FF06FAD50332010607E800");
    set_up_rest();
    answer(LIST, DESFIRE); /* the same card: no report */
    wait_ms(10);
    host_wrote(HALT);
}

static void fail_until_down(void)
{
    for (int i = 0; i < 1000; i++) {
        fake_timer_advance_ms(&timer, 1);
        if (poll() > 0)
            return;
    }
    fail_msg("no report within a second");
}

static void a_silent_chip_is_down_within_a_second_and_up_again(void **state)
{
    (void)state;
    reach_card(CLASSIC);
    fail_until_down();
    assert_int_equal(report.event, READER_DOWN);
    assert_string_equal(report.text, "no answer");
    for (int i = 0; i < 3000; i++) /* reported once, with every pause */
        wait_ms(1);
    while (line.written_len != 20)
        line.written_len = 0, wait_ms(1);
    set_up();
    host_wrote(LIST);
    chip_sends(ACK CLASSIC);
    assert_poll(READER_UP);
    assert_poll(READER_CARD); /* again: after a report of a fault, the card that is present is reported */
}

/* ---- the reset line ---- */

static uint64_t held_us, released_us;

static int pulse_count;
static bool is_held;

static void hold_reset(void *ctx, bool hold)
{
    (void)ctx;
    *(hold ? &held_us : &released_us) = timer.now_us;
    pulse_count += hold;
    is_held = hold;
}

static void start_with_reset_line(void)
{
    pulse_count = 0;
    config.hold_reset = hold_reset;
    line.written_len = 0;
    pn532_init(&pn532, &config);
}

static void a_deaf_chip_is_reset_by_its_line(void **state)
{
    (void)state;
    start_with_reset_line();
    reach_card(CLASSIC);
    fail_until_down();
    assert_int_equal(report.event, READER_DOWN);
    assert_string_equal(report.text, "no answer, reset by its line");
    assert_int_equal(pulse_count, 0); /* its own recovery failed first */
    while (pulse_count == 0)
        wait_ms(1);
    line.written_len = 0;
    while (is_held)
        wait_ms(1);
    assert_in_range(released_us - held_us, 10000, 30000);
    while (line.written_len == 0)
        wait_ms(1);
    assert_in_range(timer.now_us - released_us, 10000, 30000);
    set_up();
    host_wrote(LIST);
    chip_sends(ACK CLASSIC);
    assert_poll(READER_UP);
    assert_string_equal(report.text, "PN532 firmware 1.6, was reset");
    assert_poll(READER_CARD);
    assert_int_equal(pulse_count, 1);
}

/* The line may not be connected: every second attempt goes without it. */
static void a_chip_that_stays_deaf_is_reset_in_every_second_attempt(void **state)
{
    (void)state;
    start_with_reset_line();
    fail_until_down();
    uint32_t woken = pn532.wake_count;
    for (int i = 0; i < 5000; i++)
        wait_ms(1);
    uint32_t attempts = pn532.wake_count - woken;
    assert_in_range(pulse_count, attempts / 2, attempts / 2 + 1);
    assert_false(pulse_count == 0);
}

/* A gate that restarts can meet the answers to commands of its run before. */
static void answers_to_commands_of_an_earlier_run_are_no_cards(void **state)
{
    (void)state;
    chip_sends("75778102 80"); /* the end of an answer */
    chip_sends(DESFIRE);
    wake();
    host_wrote(ACK "0000FF03FDD4140117 00");
    chip_sends(ACK CLASSIC); /* late, after the first command was sent */
    quiet_poll();
    host_wrote(NACK);
    chip_sends(ACK "0000FF02FED51516 00");
    quiet_poll();
    answer(ACK "0000FF02FED4022A00", "0000FF06FAD50332010607E800");
    set_up_rest();
    host_wrote(LIST);
    chip_sends(ACK NO_CARD);
    assert_poll(READER_UP);
    quiet_poll();
}

static void a_chip_of_another_kind_is_told(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++) {
        fake_timer_advance_ms(&timer, 27);
        quiet_poll(); /* woken */
        chip_sends(ACK "0000FF02FED51516 00");
        quiet_poll();
        chip_sends(ACK "0000FF06FAD50333020707E500");
        if (poll() > 0)
            break;
    }
    assert_int_equal(report.event, READER_DOWN);
    assert_string_equal(report.text, "not a PN532");
    assert_in_range(timer.now_us, 5600000, 5999999);
}

/* Three faults in a short time may be caused by a busy host. */
static void a_short_outage_is_not_told(void **state)
{
    (void)state;
    reach_card(CLASSIC);
    for (int i = 0; i < 550; i++)
        wait_ms(1);
}

static int failing_read(void *ctx, uint8_t *buf, size_t size)
{
    (void)ctx;
    (void)buf;
    (void)size;
    return ERR_IO;
}

static void a_line_that_fails_is_down(void **state)
{
    (void)state;
    reach_empty_field();
    line.serial.read = failing_read;
    fail_until_down();
    assert_int_equal(report.event, READER_DOWN);
    assert_string_equal(report.text, "serial line failed");
}

/* ---- the line's speed ---- */

static void start_with_baud(uint32_t baud)
{
    start(NULL);
    config.set_baud = set_baud;
    config.baud = baud;
    pn532_init(&pn532, &config);
    line.written_len = 0;
    wait_ms(3);
    answer(ACK "0000FF03FDD4140117 00", "0000FF02FED51516 00");
    answer("0000FF02FED4022A00", "0000FF06FAD50332010607E800");
}

/* PN532 User Manual 7.2.8: the chip changes its rate when its answer is acknowledged, and needs 200 us
 * for it. */
static void the_line_is_raised_after_the_answer_is_acknowledged(void **state)
{
    (void)state;
    start_with_baud(460800);
    host_wrote("0000FF03FDD41006 1600");
    chip_sends(ACK "0000FF02FED5111A00");
    assert_int_equal(line_baud, 115200);
    quiet_poll();
    uint64_t acknowledged_us = timer.now_us;
    host_wrote(ACK);
    wait_ms(1);
    assert_int_equal(line_baud, 115200);
    wait_ms(3);
    assert_int_equal(line_baud, 460800);
    assert_true(line_baud_us - acknowledged_us >= 720);
    set_up_rest();
    host_wrote(LIST);
    chip_sends(ACK NO_CARD);
    assert_poll(READER_UP);
    assert_string_equal(report.text, "PN532 firmware 1.6 at 460800 baud");
}

static void a_chip_that_refuses_the_speed_stays_at_the_first(void **state)
{
    (void)state;
    start_with_baud(921600);
    answer("0000FF03FDD41007 1500", "0000FF01FF7F8100");
    wake();
    answer("0000FF03FDD4140117 00", "0000FF02FED51516 00");
    answer("0000FF02FED4022A00", "0000FF06FAD50332010607E800");
    set_up_rest();
    assert_int_equal(line_baud, 115200);
}

static void a_speed_the_chip_does_not_have_is_not_asked_for(void **state)
{
    (void)state;
    start_with_baud(100000);
    set_up_rest();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_lost_ack_costs_a_resend, start),
        cmocka_unit_test_setup(a_late_poll_gives_the_chip_another_moment, start),
        cmocka_unit_test_setup(grace_has_an_end, start),
        cmocka_unit_test_setup(an_answer_without_its_ack_is_taken, start),
        cmocka_unit_test_setup(noise_before_the_ack_is_skipped, start),
        cmocka_unit_test_setup(a_damaged_answer_is_asked_for_again, start),
        cmocka_unit_test_setup(a_cut_answer_is_asked_for_again, start),
        cmocka_unit_test_setup(an_answer_to_another_command_is_none, start),
        cmocka_unit_test_setup(an_answer_that_has_begun_is_waited_for, start),
        cmocka_unit_test_setup(an_answer_that_comes_twice_counts_once, start),
        cmocka_unit_test_setup(ack_then_silence_wakes_the_chip_anew, start),
        cmocka_unit_test_setup(a_silent_chip_is_down_within_a_second_and_up_again, start),
        cmocka_unit_test_setup(a_short_outage_is_not_told, start),
        cmocka_unit_test_setup(a_deaf_chip_is_reset_by_its_line, start),
        cmocka_unit_test_setup(a_chip_that_stays_deaf_is_reset_in_every_second_attempt, start),
        cmocka_unit_test_setup(answers_to_commands_of_an_earlier_run_are_no_cards, start),
        cmocka_unit_test_setup(a_chip_of_another_kind_is_told, start),
        cmocka_unit_test_setup(a_line_that_fails_is_down, start),
        cmocka_unit_test_setup(the_line_is_raised_after_the_answer_is_acknowledged, start),
        cmocka_unit_test_setup(a_chip_that_refuses_the_speed_stays_at_the_first, start),
        cmocka_unit_test_setup(a_speed_the_chip_does_not_have_is_not_asked_for, start),
    };
    return cmocka_run_group_tests_name("pn532", tests, NULL, NULL);
}
