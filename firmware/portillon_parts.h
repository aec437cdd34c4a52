/*
 * What the parts of portillon share: portillon.c (the gate, taps, the loop), portillon_start.c (bringing it
 * up), portillon_log.c (what goes into the journal), portillon_control.c (what maintenance may change). For
 * these only; everybody else includes portillon.h. None blocks but portillon_append.
 */
#ifndef FIRMWARE_PORTILLON_PARTS_H
#define FIRMWARE_PORTILLON_PARTS_H

#include "firmware/portillon.h"

/* For the first erases of a new chip, at start-up. */
#define PORTILLON_STORAGE_WAIT_US UINT64_C(2000000)

/* Mounts storage that did not answer at the start: called in idle time, does so ever less often. */
void portillon_retry_storage(struct portillon *portillon);

uint64_t portillon_now_us(const struct portillon *portillon);

/* A record of now and here, its kind still to be said. */
struct journal_record portillon_stamp(const struct portillon *portillon);
/* Appends, waiting PORTILLON_STORAGE_WAIT_US for a sector to be prepared if it must: only after damage, for a
 * start itself waits until none is needed soon. @retval ERR_OK, ERR_IO, ERR_BUSY, ERR_NO_SPACE (full, and the
 * site wants no passage dropped). */
int portillon_append(struct portillon *portillon, const struct journal_record *record,
                     uint32_t *seq) MUST_USE;

/* Another list rules, or may: records it, with what became of the services (rights_renumber_services), unless the
 * store knows that it is on record. */
void portillon_log_list(struct portillon *portillon, const struct tag *services);

void portillon_apply_settings(struct portillon *portillon, const struct settings *settings);
/* Keeps when the clock was last confirmed, to a quarter of a day: setting it again and again must not wear
 * the store. */
void portillon_remember_clock(struct portillon *portillon);

/* Nobody passes, and nobody is told anything. */
bool portillon_is_at_rest(const struct gate *gate, uint64_t now);
void portillon_drive_outputs(struct portillon *portillon);
/* Levels of enum gate_input, settled. */
uint32_t portillon_read_inputs(struct portillon *portillon);
/* Moves the gate on, drives what it shows, and says in the journal how the passages that this ended went. */
void portillon_run_gate(struct portillon *portillon, enum gate_event event);

#endif
