/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/portillon/csv/card_survey.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "hal/linux/translate.h"
#include "tools/portillon/common/text_fold.h"
#include "tools/portillon/csv/card_digits.h"

#define SUSPECT_MIN  8  /* numbers from which a notation that fits none of them is reported as wrong */
#define HALVES_MIN   5  /* UIDs of 4 bytes from which an equal byte in most of them is no chance */
#define EXACT_DIGITS 15 /* what a spreadsheet keeps of a number */
#define EXACT_BITS   53 /* what a double keeps of a number (IEEE 754) */
#define CHANCE_BITS  10 /* less than one file in a thousand */
#define ROUNDED_MIN  8  /* rounded numbers from which others that are not do not matter */
#define MAKER_NXP    0x04

/* 80 bits are needed. GCC and Clang have this type on every 64-bit host. */
__extension__ typedef unsigned __int128 wide;

/* --- rounding --- */

static void note_rounding(struct card_survey_rounding *rounding, bool rounded,
                          const struct card_survey_place *place)
{
    rounding->seen++;
    rounding->rounded += rounded;
    if (rounded && rounding->first.file == NULL)
        rounding->first = *place;
}

/* A spreadsheet replaces the digits behind the fifteenth by zeros. */
static void look_for_15_digits(struct card_survey *survey, const char *digits,
                               const struct card_survey_place *place)
{
    size_t len = strlen(digits);
    if (len > EXACT_DIGITS)
        note_rounding(&survey->to_15_digits, strspn(digits + EXACT_DIGITS, "0") == len - EXACT_DIGITS, place);
}

/* A program that keeps numbers as double replaces the bits behind the 53rd by zeros. A number whose last byte
 * is NXP's is a whole UID with its bytes reversed. */
static void look_for_53_bits(struct card_survey *survey, const char *digits,
                             const struct card_survey_place *place)
{
    wide value = 0;
    unsigned bits = 0;
    if (strlen(digits) > 25)
        return;
    for (; *digits != '\0'; digits++)
        value = value * 10 + (unsigned)(*digits - '0');
    while (value >> bits != 0)
        bits++;
    if (bits <= EXACT_BITS)
        return;
    unsigned lost = bits - EXACT_BITS;
    bool rounded = (value & (((wide)1 << lost) - 1)) == 0 && (value & 0xFF) != MAKER_NXP;
    note_rounding(&survey->to_53_bits, rounded, place);
    survey->to_53_bits.bits += rounded ? lost : 0;
}

/* --- taking --- */

static void look_at_letters_and_length(struct card_survey *survey, const char *clean)
{
    unsigned head = 0, tail = 0;
    bool digits8 = strlen(clean) == 8 && strspn(clean, "0123456789") == 8;
    bool letters = strpbrk(clean, "abcdefABCDEF") != NULL;
    survey->count++;
    survey->letters += letters;
    survey->digits8 += digits8;
    survey->wiegand += digits8 && sscanf(clean, "%3u%5u", &head, &tail) == 2 && head <= 255 && tail <= 65535;
}

void card_survey_number(struct card_survey *survey, const char *text, size_t len, bool marked,
                        const char *file, uint32_t line, const char *column)
{
    char clean[CARD_DIGITS_SIZE], digits[CARD_DIGITS_SIZE];
    struct card_survey_place place = {.file = file, .line = line};
    card_digits_clean(text, len, clean);
    look_at_letters_and_length(survey, clean);
    if (marked || card_digits_is_marked(text, len) || !card_digits_decimal(clean, digits))
        return;
    snprintf(place.column, sizeof place.column, "%s", column);
    text_show(clean, strlen(clean), place.number, sizeof place.number);
    const char *significant = digits + strspn(digits, "0");
    look_for_15_digits(survey, significant, &place);
    look_for_53_bits(survey, significant, &place);
}

