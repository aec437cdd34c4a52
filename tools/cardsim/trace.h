/* SPDX-License-Identifier: Apache-2.0 */
/* Implements --trace: prints frames and anomalies as text on stderr, with times and the names of the
 * commands. Blocks only on stderr. */
#ifndef CARDSIM_TRACE_H
#define CARDSIM_TRACE_H

#include "tools/cardsim/chip.h"

/* Returns the callbacks for the chip. Times are counted from this call. */
struct cardsim_chip_trace cardsim_trace_start(void);

#endif
