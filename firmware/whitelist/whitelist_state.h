/* The whitelist as one struct. For whitelist*.c; everybody else treats it as closed and calls functions. */
#ifndef FIRMWARE_WHITELIST_WHITELIST_STATE_H
#define FIRMWARE_WHITELIST_WHITELIST_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "firmware/whitelist/whitelist_format.h"
#include "hal/flash.h"

#define WHITELIST_UNIT          WHITELIST_BLOCKS_OFFSET /* a slot's list begins at a multiple of it */
#define WHITELIST_UNITS_MAX     256
#define WHITELIST_NOT_WORN      UINT32_MAX
#define WHITELIST_REPAIRED_HEAD UINT32_MAX

enum whitelist_upload_state {
    WHITELIST_IDLE = 0,      /* no upload since start-up, or the last one was abandoned */
    WHITELIST_HEAD = 1,      /* taking in the head */
    WHITELIST_VERIFYING = 2, /* checking the head's signature, in slices */
    WHITELIST_PREPARING = 3, /* erasing, and copying what the running list already has */
    WHITELIST_RECEIVING = 4, /* waiting for the blocks in whitelist_wanted */
    WHITELIST_DONE = 5,      /* committed: it is the running list */
    WHITELIST_REFUSED = 6,   /* see upload_error; the running list is untouched */
};

/* What whitelist_poll and its parts return when something came to its end; errors are negative. */
enum whitelist_outcome {
    WHITELIST_COMMITTED = 1,      /* a new list runs */
    WHITELIST_UPLOAD_REFUSED = 2, /* the upload was refused: see upload_error */
    WHITELIST_REPAIRED = 3,       /* a block or head was repaired: see repaired_last */
};

struct whitelist_slot {
    uint32_t start; /* of its half of the region */
    uint32_t base;  /* where its list begins: at start, or some units further on, past worn sectors */
    bool present;   /* header and digest are those of a head in flash */
    bool committed; /* and it was committed by this device */
    struct whitelist_header header;
    uint8_t digest[CRYPTO_HASH_LEN]; /* SHA-256 of head and signature */
};

/* Bringing the blocks of one slot to a list, sector by sector: see whitelist_fill.h. */
struct whitelist_fill {
    enum { FILL_RESTING, FILL_SCAN, FILL_PROTECT, FILL_ERASE, FILL_ERASING, FILL_COPY } stage;
    int target, source;    /* slots; source -1: nothing to copy from */
    int list_slot;         /* slot whose head says what the blocks must be */
    uint32_t first, end;   /* blocks of the sector in hand */
    uint32_t cursor, stop; /* next block, and where the whole work ends */
    bool need_erase;
    uint8_t failures;        /* of this sector, to erase, program or read */
    uint32_t entries_before; /* entry_count when the sector was entered */
    uint32_t missing_count;  /* blocks that could not be filled */
    uint32_t written_count;  /* blocks that had to be written */
};

/* An upload into the standby slot: whitelist_upload.c, whitelist_verify.c. */
struct whitelist_upload {
    enum whitelist_upload_state state;
    int error;              /* why the last upload was refused */
    uint32_t head_received; /* bytes of head and signature */
    bool head_erased;
    bool head_failed;       /* the place for the head could not be prepared; the client was not told yet */
    bool resumed;           /* the upload was found in flash at start-up */
    bool looked_for;        /* an upload was looked for since start-up; it is not looked for again */
    uint8_t write_failures; /* of this upload's head and blocks */
    struct crypto_verify verify;
    uint32_t block_index; /* block being put together from pieces */
    uint8_t block_pieces; /* a bit for each 1024 bytes received */
};

/* Which blocks stand in the target slot of a fill. */
struct whitelist_blocks {
    uint8_t have[WHITELIST_BLOCKS_MAX / 8];
    uint32_t have_count, entry_count;
};

/* Erasing the head area of a slot: whitelist_slot.c. */
struct whitelist_erase {
    uint32_t step;    /* sectors erased so far */
    uint8_t failures; /* of the sector in hand */
    bool is_running;
};

/* The replica: bringing the standby slot to the active list, and keeping both copies whole. */
struct whitelist_replica {
    enum {
        REPLICA_RESTING,
        REPLICA_CHECK_OURS,  /* that the active head is whole */
        REPLICA_CHECK_OTHER, /* that nothing of value is in the standby slot */
        REPLICA_ERASE_HEAD,
        REPLICA_COPY_HEAD,
        REPLICA_FILL,
        REPLICA_REPAIR,
    } stage;
    bool is_whole;         /* the standby slot holds the same list, committed */
    bool head_lost;        /* a slot was given up for its damaged head: its return is a repair */
    uint32_t head_copied;  /* bytes of head and signature */
    uint32_t scrub_cursor; /* what whitelist_scrub looks at next */
    int repair_slot;       /* a block seen damaged: its slot (-1: none) and index */
    uint32_t repair_block;
    uint32_t repaired_last;  /* block that poll last told of, or WHITELIST_REPAIRED_HEAD */
    uint32_t repaired_count; /* blocks and heads rewritten from their replica since start-up */
    uint32_t damaged_count;  /* lookups answered from the replica since start-up */
    uint32_t failed_count;   /* replications and repairs that failed since start-up */
    uint32_t back_off_s;     /* calls of whitelist_scrub until the next try */
    uint8_t back_offs;       /* in a row */
};

struct whitelist {
    const struct flash *flash;
    const struct identity *identity;
    uint32_t slot_len;
    struct whitelist_slot slots[2];
    /* A bit for each unit of a slot seen worn since start-up. */
    uint8_t worn_units[2][WHITELIST_UNITS_MAX / 8];
    uint32_t worn_addr;     /* sector that last refused to erase or program; WHITELIST_NOT_WORN: none */
    uint8_t moves;          /* relocations of the list in hand */
    int running;            /* index of the active slot, which serves taps; -1: none */
    uint32_t version_floor; /* no list at or below this is taken; the caller keeps it across restarts */
    struct whitelist_tables tables; /* of the active list */
    uint8_t rules[WHITELIST_RULES_MAX][WHITELIST_RULE_LEN];
    crypto_mac list_mac, storage_mac;
    struct whitelist_upload upload;
    struct whitelist_fill fill;
    struct whitelist_blocks blocks;
    struct whitelist_erase erase;
    struct whitelist_replica replica;
    /* One buffer, used by one of these at a time. */
    union {
        uint8_t received[WHITELIST_BLOCK_LEN]; /* an upload: the block being put together */
        uint8_t filled[WHITELIST_BLOCK_LEN];   /* a fill: the block read from a slot */
        uint8_t head[WHITELIST_BLOCK_LEN];     /* a replica: a piece of the head */
        uint8_t rules[WHITELIST_BLOCK_LEN];    /* a slot about to become active: its rules */
    } work;
};

#endif
