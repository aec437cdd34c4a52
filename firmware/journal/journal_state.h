/* The journal as one struct. For journal*.c; everybody else treats it as closed and calls functions. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_STATE_H
#define FIRMWARE_JOURNAL_JOURNAL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/journal/journal_record.h"
#include "hal/flash.h"

/* What to do when the ring is full of passages nobody fetched. */
enum journal_full_policy {
    JOURNAL_DROP_OLDEST = 0, /* drop the oldest sector, tell it in a gap record, keep opening */
    JOURNAL_REFUSE = 1,      /* append answers ERR_NO_SPACE */
};

/* What retention is doing. */
enum journal_forget_stage {
    JOURNAL_FORGET_RESTING = 0,
    JOURNAL_FORGET_CHECKING_BELOW, /* below the tail, for an erase cut short */
    JOURNAL_FORGET_DATING,
    JOURNAL_FORGET_CONFIRMING, /* that nothing unacknowledged stands in the sector */
    JOURNAL_FORGET_CONFIRMING_AGAIN,
    JOURNAL_FORGET_ERASING,
    JOURNAL_FORGET_CHECKING,
    JOURNAL_FORGET_BLOTTING, /* zeros over a sector that will not erase */
};

/* Preparing the sector ahead: journal_prepare.c. */
struct journal_prepare {
    enum { JOURNAL_RESTING, JOURNAL_ERASING, JOURNAL_CHECKING } stage;
    uint32_t checked_len;  /* bytes of the sector seen blank */
    uint32_t bad_in_a_row; /* sectors passed over since one was prepared */
    uint32_t
        cleared_ordinal; /* the gap for this sector is told and its records are given up; UINT32_MAX: none */
    bool rescanned;      /* the ends were found again since mount, because an unexpected sector was met */
};

/* A gap that waits for a head, and the newest gap told: journal_gap.c. */
struct journal_gap {
    uint32_t untold_first, untold_last; /* untold_last 0: none */
    uint32_t untold_count;              /* passages */
    bool untold_more;                   /* and passages that were not counted */
    bool looked_for_untold;             /* since mount */
    uint32_t told_last;                 /* last number of the newest gap told; 0: none */
    bool told_is_known;                 /* told_last was read from flash since mount */
};

/* Retention: journal_retention.c. */
struct journal_forget {
    enum journal_forget_stage stage;
    uint32_t cursor;     /* number looked at, or bytes done of a sector */
    uint32_t addr;       /* sector being erased */
    uint32_t rested_s;   /* forget_before_s when nothing was left to erase; 0: check again */
    bool looked_below;   /* the sector below the tail was checked */
    bool leftover;       /* and it holds what an unfinished erase left */
    uint32_t count;      /* sectors erased since mount */
    uint32_t ends_found; /* of journal->ends_found, what retention knows of */
};

struct journal {
    const struct flash *flash;
    uint32_t base;         /* address of the first sector */
    uint32_t sector_count; /* at least 3 */
    uint32_t per_sector;   /* records in a sector, header not counted */
    crypto_mac mac;
    /* Set by the caller. */
    enum journal_full_policy full_policy;
    struct journal_record stamp; /* utc_s, zone and flags of the records that the journal writes by itself */
    uint32_t forget_before_s;    /* retention: UTC second; 0: erase nothing, as while the clock is not set */
    /* The ends of the ring. */
    uint32_t tail_seq;     /* oldest number still kept */
    uint32_t head_seq;     /* the next append gets this number */
    uint32_t acked_seq;    /* everything up to and including this number was acknowledged */
    bool head_ready;       /* the sector of head_seq has its header */
    uint32_t next_ordinal; /* the sector after it */
    bool next_ready;
    bool end_confirmed;        /* the first append read the place before the head again */
    uint32_t ends_found;       /* times the ends were found since mount */
    uint32_t unreadable_count; /* places that an append had to skip since mount */
    uint32_t bad_sector_count; /* sectors passed over since mount */
    struct journal_prepare prepare;
    struct journal_gap gap;
    struct journal_forget forget;
};

#endif
