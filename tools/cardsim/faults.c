/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cardsim/faults.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    const char *summary;
} table[CARDSIM_FAULT_COUNT] = {
    [CARDSIM_FAULT_NONE] = {"none", "clears whatever is armed"},
    [CARDSIM_FAULT_DROP_ACK] = {"drop-ack", "no ACK; the answer comes all the same"},
    [CARDSIM_FAULT_GARBAGE_BEFORE_ACK] = {"garbage-before-ack", "line noise, then ACK and answer"},
    [CARDSIM_FAULT_BAD_CHECKSUM] = {"bad-checksum", "the answer's checksum is wrong"},
    [CARDSIM_FAULT_SILENCE_AFTER_ACK] = {"silence-after-ack", "ACK, then nothing"},
    [CARDSIM_FAULT_TRUNCATED_FRAME] = {"truncated-frame", "the answer stops in the middle"},
    [CARDSIM_FAULT_STALE_REPLY] = {"stale-reply", "the answer to an older command comes instead"},
    [CARDSIM_FAULT_CARD_GONE] = {"card-gone", "the card leaves as data is exchanged with it"},
    [CARDSIM_FAULT_HANG] = {"hang", "no answer to anything; until cleared unless counted"},
    [CARDSIM_FAULT_STATUS_BIT7] = {"status-bit7",
                                   "bit 7 set in an exchange's status byte (libnfc calls abort())"},
    [CARDSIM_FAULT_STATUS_BIT6] = {"status-bit6",
                                   "bit 6 set in an exchange's status byte (libnfc calls abort())"},
    [CARDSIM_FAULT_SLOW] = {"slow", "the answer comes 500 ms late, or as many as a third word says"},
    [CARDSIM_FAULT_RESET] = {"reset", "supply dip: no answer, settings lost, asleep until woken"},
};

const char *cardsim_fault_name(enum cardsim_fault kind)
{
    return kind < CARDSIM_FAULT_COUNT ? table[kind].name : NULL;
}

const char *cardsim_fault_summary(enum cardsim_fault kind)
{
    return kind < CARDSIM_FAULT_COUNT ? table[kind].summary : NULL;
}

enum cardsim_fault cardsim_fault_by_name(const char *name)
{
    enum cardsim_fault kind = CARDSIM_FAULT_NONE;
    while (kind < CARDSIM_FAULT_COUNT && strcmp(table[kind].name, name) != 0)
        kind++;
    return kind;
}

bool cardsim_faults_strike(struct cardsim_faults *faults, enum cardsim_fault kind)
{
    if (faults->kind != kind || faults->left == 0)
        return false;
    if (faults->left != UINT32_MAX && --faults->left == 0)
        faults->kind = CARDSIM_FAULT_NONE;
    return true;
}
