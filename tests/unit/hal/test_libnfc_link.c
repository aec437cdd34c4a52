/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal/libnfc/libnfc_link.h"

/* Written by hand from the table in the header. */
static const uint8_t card_head[] = {
    1,    3,    47,   0,    0x05, 0,    0,    0, /* version, CARD, 47 bytes, card 5 */
    0,    0,    0,    0,    0,    0,    0,    0, /* no exchange, no result */
    0x15, 0x81, 0xE9, 0x7D, 0xF4, 0x10, 0x22, 0, /* 0x002210F47DE98115 us */
    7,    0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0,    0,
    0,    0x03, 0x44, 0x20, 5,    0x75, 0x77, 0x81, 0x02, 0x80,
};

static void make_card(uint8_t wire[LIBNFC_LINK_SIZE])
{
    memset(wire, 0, LIBNFC_LINK_SIZE);
    memcpy(wire, card_head, sizeof card_head);
}

static void a_card_reads_as_the_table_says(void **state)
{
    (void)state;
    uint8_t wire[LIBNFC_LINK_SIZE];
    struct libnfc_link_message message;
    make_card(wire);
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_OK);
    assert_int_equal(message.kind, LIBNFC_LINK_CARD);
    assert_int_equal(message.card, 5);
    assert_true(message.time_us == 0x002210F47DE98115u);
    assert_int_equal(message.target.uid_len, 7);
    assert_memory_equal(message.target.uid, "\x04\x11\x22\x33\x44\x55\x66", 7);
    assert_memory_equal(message.target.atqa, "\x03\x44", 2);
    assert_int_equal(message.target.sak, 0x20);
    assert_int_equal(message.target.ats_len, 5);
    assert_memory_equal(message.target.ats, "\x75\x77\x81\x02\x80", 5);
}

static void a_card_is_written_as_the_table_says(void **state)
{
    (void)state;
    uint8_t wire[LIBNFC_LINK_SIZE], expected[LIBNFC_LINK_SIZE];
    struct libnfc_link_message message = {
        .kind = LIBNFC_LINK_CARD,
        .card = 5,
        .time_us = 0x002210F47DE98115u,
        .target = {.uid = {0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66},
                   .uid_len = 7,
                   .atqa = {0x03, 0x44},
                   .sak = 0x20,
                   .ats = {0x75, 0x77, 0x81, 0x02, 0x80},
                   .ats_len = 5},
    };
    make_card(expected);
    assert_int_equal(libnfc_link_encode(&message, wire), ERR_OK);
    assert_memory_equal(wire, expected, sizeof wire);
}

static void a_card_that_the_gate_cannot_use_has_its_form(void **state)
{
    (void)state;
    uint8_t wire[LIBNFC_LINK_SIZE], expected[LIBNFC_LINK_SIZE] = {1, LIBNFC_LINK_CARD, 47};
    struct libnfc_link_message message, other = {.kind = LIBNFC_LINK_CARD};
    assert_int_equal(libnfc_link_encode(&other, wire), ERR_OK);
    assert_memory_equal(wire, expected, sizeof wire);
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_OK);
    assert_int_equal(message.target.uid_len, 0);
    assert_false(message.target.is_unfinished);
    wire[25] = 1; /* a UID of no length */
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_FORMAT);

    struct libnfc_link_message unfinished = {
        .kind = LIBNFC_LINK_CARD,
        .target = {.uid = {4, 1, 2, 3}, .uid_len = 4, .sak = 0x20, .is_unfinished = true}};
    assert_int_equal(libnfc_link_encode(&unfinished, wire), ERR_OK);
    assert_int_equal(wire[38], 255);
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_OK);
    assert_true(message.target.is_unfinished);
    assert_int_equal(message.target.ats_len, 0);
    wire[39] = 1; /* an ATS that is missing has no bytes */
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_FORMAT);
    unfinished.target.ats_len = 1;
    assert_int_equal(libnfc_link_encode(&unfinished, wire), ERR_ARGUMENT);
}

static void a_card_that_left_reads_like_a_card(void **state)
{
    (void)state;
    uint8_t wire[LIBNFC_LINK_SIZE], again[LIBNFC_LINK_SIZE];
    struct libnfc_link_message message;
    make_card(wire);
    wire[1] = LIBNFC_LINK_GONE;
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_OK);
    assert_int_equal(message.kind, LIBNFC_LINK_GONE);
    assert_int_equal(message.card, 5);
    assert_memory_equal(message.target.uid, "\x04\x11\x22\x33\x44\x55\x66", 7);
    assert_int_equal(libnfc_link_encode(&message, again), ERR_OK);
    assert_memory_equal(again, wire, sizeof wire);
    wire[24] = 5; /* no UID has this length */
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_FORMAT);
}

static void a_message_of_another_size_is_refused(void **state)
{
    (void)state;
    uint8_t wire[LIBNFC_LINK_SIZE + 1] = {0};
    struct libnfc_link_message message;
    make_card(wire);
    assert_int_equal(libnfc_link_decode(wire, LIBNFC_LINK_SIZE - 1, &message), ERR_FORMAT);
    assert_int_equal(libnfc_link_decode(wire, LIBNFC_LINK_SIZE + 1, &message), ERR_FORMAT);
    assert_int_equal(libnfc_link_decode(wire, 0, &message), ERR_FORMAT);
}

