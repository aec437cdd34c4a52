/* A reader that reports what a test puts into it. */
#ifndef TESTS_FAKES_FAKE_READER_H
#define TESTS_FAKES_FAKE_READER_H

#include "hal/reader.h"

#define FAKE_READER_REPORTS 64

struct fake_reader {
    struct reader reader;
    struct reader_report reports[FAKE_READER_REPORTS]; /* not yet taken, oldest first */
    int count;
};

void fake_reader_init(struct fake_reader *fake);
/* Reports for the next polls; more than FAKE_READER_REPORTS waiting ends the test program. */
void fake_reader_card(struct fake_reader *fake, const char *uid_hex);
void fake_reader_empty(struct fake_reader *fake);
void fake_reader_up(struct fake_reader *fake);
void fake_reader_down(struct fake_reader *fake, const char *why);

#endif
