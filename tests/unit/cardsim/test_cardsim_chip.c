/* SPDX-License-Identifier: Apache-2.0 */
/* The behaviour of the chip on the line: PN532 User Manual rev 2, 6.2.1 and 7.2, and frames of libnfc. */
#include "tests/fakes/cardsim_bench.h"

#define SAM_CONFIGURATION "0000FF03FDD414011700"
#define SAM_ANSWER        "0000FF02FED5151600"
#define GET_FIRMWARE      "0000FF02FED4022A00"
#define FIRMWARE_ANSWER   "0000FF06FAD50332010607E800"
#define LIST_ONE_TYPE_A   "0000FF04FCD44A0100E100"
#define NO_TARGET         "0000FF03FDD54B00E000"
#define RETRIES_FINITE    "0000FF06FAD43205000102F200"

static void the_first_command_wants_wake_up_bytes(void **state)
{
    (void)state;
    cardsim_chip_init(&bench_chip, &bench_field);
    bench_chip.is_instant = true;
    host_sends(SAM_CONFIGURATION);
    host_gets("");
    host_sends(AWAKE SAM_CONFIGURATION);
    host_gets(ACK SAM_ANSWER);
}

static void power_down_sleeps_until_the_next_wake_up(void **state)
{
    (void)state;
    command("16F0", "1700");
    host_sends(GET_FIRMWARE);
    host_gets("");
    host_sends(AWAKE GET_FIRMWARE);
    host_gets(ACK FIRMWARE_ANSWER);
}

static void power_down_without_serial_wake_up_stays_deaf(void **state)
{
    (void)state;
    command("1620", "1700");
    host_sends(AWAKE AWAKE GET_FIRMWARE);
    host_gets("");
}

static void the_communication_line_test_echoes(void **state)
{
    (void)state;
    host_sends("0000FF09F7D400006C69626E6663BE00");
    host_gets(ACK "0000FF09F7D501006C69626E6663BC00");
}

static void the_firmware_is_a_pn532_v1_6(void **state)
{
    (void)state;
    host_sends(GET_FIRMWARE);
    host_gets(ACK FIRMWARE_ANSWER);
}

static void an_unknown_command_gets_the_error_frame(void **state)
{
    (void)state;
    host_sends("0000FF02FED4FE2E00");
    host_gets(ACK "0000FF01FF7F8100");
}

static void a_command_with_parameters_missing_gets_the_error_frame(void **state)
{
    (void)state;
    host_sends("0000FF02FED44AE200");
    host_gets(ACK "0000FF01FF7F8100");
    host_sends("0000FF02FED4121A00");
    host_gets(ACK "0000FF01FF7F8100");
    host_sends("0000FF01FFD42C00"); /* not even a command code */
    host_gets(ACK "0000FF01FF7F8100");
}

static void a_damaged_command_is_not_acknowledged(void **state)
{
    (void)state;
    host_sends("0000FF02FED4022B00");
    host_gets("");
}

static void nack_brings_the_last_answer_again(void **state)
{
    (void)state;
    host_sends(GET_FIRMWARE);
    host_gets(ACK FIRMWARE_ANSWER);
    host_sends("0000FFFF0000");
    host_gets(FIRMWARE_ANSWER);
}

static void a_register_keeps_what_was_written(void **state)
{
    (void)state;
    command("08633D05630D10", "09");
    command("06633D630D", "070510");
}

static void ports_keep_what_was_written_validly(void **state)
{
    (void)state;
    command("0C", "0D 3F 06 01");
    command("0E 95 00", "0F"); /* only P3 has the validation bit */
    command("0C", "0D 15 06 01");
    command("0E 00 82", "0F");
    command("0C", "0D 15 02 01");
    host_sends("0000FF03FDD40E958900");
    host_gets(ACK "0000FF01FF7F8100"); /* P7 is missing */
}

static void the_regulation_test_runs_until_the_next_command(void **state)
{
    (void)state;
    host_sends("0000FF03FDD45800D400");
    host_gets(ACK);
    wait_ms(60000);
    host_gets("");
    host_sends(GET_FIRMWARE);
    host_gets(ACK FIRMWARE_ANSWER);
}

static void every_rf_configuration_item_is_taken_in_its_size(void **state)
{
    (void)state;
    static const struct {
        const char *item;
    } items[] = {{"3201 01"},
                 {"3202 000B0A"},
                 {"3204 00"},
                 {"3205 FF01FF"},
                 {"320A 59F43F114D85616F266287"},
                 {"320B 69FF3F11418561 6F"},
                 {"320C FF0485"},
                 {"320D 85158A85088215 8A85"}};
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++)
        command(items[i].item, "33");
    host_sends("0000FF04FCD43205 01F400"); /* one byte of three */
    host_gets(ACK "0000FF01FF7F8100");
}

static void an_empty_field_is_reported_once_the_retries_are_over(void **state)
{
    (void)state;
    bench_chip.is_instant = false;
    host_sends(RETRIES_FINITE);
    wait_ms(1);
    host_gets(ACK "0000FF02FED533F800");
    host_sends(LIST_ONE_TYPE_A);
    wait_ms(1);
    host_gets(ACK);
    assert_true(cardsim_chip_due_us(&bench_chip) < bench_us + 100000);
    wait_ms(100);
    host_gets(NO_TARGET);
}

