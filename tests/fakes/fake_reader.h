/* SPDX-License-Identifier: Apache-2.0 */
/* Implements hal/reader.h: it reports what the test puts into it. The caller owns the struct and must not
 * move it. */
#ifndef TESTS_FAKES_FAKE_READER_H
#define TESTS_FAKES_FAKE_READER_H

#include "hal/reader.h"

#define FAKE_READER_REPORTS 64

struct fake_reader {
    struct reader reader;
    struct reader_report reports[FAKE_READER_REPORTS]; /* reports not yet taken, oldest first */
    int count;
};

/* Starts without reports. */
void fake_reader_init(struct fake_reader *fake);
/* Adds a report of a card, with its UID in hexadecimal. More than FAKE_READER_REPORTS waiting reports end the
 * test program; this also holds for the functions below. */
void fake_reader_card(struct fake_reader *fake, const char *uid_hex);
/* Adds a report that this card has left, and that others are still there. */
void fake_reader_gone(struct fake_reader *fake, const char *uid_hex);
/* Adds a report of an empty field. */
void fake_reader_empty(struct fake_reader *fake);
/* Adds a report that the reader works. */
void fake_reader_up(struct fake_reader *fake);
/* Adds a report that the reader failed, with a text that is copied. */
void fake_reader_down(struct fake_reader *fake, const char *why);

#endif
