/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of the journal: sectors, their headers, the places of records (words: journal.h). For journal*.c
 * and for chip images. Only the functions that read block. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_SECTOR_H
#define FIRMWARE_JOURNAL_JOURNAL_SECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/journal/journal_state.h"

enum journal_header_state {
    JOURNAL_HEADER_VALID,   /* written by this gate, for this position */
    JOURNAL_HEADER_BLANK,   /* erased */
    JOURNAL_HEADER_DAMAGED, /* anything else */
};

/* Return the ordinal of the sector of a number, and the first number of an ordinal. */
uint32_t journal_ordinal_of(const struct journal *journal, uint32_t seq);
uint32_t journal_first_seq_of(const struct journal *journal, uint32_t ordinal);
/* Returns the highest ordinal that is accepted. Above it the numbers would soon overflow; no gate gets
 * there. */
uint32_t journal_ordinal_limit(const struct journal *journal);
/* Return the flash address of a sector, and of the place of a number. */
uint32_t journal_sector_address(const struct journal *journal, uint32_t ordinal);
uint32_t journal_place_address(const struct journal *journal, uint32_t seq);
/* Reads len bytes at a flash address. Returns the results of read in hal/flash.h. */
int journal_flash_read(const struct journal *journal, uint32_t addr, void *buf, size_t len) MUST_USE;
/* Encodes the header of a sector. Returns ERR_OK, ERR_CRYPTO. */
int journal_header_encode(struct journal *journal, uint32_t ordinal,
                          uint8_t out[JOURNAL_RECORD_LEN]) MUST_USE;
/* Reads the header at a ring position, given as any ordinal of this position. *ordinal is only
 * meaningful if the header is valid. Returns ERR_OK, ERR_IO, ERR_CRYPTO. */
int journal_header_read(struct journal *journal, uint32_t position, enum journal_header_state *state,
                        uint32_t *ordinal) MUST_USE;

#endif
