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

/* What retention is doing: journal_retention.c. */
enum journal_forget_stage {
    JOURNAL_FORGET_RESTING = 0,
    JOURNAL_FORGET_LOOKING, /* below the tail, for an erase cut short */
    JOURNAL_FORGET_DATING,
    JOURNAL_FORGET_CONFIRMING, /* that nothing unacknowledged stands in the sector */
    JOURNAL_FORGET_CONFIRMING_AGAIN,
    JOURNAL_FORGET_ERASING,
    JOURNAL_FORGET_CHECKING,
    JOURNAL_FORGET_BLOTTING, /* zeros over a sector that will not erase */
};

struct journal {
    const struct flash *flash;
    uint32_t base;         /* address of the first sector */
    uint32_t sector_count; /* at least 3 */
    uint32_t per_sector;   /* records a sector, header not counted */
    crypto_mac mac;
    enum journal_full_policy full_policy;
    struct journal_record stamp; /* utc_s, zone and flags for the records the journal writes by itself */
    uint32_t forget_before_s;    /* retention: UTC second; 0: forget nothing, as while the clock is not set */
    uint32_t tail_seq;           /* oldest number still kept */
    uint32_t head_seq;           /* the next append gets this number */
    uint32_t acked_seq;          /* everything up to and including this number was acknowledged */
    bool head_ready;             /* the sector of head_seq has its header */
    uint32_t next_ordinal;       /* the sector after it */
    bool next_ready;
    enum { JOURNAL_RESTING, JOURNAL_ERASING, JOURNAL_CHECKING } stage; /* of the sector being prepared */
    uint32_t checked_len;                                              /* bytes of it seen blank */
    uint32_t unreadable_count; /* places an append had to skip since mount */
    uint32_t bad_sector_count; /* sectors passed over since mount */
    uint32_t bad_in_a_row;     /* sectors passed over since one was prepared */
    bool looked_again;         /* since mount, the ends were found anew: a sector was met that could not be */
    uint32_t cleared_ordinal;  /* what it replaces is told and given up; UINT32_MAX: none */
    bool end_confirmed;        /* the first append looked at the end again */
    uint32_t untold_first, untold_last, untold_count; /* a gap that waits for a head; untold_last 0: none */
    bool untold_more;                                 /* and passages that nobody counted */
    bool looked_for_untold;                           /* since mount */
    uint32_t told_last;                               /* of the newest gap told; 0: none */
    bool told_is_known;                               /* it was looked for since mount */
    enum journal_forget_stage forget_stage;
    uint32_t forget_cursor;   /* number looked at, or bytes done of a sector */
    uint32_t forget_addr;     /* sector being erased */
    uint32_t forget_rested_s; /* forget_before_s when nothing was left to forget; 0: look */
    bool looked_below, forget_leftover;
    uint32_t ends_found;        /* times the ends of the ring were found since mount */
    uint32_t forget_ends_found; /* of them, those that retention knows of */
    uint32_t forgotten_count;   /* sectors erased by retention since mount */
};

#endif
