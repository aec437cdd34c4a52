/* SPDX-License-Identifier: Apache-2.0 */
/* The PN532 driver on a scripted line: cards that come, stay and leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fakes/fake_serial.h"
#include "tests/fakes/fake_timer.h"
#include "tests/fakes/hex.h"
#include "tests/fakes/pn532_bench.h"

#define LIST_TYPE_B "0000FF05FBD44A010300DE00"
#define LIST_FELICA "0000FF09F7D44A010100FFFF0000E200"

#define LIST_OF_IT "0000FF08F8D44A010004ED0B11D400"

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
        cmocka_unit_test_setup(an_exchange_selects_the_card_that_was_reported_last, start),
    };
    return cmocka_run_group_tests_name("pn532", tests, NULL, NULL);
}
