/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the records of the gate to its journal. Every function that appends may block; see
 * portillon_append. */
#ifndef FIRMWARE_PORTILLON_LOG_H
#define FIRMWARE_PORTILLON_LOG_H

#include "firmware/portillon_state.h"

uint64_t portillon_now_us(const struct portillon *portillon);

/* Returns a record with the time, the zone and the quality of the clock. The caller sets its kind. */
struct journal_record portillon_stamp(const struct portillon *portillon);

/* Appends a record. Blocks as long as portillon_may_wait allows (portillon_wait.h), while a sector is
 * prepared. This happens only after damage, because the start itself waits until no erase is needed soon. A
 * journal that was waited for in vain is not waited for again until it takes a record. Returns ERR_OK, ERR_IO
 * (no storage, or the write failed), ERR_BUSY (still no room), ERR_NO_SPACE (the journal is full and the
 * settings forbid to drop records). */
int portillon_append(struct portillon *portillon, const struct journal_record *record,
                     uint32_t *seq) MUST_USE;

/*
 * What comes again and again is written one by one only so often, and otherwise counted. The counts are
 * written as JOURNAL_EVENT_REFUSALS and JOURNAL_EVENT_REPEATED. Noise never pushes a passage out of the
 * journal: when records that nobody has fetched fill half of it, no counts are written; when they fill three
 * quarters, no refusals and no meals at other gates; when they fill it, none of the events that can repeat.
 * Refusals and events are then only counted.
 *
 *   refusals of one reason       100, then one a minute; counted each minute
 *   openings by the button       100, then one a minute; counted each minute
 *   fire and tamper              16 of each event, then one an hour; counted each minute
 *   others that a fault repeats  16 or 32 of each event, then one every few minutes; counted each hour
 *
 * These others, fire and tamper are also left out when the last 32 records are all such events and none of
 * them is older than an hour.
 */

/* Starts the limits. */
void portillon_start_noise(struct portillon *portillon);
/* Writes what was counted. Call in idle time, with the storage mounted. */
void portillon_poll_noise(struct portillon *portillon);
/* Returns true if a refusal is to be written; otherwise it is counted. */
bool portillon_admits_refusal(struct portillon *portillon, enum reason reason);
/* Returns true if the journal has room for the record of a meal at another gate: as for a refusal. */
bool portillon_admits_meal(const struct portillon *portillon);
/* Returns true if an opening by the release button needs a record of its own; otherwise it is counted, and
 * the record of an opening in the last minute stands for it. */
bool portillon_admits_button(struct portillon *portillon);

/* Logs an event (enum journal_event), if there is a journal and the limits admit it. */
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
