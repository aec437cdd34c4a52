/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key-value store for a few small values that must survive a power cut: settings, the acknowledged number,
 * the version floor, the boot count.
 *
 * Two sectors are used in turn. A sector starts with two copies of its header, followed by records of 32
 * bytes that are programmed once. The newest valid record of a key counts. If one bit of that record is
 * wrong, the mount corrects it (sealed.h), and store_poll writes the value again. If more are wrong, the
 * record before it counts, even when it is in the other sector. When three quarters of a sector are used, but
 * 192 places at most where the sector has 64 KiB or less, the current values are copied to the other sector;
 * its header is written last and completes the move. A place that is not blank is never programmed. A sector
 * is not erased as empty after a single read that found nothing.
 *
 * The caller owns the struct; store_mount initialises it. store_set blocks for one program, four if the first
 * ones fail. store_poll copies four values in one call when it moves, or writes the two headers, each with
 * one program; a value that is set meanwhile is copied again. While there is no active sector, a call reads
 * the headers of both sectors and, if it finds one, loads the values as store_mount does; the first 16 calls
 * do this before a sector is erased.
 *
 * store_mount reads the used places of the active sector in pieces of 256 bytes, and 64 blank ones behind
 * them. It checks the newest record of each value only: 20 at most, 0.07 ms each on a Cortex-M3 at 142 MHz.
 * The chip takes 1.5 ms at most. If any place is damaged or names its key only once, or if reads differ, all
 * records of both sectors are read one by one and checked, again if repeated reads differ, three times at
 * most: 10 ms for a sector of 4 KiB, 15 ms for one of 64 KiB. A damaged record that looks like one with a
 * wrong bit takes up to 145 CMACs more, 10 ms. That is done for 16 records of a sector at most.
 *
 * Nothing waits for an erase that the store starts. On a chip that cannot suspend an erase, each read and
 * program waits until a running erase ends (hal/flash.h).
 *
 * record, 32 bytes (a header is a record with key 0 whose value starts with the generation, u32)
 * offset  size  field
 *      0     2  magic "PS"
 *      2     1  key, 1 to STORE_KEYS-1
 *      3     1  the key again, inverted: a wrong bit does not make it another one. 0: written by a firmware
 *               before 0.2
 *      4    16  value
 *     20     4  reserved, 0
 *     24     8  MAC: first 8 bytes of AES-128-CMAC(storage key, bytes 0 to 23)
 */
#ifndef FIRMWARE_STORAGE_STORE_H
#define FIRMWARE_STORAGE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/crypto.h"
#include "hal/error.h"
#include "hal/flash.h"

#define STORE_VALUE_LEN  16
#define STORE_RECORD_LEN 32
/* A sector of the memory chip is left when so many places are used, so that a mount reads few of them. The
 * larger sectors of internal flash are read quickly, but their erase stops the processor. */
#define STORE_USED_MOST 192

enum store_key {
    STORE_SETTINGS = 1,
    STORE_ACKED = 2,            /* u32: last acknowledged journal number */
    STORE_VERSION_FLOOR = 3,    /* u32 */
    STORE_BOOT_COUNT = 4,       /* u32 */
    STORE_CLOCK_CONFIRMED = 5,  /* u32: when the clock was last set, utc_s, to six hours */
    STORE_PROFILES_OFF = 6,     /* and seven more: profiles_off.h */
    STORE_CLOCK_CORRECTED = 14, /* two u32: the last day the clock was corrected, and by how many seconds */
    STORE_CLOCK_PROVEN = 15,    /* u32: time that retention may rely on, utc_s, to six hours */
    STORE_JOURNAL_FLOOR = 16,   /* journal_floor.h */
    STORE_UPLOAD = 17,          /* first bytes of the digest of the list that is being received */
    STORE_ANCHOR = 18,          /* in the store of the anchor only: anchor.h */
    STORE_OWNER = 19,           /* the id of the gate that writes to this chip: owner.h */
    STORE_OWNER_SITE = 20,      /* and its site id */
    STORE_KEYS = 21,
};

struct store {
    const struct flash *flash;
    uint32_t base;
    crypto_mac mac;
    uint32_t generation;
    int active;        /* 0 or 1: the sector in use; -1: none yet, call store_poll until there is one */
    uint32_t used;     /* places used in it, headers included */
    uint32_t position; /* store_position */
    enum { STORE_RESTING, STORE_ERASING, STORE_BLANK } other; /* state of the other sector */
    int failed_moves;                                         /* in a row */
    int looks;          /* reads that found no values, before the first erase */
    uint32_t copied;    /* of a move: bit i: the new sector has the value of key i */
    uint32_t copied_to; /* and its next place */
    uint32_t corrected; /* bit i: the newest record of key i has a wrong bit, and is to be written again */
    bool present[STORE_KEYS];
    bool doubtful[STORE_KEYS]; /* a set failed, but flash may hold its value */
    uint8_t values[STORE_KEYS][STORE_VALUE_LEN];
};

/* Initialises the struct and reads the values. An unreadable value counts as absent. The store takes two
 * sectors from base on. Returns ERR_OK (also if both sectors are empty: then store_set returns ERR_BUSY until
 * store_poll has prepared one), ERR_IO (also when repeated reads differ) or ERR_CRYPTO. After an error no
 * unmount is needed. */
int store_mount(struct store *store, const struct flash *flash, uint32_t base,
                const uint8_t key[CRYPTO_KEY_LEN]) MUST_USE;
/* Returns true if the store has a sector in use; until then call store_poll, and store_set returns
 * ERR_BUSY. */
bool store_is_ready(const struct store *store);
/* Returns how far the writing has come: a number that grows with each value stored, also across restarts. A
 * store whose number is lower than it was is an older copy. 0: no sector is in use. */
uint32_t store_position(const struct store *store);
/* Copies the value of a key from memory. Returns ERR_OK or ERR_NOT_FOUND (the key has no value). */
int store_get(const struct store *store, enum store_key key, uint8_t value[STORE_VALUE_LEN]) MUST_USE;
/* Stores a value; it is durable when the function returns ERR_OK. Storing the same value again writes
 * nothing. Returns ERR_OK, ERR_BUSY (no room until the other sector is erased: poll and try again), ERR_IO
 * (four attempts failed) or ERR_CRYPTO. After an error store_get returns the value before, but flash may hold
 * the new one, and a restart may then show it. */
int store_set(struct store *store, enum store_key key, const uint8_t value[STORE_VALUE_LEN]) MUST_USE;
/* The same for u32 values. An absent value reads as 0. */
uint32_t store_get_u32(const struct store *store, enum store_key key);
int store_set_u32(struct store *store, enum store_key key, uint32_t value) MUST_USE;
/* Reads the place at a flash address without a key: what it claims to be, not what it is. Returns the key
 * (0: of a header) with the value, ERR_NOT_FOUND (it does not look like a record of a store) or ERR_IO. */
int store_peek(const struct flash *flash, uint32_t addr, uint8_t value[STORE_VALUE_LEN]) MUST_USE;
/* Does one step: writes a corrected value again, or prepares the other sector when this one is three quarters
 * full, and moves there. Returns
 * ERR_OK (idle), ERR_BUSY (more to do) or ERR_IO (eight moves in a row failed, the other sector is worn: no
 * move until restart). */
int store_poll(struct store *store);
/* Frees the key. */
void store_unmount(struct store *store);

#endif
