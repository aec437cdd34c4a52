/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the whitelist as one struct. Only whitelist*.c read and write its fields; all other modules
 * call functions.
 */
#ifndef FIRMWARE_WHITELIST_WHITELIST_STATE_H
#define FIRMWARE_WHITELIST_WHITELIST_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "firmware/whitelist/whitelist_format.h"
#include "hal/flash.h"

#define WHITELIST_UNIT          WHITELIST_BLOCKS_OFFSET /* a list begins at a multiple of it in its slot */
#define WHITELIST_UNITS_MAX     256
#define WHITELIST_NOT_WORN      UINT32_MAX
#define WHITELIST_REPAIRED_HEAD UINT32_MAX
/* The steps of the work on a block: a piece is received, a page is read, hashed or programmed. */
#define WHITELIST_PIECE_LEN 1024
#define WHITELIST_PAGE_LEN  256
#define WHITELIST_PAGES     (WHITELIST_BLOCK_LEN / WHITELIST_PAGE_LEN)
/* Block hashes that are read and checked together, and the bytes kept of the digest of such a piece. */
#define WHITELIST_HASHES_PER_PIECE 32
#define WHITELIST_HASH_PIECES      (WHITELIST_BLOCKS_MAX / WHITELIST_HASHES_PER_PIECE)
#define WHITELIST_HASH_PIECE_LEN   8
#define WHITELIST_RESUME_LEN       16

/* What a fill may have as its source or target beside the two slots (whitelist_mend.h). */
enum {
    WHITELIST_SPARE = 2,  /* the spare sector */
    WHITELIST_MERGED = 3, /* all copies but the target, put together bucket by bucket */
};

enum whitelist_upload_state {
    WHITELIST_IDLE = 0,      /* no upload since start-up, or the last one was abandoned */
    WHITELIST_HEAD = 1,      /* receiving the manifest */
    WHITELIST_VERIFYING = 2, /* verifying the signature of the manifest, in slices */
    WHITELIST_PREPARING = 3, /* erasing, and copying the blocks that the active list already has */
    WHITELIST_RECEIVING = 4, /* waiting for the blocks of whitelist_wanted */
    WHITELIST_DONE = 5,      /* committed: it is the active list */
    WHITELIST_REFUSED = 6,   /* for the reason of whitelist_upload_error; the active list is unchanged */
};

/* Results of whitelist_poll and its parts when work is complete. Errors are negative. */
enum whitelist_outcome {
    WHITELIST_COMMITTED = 1,      /* a new list is active */
    WHITELIST_UPLOAD_REFUSED = 2, /* the upload was refused: whitelist_upload_error gives the reason */
    WHITELIST_REPAIRED = 3,       /* a block or manifest was repaired: see repaired_last */
};

/* How the manifest of a slot is read (whitelist_group.h). */
enum whitelist_mend {
    WHITELIST_MEND_NOTHING = 0, /* as it is */
    WHITELIST_MEND_ALONE = 1,   /* corrected by its checks */
    WHITELIST_MEND_BOTH = 2,    /* the same, and what is worse than in the other slot is read there */
};

struct whitelist_slot {
    uint32_t start;  /* address of its half of the region */
    uint32_t base;   /* address of its list: start, or some units further on, past worn sectors */
    bool present;    /* header and digest are those of a manifest in flash */
    bool committed;  /* this manifest was committed by this gate */
    bool has_checks; /* the checks of the manifest were written, or found, since it was loaded */
    enum whitelist_mend mend;
    struct whitelist_header header;
    uint8_t digest[CRYPTO_HASH_LEN]; /* SHA-256 of manifest and signature */
    /* First bytes of SHA-256 of the manifest up to its block hashes, taken in the same reading. */
    uint8_t tables_digest[WHITELIST_HASH_LEN];
    /* First bytes of SHA-256 of each piece of the block hashes, taken in the same reading as the digest. They
     * bind a block hash that is read later to the manifest that was verified. */
    uint8_t hash_pieces[WHITELIST_HASH_PIECES][WHITELIST_HASH_PIECE_LEN];
};

/* The blocks of the active slot that matched the signed manifest, and the verification ahead of look-ups:
 * whitelist_trust.c. */
struct whitelist_trust {
    uint8_t blocks[WHITELIST_BLOCKS_MAX / 8]; /* one bit each: verified since start-up or since written */
    uint32_t cursor;                          /* block being verified ahead; the block count: all are done */
    uint32_t offset;                          /* bytes of it already hashed */
    crypto_hash hash;
};

/* A fill: bringing the blocks of one slot to a list, sector by sector (whitelist_fill.h). */
struct whitelist_fill {
    enum { FILL_RESTING, FILL_SCAN, FILL_PROTECT, FILL_ERASE, FILL_ERASING, FILL_COPY } stage;
    int target, source;    /* slots, WHITELIST_SPARE, WHITELIST_MERGED; source -1: nothing to copy from */
    int list_slot;         /* the slot whose manifest lists the blocks */
    uint32_t first, end;   /* blocks of the current sector */
    uint32_t cursor, stop; /* the next block, and the end of the whole fill */
    /* Progress with the block in list->work: bytes read and hashed, whether it is being read for the second
     * time, whether it is whole and the one that is listed, bytes of it programmed. */
    uint32_t read_len, programmed_len;
    bool reads_again, is_read;
    bool need_erase;
    bool gives_up;           /* the source lacks blocks for good: the target may lose what it has of them */
    uint8_t failures;        /* of the current sector, to erase, program or read */
    uint32_t entries_before; /* entry_count when the sector was entered */
    uint32_t missing_count;  /* blocks that could not be filled */
    uint32_t written_count;  /* blocks that had to be written */
};

