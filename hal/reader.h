/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A contactless reader. It searches for ISO/IEC 14443-A cards continuously and reports what it finds. Now and
 * then it looks for cards of type B and FeliCa, which it reports without a UID. It goes
 * on searching while cards are in the field, so a card that stays does not hide the others: each card is
 * reported when it arrives and when it leaves.
 *
 * The implementation owns ctx; the caller owns every buffer. poll returns at once; exchange blocks for 50 ms
 * at most.
 */
#ifndef HAL_READER_H
#define HAL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define READER_UID_MAX 10 /* triple-size UID, ISO/IEC 14443-3 */
#define READER_ATS_MAX 32
/* Cards in the field that a reader can tell apart. When one more arrives, it first reports the card that it
 * has not seen for the longest time as gone. */
#define READER_CARDS_MAX 6

struct reader_target {
    uint8_t uid[READER_UID_MAX]; /* in the order of transmission, without cascade tags (88) */
    uint8_t uid_len;             /* 4, 7 or 10; 0: a card of another kind, and all other members are 0 */
    uint8_t atqa[2];             /* in the order of libnfc and the PN532: most significant byte first */
    uint8_t sak;
    uint8_t ats[READER_ATS_MAX]; /* without its length byte */
    uint8_t ats_len;             /* 0: the card does not support ISO 14443-4 */
    bool is_unfinished;          /* the SAK says that the card supports ISO 14443-4, but it sent no ATS */
};

/* So many scans in a row must find a new card unfinished before it is reported: one that trembles in the hand
 * may miss the request for its ATS. */
#define READER_UNFINISHED_SCANS 3

enum reader_event {
    /* a card is in the field, described by target; some readers repeat this while it stays, and all of them
     * after READER_DOWN */
    READER_CARD,
    READER_GONE, /* the card described by target has left; other cards are still in the field */
    /* the reader scanned the field and found no ISO 14443-A card: all of them have left. A card of another
     * kind leaves with READER_GONE only */
    READER_EMPTY,
    READER_UP,   /* the reader answers, for the first time or again; text names it */
    READER_DOWN, /* the reader stopped answering, failed, or its driver ended; text gives the cause */
};

struct reader_report {
    enum reader_event event;
    struct reader_target target; /* READER_CARD, READER_GONE */
    uint64_t seen_us;            /* READER_CARD: monotonic time at which the UID was known; 0: unknown */
    char text[48];               /* READER_UP, READER_DOWN: one line, NUL-terminated */
};

struct reader {
    /* Takes the oldest report that was not taken yet. Returns 1 (report is filled), 0 (there is none). */
    int (*poll)(void *ctx, struct reader_report *report) MUST_USE;
    /* Sends tx to the card that was reported last and waits for its answer. tx and rx are ISO 14443-4
     * payloads, without CRC. A session with the card ends when 0.1 s pass without an exchange, because the
     * reader then searches for other cards. Returns the count of bytes in rx, ERR_TIMEOUT (no answer within
     * 50 ms), ERR_NOT_FOUND (the card has left), ERR_IO (the reader failed), ERR_ARGUMENT (tx is empty or too
     * long), ERR_NO_SPACE (the answer is longer than rx_size). */
    int (*exchange)(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size) MUST_USE;
    void *ctx;
};

#endif
