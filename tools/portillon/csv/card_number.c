/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/card_number.h"

#include <stdio.h>
#include <string.h>

#include "firmware/crypto/credential.h"
#include "hal/linux/translate.h"
#include "tools/portillon/csv/card_digits.h"

#define DIGITS_MAX 32

/* 80 bits are needed. GCC and Clang have this type on every 64-bit host. */
__extension__ typedef unsigned __int128 wide;

const char card_number_wiegand[] =
    N_("an 8-digit \"3+5\" number (Wiegand 26) holds only 3 of the card's bytes, so many "
       "cards share it: export the full number, or read the cards again");

int card_notation_parse(const char *text, struct card_notation *notation)
{
    static const struct {
        const char *name;
        enum card_number_base base;
        bool reversed;
    } known[] = {
        {"hex", CARD_NUMBER_HEX, false},
        {"hex-reversed", CARD_NUMBER_HEX, true},
        {"decimal", CARD_NUMBER_DECIMAL, false},
        {"decimal-reversed", CARD_NUMBER_DECIMAL, true},
        {"decimal10", CARD_NUMBER_DECIMAL10, false},
        {"decimal10-reversed", CARD_NUMBER_DECIMAL10, true},
    };
    static const char *const wiegand[] = {"3+5", "wiegand", "wiegand26", "8-digit", "decimal8"};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(text, known[i].name) == 0) {
            notation->base = known[i].base;
            notation->reversed = known[i].reversed;
            return ERR_OK;
        }
    for (size_t i = 0; i < sizeof wiegand / sizeof wiegand[0]; i++)
        if (strcmp(text, wiegand[i]) == 0)
            return ERR_UNSUPPORTED;
    return ERR_ARGUMENT;
}

