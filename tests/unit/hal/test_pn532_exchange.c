/* SPDX-License-Identifier: Apache-2.0 */
/* The PN532 driver on a scripted line: exchanges with a card, and the card that must not be disturbed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fakes/pn532_bench.h"

#define ATTENTION   "0000FF03FDD40006 2600"
#define PRESENT     "0000FF03FDD50100 2A00"
#define GONE        "0000FF03FDD50101 2900"
#define NAK         "0000FF03FDD442B2 3800" /* R(NAK) through InCommunicateThru */
#define NAK_ANSWER  "0000FF04FCD54300A2 4600"
#define NAK_TIMEOUT "0000FF03FDD54301 E700"

#define GET_VERSION "0000FF04FCD4400160 8B00"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_exchange_brings_the_cards_answer, start),
        cmocka_unit_test_setup(a_card_without_iso14443_4_is_asked_its_version_through_the_chip, start),
        cmocka_unit_test_setup(an_exchange_says_what_went_wrong, start),
        cmocka_unit_test_setup(an_exchange_never_sends_a_command_twice, start),
        cmocka_unit_test_setup(a_card_in_a_session_is_asked_by_attention, start),
        cmocka_unit_test_setup(a_card_that_diagnose_misses_is_checked_with_nak, start),
        cmocka_unit_test_setup(a_late_answer_to_attention_is_looked_into, start),
        cmocka_unit_test_setup(a_card_in_a_session_that_leaves_others_behind_is_gone, start),
        cmocka_unit_test_setup(an_exchange_lets_the_question_under_way_end, start),
        cmocka_unit_test_setup(an_exchange_keeps_to_its_buffers, start),
        cmocka_unit_test_setup(without_a_card_there_is_no_exchange, start),
    };
    return cmocka_run_group_tests_name("pn532", tests, NULL, NULL);
}
