/*
 * What the chip of a gate holds, looked at from outside: the firmware's own code mounts it, and every place
 * of the journal, every sector and every block of the lists is looked at besides. Reads only.
 *
 * The caller owns the struct (large) and the flash; chip_check_free gives back what the run took.
 */
#ifndef TOOLS_PORTILLON_CHIP_CHIP_CHECK_H
#define TOOLS_PORTILLON_CHIP_CHIP_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/crypto/identity.h"
#include "firmware/journal/journal.h"
#include "firmware/storage/layout.h"
#include "firmware/storage/store.h"
#include "firmware/whitelist/whitelist.h"

enum chip_fault {
    CHIP_TORN,      /* begun and not finished: the power went */
    CHIP_ONE_BIT,   /* one bit turned over: the record is known all the same */
    CHIP_FORGED,    /* looks like a record; its check is not this gate's */
    CHIP_MISPLACED, /* a good record of another place, copied here */
    CHIP_DAMAGED,   /* anything else */
    CHIP_FAULTS,
};

struct chip_bad_place {
    uint32_t seq, addr;
    enum chip_fault fault;
    struct journal_record record; /* of CHIP_ONE_BIT: as it was written; of CHIP_MISPLACED: as it is */
};

struct chip_gap {
    uint32_t first, last, passages; /* numbers dropped for want of room */
    bool more;                      /* passages than could be counted */
    uint32_t told_by;               /* number of the record that tells it, the first if there are two */
};

enum chip_sector_state {
    CHIP_SECTOR_BLANK,
    CHIP_SECTOR_IN_USE,   /* holds records of the journal */
    CHIP_SECTOR_PREPARED, /* erased, with its header, waiting */
    CHIP_SECTOR_OLD,      /* of an earlier lap, to be erased */
    CHIP_SECTOR_DAMAGED,  /* its header cannot be read: passed over as worn, or hurt since */
    CHIP_SECTOR_LOST,     /* blank, and should hold records */
    CHIP_SECTOR_STATES,
};

struct chip_sector {
    enum chip_sector_state state;
    uint32_t addr;
    uint32_t ordinal;   /* of a sector in use, prepared or old */
    uint32_t erases;    /* at least, as its ordinal tells */
    uint32_t good, bad; /* records */
};

struct chip_slot {
    bool blank; /* nothing was begun in it */
    uint32_t damaged_count;
    uint32_t *damaged; /* indices of blocks that are not what the head lists */
};

struct chip_check {
    const struct flash *flash;
    const struct identity *identity;
    struct layout layout;
    struct store store;
    struct journal journal;
    struct whitelist whitelist;
    uint32_t kind_count[5]; /* granted, closed, refused, events, gaps */
    uint32_t good_count, unwritten_count;
    uint32_t fault_count[CHIP_FAULTS];
    uint32_t first_utc_s, last_utc_s; /* of records dated by a clock that was set; 0: none */
    struct chip_bad_place *bad;
    uint32_t bad_count;
    struct chip_gap *gaps;
    uint32_t gap_count;
    struct chip_sector *sectors;
    uint32_t sector_count[CHIP_SECTOR_STATES];
    uint32_t foreign_count;  /* sectors with a header that is not this gate's */
    uint32_t leftover_count; /* good records in sectors that are not of the journal any more */
    struct chip_slot slots[2];
};

/* @retval ERR_OK, ERR_NO_SPACE (the chip is too small for a gate's), ERR_CRYPTO (or out of memory). */
int chip_check_run(struct chip_check *check, const struct flash *flash,
                   const struct identity *identity) MUST_USE;
void chip_check_free(struct chip_check *check);

/* Sectors whose journal header is this gate's, were the chip erased in pieces as its geometry says. */
int chip_check_count_headers(const struct flash *flash, const struct identity *identity,
                             uint32_t *count) MUST_USE;

/* "torn", "one_bit", "forged", "misplaced", "damaged". */
const char *chip_fault_name(enum chip_fault fault);
/* "blank", "in_use", "prepared", "old", "damaged", "lost". */
const char *chip_sector_name(enum chip_sector_state state);

#endif
