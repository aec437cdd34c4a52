/*
 * The passages and events of one gate: an append-only ring of records on NOR flash.
 *
 * The region is a ring of sectors, written in order. Each starts with a 32-byte header, programmed right
 * after the sector was erased and seen blank: a valid header proves a finished erase. After it come records
 * at places that fix their sequence number: sector ordinal k (it only grows) stands at ring position k mod
 * sectors and holds numbers k·n+1 .. k·n+n, with n records a sector. Number 0 is never used.
 *
 * sector header, 32 bytes
 * offset  size  field
 *      0     4  magic "PTJS"
 *      4     4  ordinal k
 *      8    16  reserved, 0
 *     24     8  MAC: first 8 bytes of AES-128-CMAC(journal key, bytes 0 to 23)
 *
 * Since the ring is strictly in turn, the erase count of a sector is k div sectors, plus one; up to as many
 * more where the retention emptied it first. A sector that will not erase or program is passed over, its
 * header overwritten with zeros; one that retention cannot erase is overwritten whole. Nothing else is ever
 * programmed twice.
 *
 * Retention: the oldest sector is erased, in idle time, once all its records are acknowledged and the oldest
 * of them is from before forget_before_s: no passage outlives its time, at the price that younger ones of the
 * same sector go with it. A record made while the clock was not set goes with the first dated one after it.
 * When the head's own sector goes so, numbers jump to the next sector.
 *
 * A passage takes one record, and a second one where a rotation sensor tells how it ended: a chip of 16 MiB
 * keeps 158,000 passages beside its lists, or 79,000.
 *
 * The caller owns the struct; append blocks for one program and two reads: 0.13 ms on a W25Q128JV, 0.5 ms
 * while that erases for somebody else and has to be suspended each time (on a chip that cannot suspend, until
 * its erase ended). Poll blocks for 4 KiB of reads or a program; where a sector goes that nobody fetched, for
 * the reads of that sector, and the first time after a start of up to six. Nothing waits for an erase of the
 * journal's own once it is ready: the sector ahead is prepared while the head's is still to be filled.
 */
#ifndef FIRMWARE_JOURNAL_JOURNAL_H
#define FIRMWARE_JOURNAL_JOURNAL_H

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

/* Finds the ends of the ring, whatever the region holds. base and len: multiples of the sector size.
 * acked_seq: what the caller last stored of journal_acknowledge (0: nothing); numbering starts above it.
 * @retval ERR_OK, ERR_IO (the chip does not answer), ERR_ARGUMENT (fewer than 3 sectors), ERR_CRYPTO. */
int journal_mount(struct journal *journal, const struct flash *flash, uint32_t base, uint32_t len,
                  const uint8_t key[CRYPTO_KEY_LEN], uint32_t acked_seq) MUST_USE;

/* Makes a record durable; its seq is chosen here and returned in *seq. Verified by reading back; a place
 * that does not hold it is skipped and the next one tried.
 * @retval ERR_OK, ERR_BUSY (no sector is prepared, and what room is left is kept for telling a gap: poll and
 * try again), ERR_NO_SPACE (full, under JOURNAL_REFUSE), ERR_IO, ERR_CRYPTO. */
int journal_append(struct journal *journal, const struct journal_record *record, uint32_t *seq) MUST_USE;

/* Prepares the sector ahead; then forgets what is past the retention. Call when idle.
 * @retval ERR_OK (nothing to do), ERR_BUSY (work is under way), ERR_NO_SPACE (the ring is full and the
 * policy is JOURNAL_REFUSE), ERR_IO. */
int journal_poll(struct journal *journal);

/* Whether the next records need no erase first, or none can help: what a start waits for. */
bool journal_is_ready(const struct journal *journal);

/* Reads the record of one number.
 * @retval ERR_OK, ERR_NOT_FOUND (outside tail_seq .. head_seq-1), ERR_CORRUPT (torn, damaged or forged). */
int journal_read(struct journal *journal, uint32_t seq, struct journal_record *record) MUST_USE;

/* The same, as the 32 bytes stored, for a reader that holds the key. */
int journal_read_raw(struct journal *journal, uint32_t seq, uint8_t out[JOURNAL_RECORD_LEN]) MUST_USE;

/* The back office has stored everything up to and including seq. The caller keeps journal->acked_seq.
 * @retval ERR_OK (also when seq was acknowledged before), ERR_ARGUMENT (a number never given out). */
int journal_acknowledge(struct journal *journal, uint32_t seq) MUST_USE;

/* Records kept and not acknowledged. */
uint32_t journal_pending_count(const struct journal *journal);

void journal_unmount(struct journal *journal);

#endif
