/* SPDX-License-Identifier: Apache-2.0 */
/* The PN532 driver on a scripted line: the bytes that it writes, and its reaction to the bytes that
 * arrive. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hal/pn532/pn532.h"
#include "tests/fakes/fake_serial.h"
#include "tests/fakes/fake_timer.h"
#include "tests/fakes/hex.h"

#define ACK             "0000FF00FF00"
#define NACK            "0000FFFF0000"
#define WAKE            "55550000000000000000000000000000FF00FF00"
#define LIST            "0000FF04FCD44A0100E100"
#define LIST_TYPE_B     "0000FF05FBD44A010300DE00"
#define LIST_FELICA     "0000FF09F7D44A010100FFFF0000E200"
#define NO_CARD         "0000FF03FDD54B00E000"
#define CLASSIC         "0000FF0CF4D54B010100040804 04ED0B11 C100" /* 04ED0B11 */
#define LIST_OF_IT      "0000FF08F8D44A010004ED0B11D400"
#define LIST_OF_DESFIRE "0000FF0CF4D44A01008804782E21801D80 7100"
#define DESFIRE         "0000FF15EBD54B010103442007 04782E21801D80 067577810280 9300"
#define HALT            "0000FF03FDD44400 E800"
#define HALTED          "0000FF03FDD54500 E600"
#define ATTENTION       "0000FF03FDD40006 2600"
#define PRESENT         "0000FF03FDD50100 2A00"
#define GONE            "0000FF03FDD50101 2900"
#define NAK             "0000FF03FDD442B2 3800" /* R(NAK) through InCommunicateThru */
#define NAK_ANSWER      "0000FF04FCD54300A2 4600"
#define NAK_TIMEOUT     "0000FF03FDD54301 E700"
#define FIELD_OFF       "0000FF04FCD4320100F900"
#define FIELD_ON        "0000FF04FCD4320101F800"
#define FIELD_DONE      "0000FF02FED533F800"
#define GET_VERSION     "0000FF04FCD4400160 8B00"

static struct fake_serial line;
static struct fake_timer timer;
static struct pn532_config config;
static struct pn532 pn532;
static struct reader_report report;
static char text[1200];
static uint32_t line_baud;
static uint64_t line_baud_us;

static int set_baud(void *ctx, uint32_t baud)
{
    (void)ctx;
    line_baud = baud;
    line_baud_us = timer.now_us;
    return ERR_OK;
}

static int start(void **state)
{
    (void)state;
    fake_serial_init(&line);
    fake_timer_init(&timer, 5000000);
    line_baud = 115200;
    config = (struct pn532_config){.serial = &line.serial, .timer = &timer.timer};
    pn532_init(&pn532, &config);
    return 0;
}

static const char *hex_text(const uint8_t *bytes, size_t len)
{
    text[0] = '\0';
    for (size_t i = 0; i < len; i++)
        sprintf(text + 2 * i, "%02X", bytes[i]);
    return text;
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *expected)
{
    uint8_t want[512] = {0};
    char want_text[1100];
    strcpy(want_text, hex_text(want, hex_bytes(expected, want, sizeof want)));
    assert_string_equal(hex_text(bytes, len), want_text);
}

static void host_wrote(const char *expected)
{
    assert_hex(line.written, line.written_len, expected);
    line.written_len = 0;
}

static void chip_sends(const char *hex)
{
    uint8_t bytes[512];
    fake_serial_send(&line, bytes, hex_bytes(hex, bytes, sizeof bytes));
}

static int poll(void)
{
    return pn532.reader.poll(pn532.reader.ctx, &report);
}

static void quiet_poll(void)
{
    assert_int_equal(poll(), 0);
}

static void assert_poll(enum reader_event event)
{
    assert_int_equal(poll(), 1);
    assert_int_equal(report.event, event);
}

/* Advances the time while the chip is silent. */
static void wait_ms(unsigned ms)
{
    fake_timer_advance_ms(&timer, ms);
    quiet_poll();
}

/* One command and its answer, with no report. */
static void answer(const char *command, const char *reply)
{
    host_wrote(command);
    chip_sends(ACK);
    chip_sends(reply);
    quiet_poll();
}

static void wake(void)
{
    host_wrote(WAKE);
    wait_ms(3);
}

