/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A journal record: 32 bytes that are programmed once and never changed. Encodes and decodes it. The
 * caller owns every buffer; nothing blocks.
 *
 * offset  size  field
 *      0     4  seq: grows by one with each place in the ring; an unreadable place keeps its number
 *      4     4  utc_s: seconds since 1970-01-01 UTC, or since start-up while the clock is unset
 *      8     1  kind (enum journal_kind)
 *      9     1  code: reason of a refusal, outcome of a closing, number of an event. Of a passage: 0, or
 *               JOURNAL_ASSUMED without a rotation sensor; then no closing follows
 *     10     1  bits 0-3: zone
 *               bits 4-7: method by which the card was known (enum credential_method); 0: uid
 *     11     1  bits 0-1: clock quality
 *               bit 2: the list was read from its replica
 *               bits 3-6: service at the canteen, its place in the list, from 1; 0: none
 *               bit 7: not counted. Of a passage: there was no room to count it. Of a closing: the passage
 *               does not count, like an abandoned one. Of a gap: there were more passages than it counts,
 *               because power failed before they were logged. Of a meal elsewhere: the list did not have the
 *               card
 *     12     8  tag of the card, or zero; also of a meal elsewhere
 *               of a gap: first and last number dropped, two u32
 *               of an event: see enum journal_event
 *               of an installed list: the new place of each service of the list before, four bits each, the
 *               first in bits 0-3 of byte 12. Places count from 1; 0: removed. All zero:
 *               no change
 *     20     4  ref: number of the record that a closing refers to; count of passages in a gap; detail of
 *               an event; of a refusal as already_passed, when the card last passed at another gate in this
 *               service, utc_s
 *     24     8  MAC: first 8 bytes of AES-128-CMAC(journal key, bytes 0 to 23)
 *
 * If a gap record is itself dropped, its content is added to the gap record that reports this. Ranges
 * may therefore overlap. Everything in them is dropped, and no passage is counted twice.
 */
#ifndef FIRMWARE_JOURNAL_JOURNAL_RECORD_H
#define FIRMWARE_JOURNAL_JOURNAL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/base/clock.h"
#include "firmware/crypto/crypto.h"
#include "firmware/crypto/tag.h"
#include "hal/error.h"

#define JOURNAL_RECORD_LEN      32
#define JOURNAL_RECORD_KIND_AT  8
#define JOURNAL_RECORD_FLAGS_AT 11
#define JOURNAL_RECORD_MAC_AT   24
#define JOURNAL_RECORD_MAC_LEN  8

/* The values have a pairwise Hamming distance of 4. The MAC protects the records; the distance protects
 * the code that handles them. */
enum journal_kind {
    JOURNAL_GRANTED = 0x0F, /* a passage: durable before the relay moves */
    JOURNAL_CLOSED = 0x33,  /* how a passage ended: code is enum journal_outcome, ref its seq */
    JOURNAL_REFUSED = 0x55, /* code is enum reason */
    JOURNAL_EVENT = 0x66,   /* code is enum journal_event */
    JOURNAL_GAP = 0x99,     /* passages dropped for lack of room */
};

enum journal_outcome {
    JOURNAL_PASSED = 1,    /* the rotation sensor reported the passage */
    JOURNAL_ABANDONED = 2, /* unused: the gate closed before a passage */
    JOURNAL_ASSUMED = 3,   /* not observed: no sensor fitted, or emergency release */
};

/* The events of the gate. Each comment says what ref contains, and the detail in bytes 12 to 19, if it is not
 * zero. */
