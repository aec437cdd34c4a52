/* SPDX-License-Identifier: Apache-2.0 */
/* Each fault changes the line as its name says, as often as set, and has no effect afterwards. */
#include "tests/fakes/cardsim_bench.h"

#define GET_FIRMWARE    "0000FF02FED4022A00"
#define FIRMWARE_ANSWER "0000FF06FAD50332010607E800"
#define LISTED          "4B01 01 0344 20 07 04782E21801D80 067577810280"

static void arm(enum cardsim_fault kind, uint32_t count)
{
    bench_chip.faults = (struct cardsim_faults){.kind = kind, .left = count};
}

static void on_get_firmware(enum cardsim_fault kind, const char *expected)
{
    arm(kind, 1);
    host_sends(GET_FIRMWARE);
    host_gets(expected);
    host_sends(GET_FIRMWARE);
    host_gets(ACK FIRMWARE_ANSWER);
}

static void drop_ack_leaves_the_answer_alone(void **state)
{
    (void)state;
    on_get_firmware(CARDSIM_FAULT_DROP_ACK, FIRMWARE_ANSWER);
}

static void garbage_comes_before_the_ack(void **state)
{
    (void)state;
    on_get_firmware(CARDSIM_FAULT_GARBAGE_BEFORE_ACK, "A5005AFF13" ACK FIRMWARE_ANSWER);
}

static void a_bad_checksum_spoils_the_answer(void **state)
{
    (void)state;
    on_get_firmware(CARDSIM_FAULT_BAD_CHECKSUM, ACK "0000FF06FAD50332010607B200");
}

static void silence_follows_the_ack(void **state)
{
    (void)state;
    on_get_firmware(CARDSIM_FAULT_SILENCE_AFTER_ACK, ACK);
}

static void nack_fetches_what_silence_swallowed(void **state)
{
    (void)state;
    arm(CARDSIM_FAULT_SILENCE_AFTER_ACK, 1);
    host_sends(GET_FIRMWARE);
    host_gets(ACK);
    host_sends("0000FFFF0000");
    host_gets(FIRMWARE_ANSWER);
}

static void a_truncated_frame_stops_in_the_middle(void **state)
{
    (void)state;
    on_get_firmware(CARDSIM_FAULT_TRUNCATED_FRAME, ACK "0000FF06FAD5");
}

static void a_stale_reply_is_an_older_answer(void **state)
{
    (void)state;
    host_sends("0000FF03FDD414011700");
    host_gets(ACK "0000FF02FED5151600");
    on_get_firmware(CARDSIM_FAULT_STALE_REPLY, ACK "0000FF02FED5151600");
}

static void the_card_goes_in_the_middle_of_an_exchange(void **state)
{
    (void)state;
    put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    arm(CARDSIM_FAULT_CARD_GONE, 1);
    command("4A0100", LISTED);
    command("400160", "4101");
    assert_false(bench_field.cards[0].in_field);
}

static void a_hung_chip_says_nothing_until_cleared(void **state)
{
    (void)state;
    arm(CARDSIM_FAULT_HANG, UINT32_MAX);
    for (int i = 0; i < 100; i++)
        host_sends("5555000000" GET_FIRMWARE "0000FFFF0000");
    host_gets("");
    arm(CARDSIM_FAULT_NONE, 0);
    host_sends(GET_FIRMWARE);
    host_gets(ACK FIRMWARE_ANSWER);
}

static void status_bits_show_in_an_exchange_only(void **state)
{
    (void)state;
    put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    arm(CARDSIM_FAULT_STATUS_BIT7, 1);
    command("4A0100", LISTED);
    command("4400", "4500"); /* libnfc masks it here */
    command("4A0100", LISTED);
    command("400160", "4180 AF 04010101001805");
    command("4001AF", "4100 AF 04010101041805");
    arm(CARDSIM_FAULT_STATUS_BIT6, 1);
    command("4001AF", "4140 00 04782E21801D80 BA7C000001 36 25");
}

static void a_slow_answer_comes_late(void **state)
{
    (void)state;
    arm(CARDSIM_FAULT_SLOW, 1);
    bench_chip.faults.slow_ms = 250;
    host_sends(GET_FIRMWARE);
    wait_ms(249);
    host_gets(ACK);
    wait_ms(1);
    host_gets(FIRMWARE_ANSWER);
}

static void a_reset_forgets_the_settings_and_sleeps(void **state)
{
    (void)state;
    command("08633D05", "09");
    arm(CARDSIM_FAULT_RESET, 1);
    host_sends(GET_FIRMWARE);
    host_gets("");
    host_sends(GET_FIRMWARE);
    host_gets("");
    host_sends(AWAKE);
    command("06633D", "0700");
}

static void a_fault_spoils_as_many_answers_as_told(void **state)
{
    (void)state;
    arm(CARDSIM_FAULT_SILENCE_AFTER_ACK, 3);
    for (int i = 0; i < 3; i++)
        host_sends(GET_FIRMWARE);
    host_gets(ACK ACK ACK);
    host_sends(GET_FIRMWARE);
    host_gets(ACK FIRMWARE_ANSWER);
}

static void names_and_kinds_agree(void **state)
{
    (void)state;
    for (int i = 0; i < CARDSIM_FAULT_COUNT; i++) {
        assert_int_equal(cardsim_fault_by_name(cardsim_fault_name((enum cardsim_fault)i)), i);
        assert_non_null(cardsim_fault_summary((enum cardsim_fault)i));
    }
    assert_int_equal(cardsim_fault_by_name("drop"), CARDSIM_FAULT_COUNT);
}

int main(void)
{
#define BENCH_TEST(name) cmocka_unit_test_setup(name, set_up_bench)
    const struct CMUnitTest tests[] = {
        BENCH_TEST(drop_ack_leaves_the_answer_alone),
        BENCH_TEST(garbage_comes_before_the_ack),
        BENCH_TEST(a_bad_checksum_spoils_the_answer),
        BENCH_TEST(silence_follows_the_ack),
        BENCH_TEST(nack_fetches_what_silence_swallowed),
        BENCH_TEST(a_truncated_frame_stops_in_the_middle),
        BENCH_TEST(a_stale_reply_is_an_older_answer),
        BENCH_TEST(the_card_goes_in_the_middle_of_an_exchange),
        BENCH_TEST(a_hung_chip_says_nothing_until_cleared),
        BENCH_TEST(status_bits_show_in_an_exchange_only),
        BENCH_TEST(a_slow_answer_comes_late),
        BENCH_TEST(a_reset_forgets_the_settings_and_sleeps),
        BENCH_TEST(a_fault_spoils_as_many_answers_as_told),
        BENCH_TEST(names_and_kinds_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
