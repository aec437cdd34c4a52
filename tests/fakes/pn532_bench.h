/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the PN532 driver share: the frames, a scripted line, and ways into each state. The state
 * is static in each test program. A failed check fails the test. */
#ifndef TESTS_FAKES_PN532_BENCH_H
#define TESTS_FAKES_PN532_BENCH_H

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

#define ACK "0000FF00FF00"

#define WAKE "55550000000000000000000000000000FF00FF00"
#define LIST "0000FF04FCD44A0100E100"

#define NO_CARD "0000FF03FDD54B00E000"
#define CLASSIC "0000FF0CF4D54B010100040804 04ED0B11 C100" /* 04ED0B11 */

#define LIST_OF_DESFIRE "0000FF0CF4D44A01008804782E21801D80 7100"
#define DESFIRE         "0000FF15EBD54B010103442007 04782E21801D80 067577810280 9300"
#define HALT            "0000FF03FDD44400 E800"
#define HALTED          "0000FF03FDD54500 E600"

#define FIELD_OFF  "0000FF04FCD4320100F900"
#define FIELD_ON   "0000FF04FCD4320101F800"
#define FIELD_DONE "0000FF02FED533F800"

static struct fake_serial line;
static struct fake_timer timer;
static struct pn532_config config;
static struct pn532 pn532;
static struct reader_report report;
static char text[1200];
static uint32_t line_baud;

static inline int start(void **state)
{
    (void)state;
    fake_serial_init(&line);
    fake_timer_init(&timer, 5000000);
    line_baud = 115200;
    config = (struct pn532_config){.serial = &line.serial, .timer = &timer.timer};
    pn532_init(&pn532, &config);
    return 0;
}

static inline const char *hex_text(const uint8_t *bytes, size_t len)
{
    text[0] = '\0';
    for (size_t i = 0; i < len; i++)
        sprintf(text + 2 * i, "%02X", bytes[i]);
    return text;
}

static inline void assert_hex(const uint8_t *bytes, size_t len, const char *expected)
{
    uint8_t want[512] = {0};
    char want_text[1100];
    strcpy(want_text, hex_text(want, hex_bytes(expected, want, sizeof want)));
    assert_string_equal(hex_text(bytes, len), want_text);
}

static inline void host_wrote(const char *expected)
{
    assert_hex(line.written, line.written_len, expected);
    line.written_len = 0;
}

static inline void chip_sends(const char *hex)
{
    uint8_t bytes[512];
    fake_serial_send(&line, bytes, hex_bytes(hex, bytes, sizeof bytes));
}

static inline int poll(void)
{
    return pn532.reader.poll(pn532.reader.ctx, &report);
}

static inline void quiet_poll(void)
{
    assert_int_equal(poll(), 0);
}

static inline void assert_poll(enum reader_event event)
{
    assert_int_equal(poll(), 1);
    assert_int_equal(report.event, event);
}

/* Advances the time while the chip is silent. */
static inline void wait_ms(unsigned ms)
{
    fake_timer_advance_ms(&timer, ms);
    quiet_poll();
}

/* One command and its answer, with no report. */
static inline void answer(const char *command, const char *reply)
{
    host_wrote(command);
    chip_sends(ACK);
    chip_sends(reply);
    quiet_poll();
}

static inline void wake(void)
{
    host_wrote(WAKE);
    wait_ms(3);
}

static inline void set_up_rest(void)
{
    answer("0000FF03FDD4121406 00", "0000FF02FED51318 00");      /* automatic RATS */
    answer("0000FF06FAD43205FF0102 F300", "0000FF02FED533F800"); /* MaxRetries */
    answer("0000FF06FAD43202000B09 E400", "0000FF02FED533F800"); /* timings */
    answer("0000FF04FCD4320400 F600", "0000FF02FED533F800");     /* MxRtyCOM */
    answer("0000FF04FCD4320101 F800", "0000FF02FED533F800");     /* field on */
}

static inline void set_up(void)
{
    wake();
    answer(ACK "0000FF03FDD4140117 00", "0000FF02FED51516 00"); /* SAMConfiguration */
    answer("0000FF02FED4022A00", "0000FF06FAD50332010607E800"); /* GetFirmwareVersion */
    set_up_rest();
}

static inline void cut_field(void)
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
static inline void reach_empty_field(void)
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

static inline void reach_card(const char *listing)
{
    reach_empty_field();
    host_wrote(LIST);
    chip_sends(ACK);
    quiet_poll();
    chip_sends(listing);
    assert_poll(READER_CARD);
}

/* A turn while a card is present: the selected card is halted, then the field is searched. */
static inline void look(const char *listing)
{
    wait_ms(10);
    answer(HALT, HALTED);
    answer(LIST, listing);
}

/* ---- exchange ---- */

static const char *exchange_reply, *exchange_reply_next;

static unsigned idle_calls;

/* The chip answers while the driver waits. */
static inline void idle(void *ctx)
{
    (void)ctx;
    idle_calls++;
    fake_timer_advance_ms(&timer, 1);
    if (exchange_reply != NULL)
        chip_sends(exchange_reply);
    exchange_reply = exchange_reply_next;
    exchange_reply_next = NULL;
}

static inline int exchange(const char *tx, const char *reply, uint8_t *rx, size_t rx_size)
{
    uint8_t bytes[300];
    size_t len = hex_bytes(tx, bytes, sizeof bytes);
    config.idle = idle;
    exchange_reply = reply;
    idle_calls = 0;
    line.written_len = 0;
    return pn532.reader.exchange(pn532.reader.ctx, bytes, len, rx, rx_size);
}

#endif
