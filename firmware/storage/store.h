/*
 * A few small values that must survive: settings, the acknowledged number, the version floor, boot count.
 *
 * Two sectors take turns. Each starts with a header, twice; then come 32-byte records, programmed once; the
 * newest valid record of a key counts, or, where that lost a bit, the one before, even from the sector used
 * before. When one sector is nearly full, the living values move to the other; its header is written last and
 * makes the move. Nothing is programmed over what is not blank, nor erased as if it were empty for one
 * reading that found nothing. The caller owns the struct; set blocks for one program, poll for at most one
 * value's move. Nothing waits for an erase.
 *
 * record, 32 bytes (a header is a record with key 0 whose value starts with the generation, u32)
 * offset  size  field
 *      0     2  magic "PS"
 *      2     1  key, 1 to STORE_KEYS-1
 *      3     1  reserved, 0
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

enum store_key {
    STORE_SETTINGS = 1,
    STORE_ACKED = 2,           /* u32: last acknowledged journal number */
    STORE_VERSION_FLOOR = 3,   /* u32 */
    STORE_BOOT_COUNT = 4,      /* u32 */
    STORE_CLOCK_CONFIRMED = 5, /* u32: about when the clock was last set, utc_s */
    STORE_PROFILES_OFF = 6,    /* and seven more: profiles_off.h */
    STORE_KEYS = 14,
};

struct store {
    const struct flash *flash;
    uint32_t base;
    crypto_mac mac;
    uint32_t generation;
    int active;    /* 0 or 1: the sector in use; -1: none yet, poll until there is one */
    uint32_t used; /* places used in it, headers included */
    enum { STORE_RESTING, STORE_ERASING, STORE_BLANK } other; /* how far the other sector is prepared */
    int failed_moves;                                         /* in a row */
    int looks;                                                /* for values, again, before the first erase */
    bool present[STORE_KEYS];
    bool doubtful[STORE_KEYS]; /* a set failed: flash may hold its value all the same */
    uint8_t values[STORE_KEYS][STORE_VALUE_LEN];
};

/* Reads what is there; anything unreadable counts as absent.
 * base: two sectors from here. @retval ERR_OK, ERR_IO (or it reads differently every time), ERR_CRYPTO. */
int store_mount(struct store *store, const struct flash *flash, uint32_t base,
                const uint8_t key[CRYPTO_KEY_LEN]) MUST_USE;
/* @retval ERR_OK, ERR_NOT_FOUND. */
int store_get(const struct store *store, enum store_key key, uint8_t value[STORE_VALUE_LEN]) MUST_USE;
/* Durable when it returns. The same value again costs nothing.
 * @retval ERR_OK, ERR_BUSY (no room until the other sector is erased: poll and try again), ERR_IO. */
int store_set(struct store *store, enum store_key key, const uint8_t value[STORE_VALUE_LEN]) MUST_USE;
/* u32 values; absent reads as 0. */
uint32_t store_get_u32(const struct store *store, enum store_key key);
int store_set_u32(struct store *store, enum store_key key, uint32_t value) MUST_USE;
/* Prepares the other sector in good time, and moves there.
 * @retval ERR_OK (idle), ERR_BUSY (more to do), ERR_IO (the other sector is worn: no move until restart). */
int store_poll(struct store *store);
void store_unmount(struct store *store);

#endif
