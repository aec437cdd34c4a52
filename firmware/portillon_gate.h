/* The turnstile of the whole gate: what it shows, and what the journal says of the passages that end. */
#ifndef FIRMWARE_PORTILLON_GATE_H
#define FIRMWARE_PORTILLON_GATE_H

#include "firmware/portillon_state.h"

/* Nobody passes, and nobody is told anything. */
bool portillon_is_at_rest(const struct gate *gate, uint64_t now);

void portillon_drive_outputs(struct portillon *portillon);

/* Levels of enum gate_input, settled. */
uint32_t portillon_read_inputs(struct portillon *portillon);

/* Writes how the passage of record seq ended. unused: nobody was seen to go through, so that its meal is not
 * counted. */
void portillon_close_passage(struct portillon *portillon, uint32_t seq, enum journal_outcome outcome,
                             bool unused);

/* Moves the gate on, drives what it shows, and says in the journal how the passages that this ended went. */
void portillon_run_gate(struct portillon *portillon, enum gate_event event);

#endif
