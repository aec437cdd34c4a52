/* SPDX-License-Identifier: Apache-2.0 */
/* The control language and the cards file. */
#include "tests/fakes/cardsim_bench.h"
#include "tools/cardsim/control.h"
#include "tools/cardsim/text.h"

static struct cardsim_control control;
static char answer[CARDSIM_ANSWER_MAX];

static int set_up(void **state)
{
    set_up_bench(state);
    control = (struct cardsim_control){.field = &bench_field, .chip = &bench_chip};
    return 0;
}

static void say(const char *line, const char *expected)
{
    char text[CARDSIM_LINE_MAX];
    snprintf(text, sizeof text, "%s", line);
    bool ok = cardsim_control_run(&control, text, bench_us, answer);
    assert_int_equal(ok, strncmp(answer, "ok", 2) == 0);
    assert_string_equal(answer, expected);
}

static void load(const char *file, unsigned line, const char *problem)
{
    char text[2048], got[CARDSIM_PROBLEM_MAX] = "";
    snprintf(text, sizeof text, "%s", file);
    assert_int_equal(cardsim_control_load(&bench_field, text, got), line);
    assert_string_equal(got, problem);
}

static void a_bare_uid_makes_the_likeliest_card(void **state)
{
    (void)state;
    say("put 01020304", "ok put 01020304 classic 01020304 at_us=1000000\n");
    say("put 04:a1:b2:c3:d4:e5:80", "ok put 04A1B2C3D4E580 desfire-ev2 04A1B2C3D4E580 at_us=1000000\n");
    say("put 00010203040506070809", "ok put 00010203040506070809 iso4 00010203040506070809 at_us=1000000\n");
    say("put 010203", "error there is no card '010203' (see list)\n");
}

static void a_card_is_made_once_and_put_again(void **state)
{
    (void)state;
    say("put ntag213 04B1B2B3B4B5B6", "ok put 04B1B2B3B4B5B6 ntag213 04B1B2B3B4B5B6 at_us=1000000\n");
    say("take 04B1B2B3B4B5B6", "ok took 04B1B2B3B4B5B6\n");
    say("put ntag213 04B1B2B3B4B5B6", "ok put 04B1B2B3B4B5B6 ntag213 04B1B2B3B4B5B6 at_us=1000000\n");
    say("put 04b1b2b3b4b5b6", "ok put 04B1B2B3B4B5B6 ntag213 04B1B2B3B4B5B6 at_us=1000000\n");
    assert_int_equal(bench_field.count, 1);
}

static void a_named_card_is_called_by_its_name(void **state)
{
    (void)state;
    say("put anna desfire-ev1 04782E21801D80 aid=3042F5",
        "ok put anna desfire-ev1 04782E21801D80 at_us=1000000\n");
    say("list", "ok 1 card: anna desfire-ev1 04782E21801D80 in\n");
    say("take anna", "ok took anna\n");
    say("list", "ok 1 card: anna desfire-ev1 04782E21801D80 out\n");
    say("take anna", "error 'anna' is not in the field\n");
    say("put anna classic 01020304", "error there already is a card 'anna'\n");
}

static void a_random_card_needs_no_uid(void **state)
{
    (void)state;
    say("put random", "ok put random-1 random 08000000 at_us=1000000\n");
    say("put classic", "error classic needs a UID\n");
    say("put random 01020304", "error random does not come with a UID of 4 bytes\n");
}

static void a_tap_ends_by_itself(void **state)
{
    (void)state;
    say("tap 01020304 50", "ok tap 01020304 classic 01020304 ms=50 at_us=1000000\n");
    assert_true(cardsim_field_expire(&bench_field, bench_us) == bench_us + 50000);
    assert_true(bench_field.cards[0].in_field);
    assert_true(cardsim_field_expire(&bench_field, bench_us + 50000) == UINT64_MAX);
    assert_false(bench_field.cards[0].in_field);
    say("tap 01020304", "ok tap 01020304 classic 01020304 ms=300 at_us=1000000\n");
    say("tap ntag213 04B1B2B3B4B5B6 20",
        "ok tap 04B1B2B3B4B5B6 ntag213 04B1B2B3B4B5B6 ms=20 at_us=1000000\n");
}

static void take_all_empties_the_field(void **state)
{
    (void)state;
    say("put 01020304", "ok put 01020304 classic 01020304 at_us=1000000\n");
    say("put random", "ok put random-1 random 08000000 at_us=1000000\n");
    say("take all", "ok took 2\n");
    say("take all", "ok took 0\n");
    say("take", "error take NAME|UID|all\n");
    say("take nobody", "error there is no card 'nobody' (see list)\n");
}

