/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of one gate: passages and events in an append-only ring of records on NOR flash.
 * DESIGN.md, beside this file, gives the reasons for the design.
 *
 * The region is a ring of sectors that are used in order. Each begins with a 32-byte header, which is
 * programmed after the sector was erased and read as blank. A valid header thus proves that the erase was
 * complete. Behind the header are places of 32 bytes, each for one record, and the place of a record
 * determines its sequence number: the sector with ordinal k (ordinals only increase) is at ring position k
 * mod sectors and holds the numbers k·n+1 to k·n+n, with n places in each sector. Number 0 is never used. The
 * head is the place of the next record, and also its sector. The tail is the oldest number still kept.
 *
 * sector header, 32 bytes
 * offset  size  field
 *      0     4  magic "PTJS"
 *      4     4  ordinal k
 *      8    16  reserved, 0
 *     24     8  MAC: first 8 bytes of AES-128-CMAC(journal key, bytes 0 to 23)
 *
 * The sectors are used strictly in turn, so the erase count of a sector is k div sectors, plus one. It
 * is at most twice that if retention erased the sector before. A sector that fails to erase or program
 * is skipped, and its header is overwritten with zeros. A sector that retention cannot erase is
 * overwritten completely. Nothing else is programmed twice.
 *
 * Retention: the oldest sector is erased in idle time when all its records are acknowledged and its
 * oldest record is from before forget_before_s. No passage is kept longer than the retention period, but
 * younger records of the same sector are erased with it. A record that was made while the clock was not
 * set is erased with the first dated record after it. If the sector of the head is erased, the next
 * number is the first one of the next sector.
 *
 * A passage takes one record, and a second one if a rotation sensor reports how it ended. A chip of 16
 * MiB holds 158,000 or 79,000 passages beside its lists.
 *
 * The caller owns the struct; journal_mount initialises it.
 *
 * append blocks for one program and two reads in the good case: 0.13 ms on a W25Q128JV (0.44 ms by the
 * maximum times of its datasheet), or 0.5 ms while another module erases, because the erase is then suspended
 * each time. Each place that is not blank costs
 * one more read, each place that does not take the record one more program, with eight programs at most. The
 * first append after a mount also reads the place before the head. If that is blank, the chip returned wrong
 * data in the mount, and head and tail are found again.
 *
 * mount blocks for some tens of reads, or reads the header of every sector if one of them is unexpected (0.1
 * to 0.2 s for 1248 sectors on a Cortex-M3 at 142 MHz). poll blocks for one program or for reads of 1 KiB.
 * When a sector is dropped that was not acknowledged, it blocks for the checks of 32 records (2.2 ms), for
 * reads of 4 KiB (1 ms) or for one append. If the header of the next sector is unexpected, it finds head and
 * tail again, once after a mount.
 *
 * On a chip that cannot suspend an erase, every read and program waits until a running erase ends
 * (hal/flash.h). When the journal is ready, nothing waits for an erase of the journal itself, because the
 * next sector is prepared before the current one is full.
 */
#ifndef FIRMWARE_JOURNAL_JOURNAL_H
#define FIRMWARE_JOURNAL_JOURNAL_H

#include "firmware/journal/journal_state.h"

#define JOURNAL_PEEK_MAX 8

/* Mounts the journal: finds the head and the tail, whatever the region contains. base and len are multiples
 * of the sector size. acked_seq is the last number that the caller stored after journal_acknowledge (0:
 * none); new numbers are above it. A number that no record of this journal can have counts as 0. Returns
 * ERR_OK, ERR_IO (the chip does not answer), ERR_ARGUMENT (fewer than 3 sectors), ERR_CRYPTO. After an error
 * no unmount is needed. */
int journal_mount(struct journal *journal, const struct flash *flash, uint32_t base, uint32_t len,
                  const uint8_t key[CRYPTO_KEY_LEN], uint32_t acked_seq) MUST_USE;

/* Tells the journal what the caller knows of it from other places. Call right after journal_mount. If numbers
 * below floor->head_seq are missing at the end of the ring, somebody or something cut them off: journal_cut
 * then names them, and new numbers start in a sector above them all. Records before them are kept. Returns
 * ERR_OK, ERR_IO, ERR_CRYPTO. */
int journal_set_floor(struct journal *journal, const struct journal_floor *floor) MUST_USE;
/* Returns what the caller is to keep for the next journal_set_floor. It changes with each sector, and every
 * 32 records. */
struct journal_floor journal_floor_now(const struct journal *journal);
/* Returns the numbers that were found missing at the end of the ring: at least these were given; last 0:
 * none. */
struct journal_range journal_cut(const struct journal *journal);

