/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes taps from the reports of the reader. A card held on the reader is one tap: its next tap starts only
 * after the reader has reported that it left. Other cards beside it are taps of their own.
 *
 * An outage of the reader does not end a tap. A card that the reader does not report again within two seconds
 * after it is back has left meanwhile.
 *
 * Pure functions, no I/O, nothing blocks. The caller owns the struct, which starts with all bytes zero.
 */
#ifndef FIRMWARE_ACCESS_TAP_TRACKER_H
#define FIRMWARE_ACCESS_TAP_TRACKER_H

#include <stdbool.h>
#include <stdint.h>

#include "hal/reader.h"

#define TAP_RESIDENT_US UINT64_C(60000000) /* a card that stays longer is resident: somebody left it there */
/* Time after an outage of the reader in which it reports the cards that are still present. */
#define TAP_CONFIRM_US UINT64_C(2000000)

struct tap_card {
    uint8_t uid[READER_UID_MAX], uid_len;
    bool is_confirmed; /* reported since the last outage of the reader */
    bool is_resident;  /* it was told that it stays */
    bool has_left;     /* a resident card whose end is still to be told */
    bool is_granted;   /* its tap was granted */
    uint64_t since_us; /* monotonic time of its tap */
};

/* The cards in the field. */
struct tap_tracker {
    struct tap_card cards[READER_CARDS_MAX];
    uint8_t count;
    bool is_up;
    uint64_t up_us; /* when the reader last came up */
};

enum tap_change {
    TAP_NO_CHANGE,
    TAP_CARD_STAYS, /* a card became resident */
    TAP_CARD_LEFT,  /* a resident card has left */
};

/* Processes one report of the reader. Returns true if it starts a new tap. */
bool tap_tracker_feed(struct tap_tracker *tracker, const struct reader_report *report, uint64_t now_us);
/* Notes that the tap of a card in the field was granted. */
void tap_tracker_grant(struct tap_tracker *tracker, const struct reader_target *target);
/* Returns true if a card in the field was granted since then. */
bool tap_tracker_granted_since(const struct tap_tracker *tracker, uint64_t since_us);
/* Returns the next change of a resident card and sets *stay_s to the seconds for which it has been there.
 * Call it after each report, and regularly, until there is no change. */
enum tap_change tap_tracker_poll(struct tap_tracker *tracker, uint64_t now_us, uint32_t *stay_s);
/* Returns the seconds for which a resident card has been there: the oldest, if there are several; 0: none. */
uint32_t tap_tracker_resident_s(const struct tap_tracker *tracker, uint64_t now_us);

#endif