static void faults_are_armed_counted_and_cleared(void **state)
{
    (void)state;
    say("fault drop-ack 3", "ok fault drop-ack 3\n");
    assert_int_equal(bench_chip.faults.kind, CARDSIM_FAULT_DROP_ACK);
    assert_int_equal(bench_chip.faults.left, 3);
    say("fault bad-checksum", "ok fault bad-checksum 1\n");
    say("fault hang", "ok fault hang until cleared\n");
    say("fault hang 2", "ok fault hang 2\n");
    say("fault slow forever 40", "ok fault slow until cleared\n");
    assert_int_equal(bench_chip.faults.slow_ms, 40);
    say("fault none", "ok fault none 0\n");
    assert_int_equal(bench_chip.faults.kind, CARDSIM_FAULT_NONE);
    say("fault drop-ack 0", "error a fault's count is a number from 1 on, or 'forever'\n");
    say("fault drop-ack -1", "error a fault's count is a number from 1 on, or 'forever'\n");
    say("fault drop-ack 1 40", "error only 'slow' takes milliseconds, from 1 to 600000\n");
}

static void what_a_card_stores_is_shown(void **state)
{
    (void)state;
    say("put anna desfire-ev2 04782E21801D80 aid=3042F5 keys=2 file=1:full:1E1F:00AA aid=010203 "
        "file=7:plain:EEEE:42",
        "ok put anna desfire-ev2 04782E21801D80 at_us=1000000\n");
    say("show anna",
        "ok show anna desfire-ev2 04782E21801D80 session=none selected=000000 authenticated=0 refused=0 "
        "free=4800 aid=3042F5 keys=2 settings=0F file=1:full:1E1F:2 aid=010203 keys=5 settings=0F "
        "file=7:plain:EEEE:1\n");
    say("show anna 3042F5:1", "ok show anna desfire-ev2 04782E21801D80 00AA\n");
    say("show anna 3042F5:2", "error anna has no '3042F5:2'\n");
    say("show anna 3042F6:1", "error anna has no '3042F6:1'\n");
    say("show anna 3042F5", "error anna has no '3042F5'\n");
    say("put lea classic 01020304", "ok put lea classic 01020304 at_us=1000000\n");
    say("show lea", "ok show lea classic 01020304\n");
    say("show lea 3", "ok show lea classic 01020304 FFFFFFFFFFFFFF078069FFFFFFFFFFFF\n");
    say("show lea 64", "error lea has no '64'\n");
    say("put noe ultralight 04A1A2A3A4A5A6", "ok put noe ultralight 04A1A2A3A4A5A6 at_us=1000000\n");
    say("show noe 1", "ok show noe ultralight 04A1A2A3A4A5A6 A3A4A5A6\n");
    say("put milo iso4 0A0B0C0D", "ok put milo iso4 0A0B0C0D at_us=1000000\n");
    say("show milo 1", "error milo has no '1'\n");
    say("show nobody", "error there is no card 'nobody' (see list)\n");
    say("show", "error show CARD [AID:FILE|BLOCK|PAGE]\n");
}

static void the_scanner_sends_a_text_and_cr(void **state)
{
    (void)state;
    static struct cardsim_scanner scanner;
    say("scan LYC-0042", "error there is no scanner (see --scanner)\n");
    memset(&scanner, 0, sizeof scanner);
    scanner.is_fitted = true;
    control.scanner = &scanner;
    say("scan LYC 0042  # é\n", "ok scan at_us=1000000\n");
    assert_int_equal(scanner.output_len, 15);
    assert_memory_equal(scanner.output, "LYC 0042  # \xC3\xA9\r", 15);
    cardsim_scanner_consume(&scanner, 15);
    assert_int_equal(scanner.output_len, 0);
    say("scan-bytes 00FF7E", "ok scan at_us=1000000\n");
    assert_int_equal(scanner.output_len, 3);
    assert_memory_equal(scanner.output, "\x00\xFF\x7E", 3);
    say("scan", "error scan TEXT\n");
    say("scan ", "error scan TEXT\n");
    say("scan-bytes 0", "error scan-bytes HEX\n");
    scanner.output_len = CARDSIM_SCANNER_OUTPUT_MAX - 2;
    say("scan 42", "error nobody takes what was scanned before\n");
    assert_int_equal(scanner.output_len, CARDSIM_SCANNER_OUTPUT_MAX - 2);
}

