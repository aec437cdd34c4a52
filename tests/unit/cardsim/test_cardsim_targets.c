/* SPDX-License-Identifier: Apache-2.0 */
/* Finds cards through the chip and exchanges data with them. */
#include "tests/fakes/cardsim_bench.h"

static void each_kind_is_listed_with_its_identity(void **state)
{
    (void)state;
    static const struct {
        const struct cardsim_card_kind *kind;
        const char *uid, *answer;
    } cards[] = {
        {&cardsim_kind_classic, "01020304", "4B01 01 0004 08 04 01020304"},
        {&cardsim_kind_classic, "04010203040506", "4B01 01 0044 08 07 04010203040506"},
        {&cardsim_kind_ultralight, "04A1A2A3A4A5A6", "4B01 01 0044 00 07 04A1A2A3A4A5A6"},
        {&cardsim_kind_ntag213, "04B1B2B3B4B5B6", "4B01 01 0044 00 07 04B1B2B3B4B5B6"},
        {&cardsim_kind_desfire_ev1, "04782E21801D80", "4B01 01 0344 20 07 04782E21801D80 067577810280"},
        {&cardsim_kind_iso4, "0A0B0C0D", "4B01 01 0004 20 04 0A0B0C0D 0578807002"},
        {&cardsim_kind_iso4, "00112233445566778899", "4B01 01 0084 20 0A 00112233445566778899 0578807002"},
    };
    for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++) {
        set_up_bench(NULL);
        put_card(cards[i].kind, cards[i].uid);
        command("4A0100", cards[i].answer);
    }
}

static void cards_of_other_kinds_are_listed_by_commands_of_their_own(void **state)
{
    (void)state;
    command("3205FF0100", "33"); /* one attempt */
    put_card(&cardsim_kind_typeb, "1A2B3C4D");
    put_card(&cardsim_kind_felica, "0102030405060708");
    command("4A0100", "4B00");
    command("4A010300", "4B01 01 50 1A2B3C4D 00000000 008171 01 00");
    command("4A010100FFFF0000", "4B01 01 12 01 0102030405060708 FFFFFFFFFFFFFFFF");
    command("4A010200FFFF0100", "4B01 01 14 01 0102030405060708 FFFFFFFFFFFFFFFF 12FC");
    put_card(&cardsim_kind_classic, "01020304");
    command("4A0100", "4B01 01 0004 08 04 01020304");
    cardsim_field_take(&bench_field, &bench_field.cards[0]);
    command("4A010300", "4B00");
    command("4A0104", "4B00"); /* Jewel */
}

static void a_card_may_promise_an_ats_and_send_none(void **state)
{
    (void)state;
    put_card(&cardsim_kind_iso4, "0A0B0C0D")->ats_len = 0;
    command("4A0100", "4B01 01 0004 20 04 0A0B0C0D");
    command("4A0100", "4B01 01 0004 20 04 0A0B0C0D");
}

static void without_automatic_rats_no_ats_is_asked_for(void **state)
{
    (void)state;
    put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    command("1204", "13");
    command("4A0100", "4B01 01 0344 20 07 04782E21801D80");
}

/* The output of nfc-anticol on a real PN532 v1.6 (forums.nfc-tools.org, post 3104). */
static void raw_anticollision_goes_as_on_a_real_reader(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "3E654B9A");
    command("320101", "33");
    command("0863020063030063 3D07", "09"); /* no CRC by the chip, frames of 7 bits */
    command("4226", "43 00 0400");
    command("08633D00", "09");
    command("429320", "43 00 3E654B9A8A");
    command("4293703E654B9A8AE97B", "43 00 08B6DD");
    command("42500057CD", "43 01"); /* halted: no answer */
    command("08633D07", "09");
    command("4226", "43 01");
    command("4252", "43 00 0400");
}

static void a_fifo_transceive_answers_as_libnfc_times_it(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "3E654B9A");
    command("320101", "33");
    command("08630200630300", "09");
    command("0863310C633A80633926633D87", "09");
    command("06633A", "0702");
    command("0663396339633A", "07040000");
}

