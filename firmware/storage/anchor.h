/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The anchor: a few values that a rollback of the memory chip must not take back. They are kept outside that
 * chip, in two flash sectors that the board provides, as one value of a store (store.h). Whoever exchanges
 * the memory chip, or restores an old copy of it, does not reach them.
 *
 * The values are written after the memory chip has what they describe. A power cut in between thus leaves an
 * anchor that is behind, never one that is ahead of an honest chip.
 *
 * The caller owns the struct and calls anchor_mount before all else. anchor_keep blocks for one program,
 * anchor_poll for one step of store_poll; on internal flash an erase stops the processor (the board's page
 * says for how long).
 *
 * value, 16 bytes
 * offset  size  field
 *      0     4  newest list version that was active, u32; 0: none
 *      4     4  position of the store (store_position), u32; 0: not known
 *      8     4  numbers of the journal below this one were given, u32; 0: not known
 *     12     4  reserved, 0
 */
#ifndef FIRMWARE_STORAGE_ANCHOR_H
#define FIRMWARE_STORAGE_ANCHOR_H

#include <stdint.h>

#include "firmware/storage/store.h"

enum anchor_state {
    ANCHOR_NONE,   /* the board has none */
    ANCHOR_FAILED, /* its flash cannot be read: nothing is known, nothing is kept */
    ANCHOR_IN_USE,
};

struct anchor_values {
    uint32_t list_version;
    uint32_t store_position;
    uint32_t journal_head;
};

struct anchor {
    enum anchor_state state;
    struct store store;
    struct anchor_values values; /* as kept; zeros: nothing is known */
};

/* Initialises the struct and reads the values. flash NULL: the board has no anchor. key is the storage key of
 * the identity. Returns the state. */
enum anchor_state anchor_mount(struct anchor *anchor, const struct flash *flash,
                               const uint8_t key[CRYPTO_KEY_LEN]);
/* Keeps the values. Writes nothing if they are kept already, or if there is no anchor. Returns ERR_OK,
 * ERR_BUSY (no room until anchor_poll has prepared a sector), ERR_IO, ERR_CRYPTO. */
int anchor_keep(struct anchor *anchor, const struct anchor_values *values) MUST_USE;
/* Does one step of preparing a sector. Returns ERR_OK (idle), ERR_BUSY (more to do) or ERR_IO. */
int anchor_poll(struct anchor *anchor);
/* Returns "none", "failed" or "in_use". */
const char *anchor_state_name(enum anchor_state state);

#endif
