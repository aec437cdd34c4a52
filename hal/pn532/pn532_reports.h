/*
 * What the PN532 driver has to say, until it is asked. Pure; the caller owns the struct, all zero to begin
 * with.
 */
#ifndef HAL_PN532_PN532_REPORTS_H
#define HAL_PN532_PN532_REPORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/reader.h"

#define PN532_REPORTS_MAX                                                                                    \
    2 /* one step of the driver has no more to say: that the chip is up, and what it saw */

struct pn532_reports {
    struct reader_report held[PN532_REPORTS_MAX];
    uint8_t count;
    bool up, down; /* which was told last; both false: neither yet */
};

/* Takes the oldest. @retval 1 filled, 0 none. */
int pn532_reports_take(struct pn532_reports *reports, struct reader_report *report) MUST_USE;

/* The chip answers, with this version and revision, at baud (0: the speed it starts with). Told once. */
void pn532_reports_up(struct pn532_reports *reports, const uint8_t firmware[2], uint32_t baud);
/* It does not; fault (enum error) says how. Told once. */
void pn532_reports_down(struct pn532_reports *reports, int fault);
void pn532_reports_card(struct pn532_reports *reports, const struct reader_target *target, uint64_t seen_us);
void pn532_reports_empty(struct pn532_reports *reports);

#endif