/* Bits of the UID as in ISO/IEC 14443-3, 6.5.3: 3E654B9A, check byte 8A. */
static void a_part_of_a_uid_is_completed(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "3E654B9A");
    command("320101", "33");
    command("0863020063030063 3D07", "09");
    command("4226", "43 00 0400");
    command("08633D00", "09");
    command("429330 3E", "43 00 654B9A8A");
    command("08633D04", "09");
    command("429334 3E05", "43 00 B6A4A908"); /* 28 bits are left of 40; they start at bit 0 */
    command("06633C", "0714");                /* and the last byte has 4 */
    command("08633D44", "09");                /* RxAlign: they start at bit 4 */
    command("429334 3E05", "43 00 604B9A8A");
    command("06633C", "0710");
    command("429334 3E0A", "43 01"); /* another card */
}

static void a_collision_is_told_with_its_place(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "01020304");
    put_card(&cardsim_kind_classic, "01020305");
    command("320101", "33");
    command("0863020063030063 3D07", "09");
    command("4226", "43 00 0400"); /* both send the same ATQA */
    command("08633D00", "09");
    command("429320", "43 06");
    command("066336633E", "070899"); /* CollErr; the 25th bit */
    command("4293 50 010203", "43 06");
    command("066336633E", "070881"); /* the first of what was left */
    command("08633D01", "09");
    command("4293 51 01020301", "43 00 8202"); /* one card alone: 0000010, then 05 */
    command("066336633E", "0700A0");
}

static void of_three_cards_the_first_collision_counts(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "01020304");
    put_card(&cardsim_kind_classic, "01020204");
    put_card(&cardsim_kind_classic, "01020305");
    command("320101", "33");
    command("0863020063030063 3D07", "09");
    command("4226", "43 00 0400");
    command("08633D00", "09");
    command("429320", "43 06");
    command("06633E", "0791"); /* the 17th bit, not the 25th */
}

/* The frame delay time after a frame that ends with 1 or 0: ISO/IEC 14443-3, 6.2.1.1. */
static void the_timer_measures_the_frame_delay_time(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "3E654B9A");
    command("320101", "33");
    command("08630200630300 631A80 631B00 631CFF 631DFF", "09");
    command("0863310C633A80633952633D87", "09"); /* WUPA: 52 ends with 1 in its 7 bits */
    command("06631E631F", "07 FB2B");            /* FFFF - 1236 */
    command("320100", "33");
    command("320101", "33");
    command("0863310C633A80633926633D87", "09"); /* REQA: 26 ends with 0 */
    command("06631E631F6334", "07 FB6B 20");     /* FFFF - 1172; RxIRq */
    command("0863310C633A80633993633920633D80", "09");
    command("06631E631F6334", "07 FB6B 20");
    command("08631B02 633A80633993633920633D80", "09");
    command("06631E631F", "07 FF15"); /* prescaler 2: a fifth, 234 */
    command("0863310C633A80633926633D87", "09");
    command("06631E631F6334", "07 0000 01"); /* no answer: TimerIRq */
}

static void two_cards_are_both_listed(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "01020304");
    put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    command("4A0200", "4B02 01 0004 08 04 01020304 02 0344 20 07 04782E21801D80 067577810280");
    command("400130 00", "4113"); /* answers, though the second was selected last: no key, so a NAK */
    command("400260", "41 00 AF 04010101001805");
}

static void one_after_the_other_finds_each_card_once(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "01020304");
    put_card(&cardsim_kind_classic, "01020305");
    command("4A0100", "4B01 01 0004 08 04 01020305"); /* its 1 bit wins the collision */
    command("4400", "4500");
    command("4A0100", "4B01 01 0004 08 04 01020304");
}

/* ISO/IEC 14443-3, 6.2: a halted card answers WUPA and not REQA. So a search, which begins with REQA, finds a
 * card that came later, and the halted one when there is none. */