static void set_up_rest(void)
{
    answer("0000FF03FDD4121406 00", "0000FF02FED51318 00");      /* automatic RATS */
    answer("0000FF06FAD43205FF0102 F300", "0000FF02FED533F800"); /* MaxRetries */
    answer("0000FF06FAD43202000B09 E400", "0000FF02FED533F800"); /* timings */
    answer("0000FF04FCD4320400 F600", "0000FF02FED533F800");     /* MxRtyCOM */
    answer("0000FF04FCD4320101 F800", "0000FF02FED533F800");     /* field on */
}

static void set_up(void)
{
    wake();
    answer(ACK "0000FF03FDD4140117 00", "0000FF02FED51516 00"); /* SAMConfiguration */
    answer("0000FF02FED4022A00", "0000FF06FAD50332010607E800"); /* GetFirmwareVersion */
    set_up_rest();
}

static void cut_field(void)
{
    answer(FIELD_OFF, FIELD_DONE);
    wait_ms(5);
    host_wrote("");
    wait_ms(1);
    answer(FIELD_ON, FIELD_DONE);
    wait_ms(5);
    host_wrote("");
    wait_ms(1);
}

/* As after a start without a card. */
static void reach_empty_field(void)
{
    set_up();
    host_wrote(LIST);
    chip_sends(ACK NO_CARD);
    assert_poll(READER_UP);
    cut_field();
    host_wrote(LIST);
    chip_sends(ACK NO_CARD);
    assert_poll(READER_EMPTY);
}

static void reach_card(const char *listing)
{
    reach_empty_field();
    host_wrote(LIST);
    chip_sends(ACK);
    quiet_poll();
    chip_sends(listing);
    assert_poll(READER_CARD);
}

static void it_wakes_the_chip_sets_it_up_and_looks(void **state)
{
    (void)state;
    set_up();
    host_wrote(LIST);
    chip_sends(ACK NO_CARD);
    assert_poll(READER_UP);
    assert_string_equal(report.text, "PN532 firmware 1.6");
    quiet_poll();
}

static void a_field_is_empty_when_two_looks_saw_nothing(void **state)
{
    (void)state;
    reach_empty_field();
    for (int i = 0; i < 10; i++)
        answer(LIST, NO_CARD);
    host_wrote(LIST);
}

static void a_card_is_told_with_the_time_of_its_frames_last_byte(void **state)
{
    (void)state;
    reach_empty_field();
    host_wrote(LIST);
    chip_sends(ACK "0000FF0CF4D54B0101000408");
    quiet_poll();
    fake_timer_advance_ms(&timer, 2);
    chip_sends("04 04ED0B11 C1");
    uint64_t before_us = timer.now_us;
    assert_poll(READER_CARD);
    assert_in_range(report.seen_us, before_us, timer.now_us);
    assert_hex(report.target.uid, report.target.uid_len, "04ED0B11");
    assert_hex(report.target.atqa, 2, "0004");
    assert_int_equal(report.target.sak, 0x08);
    assert_int_equal(report.target.ats_len, 0);
}

static void an_ats_is_told_without_its_length(void **state)
{
    (void)state;
    reach_card(DESFIRE);
    assert_hex(report.target.uid, report.target.uid_len, "04782E21801D80");
    assert_hex(report.target.ats, report.target.ats_len, "7577810280");
}

/* The content of the answer to a scan and the UID in it; "": the answer is invalid and the chip is set
 * up again. */