static void endless_retries_wait_for_a_card(void **state)
{
    (void)state;
    command("3205FFFFFF", "33");
    host_sends(LIST_ONE_TYPE_A);
    wait_ms(3600000);
    host_gets(ACK);
    assert_true(cardsim_chip_due_us(&bench_chip) == UINT64_MAX);
    put_card(&cardsim_kind_classic, "3E654B9A");
    wait_ms(0);
    host_gets("0000FF0CF4D54B0101000408043E654B9A4600");
}

static void the_host_ends_a_waiting_listing_with_an_ack(void **state)
{
    (void)state;
    command("3205FFFFFF", "33");
    host_sends(LIST_ONE_TYPE_A);
    host_gets(ACK);
    host_sends("0000FF00FF00");
    put_card(&cardsim_kind_classic, "3E654B9A");
    wait_ms(100);
    host_gets("");
    host_sends(GET_FIRMWARE);
    host_gets(ACK FIRMWARE_ANSWER);
}

static void a_new_command_ends_a_waiting_listing(void **state)
{
    (void)state;
    command("3205FFFFFF", "33");
    host_sends(LIST_ONE_TYPE_A);
    host_gets(ACK);
    host_sends(GET_FIRMWARE);
    host_gets(ACK FIRMWARE_ANSWER);
    put_card(&cardsim_kind_classic, "3E654B9A");
    wait_ms(100);
    host_gets("");
}

static void even_an_unknown_command_ends_a_waiting_listing(void **state)
{
    (void)state;
    command("3205FFFFFF", "33");
    host_sends(LIST_ONE_TYPE_A);
    host_sends("0000FF02FED4FE2E00");
    host_gets(ACK ACK "0000FF01FF7F8100");
    put_card(&cardsim_kind_classic, "3E654B9A");
    wait_ms(100);
    host_gets("");
}

static void other_modulations_find_nothing(void **state)
{
    (void)state;
    put_card(&cardsim_kind_classic, "3E654B9A");
    command("3205000102", "33");
    command("4A010100FFFF0000", "4B00");
    command("4A010200FFFF0000", "4B00");
    command("4A010300", "4B00");
    command("4A0104", "4B00");
}

static void more_than_two_targets_are_a_syntax_error(void **state)
{
    (void)state;
    host_sends("0000FF04FCD44A0300DF00");
    host_gets(ACK "0000FF01FF7F8100");
    host_sends("0000FF04FCD44A0000E200");
    host_gets(ACK "0000FF01FF7F8100");
}

static void answers_take_the_time_radio_takes(void **state)
{
    (void)state;
    bench_chip.is_instant = false;
    put_card(&cardsim_kind_desfire_ev1, "04782E21801D80");
    host_sends(LIST_ONE_TYPE_A);
    host_gets(ACK);
    uint64_t took_us = cardsim_chip_due_us(&bench_chip) - bench_us;
    assert_in_range(took_us, 1000, 20000);
}

static void a_host_that_never_reads_costs_its_own_bytes_only(void **state)
{
    (void)state;
    for (int i = 0; i < 2000; i++)
        host_sends(GET_FIRMWARE);
    assert_in_range(bench_chip.output_len, 1, CARDSIM_OUTPUT_MAX);
    cardsim_chip_consume(&bench_chip, bench_chip.output_len);
    host_sends(GET_FIRMWARE);
    host_gets(ACK FIRMWARE_ANSWER);
}

int main(void)
{
#define BENCH_TEST(name) cmocka_unit_test_setup(name, set_up_bench)
    const struct CMUnitTest tests[] = {
        BENCH_TEST(the_first_command_wants_wake_up_bytes),
        BENCH_TEST(power_down_sleeps_until_the_next_wake_up),
        BENCH_TEST(power_down_without_serial_wake_up_stays_deaf),
        BENCH_TEST(the_communication_line_test_echoes),
        BENCH_TEST(the_firmware_is_a_pn532_v1_6),
        BENCH_TEST(an_unknown_command_gets_the_error_frame),
        BENCH_TEST(a_command_with_parameters_missing_gets_the_error_frame),
        BENCH_TEST(a_damaged_command_is_not_acknowledged),
        BENCH_TEST(nack_brings_the_last_answer_again),
        BENCH_TEST(a_register_keeps_what_was_written),
        BENCH_TEST(ports_keep_what_was_written_validly),
        BENCH_TEST(the_regulation_test_runs_until_the_next_command),
        BENCH_TEST(every_rf_configuration_item_is_taken_in_its_size),
        BENCH_TEST(an_empty_field_is_reported_once_the_retries_are_over),
        BENCH_TEST(endless_retries_wait_for_a_card),
        BENCH_TEST(the_host_ends_a_waiting_listing_with_an_ack),
        BENCH_TEST(a_new_command_ends_a_waiting_listing),
        BENCH_TEST(even_an_unknown_command_ends_a_waiting_listing),
        BENCH_TEST(other_modulations_find_nothing),
        BENCH_TEST(more_than_two_targets_are_a_syntax_error),
        BENCH_TEST(answers_take_the_time_radio_takes),
        BENCH_TEST(a_host_that_never_reads_costs_its_own_bytes_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
