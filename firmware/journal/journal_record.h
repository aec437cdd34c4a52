/*
 * One journal record: 32 bytes, programmed once, never changed.
 *
 * offset  size  field
 *      0     4  seq: grows by one per place in the ring; an unreadable place keeps its number
 *      4     4  utc_s: seconds since 1970-01-01 UTC, or since start-up while the clock is unset
 *      8     1  kind (enum journal_kind)
 *      9     1  code: reason of a refusal, outcome of a closing, number of an event; of a passage 0, or
 *               JOURNAL_ASSUMED where no sensor is fitted: then no closing follows
 *     10     1  zone
 *     11     1  clock quality (bits 0-1), list answered from its replica (bit 2), service at the canteen (bits
 *               3-6: its place in the list, from 1; 0: none), not counted (bit 7; of a passage: there was no
 *               room to count it; of a closing: the passage counts no more than an abandoned one; of a gap:
 *               there were more passages than it counts, for the power went before they were told)
 *     12     8  tag of the card, or zero; of a gap: first and last sequence number dropped, two u32; of a list
 *               installed: what became of the services of the list before, four bits each, the first in bits
 *               0-3 of byte 12: its place in the new list, from 1; 0: gone. All zero: they are as before
 *     20     4  ref: record a closing refers to; count of passages in a gap; detail of an event
 *     24     8  MAC: first 8 bytes of AES-128-CMAC(journal key, bytes 0 to 23)
 *
 * A gap that is dropped itself is added to the gap that tells of it. So ranges may overlap; everything in
 * them is gone, and no passage is counted twice.
 */
#ifndef FIRMWARE_JOURNAL_JOURNAL_RECORD_H
#define FIRMWARE_JOURNAL_JOURNAL_RECORD_H

#include <stdint.h>

#include "firmware/base/clock.h"
#include "firmware/crypto/crypto.h"
#include "firmware/crypto/tag.h"
#include "hal/error.h"

#define JOURNAL_RECORD_LEN     32
#define JOURNAL_RECORD_KIND_AT 8

/* Values at pairwise Hamming distance 4 (MACs protect them; this protects the code around them). */
enum journal_kind {
    JOURNAL_GRANTED = 0x0F, /* a passage: durable before the relay moves */
    JOURNAL_CLOSED = 0x33,  /* how it ended: code is enum journal_outcome, ref its seq */
    JOURNAL_REFUSED = 0x55, /* code is enum reason */
    JOURNAL_EVENT = 0x66,   /* code is enum journal_event */
    JOURNAL_GAP = 0x99,     /* passages dropped for want of room */
};

enum journal_outcome {
    JOURNAL_PASSED = 1,    /* the rotation sensor saw someone through */
    JOURNAL_ABANDONED = 2, /* nobody came before the gate closed */
    JOURNAL_ASSUMED = 3,   /* nobody saw: no sensor fitted, or open for all in a fire */
};

/* What happened to the gate itself. ref: see each. */
enum journal_event {
    JOURNAL_EVENT_START = 1,             /* boot count */
    JOURNAL_EVENT_READER_DOWN = 2,       /* 0 */
    JOURNAL_EVENT_READER_UP = 3,         /* 0 */
    JOURNAL_EVENT_LIST_INSTALLED = 4,    /* version; and see tag */
    JOURNAL_EVENT_LIST_REFUSED = 5,      /* error, as a positive number */
    JOURNAL_EVENT_BLOCK_REPAIRED = 6,    /* block index */
    JOURNAL_EVENT_FIRE_START = 7,        /* 0 */
    JOURNAL_EVENT_FIRE_END = 8,          /* 0 */
    JOURNAL_EVENT_TAMPER_START = 9,      /* 0 */
    JOURNAL_EVENT_TAMPER_END = 10,       /* 0 */
    JOURNAL_EVENT_CLOCK_SET = 11,        /* the new time, utc_s; the record carries the old one */
    JOURNAL_EVENT_SETTINGS = 12,         /* role that changed them */
    JOURNAL_EVENT_READER_RESTARTED = 13, /* 0: the reader's process was replaced */
    JOURNAL_EVENT_WATCHDOG = 14,         /* the run before ended by the watchdog: program counter, or 0 */
    JOURNAL_EVENT_FAULT = 15,            /* … by a processor fault: program counter */
    JOURNAL_EVENT_PANIC = 16,            /* … by an assertion: program counter */
    JOURNAL_EVENT_TEST_OPENING = 17,     /* the relay was tried in a self-test: role that asked */
    JOURNAL_EVENT_MANUAL_OPENING = 18,   /* enum journal_opening_source; a closing may refer to it */
    JOURNAL_EVENT_PROFILES = 19,         /* bits of the running list's profiles now turned off */
};

enum journal_opening_source {
    JOURNAL_OPENED_BY_BUTTON = 1,
    JOURNAL_OPENED_BY_TECHNICIAN = 2,
};

struct journal_record {
    uint32_t seq;
    uint32_t utc_s;
    enum journal_kind kind;
    uint8_t code;
    uint8_t zone;
    uint8_t flags; /* JOURNAL_FLAG_… */
    struct tag tag;
    uint32_t ref;
};

#define JOURNAL_FLAG_CLOCK_MASK 0x03 /* enum clock_quality */
#define JOURNAL_FLAG_REPLICA    0x04
#define JOURNAL_SERVICE_SHIFT   3
#define JOURNAL_SERVICE_BITS    4
#define JOURNAL_FLAG_UNCOUNTED  0x80

/* How sure the clock was. */
static inline enum clock_quality journal_record_clock(const struct journal_record *record)
{
    return (enum clock_quality)(record->flags & JOURNAL_FLAG_CLOCK_MASK);
}

/* Which service a passage was for: its place in the list, from 1; 0: none. */
static inline uint8_t journal_record_service(const struct journal_record *record)
{
    return record->flags >> JOURNAL_SERVICE_SHIFT & ((1 << JOURNAL_SERVICE_BITS) - 1);
}

/* @retval ERR_OK, ERR_CRYPTO. */
int journal_record_encode(const struct journal_record *record, crypto_mac *mac,
                          uint8_t out[JOURNAL_RECORD_LEN]) MUST_USE;
/* @retval ERR_OK, ERR_NOT_FOUND (erased: all FF), ERR_CORRUPT (MAC or kind), ERR_CRYPTO. */
int journal_record_decode(struct journal_record *record, crypto_mac *mac,
                          const uint8_t in[JOURNAL_RECORD_LEN]) MUST_USE;

/* "granted", "closed", "refused", "event", "gap". */
const char *journal_kind_name(enum journal_kind kind);
/* "passed", "abandoned", "assumed". */
const char *journal_outcome_name(uint8_t outcome);
/* "start", "reader_down", … */
const char *journal_event_name(uint8_t event);

#endif