static void listings_are_read_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *content, *uid;
    } listings[] = {
        {"4B0101008420 0A 00112233445566778899 0578807002", "00112233445566778899"},
        {"4B0101004408 08 8804112233445566", "04112233445566"}, /* tags left in */
        {"4B0101008408 0C 880011228833445566778899", "00112233445566778899"},
        {"4B0101000420 04 08123456 01", "08123456"}, /* an empty ATS */
        {"4B0101000408 05 0102030405", ""},
        {"4B0101000408 00", ""},
        {"4B0101000408 0C 112233445566778899AABBCC", ""},
        {"4B0101000408 04 010203", ""},
        {"4B0101000420 04 01020304 00", ""},
        {"4B0101000420 04 01020304 067577", ""},
        {"4B010100", ""},
        {"4B01", ""},
        {"4B", ""},
        {"4B0201000408 04 01020304", ""},
        {"4B0102000408 04 01020304", ""},
        {"4B0101000408 FF 01020304", ""},
    };
    for (size_t i = 0; i < sizeof listings / sizeof listings[0]; i++) {
        uint8_t frame[64] = {0x00, 0x00, 0xFF}, sum = 0xD5;
        start(NULL);
        reach_empty_field();
        host_wrote(LIST);
        size_t len = hex_bytes(listings[i].content, frame + 6, 50);
        frame[3] = (uint8_t)(len + 1);
        frame[4] = (uint8_t)-frame[3];
        frame[5] = 0xD5;
        for (size_t at = 0; at < len; at++)
            sum = (uint8_t)(sum + frame[6 + at]);
        frame[6 + len] = (uint8_t)-sum;
        chip_sends(ACK);
        fake_serial_send(&line, frame, len + 8);
        if (listings[i].uid[0] != '\0') {
            assert_poll(READER_CARD);
            assert_hex(report.target.uid, report.target.uid_len, listings[i].uid);
        } else {
            quiet_poll();
            host_wrote(WAKE);
        }
    }
}

/* A turn while a card is present: the selected card is halted, then the field is searched. */
static void look(const char *listing)
{
    wait_ms(10);
    answer(HALT, HALTED);
    answer(LIST, listing);
}

static void a_card_that_stays_is_halted_and_the_field_is_searched(void **state)
{
    (void)state;
    reach_card(DESFIRE);
    for (int i = 0; i < 5; i++) {
        wait_ms(9);
        host_wrote("");
        wait_ms(1);
        answer(HALT, HALTED);
        answer(LIST, DESFIRE);
    }
}

/* A card that is active does not answer the first request, whichever it is. */
static void one_look_in_four_leaves_a_card_without_iso14443_4_active(void **state)
{
    (void)state;
    reach_card(CLASSIC);
    for (int i = 0; i < 8; i++) {
        wait_ms(10);
        if (i % 4 != 3)
            answer(HALT, HALTED);
        answer(LIST, CLASSIC);
    }
}

static void a_card_beside_one_that_stays_is_told(void **state)
{
    (void)state;
    reach_card(DESFIRE);
    look(DESFIRE);
    wait_ms(10);
    answer(HALT, HALTED);
    host_wrote(LIST);
    chip_sends(ACK CLASSIC);
    assert_poll(READER_CARD);
    assert_hex(report.target.uid, report.target.uid_len, "04ED0B11");
    quiet_poll();
}

/* The UID is sent with its cascade tag. */
static void a_card_that_others_hide_is_selected_by_its_uid(void **state)
{
    (void)state;
    a_card_beside_one_that_stays_is_told(state);
    for (int i = 0; i < 3; i++) {
        wait_ms(10);
        answer(HALT, HALTED);
        answer(LIST_OF_DESFIRE, DESFIRE);
        look(CLASSIC);
    }
}

static void look_at_hidden(const char *listing)
{
    wait_ms(10);
    answer(HALT, HALTED);
    answer(LIST_OF_DESFIRE, listing);
}

static void a_card_that_leaves_others_behind_is_gone_after_two_checks(void **state)
{
    (void)state;
    a_card_beside_one_that_stays_is_told(state);
    look_at_hidden(DESFIRE);
    look(DESFIRE);
    wait_ms(10);
    answer(HALT, HALTED);
    answer(LIST_OF_IT, NO_CARD);
    wait_ms(10);
    answer(LIST, DESFIRE);
    wait_ms(10);
    answer(HALT, HALTED);
    host_wrote(LIST_OF_IT);
    chip_sends(ACK NO_CARD);
    assert_poll(READER_GONE);
    assert_hex(report.target.uid, report.target.uid_len, "04ED0B11");
    wait_ms(10);
    answer(LIST, DESFIRE);
    look(DESFIRE);
}

static void a_card_that_comes_back_is_told_again(void **state)
{
    (void)state;
    a_card_that_leaves_others_behind_is_gone_after_two_checks(state);
    wait_ms(10);
    answer(HALT, HALTED);
    host_wrote(LIST);
    chip_sends(ACK CLASSIC);
    assert_poll(READER_CARD);
}

static void cards_that_leave_together_are_an_empty_field(void **state)
{
    (void)state;
    a_card_beside_one_that_stays_is_told(state);
    look_at_hidden(DESFIRE);
    wait_ms(10);
    answer(HALT, "0000FF03FDD54501 E500"); /* no answer */
    answer(LIST, NO_CARD);
    cut_field();
    host_wrote(LIST);
    chip_sends(ACK NO_CARD);
    assert_poll(READER_EMPTY);
}

