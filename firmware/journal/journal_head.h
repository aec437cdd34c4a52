/* The head of the ring, where the next record is written. Only for journal*.c. Blocks as journal_append
 * does. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_HEAD_H
#define FIRMWARE_JOURNAL_JOURNAL_HEAD_H

#include "firmware/journal/journal_state.h"

/* Moves the head to the next sector. */
void journal_enter_next_sector(struct journal *journal);

/* Does the same as journal_append, but also uses the places reserved for gap records. */
int journal_append_at_head(struct journal *journal, const struct journal_record *record,
                           uint32_t *seq) MUST_USE;

#endif
