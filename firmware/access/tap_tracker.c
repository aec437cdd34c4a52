/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware/access/tap_tracker.h"

#include <string.h>

#include "firmware/crypto/credential.h"

/* A card with a random UID has another one after the field was off. Any two are taken for the same card,
 * because this error opens no gate. */
static bool is_same_card(const struct tap_card *card, const struct reader_target *target)
{
    if (credential_is_random_uid(card->uid, card->uid_len) &&
        credential_is_random_uid(target->uid, target->uid_len))
        return true;
    return card->uid_len == target->uid_len && memcmp(card->uid, target->uid, card->uid_len) == 0;
}

static struct tap_card *find_card(struct tap_tracker *tracker, const struct reader_target *target)
{
    for (uint8_t i = 0; i < tracker->count; i++)
        if (!tracker->cards[i].has_left && is_same_card(&tracker->cards[i], target))
            return &tracker->cards[i];
    return NULL;
}

static void remove_card(struct tap_tracker *tracker, uint8_t at)
{
    tracker->count--;
    memmove(&tracker->cards[at], &tracker->cards[at + 1],
            (size_t)(tracker->count - at) * sizeof tracker->cards[0]);
}

/* Removes a card, or keeps it until it is told that it left. */
static void let_go(struct tap_tracker *tracker, uint8_t at)
{
    if (tracker->cards[at].is_resident)
        tracker->cards[at].has_left = true;
    else
        remove_card(tracker, at);
}

/* Makes room for one more card. The first card that the reader may not see any more goes, or the oldest. */
static void make_room(struct tap_tracker *tracker)
{
    uint8_t at = 0;
    while (at < tracker->count && tracker->cards[at].is_confirmed && !tracker->cards[at].has_left)
        at++;
    remove_card(tracker, at < tracker->count ? at : 0);
}

static bool add_card(struct tap_tracker *tracker, const struct reader_target *target, uint64_t now_us)
{
    struct tap_card *card = find_card(tracker, target);
    if (card != NULL) {
        card->is_confirmed = true;
        return false;
    }
    if (tracker->count == READER_CARDS_MAX)
        make_room(tracker);
    card = &tracker->cards[tracker->count++];
    *card = (struct tap_card){.uid_len = target->uid_len, .is_confirmed = true, .since_us = now_us};
    memcpy(card->uid, target->uid, sizeof card->uid);
    return true;
}

/* Lets go of the ISO 14443-A cards: READER_EMPTY says nothing of others. */
static void let_all_go(struct tap_tracker *tracker)
{
    for (uint8_t i = tracker->count; i > 0; i--)
        if (tracker->cards[i - 1].uid_len > 0)
            let_go(tracker, i - 1);
}

static void set_up(struct tap_tracker *tracker, bool is_up, uint64_t now_us)
{
    tracker->is_up = is_up;
    tracker->up_us = now_us;
    for (uint8_t i = 0; i < tracker->count && !is_up; i++)
        tracker->cards[i].is_confirmed = false;
}

bool tap_tracker_feed(struct tap_tracker *tracker, const struct reader_report *report, uint64_t now_us)
{
    struct tap_card *card;
    switch (report->event) {
    case READER_CARD:
        return add_card(tracker, &report->target, now_us);
    case READER_GONE:
        card = find_card(tracker, &report->target);
        if (card != NULL)
            let_go(tracker, (uint8_t)(card - tracker->cards));
        return false;
    case READER_EMPTY:
        let_all_go(tracker);
        return false;
    case READER_UP:
    case READER_DOWN:
        set_up(tracker, report->event == READER_UP, now_us);
        return false;
    }
    return false;
}

void tap_tracker_grant(struct tap_tracker *tracker, const struct reader_target *target)
{
    struct tap_card *card = find_card(tracker, target);
    if (card != NULL)
        card->is_granted = true;
}

bool tap_tracker_granted_since(const struct tap_tracker *tracker, uint64_t since_us)
{
    for (uint8_t i = 0; i < tracker->count; i++)
        if (tracker->cards[i].is_granted && !tracker->cards[i].has_left &&
            tracker->cards[i].since_us >= since_us)
            return true;
    return false;
}

static uint32_t stay_of(const struct tap_card *card, uint64_t now_us)
{
    return (uint32_t)((now_us - card->since_us) / 1000000);
}

/* Removes the cards that left during an outage of the reader. */
static void drop_unconfirmed(struct tap_tracker *tracker, uint64_t now_us)
{
    if (!tracker->is_up || now_us - tracker->up_us < TAP_CONFIRM_US)
        return;
    for (uint8_t i = tracker->count; i > 0; i--)
        if (!tracker->cards[i - 1].is_confirmed && !tracker->cards[i - 1].has_left)
            let_go(tracker, i - 1);
}

enum tap_change tap_tracker_poll(struct tap_tracker *tracker, uint64_t now_us, uint32_t *stay_s)
{
    drop_unconfirmed(tracker, now_us);
    for (uint8_t i = 0; i < tracker->count; i++) {
        struct tap_card *card = &tracker->cards[i];
        *stay_s = stay_of(card, now_us);
        if (card->has_left) {
            remove_card(tracker, i);
            return TAP_CARD_LEFT;
        }
        if (card->is_confirmed && !card->is_resident && now_us - card->since_us >= TAP_RESIDENT_US) {
            card->is_resident = true;
            return TAP_CARD_STAYS;
        }
    }
    return TAP_NO_CHANGE;
}

uint32_t tap_tracker_resident_s(const struct tap_tracker *tracker, uint64_t now_us)
{
    uint32_t longest_s = 0;
    for (uint8_t i = 0; i < tracker->count; i++) {
        const struct tap_card *card = &tracker->cards[i];
        if (card->is_resident && !card->has_left && stay_of(card, now_us) > longest_s)
            longest_s = stay_of(card, now_us);
    }
    return longest_s;
}
