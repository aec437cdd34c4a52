/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The turnstile of the gate: reads its inputs, drives its outputs, and logs how each passage ended. The
 * functions that write to the journal block as portillon_append does; see firmware/portillon_log.h.
 */
#ifndef FIRMWARE_PORTILLON_GATE_H
#define FIRMWARE_PORTILLON_GATE_H

#include "firmware/portillon_state.h"

/* Returns true if no passage is in progress and no refusal is shown. */
bool portillon_is_at_rest(const struct gate *gate, uint64_t now);

void portillon_drive_outputs(struct portillon *portillon);

/* Reads the inputs. Returns the debounced levels, as bits of enum gate_input. */
uint32_t portillon_read_inputs(struct portillon *portillon);

/* Returns the number of the passage for which the gate is open for this card, or is about to open because
 * others are before it; 0: there is none. Reads the record of each passage in the queue. */
uint32_t portillon_find_passage(struct portillon *portillon, const struct tag *tag);

/* Logs how the passage of record seq ended. unused: no passage was observed, so it does not count as the
 * meal of this card. */
void portillon_close_passage(struct portillon *portillon, uint32_t seq, enum journal_outcome outcome,
                             bool unused);

/* So many passages in a row that nobody went through mean that the rotation sensor, or its wire, is dead. */
#define PORTILLON_UNSEEN_MAX 5

/* Returns true if a rotation sensor is fitted and seems dead. Passages then count as assumed and not as
 * abandoned, because otherwise nobody's meals would be counted. */
bool portillon_rotation_is_silent(const struct portillon *portillon);
/* Notes a turn of the arm. */
void portillon_note_rotation(struct portillon *portillon);
/* Finds out from the last records of the journal how many passages were not seen before the restart. */
void portillon_recall_rotation(struct portillon *portillon);

/* Computes the next state of the gate, drives the outputs, and logs how the passages ended that this
 * change of state ends. */
void portillon_run_gate(struct portillon *portillon, enum gate_event event);

#endif