static const char *classic(uint8_t last)
{
    static char listing[50];
    sprintf(listing, "0000FF0CF4D54B010100040804 04ED0B%02X %02X00", last, (uint8_t)(0xD2 - last));
    return listing;
}

/* Halts cards and lets each check find its card, until the driver searches the field. */
static void reach_search(void)
{
    enum { CODE_AT = 6, LEN_AT = 3, SEARCH_LEN = 4, UID3_AT = 12, IN_DESELECT = 0x44 };
    for (int i = 0; i < 10; i++) {
        const uint8_t *asked = line.written;
        if (line.written_len > 0 && asked[CODE_AT] != IN_DESELECT && asked[LEN_AT] == SEARCH_LEN)
            return;
        bool is_quiet = line.written_len == 0, is_halt = asked[CODE_AT] == IN_DESELECT;
        line.written_len = 0;
        if (!is_quiet)
            chip_sends(ACK), chip_sends(is_halt ? HALTED : classic(asked[UID3_AT]));
        wait_ms(is_quiet ? 10 : 0);
    }
    fail_msg("no search");
}

/* More cards than the driver knows: each arrival makes one leave. */
static void one_card_too_many_makes_room(void **state)
{
    (void)state;
    reach_empty_field();
    for (uint8_t i = 0; i < READER_CARDS_MAX + 1; i++) {
        reach_search();
        line.written_len = 0;
        chip_sends(ACK);
        chip_sends(classic(0x10 + i));
        if (i == READER_CARDS_MAX)
            assert_poll(READER_GONE);
        assert_poll(READER_CARD);
        assert_int_equal(report.target.uid[3], 0x10 + i);
    }
}

static void a_missed_look_is_no_empty_field(void **state)
{
    (void)state;
    reach_card(CLASSIC);
    look(NO_CARD);
    cut_field();
    answer(LIST, CLASSIC);
    look(CLASSIC);
}

static void a_card_that_left_is_an_empty_field(void **state)
{
    (void)state;
    reach_card(DESFIRE);
    look(NO_CARD);
    cut_field();
    host_wrote(LIST);
    chip_sends(ACK NO_CARD);
    assert_poll(READER_EMPTY);
}

/* The card chooses a new UID when the field was off. */
static void a_random_uid_that_changed_is_the_same_tap(void **state)
{
    (void)state;
    reach_card("0000FF11EFD54B010100042004 08010203 0578807002 3900");
    assert_hex(report.target.uid, report.target.uid_len, "08010203");
    look(NO_CARD);
    cut_field();
    answer(LIST, "0000FF11EFD54B010100042004 08111213 0578807002 0900");
    wait_ms(10);
    host_wrote(HALT);
}

static void another_card_in_its_place_is_told(void **state)
{
    (void)state;
    reach_card(DESFIRE);
    look(NO_CARD);
    cut_field();
    host_wrote(LIST);
    chip_sends(ACK CLASSIC);
    assert_poll(READER_CARD);
    assert_hex(report.target.uid, report.target.uid_len, "04ED0B11");
}

/* If the chip is slow to report that the card has left, the driver sends another command and does not
 * wake the chip. */
static void silence_after_halting_is_looked_into(void **state)
{
    (void)state;
    reach_card(DESFIRE);
    wait_ms(10);
    host_wrote(HALT);
    chip_sends(ACK);
    quiet_poll();
    wait_ms(99);
    host_wrote("");
    wait_ms(1);
    host_wrote(ACK LIST);
}

static void an_empty_field_is_cut_every_two_seconds(void **state)
{
    (void)state;
    reach_empty_field();
    for (int i = 0; i < 20; i++) { /* at 100 ms a scan, every fourth is for a card of another kind */
        fake_timer_advance_ms(&timer, 100);
        answer(i % 4 != 3 ? LIST : i % 8 == 3 ? LIST_TYPE_B : LIST_FELICA, NO_CARD);
    }
    fake_timer_advance_ms(&timer, 100);
    answer(LIST, NO_CARD);
    answer(FIELD_OFF, FIELD_DONE);
    wait_ms(6);
    answer(FIELD_ON, FIELD_DONE);
    host_wrote(LIST);
}

