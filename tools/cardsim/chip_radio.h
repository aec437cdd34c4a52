/* SPDX-License-Identifier: Apache-2.0 */
/* Simulates the chip as a reader of ISO/IEC 14443 type A cards: the frames that its commands send on air.
 * Pure. */
#ifndef CARDSIM_CHIP_RADIO_H
#define CARDSIM_CHIP_RADIO_H

#include "tools/cardsim/chip_state.h"

/* Times on air, in microseconds. 106 kbit/s with parity is 85 a byte. The other values are rounded
 * observations of such chips and cards. */
enum {
    CARDSIM_BYTE_US = 85,
    CARDSIM_TURNAROUND_US = 300,
    CARDSIM_ATTEMPT_US = 5000, /* one search that finds no card */
    CARDSIM_SELECT_US = 2000,  /* request, then anticollision and select of each level */
    CARDSIM_RATS_US = 5000,
    CARDSIM_APDU_US = 2500,
};

/* The data of one activation. */
struct cardsim_found {
    struct cardsim_card *card;
    uint8_t atqa[2], sak;
    uint8_t uid[CARDSIM_UID_MAX], uid_len;
    uint8_t ats[CARDSIM_ATS_MAX], ats_len;
};

/* Sends one frame and receives its answer. add_crc appends CRC_A to the frame; check_crc verifies and strips
 * the CRC of the answer. Returns a status byte. */
uint8_t cardsim_radio_send(struct cardsim_chip *chip, struct cardsim_rf_frame *frame,
                           struct cardsim_rf_frame *answer, bool add_crc, bool check_crc);

/* Activates a card. It first sends REQA; if no card answers and wake is true, it sends WUPA, which halted
 * cards answer too. It selects the card whose UID, with cascade tags, is known, or any card if known is NULL.
 * It sends RATS if rats is true and the card supports it. Returns true if a card was selected. */
bool cardsim_radio_activate(struct cardsim_chip *chip, bool wake, const uint8_t *known, size_t known_len,
                            bool rats, struct cardsim_found *found);

/* Sends the target to the halt state (HLTA or DESELECT) if it is the selected one. Returns false if it did
 * not answer DESELECT: it has left, or is in a state in which it ignores REQA and WUPA. */
bool cardsim_radio_halt(struct cardsim_chip *chip, struct cardsim_target *target);

/* Writes a UID of 4, 7 or 10 bytes with its cascade tags into levels. A UID that already has them is copied.
 * Returns 4, 8 or 12, or 0 when no UID has that length. */
uint8_t cardsim_radio_add_tags(const uint8_t *uid, size_t len, uint8_t levels[12]);

#endif
