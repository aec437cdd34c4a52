/* --trace: frames and oddities as lines of text on stderr, with times and the commands' names. */
#ifndef CARDSIM_TRACE_H
#define CARDSIM_TRACE_H

#include "tools/cardsim/chip.h"

/* The callbacks to hand to the chip; the times count from this call. */
struct cardsim_chip_trace cardsim_trace_start(void);

#endif
