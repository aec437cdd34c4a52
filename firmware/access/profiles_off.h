/*
 * The groups (profiles) turned off as a whole, kept in flash so that a power cut leaves all of a change or
 * nothing of it.
 *
 * They are remembered by name (as CRC-32), since a later list may number its profiles otherwise; a name that
 * the running list does not have waits for one that does, until all groups are on again or its place is
 * needed.
 *
 * Twelve names take four stored values (store.h). Two sets of four take turns, by the parity of the number
 * they carry; a set whose four numbers agree is whole, and the higher of two whole sets counts. So the value
 * written last makes the change, and a value that loses a bit brings back the change before.
 *
 * stored value, 16 bytes
 * offset  size  field
 *      0     4  number of the change, from 1
 *      4    12  three names, CRC-32 each (1 where it would be 0); 0: none
 *
 * The caller owns the struct. Turning blocks for the program of four values.
 */
#ifndef FIRMWARE_ACCESS_PROFILES_OFF_H
#define FIRMWARE_ACCESS_PROFILES_OFF_H

#include <stdint.h>

#include "firmware/storage/store.h"
#include "firmware/whitelist/whitelist_tables.h"

#define PROFILES_OFF_MAX 12 /* names remembered at one time */

struct profiles_off {
    uint32_t names[PROFILES_OFF_MAX]; /* 0: none */
    uint32_t number;                  /* of the set that counts; 0: none yet */
    uint32_t highest;                 /* number that any value may carry: the next change goes above */
};

void profiles_off_load(struct profiles_off *off, const struct store *store);
/* Bit n: profile n of these tables is turned off. */
uint32_t profiles_off_bits(const struct profiles_off *off, const struct whitelist_tables *tables);
/* Turns each profile of the tables on (bit set) or off, durably; all of them or none. With all on, names that
 * the tables do not have are forgotten too: what nobody can see must not come back.
 * @retval ERR_OK, ERR_NO_SPACE (more than PROFILES_OFF_MAX off), ERR_BUSY (the store makes room), ERR_IO. */
int profiles_off_turn(struct profiles_off *off, const struct whitelist_tables *tables, uint32_t on,
                      struct store *store) MUST_USE;

#endif
