/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue of the reports of the PN532 driver, from which reader.poll takes them. No I/O, nothing blocks. The
 * caller owns the struct; it starts with all bytes zero.
 */
#ifndef HAL_PN532_PN532_REPORTS_H
#define HAL_PN532_PN532_REPORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/reader.h"

/* One step of the driver makes at most three reports: READER_UP, the card that has to make room for another,
 * and that other card. */
#define PN532_REPORTS_MAX 3

struct pn532_reports {
    struct reader_report held[PN532_REPORTS_MAX];
    uint8_t count;
    bool up, down; /* which of the two was reported last; both false: none yet */
};

/* Takes the oldest report. Returns 1 (*report is filled), 0 (there is none). */
int pn532_reports_take(struct pn532_reports *reports, struct reader_report *report) MUST_USE;

/* Adds READER_UP, unless it was the last of up and down. The text has the version and revision of the chip,
 * the baud rate (0: the default rate, which the text leaves out), and whether the chip was reset by its line.
 * */
void pn532_reports_up(struct pn532_reports *reports, const uint8_t firmware[2], uint32_t baud,
                      bool was_reset);
/* Adds READER_DOWN, unless it was the last of up and down. The text describes fault (enum error), and
 * says whether the driver resets the chip by its line. */
void pn532_reports_down(struct pn532_reports *reports, int fault, bool resets);
/* Adds READER_CARD. seen_us: monotonic time at which the UID was known. */
void pn532_reports_card(struct pn532_reports *reports, const struct reader_target *target, uint64_t seen_us);
/* Adds READER_GONE. */
void pn532_reports_gone(struct pn532_reports *reports, const struct reader_target *target);
/* Adds READER_EMPTY. */
void pn532_reports_empty(struct pn532_reports *reports);

#endif
