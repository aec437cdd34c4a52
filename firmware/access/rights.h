/*
 * Decides on a card of the active list. The policy (policy.h) also needs facts that are not in the list: the
 * zone, the time, the passages in the current meal, and the profiles turned off. This module keeps these
 * facts and counts the passages.
 *
 * The caller owns the struct (4.3 KB) and everything that it points to. rights_init and rights_recount block
 * as long as service_count_again, and so does rights_can_count when the table is full. rights_turn blocks
 * while four values are programmed. All other functions block for reads of a few records.
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
    uint32_t recounted_seq;   /* the next journal number at the last recount */
    uint32_t meal_seen_utc_s; /* time at which a meal was last in progress */
    struct profiles_off off;
    uint32_t profiles_off;                     /* the same as bits: profile n of the active list is bit n */
    uint32_t services[WHITELIST_SERVICES_MAX]; /* names of the active list's services, as codes; 0: none */
};

/* Initialises the struct and counts the passages of the current meal from the journal. Call it after the
 * storage is mounted and the clock is started. */
void rights_init(struct rights *rights, enum zone zone, struct whitelist *whitelist, struct journal *journal,
                 const struct clock *clock);

/* Decides on a card of the active list. Sets *service to the service number for the record of the passage;
 * 0: none. Returns the verdict of policy_decide. */
struct verdict rights_decide(struct rights *rights, const struct tag *tag,
                             const struct whitelist_answer *answer, uint8_t *service);

/* Returns the current local time. */
struct local_time rights_local_time(const struct rights *rights);

/* Returns true if the next passage of a service can be counted. When the table is full, the function first
 * counts again to free places, but not within 1024 journal records after the last recount. */
bool rights_can_count(struct rights *rights);
/* Counts a granted passage for a service (0: not counted). seq is the number of its journal record. */
void rights_note_granted(struct rights *rights, const struct tag *tag, uint32_t seq, uint8_t service);
/* Removes a passage from the count: nobody passed, or the gate could not detect it. */
void rights_note_unused(struct rights *rights, uint32_t seq);

/* Compares the services of a new active list with those of the list before. Returns where each service is
 * now, in the form of the journal record of the new list (journal_record.h); all zero: as before. Call it
 * once for each new list, before this record is written and before rights_recount. */
struct journal_services rights_renumber_services(struct rights *rights);
/* Updates everything that depends on the list or the clock. Call it after either has changed. */
void rights_recount(struct rights *rights);
/* Empties the table when no meal has been in progress for two hours. Call it about once a second. */
void rights_poll(struct rights *rights);

/* Loads the profiles turned off from the store. */
void rights_load_off(struct rights *rights, const struct store *store);
/* Turns the profiles of the active list on (bit set) or off. Returns the results of profiles_off_turn. */
int rights_turn(struct rights *rights, uint32_t on, struct store *store) MUST_USE;

#endif
