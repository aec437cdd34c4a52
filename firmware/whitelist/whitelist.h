/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whitelist in flash. There are two slots: look-ups read the active one, an upload goes into the other,
 * the standby slot. DESIGN.md, beside this file, gives the reasons. The manifest is called "head" in names.
 *
 * The active list serves until a new one is complete, verified and committed by one program of 32 bytes.
 * After a commit the same list is written to the standby slot in idle time. Then each block has a replica,
 * which answers for it and repairs it. After a failure to read or repair, the module backs off, each time for
 * longer. Nothing is erased because of a single reading. If a list meets a worn sector, it is relocated:
 * written again further on in its slot, at a multiple of 64 KiB, as long as the slot has room. A start
 * searches for the manifest at each of these multiples.
 *
 * The caller owns the struct (about 12 KiB); whitelist_mount initialises it. A look-up of good buckets blocks
 * for one or two reads of 64 bytes. A damaged bucket is read twice, then its replica; if the standby slot may
 * hold another list, 4 KiB of it are read and hashed. whitelist_poll blocks for one step of the work on a
 * block (whitelist_fill.h) or one slice of the verification (10 ms at most). But when it checks, loads or
 * commits a list, and in whitelist_mount, each slot is searched and manifests are read several times. A
 * manifest has 27 KiB at most on a chip of 16 MiB; one read of it takes 10 ms on a line of 21 MHz, and its
 * hash comes on top. The upload functions: see whitelist_upload.h. On a chip that cannot suspend an erase,
 * every read and program waits for the end of a running erase: 3 s at most.
 *
 * The commit record is in the last 32 bytes of a list before its blocks (WHITELIST_BLOCKS_OFFSET). No
 * position is programmed twice: if a power cut or wear has spoiled one, the record goes to the 32 bytes
 * before it, and so on, up to WHITELIST_COMMIT_PLACES positions.
 *
 * The checks of the manifest (whitelist_group.h) are in the 4 KiB before the blocks, from their start on.
 *
 * commit record, 32 bytes
 * offset  size  field
 *      0     4  magic "PTWC"
 *      4     4  version
 *      8     4  length of the manifest
 *     12     4  reserved, 0
 *     16    16  AES-128-CMAC(storage key, bytes 0 to 15, SHA-256 of manifest and signature)
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_H
#define FIRMWARE_WHITELIST_WHITELIST_H

#include "firmware/whitelist/whitelist_state.h"

/* What the caller kept outside the region, from before the restart. */
struct whitelist_known {
    uint32_t
        version; /* the newest that was active; 0: none. An older list than this does not become active */
    /* First bytes of the digest of the list that this gate was receiving. No other upload is continued.
     * Zeros: none. */
    uint8_t resumable[WHITELIST_RESUME_LEN];
};

/* Initialises the struct and finds the active list, whatever the region contains. Continues an upload that a
 * restart interrupted. base and len are multiples of the sector size; each slot gets half of len. A region
 * without a list, or with one that cannot be read now, is not an error: no list is active, and
 * whitelist_scrub rescans the region. Returns ERR_OK, ERR_ARGUMENT (a slot has no room for a block, or more
 * than WHITELIST_UNITS_MAX units), ERR_CRYPTO. After an error no list is active and no unmount is needed. */
int whitelist_mount(struct whitelist *list, const struct flash *flash, uint32_t base, uint32_t len,
                    const struct identity *identity, const struct whitelist_known *known) MUST_USE;

struct whitelist_answer {
    struct whitelist_rule rule;
    uint8_t zones;     /* of the rule's profile */
    bool from_replica; /* the block of the active slot could not be read or failed its check */
};

/* Looks up the rule of a card. If a bucket is damaged, counts it and requests a repair of its block, which
 * whitelist_poll does. Returns ERR_OK (*answer is filled), ERR_NOT_FOUND (the list does not have the card),
 * ERR_NO_LIST (no list is active), ERR_VERSION (the same, because the list in flash is older than the newest
 * one that was active), ERR_CORRUPT (the bucket and its replica are damaged, or the rule is not
 * valid), ERR_IO (the chip cannot be read), ERR_CRYPTO. */
int whitelist_lookup(struct whitelist *list, const struct tag *tag, struct whitelist_answer *answer) MUST_USE;

/* Does one piece of the work in progress: verification, preparation, commit, replication or repair. Commits
 * an upload when its last block is there. Returns ERR_OK (nothing to do now: idle, backing off, or an upload
 * waits for its client), ERR_BUSY (more to do), or an enum whitelist_outcome. */
int whitelist_poll(struct whitelist *list);

/* Frees the keys and ends a verification in progress. */
void whitelist_unmount(struct whitelist *list);

/* Returns the header of the active list; NULL: there is none. */
const struct whitelist_header *whitelist_active(const struct whitelist *list);
/* Returns SHA-256 of manifest and signature of the active list (CRYPTO_HASH_LEN bytes); NULL: there is none.
 */
const uint8_t *whitelist_active_digest(const struct whitelist *list);
/* Returns the version of the active list; 0: there is none. */
uint32_t whitelist_active_version(const struct whitelist *list);
/* Returns the tables of the active list; those of an empty list while there is none. */
const struct whitelist_tables *whitelist_active_tables(const struct whitelist *list);
/* Makes no list active, as when storage cannot be mounted. Changes nothing in flash. */
void whitelist_deactivate(struct whitelist *list);
/* Returns the newest version that was active: no older list is accepted. */
uint32_t whitelist_version_floor(const struct whitelist *list);
/* Returns true if no list is active, because the one in flash is older than whitelist_version_floor: the chip
 * was exchanged, or restored from a copy. */
bool whitelist_is_rolled_back(const struct whitelist *list);
/* Returns an address in the sector that last failed to erase or program; WHITELIST_NOT_WORN: none. */
uint32_t whitelist_worn_addr(const struct whitelist *list);

/* The condition of the active list. The counts are since start-up. */
struct whitelist_health {
    bool replica_is_whole;   /* the standby slot holds the same list */
    uint32_t repaired_count; /* blocks and manifests rewritten from their replica */
    uint32_t damaged_count;  /* reads of a bucket that failed twice and needed the replica */
    uint32_t failed_count;   /* replications and repairs that failed */
    uint32_t repaired_last;  /* block last repaired, or WHITELIST_REPAIRED_HEAD (a manifest) */
};
/* Returns the condition of the active list. */
struct whitelist_health whitelist_health(const struct whitelist *list);

#endif
