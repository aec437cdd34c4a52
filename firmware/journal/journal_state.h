/* SPDX-License-Identifier: Apache-2.0 */
/* The state of the journal in one struct. Only journal*.c access the fields. All other code calls
 * functions. */
#ifndef FIRMWARE_JOURNAL_JOURNAL_STATE_H
#define FIRMWARE_JOURNAL_JOURNAL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/journal/journal_floor.h"
#include "firmware/journal/journal_record.h"
#include "hal/flash.h"

/* What happens when the ring is full of records that are not acknowledged. */
enum journal_full_policy {
    JOURNAL_DROP_OLDEST = 0, /* drop the oldest sector, log it in a gap record, keep opening */
    JOURNAL_REFUSE = 1,      /* append returns ERR_NO_SPACE */
};

/* The steps of the retention. */
enum journal_forget_stage {
    JOURNAL_FORGET_RESTING = 0,
    JOURNAL_FORGET_CHECKING_BELOW, /* checking the sector below the tail for an unfinished erase */
    JOURNAL_FORGET_DATING,
    JOURNAL_FORGET_CONFIRMING, /* that the sector holds no record that is not acknowledged */
    JOURNAL_FORGET_CONFIRMING_AGAIN,
    JOURNAL_FORGET_ERASING,
    JOURNAL_FORGET_CHECKING,
    JOURNAL_FORGET_BLOTTING, /* overwriting with zeros a sector that cannot be erased */
};

/* Preparation of the next sector: journal_prepare.c. */
struct journal_prepare {
    enum { JOURNAL_RESTING, JOURNAL_ERASING, JOURNAL_CHECKING } stage;
    uint32_t checked_len;  /* bytes of the sector that were read as blank */
    uint32_t bad_in_a_row; /* sectors skipped since one was prepared */
    uint32_t
        cleared_ordinal; /* the gap of this sector is logged and its records are given up; UINT32_MAX: none */
    bool rescanned;      /* the ends were found again since mount, because a sector was unexpected */
};

struct journal_gap_range {
    uint32_t first, last; /* all numbers in this range are dropped */
    uint32_t count;       /* passages counted in this gap and in no other */
    bool more;            /* and passages that were not counted */
};

/* A gap that is being summed up. */
struct journal_gap_sum {
    struct journal_gap_range gap; /* last 0: none */
    uint32_t next;                /* number to read next */
    uint32_t told_last;           /* last number of the gap record read before */
    uint32_t unacked;             /* first number that was not acknowledged when the sum began */
};

/* The gap that waits for a head, and the newest logged gap: journal_gap.c. */
struct journal_gap {
    struct journal_gap_sum sum;
    uint32_t untold_first, untold_last; /* untold_last 0: none */
    uint32_t untold_count;              /* passages */
    bool untold_more;                   /* there were also passages that were not counted */
    bool looked_for_untold;             /* since mount */
    uint32_t told_last;                 /* last number of the newest logged gap; 0: none */
    bool told_is_known;                 /* told_last was read from flash since mount */
    uint32_t look_seq;                  /* the search for it has come down to here; 0: it has not begun */
};

/* Retention: journal_retention.c. */
struct journal_forget {
    enum journal_forget_stage stage;
    uint32_t cursor;     /* number being read, or bytes done of a sector */
    uint32_t addr;       /* sector being erased */
    uint32_t rested_s;   /* forget_before_s when nothing was left to erase; 0: check again */
    bool looked_below;   /* the sector below the tail was checked */
    bool leftover;       /* and it holds the rest of an unfinished erase */
    uint32_t count;      /* sectors erased since mount */
    uint32_t ends_found; /* the value of journal->ends_found that retention has handled */
};

/* Corrections: journal_correct.c. */
#define JOURNAL_CORRECTIONS 8
struct journal_correction {
    uint32_t seq; /* 0: none */
    uint16_t bit; /* the bit that is wrong, or NO_BIT */
};
struct journal_correct {
    struct journal_correction known[JOURNAL_CORRECTIONS];
    uint8_t next;     /* place in known of the next one */
    uint8_t searches; /* that may still be made */
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
    uint32_t tail_seq;  /* oldest number still kept */
    uint32_t head_seq;  /* the next append gets this number */
    uint32_t acked_seq; /* everything up to and including this number was acknowledged */
    struct journal_floor floor;
    struct journal_range cut; /* numbers that were given and are not there, at least; last 0: none */
    bool head_ready;          /* the sector of head_seq has its header */
    uint32_t next_ordinal;    /* the sector after it */
    bool next_ready;
    bool end_confirmed;        /* the first append read the place before the head again */
    uint32_t appended_seq;     /* number of the last append since mount; 0: none */
    uint32_t ends_found;       /* times the ends were found since mount */
    uint32_t unreadable_count; /* places that an append had to skip since mount */
    uint32_t bad_sector_count; /* sectors skipped since mount */
    struct journal_prepare prepare;
    struct journal_gap gap;
    struct journal_forget forget;
    struct journal_correct correct;
};

#endif
