/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lets a card prove with its key who it is, if the active list has DESFire applications (desfire/desfire.h).
 * The reports of the reader wait meanwhile. For portillon_taps.c.
 */
#ifndef FIRMWARE_PORTILLON_PROOF_H
#define FIRMWARE_PORTILLON_PROOF_H

#include "firmware/portillon_state.h"

/* Takes the card keys of the identity. Call it once, at the start. */
void portillon_init_proof(struct portillon *portillon);

/* Starts the proof of a card. Returns false if there is none to make: the card or the list has no
 * application, or the gate has no keys. */
bool portillon_start_proof(struct portillon *portillon, const struct reader_report *report);

/* Returns true while a card is being asked. */
bool portillon_proof_is_running(const struct portillon *portillon);

/* Makes one exchange with the card, which blocks for 50 ms at most. Returns true when the card has been
 * asked: *card then has its report, and what it has proven or why that failed. A card that does not confirm
 * that it has an application of the school, or whose key has a version that the gate does not have, has
 * proven nothing and has not failed. */
bool portillon_prove(struct portillon *portillon, struct tap_card_seen *card);

#endif