/* Makes a record durable. The journal chooses its number and returns it in *seq; record->seq is ignored. The
 * record is read back. If its place is not blank or does not hold it, the place is skipped with its number,
 * and the next one is tried. Returns
 *   ERR_OK
 *   ERR_BUSY      poll and try again. Either no sector is prepared, or the last places of the sector are
 *                 reserved for a gap record, because records will be dropped to prepare the next sector.
 *   ERR_NO_SPACE  full, under JOURNAL_REFUSE
 *   ERR_IO        a read failed, or eight programs did. The record may be in flash in spite of that.
 *   ERR_CRYPTO */
int journal_append(struct journal *journal, const struct journal_record *record, uint32_t *seq) MUST_USE;

/* Does one step: prepares the next sector, or else erases what is past the retention period. Under
 * JOURNAL_DROP_OLDEST it drops the oldest sector when the ring is full, also if its records are not
 * acknowledged, and logs a gap record (journal_gap.h). Call it in idle time, and after journal_append
 * returned ERR_BUSY. Returns ERR_OK (nothing to do), ERR_BUSY (call again), ERR_NO_SPACE (the ring is full
 * and the policy is JOURNAL_REFUSE), ERR_IO (a read failed, or every sector of the ring did), ERR_CRYPTO. */
int journal_poll(struct journal *journal);

/* Returns true if the next records need no erase first, or if no erase can help (full, under JOURNAL_REFUSE).
 * The start of the gate polls until this is true. */
bool journal_is_ready(const struct journal *journal);

/* Reads the record with this number. One wrong bit is corrected, which takes up to 10 ms the first time.
 * Returns ERR_OK, ERR_NOT_FOUND (outside tail_seq to head_seq-1), ERR_CORRUPT (torn, damaged or forged),
 * ERR_IO, ERR_CRYPTO. */
int journal_read(struct journal *journal, uint32_t seq, struct journal_record *record) MUST_USE;

/* Reads the kinds of the records from number seq on, unchecked: a reader that wants few records need not
 * check all of them. A damaged record may show any kind. Returns how many kinds were read, 1 to
 * JOURNAL_PEEK_MAX; ERR_NOT_FOUND (outside tail_seq to head_seq-1), ERR_IO. */
int journal_peek_kinds(struct journal *journal, uint32_t seq, uint8_t kinds[JOURNAL_PEEK_MAX]) MUST_USE;

/* Reads the same record as its 32 stored bytes, for a reader that has the key. Checks it, corrects nothing,
 * and returns the same results as journal_read. */
int journal_read_raw(struct journal *journal, uint32_t seq, uint8_t out[JOURNAL_RECORD_LEN]) MUST_USE;
/* Reads the 32 bytes of a damaged record that may have one wrong bit, for a reader that corrects it
 * (journal_record_correct). Returns ERR_OK, ERR_CORRUPT (they are not to be corrected), ERR_NOT_FOUND,
 * ERR_IO. */
int journal_read_damaged(struct journal *journal, uint32_t seq, uint8_t out[JOURNAL_RECORD_LEN]) MUST_USE;

/* Acknowledges all records up to and including seq: the back office has stored them. The number is kept in
 * memory only; the caller must store it. Returns ERR_OK (also if seq was acknowledged before), ERR_ARGUMENT
 * (no record has had this number yet). */
int journal_acknowledge(struct journal *journal, uint32_t seq) MUST_USE;

/* Returns the count of numbers that are kept and not acknowledged. The numbers of skipped places are
 * included, so there may be fewer records. */
uint32_t journal_pending_count(const struct journal *journal);
/* Returns how full the ring is of records that are not acknowledged, in percent. From 100 on, a record
 * displaces one of them, or is refused. */
uint32_t journal_fullness_percent(const struct journal *journal);

/* Return the oldest number still kept, the number of the next append, and the last acknowledged number
 * (0: none). */
uint32_t journal_tail_seq(const struct journal *journal);
uint32_t journal_head_seq(const struct journal *journal);
uint32_t journal_acked_seq(const struct journal *journal);
/* Returns the count of places that an append had to skip since mount. */
uint32_t journal_unreadable_count(const struct journal *journal);

/* Sets what happens when the ring is full. */
void journal_set_full_policy(struct journal *journal, enum journal_full_policy policy);
/* Sets the time, zone and flags of the records that the journal writes itself, and the UTC second before
 * which acknowledged records are to be erased (0: none, for example while the clock is not set). Call
 * before journal_poll. */
void journal_set_time(struct journal *journal, const struct journal_record *stamp, uint32_t forget_before_s);

/* Frees the key. The journal must be mounted. */
void journal_unmount(struct journal *journal);

#endif