static void nonsense_is_an_error(void **state)
{
    (void)state;
    say("", "error an empty command (see help)\n");
    say("putt 01020304", "error no command is called 'putt' (see help)\n");
    say("put", "error which card?\n");
    say("put 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 "
        "36 37 38 39 "
        "40 41 42 43 44 45 46 47 48",
        "error too many words\n");
    say("put anna mifare 01020304", "error no kind of card is called 'mifare' (see help)\n");
    say("put anna classic 0102030", "error '0102030' is not a UID of 4, 7, 8 or 10 bytes in hex\n");
    say("put anna classic 0102030405", "error classic does not come with a UID of 5 bytes\n");
    say("put anna classic 01020304 key=00", "error classic has no option 'key=00'\n");
    say("put anna classic 01020304 extra", "error 'extra' is not an option (KEY=VALUE)\n");
    say("put a-name-that-is-much-longer-than-any-name classic 01020304",
        "error the name 'a-name-that-is-much-longer-than-any-name' is longer than 31 characters\n");
    assert_int_equal(bench_field.count, 0);
}

static void status_tells_the_state(void **state)
{
    (void)state;
    say("status", "ok chip=awake field=off cards=0 in_field=0 commands=0 fault=none\n");
    say("put 01020304", "ok put 01020304 classic 01020304 at_us=1000000\n");
    command("4A0100", "4B01 01 0004 08 04 01020304");
    say("status", "ok chip=awake field=on cards=1 in_field=1 commands=1 fault=none\n");
}

static void identity_bytes_can_be_set(void **state)
{
    (void)state;
    say("put odd iso4 01020304 atqa=0344 sak=28 ats=0478807002",
        "error iso4 has no option 'ats=0478807002'\n"); /* its length byte is wrong */
    say("put odd iso4 01020304 atqa=0344 sak=28 ats=0578807003", "ok put odd iso4 01020304 at_us=1000000\n");
    command("4A0100", "4B01 01 0344 28 04 01020304 0578807003");
}

static void a_cards_file_is_read(void **state)
{
    (void)state;
    load("# the school\n"
         "anna  desfire-ev1 04782E21801D80 aid=3042F5 key=00112233445566778899AABBCCDDEEFF\n"
         "\n"
         "bruno classic     01020304   # an old card\r\n"
         "phone random -\n"
         "phone2 random",
         0, "");
    say("list", "ok 4 cards: anna desfire-ev1 04782E21801D80 out, bruno classic 01020304 out, "
                "phone random 08000000 out, phone2 random 08000000 out\n");
}

static void a_wrong_line_of_a_cards_file_is_named(void **state)
{
    (void)state;
    load("anna classic 01020304\n\nbruno clasic 01020305\n", 3,
         "no kind of card is called 'clasic' (see help)");
    load("anna2 classic 01020306\nanna2 classic 01020307", 2, "there already is a card 'anna2'");
    load("only", 1, "a card needs a name, a kind and a UID");
}

static void there_is_an_end_to_cards(void **state)
{
    (void)state;
    char line[64];
    for (int i = 0; i < CARDSIM_CARDS_MAX; i++) {
        snprintf(line, sizeof line, "put %08X", i);
        assert_true(cardsim_control_run(&control, line, bench_us, answer));
    }
    say("put FFFFFFFF", "error there are 256 cards already\n");
    snprintf(line, sizeof line, "list");
    assert_true(cardsim_control_run(&control, line, bench_us, answer)); /* and the answer stays one line */
    assert_ptr_equal(strchr(answer, '\n'), answer + strlen(answer) - 1);
}

static void hex_is_read_strictly(void **state)
{
    (void)state;
    uint8_t bytes[4];
    assert_int_equal(cardsim_text_hex("01-02:0a0B", bytes, 4), 4);
    assert_int_equal(cardsim_text_hex("", bytes, 4), -1);
    assert_int_equal(cardsim_text_hex("1", bytes, 4), -1);
    assert_int_equal(cardsim_text_hex("01:", bytes, 4), -1);
    assert_int_equal(cardsim_text_hex("0102030405", bytes, 4), -1);
    assert_int_equal(cardsim_text_hex("0x01", bytes, 4), -1);
}

int main(void)
{
#define CONTROL_TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        CONTROL_TEST(a_bare_uid_makes_the_likeliest_card),
        CONTROL_TEST(a_card_is_made_once_and_put_again),
        CONTROL_TEST(a_named_card_is_called_by_its_name),
        CONTROL_TEST(a_random_card_needs_no_uid),
        CONTROL_TEST(a_tap_ends_by_itself),
        CONTROL_TEST(take_all_empties_the_field),
        CONTROL_TEST(faults_are_armed_counted_and_cleared),
        CONTROL_TEST(what_a_card_stores_is_shown),
        CONTROL_TEST(the_scanner_sends_a_text_and_cr),
        CONTROL_TEST(nonsense_is_an_error),
        CONTROL_TEST(status_tells_the_state),
        CONTROL_TEST(identity_bytes_can_be_set),
        CONTROL_TEST(a_cards_file_is_read),
        CONTROL_TEST(a_wrong_line_of_a_cards_file_is_named),
        CONTROL_TEST(there_is_an_end_to_cards),
        CONTROL_TEST(hex_is_read_strictly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
