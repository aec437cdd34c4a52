/*
 * A contactless reader that looks for ISO/IEC 14443-A cards by itself and reports what it sees.
 * No call blocks longer than 50 ms; poll returns at once.
 */
#ifndef HAL_READER_H
#define HAL_READER_H

#include <stddef.h>
#include <stdint.h>

#include "hal/error.h"

#define READER_UID_MAX 10 /* triple-size UID, ISO/IEC 14443-3 */
#define READER_ATS_MAX 32

struct reader_target {
    uint8_t uid[READER_UID_MAX]; /* in the order sent, cascade tags (88) removed */
    uint8_t uid_len;             /* 4, 7 or 10 */
    uint8_t atqa[2];             /* as libnfc and the PN532 show it: most significant byte first */
    uint8_t sak;
    uint8_t ats[READER_ATS_MAX]; /* without its length byte; ats_len 0: no ISO 14443-4 */
    uint8_t ats_len;
};

enum reader_event {
    READER_CARD,  /* a card is in the field; target is filled. Repeated while it stays, in some readers */
    READER_EMPTY, /* the field was looked at and holds no card */
    READER_UP,    /* the reader answers (again); text names it */
    READER_DOWN,  /* the reader fell silent, failed, or its driver died; text says which */
};

struct reader_report {
    enum reader_event event;
    struct reader_target target; /* for READER_CARD */
    uint64_t seen_us;            /* monotonic time at which the card's identity was known; 0: not told */
    char text[48];               /* for READER_UP and READER_DOWN: one line, NUL-terminated */
};

struct reader {
    /* Takes the oldest report not yet taken. @retval 1 report filled, 0 nothing new. */
    int (*poll)(void *ctx, struct reader_report *report) MUST_USE;
    /* Sends tx to the card last reported and waits for its answer (ISO 14443-4 payload, no CRC).
     * @retval count of bytes in rx, ERR_TIMEOUT (50 ms), ERR_NOT_FOUND (card gone), ERR_IO (reader). */
    int (*exchange)(void *ctx, const uint8_t *tx, size_t tx_len, uint8_t *rx, size_t rx_size) MUST_USE;
    void *ctx;
};

#endif
