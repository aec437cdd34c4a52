/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A driver for a PN532 on a serial line (HSU), as a hal/reader.h. References are to the PN532 User Manual rev
 * 2 (UM0701-02).
 *
 * The caller owns the struct and everything that config points to, and keeps them while the reader is in use.
 * Nothing is allocated. poll takes microseconds: the time of its calls to the serial line. exchange blocks
 * for 50 ms at most.
 *
 * The driver wakes the chip, sets it up, and then scans for cards continuously. One scan is one
 * InListPassiveTarget (7.3.5) with three attempts and takes about 15 ms. The number of attempts is a
 * compromise. More attempts in a command would save the time on the line between two commands, in which the
 * chip does not scan: 2.5 ms of 18 ms at 115200 baud, well under 1 ms at 460800. But the driver notices that
 * the chip is silent, or that a card has left, only when the command ends. With endless attempts, the default
 * of the chip, it would never notice a dead chip.
 *
 * What happens in each situation:
 *
 *   A card stays     Every 10 ms the driver halts the selected card (InDeselect, 7.3.10) and scans again. A
 *                    halted card does not answer REQA, so the scan finds cards that came later, and the
 *                    halted card only if there is no other. A scan takes turns with a check of one of the
 *                    other cards, by its UID. The field stays on, so a card with a random UID keeps this UID.
 *                    For 0.1 s after an exchange the card stays selected, so that a session continues.
 *                    Diagnose 6 (7.2.1) then checks an ISO 14443-4 card without disturbing it. If it does not
 *                    find the card, or has no answer in 0.1 s, the driver sends R(NAK) itself through
 *                    InCommunicateThru (7.3.9), now and as long as this card answers: the chip misses some
 *                    JCOP cards that are present (libnfc, pn53x_ISO14443A_4_is_present).
 *   A card leaves    READER_GONE is reported after two checks in a row without an answer, while others are
 *                    present. READER_EMPTY is reported after two scans in a row without a card. Before the
 *                    second, the field is turned off and on. One miss is not enough: a trembling hand can
 *                    cause it.
 *   Another kind     In an empty field, one scan every 0.25 s is for a card of type B or FeliCa
 *                    (hal/common/other_cards.h), which is reported without a UID. Such a scan takes 16 ms, so
 *                    one tap of a type A card in fifteen comes up to that much later, the mean 0.5 ms later.
 *   A card sends     A new card whose SAK announces an ATS, but that sends none, is scanned three times, then
 *   no ATS           reported as unfinished. If it sends one later, it is reported anew. Such a card
 *                    does not obey the halt: while it stays, it can hide others.
 *   A card hangs     A card in a wrong state ignores requests while it has power. Therefore an empty field is
 *                    turned off for 6 ms every 2 s.
 *   The line fails   Most errors are corrected without a report (hal/pn532/pn532_link.h). If that fails, the
 *                    driver wakes the chip and sets it up again, which takes 0.1 to 0.3 s. Both are counted.
 *   The chip fails   READER_DOWN is reported after three faults in a row, if no scan was answered for 0.6 s.
 *                    Its text is "no answer" or another cause. The driver tries again every 0.2 s. If
 *                    the board has a line to the reset input of the chip, every other attempt, from the first
 *                    on, begins with a pulse on it, and both texts say so. READER_UP
 *                    is reported when the chip has answered a scan. Cards that are still present are then
 *                    reported again, without a READER_EMPTY before them.
 *
 * One scan finds one card at most: with two, some chips answer only every second command (NXP community,
 * thread 481864).
 *
 * If the board can change the baud rate of the line, the driver also changes that of the chip after each
 * wake-up (SetSerialBaudRate, 7.2.8). After three faults at the higher rate, or six corrected errors within
 * 10 s, the line stays at 115200 baud until the next start. The driver also finds a chip that kept the higher
 * rate while the gate restarted. Choose a rate that the wiring can carry: if no byte arrives at the higher
 * rate, the driver cannot command the chip to return to the lower one.
 */
#ifndef HAL_PN532_PN532_H
#define HAL_PN532_PN532_H

#include "hal/pn532/pn532_state.h"

/* Starts the driver. Results come as reports from reader.poll. */
void pn532_init(struct pn532 *pn532, const struct pn532_config *config);

/* Returns the monotonic time in microseconds at which reader.poll must be called even if no byte arrived; 0
 * means now. */
uint64_t pn532_due_us(const struct pn532 *pn532);

#endif
