/* SPDX-License-Identifier: Apache-2.0 */
/* The notations of one card, as field reports name them; values computed with Python's int.to_bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/hex.h"
#include "tools/portillon/csv/card_number.h"

static char why[CARD_NUMBER_WHY_MAX];

/* The UID as hex, or NULL when it was refused (why says the reason). */
static const char *parse(const char *notation_text, uint8_t uid_len_wanted, const char *text)
{
    static char shown[2 * READER_UID_MAX + 1];
    struct card_notation notation = {.uid_len = uid_len_wanted};
    uint8_t uid[READER_UID_MAX], uid_len;
    assert_int_equal(card_notation_parse(notation_text, &notation), ERR_OK);
    if (card_number_parse(&notation, text, strlen(text), uid, &uid_len, why) != ERR_OK)
        return NULL;
    for (int i = 0; i < uid_len; i++)
        snprintf(shown + 2 * i, 3, "%02X", uid[i]);
    return shown;
}

static void hex_is_read_with_and_without_marks_between_bytes(void **state)
{
    (void)state;
    static const char *const same[] = {"04A1B2C3D4E580",       "04:A1:B2:C3:D4:E5:80", "04-a1-b2-c3-d4-e5-80",
                                       "04 A1 B2 C3 D4 E5 80", "0x04A1B2C3D4E580",     "=\"04A1B2C3D4E580\"",
                                       "'04A1B2C3D4E580",      " 04A1B2C3D4E580 "};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        assert_string_equal(parse("hex", 0, same[i]), "04A1B2C3D4E580");
    assert_string_equal(parse("hex", 0, "C1D2E3F4"), "C1D2E3F4");
    assert_string_equal(parse("hex", 0, "04112233445566778899"), "04112233445566778899");
    assert_string_equal(parse("hex-reversed", 0, "80E5D4C3B2A104"), "04A1B2C3D4E580");
}

static void decimals_know_their_byte_count_and_order(void **state)
{
    (void)state;
    assert_string_equal(parse("decimal", 0, "3251823604"), "C1D2E3F4");
    assert_string_equal(parse("decimal", 0, "82643729"), "04ED0B11");
    assert_string_equal(parse("decimal-reversed", 0, "285994244"), "04ED0B11");
    assert_string_equal(parse("decimal10", 0, "0082643729"), "04ED0B11");
    assert_string_equal(parse("decimal10-reversed", 0, "0285994244"), "04ED0B11");
    assert_string_equal(parse("decimal", 0, "1303689068602752"), "04A1B2C3D4E580");
    assert_string_equal(parse("decimal", 7, "1303689068602752"), "04A1B2C3D4E580");
    assert_string_equal(parse("decimal", 10, "19205524969286327044249"), "04112233445566778899");
    assert_null(parse("decimal", 4, "4294967296"));
    assert_null(parse("decimal", 0, "99999999999999999999999999"));
    assert_null(parse("decimal10", 0, "82643729"));
    assert_non_null(strstr(why, "ten"));
    assert_null(parse("decimal10", 0, "9999999999"));
}

static void a_lost_zero_is_an_error_not_a_guess(void **state)
{
    (void)state;
    assert_null(parse("hex", 0, "4ED0B11"));
    assert_non_null(strstr(why, "leading zero"));
    assert_null(parse("hex", 0, "4 ED 0B 11"));
    assert_non_null(strstr(why, "4 as 04"));
    assert_null(parse("hex", 0, "04ED0B"));
    assert_null(parse("hex", 0, "04ED0B1122"));
    assert_null(parse("hex", 0, "0411223344556677889900"));
    assert_null(parse("hex", 0, ""));
    assert_null(parse("hex", 0, "04ED0G11"));
    assert_non_null(strstr(why, "not hexadecimal"));
}

