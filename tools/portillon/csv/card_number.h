/*
 * Card numbers as schools' files write them, turned into the UID bytes in the order ISO/IEC 14443-3 sends
 * them. A number is never padded or guessed: 04ED0B11 and 4ED0B11 are not the same card.
 */
#ifndef TOOLS_PORTILLON_CSV_CARD_NUMBER_H
#define TOOLS_PORTILLON_CSV_CARD_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"
#include "hal/reader.h"

#define CARD_NUMBER_WHY_MAX 200

enum card_number_base {
    CARD_NUMBER_HEX,       /* two digits a byte; ':', '-', '.' or space between bytes, 0x before them */
    CARD_NUMBER_DECIMAL,   /* one number, first byte most significant */
    CARD_NUMBER_DECIMAL10, /* the same, 4 bytes, always ten digits */
};

struct card_notation {
    enum card_number_base base;
    bool reversed;   /* the number's bytes come last first */
    uint8_t uid_len; /* for decimal: 4, 7 or 10; 0: 4 if it fits, else 7, else 10 */
};

/* Reads "hex", "hex-reversed", "decimal", "decimal-reversed", "decimal10", "decimal10-reversed".
 * @retval ERR_OK, ERR_UNSUPPORTED (3+5, Wiegand: it has lost a byte), ERR_ARGUMENT. */
int card_notation_parse(const char *text, struct card_notation *notation) MUST_USE;

/* Why an 8-digit "3+5" number cannot be taken, for messages. */
extern const char card_number_wiegand[];

/* Reads one number. On ERR_FORMAT, why says what is wrong with it and what to do, without naming it.
 * @retval ERR_OK (uid_len is 4, 7 or 10), ERR_FORMAT. */
int card_number_parse(const struct card_notation *notation, const char *text, size_t len,
                      uint8_t uid[READER_UID_MAX], uint8_t *uid_len, char why[CARD_NUMBER_WHY_MAX]) MUST_USE;

#endif
