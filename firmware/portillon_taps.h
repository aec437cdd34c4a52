/* From a report of the reader to an open gate: decide, make durable, act. */
#ifndef FIRMWARE_PORTILLON_TAPS_H
#define FIRMWARE_PORTILLON_TAPS_H

#include "firmware/portillon_state.h"

/* Takes one report of the reader, or the card that waits. True if there was one. */
bool portillon_serve_reader(struct portillon *portillon);

#endif