static void a_halted_card_makes_way_for_another(void **state)
{
    (void)state;
    put_card(&cardsim_kind_ntag213, "FFFFFFFFFFFFFF");
    command("4A0100", "4B01 01 0044 00 07 FFFFFFFFFFFFFF");
    command("4400", "4500");
    command("4A0100", "4B01 01 0044 00 07 FFFFFFFFFFFFFF");
    command("4400", "4500");
    put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    command("4A0100", "4B01 01 0344 20 07 04782E21801D80 067577810280");
    command("4400", "4500");
    put_card(&cardsim_kind_classic, "01020304");
    command("4A0100", "4B01 01 0004 08 04 01020304");
    command("4400", "4500");
    command("4A0100", "4B01 01 0004 08 04 01020304"); /* all three are halted, and this one wins */
    command("4400", "4500");
    command("4A010001020304", "4B01 01 0004 08 04 01020304");
    command("4A01008804782E21801D80", "4B01 01 0344 20 07 04782E21801D80 067577810280");
}

/* Without a halt, a card that does not use ISO/IEC 14443-4 only misses the first request. */
static void an_active_card_misses_one_request(void **state)
{
    (void)state;
    put_card(&cardsim_kind_ntag213, "FFFFFFFFFFFFFF");
    command("4A0100", "4B01 01 0044 00 07 FFFFFFFFFFFFFF");
    put_card(&cardsim_kind_classic, "01020304");
    command("4A0100", "4B01 01 0004 08 04 01020304");
    command("4A0100", "4B01 01 0044 00 07 FFFFFFFFFFFFFF");
}

static void two_targets_at_most_are_listed_of_three_cards(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "01020304");
    put_card(&cardsim_kind_classic, "01020305");
    put_card(&cardsim_kind_classic, "01020307");
    command("4A0200", "4B02 01 0004 08 04 01020307 02 0004 08 04 01020305");
    command("4402", "4500");
    command("4A0100", "4B01 01 0004 08 04 01020304");
}

static void a_card_that_left_does_not_answer_deselect(void **state)
{
    (void)state;
    struct cardsim_card *card = put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    command("4A0100", "4B01 01 0344 20 07 04782E21801D80 067577810280");
    cardsim_field_take(&bench_field, card);
    command("4400", "4501");
    card = put_card(&cardsim_kind_classic, "01020304");
    command("4A0100", "4B01 01 0004 08 04 01020304");
    cardsim_field_take(&bench_field, card);
    command("4400", "4500"); /* HLTA has no answer */
}

static void a_card_that_stays_is_found_again_after_release(void **state)
{
    (void)state;
    put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    for (int i = 0; i < 3; i++) {
        command("4A0100", "4B01 01 0344 20 07 04782E21801D80 067577810280");
        command("5200", "5300");
    }
    command("4A0100", "4B01 01 0344 20 07 04782E21801D80 067577810280");
    command("4A0100", "4B01 01 0344 20 07 04782E21801D80 067577810280");
}

static void a_card_is_looked_for_by_its_uid(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "01020304");
    put_card(&cardsim_kind_classic, "01020305");
    put_card(&cardsim_kind_ntag213, "04B1B2B3B4B5B6");
    command("3205000102", "33");
    command("4A010001020304", "4B01 01 0004 08 04 01020304");
    command("4A01008804B1B2B3B4B5B6", "4B01 01 0044 00 07 04B1B2B3B4B5B6"); /* as libnfc cascades it */
    command("4A010001020306", "4B00");
}

static void auto_poll_waits_for_a_card_and_tells_its_type(void **state)
{
    (void)state;
    uint8_t frame[64], poll[] = {0x60, 0xFF, 0x01, 0x20, 0x10};
    cardsim_chip_receive(&bench_chip, frame, cardsim_frame_encode(frame, 0xD4, poll, sizeof poll), bench_us);
    host_gets(ACK);
    put_card(&cardsim_kind_classic, "3E654B9A");
    wait_ms(0);
    host_gets("0000FF0EF2D561 01 10 09 01 0004 08 04 3E654B9A 1700");
    cardsim_field_take(&bench_field, &bench_field.cards[0]);
    put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    command("6001012010", "61 01 20 12 01 0344 20 07 04782E21801D80 067577810280");
}