static int refuse(char why[CARD_NUMBER_WHY_MAX], const char *text)
{
    snprintf(why, CARD_NUMBER_WHY_MAX, "%s", text);
    return ERR_FORMAT;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Recognises "123,45678" and similar: 3 digits, a mark, 5 digits. */
static bool looks_like_wiegand(const char *text, size_t len)
{
    if (len != 9 || is_digit(text[3]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (i != 3 && !is_digit(text[i]))
            return false;
    return true;
}

/* Recognises "4,21E+12" or "4.21e12", the form in which a spreadsheet stores a long number. It has both a
 * mark and an E, so it is never a UID. */
static bool looks_like_float(const char *text, size_t len)
{
    bool mark = false, exponent = false;
    for (size_t i = 0; i < len; i++) {
        bool is_mark = exponent ? text[i] == '+' : text[i] == ',' || text[i] == '.';
        bool is_exponent = !exponent && i > 0 && (text[i] | 0x20) == 'e';
        if (!is_mark && !is_exponent && !is_digit(text[i]))
            return false;
        mark = mark || is_mark;
        exponent = exponent || is_exponent;
    }
    return mark && exponent;
}

static int parse_hex(const char *text, size_t len, uint8_t uid[READER_UID_MAX], uint8_t *uid_len,
                     char why[CARD_NUMBER_WHY_MAX])
{
    char digits[DIGITS_MAX];
    size_t count = 0;
    bool letters = false;

    if (card_digits_has_fraction(text))
        return refuse(why,
                      _("it has a decimal point, so it is not hexadecimal: say --uid decimal, or export the "
                        "column as text"));
    if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        text += 2;
        len -= 2;
    }
    for (size_t i = 0; i < len; i++) {
        bool between = text[i] == ':' || text[i] == '-' || text[i] == ' ' || text[i] == '.';
        if (between) {
            if (count % 2 != 0)
                return refuse(why,
                              _("a byte is written with one digit: write every byte with two (4 as 04)"));
            continue;
        }
        if (hex_value(text[i]) < 0)
            return refuse(why,
                          _("it is not hexadecimal (0-9, A-F): if it is another notation, say --uid decimal, "
                            "or name the right column with --column card=NAME"));
        letters = letters || !is_digit(text[i]);
        if (count < sizeof digits)
            digits[count++] = text[i];
    }
    if (count != 8 && count != 14 && count != 20) {
        const char *hint = _("a UID has 8, 14 or 20");
        if (count % 2 != 0 && (count == 7 || count == 13 || count == 19))
            hint = _("a UID has 8, 14 or 20: a leading zero was lost, export the column as text");
        else if (!letters && (count == 9 || count == 10 || count >= 15))
            hint = _("a UID has 8, 14 or 20: if this is decimal, say --uid decimal or decimal10");
        snprintf(why, CARD_NUMBER_WHY_MAX,
                 count == sizeof digits ? _("it has %zu or more hexadecimal digits; %s")
                                        : translate_count(count, "it has %zu hexadecimal digit; %s",
                                                          "it has %zu hexadecimal digits; %s"),
                 count, hint);
        return ERR_FORMAT;
    }
    for (size_t i = 0; i < count; i += 2)
        uid[i / 2] = (uint8_t)(hex_value(digits[i]) << 4 | hex_value(digits[i + 1]));
    *uid_len = (uint8_t)(count / 2);
    return ERR_OK;
}

static int parse_decimal(const struct card_notation *notation, const char *clean, uint8_t uid[READER_UID_MAX],
                         uint8_t *uid_len, char why[CARD_NUMBER_WHY_MAX])
{
    bool ten_digits = notation->base == CARD_NUMBER_DECIMAL10;
    char digits[CARD_DIGITS_SIZE];
    wide value = 0;

    if (!card_digits_decimal(clean, digits))
        return refuse(why, strspn(clean, "0123456789ABCDEFabcdef :-") == strlen(clean)
                               ? _("it is not a decimal number: if it is hexadecimal, leave --uid out")
                               : _("it is not a decimal number"));
    size_t len = strlen(digits);
    if (ten_digits && len != 10) {
        snprintf(
            why, CARD_NUMBER_WHY_MAX,
            _("it has %zu digits, not ten: a leading zero was lost (export the column as text), or it is "
              "another notation (--uid decimal)"),
            len);
        return ERR_FORMAT;
    }
    if (len > 25)
        return refuse(why, _("the number is too large for a UID of 10 bytes"));
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (unsigned)(digits[i] - '0');
    uint8_t bytes = ten_digits ? 4 : notation->uid_len;
    if (bytes == 0)
        bytes = value >> 32 == 0 ? 4 : value >> 56 == 0 ? 7 : 10;
    if (value >> (8 * bytes) != 0) {
        snprintf(why, CARD_NUMBER_WHY_MAX, _("the number is too large for a UID of %u bytes"), bytes);
        return ERR_FORMAT;
    }
    for (uint8_t i = bytes; i-- > 0; value >>= 8)
        uid[i] = (uint8_t)value;
    *uid_len = bytes;
    return ERR_OK;
}

static void reverse(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        uint8_t swapped = bytes[i];
        bytes[i] = bytes[len - 1 - i];
        bytes[len - 1 - i] = swapped;
    }
}

static bool all_are(const uint8_t *bytes, size_t len, uint8_t value)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

/* Returns true if a part of a UID is worth a UID of its own: at least two bytes differ from the filling. */
static bool is_filled(const uint8_t *bytes, size_t len, uint8_t pad)
{
    size_t others = 0;
    for (size_t i = 0; i < len; i++)
        others += bytes[i] != pad;
    return others >= 2;
}

/* Returns how many bytes the card sends when the UID is filled up to its length with 00 or FF, at its
 * start or its end; 0 if it is not. Of real cards, one in four million looks so. */
static uint8_t padded_from(const uint8_t *uid, uint8_t uid_len)
{
    static const uint8_t pads[] = {0x00, 0xFF};
    for (uint8_t from = 4; from < uid_len; from = (uint8_t)(from + 3))
        for (size_t i = 0; i < sizeof pads; i++) {
            size_t fill = (size_t)(uid_len - from);
            if ((all_are(uid, fill, pads[i]) && is_filled(uid + fill, from, pads[i])) ||
                (all_are(uid + from, fill, pads[i]) && is_filled(uid, from, pads[i])))
                return from;
        }
    return 0;
}

/* Refuses numbers that are well-formed but that no gate can recognise again. */
static int check_uid(const uint8_t *uid, uint8_t uid_len, char why[CARD_NUMBER_WHY_MAX])
{
    if (all_are(uid, uid_len, 0x00) || all_are(uid, uid_len, 0xFF))
        return refuse(why, _("it is a placeholder, not a card"));
    uint8_t from = padded_from(uid, uid_len);
    if (from != 0) {
        snprintf(
            why, CARD_NUMBER_WHY_MAX,
            _("it is padded: a UID of %u bytes, filled up to %u: export it as the card sends it, with %u "
              "digits in hexadecimal (decimal numbers: without --uid-len)"),
            from, uid_len, 2U * from);
        return ERR_FORMAT;
    }
    if (credential_is_random_uid(uid, uid_len))
        return refuse(
            why, _("it is a random UID (4 bytes, first 08): the card shows another one at every tap, so it "
                   "cannot be listed by UID"));
    if (credential_is_shared_uid(uid, uid_len))
        return refuse(why, _("many phones and blank cards show this number, so it is not of one card only: "
                             "give the person another card"));
    if (uid_len == 4 && uid[0] == 0x88)
        return refuse(
            why,
            _("it begins with the cascade tag 88: only the first part of a longer UID was read; read the "
              "card again with a reader that shows all 7 bytes"));
    return ERR_OK;
}

int card_number_parse(const struct card_notation *notation, const char *text, size_t len,
                      uint8_t uid[READER_UID_MAX], uint8_t *uid_len, char why[CARD_NUMBER_WHY_MAX])
{
    char clean[CARD_DIGITS_SIZE];
    len = card_digits_clean(text, len, clean);
    if (len == 0)
        return refuse(why, _("there is no card number: fill it in, or leave the row out"));
    if (looks_like_wiegand(clean, len))
        return refuse(why, _(card_number_wiegand));
    if (looks_like_float(clean, len))
        return refuse(why,
                      _("a spreadsheet has turned it into a rounded number: format the column as text and "
                        "export again"));
    int error = notation->base == CARD_NUMBER_HEX ? parse_hex(clean, len, uid, uid_len, why)
                                                  : parse_decimal(notation, clean, uid, uid_len, why);
    if (error != ERR_OK)
        return error;
    if (notation->reversed)
        reverse(uid, *uid_len);
    return check_uid(uid, *uid_len, why);
}

/* ---- writing ---- */

/* Copies a UID in the order of its number. Returns its length. */
static size_t order(bool reversed, const uint8_t *uid, size_t uid_len, uint8_t bytes[READER_UID_MAX])
{
    memcpy(bytes, uid, uid_len);
    if (reversed)
        reverse(bytes, (uint8_t)uid_len);
    return uid_len;
}

/* Divides a number of several bytes by ten, in place. Returns the rest. */
static uint8_t divide_by_ten(uint8_t *bytes, size_t len)
{
    unsigned rest = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned value = rest << 8 | bytes[i];
        bytes[i] = (uint8_t)(value / 10);
        rest = value % 10;
    }
    return (uint8_t)rest;
}

