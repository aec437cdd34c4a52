/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for libgpiod 1.6 when the tests are linked: one chip, "gpiochip0", whose lines 0 to 15 are called
 * "LINE0" to "LINE15". The test reads and sets their physical levels. A line that is not requested, or is an
 * input, has the level that its pull or the test gives it.
 */
#ifndef TESTS_FAKES_FAKE_GPIOD_H
#define TESTS_FAKES_FAKE_GPIOD_H

#include <stdbool.h>

#define FAKE_GPIOD_LINES 16

struct fake_gpiod_line {
    bool requested, is_output, active_low;
    int bias_flags; /* GPIOD_LINE_REQUEST_FLAG_BIAS_* */
    bool high;      /* physical level */
    int failing;    /* not 0: errno of each request, reading and writing */
    unsigned rises; /* physical, while it is an output */
    unsigned falls;
    unsigned order; /* of the request, from 1 */
};

extern struct fake_gpiod_line fake_gpiod_lines[FAKE_GPIOD_LINES];
extern int fake_gpiod_open_chips; /* handles that were not closed */

/* Frees all lines, low. */
void fake_gpiod_reset(void);

#endif
