/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stores the passages that were pulled from gates: one database for any number of gates. README.md
 * describes its schema.
 *
 * A gate whose memory chip was replaced or restored gives its numbers out again. Its records then belong to
 * another run of the gate. The store keeps the number and the MAC of the last record of the current run, so
 * that it recognises another journal also after the records were deleted (people_store_forget).
 *
 * A batch is one transaction. It is synced to the disk before passage_store_commit returns. Only committed
 * records may be acknowledged to a gate. Stored records are never changed. A record whose number is already
 * stored with other content goes into the table anomalies, as does everything else that does not fit.
 *
 * What a gate was told of meals at other gates is not stored: the passage itself is, from the gate where it
 * was.
 *
 * The caller owns the struct. Calls block on the disk, and up to 10 s on the lock of another program on the
 * file. After an error passage_store_error returns the database's message.
 */
#ifndef TOOLS_PORTILLON_STORE_PASSAGE_STORE_H
#define TOOLS_PORTILLON_STORE_PASSAGE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/journal/journal_record.h"
#include "hal/error.h"
#include "tools/portillon/db/db_bulk.h"
#include "tools/portillon/store/store_db.h"

/* What the store knows of a gate's journal. */
struct passage_memory {
    uint32_t run;      /* which of the gate's journals, from 1 */
    uint32_t covered;  /* the last number accounted for; 0: none */
    uint32_t last_seq; /* the last record that was stored; 0: unknown */
    uint8_t last_mac[JOURNAL_RECORD_MAC_LEN];
};

#define PASSAGE_LOOK_SPAN 1024 /* numbers that are looked up at once */

/* A record that the store has. */
struct passage_record {
    uint32_t seq, run;
    uint32_t next;       /* another one with this number: its place plus 1; 0: none */
    bool is_unset_event; /* an event from before the clock was set */
    uint8_t raw[JOURNAL_RECORD_LEN];
};

struct passage_store {
    struct store_db db;
    struct db_bulk rows; /* of the journal, on their way */
    struct db_statement find, anomaly, progress;
    char device[64];
    char lock[96]; /* what a batch locks on a server */
    struct {
        uint32_t first, last;               /* the numbers that were looked up */
        uint32_t places[PASSAGE_LOOK_SPAN]; /* for each number the place of a record plus 1; 0: none */
        struct passage_record *records;
        size_t count, capacity;
    } known;
    struct passage_memory memory; /* with the records of the batch under way */
    bool aside;                   /* the batch is not of the gate's current journal */
};

enum passage_anomaly {
    PASSAGE_FORGED,     /* the record does not verify under the gate's journal key */
    PASSAGE_UNREADABLE, /* the gate cannot read these places of its memory */
    PASSAGE_MISSING,    /* the gate no longer has these numbers, and this store never had them */
    PASSAGE_CONFLICT,   /* another record with this number is already stored */
    PASSAGE_OTHER,      /* the journal is another one: raw has the record that was found at the number */
    PASSAGE_CORRECTED,  /* one bit was wrong: raw has the bytes of the gate, the journal the record */
    PASSAGE_SHORTER,    /* the gate no longer has the numbers at the end, which were stored */
};

/* Opens the store, or makes it with its tables, for the records of one gate. Returns the results of
 * store_schema_open. */
int passage_store_open(struct passage_store *store, const char *path, const struct identity *gate) MUST_USE;

/* Reads what the store knows of the device's journal, outside a batch. For a device that it does not know all
 * is 0 but the run, which is 1. Returns ERR_OK, ERR_IO or ERR_BUSY. */
int passage_store_recall(struct passage_store *store, struct passage_memory *memory) MUST_USE;

/* Starts a batch. Returns ERR_OK, ERR_IO or ERR_BUSY (locked by another program). */
int passage_store_begin(struct passage_store *store) MUST_USE;

/* Starts another run of the device, in a batch: no number of the new journal is accounted for. Returns
 * ERR_OK, ERR_IO or ERR_BUSY. */
int passage_store_begin_run(struct passage_store *store) MUST_USE;

/* Finds the run that a record is stored in. Returns its number; 0: none; ERR_IO or ERR_BUSY. */
int passage_store_find_run(struct passage_store *store, uint32_t seq,
                           const uint8_t raw[JOURNAL_RECORD_LEN]) MUST_USE;

/* Takes the rest of the batch for an earlier journal of the device: run is its number; 0: one that no record
 * has yet. passage_store_commit then leaves what the store knows of the current journal. Returns ERR_OK,
 * ERR_IO or ERR_BUSY. */
int passage_store_step_aside(struct passage_store *store, uint32_t run) MUST_USE;

/* Adds a verified record and its 32 bytes. Returns 1 (the record is new), ERR_OK (the same record was
 * stored before, in any run; an event before the clock was set: in this run; or it is of a meal elsewhere),
 * ERR_CORRUPT (its number is stored with other content; the record went into anomalies as PASSAGE_CONFLICT),
 * ERR_IO or ERR_BUSY. */
int passage_store_add(struct passage_store *store, const struct journal_record *record,
                      const uint8_t raw[JOURNAL_RECORD_LEN]) MUST_USE;

/* Adds an anomaly. raw may be NULL. The same anomaly is stored only once. Returns 1 (it is new), ERR_OK (it
 * was stored before), ERR_IO or ERR_BUSY. */
int passage_store_set_aside(struct passage_store *store, enum passage_anomaly anomaly, uint32_t first_seq,
                            uint32_t last_seq, const uint8_t *raw) MUST_USE;

/* Ends the batch: all numbers up to covered_seq are accounted for. The batch is on the disk when the call
 * returns. Returns ERR_OK or ERR_IO (then nothing of the batch is stored). */
int passage_store_commit(struct passage_store *store, uint32_t covered_seq) MUST_USE;
/* Ends the batch and stores nothing of it. */
void passage_store_rollback(struct passage_store *store);

/* Returns the database's message for the last error. */
const char *passage_store_error(const struct passage_store *store);
/* Closes the file. It may be called after any error. */
void passage_store_close(struct passage_store *store);

#endif