/* An upload into the standby slot: whitelist_upload.c, whitelist_verify.c. */
struct whitelist_upload {
    enum whitelist_upload_state state;
    int error;              /* why the last upload was refused */
    uint32_t head_received; /* bytes of manifest and signature */
    bool head_erased;
    bool head_failed;       /* the manifest area could not be erased; the client does not know yet */
    bool resumed;           /* the upload was found in flash at start-up */
    bool looked_for;        /* the search for an interrupted upload is over; it is not repeated */
    bool slot_changed;      /* something was erased for this upload */
    uint8_t refusals;       /* uploads in a row that were refused after something was erased for them */
    uint32_t back_off_s;    /* calls of whitelist_upload_tick until the next manifest is taken */
    uint8_t write_failures; /* of this upload's manifest and blocks */
    struct crypto_verify verify;
    uint32_t block_index; /* the block that is being assembled from pieces */
    uint8_t block_pieces; /* one bit for each 1024 bytes received */
    uint8_t block_steps;  /* done to store the complete block; 0: it is not complete */
    uint8_t patch_steps;  /* done to make it from that of the active list; 0: it is not made in this way */
};

/* The blocks that the target slot of a fill already has. */
struct whitelist_blocks {
    uint8_t have[WHITELIST_BLOCKS_MAX / 8];
    uint32_t have_count, entry_count;
};

/* Writing the checks of a manifest: whitelist_group.c. */
struct whitelist_group {
    int slot;
    uint32_t read_len, written_len; /* bytes of the manifest read, and of checks written */
    bool is_read;                   /* the manifest is read, and is the one that was loaded */
};

/* The erase of the manifest area of a slot: whitelist_slot.c. */
struct whitelist_erase {
    uint32_t step;    /* sectors erased so far; UINT32_MAX: an earlier erase has to end first */
    uint8_t failures; /* of the current sector */
    bool is_running;
};

/* The replica: writing the active list to the standby slot, and repairing both copies. */
struct whitelist_replica {
    enum {
        REPLICA_RESTING,
        REPLICA_CHECKS,      /* writes the checks of a manifest */
        REPLICA_CHECK_OURS,  /* checks that the manifest of the active list is intact */
        REPLICA_CHECK_OTHER, /* checks that the standby slot contains nothing of value */
        REPLICA_ERASE_HEAD,
        REPLICA_COPY_HEAD,
        REPLICA_FILL,
        REPLICA_REPAIR,
        REPLICA_SCRUB, /* reads the block at scrub_slot and scrub_block */
    } stage;
    bool is_whole;         /* the standby slot holds the same list, committed */
    bool head_lost;        /* a slot was discarded for its damaged manifest; the next replica repairs it */
    uint32_t head_copied;  /* bytes of manifest and signature */
    uint32_t scrub_cursor; /* the block or manifest that whitelist_scrub checks next */
    int scrub_slot;
    uint32_t scrub_block;
    int repair_slot; /* a block found damaged: its slot (-1: none) and index */
    uint32_t repair_block;
    /* 0: the sector is repaired from the other slot. 1 to 3: it is mended, that is, put together from all
     * copies, in the spare sector, in the active slot, in the standby slot. */
    uint8_t mend_step;
    bool mend_failed;        /* one of the slots could not be rewritten */
    uint32_t mend_from;      /* blocks before it were tried while this replica is made */
    uint32_t repaired_last;  /* block of the last WHITELIST_REPAIRED, or WHITELIST_REPAIRED_HEAD */
    uint32_t repaired_count; /* blocks and manifests rewritten from their replica since start-up */
    uint32_t damaged_count;  /* reads of a bucket that failed twice and needed the replica, since start-up */
    uint32_t failed_count;   /* replications and repairs that failed since start-up */
    uint32_t back_off_s;     /* calls of whitelist_scrub until the next try */
    uint8_t back_offs;       /* in a row */
};

struct whitelist {
    const struct flash *flash;
    const struct identity *identity;
    uint32_t slot_len;
    struct whitelist_slot slots[2];
    /* One bit for each unit of a slot that was found worn since start-up. */
    uint8_t worn_units[2][WHITELIST_UNITS_MAX / 8];
    uint32_t worn_addr;     /* sector that last failed to erase or program; WHITELIST_NOT_WORN: none */
    uint8_t moves;          /* relocations of the list that is being written */
    int running;            /* index of the active slot, which serves taps; -1: none */
    uint32_t version_floor; /* newest version that was active; the caller keeps it across restarts */
    uint8_t resumable[WHITELIST_RESUME_LEN]; /* of struct whitelist_known */
    struct whitelist_tables tables;          /* of the active list */
    uint8_t rules[WHITELIST_RULES_MAX][WHITELIST_RULE_LEN];
    crypto_mac list_mac, storage_mac;
    struct whitelist_upload upload;
    struct whitelist_fill fill;
    struct whitelist_blocks blocks;
    struct whitelist_erase erase;
    struct whitelist_replica replica;
    struct whitelist_trust trust;
    struct whitelist_group group;
    /* One buffer with five uses, one at a time. */
    union {
        uint8_t received[WHITELIST_BLOCK_LEN]; /* upload: the block that is being assembled */
        uint8_t filled[WHITELIST_BLOCK_LEN];   /* fill: the block read from a slot */
        uint8_t head[WHITELIST_BLOCK_LEN];     /* replica: a piece of the manifest */
        uint8_t checks[WHITELIST_BLOCK_LEN];   /* replica: the checks of a manifest */
        uint8_t rules[WHITELIST_BLOCK_LEN];    /* activation: the rules of the slot */
    } work;
    crypto_hash work_hash; /* of the block in it, as far as it was received or read */
};

#endif
