/*
 * A PN532 on a serial line (HSU) as a hal/reader.h. References are to the PN532 User Manual rev 2
 * (UM0701-02).
 *
 * The chip is woken, set up, and asked for a card again and again: one InListPassiveTarget (7.3.5) after the
 * other, each of three attempts, so about 15 ms. More attempts a command would save the line's time between
 * two of them, in which the chip does not look (2.5 ms of 18 at 115200 baud, well under 1 at 460800), and
 * cost more elsewhere: nobody sees that the chip fell silent, or that a card is gone, before the command is
 * over. Endless attempts (the chip's default) would hide a dead chip for good.
 *
 *   a card that stays     asked every 10 ms: ISO 14443-4 cards by Diagnose 6 (7.2.1), which leaves a session
 *                         as it is; others are selected anew by their UID. The field stays on, so a card with
 *                         a random UID keeps the one it drew.
 *   a card that left      READER_EMPTY needs two looks that saw nothing, the second after the field was off
 *                         and on: one missed look on a hand that trembles is not an empty field.
 *   a card gone astray    ignores requests while it has power: each 2 s an empty field is cut for 6 ms.
 *   trouble on the line   mended without a word (hal/pn532/pn532_link.h), or, where that fails, by waking and
 *                         setting up the chip anew: 0.1 to 0.3 s. Both are counted.
 *   ... for 0.6 s         and three times in a row: READER_DOWN, "no answer" or what else it was; tried again
 *                         each 0.2 s. READER_UP when the chip has answered a look. A card still there is then
 *                         reported again, without READER_EMPTY before it.
 *
 * Where the board can change the line's speed, the chip is told to (SetSerialBaudRate, 7.2.8) after each
 * wake-up; three failures at the higher speed, or six that could be mended within 10 s, and the line stays at
 * 115200 until the next start. A chip that kept the higher speed over a restart of ours is found. Choose a
 * speed the wiring carries: where it carries nothing at all, the chip can no longer be told to come back.
 *
 * The caller owns the struct and all that config points to, and keeps them. Nothing is allocated. poll takes
 * microseconds (what the serial line's calls take); exchange blocks up to 50 ms.
 */
#ifndef HAL_PN532_PN532_H
#define HAL_PN532_PN532_H

#include "hal/pn532/pn532_state.h"

/* Starts; reports tell the rest. */
void pn532_init(struct pn532 *pn532, const struct pn532_config *config);

/* Monotonic time at which reader.poll has something to do even if no byte came. */
uint64_t pn532_due_us(const struct pn532 *pn532);

#endif