static void a_random_uid_is_new_each_time_the_field_comes_up(void **state)
{
    (void)state;
    struct cardsim_card *card = put_card(&cardsim_kind_random, "");
    uint8_t first[4];
    cardsim_field_power(&bench_field, true);
    memcpy(first, card->uid, 4);
    assert_int_equal(first[0], 0x08);
    cardsim_field_power(&bench_field, true); /* already on */
    assert_memory_equal(card->uid, first, 4);
    cardsim_field_power(&bench_field, false);
    cardsim_field_power(&bench_field, true);
    assert_int_equal(card->uid[0], 0x08);
    assert_memory_not_equal(card->uid, first, 4);
}

static void a_card_taken_away_times_out(void **state)
{
    (void)state;
    struct cardsim_card *card = put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    command("4A0100", "4B01 01 0344 20 07 04782E21801D80 067577810280");
    command("0006", "0100"); /* Diagnose: present */
    cardsim_field_take(&bench_field, card);
    command("0006", "0101");
    command("400160", "4101");
}

static void nobody_selected_is_said_so(void **state)
{
    (void)state;
    command("400160", "4127");
    command("5401", "5527");
    command("4401", "4527");
    command("4400", "4500");
}

static void general_status_counts_the_targets(void **state)
{
    (void)state;
    command("04", "05 00 00 00 00");
    put_card(&cardsim_kind_classic, "01020304");
    command("4A0100", "4B01 01 0004 08 04 01020304");
    command("04", "05 00 00 01 01000010 00");
}

static void a_classic_opens_with_its_key_only(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "01020304");
    command("4A0100", "4B01 01 0004 08 04 01020304");
    command("400160 04 FFFFFFFFFFFF 01020304", "4100");
    command("4001A0 04 000102030405060708090A0B0C0D0E0F", "4100");
    command("400130 04", "4100 000102030405060708090A0B0C0D0E0F");
    command("400130 08", "4113"); /* another sector */
    command("4A0100", "4B01 01 0004 08 04 01020304");
    command("400160 04 A0A1A2A3A4A5 01020304", "4114");
    command("400130 04", "4101"); /* the card is silent: it must be selected again */
}

static void a_classic_shows_its_manufacturer_block(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "01020304");
    command("4A0100", "4B01 01 0004 08 04 01020304");
    command("400161 00 FFFFFFFFFFFF 01020304", "4100");
    command("400130 00", "4100 01020304 04 08 0400 0000000000000000");
    command("400130 03", "4100 000000000000 FF078069 FFFFFFFFFFFF");
    command("4001A0 00 000102030405060708090A0B0C0D0E0F", "4113");
}

/* The format of a value block: MF1S50YYX_V1 data sheet, 8.6.2.1. */
static void a_classic_counts_in_value_blocks(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "01020304");
    command("4A0100", "4B01 01 0004 08 04 01020304");
    command("400160 04 FFFFFFFFFFFF 01020304", "4100");
    command("4001A0 04 E8030000 17FCFFFF E8030000 05FA05FA", "4100"); /* 1000, of address 5 */
    command("4001C1 04 0A000000", "4100");
    command("400130 04", "4100 E8030000 17FCFFFF E8030000 05FA05FA"); /* only the transfer writes */
    command("4001B0 04", "4100");
    command("400130 04", "4100 F2030000 0DFCFFFF F2030000 05FA05FA");
    command("4001C0 04 F3030000", "4100");
    command("4001B0 05", "4100");
    command("400130 05", "4100 FFFFFFFF 00000000 FFFFFFFF 05FA05FA"); /* -1 */
    command("4001C2 04 00000000", "4100");
    command("4001B0 06", "4100");
    command("400130 06", "4100 F2030000 0DFCFFFF F2030000 05FA05FA");
    command("4001A0 06 F2030000 0DFCFFFF F2030001 05FA05FA", "4100");
    command("4001C1 06 01000000", "4113"); /* no value block */
}

