/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps the profiles (groups) that are turned off as a whole. They are stored in flash. A power cut leaves
 * either all of a change or nothing of it.
 *
 * A profile is stored by its name (as CRC-32), because a later list may number its profiles differently. A
 * name that the active list does not have is kept for a later list, until all profiles are on again or its
 * place is needed.
 *
 * Twelve names take four stored values (store.h). There are two sets of four values, used in turn: even
 * numbers of changes go to one set, odd numbers to the other. A set is complete if its four numbers agree.
 * The complete set with the higher number is valid. Therefore the value written last completes the change,
 * and if a value is damaged, the change before is valid again.
 *
 * stored value, 16 bytes
 * offset  size  field
 *      0     4  number of the change, from 1
 *      4    12  three names, CRC-32 each (1 where it would be 0); 0: none
 *
 * The caller owns the struct; all zero means that no profile is off. profiles_off_turn blocks while four
 * values are stored, each with one program, four at most (store.h).
 */
#ifndef FIRMWARE_ACCESS_PROFILES_OFF_H
#define FIRMWARE_ACCESS_PROFILES_OFF_H

#include <stdint.h>

#include "firmware/storage/store.h"
#include "firmware/whitelist/whitelist_tables.h"

#define PROFILES_OFF_MAX 12 /* names stored at one time */

struct profiles_off {
    uint32_t names[PROFILES_OFF_MAX]; /* 0: none */
    uint32_t number;                  /* of the valid set; 0: none yet */
    uint32_t highest; /* highest number that a value may carry; the next change gets a higher one */
};

/* Loads the names from the store. Without a valid set no profile is turned off. */
void profiles_off_load(struct profiles_off *off, const struct store *store);
/* Returns the profiles of these tables that are turned off: bit n stands for profile n. */
uint32_t profiles_off_bits(const struct profiles_off *off, const struct whitelist_tables *tables);
/* Turns each profile of the tables on (bit n of `on` set) or off. The change is durable, and complete or not
 * made. If all profiles of the tables are turned on, names that the tables do not have are removed too, so
 * that a profile that nobody sees now is not found turned off later. Returns ERR_OK, ERR_NO_SPACE (more than
 * PROFILES_OFF_MAX profiles off), ERR_BUSY (no room in the store until it has moved), ERR_IO, ERR_CRYPTO.
 * After an error the same profiles are off as before. A restart may still find the change, if only its last
 * value failed and is in flash after all. */
int profiles_off_turn(struct profiles_off *off, const struct whitelist_tables *tables, uint32_t on,
                      struct store *store) MUST_USE;

#endif