enum journal_event {
    JOURNAL_EVENT_START = 1,             /* boot count */
    JOURNAL_EVENT_READER_DOWN = 2,       /* 0 */
    JOURNAL_EVENT_READER_UP = 3,         /* 0 */
    JOURNAL_EVENT_LIST_INSTALLED = 4,    /* version of the list; see also services */
    JOURNAL_EVENT_LIST_REFUSED = 5,      /* error, as a positive number */
    JOURNAL_EVENT_BLOCK_REPAIRED = 6,    /* block index */
    JOURNAL_EVENT_FIRE_START = 7,        /* 0 */
    JOURNAL_EVENT_FIRE_END = 8,          /* 0 */
    JOURNAL_EVENT_TAMPER_START = 9,      /* 0 */
    JOURNAL_EVENT_TAMPER_END = 10,       /* 0 */
    JOURNAL_EVENT_CLOCK_SET = 11,        /* the new time, utc_s; the record carries the old one.
                                            detail: enum role, u8 */
    JOURNAL_EVENT_SETTINGS = 12,         /* role that changed settings: by a firmware before 0.2 */
    JOURNAL_EVENT_READER_RESTARTED = 13, /* 0: the reader process was replaced */
    JOURNAL_EVENT_WATCHDOG = 14,         /* program counter when the watchdog ended the previous run, or 0 */
    JOURNAL_EVENT_FAULT = 15,            /* program counter of the processor fault that ended it */
    JOURNAL_EVENT_PANIC = 16,            /* program counter of the assertion that ended it */
    JOURNAL_EVENT_TEST_OPENING = 17,     /* role that tested the relay in a self-test */
    JOURNAL_EVENT_MANUAL_OPENING = 18,   /* enum journal_opening_source; a closing may refer to it */
    JOURNAL_EVENT_PROFILES = 19,         /* bits of the profiles of the active list that are now off;
                                            detail as of a setting */
    JOURNAL_EVENT_CARD_RESIDENT = 20,    /* seconds for which a card has been on the reader */
    JOURNAL_EVENT_CARD_REMOVED = 21,     /* seconds for which that card had been on the reader */
    /* A setting was changed: ref is the new value; detail: enum role, u8; 3 bytes 0; the old value, u32. */
    JOURNAL_EVENT_SET_ROTATION_FITTED = 22,
    JOURNAL_EVENT_SET_BUZZER_ON = 23,
    JOURNAL_EVENT_SET_REFUSE_WHEN_FULL = 24,
    JOURNAL_EVENT_SET_OPEN_MS = 25,
    JOURNAL_EVENT_SET_RETENTION_DAYS = 26,
    JOURNAL_EVENT_SET_CLOCK_DAYS = 27,
    /* What came so often that it was only counted: ref is how many records were left out since the last such
     * record. */
    JOURNAL_EVENT_REPEATED = 28, /* detail: enum journal_event, u8 */
    JOURNAL_EVENT_REFUSALS = 29, /* detail: enum reason, u8 */
    /* Records are missing at the end of the journal: ref is how many that were not acknowledged, at least;
     * detail: the first number and the last one that is known to have been given, two u32. */
    JOURNAL_EVENT_JOURNAL_CUT = 30,
    JOURNAL_EVENT_ROTATION_SILENT = 31, /* how many passages in a row the rotation sensor did not see */
    JOURNAL_EVENT_ROTATION_SEEN = 32,   /* 0: the sensor reports again */
    /* The memory chip is older than what the gate knows: it was exchanged, or restored from a copy. */
    JOURNAL_EVENT_LIST_ROLLED_BACK = 33,  /* version of the newest list that was active */
    JOURNAL_EVENT_STORE_ROLLED_BACK = 34, /* 0: settings, and groups turned off, may be those of before */
    /* 0: the memory chip was another gate's, and a technician confirmed that this gate takes it. detail: the
     * beginning of that gate's id */
    JOURNAL_EVENT_CHIP_TAKEN_OVER = 35,
    /* A card passed at another gate of the canteen, as the office told it: ref is when, utc_s. The record has
     * the tag and the service, as that of a passage. */
    JOURNAL_EVENT_MEAL_ELSEWHERE = 36,
};

enum journal_opening_source {
    JOURNAL_OPENED_BY_BUTTON = 1,
    JOURNAL_OPENED_BY_TECHNICIAN = 2,
};

/* A range of sequence numbers, including both ends. */
struct journal_range {
    uint32_t first, last;
};

/* The new place of each service of the list before, four bits each: see bytes 12 to 19 above. */
struct journal_services {
    uint8_t bytes[TAG_LEN];
};

/* Bytes 12 to 19 of an event: see enum journal_event. */
struct journal_detail {
    uint8_t bytes[TAG_LEN];
};

