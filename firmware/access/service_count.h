/*
 * How often a card passed this gate in the meal under way, exactly: a table of the journal records that
 * count. The records themselves say whose they are, so a place in the table takes two bytes.
 *
 * Open addressing: a card's records stand from the place its tag names on, each as its distance in the
 * journal from base_seq. 4.1 KB of memory hold 1792 passages; what does not fit is not counted, and the
 * caller lets those cards pass. Records of meals that are over stay until they are in the way.
 *
 * Looking a card up reads each record on the way: two or three as a rule, thirty with the table full.
 * Counting anew reads the journal back to a given second, at most SERVICE_COUNT_REACH records, and the
 * passage of each closing. A read takes some 0.07 ms on a Cortex-M3 at 142 MHz, nearly all of it for the MAC,
 * so a busy meal of 1000 passages costs 0.2 s, and no start more than 1.2 s. The caller owns the struct.
 *
 * Records name a service by its place in the list that ruled. Lists that place services otherwise say so in
 * their own record (journal_record.h), and the last few of those are kept here.
 */
#ifndef FIRMWARE_ACCESS_SERVICE_COUNT_H
#define FIRMWARE_ACCESS_SERVICE_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/journal/journal.h"

#define SERVICE_COUNT_PLACES 2048
#define SERVICE_COUNT_MOST   1792 /* seven eighths */
#define SERVICE_COUNT_REACH  8192
#define SERVICE_COUNT_LISTS  4 /* in one meal, that number services anew; what is older counts for nobody */

/* Whether a granted record is one of the meal that is asked about. */
struct service_filter {
    bool (*counts)(void *ctx, const struct journal_record *record);
    void *ctx;
};

/* A list that numbers services anew. */
struct service_renumbering {
    uint32_t seq; /* of the record that tells of it; those before go by the list before */
    struct journal_services map;
};

struct service_count {
    struct journal *journal;
    uint32_t base_seq;
    uint32_t taken; /* places not free, be it by a record that was taken out */
    uint16_t places[SERVICE_COUNT_PLACES];
    struct service_renumbering renumbered[SERVICE_COUNT_LISTS]; /* oldest first */
    uint8_t renumbered_count;
    uint32_t numbered_since_seq; /* what is before cannot be told any more */
};

/* Counts nothing, from the next record of the journal on. */
void service_count_reset(struct service_count *count, struct journal *journal);

/* True if service_count_add would not take the next record. */
bool service_count_is_full(const struct service_count *count);

/* Takes in a granted record. @retval ERR_OK, ERR_NO_SPACE (it will not be counted). */
int service_count_add(struct service_count *count, const struct tag *tag, uint32_t seq) MUST_USE;

/* Takes a record out again: nobody went through. */
void service_count_remove(struct service_count *count, uint32_t seq);

/* The place of a record's service in the list that rules now, from 1; 0: in none. */
uint8_t service_count_number(const struct service_count *count, const struct journal_record *record);

/* Passages of a card that the filter lets count, 254 at most. A record that cannot be read does not count. */
uint8_t service_count_of(const struct service_count *count, const struct tag *tag,
                         const struct service_filter *filter);

/* What a recount has to know of the gate. */
struct service_recount {
    uint32_t since_utc_s; /* when the oldest meal that matters began, or earlier */
    /* First record since start-up. From here on an opening without its closing is in hand; before it, where a
     * sensor was fitted, such an opening was not seen to let anybody through. */
    uint32_t run_first_seq;
};

/* Starts over with what the journal tells of passages for a service since then, by a clock that was set. */
void service_count_again(struct service_count *count, const struct service_recount *recount);

#endif
