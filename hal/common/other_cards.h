/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a driver of a reader looks for cards that the gate cannot use: ISO/IEC 14443 type B and FeliCa. They
 * are reported only so that their holder sees a refusal (hal/reader.h, uid_len 0).
 *
 * While the field is empty, one scan each OTHER_CARDS_INTERVAL_US is for such a card, in turn for one kind
 * and the other. So a type A card waits for such a scan seldom, and never for two. A telephone answers as
 * several kinds. Therefore a scan for type A follows one that found a card of another kind, and takes
 * precedence. A card that was reported has left after two scans for its kind without it.
 *
 * Cost, measured with cardsim (tests/bench/reader_latency.sh, a 4-byte card, a line that takes no time; at
 * 115200 baud 2 ms more): in a queue, with a card every 0.3 s, there are no such scans, and nothing changes.
 * With a card every 1 to 2 s the median stays at 4 ms, and the 99th percentile rises from 6 ms to 19 ms.
 *
 * Pure: no I/O, no clock, nothing blocks. The caller owns the struct, which starts with all bytes zero.
 */
#ifndef HAL_COMMON_OTHER_CARDS_H
#define HAL_COMMON_OTHER_CARDS_H

#include <stdbool.h>
#include <stdint.h>

#define OTHER_CARDS_INTERVAL_US UINT64_C(250000)
/* After a scan that the reader did not answer: some may not know the command. */
#define OTHER_CARDS_PAUSE_US UINT64_C(10000000)

enum other_card { OTHER_CARD_NONE = 0, OTHER_CARD_TYPE_B, OTHER_CARD_FELICA };

struct other_cards {
    enum other_card scanned;  /* the kind of the last scan */
    enum other_card found;    /* found, but not yet reported */
    enum other_card reported; /* reported, and has not left */
    uint8_t miss_count;
    uint64_t due_us; /* monotonic time of the next scan */
};

/* Returns the kind for which the next scan of an empty field looks; OTHER_CARD_NONE: type A. */
enum other_card other_cards_next(const struct other_cards *others, uint64_t now_us);
/* Notes the result of a scan for a kind. Returns true if the card that was reported has left; the caller
 * reports that. */
bool other_cards_note(struct other_cards *others, enum other_card kind, bool is_present, uint64_t now_us);
/* Notes the result of a scan for type A. Returns true if a card of another kind is to be reported now. */
bool other_cards_confirm(struct other_cards *others, bool is_type_a);
/* Lets pass at least so much time before the next scan. */
void other_cards_delay(struct other_cards *others, uint64_t now_us, uint64_t pause_us);
/* Forgets the cards, without a report. */
void other_cards_clear(struct other_cards *others);

#endif
