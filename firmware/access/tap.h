/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a verdict from a card that the reader found.
 *
 * The caller owns all memory. tap_decide blocks for a look-up in the whitelist: one or two reads of 64 bytes
 * if the buckets are good, more if one is damaged (whitelist.h). Then it blocks for about one journal record
 * (rights.h).
 */
#ifndef FIRMWARE_ACCESS_TAP_H
#define FIRMWARE_ACCESS_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/rights.h"
#include "firmware/access/verdict.h"
#include "firmware/crypto/tag.h"
#include "firmware/whitelist/whitelist.h"
#include "hal/reader.h"

/* A card that was tapped, and what it has proven. */
struct tap_card_seen {
    struct reader_report report; /* READER_CARD */
    struct credential proven;    /* read under the card's key; id_len 0: it was not asked, or cannot be */
    enum reason failure;         /* why the proof failed; REASON_NONE: it did not */
};

struct tap_result {
    struct verdict verdict;
    struct tag tag;                /* the pseudonym of the card; zero if no credential could be made */
    enum credential_method method; /* by which the card was known; CREDENTIAL_UID for a card that was not */
    bool from_replica;
    uint8_t service;      /* service of the passage, numbered as in the journal; 0: none */
    uint32_t elsewhere_s; /* when it last passed at another gate in this service, utc_s; 0: it did not */
    uint32_t seq;         /* journal number; 0 if no record was written */
    /* A denied card whose passage is still to come: the number of the passage, for which the gate is open or
     * about to open. Such a tap shows and logs no refusal. 0: none. */
    uint32_t repeated_seq;
    uint64_t seen_us;    /* monotonic time at which the reader detected the card; 0: unknown */
    uint64_t decided_us; /* monotonic time of the verdict */
    /* monotonic time at which the relay moved; 0: refused, queued, or already open or released */
    uint64_t relay_us;
};

/* Decides on a card: by the identifier that it has proven or, if the list does not have that, by its UID.
 * A card whose proof failed is refused with the reason. An entry may say that the passage counts for the
 * UID of the card, which is listed too (WHITELIST_RULE_COUNTS_AS_UID): tag is then that of the UID.
 * tag_key is the site's tag key, prepared. Writes no record and does not count the passage: the caller
 * does, with seq and service. A look-up of a damaged bucket requests its repair (whitelist.h). Sets
 * verdict, tag, method, from_replica, service and elsewhere_s; leaves the rest of the result unchanged. */
void tap_decide(struct tap_result *result, const struct tap_card_seen *card, const crypto_hmac_key *tag_key,
                struct rights *rights);

#endif
