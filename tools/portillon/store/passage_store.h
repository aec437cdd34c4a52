/*
 * Where pulled passages end up: one SQLite file, for any number of gates. Its schema is in README.md.
 *
 * A batch is one transaction, synced to the disk before passage_store_commit returns: only what was committed
 * may be acknowledged to a gate. What is already there is never changed; a record that comes with a number
 * already taken by other content is set aside in table anomalies, as is everything else that does not fit.
 *
 * The caller owns the struct. Calls block for the disk, and up to 10 s for another program's lock on the
 * file. After an error, passage_store_error says it in SQLite's words.
 */
#ifndef TOOLS_PORTILLON_STORE_PASSAGE_STORE_H
#define TOOLS_PORTILLON_STORE_PASSAGE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/journal/journal_record.h"
#include "hal/error.h"

struct passage_store {
    struct sqlite3 *db;
    struct sqlite3_stmt *insert, *find, *anomaly, *progress;
    char device[64];
    char error[256];
};

enum passage_anomaly {
    PASSAGE_FORGED,     /* its check does not match under the gate's journal key */
    PASSAGE_UNREADABLE, /* the gate cannot read these places of its memory */
    PASSAGE_MISSING,    /* the gate no longer has these numbers, and this store never had */
    PASSAGE_CONFLICT,   /* its number is taken by a record of other content */
};

/* Opens or makes the file and its tables, for records of one device.
 * @retval ERR_OK, ERR_IO (cannot open, not a database), ERR_UNSUPPORTED (made by a newer version). */
int passage_store_open(struct passage_store *store, const char *path, const char *device) MUST_USE;

/* The last number this store has accounted for of the device; 0: none. @retval ERR_OK, ERR_IO. */
int passage_store_covered(struct passage_store *store, uint32_t *seq) MUST_USE;

/* @retval ERR_OK, ERR_IO, ERR_BUSY (locked by another program). */
int passage_store_begin(struct passage_store *store) MUST_USE;

/* Adds a record whose check was good, and its 32 bytes.
 * @retval 1 (it is new), ERR_OK (there already, the same), ERR_CORRUPT (its number holds other content: set
 * aside as PASSAGE_CONFLICT), ERR_IO. */
int passage_store_add(struct passage_store *store, const struct journal_record *record,
                      const uint8_t raw[JOURNAL_RECORD_LEN]) MUST_USE;

/* Sets aside; raw may be NULL. The same anomaly again is kept once.
 * @retval 1 (it is new), ERR_OK (told before), ERR_IO. */
int passage_store_set_aside(struct passage_store *store, enum passage_anomaly anomaly, uint32_t first_seq,
                            uint32_t last_seq, const uint8_t *raw) MUST_USE;

/* Ends the batch: everything up to covered_seq is accounted for. Durable when it returns.
 * @retval ERR_OK, ERR_IO (then nothing of the batch is there). */
int passage_store_commit(struct passage_store *store, uint32_t covered_seq) MUST_USE;
void passage_store_rollback(struct passage_store *store);

const char *passage_store_error(const struct passage_store *store);
void passage_store_close(struct passage_store *store);

/* "forged", "unreadable", "missing", "conflict". */
const char *passage_anomaly_name(enum passage_anomaly anomaly);

#endif
