/* The chip as a reader of ISO/IEC 14443 type A cards: what its commands do on air, frame by frame. Pure. */
#ifndef CARDSIM_CHIP_RADIO_H
#define CARDSIM_CHIP_RADIO_H

#include "tools/cardsim/chip_state.h"

/* Times on air, in microseconds: 106 kbit/s with parity is 85 a byte; the rest is what such a chip and such
 * cards are seen to take, rounded. */
enum {
    CARDSIM_BYTE_US = 85,
    CARDSIM_TURNAROUND_US = 300,
    CARDSIM_ATTEMPT_US = 5000, /* one fruitless look for a card */
    CARDSIM_SELECT_US = 2000,  /* request, then anticollision and select of each level */
    CARDSIM_RATS_US = 5000,
    CARDSIM_APDU_US = 2500,
};

/* What one activation told. */
struct cardsim_found {
    struct cardsim_card *card;
    uint8_t atqa[2], sak;
    uint8_t uid[CARDSIM_UID_MAX], uid_len;
    uint8_t ats[CARDSIM_ATS_MAX], ats_len;
};

/* One frame and its answer. add_crc appends CRC_A to what is sent; check_crc strips it from the answer.
 * Returns a status byte. */
uint8_t cardsim_radio_send(struct cardsim_chip *chip, struct cardsim_rf_frame *frame,
                           struct cardsim_rf_frame *answer, bool add_crc, bool check_crc);

/* Asks all cards, then, where nobody answered and wake says so, the halted ones too; selects one, or the one
 * whose UID, with cascade tags, is known (NULL: any); sends RATS where wanted and possible.
 * Returns whether a card was selected. */
bool cardsim_radio_activate(struct cardsim_chip *chip, bool wake, const uint8_t *known, size_t known_len,
                            bool rats, struct cardsim_found *found);

/* Tells target to be quiet (HLTA or DESELECT) if it is the selected one. */
void cardsim_radio_halt(struct cardsim_chip *chip, struct cardsim_target *target);

/* Writes a UID of 4, 7 or 10 bytes with its cascade tags into levels; takes one that has them as it is.
 * Returns 4, 8 or 12, or 0: no UID has that length. */
uint8_t cardsim_radio_add_tags(const uint8_t *uid, size_t len, uint8_t levels[12]);

#endif