static void a_classic_transfers_only_what_was_loaded(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "01020304");
    command("4A0100", "4B01 01 0004 08 04 01020304");
    command("400160 04 FFFFFFFFFFFF 01020304", "4100");
    command("4001B0 04", "4113");
}

/* nfc-mfultralight tells an Ultralight from its successors by this silence. */
static void an_ultralight_is_silent_to_commands_it_does_not_know(void **state)
{
    (void)state;
    put_card(&cardsim_kind_ultralight, "04B1B2B3B4B5B6");
    command("4A0100", "4B01 01 0044 00 07 04B1B2B3B4B5B6");
    command("4260", "4301");
    command("4A0100", "4B01 01 0044 00 07 04B1B2B3B4B5B6");
    command("4001 30 00", "4100 04B1B28F B3B4B5B6 04480000 00000000");
    command("4001 30 10", "4113"); /* past the end: a NAK */
}

/* Page layout and version: NTAG213 data sheet rev 3.2, 8.5.1 and table 28. */
static void an_ntag_reads_and_writes_pages_and_tells_its_version(void **state)
{
    (void)state;
    put_card(&cardsim_kind_ntag213, "04B1B2B3B4B5B6");
    command("4A0100", "4B01 01 0044 00 07 04B1B2B3B4B5B6");
    command("4001 30 00", "4100 04B1B28F B3B4B5B6 04480000 E1101200");
    command("4001 A2 05 DEADBEEF", "4100");
    command("4001 30 05", "4100 DEADBEEF 00000000 00000000 00000000");
    command("4001 A2 00 DEADBEEF", "4113"); /* the UID cannot be written */
    command("4A0100", "4B01 01 0044 00 07 04B1B2B3B4B5B6");
    command("4260", "4300 0004040201000F03");
    command("4001 60", "4113"); /* the chip takes it for a MIFARE authentication */
}

int main(void)
{
#define BENCH_TEST(name) cmocka_unit_test_setup(name, set_up_bench)
    const struct CMUnitTest tests[] = {
        BENCH_TEST(each_kind_is_listed_with_its_identity),
        BENCH_TEST(cards_of_other_kinds_are_listed_by_commands_of_their_own),
        BENCH_TEST(a_card_may_promise_an_ats_and_send_none),
        BENCH_TEST(without_automatic_rats_no_ats_is_asked_for),
        BENCH_TEST(raw_anticollision_goes_as_on_a_real_reader),
        BENCH_TEST(a_fifo_transceive_answers_as_libnfc_times_it),
        BENCH_TEST(a_part_of_a_uid_is_completed),
        BENCH_TEST(a_collision_is_told_with_its_place),
        BENCH_TEST(of_three_cards_the_first_collision_counts),
        BENCH_TEST(the_timer_measures_the_frame_delay_time),
        BENCH_TEST(two_cards_are_both_listed),
        BENCH_TEST(one_after_the_other_finds_each_card_once),
        BENCH_TEST(a_halted_card_makes_way_for_another),
        BENCH_TEST(an_active_card_misses_one_request),
        BENCH_TEST(two_targets_at_most_are_listed_of_three_cards),
        BENCH_TEST(a_card_that_left_does_not_answer_deselect),
        BENCH_TEST(a_card_that_stays_is_found_again_after_release),
        BENCH_TEST(a_card_is_looked_for_by_its_uid),
        BENCH_TEST(auto_poll_waits_for_a_card_and_tells_its_type),
        BENCH_TEST(a_random_uid_is_new_each_time_the_field_comes_up),
        BENCH_TEST(a_card_taken_away_times_out),
        BENCH_TEST(nobody_selected_is_said_so),
        BENCH_TEST(general_status_counts_the_targets),
        BENCH_TEST(a_classic_opens_with_its_key_only),
        BENCH_TEST(a_classic_shows_its_manufacturer_block),
        BENCH_TEST(a_classic_counts_in_value_blocks),
        BENCH_TEST(a_classic_transfers_only_what_was_loaded),
        BENCH_TEST(an_ultralight_is_silent_to_commands_it_does_not_know),
        BENCH_TEST(an_ntag_reads_and_writes_pages_and_tells_its_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