static void one_wrong_byte_is_refused(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {
        {0, 2},   {0, 0},                                    /* version */
        {1, 0},   {1, 9},     {1, 255},                      /* kind */
        {2, 46},  {3, 1},                                    /* body length */
        {8, 1},   {12, 0xFC},                                /* a card with an exchange, with a result */
        {24, 0},  {24, 5},    {24, 8},  {24, 11}, {24, 255}, /* UID length */
        {32, 1},                                             /* a byte after the UID */
        {38, 33}, {38, 255},                                 /* ATS length */
        {44, 1},                                             /* a byte after the ATS */
        {71, 1},  {279, 1},                                  /* a byte after the body */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        uint8_t wire[LIBNFC_LINK_SIZE];
        struct libnfc_link_message message;
        make_card(wire);
        wire[wrong[i].at] = wrong[i].value;
        if (libnfc_link_decode(wire, sizeof wire, &message) != ERR_FORMAT)
            fail_msg("byte %zu as %u was taken", wrong[i].at, wrong[i].value);
    }
}

static void a_text_is_printable_and_fits_a_report(void **state)
{
    (void)state;
    uint8_t wire[LIBNFC_LINK_SIZE] = {1, LIBNFC_LINK_READY, 47};
    struct libnfc_link_message message;
    memset(wire + 24, 'x', 47);
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_OK);
    assert_int_equal(strlen(message.text), 47);
    wire[30] = '\n';
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_FORMAT);
    wire[30] = 0;
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_FORMAT);
    wire[30] = 'x', wire[24 + 47] = 'x', wire[2] = 48;
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_FORMAT);
}

static void a_text_is_cut_and_cleaned_when_written(void **state)
{
    (void)state;
    uint8_t wire[LIBNFC_LINK_SIZE];
    struct libnfc_link_message message = {.kind = LIBNFC_LINK_FAULT}, read;
    memset(message.text, 'a', sizeof message.text); /* no NUL */
    message.text[1] = '\x1b';
    assert_int_equal(libnfc_link_encode(&message, wire), ERR_OK);
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &read), ERR_OK);
    assert_int_equal(strlen(read.text), 47);
    assert_memory_equal(read.text, "a?a", 3);
}

static void an_answer_carries_bytes_or_a_known_error(void **state)
{
    (void)state;
    uint8_t wire[LIBNFC_LINK_SIZE] = {1, LIBNFC_LINK_ANSWER, 2, 0, 0, 0, 0, 0, 9};
    struct libnfc_link_message message;
    wire[24] = 0x91, wire[25] = 0xAF;
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_OK);
    assert_int_equal(message.exchange, 9);
    assert_int_equal(message.data_len, 2);
    memset(wire + 12, 0xFF, 4);
    wire[12] = 0xFC; /* -4, ERR_TIMEOUT, with bytes */
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_FORMAT);
    wire[2] = 0, wire[24] = 0, wire[25] = 0;
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_OK);
    assert_int_equal(message.result, ERR_TIMEOUT);
    wire[12] = 0x80; /* an unknown error */
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_FORMAT);
    memset(wire + 12, 0, 4);
    wire[12] = 1; /* a positive result would read as a count */
    assert_int_equal(libnfc_link_decode(wire, sizeof wire, &message), ERR_FORMAT);
}

static void what_the_layout_cannot_carry_is_not_written(void **state)
{
    (void)state;
    uint8_t wire[LIBNFC_LINK_SIZE];
    struct libnfc_link_message card = {.kind = LIBNFC_LINK_CARD, .target = {.uid_len = 5}};
    assert_int_equal(libnfc_link_encode(&card, wire), ERR_ARGUMENT);
    card.target.uid_len = 4, card.target.ats_len = READER_ATS_MAX + 1;
    assert_int_equal(libnfc_link_encode(&card, wire), ERR_ARGUMENT);
    struct libnfc_link_message request = {.kind = LIBNFC_LINK_EXCHANGE, .data_len = LIBNFC_LINK_DATA_MAX + 1};
    assert_int_equal(libnfc_link_encode(&request, wire), ERR_ARGUMENT);
    struct libnfc_link_message unknown = {.kind = (enum libnfc_link_kind)99};
    assert_int_equal(libnfc_link_encode(&unknown, wire), ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_reads_as_the_table_says),
        cmocka_unit_test(a_card_is_written_as_the_table_says),
        cmocka_unit_test(a_card_that_the_gate_cannot_use_has_its_form),
        cmocka_unit_test(a_card_that_left_reads_like_a_card),
        cmocka_unit_test(a_message_of_another_size_is_refused),
        cmocka_unit_test(one_wrong_byte_is_refused),
        cmocka_unit_test(a_text_is_printable_and_fits_a_report),
        cmocka_unit_test(a_text_is_cut_and_cleaned_when_written),
        cmocka_unit_test(an_answer_carries_bytes_or_a_known_error),
        cmocka_unit_test(what_the_layout_cannot_carry_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
