/* Where the journal keeps what: sectors, their headers, the places of records. For journal*.c alone. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_SECTOR_H
#define FIRMWARE_JOURNAL_JOURNAL_SECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/journal/journal.h"

enum journal_header_state {
    JOURNAL_HEADER_VALID,   /* written by us, for this place */
    JOURNAL_HEADER_BLANK,   /* erased */
    JOURNAL_HEADER_DAMAGED, /* anything else */
};

/* The sector ordinal a number belongs to, and the first number of an ordinal. */
uint32_t journal_ordinal_of(const struct journal *journal, uint32_t seq);
uint32_t journal_first_seq_of(const struct journal *journal, uint32_t ordinal);
/* Ordinals above this would soon run out of numbers: no gate gets there, and none is believed. */
uint32_t journal_ordinal_limit(const struct journal *journal);
/* Flash addresses. */
uint32_t journal_sector_address(const struct journal *journal, uint32_t ordinal);
uint32_t journal_place_address(const struct journal *journal, uint32_t seq);
int journal_flash_read(const struct journal *journal, uint32_t addr, void *buf, size_t len) MUST_USE;
bool journal_is_blank(const uint8_t *bytes, size_t len);
int journal_header_encode(struct journal *journal, uint32_t ordinal,
                          uint8_t out[JOURNAL_RECORD_LEN]) MUST_USE;
/* Reads the header at a ring position (any ordinal of it). *ordinal counts only when it is valid. */
int journal_header_read(struct journal *journal, uint32_t position, enum journal_header_state *state,
                        uint32_t *ordinal) MUST_USE;
/* journal_append, also into the places kept for gaps. */
int journal_append_at_head(struct journal *journal, const struct journal_record *record,
                           uint32_t *seq) MUST_USE;
/* Whether the policy forbids to drop what would have to go for more room. */
bool journal_must_refuse(const struct journal *journal);
/* Whether the places left before a sector is dropped are only for telling of it. */
bool journal_must_keep_room(const struct journal *journal);
/* Tells that everything up to number last is about to be dropped, unless that was told. Before it happens: a
 * cut between the two leaves a gap told of records still there, never a loss untold. Without a head (it wore
 * out before its time) there is nowhere to tell it yet, and it waits for one. @retval ERR_OK, ERR_IO,
 * ERR_CRYPTO. */
int journal_gap_tell(struct journal *journal, uint32_t last) MUST_USE;
/* Once since mount: a loss that could only be told afterwards, and was not, for the power went in between.
 * How many passages it was is not known any more. @retval ERR_OK, ERR_IO, ERR_CRYPTO. */
int journal_gap_find_untold(struct journal *journal) MUST_USE;
/* There is a head again: tells what waits. */
void journal_gap_tell_waiting(struct journal *journal);
/* Leaves the head's sector for the one prepared. */
void journal_enter_next_sector(struct journal *journal);
/* Retention, in idle time. @retval ERR_OK (nothing to do), ERR_BUSY. */
int journal_forget_poll(struct journal *journal);
/* An erase of retention's is under way: nothing else may be erased or prepared until it is over. */
bool journal_forget_holds_chip(const struct journal *journal);
/* journal_mount's part: finds tail and head. @retval ERR_OK, ERR_IO, ERR_CRYPTO. */
int journal_find_ends(struct journal *journal) MUST_USE;

#endif
