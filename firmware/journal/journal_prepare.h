/* Prepares the next sector: drops its old records, erases it and writes its header. Only for journal*.c. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_PREPARE_H
#define FIRMWARE_JOURNAL_JOURNAL_PREPARE_H

#include "firmware/journal/journal_state.h"

/* Does one step of the preparation. Returns the results of journal_poll. */
int journal_prepare_poll(struct journal *journal) MUST_USE;

#endif