/* A chip that does not know the command is left alone with it for ten seconds. */
static void a_chip_that_lists_type_a_only_still_serves(void **state)
{
    (void)state;
    reach_empty_field();
    fake_timer_advance_ms(&timer, 250);
    answer(LIST, NO_CARD);
    answer(LIST_TYPE_B, "0000FF01FF7F8100"); /* syntax error */
    for (int i = 0; i < 19; i++) {
        fake_timer_advance_ms(&timer, 50);
        answer(LIST, NO_CARD);
    }
    host_wrote(LIST);
    chip_sends(ACK CLASSIC);
    assert_poll(READER_CARD);
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

/* ---- exchange ---- */

static const char *exchange_reply, *exchange_reply_next;
static unsigned idle_calls;

/* The chip answers while the driver waits. */
static void idle(void *ctx)
{
    (void)ctx;
    idle_calls++;
    fake_timer_advance_ms(&timer, 1);
    if (exchange_reply != NULL)
        chip_sends(exchange_reply);
    exchange_reply = exchange_reply_next;
    exchange_reply_next = NULL;
}

static int exchange(const char *tx, const char *reply, uint8_t *rx, size_t rx_size)
{
    uint8_t bytes[300];
    size_t len = hex_bytes(tx, bytes, sizeof bytes);
    config.idle = idle;
    exchange_reply = reply;
    idle_calls = 0;
    line.written_len = 0;
    return pn532.reader.exchange(pn532.reader.ctx, bytes, len, rx, rx_size);
}

static void an_exchange_brings_the_cards_answer(void **state)
{
    (void)state;
    uint8_t rx[64];
    reach_card(DESFIRE);
    int len = exchange("60", ACK "0000FF0BF5D54100 AF04010112001805 0600", rx, sizeof rx);
    host_wrote(GET_VERSION);
    assert_int_equal(len, 8);
    assert_hex(rx, 8, "AF04010112001805");
    wait_ms(9); /* it has just answered */
    host_wrote("");
}

static void a_card_without_iso14443_4_is_asked_its_version_through_the_chip(void **state)
{
    (void)state;
    uint8_t rx[64];
    reach_card(CLASSIC);
    (void)!exchange("60", ACK "0000FF03FDD54300E800", rx, sizeof rx);
    host_wrote("0000FF03FDD44260 8A00");
    (void)!exchange("3004", ACK "0000FF03FDD54100EA00", rx, sizeof rx);
    host_wrote("0000FF05FBD440013004 B700");
}

static void an_exchange_says_what_went_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *reply;
        int result;
    } replies[] = {
        {ACK "0000FF03FDD54101E900", ERR_NOT_FOUND}, /* no answer from the card */
        {ACK "0000FF03FDD54127C300", ERR_NOT_FOUND}, /* no card */
        {ACK "0000FF03FDD54113D700", ERR_IO},        /* data format */
        {ACK "0000FF03FDD541806A00", ERR_IO},        /* flags no card here sets */
        {ACK "0000FF03FDD54140AA00", ERR_IO},
        {ACK "0000FF02FED541EA00", ERR_IO}, /* no status */
        {ACK "0000FF01FF7F8100", ERR_IO},   /* refused */
        {ACK, ERR_TIMEOUT},
        {NULL, ERR_TIMEOUT},
    };
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++) {
        uint8_t rx[64];
        start(NULL);
        reach_card(DESFIRE);
        uint64_t start_us = timer.now_us;
        assert_int_equal(exchange("60", replies[i].reply, rx, sizeof rx), replies[i].result);
        assert_in_range(timer.now_us - start_us, 0, 51000);
        line.written_len = 0;
        quiet_poll();
        quiet_poll(); /* the presence check starts at once */
        assert_true(line.written_len > 0);
    }
}

static void an_exchange_never_sends_a_command_twice(void **state)
{
    (void)state;
    uint8_t rx[64];
    reach_card(DESFIRE);
    assert_int_equal(exchange("60", NULL, rx, sizeof rx), ERR_TIMEOUT);
    host_wrote(GET_VERSION);
}

static void ask_version_in_session(void)
{
    uint8_t rx[64];
    assert_int_equal(exchange("60", ACK "0000FF0BF5D54100 AF04010112001805 0600", rx, sizeof rx), 8);
    line.written_len = 0;
}

