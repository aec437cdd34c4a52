/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Meals that were taken at the other gates of the canteen. The office tells them, so that a card eats once
 * although the canteen has several lanes. A meal told is counted exactly as a passage here: its record goes
 * into the journal first (JOURNAL_EVENT_MEAL_ELSEWHERE), so a power cut does not make the gate forget it. The
 * gate never waits for such news: without it, it decides from its own passages.
 *
 * What it costs is bounded: 32 bytes of journal and one place of the table (service_count.h) for each passage
 * that the list allows a card in the meal, and for SERVICE_COUNT_UNLISTED more. Such a record is written only
 * while less than three quarters of the journal wait to be fetched, so it pushes no passage out.
 */
#ifndef FIRMWARE_PORTILLON_MEALS_H
#define FIRMWARE_PORTILLON_MEALS_H

#include "firmware/portillon_state.h"

enum meal_outcome {
    MEAL_TAKEN,    /* it counts from now on, and is durable */
    MEAL_KNOWN,    /* it, or as many passages as the card has, were counted before; nothing changed */
    MEAL_LATER,    /* the same, but a passage of the card is in progress and may fail: tell it again */
    MEAL_NOT_NOW,  /* not of the meal in progress, or no meals are counted here */
    MEAL_UNLISTED, /* the list does not have the card, and enough of these are counted */
    MEAL_NO_ROOM,  /* the table or the journal is too full */
    MEAL_OUTCOMES,
};

/* Takes a meal at another gate. Blocks for a look-up in the list, one in the table (service_count.h) and one
 * append (journal.h), and does not wait for room in the journal. Returns ERR_OK (*outcome is set), ERR_BUSY
 * (no sector is prepared: tell it again), ERR_IO, ERR_CRYPTO. */
int portillon_take_meal(struct portillon *portillon, const struct rights_meal *meal,
                        enum meal_outcome *outcome) MUST_USE;

#endif
