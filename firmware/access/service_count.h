/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts exactly how often each card passed in the current meal: at this gate, and at the other gates of the
 * canteen as far as the office told it. The count is a hash table of journal records. The pseudonym of the
 * card is read from the record, so a place in the table takes only three bytes.
 *
 * The table uses open addressing. The pseudonym gives the first place to search. A place holds the distance
 * of the record from base_seq in the journal, and one byte of the pseudonym. 6.2 KB of memory hold 1792
 * passages, those at other gates included. Further passages are not counted, and the caller lets those cards
 * pass. Records of past meals stay in the table until it is nearly full; then service_count_purge removes
 * them, a few in each call.
 *
 * The caller owns the struct and calls service_count_reset before all else. A look-up reads the records of
 * the card, and one of 256 others between the first place and a free one: also in a full table about one. One
 * read takes 0.07 ms at most on a Cortex-M3 at 142 MHz, nearly all of it for the MAC.
 *
 * A recount reads the journal back to a given second, and for each closing also the record of its passage. It
 * is done in pieces of 24 reads (1.8 ms), and in each piece eight refusals cost as much as one read, because
 * their MAC is not checked. Nobody can be let in by a table that is not whole: a look-up while a recount runs
 * finishes it first. That takes 0.2 s at most in a busy meal of 1000 passages, and 1.2 s in the longest.
 *
 * A record names a service by its place in the list that was active. A list that places services differently
 * says so in its own record (journal_record.h). The last few of these changes are kept here.
 */
#ifndef FIRMWARE_ACCESS_SERVICE_COUNT_H
#define FIRMWARE_ACCESS_SERVICE_COUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/journal/journal.h"

#define SERVICE_COUNT_PLACES 2048
#define SERVICE_COUNT_MOST   1792 /* seven eighths */
/* How many of them may be meals elsewhere of cards that the list did not have: a list that the other gate got
 * a little earlier has some cards more. */
#define SERVICE_COUNT_UNLISTED 64
/* How far a recount goes back: so many records without a date, and so many in all. A meal goes back eight
 * hours at most, in which no gate writes that many: refusals and what else can repeat are rate limited
 * (portillon_log.h). */
#define SERVICE_COUNT_UNDATED 8192
#define SERVICE_COUNT_REACH   32768
/* Number of renumberings of services in one meal that are kept. Passages before a renumbering that is no
 * longer kept are not counted. */
#define SERVICE_COUNT_LISTS 4

/* Selects the records to count: returns true for a record of the meal in question. It is asked about passages
 * and meals elsewhere. */
struct service_filter {
    bool (*counts)(void *ctx, const struct journal_record *record);
    void *ctx;
};

/* A new list that changed the numbers of services. */
struct service_renumbering {
    uint32_t seq; /* of the record of the list; records before it use the numbers of the list before */
    struct journal_services map; /* from the old numbers to the new ones */
};

/* The facts that a recount needs. */
struct service_recount {
    uint32_t since_utc_s; /* when the oldest meal of interest began, or earlier */
    /* Number of the first record since start-up. A passage from here on that has no closing is still in
     * progress, and counts. An earlier passage without a closing does not count if a sensor was fitted,
     * because the sensor saw nobody pass. */
    uint32_t run_first_seq;
};

struct service_count {
    struct journal *journal;
    uint32_t base_seq;
    uint32_t taken;    /* count of places with a record */
    uint16_t unlisted; /* those added with service_count_add_elsewhere whose card the list did not have */
    uint16_t places[SERVICE_COUNT_PLACES];
    uint8_t prints[SERVICE_COUNT_PLACES]; /* of the card at each place with a record */
    uint32_t purge_at;                    /* the next place of a purge; SERVICE_COUNT_PLACES: none */
    struct service_renumbering renumbered[SERVICE_COUNT_LISTS]; /* oldest first */
    uint8_t renumbered_count;
    uint32_t numbered_since_seq; /* the services of earlier records are unknown */
    uint32_t complete_since_s;   /* it has all passages and meals since then; UINT32_MAX: not known */
    enum {
        SERVICE_COUNT_WHOLE = 0,
        SERVICE_COUNT_SEARCHING, /* a recount looks for its first record */
        SERVICE_COUNT_READING,   /* a recount reads records */
    } stage;
    struct service_recount recount; /* the one that runs, or the last one */
    uint32_t next_seq;              /* of a recount: the record to read next */
    uint32_t undated;               /* of its search: records without a date so far */
    bool in_refusals;               /* the record before was a refusal, and more may follow */
};

/* Empties the table. Counting starts with the next record of the journal. */
void service_count_reset(struct service_count *count, struct journal *journal);
/* Does the same for a table of which the caller knows that it has no passage since none_since_s. */
void service_count_forget(struct service_count *count, uint32_t none_since_s);
/* Returns true if the table has every passage and meal since a time, as a recount would find them. */
bool service_count_is_complete(const struct service_count *count, uint32_t since_utc_s);

/* Returns true if service_count_add would not accept the next record. */
bool service_count_is_full(const struct service_count *count);

/* Returns true if the table has room for the passages of some minutes only: time for a purge. */
bool service_count_is_nearly_full(const struct service_count *count);

/* Starts to remove the records of past meals. */
void service_count_purge_start(struct service_count *count);
/* Returns true until the purge is done. */
bool service_count_is_purging(const struct service_count *count);
/* Continues the purge: reads four records of the table at most and removes those from before since_utc_s. The
 * table counts all the time. A record that cannot be read is kept, as far as a recount goes back. */
void service_count_purge(struct service_count *count, uint32_t since_utc_s);

/* Adds a granted record, also if it is in the table already. Returns ERR_OK, ERR_NO_SPACE (it is not
 * counted). */
int service_count_add(struct service_count *count, const struct tag *tag, uint32_t seq) MUST_USE;
/* Adds the record of a meal elsewhere. Returns the same results. */
int service_count_add_elsewhere(struct service_count *count, const struct journal_record *record) MUST_USE;

/* Removes a record, because its passage does not count. Does nothing if the record is not in the table or
 * cannot be read. */
void service_count_remove(struct service_count *count, uint32_t seq);

/* Notes that a new list places services differently: in records before number seq a service has its old
 * place. All zero: it does not. */
void service_count_take_list(struct service_count *count, uint32_t seq,
                             const struct journal_services *services);
/* Returns the place of a record's service in the active list, from 1; 0: the record has no service, or the
 * service is not in the list or unknown. */
uint8_t service_count_number(const struct service_count *count, const struct journal_record *record);

/* Counts the passages of a card that the filter accepts. A record that cannot be read does not count. Returns
 * the count, 254 at most. */
uint8_t service_count_of(struct service_count *count, const struct tag *tag,
                         const struct service_filter *filter);

/* Starts a recount, which replaces the table by what the journal has: the passages and meals elsewhere for a
 * service since since_utc_s whose records were made with the clock set. New records may be added
 * meanwhile. */
void service_count_again(struct service_count *count, const struct service_recount *recount);
/* Returns true until the recount is done. */
bool service_count_is_counting(const struct service_count *count);
/* Continues the recount by a piece. */
void service_count_work(struct service_count *count);
/* Does all that is left of it. */
void service_count_finish(struct service_count *count);

#endif