/* Writes a number with at least so many digits. bytes are used up. */
static void write_decimal(uint8_t *bytes, size_t len, size_t digits_min, char *out)
{
    char digits[CARD_NUMBER_TEXT_SIZE];
    size_t count = 0;
    while (count < digits_min || !all_are(bytes, len, 0))
        digits[count++] = (char)('0' + divide_by_ten(bytes, len));
    for (size_t i = 0; i < count; i++)
        out[i] = digits[count - 1 - i];
    out[count] = '\0';
}

void card_number_write(const struct card_notation *notation, const uint8_t *uid, size_t uid_len,
                       char out[CARD_NUMBER_TEXT_SIZE])
{
    uint8_t bytes[READER_UID_MAX];
    size_t len = order(notation->reversed, uid, uid_len, bytes);
    out[0] = '\0';
    if (notation->base == CARD_NUMBER_HEX)
        for (size_t i = 0; i < len; i++)
            snprintf(out + 2 * i, 3, "%02X", bytes[i]);
    else if (notation->base == CARD_NUMBER_DECIMAL)
        write_decimal(bytes, len, 1, out);
    else if (len == 4)
        write_decimal(bytes, len, 10, out);
}

void card_number_write_wiegand(bool reversed, const uint8_t *uid, size_t uid_len,
                               char out[CARD_NUMBER_TEXT_SIZE])
{
    uint8_t bytes[READER_UID_MAX];
    size_t len = order(reversed, uid, uid_len, bytes);
    out[0] = '\0';
    if (len >= 3)
        snprintf(out, CARD_NUMBER_TEXT_SIZE, "%03u%05u", bytes[len - 3],
                 (unsigned)bytes[len - 2] << 8 | bytes[len - 1]);
}
