/* What the gate writes into its journal. Appending may block: see portillon_append. */
#ifndef FIRMWARE_PORTILLON_LOG_H
#define FIRMWARE_PORTILLON_LOG_H

#include "firmware/portillon_state.h"

/* For the first erases of a new chip, at start-up. */
#define PORTILLON_STORAGE_WAIT_US UINT64_C(2000000)

uint64_t portillon_now_us(const struct portillon *portillon);

/* A record of now and here, its kind still to be said. */
struct journal_record portillon_stamp(const struct portillon *portillon);

/* Appends, waiting PORTILLON_STORAGE_WAIT_US for a sector to be prepared if it must: only after damage, for a
 * start itself waits until none is needed soon. @retval ERR_OK, ERR_IO, ERR_BUSY, ERR_NO_SPACE (full, and the
 * site wants no passage dropped). */
int portillon_append(struct portillon *portillon, const struct journal_record *record,
                     uint32_t *seq) MUST_USE;

/* Writes an event (enum journal_event) to the journal, as far as there is one. Starts, crashes and a
 * reader that comes and goes are left out once 32 of them stand in a row, and none is older than an hour. */
void portillon_log_event(struct portillon *portillon, uint8_t event, uint32_t ref);

/* Another list rules, or may: records it, with what became of the services (rights_renumber_services),
 * unless the store knows that it is on record. */
void portillon_log_list(struct portillon *portillon, const struct tag *services);

#endif
