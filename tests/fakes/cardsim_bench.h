/* SPDX-License-Identifier: Apache-2.0 */
/* Provides what the cardsim tests share: bytes written as hexadecimal text, and a chip with a field. The
 * state is static in each test program. A failed check fails the test. */
#ifndef TESTS_FAKES_CARDSIM_BENCH_H
#define TESTS_FAKES_CARDSIM_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tools/cardsim/chip.h"

#define ACK   "0000FF00FF00"
#define AWAKE "5555000000"

static struct cardsim_field bench_field;
static struct cardsim_chip bench_chip;
static uint64_t bench_us;

/* Converts "0000 FF02" to bytes; blanks are skipped. Returns the number of bytes. */
static inline size_t from_hex(const char *hex, uint8_t *out)
{
    size_t len = 0;
    for (unsigned byte; *hex; hex += 2) {
        hex += strspn(hex, " ");
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        out[len++] = (uint8_t)byte;
    }
    return len;
}

/* Checks that bytes are equal to those of a hexadecimal text. */
static inline void assert_bytes(const uint8_t *got, size_t len, const char *expected)
{
    uint8_t want[600];
    char got_text[1300] = "", want_text[1300] = "";
    assert_in_range(len, 0, 600);
    size_t want_len = from_hex(expected, want);
    for (size_t i = 0; i < len; i++)
        sprintf(got_text + 2 * i, "%02X", got[i]);
    for (size_t i = 0; i < want_len; i++)
        sprintf(want_text + 2 * i, "%02X", want[i]);
    assert_string_equal(got_text, want_text);
}

/* Makes a card with a name and a UID in hexadecimal. The card is not in the field. Returns the card. */
static inline struct cardsim_card *add_card(const struct cardsim_card_kind *kind, const char *name,
                                            const char *uid)
{
    uint8_t bytes[CARDSIM_UID_MAX];
    struct cardsim_card *card = cardsim_field_spare(&bench_field);
    assert_non_null(card);
    assert_true(cardsim_card_create(card, kind, name, bytes, from_hex(uid, bytes)));
    bench_field.count++;
    return card;
}

/* Makes a card and puts it into the field. Returns the card. */
static inline struct cardsim_card *put_card(const struct cardsim_card_kind *kind, const char *uid)
{
    struct cardsim_card *card = add_card(kind, uid, uid);
    cardsim_field_put(&bench_field, card, 0);
    return card;
}

/* Sends bytes from the host to the chip. */
static inline void host_sends(const char *hex)
{
    uint8_t bytes[600];
    cardsim_chip_receive(&bench_chip, bytes, from_hex(hex, bytes), bench_us);
}

/* Checks and removes everything that the chip has sent. */
static inline void host_gets(const char *hex)
{
    assert_bytes(bench_chip.output, bench_chip.output_len, hex);
    cardsim_chip_consume(&bench_chip, bench_chip.output_len);
}

/* Advances the time and polls the chip. */
static inline void wait_ms(uint64_t ms)
{
    bench_us += 1000 * ms;
    cardsim_chip_poll(&bench_chip, bench_us);
}

/* Sends one command. Both texts and answers start with the command code; other tests check the framing.
 * Copies the answer to out and returns its length. */
static inline size_t exchange(const char *hex, uint8_t *out)
{
    uint8_t data[CARDSIM_FRAME_DATA_MAX], frame[CARDSIM_FRAME_MAX];
    size_t len = from_hex(hex, data);
    cardsim_chip_receive(&bench_chip, frame, cardsim_frame_encode(frame, CARDSIM_TFI_HOST, data, len),
                         bench_us);
    assert_true(bench_chip.output_len >= 6 + 8);
    assert_memory_equal(bench_chip.output, cardsim_frame_ack, 6);
    size_t start = bench_chip.output[6 + 3] == 0xFF ? 6 + 9 : 6 + 6; /* extended or normal */
    size_t answer_len = bench_chip.output_len - start - 2;
    memcpy(out, bench_chip.output + start, answer_len);
    cardsim_chip_consume(&bench_chip, bench_chip.output_len);
    return answer_len;
}

/* Sends one command and checks its answer. */
static inline void command(const char *hex, const char *answer)
{
    uint8_t got[CARDSIM_OUTPUT_MAX];
    assert_bytes(got, exchange(hex, got), answer);
}

/* Prepares an instant chip, awake, with an empty field. */
static inline int set_up_bench(void **state)
{
    (void)state;
    cardsim_field_init(&bench_field, 1);
    cardsim_chip_init(&bench_chip, &bench_field);
    bench_chip.is_instant = true;
    bench_us = 1000000;
    host_sends(AWAKE);
    return 0;
}

#endif