struct journal_record {
    uint32_t seq;
    uint32_t utc_s;
    enum journal_kind kind;
    uint8_t code;
    uint8_t zone;
    uint8_t method; /* enum credential_method; CREDENTIAL_UID also for a record without a card */
    uint8_t flags;  /* JOURNAL_FLAG_… */
    union {
        struct tag tag;                   /* of the card, or zero */
        struct journal_range dropped;     /* of a gap */
        struct journal_services services; /* of JOURNAL_EVENT_LIST_INSTALLED */
        struct journal_detail detail;     /* of other events */
    };
    uint32_t ref;
};

#define JOURNAL_FLAG_CLOCK_MASK 0x03 /* enum clock_quality */
#define JOURNAL_FLAG_REPLICA    0x04
#define JOURNAL_SERVICE_SHIFT   3
#define JOURNAL_SERVICE_BITS    4
#define JOURNAL_FLAG_UNCOUNTED  0x80

/* Returns the quality of the clock when the record was made. */
static inline enum clock_quality journal_record_clock(const struct journal_record *record)
{
    return (enum clock_quality)(record->flags & JOURNAL_FLAG_CLOCK_MASK);
}

/* Returns true if the record is of a meal at another gate: it has a tag and a service. */
static inline bool journal_record_is_meal_elsewhere(const struct journal_record *record)
{
    return record->kind == JOURNAL_EVENT && record->code == JOURNAL_EVENT_MEAL_ELSEWHERE;
}

/* Returns the service of a passage, or of a meal elsewhere: its place in the list, from 1; 0: none. */
static inline uint8_t journal_record_service(const struct journal_record *record)
{
    return record->flags >> JOURNAL_SERVICE_SHIFT & ((1 << JOURNAL_SERVICE_BITS) - 1);
}

/* Returns the new place of a service that was at this place (from 1) in the list before; 0: removed. */
static inline uint8_t journal_services_place(const struct journal_services *map, uint8_t service)
{
    uint8_t pair = map->bytes[(service - 1) / 2];
    return (service - 1) % 2 == 0 ? pair & 0xF : pair >> 4;
}

/* Encodes a record and computes its MAC. Returns ERR_OK, ERR_CRYPTO. */
int journal_record_encode(const struct journal_record *record, crypto_mac *mac,
                          uint8_t out[JOURNAL_RECORD_LEN]) MUST_USE;
/* Decodes a record and checks its MAC. Returns ERR_OK, ERR_NOT_FOUND (erased: all FF), ERR_CORRUPT (MAC
 * or kind), ERR_CRYPTO. */
int journal_record_decode(struct journal_record *record, crypto_mac *mac,
                          const uint8_t in[JOURNAL_RECORD_LEN]) MUST_USE;

/* Decodes a record whose MAC was checked before. Returns ERR_OK or ERR_CORRUPT (kind). */
int journal_record_parse(struct journal_record *record, const uint8_t in[JOURNAL_RECORD_LEN]) MUST_USE;

/* Returns the kind that differs from a byte in one bit at most; 0: none does. */
enum journal_kind journal_kind_near(uint8_t byte);

/* Returns true if the number and the kind are those of a record with this number, but for one bit at most. */
bool journal_record_is_near(const uint8_t in[JOURNAL_RECORD_LEN], uint32_t seq);
/* Inverts the bit of the record with this number that is wrong, if it is one. Computes one CMAC if that bit
 * is in the number, in the kind or in the MAC; 153 otherwise, and if more than one bit is wrong. Returns
 * ERR_OK (the record is valid now, or was before), ERR_CORRUPT (it is unchanged), ERR_CRYPTO. */
int journal_record_correct(uint8_t record[JOURNAL_RECORD_LEN], crypto_mac *mac, uint32_t seq) MUST_USE;

/* Returns "granted", "closed", "refused", "event" or "gap"; NULL for any other kind. */
const char *journal_kind_name(enum journal_kind kind);
/* Returns "passed", "abandoned", "assumed" or "unknown_outcome". */
const char *journal_outcome_name(uint8_t outcome);
/* Returns "start", "reader_down", … or "unknown_event". */
const char *journal_event_name(uint8_t event);

#endif
