/*
 * From what the reader reports to a verdict. A card held on the reader is one tap: a new one needs the field
 * to have been seen empty.
 */
#ifndef FIRMWARE_ACCESS_TAP_H
#define FIRMWARE_ACCESS_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/rights.h"
#include "firmware/access/verdict.h"
#include "firmware/crypto/identity.h"
#include "firmware/crypto/tag.h"
#include "firmware/whitelist/whitelist.h"
#include "hal/reader.h"

struct tap_tracker {
    bool field_occupied; /* a tap was taken and the field has not been empty since */
};

struct tap_result {
    struct verdict verdict;
    struct tag tag; /* zero when no credential could be made */
    bool from_replica;
    uint8_t service;     /* the passage is for, as the journal numbers them; 0: none */
    uint32_t seq;        /* journal number; 0 when none was written */
    uint64_t seen_us;    /* when the reader knew the card, monotonic */
    uint64_t decided_us; /* when the verdict was known */
    uint64_t relay_us;   /* when the relay was driven for it; 0: refused, or behind somebody else */
};

/* True if this report starts a new tap. */
bool tap_tracker_feed(struct tap_tracker *tracker, const struct reader_report *report);

/* Decides. Fills verdict, tag, from_replica and service; touches nothing else of the result. */
void tap_decide(struct tap_result *result, const struct reader_target *target,
                const struct identity *identity, struct rights *rights);

#endif