void card_survey_uid(struct card_survey *survey, const uint8_t *uid, uint8_t uid_len)
{
    if (uid_len != 4)
        return;
    survey->short_uids++;
    survey->first_bytes[uid[0]]++;
    survey->last_bytes[uid[3]]++;
}

/* --- reporting --- */

static void refuse_rounded(const struct card_survey_rounding *rounding, const char *what,
                           struct import_report *report)
{
    import_report_error(
        report, rounding->first.file, rounding->first.line,
        "column %s: '%s': %s (%" PRIu32 " of %" PRIu32 " such numbers): a spreadsheet or database "
        "has rounded them, so they are numbers of other cards: export the column as text, or in "
        "hexadecimal (a number that is right can be written =\"%s\")",
        rounding->first.column, rounding->first.number, what, rounding->rounded, rounding->seen,
        rounding->first.number);
}

static void report_rounding(const struct card_survey *survey, struct import_report *report)
{
    const struct card_survey_rounding *digits = &survey->to_15_digits, *bits = &survey->to_53_bits;
    bool all = digits->rounded != 0 && digits->rounded == digits->seen;
    bool many = digits->rounded >= ROUNDED_MIN && 2 * digits->rounded >= digits->seen;
    if (all || many)
        refuse_rounded(digits, _("every digit behind the fifteenth is 0"), report);
    else if (bits->rounded != 0 && bits->rounded == bits->seen && bits->bits >= CHANCE_BITS)
        refuse_rounded(bits, _("every number above 2^53 is one that a floating-point number can hold"),
                       report);
}

/* Returns the byte that most of the UIDs have, or -1 if 8 of 10 have none in common. */
static int common_byte(const uint32_t counts[256], uint32_t whole)
{
    for (int byte = 0; byte < 256; byte++)
        if ((uint64_t)counts[byte] * 10 >= (uint64_t)whole * 8)
            return byte;
    return -1;
}

static void note_halves(const struct card_survey *survey, const char *name, struct import_report *report)
{
    if (survey->short_uids < HALVES_MIN)
        return;
    int first = common_byte(survey->first_bytes, survey->short_uids);
    int last = common_byte(survey->last_bytes, survey->short_uids);
    if (first < 0 && last < 0)
        return;
    if (first >= 0)
        import_report_note(
            report, name,
            "careful: %" PRIu32 " of %" PRIu32
            " card numbers of 4 bytes begin with %02X: these look like parts "
            "of longer numbers, such as halves of 7-byte UIDs: read a card with portillon-reader or a "
            "phone, and export the whole number if it has more bytes",
            survey->first_bytes[first], survey->short_uids, (unsigned)first);
    else
        import_report_note(
            report, name,
            "careful: %" PRIu32 " of %" PRIu32 " card numbers of 4 bytes end in %02X: these look like parts "
            "of longer numbers, such as halves of 7-byte UIDs: read a card with portillon-reader or a "
            "phone, and export the whole number if it has more bytes",
            survey->last_bytes[last], survey->short_uids, (unsigned)last);
}

/* Of random 4-byte UIDs, 2 in 100 have eight digits in decimal, and 2 in 100 have no letter in hex. */
static void report_notation(const struct card_survey *survey, bool hex, const char *name,
                            struct import_report *report)
{
    if (survey->count < SUSPECT_MIN || survey->letters != 0)
        return;
    if (survey->wiegand == survey->count)
        import_report_error(report, name, 0, "no card number can be used: %s%s", _(card_number_wiegand),
                            hex ? _(" (if they are hexadecimal indeed, write them as 04:ED:0B:11)") : "");
    else if (hex && survey->digits8 == survey->count)
        import_report_note(report, name,
                           "careful: no card number has a letter: if they are decimal, say --uid decimal");
}

void card_survey_report(const struct card_survey *survey, const struct card_notation *notation,
                        const char *name, struct import_report *report)
{
    report_rounding(survey, report);
    report_notation(survey, notation->base == CARD_NUMBER_HEX, name, report);
    note_halves(survey, name, report);
}
