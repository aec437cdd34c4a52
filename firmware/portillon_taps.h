/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handles the reports of the reader: decides on each card, makes the verdict durable, then opens or
 * refuses. Blocks as portillon_append does; see firmware/portillon_log.h.
 */
#ifndef FIRMWARE_PORTILLON_TAPS_H
#define FIRMWARE_PORTILLON_TAPS_H

#include "firmware/portillon_state.h"

/* Handles one report of the reader, or the card that waits. Returns true if there was one. */
bool portillon_serve_reader(struct portillon *portillon);

#endif