static void reach_session(void)
{
    reach_card(DESFIRE);
    ask_version_in_session();
}

/* While a session may be open, the card is not disturbed. */
static void a_card_in_a_session_is_asked_by_attention(void **state)
{
    (void)state;
    reach_session();
    for (int i = 0; i < 9; i++) {
        wait_ms(10);
        answer(ATTENTION, PRESENT);
    }
    look(DESFIRE);
}

/* A chip that misses a card, or is late to find it, is asked to send R(NAK) from then on. */
static void a_card_that_diagnose_misses_is_checked_with_nak(void **state)
{
    (void)state;
    reach_session();
    wait_ms(10);
    answer(ATTENTION, GONE);
    answer(NAK, NAK_ANSWER);
    for (int i = 0; i < 3; i++) {
        wait_ms(10);
        answer(NAK, NAK_ANSWER);
    }
    wait_ms(60); /* the session is over */
    answer(HALT, HALTED);
    answer(LIST, DESFIRE);
    ask_version_in_session();
    wait_ms(10);
    answer(NAK, NAK_ANSWER);
    wait_ms(10);
    answer(NAK, "0000FF03FDD54300 E800"); /* no block came */
    cut_field();
    host_wrote(LIST);
    chip_sends(ACK NO_CARD);
    assert_poll(READER_EMPTY);
    host_wrote(LIST);
    chip_sends(ACK DESFIRE);
    assert_poll(READER_CARD);
    ask_version_in_session();
    wait_ms(10);
    host_wrote(ATTENTION);
}

static void a_late_answer_to_attention_is_looked_into(void **state)
{
    (void)state;
    reach_session();
    wait_ms(10);
    host_wrote(ATTENTION);
    chip_sends(ACK);
    quiet_poll();
    wait_ms(99);
    host_wrote("");
    wait_ms(1);
    answer(ACK NAK, NAK_ANSWER);
    look(DESFIRE); /* the session is over */
}

/* A card in a session that leaves others behind is checked by its UID next, like any other. */
static void a_card_in_a_session_that_leaves_others_behind_is_gone(void **state)
{
    (void)state;
    reach_card(CLASSIC);
    wait_ms(10);
    answer(HALT, HALTED);
    host_wrote(LIST);
    chip_sends(ACK DESFIRE);
    assert_poll(READER_CARD);
    ask_version_in_session();
    wait_ms(10);
    answer(ATTENTION, GONE);
    answer(NAK, NAK_TIMEOUT);
    wait_ms(10);
    answer(LIST, CLASSIC);
    wait_ms(10);
    answer(HALT, HALTED);
    host_wrote(LIST_OF_DESFIRE);
    chip_sends(ACK NO_CARD);
    assert_poll(READER_GONE);
    assert_hex(report.target.uid, report.target.uid_len, "04782E21801D80");
}

/* Another card was selected last. */
static void an_exchange_selects_the_card_that_was_reported_last(void **state)
{
    (void)state;
    uint8_t rx[64];
    a_card_beside_one_that_stays_is_told(state);
    look_at_hidden(DESFIRE);
    host_wrote("");
    exchange_reply_next = ACK CLASSIC;
    assert_int_equal(exchange("3004", ACK HALTED, rx, sizeof rx), ERR_TIMEOUT);
    host_wrote(HALT LIST_OF_IT "0000FF05FBD440013004 B700");
}

static void an_exchange_lets_the_question_under_way_end(void **state)
{
    (void)state;
    uint8_t rx[64];
    reach_session();
    wait_ms(10);
    host_wrote(ATTENTION);
    chip_sends(ACK);
    quiet_poll();
    assert_int_equal(exchange("60", PRESENT, rx, sizeof rx), ERR_TIMEOUT);
    host_wrote(GET_VERSION);
    start(NULL);
    reach_session();
    wait_ms(10);
    answer(ATTENTION, GONE);
    line.written_len = 0;
    assert_int_equal(exchange("60", ACK NAK_TIMEOUT, rx, sizeof rx), ERR_NOT_FOUND);
    host_wrote(FIELD_OFF);
}

