/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks the content of a gate's chip from outside. The firmware's own code mounts the chip; then this module
 * checks every place of the journal, every sector and every block of the lists. It only reads.
 *
 * The caller owns the struct, which is large, and the flash. The module allocates memory, which
 * chip_check_free frees. The call blocks until the whole chip is read.
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
    CHIP_TORN,      /* started and not finished: the power went */
    CHIP_ONE_BIT,   /* one bit is inverted; the record is known all the same */
    CHIP_FORGED,    /* it has the form of a record, but fails the check with this gate's key */
    CHIP_MISPLACED, /* a valid record of another place, copied here */
    CHIP_DAMAGED,   /* anything else */
    CHIP_FAULTS,
};

struct chip_bad_place {
    uint32_t seq, addr;
    enum chip_fault fault;
    struct journal_record record; /* of CHIP_ONE_BIT: as it was written; of CHIP_MISPLACED: as it is */
};

struct chip_gap {
    uint32_t first, last, passages; /* numbers dropped for lack of room */
    bool more;                      /* there were more passages than could be counted */
    uint32_t told_by; /* number of the record that reports the gap; the first one if there are two */
};

enum chip_sector_state {
    CHIP_SECTOR_BLANK,
    CHIP_SECTOR_IN_USE,   /* holds records of the journal */
    CHIP_SECTOR_PREPARED, /* erased, with its header, ready for use */
    CHIP_SECTOR_OLD,      /* of an earlier turn of the ring, to be erased */
    CHIP_SECTOR_DAMAGED,  /* its header cannot be read: skipped as worn, or damaged since */
    CHIP_SECTOR_LOST,     /* blank, although it should hold records */
    CHIP_SECTOR_STATES,
};

struct chip_sector {
    enum chip_sector_state state;
    uint32_t addr;
    uint32_t ordinal;   /* of a sector in use, prepared or old */
    uint32_t erases;    /* least number of erases, from its ordinal */
    uint32_t good, bad; /* number of records */
};

struct chip_slot {
    bool blank; /* no list was started in it */
    uint32_t damaged_count;
    uint32_t *damaged; /* indices of blocks that do not match their hash in the manifest */
};

struct chip_check {
    const struct flash *flash;
    const struct identity *identity;
    struct layout layout;
    struct store store;
    struct journal journal;
    struct whitelist whitelist;
    uint32_t kind_count[5]; /* granted, closed, refused, events, gaps */
    /* Places between tail and head. With bad_count they are all of them. */
    uint32_t good_count, unwritten_count, lost_count; /* lost_count: places of CHIP_SECTOR_LOST */
    uint32_t fault_count[CHIP_FAULTS];
    uint32_t first_utc_s, last_utc_s; /* of records with a set clock; 0: none */
    struct chip_bad_place *bad;
    uint32_t bad_count;
    struct chip_gap *gaps;
    uint32_t gap_count;
    struct chip_sector *sectors;
    uint32_t sector_count[CHIP_SECTOR_STATES];
    uint32_t foreign_count;  /* sectors with a header that is not this gate's */
    uint32_t leftover_count; /* valid records in sectors that no longer belong to the journal */
    struct chip_slot slots[2];
};

/* Checks the whole chip. Returns ERR_OK, ERR_NO_SPACE (the chip is too small for a gate), ERR_CRYPTO (also
 * out of memory), or an error of the flash or of the firmware's mount functions. */
int chip_check_run(struct chip_check *check, const struct flash *flash,
                   const struct identity *identity) MUST_USE;
/* Frees the memory of a check, also after an error. */
void chip_check_free(struct chip_check *check);

/* Counts the sectors whose journal header is this gate's, with the sector size of the flash's geometry.
 * Returns ERR_OK or an error of layout_plan or of the journal. */
int chip_check_count_headers(const struct flash *flash, const struct identity *identity,
                             uint32_t *count) MUST_USE;

/* Returns the name of a fault: "torn", "one_bit", "forged", "misplaced", "damaged". */
const char *chip_fault_name(enum chip_fault fault);
/* Returns the name of a sector state: "blank", "in_use", "prepared", "old", "damaged", "lost". */
const char *chip_sector_name(enum chip_sector_state state);

#endif
