/* Where the journal keeps what: sectors, their headers, the places of records. For journal*.c and for chip
 * images. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_SECTOR_H
#define FIRMWARE_JOURNAL_JOURNAL_SECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/journal/journal_state.h"

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

#endif
