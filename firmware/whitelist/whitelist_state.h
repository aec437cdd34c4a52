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

struct whitelist {
    const struct flash *flash;
    const struct identity *identity;
    uint32_t slot_len;
    struct whitelist_slot slots[2];
    uint8_t worn_units[2]
                      [WHITELIST_UNITS_MAX / 8]; /* a bit for each unit of a slot seen worn since start-up */
    uint8_t moves;          /* of the list in hand, to get out of the way of worn sectors */
    int running;            /* index of the slot that serves taps; -1: none */
    uint32_t version_floor; /* no list at or below this is taken; the caller keeps it across restarts */
    struct whitelist_tables tables; /* of the running list */
    uint8_t rules[WHITELIST_RULES_MAX][WHITELIST_RULE_LEN];
    crypto_mac list_mac, storage_mac;

    enum whitelist_upload_state upload_state;
    int upload_error;       /* why the last upload was refused */
    uint32_t head_received; /* bytes of head and signature */
    bool head_erased;
    bool head_failed; /* the place for the head could not be prepared, and the client does not know yet */
    bool resumed;     /* the upload was found in flash at start-up */
    bool upload_looked_for; /* and is not to be looked for any more */
    uint8_t write_failures; /* of this upload's head and blocks */
    struct crypto_verify verify;

    struct whitelist_fill fill;
    uint8_t have[WHITELIST_BLOCKS_MAX / 8]; /* blocks that stand in the target slot of the fill */
    uint32_t have_count, entry_count;
    uint32_t erase_step;    /* sectors of a head area erased so far */
    uint8_t erase_failures; /* of the sector in hand */
    bool erasing;
    uint32_t assembly_index; /* block being put together from pieces */
    uint8_t assembly_pieces; /* a bit for each 1024 bytes received */
    uint8_t block[WHITELIST_BLOCK_LEN];

    /* The twin: bringing the slot that is not running to the same list, and keeping both whole. */
    enum {
        TWIN_RESTING,
        TWIN_CHECK_OURS,  /* that the running head is whole */
        TWIN_CHECK_OTHER, /* that nothing of value is in the other slot */
        TWIN_ERASE_HEAD,
        TWIN_COPY_HEAD,
        TWIN_FILL,
        TWIN_REPAIR,
    } twin_stage;
    bool twin_whole;       /* the other slot holds the same list, committed */
    bool head_lost;        /* a slot was given up for its damaged head: its return is a repair */
    uint32_t scrub_cursor; /* what whitelist_scrub looks at next */
    int repair_slot;       /* a block seen damaged: its slot (-1: none) and index */
    uint32_t repair_block;
    uint32_t repaired_last;  /* block that poll last told of, or WHITELIST_REPAIRED_HEAD */
    uint32_t repaired_count; /* blocks and heads rewritten from their twin since start-up */
    uint32_t damaged_count;  /* lookups answered from the twin since start-up */
    uint32_t failed_count;   /* times twin or repair were given up, and a pause made */
    uint32_t pause_s;        /* of whitelist_scrub's seconds until they are tried again */
    uint8_t pauses;          /* in a row */
    uint32_t worn_addr;      /* sector that last refused to erase or program; WHITELIST_NOT_WORN: none */
};

#endif