static void padded_numbers_are_refused(void **state)
{
    (void)state;
    static const char *const padded[] = {
        "04ED0B11000000",       "00000004ED0B12",       "FFFFFF04ED0B12",
        "04ED0B11FFFFFF",       "04:ED:0B:11:00:00:00", "04ED0B11000000000000",
        "00000000000004ED0B11", "04A1B2C3D4E580000000", "00000004A1B2C3D4E580"};
    for (size_t i = 0; i < sizeof padded / sizeof padded[0]; i++) {
        assert_null(parse("hex", 0, padded[i]));
        assert_null(parse("hex-reversed", 0, padded[i]));
        assert_non_null(strstr(why, "it is padded: a UID of "));
    }
    assert_null(parse("decimal", 7, "82643729"));
    assert_non_null(strstr(why, "a UID of 4 bytes, filled up to 7"));
    assert_null(parse("decimal", 0, "1386531692478464")); /* 04ED0B11000000 */
    assert_null(parse("decimal", 10, "1303689068602752"));
    assert_non_null(
        strstr(why, "a UID of 7 bytes, filled up to 10: export it as the card sends it, with 14"));
    assert_string_equal(parse("hex", 0, "04ED0B11000080"), "04ED0B11000080");
    assert_string_equal(parse("hex", 0, "04000000000000"), "04000000000000");
    assert_string_equal(parse("hex", 0, "04ED0000"), "04ED0000");
}

