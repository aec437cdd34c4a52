/*
 * The passages and events of one gate: an append-only ring of records on NOR flash. DESIGN.md, beside this
 * file, says why it is built so.
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

#include "firmware/journal/journal_state.h"

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

/* Returns the oldest number still kept, the number the next append gets, and the last number acknowledged
 * (0: none). */
uint32_t journal_tail_seq(const struct journal *journal);
uint32_t journal_head_seq(const struct journal *journal);
uint32_t journal_acked_seq(const struct journal *journal);
/* Returns the places that an append had to skip since mount. */
uint32_t journal_unreadable_count(const struct journal *journal);

void journal_set_full_policy(struct journal *journal, enum journal_full_policy policy);
/* Sets time, zone and flags for the records that the journal writes by itself, and the UTC second before
 * which acknowledged records are to be erased; 0: none, as while the clock is not set. Call before
 * journal_poll. */
void journal_set_time(struct journal *journal, const struct journal_record *stamp, uint32_t forget_before_s);

void journal_unmount(struct journal *journal);

#endif
