/* The head of the ring: where the next record goes. For journal*.c alone. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_HEAD_H
#define FIRMWARE_JOURNAL_JOURNAL_HEAD_H

#include "firmware/journal/journal_state.h"

/* Leaves the head's sector for the one prepared. */
void journal_enter_next_sector(struct journal *journal);

/* journal_append, also into the places kept for gaps. */
int journal_append_at_head(struct journal *journal, const struct journal_record *record,
                           uint32_t *seq) MUST_USE;

#endif
