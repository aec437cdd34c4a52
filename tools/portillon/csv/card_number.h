/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Converts card numbers, as school files write them, to UID bytes in the order that ISO/IEC 14443-3 sends
 * them. A number is never padded or guessed: 04ED0B11 and 4ED0B11 are not the same card. The functions are
 * pure.
 */
#ifndef TOOLS_PORTILLON_CSV_CARD_NUMBER_H
#define TOOLS_PORTILLON_CSV_CARD_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/reader.h"

#define CARD_NUMBER_WHY_MAX 320

enum card_number_base {
    CARD_NUMBER_HEX, /* two digits a byte; ':', '-', '.' or space may separate bytes, 0x may precede them */
    CARD_NUMBER_DECIMAL,   /* one number, first byte most significant; spaces and ".0" are left out */
    CARD_NUMBER_DECIMAL10, /* the same for 4 bytes, always ten digits */
};

struct card_notation {
    enum card_number_base base;
    bool reversed;   /* the number has the last byte of the UID first */
    uint8_t uid_len; /* for decimal: 4, 7 or 10; 0: the shortest of them that fits */
};

/* Reads "hex", "hex-reversed", "decimal", "decimal-reversed", "decimal10" or "decimal10-reversed", and sets
 * base and reversed. Returns ERR_OK, ERR_UNSUPPORTED (3+5, Wiegand: such a number lacks a byte of the UID) or
 * ERR_ARGUMENT. */
int card_notation_parse(const char *text, struct card_notation *notation) MUST_USE;

/* Message text, to be translated: why an 8-digit "3+5" number cannot be used. */
extern const char card_number_wiegand[];

/* Reads one number. With ERR_FORMAT, why says what is wrong with the number and what to do; it does not
 * repeat the number. Returns ERR_OK (uid_len is 4, 7 or 10) or ERR_FORMAT. */
int card_number_parse(const struct card_notation *notation, const char *text, size_t len,
                      uint8_t uid[READER_UID_MAX], uint8_t *uid_len, char why[CARD_NUMBER_WHY_MAX]) MUST_USE;

/* The longest number is decimal: 10 bytes are up to 25 digits. */
#define CARD_NUMBER_TEXT_SIZE (25 + 1)

/* Writes a UID as card_number_parse reads it. A decimal number has no zeros in front, one of decimal10 ten
 * digits. Writes "" for decimal10 and a UID of another length than 4. */
void card_number_write(const struct card_notation *notation, const uint8_t *uid, size_t uid_len,
                       char out[CARD_NUMBER_TEXT_SIZE]);

/* Writes what a 3+5 reader (Wiegand, 26 bits) shows of a UID: the last three bytes of the number, as three
 * digits and five. Other cards have the same. reversed: of the number that has the last byte of the UID
 * first. */
void card_number_write_wiegand(bool reversed, const uint8_t *uid, size_t uid_len,
                               char out[CARD_NUMBER_TEXT_SIZE]);

#endif
