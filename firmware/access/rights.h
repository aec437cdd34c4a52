/*
 * What a gate knows beside the list when it decides on a card: its zone, the time, what was used in the meal
 * under way, and the profiles turned off. Puts the question to policy.h and keeps count of the answers.
 *
 * The caller owns the struct (4.3 KB) and what it points to. rights_recount blocks for what
 * service_count_again blocks; the rest for reads of a few records.
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
    uint32_t meal_seen_utc_s; /* when a meal was last seen under way */
    struct profiles_off off;
    uint32_t profiles_off;                     /* the same as bits of the running list's profiles */
    uint32_t services[WHITELIST_SERVICES_MAX]; /* names of the running list's services, as codes; 0: none */
};

/* Once storage is mounted and the time is what it is: counts the meal under way from the journal. */
void rights_init(struct rights *rights, enum zone zone, struct whitelist *whitelist, struct journal *journal,
                 const struct clock *clock);

/* Decides on a listed card. *service: the number the passage carries in the journal; 0: none. */
struct verdict rights_decide(struct rights *rights, const struct tag *tag,
                             const struct whitelist_answer *answer, uint8_t *service);

/* The local time of now. */
struct local_time rights_local_time(const struct rights *rights);

/* Whether the next passage of a service could be counted; makes room if that helps. */
bool rights_can_count(struct rights *rights);
/* A passage was recorded under this number, for a service (0: none). */
void rights_note_granted(struct rights *rights, const struct tag *tag, uint32_t seq, uint8_t service);
/* It is not to count: nobody went through, or nobody saw. */
void rights_note_unused(struct rights *rights, uint32_t seq);

/* Another list rules: what it made of the services of the one before, for its record in the journal. To be
 * called once, before that record is written and rights_recount. */
struct journal_services rights_renumber_services(struct rights *rights);
/* The list or the clock changed: what follows from them is worked out anew. */
void rights_recount(struct rights *rights);
/* Empties the table some time after a meal. Call once a second or so. */
void rights_poll(struct rights *rights);

/* Takes the profiles turned off from the store. */
void rights_load_off(struct rights *rights, const struct store *store);
/* Turns the profiles of the running list on (bit set) or off. @retval of profiles_off_turn. */
int rights_turn(struct rights *rights, uint32_t on, struct store *store) MUST_USE;

#endif
