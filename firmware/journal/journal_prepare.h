/* The sector ahead of the head: what goes for it, its erase and its header. For journal*.c alone. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_PREPARE_H
#define FIRMWARE_JOURNAL_JOURNAL_PREPARE_H

#include "firmware/journal/journal_state.h"

/* One piece of it. Results as journal_poll. */
int journal_prepare_poll(struct journal *journal) MUST_USE;

#endif