static void what_programs_put_around_and_between_digits_is_left_out(void **state)
{
    (void)state;
    static const char *const same[] = {"82643729.0",
                                       "82643729,0",
                                       "82643729.00",
                                       "82 643 729",
                                       "82\u00A0643\u00A0729",
                                       "82\u202F643\u202F729",
                                       "82\u2009643\u2009729",
                                       "\u200E82643729",
                                       "\uFEFF82643729\u200B",
                                       "\t82643729",
                                       "=\"82643729\"",
                                       "=\"82 643 729\"",
                                       "\x01"
                                       "82643729",
                                       "82 643 729.0",
                                       "'82643729",
                                       " =\"82643729\" ",
                                       "82\u3000643729"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (parse("decimal", 0, same[i]) == NULL)
            fail_msg("%s: %s", same[i], why);
        else
            assert_string_equal(parse("decimal", 0, same[i]), "04ED0B11");
    assert_string_equal(parse("hex", 0, "04\u00A0A1\u2009B2 C3 D4 E5 80\u200F"), "04A1B2C3D4E580");
    assert_string_equal(parse("hex", 0, "04A1 B2C3 D4E5 80"), "04A1B2C3D4E580");
    assert_string_equal(parse("hex", 0, "04.00.00.10"), "04000010"); /* no decimal point */
    assert_null(parse("hex", 0, "82643729.0"));
    assert_non_null(strstr(why, "say --uid decimal"));
    assert_null(parse("decimal", 0, "82643729.5"));
    assert_null(parse("decimal", 0, ".0"));
    assert_null(parse("decimal", 0, "826.4372.9"));
}

static void a_number_that_many_devices_show_is_refused(void **state)
{
    (void)state;
    assert_null(parse("hex", 0, "01020304"));
    assert_non_null(strstr(why, "many phones and blank cards show this number"));
    assert_null(parse("hex", 0, "01:02:03:04"));
    assert_null(parse("hex-reversed", 0, "01020304")); /* 04030201 is another one */
    assert_null(parse("decimal", 0, "16909060"));
    assert_null(parse("decimal10-reversed", 0, "0067305985"));
    assert_string_equal(parse("hex", 0, "01020305"), "01020305");
}

static void numbers_that_are_of_no_one_card_are_refused_with_the_reason(void **state)
{
    (void)state;
    struct card_notation notation;
    assert_int_equal(card_notation_parse("3+5", &notation), ERR_UNSUPPORTED);
    assert_int_equal(card_notation_parse("binary", &notation), ERR_ARGUMENT);
    assert_null(parse("hex", 0, "123,45678"));
    assert_non_null(strstr(why, "Wiegand"));
    assert_null(parse("decimal", 0, "123:45678"));
    assert_non_null(strstr(why, "Wiegand"));
    assert_null(parse("hex", 0, "08112233"));
    assert_non_null(strstr(why, "random"));
    assert_null(parse("hex-reversed", 0, "33221108"));
    assert_string_equal(parse("hex", 0, "08112233445566"), "08112233445566"); /* not of 4 bytes */
    assert_null(parse("hex", 0, "88041122"));
    assert_non_null(strstr(why, "88"));
    assert_null(parse("hex", 0, "00000000"));
    assert_null(parse("hex", 0, "FFFFFFFFFFFFFF"));
    assert_null(parse("hex", 0, "4,21E+12"));
    assert_non_null(strstr(why, "spreadsheet"));
    assert_null(parse("decimal", 0, "4.2E12"));
    assert_string_equal(parse("hex", 0, "12345E12"), "12345E12"); /* a UID, though it looks like a number */
}

/* Writes a UID of hex digits in a notation; 3+5 as well. */
static const char *write(const char *notation_text, const char *uid_text)
{
    static char out[CARD_NUMBER_TEXT_SIZE];
    struct card_notation notation = {0};
    uint8_t uid[READER_UID_MAX];
    size_t len = hex_bytes(uid_text, uid, sizeof uid);
    if (strncmp(notation_text, "3+5", 3) == 0) {
        card_number_write_wiegand(notation_text[3] != '\0', uid, len, out);
        return out;
    }
    assert_int_equal(card_notation_parse(notation_text, &notation), ERR_OK);
    card_number_write(&notation, uid, len, out);
    return out;
}

static void a_uid_is_written_in_every_notation(void **state)
{
    (void)state;
    assert_string_equal(write("hex", "04A1B2C3D4E580"), "04A1B2C3D4E580");
    assert_string_equal(write("hex-reversed", "04A1B2C3D4E580"), "80E5D4C3B2A104");
    assert_string_equal(write("decimal", "04A1B2C3D4E580"), "1303689068602752");
    assert_string_equal(write("decimal-reversed", "04ED0B11"), "285994244");
    assert_string_equal(write("decimal", "04ED0B11"), "82643729");
    assert_string_equal(write("decimal10", "04ED0B11"), "0082643729");
    assert_string_equal(write("decimal10-reversed", "04ED0B11"), "0285994244");
    assert_string_equal(write("decimal10", "04A1B2C3D4E580"), "");
    assert_string_equal(write("decimal", "04112233445566778899"), "19205524969286327044249");
    assert_string_equal(write("decimal", "FFFFFFFFFFFFFFFFFFFF"), "1208925819614629174706175");
    assert_string_equal(write("decimal", "00000000"), "0");
}

/* 04ED0B11: ED is 237, 0B11 is 2833; reversed 110BED04: 0B is 11, ED04 is 60676. */
static void three_bytes_are_left_of_a_number_of_3_and_5_digits(void **state)
{
    (void)state;
    assert_string_equal(write("3+5", "04ED0B11"), "23702833");
    assert_string_equal(write("3+5-reversed", "04ED0B11"), "01160676");
    assert_string_equal(write("3+5", "00000001"), "00000001");
    assert_string_equal(write("3+5", ""), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uid_is_written_in_every_notation),
        cmocka_unit_test(three_bytes_are_left_of_a_number_of_3_and_5_digits),
        cmocka_unit_test(hex_is_read_with_and_without_marks_between_bytes),
        cmocka_unit_test(decimals_know_their_byte_count_and_order),
        cmocka_unit_test(a_lost_zero_is_an_error_not_a_guess),
        cmocka_unit_test(padded_numbers_are_refused),
        cmocka_unit_test(what_programs_put_around_and_between_digits_is_left_out),
        cmocka_unit_test(a_number_that_many_devices_show_is_refused),
        cmocka_unit_test(numbers_that_are_of_no_one_card_are_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
