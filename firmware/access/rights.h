/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides on a card of the active list. The policy (policy.h) also needs facts that are not in the list: the
 * zone, the time, the passages in the current meal, and the profiles turned off. This module keeps these
 * facts and counts the passages.
 *
 * A meal at another gate of the canteen, told by the office, counts like a passage here (rights_weigh_meal).
 *
 *   zone      what the gate guards: the building or the canteen (identity.h)
 *   service   a meal that the list defines, for example lunch (whitelist_tables.h)
 *   profile   a group of cards with the same rights (whitelist_tables.h)
 *
 * The caller owns the struct (6.4 KB) and everything that it points to. It zeroes the struct before
 * rights_init.
 *
 * A recount reads the journal back (service_count.h). rights_init does it at once, at the canteen, if a list
 * is active and the clock is set: 0.2 s at most in a busy meal of 1000 passages on a Cortex-M3 at 142 MHz,
 * and 1.2 s in the longest. Later rights_work does it in pieces. A new list rarely needs one: the table keeps
 * the records of passages, which stay what they are, and learns the new places of the services. It needs one
 * if it makes a meal in progress begin earlier than what the table has. rights_decide and rights_weigh_meal
 * finish a recount that runs. rights_decide reads about one journal record, rights_note_unused one and
 * rights_work four (0.07 ms each at most), or 24 in a recount. rights_turn stores four values (store.h). The
 * other functions do not block.
 */
#ifndef FIRMWARE_ACCESS_RIGHTS_H
#define FIRMWARE_ACCESS_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/access/profiles_off.h"
#include "firmware/access/service_count.h"
#include "firmware/access/verdict.h"
#include "firmware/base/clock.h"
#include "firmware/crypto/identity.h"
#include "firmware/crypto/tag.h"
#include "firmware/storage/store.h"
#include "firmware/whitelist/whitelist.h"

struct rights {
    enum zone zone;
    struct whitelist *whitelist;
    struct journal *journal;
    const struct clock *clock;
    struct service_count meals;
    uint32_t run_first_seq;   /* first journal number of this run */
    uint32_t recounted_seq;   /* the next journal number at the last recount or purge */
    uint32_t meal_seen_utc_s; /* time at which a meal was last in progress */
    struct profiles_off off;
    uint32_t profiles_off;                     /* the same as bits: profile n of the active list is bit n */
    uint32_t services[WHITELIST_SERVICES_MAX]; /* names of the active list's services, as codes; 0: none */
};

/* Initialises the struct and counts the passages of the current meal from the journal. `off` is left as it
 * is; rights_load_off fills it. Call it after the storage is mounted and the clock is started. It works
 * without storage too: then nothing is counted. */
void rights_init(struct rights *rights, enum zone zone, struct whitelist *whitelist, struct journal *journal,
                 const struct clock *clock);

/* How a card was known. */
struct rights_evidence {
    enum credential_method method;
    struct whitelist_fingerprint seen; /* of a card known by its UID */
};

/* What a decision finds beside the verdict. */
struct rights_finding {
    enum credential_method method; /* uid+ if the card was known by its UID and has the fingerprint listed */
    uint8_t service;               /* service number for the record of the passage; 0: none */
    uint32_t elsewhere_s; /* when the card last passed at another gate in this service, utc_s; 0: it did not */
};

/* Decides on a card of the active list. It does not count the passage. Sets *finding. Returns the verdict of
 * policy_decide. */
struct verdict rights_decide(struct rights *rights, const struct tag *tag,
                             const struct whitelist_answer *answer, const struct rights_evidence *evidence,
                             struct rights_finding *finding);

/* Returns the current local time. */
struct local_time rights_local_time(const struct rights *rights);

/* Returns true if the next passage of a service can be counted. Call it before the record of the passage is
 * written, because the record says whether the passage is counted (JOURNAL_FLAG_UNCOUNTED). */
bool rights_can_count(const struct rights *rights);
/* Continues a recount, or removes the passages of past meals from a table that is nearly full: a piece in
 * each call, so that no tap waits for it. Call it in idle time. Returns ERR_BUSY (call again), ERR_OK. */
int rights_work(struct rights *rights) MUST_USE;
/* Counts a granted passage for a service (0: not counted). seq is the number of its journal record. If the
 * table is full, the passage is not counted and the caller does not learn it: call rights_can_count
 * before. */
void rights_note_granted(struct rights *rights, const struct tag *tag, uint32_t seq, uint8_t service);
/* Removes a passage from the count. Call it only if the rotation sensor saw nobody pass, or if the emergency
 * release ended the passage. Without a sensor a passage stays counted. */
void rights_note_unused(struct rights *rights, uint32_t seq);

/* A meal that a card took at another gate. */
struct rights_meal {
    struct tag tag;
    uint32_t service; /* whitelist_name_code of the service's name */
    uint32_t utc_s;   /* when it passed there */
};

enum rights_meal_weight {
    RIGHTS_MEAL_NEW,
    RIGHTS_MEAL_KNOWN,    /* it is counted already, or the list does not limit the passages of the card */
    RIGHTS_MEAL_USED_UP,  /* the card has as many passages in the meal as the list allows, others than this */
    RIGHTS_MEAL_NOT_NOW,  /* of another meal than the one in progress, or no meal is counted here */
    RIGHTS_MEAL_UNLISTED, /* the list does not have the card, and SERVICE_COUNT_UNLISTED are counted */
    RIGHTS_MEAL_NO_ROOM,  /* the table is full */
};

/* Decides whether a meal at another gate is to be counted. It is, if its service is in progress here or
 * begins within ten minutes (the clocks of gates differ) and it belongs to it, as a passage here would. Each
 * card thus takes as many places as the list allows it passages, whoever tells it. Sets *service to the
 * service number for the record, and *is_listed. */
enum rights_meal_weight rights_weigh_meal(struct rights *rights, const struct rights_meal *meal,
                                          uint8_t *service, bool *is_listed);
/* Counts a meal at another gate that is RIGHTS_MEAL_NEW. record is its record, with its number. */
void rights_note_elsewhere(struct rights *rights, const struct journal_record *record);

/* Compares the services of a new active list with those of the list before, and then keeps those of the new
 * one. Returns where each service is now, in the form of the journal record of the new list
 * (journal_record.h); all zero: as before. For each new list call first this function, once; then write the
 * record of the list; then call rights_take_list. */
struct journal_services rights_renumber_services(struct rights *rights);
/* Updates everything that depends on the list: the profiles turned off, and the count of passages. */
void rights_take_list(struct rights *rights, const struct journal_services *services);
/* Counts the passages again, after the clock was set to another time. */
void rights_take_clock(struct rights *rights);
/* Empties the table when no meal has been in progress for two hours. Does nothing while the clock is not set.
 * Call it about once a second. */
void rights_poll(struct rights *rights);

/* Loads the profiles turned off from the store, which must be mounted. */
void rights_load_off(struct rights *rights, const struct store *store);
/* Turns the profiles of the active list on (bit set) or off, in flash and in memory. Returns the results of
 * profiles_off_turn. */
int rights_turn(struct rights *rights, uint32_t on, struct store *store) MUST_USE;

#endif
