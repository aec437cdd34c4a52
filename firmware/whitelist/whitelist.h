/*
 * The whitelist in flash: two slots, lookups in the running one, uploads into the other. DESIGN.md, beside
 * this file, says why it is built so.
 *
 * The running list serves until a new one is whole, verified and committed by one 32-byte program. After a
 * commit the other slot is brought to the same list in idle time, so every block has a replica that answers
 * for it and repairs it. What cannot be repaired or read is tried again after a pause, each longer than the
 * one before; nothing is erased on the strength of one reading. A list that meets a worn sector is laid out
 * again further on in its slot, in units of 64 KiB, as long as the slot has room: its head is looked for at
 * each of them. The caller owns the struct (about 12 KiB); lookup blocks for one or two reads of 64 bytes,
 * upload calls for at most one block's program (7 ms), poll for one block's work.
 *
 * commit record, in the last 32 bytes before WHITELIST_BLOCKS_OFFSET in a slot; where power or wear spoilt
 * them, in the 32 before, and so on, up to WHITELIST_COMMIT_PLACES: none is programmed twice
 * offset  size  field
 *      0     4  magic "PTWC"
 *      4     4  version
 *      8     4  head length
 *     12     4  reserved, 0
 *     16    16  AES-128-CMAC(storage key, bytes 0 to 15, SHA-256 of head and signature)
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_H
#define FIRMWARE_WHITELIST_WHITELIST_H

#include "firmware/whitelist/whitelist_state.h"

/* Finds the running list, whatever the region holds; no list is not an error (running is -1), nor is one that
 * cannot be read now: whitelist_scrub goes on looking. base and len: multiples of the sector size; each slot
 * gets half. @retval ERR_OK, ERR_ARGUMENT (a slot has no room for a block), ERR_CRYPTO. */
int whitelist_mount(struct whitelist *list, const struct flash *flash, uint32_t base, uint32_t len,
                    const struct identity *identity, uint32_t version_floor) MUST_USE;

struct whitelist_answer {
    struct whitelist_rule rule;
    uint8_t zones;     /* of the rule's profile */
    bool from_replica; /* the running block failed its check */
};

/* @retval ERR_OK, ERR_NOT_FOUND, ERR_NO_LIST, ERR_CORRUPT (both copies of its bucket are damaged), ERR_IO. */
int whitelist_lookup(struct whitelist *list, const struct tag *tag, struct whitelist_answer *answer) MUST_USE;

/* Does one small piece of whatever is under way: verification, preparing, commit, mirroring, scrubbing.
 * @retval ERR_OK (idle), ERR_BUSY (more to do), or an enum
 * whitelist_outcome. */
int whitelist_poll(struct whitelist *list);

void whitelist_unmount(struct whitelist *list);

/* The active list; NULL: none. Its digest is SHA-256 of head and signature. */
const struct whitelist_header *whitelist_active(const struct whitelist *list);
const uint8_t *whitelist_active_digest(const struct whitelist *list);
/* Returns its version; 0: there is none. */
uint32_t whitelist_active_version(const struct whitelist *list);
/* Returns the tables of the active list; those of an empty list while there is none. */
const struct whitelist_tables *whitelist_active_tables(const struct whitelist *list);
/* Makes no list active, as when storage cannot be mounted. */
void whitelist_deactivate(struct whitelist *list);
/* Returns the version at or below which no list is taken. */
uint32_t whitelist_version_floor(const struct whitelist *list);
/* Returns the sector that last refused to erase or program; WHITELIST_NOT_WORN: none. */
uint32_t whitelist_worn_addr(const struct whitelist *list);

/* How well the active list is kept, since start-up. */
struct whitelist_health {
    bool replica_is_whole;   /* the standby slot holds the same list */
    uint32_t repaired_count; /* blocks and heads rewritten from their replica */
    uint32_t damaged_count;  /* lookups answered from the replica */
    uint32_t failed_count;   /* replications and repairs that failed */
    uint32_t repaired_last;  /* block last repaired, or WHITELIST_REPAIRED_HEAD */
};
struct whitelist_health whitelist_health(const struct whitelist *list);

#endif
