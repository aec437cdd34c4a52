/* Writes the records of the gate to its journal. Every function that appends may block; see
 * portillon_append. */
#ifndef FIRMWARE_PORTILLON_LOG_H
#define FIRMWARE_PORTILLON_LOG_H

#include "firmware/portillon_state.h"

/* Long enough for the first erases of a new chip at start-up. */
#define PORTILLON_STORAGE_WAIT_US UINT64_C(2000000)

uint64_t portillon_now_us(const struct portillon *portillon);

/* Returns a record with the time, the zone and the quality of the clock. The caller sets its kind. */
struct journal_record portillon_stamp(const struct portillon *portillon);

/* Appends a record. Blocks for PORTILLON_STORAGE_WAIT_US at most, while a sector is prepared. This
 * happens only after damage, because the start itself waits until no erase is needed soon. Returns
 * ERR_OK, ERR_IO (no storage, or the write failed), ERR_BUSY (still no room), ERR_NO_SPACE (the journal
 * is full and the settings forbid to drop records). */
int portillon_append(struct portillon *portillon, const struct journal_record *record,
                     uint32_t *seq) MUST_USE;

/* Logs an event (enum journal_event), if there is a journal. Starts, crashes and reader events are rate
 * limited: they are left out if the last 32 records are all such events and none of them is older than
 * an hour. */
void portillon_log_event(struct portillon *portillon, uint8_t event, uint32_t ref);

/* Logs an event with the detail that enum journal_event describes. It is not rate limited. */
void portillon_log_detail(struct portillon *portillon, uint8_t event, uint32_t ref,
                          const struct journal_detail *detail);

/* Logs that a role changed a value, unless it is as before: ref is the new value, the detail has the role and
 * the old value. */
void portillon_log_change(struct portillon *portillon, uint8_t event, enum role role, uint32_t before,
                          uint32_t now);

/* Logs that the active list has changed, with the new numbers of the services
 * (rights_renumber_services). Does nothing if the store shows that the version of the active list was
 * logged before. */
void portillon_log_list(struct portillon *portillon, const struct journal_services *services);

#endif
