/* SPDX-License-Identifier: Apache-2.0 */
/* The clock is a number. At 115200 baud a byte of ten bits takes 86.8 us. */
#include "tests/fakes/cardsim_bench.h"
#include "tools/cardsim/pace.h"

static struct cardsim_pace pace, back;

static size_t send(const char *text, uint64_t now_us)
{
    return cardsim_pace_send(&pace, (const uint8_t *)text, strlen(text), now_us);
}

static void without_a_rate_bytes_arrive_at_once(void **state)
{
    (void)state;
    cardsim_pace_init(&pace, 0);
    assert_int_equal(send("abc", 500), 3);
    assert_int_equal(cardsim_pace_arrived(&pace, 500), 3);
    assert_int_equal(cardsim_pace_due_us(&pace, 500), UINT64_MAX);
}

static void a_byte_takes_ten_bits(void **state)
{
    (void)state;
    cardsim_pace_init(&pace, 115200);
    send("abc", 1000);
    assert_int_equal(cardsim_pace_arrived(&pace, 1086), 0);
    assert_int_equal(cardsim_pace_due_us(&pace, 1086), 1087);
    assert_int_equal(cardsim_pace_arrived(&pace, 1087), 1);
    assert_int_equal(cardsim_pace_due_us(&pace, 1087), 1174);
    assert_int_equal(cardsim_pace_arrived(&pace, 1260), 2);
    assert_int_equal(cardsim_pace_arrived(&pace, 1261), 3);
}

static void bytes_wait_for_those_before_them(void **state)
{
    (void)state;
    cardsim_pace_init(&pace, 10000); /* 1000 us a byte */
    send("ab", 0);
    send("c", 500);
    assert_int_equal(cardsim_pace_arrived(&pace, 2000), 2);
    cardsim_pace_consume(&pace, 2);
    assert_int_equal(pace.bytes[0], 'c');
    assert_int_equal(cardsim_pace_due_us(&pace, 2000), 3000);
    assert_int_equal(cardsim_pace_arrived(&pace, 3000), 1);
}

static void an_idle_line_starts_with_the_next_byte(void **state)
{
    (void)state;
    cardsim_pace_init(&pace, 10000);
    send("a", 0);
    send("b", 7000); /* while "a" was not yet consumed */
    assert_int_equal(cardsim_pace_arrived(&pace, 7999), 1);
    assert_int_equal(cardsim_pace_arrived(&pace, 8000), 2);
}

static void a_line_takes_no_more_than_it_has_room_for(void **state)
{
    (void)state;
    static const uint8_t many[CARDSIM_PACE_MAX];
    cardsim_pace_init(&pace, 115200);
    assert_int_equal(send("abc", 0), 3);
    assert_int_equal(cardsim_pace_send(&pace, many, sizeof many, 0), CARDSIM_PACE_MAX - 3);
    assert_int_equal(cardsim_pace_room(&pace), 0);
    cardsim_pace_consume(&pace, 2);
    assert_int_equal(cardsim_pace_room(&pace), 2);
}

/* GetFirmwareVersion at 115200 baud: 8 bytes of command up to its checksum, 6 of ACK, 13 of answer take 2,344
 * us. The 200 us of the chip pass while its ACK is on the line. */
static void a_command_takes_its_bytes_both_ways(void **state)
{
    (void)state;
    uint8_t command[16];
    size_t len = from_hex("0000FF02FED4022A00", command), answered = 0;
    uint64_t start_us = bench_us;
    bench_chip.is_instant = false;
    cardsim_pace_init(&pace, 115200);
    cardsim_pace_init(&back, 115200);
    cardsim_pace_send(&pace, command, len, bench_us);
    while (answered < 6 + 13 && bench_us < start_us + 10000) {
        bench_us++;
        size_t arrived = cardsim_pace_arrived(&pace, bench_us);
        cardsim_chip_receive(&bench_chip, pace.bytes, arrived, bench_us);
        cardsim_pace_consume(&pace, arrived);
        cardsim_chip_poll(&bench_chip, bench_us);
        cardsim_chip_consume(&bench_chip,
                             cardsim_pace_send(&back, bench_chip.output, bench_chip.output_len, bench_us));
        answered = cardsim_pace_arrived(&back, bench_us);
    }
    assert_in_range(bench_us - start_us, 2344, 2346);
    assert_bytes(back.bytes, back.len, ACK "0000FF06FAD50332010607E800");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_rate_bytes_arrive_at_once),
        cmocka_unit_test(a_byte_takes_ten_bits),
        cmocka_unit_test(bytes_wait_for_those_before_them),
        cmocka_unit_test(an_idle_line_starts_with_the_next_byte),
        cmocka_unit_test(a_line_takes_no_more_than_it_has_room_for),
        cmocka_unit_test_setup(a_command_takes_its_bytes_both_ways, set_up_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