static void an_exchange_keeps_to_its_buffers(void **state)
{
    (void)state;
    uint8_t rx[64], tx[300] = {0};
    reach_card(DESFIRE);
    assert_int_equal(exchange("60", ACK "0000FF0BF5D54100 AF04010112001805 0600", rx, 7), ERR_NO_SPACE);
    assert_int_equal(exchange("60", ACK "0000FF0BF5D54100 AF04010112001805 0600", rx, 8), 8);
    assert_int_equal(pn532.reader.exchange(pn532.reader.ctx, tx, 263, rx, sizeof rx), ERR_ARGUMENT);
    assert_int_equal(pn532.reader.exchange(pn532.reader.ctx, tx, 0, rx, sizeof rx), ERR_ARGUMENT);
}

static void without_a_card_there_is_no_exchange(void **state)
{
    (void)state;
    uint8_t rx[64];
    assert_int_equal(exchange("60", NULL, rx, sizeof rx), ERR_IO); /* and no reader yet */
    start(NULL);
    reach_empty_field();
    assert_int_equal(exchange("60", NULL, rx, sizeof rx), ERR_NOT_FOUND);
    host_wrote("");
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
        cmocka_unit_test_setup(it_wakes_the_chip_sets_it_up_and_looks, start),
        cmocka_unit_test_setup(a_field_is_empty_when_two_looks_saw_nothing, start),
        cmocka_unit_test_setup(a_card_is_told_with_the_time_of_its_frames_last_byte, start),
        cmocka_unit_test_setup(an_ats_is_told_without_its_length, start),
        cmocka_unit_test_setup(listings_are_read_or_refused, start),
        cmocka_unit_test_setup(a_card_that_stays_is_halted_and_the_field_is_searched, start),
        cmocka_unit_test_setup(one_look_in_four_leaves_a_card_without_iso14443_4_active, start),
        cmocka_unit_test_setup(a_card_beside_one_that_stays_is_told, start),
        cmocka_unit_test_setup(a_card_that_others_hide_is_selected_by_its_uid, start),
        cmocka_unit_test_setup(a_card_that_leaves_others_behind_is_gone_after_two_checks, start),
        cmocka_unit_test_setup(a_card_that_comes_back_is_told_again, start),
        cmocka_unit_test_setup(cards_that_leave_together_are_an_empty_field, start),
        cmocka_unit_test_setup(one_card_too_many_makes_room, start),
        cmocka_unit_test_setup(a_missed_look_is_no_empty_field, start),
        cmocka_unit_test_setup(a_card_that_left_is_an_empty_field, start),
        cmocka_unit_test_setup(a_random_uid_that_changed_is_the_same_tap, start),
        cmocka_unit_test_setup(another_card_in_its_place_is_told, start),
        cmocka_unit_test_setup(silence_after_halting_is_looked_into, start),
        cmocka_unit_test_setup(an_empty_field_is_cut_every_two_seconds, start),
        cmocka_unit_test_setup(a_chip_that_lists_type_a_only_still_serves, start),
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
        cmocka_unit_test_setup(an_exchange_brings_the_cards_answer, start),
        cmocka_unit_test_setup(a_card_without_iso14443_4_is_asked_its_version_through_the_chip, start),
        cmocka_unit_test_setup(an_exchange_says_what_went_wrong, start),
        cmocka_unit_test_setup(an_exchange_never_sends_a_command_twice, start),
        cmocka_unit_test_setup(a_card_in_a_session_is_asked_by_attention, start),
        cmocka_unit_test_setup(a_card_that_diagnose_misses_is_checked_with_nak, start),
        cmocka_unit_test_setup(a_late_answer_to_attention_is_looked_into, start),
        cmocka_unit_test_setup(a_card_in_a_session_that_leaves_others_behind_is_gone, start),
        cmocka_unit_test_setup(an_exchange_selects_the_card_that_was_reported_last, start),
        cmocka_unit_test_setup(an_exchange_lets_the_question_under_way_end, start),
        cmocka_unit_test_setup(an_exchange_keeps_to_its_buffers, start),
        cmocka_unit_test_setup(without_a_card_there_is_no_exchange, start),
        cmocka_unit_test_setup(the_line_is_raised_after_the_answer_is_acknowledged, start),
        cmocka_unit_test_setup(a_chip_that_refuses_the_speed_stays_at_the_first, start),
        cmocka_unit_test_setup(a_speed_the_chip_does_not_have_is_not_asked_for, start),
    };
    return cmocka_run_group_tests_name("pn532", tests, NULL, NULL);
}
